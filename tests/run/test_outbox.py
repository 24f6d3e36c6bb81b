"""Replies on their way out: in order, one at a time, tried again as the channel
says, and over kills and reloads never lost, nor sent again in silence.

The test's channel cannot tell a repeated job by its key, and leaves the jobs to
the test, which answers each."""

import json
import os
import sqlite3
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from daemon import Tap  # noqa: E402
from peer import PeerDaemon, message  # noqa: E402

QUESTIONS = ["How do I order a new card?", "what are your opening hours",
             "what does an overdraft cost", "hello"]
NOTHING_S = 0.5  # what is not to come does not come for so long
ATTEMPTS_MAX = 400


def open_daemon(**options):
    daemon = PeerDaemon(channel={"answer": "none"}, **options)
    return daemon.start()


def turn(daemon, conversation, text):
    """A message, and its turn."""
    id = daemon.channel.say(conversation, text)["message"]
    end = time.monotonic() + 60
    while daemon.totals()["queued"] and time.monotonic() < end:
        time.sleep(0.01)
    return id


def is_next(channel, message, attempt=1, maybe_sent=False, **members):
    """Is the next job in c the reply to that message?  (is it, the job)"""
    job = channel.job(conversation="c")
    is_it = job and job["in_reply_to"] == [message] and \
        job["attempt"] == attempt and job["maybe_sent"] == maybe_sent and \
        all(job.get(name) == value for name, value in members.items())
    return is_it, job


def sent(channel, job):
    channel.tell(do="sent", job=job["id"], external_id="x" + job["id"])


def failed(channel, job, failure, **members):
    channel.tell(do="failed", job=job["id"], failure=failure, **members)


def check_order(tap):
    with open_daemon() as daemon:
        channel = daemon.channel
        first = [turn(daemon, "c", text) for text in QUESTIONS]
        other = turn(daemon, "d", QUESTIONS[0])
        jobs = [channel.job(conversation="c"), channel.job(conversation="d")]
        tap.ok(jobs[0]["in_reply_to"] == [first[0]] and
               jobs[1]["in_reply_to"] == [other],
               "each conversation has one job at once, the oldest", jobs)
        tap.equal(channel.job(NOTHING_S), None, "and no other before its end")
        tap.equal(daemon.totals()["replies_pending"], 5,
                  "all that is not sent is pending")
        for job in ({"id": "msg_999999"}, {"id": "nonsense"},
                    {"id": jobs[0]["id"].replace("msg_", "msg_0")}):
            sent(channel, job)
        tap.equal(channel.job(NOTHING_S), None,
                  "who names another job, or none, changes nothing")
        sent(channel, jobs[0])
        for i, message in enumerate(first[1:]):
            is_it, job = is_next(channel, message)
            tap.ok(is_it, f"reply {i + 2} follows reply {i + 1}", job)
            sent(channel, job)
            sent(channel, job)
            failed(channel, job, "retry")
        sent(channel, jobs[1])
        tap.ok(daemon.settle(), "in the end nothing is pending")
        tap.equal(len(channel.jobs()), 5,
                  "a job that is over is not changed by a late answer")
        tap.equal(daemon.stop(), 0, "it ends cleanly")


def check_retry(tap):
    with open_daemon() as daemon:
        channel = daemon.channel
        first = turn(daemon, "c", QUESTIONS[0])
        second = turn(daemon, "c", QUESTIONS[1])
        job = channel.job()
        failed(channel, job, "retry", words="the line is busy")
        is_it, again = is_next(channel, first, 2, key=job["key"],
                               id=job["id"], text=job["text"])
        tap.ok(is_it, "after a failure for now the same job comes again", again)
        not_before = time.time() + 3
        failed(channel, job, "retry", not_before_us=int(not_before * 1e6))
        is_it, again = is_next(channel, first, 3)
        tap.ok(is_it and time.time() >= not_before,
               "not before the time the channel named", again)
        failed(channel, job, "unknown")
        is_it, again = is_next(channel, first, 4, maybe_sent=True)
        tap.ok(is_it, "after an unknown end it says that it may have arrived",
               again)
        failed(channel, job, "retry")
        is_it, again = is_next(channel, first, 5, maybe_sent=True)
        tap.ok(is_it, "and goes on to say so", again)
        sent(channel, job)
        is_it, job = is_next(channel, second)
        tap.ok(is_it, "only then the next reply comes", job)
        for failure in ("gone", "rejected"):
            third = turn(daemon, "c", QUESTIONS[2])
            failed(channel, job, failure, words="no such customer")
            is_it, job = is_next(channel, third)
            tap.ok(is_it, f"{failure}: failed for good, the next goes on", job)
        sent(channel, job)
        daemon.settle()
        totals = daemon.totals()
        tap.equal((totals["replies_pending"], totals["replies_failed"]),
                  (0, 2), "status counts both")
        tap.ok("no such customer; it is given up" in daemon.log(),
               "the log says that and why they are given up")
        tap.equal(daemon.stop(), 0, "it ends cleanly")


