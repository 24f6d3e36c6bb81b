"""Slack with all that goes wrong at once: events that come again and out of
order, calls that break, connections that are cut, and a daemon that is killed,
some times between a post and Slack's answer, restarted, and reloaded.  Nothing is
lost, said twice or out of order; nor is it with agents in Slack, whose cards show
what is so and whose words have their ticks.

SLACK_EVENTS and SLACK_KILLS make it longer, SLACK_SEED repeats it."""

import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "slack"))
from desk_storm import SETTINGS, DeskStorm  # noqa: E402
from interactive import Interactive  # noqa: E402
from storm import Storm  # noqa: E402
from teller import SECRET, TOKEN, TRANSPORTS, prepare  # noqa: E402
from daemon import Tap  # noqa: E402

# A start, which teaches the classifier, takes a tenth of a minute there.
IS_SLOW = os.environ.get("SANITIZERS") == "thread"
EVENTS = int(os.environ.get("SLACK_EVENTS", "60" if IS_SLOW else "120"))
KILLS = int(os.environ.get("SLACK_KILLS", "2" if IS_SLOW else "3"))


def check_storm(tap, transport, words, make, settings=""):
    slack = Interactive(SECRET, TOKEN, "T0ACME001")
    with prepare(slack, transport, more=settings) as daemon:
        storm = make(daemon, slack)
        storm.plan()
        tap.ok(storm.go(), f"{words}, {transport}: every event is taken in the "
               "end, and every reply leaves", daemon.log()[-2000:])
        tap.equal(daemon.stop(), 0, "it ends cleanly")
        tap.equal(storm.judge(), {}, "none is lost, answered twice or out of "
                  "order")
        print(f"# {storm.words()}", flush=True)
    slack.close()


def main():
    tap = Tap()
    seed = os.environ.get("SLACK_SEED", str(time.time_ns()))
    print(f"# up to {KILLS} kills, SLACK_SEED={seed}", flush=True)
    for transport in sorted(TRANSPORTS):
        check_storm(tap, transport, "customers",
                    lambda daemon, slack: Storm(daemon, slack, seed, EVENTS,
                                                KILLS))
    check_storm(tap, "HTTP", "customers and agents",
                lambda daemon, slack: DeskStorm(daemon, slack, seed,
                                                EVENTS // 3, KILLS), SETTINGS)
    tap.done()


main()
