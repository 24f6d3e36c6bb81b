"""What people press in Slack: it counts once, is seen to, and lasts."""

import contextlib
import os
import sqlite3
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "slack"))
from daemon import Tap  # noqa: E402
from interactive import Interactive  # noqa: E402
from teller import QUESTIONS, SECRET, TOKEN, prepare, settle  # noqa: E402

UNSURE = "cards"  # which the bot asks back


def texts(message, kind):
    """What stands in the blocks of a kind."""
    return [element["text"] for block in message["blocks"]
            if block["type"] == kind for element in block["elements"]]


def buttons(message):
    return {button["action_id"]: button for block in message["blocks"]
            if block["type"] == "actions" for button in block["elements"]}


def ask(daemon, slack, channel, text):
    """The bot's next message there."""
    before = len(slack.posts(channel))
    slack.send(daemon.address, slack.message(channel, text))
    slack.wait(lambda: len(slack.posts(channel)) > before)
    return slack.posts(channel)[before]


def check_sources(tap, daemon, slack):
    answer = ask(daemon, slack, "D0ANN0001", QUESTIONS[0])
    words = texts(answer, "context")
    tap.ok(words[:1] == ["Source:"] and len(words) == 2 and "card" in words[1],
           "an answer says what it is of", answer["blocks"])
    return answer


def rated(daemon):
    _, listed, _ = daemon.ctl("audit", "list", "--limit", "100")
    return [row for row in listed["audit"] if "rate" in row["action"]]


def check_thumbs(tap, daemon, slack, answer):
    press = slack.press(answer, "down")
    statuses = [slack.post_payload(daemon.address, press)[0] for _ in range(2)]
    slack.wait(lambda: slack.views and
               buttons(answer)["down"].get("style") == "primary")
    tap.ok(statuses == [200, 200] and len(slack.views) == 1 and
           buttons(answer)["down"].get("style") == "primary",
           "a thumb down is marked, and asks why, once", answer["blocks"])
    form = slack.submit(slack.views[0], reason="outdated",
                        comment="It costs 5 now; my PIN is 4711.")
    answers = [slack.post_payload(daemon.address, form) for _ in range(2)]
    listed = rated(daemon)
    tap.ok(answers == [(200, b"")] * 2 and len(listed) == 2,
           "what is said there is kept, once", (answers, listed))
    with contextlib.closing(sqlite3.connect(
            os.path.join(daemon.state, "store.db"))) as database:
        reason, words = database.execute(
            "SELECT option, text FROM message WHERE kind = 'feedback' "
            "ORDER BY id DESC").fetchone()
    tap.ok(reason == "outdated" and "It costs 5 now" in words and
           "4711" not in words, "with the reason, and no secret",
           (reason, words))
    slack.post_payload(daemon.address, slack.press(answer, "up"))
    slack.wait(lambda: buttons(answer)["up"].get("style") == "primary")
    tap.ok("style" not in buttons(answer)["down"] and len(slack.views) == 1,
           "and who thinks again is believed", answer["blocks"])


def check_options(tap, daemon, slack):
    message = ask(daemon, slack, "D0BOB0001", UNSURE)
    options = [b for b in buttons(message) if b.startswith("option_")]
    label = buttons(message)["option_1"]["text"]["text"]
    press = slack.press(message, "option_1")
    before = len(slack.posts("D0BOB0001"))
    for _ in range(2):
        slack.post_payload(daemon.address, press)
    slack.wait(lambda: len(slack.posts("D0BOB0001")) > before and
               "option_1" not in buttons(message))
    settle(daemon)
    tap.ok(len(options) > 1 and f"✓ {label}" in texts(message, "context") and
           not any(b.startswith("option_") for b in buttons(message)),
           "the option that was chosen stands in place of all",
           message["blocks"])
    tap.equal(len(slack.posts("D0BOB0001")) - before, 1,
              "and is answered once")


def check_person(tap, daemon, slack, answer):
    slack.post_payload(daemon.address, slack.press(answer, "person"))
    slack.wait(lambda: "person" not in buttons(answer))
    tap.ok("✓ Talk to a person" in texts(answer, "context"),
           "who wants a person sees that it is known", answer["blocks"])


def main():
    tap = Tap()
    slack = Interactive(SECRET, TOKEN, "T0ACME001")
    with prepare(slack, "HTTP") as daemon:
        answer = check_sources(tap, daemon, slack)
        check_thumbs(tap, daemon, slack, answer)
        check_options(tap, daemon, slack)
        check_person(tap, daemon, slack, answer)
        tap.equal(daemon.stop(), 0, "it ends cleanly")
    slack.close()
    tap.done()


main()
