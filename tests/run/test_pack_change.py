#!/usr/bin/env python3
"""A store has the entries of one pack: another takes its place when the daemon
starts with it, and not because somebody asks by other settings."""

import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from daemon import SOURCE, TOP, Daemon, Tap  # noqa: E402

CTL = os.path.join(TOP, "tellerctl")
BANKING = "How do I order a new card?"
INSURANCE = "What is an excess and how much is it?"


def configure(daemon, pack):
    with open(daemon.config, "w", encoding="utf-8") as f:
        f.write(f"desk:\n  pack: {pack}\n  packs_dir: {SOURCE}/intents\n"
                "plugins:\n  web:\n    ask_without_key_on_loopback: true\n")


def entries(daemon):
    """All in force, by name: version and question."""
    found = daemon.ctl("faq", "list")[1]["entries"]
    return {e["id"]: (e["version"], e["question"]) for e in found}


def sources(daemon, question):
    return [s["id"] for s in daemon.ask(question)[1].get("sources", [])]


def check_visitor(tap, daemon):
    """Who asks by other settings, while no daemon runs."""
    before = entries(daemon)
    daemon.stop()
    done = subprocess.run([CTL, "--state", daemon.state, "--config",
                           "/dev/null", "conversations", "list"],
                          capture_output=True, text=True, check=False)
    tap.ok(done.returncode == 0 and "pack insurance" in done.stderr and
           "--config" in done.stderr, "it is told whose the entries are",
           done.stderr)
    daemon.start()
    tap.equal(entries(daemon), before, "and they stay as they were")


def check_change(tap, daemon):
    daemon.ctl("faq", "add", "--approve", "--id", "own-entry", "--question",
               "Do you have a cat?", "--answer", "Yes, Tom.")
    daemon.ctl("faq", "edit", "contact-hours", "--approve", "--set",
               "answer=By hand.")
    insurance = entries(daemon)
    tap.ok(sources(daemon, INSURANCE) and not sources(daemon, BANKING),
           "an insurer answers as one")
    configure(daemon, "banking")
    code, result, words = daemon.ctl("reload")
    tap.ok(code == 0 and any("takes the place of pack insurance" in note
                             for note in result["notes"]),
           "a reload says which pack gives way", words or result)
    banking = entries(daemon)
    tap.ok(sources(daemon, BANKING) and not sources(daemon, INSURANCE),
           "then a bank does")
    tap.ok("own-entry" in banking and
           banking["contact-hours"] == insurance["contact-hours"],
           "what people wrote stays")
    tap.ok(any("contact-hours" in note for note in result["notes"]),
           "and is named where the pack has it otherwise", result["notes"])


def check_errors(tap, daemon):
    """What `faq lint` and `intents check` call errors is not taken."""
    packs = os.path.join(daemon.state, "packs")
    shutil.copytree(f"{SOURCE}/intents/banking", f"{packs}/banking")
    daemon.stop()
    daemon.settings = [f"desk.packs_dir={packs}"]
    daemon.start()
    before = entries(daemon)
    path = f"{packs}/banking/faq/extra.yaml"
    for line, rule in (("question: What is your BIC?\n    answer: I have "
                        "blocked your card.", "claim"),
                       ("question: What are your opening hours?\n    answer: "
                        "Never.", "same-question")):
        with open(path, "w", encoding="utf-8") as f:
            f.write(f"faq:\n  - id: extra\n    {line}\n")
        code, _, words = daemon.ctl("reload")
        tap.ok(code == 1 and f"[{rule}]" in words and "extra.yaml:" in words,
               f"a pack with an error is not taken: {rule}", words)
        tap.equal(entries(daemon), before, "and the old one stays")
    with open(path, "w", encoding="utf-8") as f:
        f.write("faq:\n  - id: extra\n    question: Have you a cat called Max?"
                "\n    answer: Yes.\n")
    code, _, words = daemon.ctl("reload")
    tap.ok(code == 0 and "extra" in entries(daemon),
           "one that was put right is", words)


def main():
    tap = Tap()
    with Daemon() as daemon:
        configure(daemon, "insurance")
        daemon.start()
        check_visitor(tap, daemon)
        check_change(tap, daemon)
        check_errors(tap, daemon)
    tap.done()


main()