def commit_twice(channel):
    """What was told before is on disk then, and what followed from it."""
    for _ in range(2):
        channel.say("another", "hello")


def check_progress(tap):
    with open_daemon() as daemon:
        channel = daemon.channel
        message = turn(daemon, "c", QUESTIONS[0])
        job = channel.job()
        channel.tell(do="progress", job=job["id"], state="1 of 3")
        failed(channel, job, "retry")
        is_it, job = is_next(channel, message, 2, progress="1 of 3")
        tap.ok(is_it, "progress is given back with the next attempt", job)
        channel.tell(do="progress", job=job["id"], state="2 of 3")
        channel.tell(do="progress", job=job["id"], state="3 of 3")
        commit_twice(channel)
        daemon.restart()
        is_it, job = is_next(channel, message, 3, maybe_sent=True,
                             progress="3 of 3")
        tap.ok(is_it, "and over a kill -9, the newest", job)
        sent(channel, job)
        daemon.kill()


def check_withdrawn(tap, daemon, conversation):
    """Two were sent, and two taken back."""
    totals = daemon.totals()
    tap.equal((totals["replies_pending"], totals["replies_failed"]), (0, 0),
              "what was taken back waits for nothing and has not failed")
    code, shown, _ = daemon.ctl("conversations", "show", conversation)
    states = [m["state"] for m in shown["messages"] if m["author"] == "bot"]
    tap.equal(states, ["sent"] * 2 + ["withdrawn"] * 2,
              "a conversation says which of its replies were taken back")
    code, text, _ = daemon.ctl("conversations", "show", conversation,
                               as_json=False)
    tap.equal(text.count("(taken back before it was out)"), 2, "in words, too")
    code, lines, _ = daemon.ctl("conversations", "export", as_json=False)
    line = next(line for line in map(json.loads, lines.splitlines())
                if line["id"] == conversation)
    tap.equal([m["state"] for m in line["messages"]
               if m["role"] == "assistant"], states, "as an export does")
    code, review, _ = daemon.ctl("review", "list")
    tap.equal([t["withdrawn"] for t in review["turns"]
               if t["conversation"] == conversation], [True] * 2 + [False] * 2,
              "and a reviewer sees it")
    code, replay, words = daemon.ctl("replay", conversation)
    tap.ok(replay and replay["turns"] == replay["equal"] == 4,
           "their turns are decided again the same", words or replay)


def make_due(daemon):
    """What waits for its next attempt, in a daemon that does not run."""
    store = sqlite3.connect(os.path.join(daemon.state, "store.db"))
    with store:
        store.execute("UPDATE reply SET next_at = 0")
    store.close()


def check_kill(tap):
    with open_daemon() as daemon:
        channel = daemon.channel
        first = turn(daemon, "c", QUESTIONS[0])
        second = turn(daemon, "c", QUESTIONS[1])
        channel.job()
        daemon.restart()
        is_it, job = is_next(channel, first, 2, maybe_sent=True)
        tap.ok(is_it, "killed between send and sent: again, and told so", job)
        failed(channel, job, "retry",
               not_before_us=int((time.time() + 3600) * 1e6))
        commit_twice(channel)
        daemon.kill()
        make_due(daemon)
        daemon.restart()
        is_it, job = is_next(channel, first, 3, maybe_sent=True)
        tap.ok(is_it, "killed while it waits for another attempt: again", job)
        sent(channel, job)
        is_it, job = is_next(channel, second)
        tap.ok(is_it, "the next reply waited for it", job)
        sent(channel, job)
        while daemon.totals()["replies_pending"]:
            job = channel.job(NOTHING_S)
            if job:
                sent(channel, job)
        turn(daemon, "c", QUESTIONS[0])
        turn(daemon, "c", QUESTIONS[1])
        given = channel.job(conversation="c")
        stop = channel.ask(**message("c", "stop"))
        daemon.restart()
        tap.equal((given["attempt"], stop["status"], channel.job(NOTHING_S)),
                  (1, "stored", None),
                  "killed after it was marked, or taken back: not again")
        check_withdrawn(tap, daemon, given["conversation_id"])
        tap.equal(daemon.stop(), 0, "it ends cleanly")


