#!/usr/bin/env python3
"""The channel slack under load, for doc/benchmarks.md:

    tests/bench/bench_slack.py latency [EVENTS_A_SECOND] [SECONDS]
    tests/bench/bench_slack.py refresh [SECONDS] [EVERY_SECONDS]
    tests/bench/bench_slack.py storm [EVENTS] [KILLS]

or latency alone.

latency: how long Slack waits until an event is taken, and until the answer is
posted, by HTTP and by Socket Mode.  refresh: the same with Slack replacing each
connection of Socket Mode every few seconds.  storm: everything that
tests/run/test_slack_storm.py does, so many times; SLACK_SEED repeats it.  Both
sides are on this machine, and Slack is a program of Python."""

import os
import sys
import time

TOP = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
os.environ.setdefault("top_builddir", TOP)
os.environ.setdefault("top_srcdir", TOP)
sys.path.insert(0, os.path.join(TOP, "tests/slack"))
from interactive import Interactive  # noqa: E402
from steady import Steady  # noqa: E402
from storm import Storm  # noqa: E402
from teller import SECRET, TOKEN, TRANSPORTS, prepare  # noqa: E402


def load():
    return "%.1f" % os.getloadavg()[0]


def measure(words, transport, make):
    slack = Interactive(SECRET, TOKEN, "T0ACME001")
    with prepare(slack, transport) as daemon:
        before, begin = load(), time.monotonic()
        run = make(daemon, slack)
        run.plan()
        is_good = run.go()
        code = daemon.stop()
        wrong = run.judge() or "nothing"
        print(f"{words}, {transport}: {run.words()}; "
              f"{'all' if is_good else 'NOT all'} taken and answered, wrong: "
              f"{wrong}; exit code {code}; "
              f"{slack.n_links} connections; "
              f"{time.monotonic() - begin:.0f} s, load {before} to {load()}",
              flush=True)
    slack.close()


def latency(rate=100, seconds=30):
    for transport in sorted(TRANSPORTS):
        measure(f"{rate} events a second", transport,
                lambda daemon, slack: Steady(daemon, slack, 1, rate, seconds))


def refresh(seconds=300, every_s=3, rate=20):
    measure(f"new connections every {every_s} s", "Socket Mode",
            lambda daemon, slack: Steady(daemon, slack, 1, rate, seconds,
                                         slack.refresh, every_s))


def storm(events=10000, kills=10):
    seed = os.environ.get("SLACK_SEED", str(time.time_ns()))
    print(f"SLACK_SEED={seed}", flush=True)
    for transport in sorted(TRANSPORTS):
        measure("storm", transport, lambda daemon, slack: Storm(
            daemon, slack, seed, events, kills))


def main():
    name, *numbers = sys.argv[1:] or ["latency"]
    {"latency": latency, "refresh": refresh, "storm": storm}[name](
        *map(int, numbers))


main()
