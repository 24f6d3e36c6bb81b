"""Conversations that packs come with, and what tellerctl test says of them."""

import json
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from daemon import SOURCE, TOP, Tap  # noqa: E402

PACKS = {"banking": 110, "insurance": 110}
TAGS = ["account", "angry", "follow_up", "form", "handover", "language",
        "marks", "misspelt", "misuse", "no_trigger", "odd", "off_topic",
        "options", "plain", "small_talk", "terse", "trigger", "two_questions"]
PLAIN = 60  # the plainest questions of a pack

GOOD = """\
- name: greeting
  tags: [first]
  turns:
  - says: hello
    expect: {kind: smalltalk, state: bot, silent: false}
- name: waiting
  now: 2026-05-05T10:00
  settings: {desk.claim: 2 min}
  turns:
  - says: a person please
    expect: {rule: "trigger:human", state: waiting}
  - wait: 1 min
    expect: {silent: true}
  - wait: 2 min
    expect: {kind: handover, rule: unclaimed, says: 020 914 0100}
"""
WRONG = """\
- name: wrong
  turns:
  - says: hello
    expect: {kind: answer, says: [Alder, Rowan]}
"""
KNOWN = """\
- name: known
  known: it is only a greeting
  turns:
  - says: hello
    expect: {kind: KIND}
"""
# What is written wrongly, and what is said of it.
BROKEN = [
    ("- {name: a, turn: []}", "a.yaml:1: unknown key 'turn', did you mean "
     "'turns'?"),
    ("- name: a\n  turns:\n  - say: x", "a.yaml:3: unknown key 'say', did you "
     "mean 'says'?"),
    ("- name: a\n  turns:\n  - says: x\n    expect: {kind: anwser}",
     "a.yaml:4: there is no kind 'anwser', did you mean 'answer'?"),
    ("- name: a\n  turns:\n  - says: x\n    expect: {state: lost}",
     "a.yaml:4: there is no state 'lost'"),
    ("- name: a\n  turns:\n  - says: x\n    expect: {entry: card-ordr}",
     "a.yaml:4: the pack has no entry 'card-ordr', did you mean "
     "'card-order'?"),
    ("- name: a\n  turns:\n  - says: x\n    expect: {slots: [day]}",
     "a.yaml:4: 'slots' must be a map of texts"),
    ("- name: a\n  turns:\n  - says: x\n    wait: 1 min",
     "a.yaml:3: a turn has one of"),
    ("- name: a\n  turns:\n  - wait: soon",
     "a.yaml:3: 'wait' must be a duration"),
    ("- name: a\n  turns:\n  - agent: clam",
     "a.yaml:3: there is no agent 'clam', did you mean 'claim'?"),
    ("- name: a\n  turns:\n  - agent: say", "a.yaml:3: 'text' is missing"),
    ("- name: a\n  turns:\n  - says: x\n    who: bob",
     "a.yaml:3: 'who' and 'text' are for 'agent' alone"),
    ("- name: a\n  now: noon\n  turns: [{says: x}]",
     "a.yaml:2: 'noon' is no time"),
    ("- name: a\n  settings: {desk.clam: 1 min}\n  turns: [{says: x}]",
     "a.yaml:2: "),
    ("- name: a\n  turns: [{says: x}]\n- name: a\n  turns: [{says: x}]",
     "a.yaml:3: the name 'a' is taken by line 1"),
    ("- turns: [{says: x}]", "a.yaml:1: 'name' is missing"),
    ("- name: a", "a.yaml:1: 'turns' is missing"),
    ("- name: a\n  turns: []", "a.yaml:2: 'turns' must be a list of turns"),
    ("name: a", "a.yaml:1: expected a list of conversations"),
    ("", "a.yaml: expected a list of conversations"),
]


def ctl(*words):
    done = subprocess.run([os.path.join(TOP, "tellerctl"), "test", *words],
                          capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


def pack(name):
    return os.path.join(SOURCE, "intents", name)


def check_pack(tap, name, least):
    code, out, words = ctl(pack(name), "--json", "--verbose")
    tap.ok(code in (0, 1) and out, f"{name}: its conversations are played",
           words)
    result = json.loads(out)
    for one in result["results"]:
        bad = [(turn["line"], turn["failures"]) for turn in one["turns"]
               if turn["failures"]] or "it passes, and was known to fail"
        tap.ok(one["outcome"] in ("passed", "known"),
               f"{name}: {one['name']}" +
               (f", known to fail: {one['known']}" if one["known"] else ""),
               f"{one['file']}:{one['line']}: {bad}")
    tap.ok(result["conversations"] >= least,
           f"{name}: there are {least} of them, or more",
           result["conversations"])
    tags = {tag for one in result["results"] for tag in one["tags"]}
    tap.equal([tag for tag in TAGS if tag not in tags], [],
              f"{name}: of each kind there are some")
    plain = json.loads(ctl(pack(name), "--tag", "plain", "--json")[1])
    tap.equal(plain["conversations"], PLAIN,
              f"{name}: {PLAIN} plain questions")
    print("# " + ", ".join(f"{key} {plain[key]}" for key in (
        "right", "asked_back", "handed_over", "not_answered", "wrong")))


def write(directory, text):
    with open(os.path.join(directory, "a.yaml"), "w", encoding="utf-8") as out:
        out.write(text)


def check_verdicts(tap, directory):
    bank = ["--pack", pack("banking")]
    write(directory, GOOD)
    code, out, _ = ctl(directory, *bank)
    tap.ok(code == 0 and "2 conversations: 2 passed" in out,
           "what is as expected passes", out)
    code, out, _ = ctl(directory, *bank, "--json", "--tag", "first")
    tap.equal((code, json.loads(out)["conversations"]), (0, 1),
              "a tag chooses some")
    code, out, _ = ctl(directory, *bank, "--json", "--filter", "wait")
    tap.equal((code, json.loads(out)["conversations"]), (0, 1),
              "so does a part of the name")
    tap.equal(ctl(directory, *bank, "--filter", "nothing")[0], 2,
              "to choose none is a mistake")
    tap.equal(ctl(directory)[0], 2, "so is to name no pack")
    tap.equal(ctl()[0], 2, "so is to name no directory")
    write(directory, WRONG)
    code, out, _ = ctl(directory, *bank)
    tap.ok(code == 1 and "a.yaml:3: turn 1, says \"hello\"" in out and
           "kind: expected answer, got smalltalk" in out and
           "says: expected Rowan, got it is not said" in out and
           "expected Alder" not in out,
           "what is not as expected is said, with file and line", out)
    write(directory, KNOWN.replace("KIND", "answer"))
    tap.equal(ctl(directory, *bank)[0], 0, "what is known to fail may")
    write(directory, KNOWN.replace("KIND", "smalltalk"))
    code, out, _ = ctl(directory, *bank)
    tap.ok(code == 1 and "unexpected: known" in out, "and must", out)


def check_mistakes(tap, directory):
    for text, expected in BROKEN:
        write(directory, text)
        code, _, words = ctl(directory, "--pack", pack("banking"))
        tap.ok(code == 1 and expected in words, f"a mistake: {expected}",
               words)


def main():
    tap = Tap()
    with tempfile.TemporaryDirectory() as directory:
        check_verdicts(tap, directory)
        check_mistakes(tap, directory)
    for name, least in PACKS.items():
        check_pack(tap, name, least)
    tap.done()


if __name__ == "__main__":
    main()
