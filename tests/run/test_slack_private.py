"""What concerns one customer alone goes on with him directly: nobody is asked
for it in a channel of Slack, and nothing is lost or said twice on the way."""

import contextlib
import os
import sqlite3
import sys
import threading

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "slack"))
from daemon import Tap  # noqa: E402
from simulator import WAIT_S, Slack  # noqa: E402
from teller import QUESTIONS, SECRET, TOKEN, prepare, settle  # noqa: E402

CHANNEL = "C0HELP001"
LOST = "I lost my card 4111 1111 1111 1111 yesterday"
PRIVATE, UNREACHED = "Others can read along here", "could not write to you"


def mention(daemon, slack, text, **members):
    """Its thread."""
    pair = slack.mention(CHANNEL, text, **members)
    for event in pair:
        slack.send(daemon.address, event)
    return members.get("thread", pair[0]["event"]["ts"])


def texts(posts):
    return "\n".join(post["text"] for post in posts)


def check_form(tap, daemon, slack):
    thread = mention(daemon, slack, LOST)
    slack.wait(lambda: slack.posts("D0ANN0001"))
    settle(daemon)
    there, here = slack.posts("D0ANN0001"), slack.posts(CHANNEL, thread)
    tap.ok(len(there) == 1 and "Where was that" in texts(there),
           "a form is asked of its customer alone", there)
    tap.ok(len(here) == 1 and PRIVATE in here[0]["text"] and
           "card number" in here[0]["text"] and "?" not in here[0]["text"] and
           "4111" not in texts(here + there),
           "in the channel he is told so, and what was removed", here)
    slack.send(daemon.address, slack.message("D0ANN0001", "in Dublin"))
    slack.wait(lambda: len(slack.posts("D0ANN0001")) == 2)
    settle(daemon)
    answer = texts(slack.posts("D0ANN0001")[1:])
    tap.ok(len(slack.posts(CHANNEL, thread)) == 1 and "Dublin" in answer,
           "it goes on there", answer)
    return thread


def check_others(tap, daemon, slack, thread):
    before = len(slack.posts("D0ANN0001"))
    mention(daemon, slack, QUESTIONS[1], thread=thread, user="U0BEN0001")
    slack.wait(lambda: len(slack.posts(CHANNEL, thread)) == 2)
    mention(daemon, slack, "I want to talk to a person", thread=thread,
            user="U0BEN0001")
    slack.wait(lambda: slack.posts("D0BEN0001"))
    settle(daemon)
    here = slack.posts(CHANNEL, thread)
    tap.ok(len(here) == 3 and PRIVATE not in here[1]["text"] and
           PRIVATE in here[2]["text"] and
           len(slack.posts("D0BEN0001")) == 1 and
           len(slack.posts("D0ANN0001")) == before,
           "others in the thread have their answers, and their own person",
           here)
    waiting = daemon.ctl("conversations", "list", "--in", "waiting")[1]
    tap.equal(sorted(c["turns"] for c in waiting["conversations"]), [1, 2],
              "who waits for a person waits by himself")


def check_kill(tap, daemon, slack, user, hook, where):
    """Before Slack answers what it did there."""
    killed = threading.Event()

    def kill(what):
        place = what["channel"] if hook == "on_posted" else what
        if place == where and not killed.is_set():
            daemon.kill()
            killed.set()

    setattr(slack, hook, kill)
    thread = slack.ts()
    # By itself: it is brought again until the daemon is there again.
    sending = threading.Thread(target=mention, args=(daemon, slack, LOST),
                               kwargs={"user": user, "ts": thread})
    sending.start()
    killed.wait(WAIT_S)
    daemon.start()
    sending.join()
    settle(daemon)
    setattr(slack, hook, lambda _: None)
    here = slack.posts(CHANNEL, thread)
    there = slack.posts("D" + user[1:])
    tap.ok(killed.is_set() and len(here) == len(there) == 1 and
           PRIVATE in texts(here),
           f"a kill at {where} loses nothing, and nothing is said twice",
           (here, there))


def check_kills(tap, daemon, slack):
    check_kill(tap, daemon, slack, "U0CEM0001", "on_opened", "U0CEM0001")
    check_kill(tap, daemon, slack, "U0EVA0001", "on_posted", "D0EVA0001")
    check_kill(tap, daemon, slack, "U0FAY0001", "on_posted", CHANNEL)


def check_unreached(tap, daemon, slack):
    slack.unreachable.add("U0DAN0001")
    thread = mention(daemon, slack, "a person please", user="U0DAN0001")
    slack.wait(lambda: len(slack.posts(CHANNEL, thread)) == 2)
    settle(daemon)
    here = slack.posts(CHANNEL, thread)
    tap.ok(len(here) == 2 and PRIVATE in here[0]["text"] and
           UNREACHED in here[1]["text"],
           "who cannot be written to is told how else he reaches us", here)


def check_kept(tap, daemon):
    code, replay, words = daemon.ctl("replay", "--all")
    tap.ok(code == 0, "each turn is decided again the same", (replay, words))
    with contextlib.closing(sqlite3.connect(
            os.path.join(daemon.state, "store.db"))) as database:
        leaks = sum(b"1111 1111" in str(row).encode() for table in
                    ("message", "reply", "turn", "conversation")
                    for row in database.execute(f"SELECT * FROM {table}"))
        moved = database.execute(
            "SELECT count(*), count(DISTINCT origin_id) FROM message "
            "WHERE kind <> 'unreached' AND origin_id IS NOT NULL").fetchone()
    tap.equal((leaks, moved), (0, (6, 6)),
              "what was a secret is kept nowhere, and what went on is there "
              "once")


def main():
    tap = Tap()
    slack = Slack(SECRET, TOKEN, "T0ACME001")
    with prepare(slack, "HTTP") as daemon:
        thread = check_form(tap, daemon, slack)
        check_others(tap, daemon, slack, thread)
        check_kills(tap, daemon, slack)
        check_unreached(tap, daemon, slack)
        check_kept(tap, daemon)
        tap.equal(daemon.stop(), 0, "it ends cleanly")
    slack.close()
    tap.done()


main()
