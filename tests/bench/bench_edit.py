"""A large desk is edited while customers ask: until the edit is in force, until
intents are learnt from it, and what /v1/ask takes meanwhile.  Entries are made
up from a seed.  Prints figures, asserts nothing.

    bench_edit.py [ENTRIES [INTENTS]]      10,000 and 150"""

import csv
import os
import random
import statistics
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "run"))
from daemon import Daemon  # noqa: E402

EDITS = 5
COMMON, OWN = 2000, 40  # words of all, and of an intent


def words(rng, n):
    return ["".join(rng.choice("bdfgklmnprst") + rng.choice("aeiou")
                    for _ in range(rng.randint(2, 4))) for _ in range(n)]


def make_entries(path, n, n_intents):
    """A file of entries; what customers ask, too."""
    rng = random.Random(1)
    common = words(rng, COMMON)
    own = [words(rng, OWN) for _ in range(n_intents)]
    questions = []
    with open(path, "w", newline="") as f:
        out = csv.writer(f)
        out.writerow(["id", "question", "answer", "intent"])
        for i in range(n):
            intent = i % n_intents
            question = " ".join(rng.sample(own[intent], 4) +
                                rng.sample(common, 4))
            questions.append(question)
            out.writerow([f"e{i}", question + "?",
                          " ".join(rng.sample(common, 20)) + ".",
                          f"intent_{intent}"])
    return questions


def knowledge(daemon):
    return daemon.ctl("status")[1]["knowledge"]


def wait_learnt(daemon, generation):
    while knowledge(daemon)["learnt"] < generation:
        time.sleep(0.05)


def ask_on(daemon, questions, took, is_over):
    """Seconds of each, without those that failed."""
    rng = random.Random(2)
    while not is_over.is_set():
        begin = time.monotonic()
        status, _ = daemon.ask(rng.choice(questions))
        if status == 200:
            took.append(time.monotonic() - begin)


def edit(daemon, i, what):
    """Seconds until it is in force, and until intents are learnt from it."""
    begin = time.monotonic()
    daemon.ctl("faq", "edit", f"e{i}", "--approve", "--set",
               f"{what}=That of number {i}.")
    in_force = time.monotonic() - begin
    wait_learnt(daemon, knowledge(daemon)["generation"])
    return in_force, time.monotonic() - begin


def main():
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 10000
    n_intents = int(sys.argv[2]) if len(sys.argv) > 2 else 150
    with Daemon(["log.turns=false"]) as daemon:
        path = os.path.join(daemon.dir, "entries.csv")
        questions = make_entries(path, n, n_intents)
        daemon.start()
        daemon.ctl("faq", "import", "--approve", path)
        wait_learnt(daemon, knowledge(daemon)["generation"])
        took, is_over = [], threading.Event()
        asker = threading.Thread(target=ask_on,
                                 args=(daemon, questions, took, is_over))
        asker.start()
        edits = {what: [edit(daemon, i, what) for i in range(EDITS)]
                 for what in ("answer", "question")}
        is_over.set()
        asker.join()
        daemon.stop()
    took.sort()
    print(f"{n} entries of {n_intents} intents")
    for what, seconds in edits.items():
        in_force, learnt = zip(*seconds)
        print(f"an edit of the {what} in force after "
              f"{statistics.median(in_force):.2f} s, learnt from after "
              f"{statistics.median(learnt):.1f} s")
    print(f"/v1/ask meanwhile: p50 {took[len(took) // 2] * 1000:.1f} ms, "
          f"p99 {took[len(took) * 99 // 100] * 1000:.1f} ms, "
          f"{len(took)} answered")


main()
