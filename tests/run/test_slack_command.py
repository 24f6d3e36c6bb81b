"""A slash command: it is answered where it was given, once, to who gave it, and
goes on in his direct channel."""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "slack"))
from daemon import START_S, Tap  # noqa: E402
from interactive import Interactive  # noqa: E402
from teller import QUESTIONS, SECRET, TOKEN, prepare, settle  # noqa: E402

MORE = "    hooks_base: {}\n"
DIRECT = "D0ANN0001"


def give(daemon, slack, text):
    """A command that is answered by now, and how it was taken."""
    fields = slack.command(text)
    taken = slack.give(daemon.address, fields)
    slack.wait(lambda: slack.answered(fields["response_url"]))
    return fields, taken


def check_answer(tap, daemon, slack):
    fields, taken = give(daemon, slack, QUESTIONS[0])
    slack.give(daemon.address, fields)
    settle(daemon)
    answers = slack.answered(fields["response_url"])
    tap.ok(taken == (200, b"") and len(answers) == 1 and
           "card" in answers[0]["text"] and
           answers[0]["response_type"] == "ephemeral",
           "a command is answered once, to who gave it", (taken, answers))
    tap.equal(slack.all_posts(), [], "and nothing is said in a channel")


def check_buttons(tap, daemon, slack):
    fields, _ = give(daemon, slack, "cards")
    options = slack.answered(fields["response_url"])[0]
    payload = slack.press_answer(options, "option_1")
    slack.post_payload(daemon.address, payload)
    answers = slack.wait(
        lambda: len(slack.answered(payload["response_url"])) == 2 and
        slack.answered(payload["response_url"]))
    tap.ok(answers and any(a["text"].startswith("✓") for a in answers),
           "an option is marked and answered there, too", answers)


def check_used_up(tap, daemon, slack):
    slack.give(daemon.address, slack.command(QUESTIONS[1], uses=0))
    posts = slack.wait(lambda: slack.posts(DIRECT))
    tap.equal(len(posts), 1,
              "where nothing is taken any more it is said directly")


def check_kill(tap, daemon, slack):
    """Taken, and killed before it is answered."""
    before = len(slack.posts(DIRECT))
    slack.fault = lambda method, arguments: \
        "cut_before" if method.startswith("/hooks/") else None
    fields = slack.command(QUESTIONS[2])
    status, _ = slack.give(daemon.address, fields)
    daemon.kill()
    slack.fault = lambda method, arguments: None
    daemon.start()

    def said():
        return slack.answered(fields["response_url"]) + \
            slack.posts(DIRECT)[before:]

    slack.wait(said)
    settle(daemon)
    tap.ok(status == 200 and len(said()) == 1 and
           "overdraft" in said()[0]["text"].lower(),
           "what was taken is answered after a kill, once", said())


def check_goes_on(tap, daemon, slack):
    """In the direct channel, with a person."""
    before = len(slack.posts(DIRECT))
    fields, _ = give(daemon, slack, "I want to talk to a person")
    _, listed, _ = daemon.ctl("desk", "list")
    waiting = listed["conversations"]
    tap.ok(len(waiting) == 1 and len(slack.posts(DIRECT)) == before and
           len(slack.answered(fields["response_url"])) == 1,
           "who asks for a person waits for one", listed)
    name = waiting[0]["id"]
    daemon.ctl("desk", "claim", name)
    daemon.ctl("desk", "say", name, "How may I help?")
    tap.ok(slack.wait(lambda: "How may I help?" in
                      slack.posts(DIRECT)[-1]["text"]),
           "who writes in the direct channel", slack.posts(DIRECT)[before:])
    tap.equal(len(slack.answered(fields["response_url"])), 1,
              "and is announced there")
    slack.send(daemon.address, slack.message(DIRECT, "My card is late."))
    _, shown, _ = daemon.ctl("conversations", "show", name)
    tap.ok("My card is late." in str(shown), "where he is answered", shown)


def check_socket_mode(tap, daemon, slack):
    fields = slack.command(QUESTIONS[1])
    tries = slack.send_by_link(fields, 0.05, START_S, "slash_commands")
    answers = slack.wait(lambda: slack.answered(fields["response_url"]))
    tap.ok(tries == 1 and len(answers) == 1,
           "a command comes by Socket Mode, too", (tries, answers))


def main():
    tap = Tap()
    slack = Interactive(SECRET, TOKEN, "T0ACME001")
    with prepare(slack, "HTTP", more=MORE.format(slack.hooks_base)) as daemon:
        check_answer(tap, daemon, slack)
        check_buttons(tap, daemon, slack)
        check_used_up(tap, daemon, slack)
        check_kill(tap, daemon, slack)
        check_goes_on(tap, daemon, slack)
        tap.equal(daemon.stop(), 0, "it ends cleanly")
    slack.close()
    slack = Interactive(SECRET, TOKEN, "T0ACME001")
    with prepare(slack, "Socket Mode",
                 more=MORE.format(slack.hooks_base)) as daemon:
        check_socket_mode(tap, daemon, slack)
    slack.close()
    tap.done()


main()
