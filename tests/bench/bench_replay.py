"""Replay of many turns: a daemon is asked what its own entries are asked, with
typos, follow-ups and choices in between, while entries are edited under it;
then every turn is decided again, as it was and from what is known now.  Prints
figures; exits 1 when a turn is not the same.

    bench_replay.py [TURNS]      10,000"""

import concurrent.futures
import csv
import io
import os
import random
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "run"))
from daemon import TOP, Daemon  # noqa: E402

EDITS = 20
CLIENTS = 8
FURTHER = ["yes", "no", "1", "2", "thanks", "and abroad?", "zzyzx", "?",
           "how much is that?", "none of these", "and for a joint account?",
           "I want to talk to a person", "my card was stolen"]


def export(daemon):
    run = subprocess.run(
        [os.path.join(TOP, "tellerctl"), "--config", daemon.config, "--state",
         daemon.state, "faq", "export", "--csv"], capture_output=True)
    return list(csv.DictReader(io.StringIO(run.stdout.decode("utf-8-sig"))))


def misspelt(rng, text):
    at = rng.randrange(len(text))
    return text[:at] + rng.choice("aeinrst") + text[at + 1:]


def talk(daemon, texts):
    """One conversation, a turn for each text."""
    conversation = None
    for text in texts:
        status, answer = daemon.ask(text, conversation)
        if status != 200:
            raise RuntimeError(f"{status} {answer}")
        conversation = answer["conversation"]


def conversations(rng, entries, turns):
    texts = [t for e in entries
             for t in [e["question"], *e["paraphrases"].split(" | ")] if t]
    while turns > 0:
        n = min(turns, rng.randint(1, 6))
        turns -= n
        yield [rng.choice(FURTHER) if i and rng.random() < 0.4 else
               misspelt(rng, text) if rng.random() < 0.2 else text
               for i, text in enumerate(rng.choices(texts, k=n))]


def replay(daemon, *options):
    start = time.monotonic()
    _, result, _ = daemon.ctl("replay", "--all", *options)
    seconds = time.monotonic() - start
    different = result["turns"] - result["equal"] - result["failed"]
    print(f"replay --all {' '.join(options)}: {result['turns']} turns, "
          f"{result['equal']} equal, {different} different, "
          f"{result['failed']} failed, {seconds:.1f} s, "
          f"{result['turns'] / seconds:.0f} turns/s", flush=True)
    return result["turns"] == result["equal"]


def main():
    turns = int(sys.argv[1]) if len(sys.argv) > 1 else 10000
    rng = random.Random(1)
    with Daemon(["log.turns=false"]) as daemon:
        daemon.start()
        entries = export(daemon)
        talks = list(conversations(rng, entries, turns))
        start = time.monotonic()
        with concurrent.futures.ThreadPoolExecutor(CLIENTS) as pool:
            for i in range(EDITS):
                part = talks[i::EDITS]
                list(pool.map(lambda texts: talk(daemon, texts), part))
                entry = rng.choice(entries)["id"]
                daemon.ctl("faq", "edit", entry, "--approve", "--set",
                           f"answer=The answer number {i}.")
        print(f"{turns} turns in {len(talks)} conversations, {EDITS} edits "
              f"between: {time.monotonic() - start:.1f} s", flush=True)
        is_equal = replay(daemon)
        replay(daemon, "--now")
        daemon.stop()
    return 0 if is_equal else 1


sys.exit(main())