def check_reload(tap):
    with open_daemon() as daemon:
        channel = daemon.channel
        first = turn(daemon, "c", QUESTIONS[0])
        second = turn(daemon, "c", QUESTIONS[1])
        channel.job()
        # Other settings: the channel alone is closed and opened again.
        daemon.configure(channel={"answer": "none", "burst": "1 ms"})
        tap.equal(daemon.ctl("reload")[0], 0, "the channel is restarted")
        is_it, job = is_next(channel, first, 2, maybe_sent=True)
        tap.ok(is_it, "a job that it had comes again, and says so", job)
        sent(channel, job)
        is_it, job = is_next(channel, second)
        tap.ok(is_it, "the others follow", job)

        daemon.configure(has_channel=False)
        tap.equal(daemon.ctl("reload")[0], 0, "the channel is taken away")
        tap.equal(daemon.totals()["replies_pending"], 1,
                  "status shows the reply that waits for it")
        code, text, _ = daemon.ctl("status", as_json=False)
        tap.ok("1 replies to be sent" in text or "1 reply to be sent" in text,
               "in words, too", text)
        begin = time.monotonic()
        tap.equal(daemon.stop(), 0, "it ends cleanly with a reply that waits")
        print(f"# {time.monotonic() - begin:.1f} s to its end", flush=True)
        daemon.start()
        tap.equal(daemon.totals()["replies_pending"], 1, "it goes on to wait")
        daemon.configure(channel={"answer": "sent"})
        tap.equal(daemon.ctl("reload")[0], 0, "the channel is there again")
        tap.ok(daemon.settle() and channel.jobs()[-1]["id"] == job["id"],
               "and gets it", channel.jobs())
        tap.equal(daemon.stop(), 0, "it ends cleanly")


def set_attempts(daemon, attempts):
    """Of the replies, oldest first, in a daemon that does not run."""
    store = sqlite3.connect(os.path.join(daemon.state, "store.db"))
    with store:
        ids = store.execute("SELECT id FROM reply ORDER BY id").fetchall()
        for (id,), (n, maybe_sent) in zip(ids, attempts):
            store.execute("UPDATE reply SET attempts = ?, maybe_sent = ?"
                          " WHERE id = ?", (n, maybe_sent, id))
    store.close()


def check_limit(tap):
    with open_daemon() as daemon:
        channel = daemon.channel
        first = turn(daemon, "c", QUESTIONS[0])
        second = turn(daemon, "c", QUESTIONS[1])
        third = turn(daemon, "c", QUESTIONS[2])
        daemon.kill()
        set_attempts(daemon, [(ATTEMPTS_MAX - 1, False), (ATTEMPTS_MAX, True),
                              (4, True)])
        channel.forget()
        began = time.monotonic()
        daemon.start()
        is_it, job = is_next(channel, first, ATTEMPTS_MAX)
        tap.ok(is_it, "the last attempt is made", job)
        failed(channel, job, "retry", words="the line is busy")
        is_it, job = is_next(channel, third, 5, maybe_sent=True)
        tap.ok(is_it, "then it is given up, as is one that had its last "
               "attempt when the daemon was killed", job)
        tap.ok(time.monotonic() - began > 3, "and what may have ended the "
               "daemon some times is not tried as soon as it starts")
        tap.ok(second and daemon.totals()["replies_failed"] == 2,
               "status counts both", daemon.totals())
        sent(channel, job)
        tap.equal(daemon.stop(), 0, "it ends cleanly")


def main():
    tap = Tap()
    check_order(tap)
    check_retry(tap)
    check_progress(tap)
    check_kill(tap)
    check_reload(tap)
    check_limit(tap)
    tap.done()


main()
