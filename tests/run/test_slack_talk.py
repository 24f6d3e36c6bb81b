"""A conversation in Slack as people have it: they correct and take back what
they wrote, write faster than anybody reads, and see that the bot is at work."""

import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "slack"))
from simulator import Slack  # noqa: E402
from teller import (QUESTIONS, SECRET, TOKEN, prepare,  # noqa: E402
                    settle)
from daemon import Tap  # noqa: E402

CARD, HOURS = QUESTIONS[:2]
LONG = "What does an overdraft cost?"
TRIES = 3  # a slow machine may answer before a correction comes


def restart_with(daemon, setting):
    """Another value of what stands in the settings."""
    with open(daemon.config) as f:
        text = f.read()
    name = setting.partition(":")[0]
    with open(daemon.config, "w") as f:
        f.write(re.sub(f"{name}: .*", setting, text))
    daemon.stop()
    daemon.start()


def corrected(daemon, slack, number):
    """Two questions of which one is corrected twice, the other deleted."""
    channels = [f"D0{name}{number}" for name in ("EDITED", "DELETED")]
    edited, deleted = [slack.message(channel, HOURS) for channel in channels]
    for event in [edited, deleted, slack.edit(deleted, None),
                  slack.edit(edited, "hello"), slack.edit(edited, CARD)]:
        slack.send(daemon.address, event)
    slack.wait(lambda: slack.posts(channels[0]))
    settle(daemon)
    return [slack.posts(channel) for channel in channels]


def check_corrections(tap, daemon, slack):
    for number in range(1, TRIES + 1):
        restart_with(daemon, f"burst: {3 * number} s")
        edited, deleted = corrected(daemon, slack, number)
        if len(edited) == 1 and "card" in edited[0]["text"] and not deleted:
            break
    tap.ok(len(edited) == 1 and "card" in edited[0]["text"],
           "a question is answered as it reads in the end", edited)
    tap.equal(deleted, [], "and not at all if it is deleted")


def check_late(tap, daemon, slack):
    """What was answered stays as it is; a channel's others are not ours."""
    event = slack.message("D0LATE0001", CARD)
    slack.send(daemon.address, event)
    slack.wait(lambda: slack.posts("D0LATE0001"))
    others = slack.message("C0OTHERS01", "among us")
    tries = [slack.send(daemon.address, change) for change in [
        slack.edit(event, HOURS), slack.edit(event, None),
        slack.edit(others, "still among us"), slack.edit(others, None)]]
    settle(daemon)
    _, listed, _ = daemon.ctl("conversations", "list", "--channel", "slack")
    tap.equal((tries, len(slack.posts("D0LATE0001")),
               "C0OTHERS01" in str(listed)), ([1] * 4, 1, False),
              "what is corrected too late, or by others, changes nothing")


def check_name(tap, daemon, slack):
    """Asked for with the first message, it stands by the next."""
    slack.wait(lambda: slack.count("users.info"))
    with slack.lock:
        users = [arguments["user"] for method, arguments, _ in slack.calls
                 if method == "users.info"]
    tap.equal(sorted(users), sorted(set(users)), "a name is asked for once")


def check_new_mention(tap, daemon, slack):
    """It was not to the bot when it was written."""
    event = slack.message("C0OTHERS01", CARD)
    slack.send(daemon.address, event)
    slack.send(daemon.address, slack.edit(event, f"<@{slack.user}> {CARD}"))
    thread = event["event"]["ts"]
    tap.ok(slack.wait(lambda: slack.posts("C0OTHERS01", thread)),
           "a mention that is added is one")


def check_order(tap, daemon, slack):
    """Words in a thread, and a mention a moment later: by two requests at
    once, as Slack delivers them."""
    pair = slack.mention("C0HELP001", CARD)
    thread = pair[0]["event"]["ts"]
    slack.send(daemon.address, pair[0])
    slack.wait(lambda: slack.posts("C0HELP001", thread))
    first = slack.message("C0HELP001", CARD, thread=thread)
    second = slack.mention("C0HELP001", HOURS, thread=thread)
    for event in [first, *second]:
        slack.send(daemon.address, event)
    settle(daemon)
    _, listed, _ = daemon.ctl("conversations", "list", "--channel", "slack")
    _, shown, _ = daemon.ctl("conversations", "show", listed[0]["id"]
                             if isinstance(listed, list) else
                             listed["conversations"][0]["id"])
    text = str(shown)
    tap.ok(0 < text.rfind(CARD) < text.rfind(HOURS),
           "a mention does not overtake what was said before it", shown)


def statuses(slack, channel):
    with slack.lock:
        return [status for of, _, status in slack.statuses if of == channel]


def check_status(tap, daemon, slack):
    slack.send(daemon.address, slack.message("D0BUSY0001", CARD))
    slack.wait(lambda: len(statuses(slack, "D0BUSY0001")) == 2 and
               slack.posts("D0BUSY0001"))
    tap.equal((statuses(slack, "D0BUSY0001"),
               len(slack.posts("D0BUSY0001"))), (["processing", "active"], 1),
              "the bot is at work until its answer is there")


def check_stop(tap, daemon, slack):
    """The reply waits, as Slack takes none; then it is not wanted."""
    slack.fault = lambda method, arguments: \
        "ratelimited" if method == "chat.postMessage" else None
    slack.send(daemon.address, slack.message("D0BUSY0001", HOURS))
    slack.wait(lambda: any(fault == "ratelimited"
                           for _, _, fault in slack.calls))
    slack.send(daemon.address, slack.stop("D0BUSY0001"))
    slack.wait(lambda: len(statuses(slack, "D0BUSY0001")) == 4)
    slack.fault = lambda method, arguments: None
    tap.ok(settle(daemon), "nothing waits any more")
    tap.equal((len(slack.posts("D0BUSY0001")),
               statuses(slack, "D0BUSY0001")[2:]),
              (1, ["processing", "active"]),
              "who presses stop gets no answer")
    tap.equal(slack.send(daemon.address, slack.stop("D0NOBODY01")), 1,
              "where there is nothing to stop, nothing is done")


def check_status_kill(tap, daemon, slack):
    """Killed while Slack shows it."""
    slack.on_posted = lambda message: daemon.kill()
    slack.send(daemon.address, slack.message("D0BUSY0002", CARD))
    slack.wait(lambda: daemon.process.poll() is not None)
    slack.on_posted = lambda message: None
    daemon.start()
    slack.wait(lambda: statuses(slack, "D0BUSY0002")[-1:] == ["active"])
    settle(daemon)
    shown = statuses(slack, "D0BUSY0002")
    tap.equal((shown[0], shown[-1], len(slack.posts("D0BUSY0002"))),
              ("processing", "active", 1),
              "a killed process does not leave it standing")


def ask_long(daemon, slack, channel):
    """A question with a long answer; what there is of it in the end."""
    slack.send(daemon.address, slack.message(channel, LONG))
    slack.wait(lambda: slack.posts(channel) and
               not slack.posts(channel)[0].get("is_streaming"))
    settle(daemon)
    return slack.posts(channel)


def check_stream(tap, daemon, slack):
    whole = ask_long(daemon, slack, "D0POSTED01")[0]["text"]
    slack.features.add("streams")
    restart_with(daemon, "stream: true")
    posts = ask_long(daemon, slack, "D0STREAM01")
    tap.ok(len(posts) == 1 and words(posts[0]["text"]) == words(whole) and
           posts[0]["blocks"] and slack.count("chat.appendStream") > 0,
           "a long answer comes by and by, and is whole", (posts, whole))
    met = []

    def fault(method, _):
        if method not in ("chat.appendStream", "chat.stopStream") or \
                method in met:
            return None
        met.append(method)
        return "cut_after"

    slack.fault = fault
    posts = ask_long(daemon, slack, "D0STREAM02")
    slack.fault = lambda method, arguments: None
    tap.ok(met and len(posts) == 1 and words(posts[0]["text"]) == words(whole),
           "what perhaps arrived is put right", (met, posts))

    def kill(_):
        slack.on_streamed = lambda message: None
        daemon.kill()

    slack.on_streamed = kill
    slack.send(daemon.address, slack.message("D0STREAM03", LONG))
    slack.wait(lambda: daemon.process.poll() is not None)
    daemon.start()
    slack.wait(lambda: not slack.posts("D0STREAM03")[0].get("is_streaming"))
    settle(daemon)
    posts = slack.posts("D0STREAM03")
    tap.ok(len(posts) == 1 and words(posts[0]["text"]) == words(whole),
           "killed amidst, it is there once", posts)


def words(text):
    """Of one mark-up as of the other."""
    return re.findall(r"\w+", text)


def main():
    tap = Tap()
    slack = Slack(SECRET, TOKEN, "T0ACME001")
    slack.features = {"sessions"}
    with prepare(slack, "HTTP", more="    stream: false\n") as daemon:
        check_late(tap, daemon, slack)
        check_name(tap, daemon, slack)
        check_new_mention(tap, daemon, slack)
        check_order(tap, daemon, slack)
        check_status(tap, daemon, slack)
        check_stop(tap, daemon, slack)
        check_status_kill(tap, daemon, slack)
        check_stream(tap, daemon, slack)
        check_corrections(tap, daemon, slack)
        tap.equal(daemon.stop(), 0, "it ends cleanly")
    slack.close()
    tap.done()


main()
