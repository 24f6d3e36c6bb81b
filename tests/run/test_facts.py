"""A fact stands once: when facts.yaml changes, it changes in every entry that
uses it, whoever edited that, or waits everywhere to be approved."""

import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from daemon import SOURCE, TOP, Daemon, Tap  # noqa: E402

EDITED, WITH_DRAFT = "card-replace", "fee-list"
CARD, ALL = "Is there a fee for replacing a card?", "What are your fees?"
FACT = "{{fee.card_replacement}}"


class Pack:
    def __init__(self, dir):
        self.dir = f"{dir}/mybank"
        subprocess.run([os.path.join(TOP, "tellerctl"), "intents", "new",
                        "mybank", "--from", f"{SOURCE}/intents/banking",
                        "--to", dir], check=True, capture_output=True)

    def replace(self, file, pattern, new):
        with open(f"{self.dir}/{file}", encoding="utf-8") as f:
            text, n = re.subn(pattern, new, f.read(), flags=re.M)
        assert n == 1, (file, pattern, n)
        with open(f"{self.dir}/{file}", "w", encoding="utf-8") as f:
            f.write(text)

    def set_fee(self, amount):
        self.replace("facts.yaml", r"^  card_replacement: .*$",
                     f"  card_replacement: {amount}")


def configure(daemon, dir, four_eyes):
    with open(daemon.config, "w", encoding="utf-8") as f:
        f.write(f"desk:\n  pack: mybank\n"
                f"knowledge:\n  four_eyes: {str(four_eyes).lower()}\n"
                "plugins:\n  web:\n    ask_without_key_on_loopback: true\n")
    daemon.settings = [f"desk.packs_dir={dir}"]


def said(daemon, question):
    """(which entry, which version, the reply)"""
    status, answer = daemon.ask(question)
    assert status == 200 and answer["kind"] == "answer", answer
    source = answer["sources"][0]
    return source["id"], source["version"], answer["reply"]


def check_said(tap, daemon, amount, words):
    for question, entry in ((CARD, EDITED), (ALL, WITH_DRAFT)):
        name, _, text = said(daemon, question)
        tap.ok(name == entry and amount in text, f"{entry} says {words}",
               (name, text))


def notes(daemon):
    code, result, words = daemon.ctl("reload")
    assert code == 0, words
    return result["notes"]


def show(daemon, name, *more):
    code, entry, words = daemon.ctl("faq", "show", name, *more)
    assert code == 0, words
    return entry


def rules(daemon):
    _, result, words = daemon.ctl("faq", "lint")
    return {(f["rule"], f["file"]) for f in result["findings"]}


def edit(daemon, name, *more):
    code, result, words = daemon.ctl("faq", "edit", name, *more)
    assert code == 0, words
    return result


def check_changed(tap, daemon, pack):
    """Nobody has to approve it."""
    edit(daemon, EDITED, "--set", "question=How do I replace a card?",
         "--approve")
    edit(daemon, WITH_DRAFT, "--set", "tags=fees,mine")
    pack.set_fee("€9.99")
    lines = notes(daemon)
    tap.ok(len(lines) == 1 and "2 with other facts alone" in lines[0],
           "a reload says how many entries have another fact", lines)
    tap.equal(notes(daemon), [], "and once is enough")
    check_said(tap, daemon, "€9.99", "what the fact is now")
    entry = show(daemon, EDITED)
    tap.ok((entry["version"], entry["state"], entry["author"],
            entry["origin"]) == (3, "approved", "pack", "hand"),
           "that is a version of its own, by the pack, of an edited entry",
           entry)
    tap.ok(FACT in edit(daemon, EDITED)["text"],
           "who edits it gets the name of the fact, not its value")
    old = show(daemon, EDITED, "--version", "2")
    tap.ok("€6.00" in old["answer"] and "€9.99" not in old["answer"],
           "what was approved before stays as it was", old)


def check_draft(tap, daemon):
    draft = show(daemon, WITH_DRAFT)
    tap.ok(draft["state"] == "draft" and "mine" in draft["tags"] and
           "€9.99" in draft["answer"] and draft["author"] != "pack",
           "a draft stays a draft, that of its author, with the new fact",
           draft)
    code, _, words = daemon.ctl("faq", "approve", WITH_DRAFT)
    tap.ok(code == 0, "and can be approved", words)
    check_said(tap, daemon, "€9.99", "what the fact is after that")
    tap.equal(rules(daemon), set(), "nothing is amiss with the entries")


def check_conflict(tap, daemon, pack):
    pack.replace("faq/cards.yaml", r"or nothing if the fault is ours",
                 "and nothing if the fault is ours")
    pack.set_fee("€9.98")
    lines = notes(daemon)
    tap.ok(any(f"entry {EDITED} was edited here and also changed in the pack"
               in line for line in lines),
           "an edited entry that the pack writes otherwise is named", lines)
    check_said(tap, daemon, "€9.98", "what the fact is, all the same")
    tap.ok("or nothing" in said(daemon, CARD)[2], "the edited text stays")


def check_four_eyes(tap, daemon, pack, dir):
    configure(daemon, dir, True)
    notes(daemon)
    edit(daemon, EDITED, "--set", "question=How can I replace a card?")
    pack.set_fee("€10.49")
    lines = notes(daemon)
    tap.ok(any("2 of them wait" in line and
               "tellerctl faq approve --from pack:mybank" in line
               for line in lines),
           "with four eyes a reload says what waits, and for what", lines)
    check_said(tap, daemon, "€9.98", "what was approved, until then")
    stale = {(rule, name.split("@")[0]) for rule, name in rules(daemon)}
    tap.ok({("stale-fact", EDITED), ("stale-fact", WITH_DRAFT)} <= stale,
           "faq lint names the entries that are out of date", stale)
    tap.equal(notes(daemon), [], "another reload adds nothing")
    code, result, words = daemon.ctl("faq", "approve", "--from", "pack:mybank")
    tap.ok(code == 0 and result == {"approved": 2, "refused": []},
           "they are approved with one command", result or words)
    check_said(tap, daemon, "€10.49", "what was approved")
    tap.equal(rules(daemon), set(), "then nothing is amiss")
    draft = show(daemon, EDITED)
    tap.ok(draft["state"] == "draft" and
           draft["question"] == "How can I replace a card?" and
           "€10.49" in draft["answer"],
           "a person's draft is not approved with them", draft)


def check_written(tap, daemon, pack, dir):
    configure(daemon, dir, False)
    notes(daemon)
    edit(daemon, EDITED, "--set", "answer=A new card costs €10.49.",
         "--approve")
    tap.equal(rules(daemon), set(), "an amount that is right is no finding")
    pack.set_fee("€11.00")
    notes(daemon)
    found = {rule for rule, name in rules(daemon)
             if name.startswith(f"{EDITED}@")}
    tap.ok("written-amount" in found,
           "an amount that was written for a fact is one when that changes",
           found)


def check_gone(tap, daemon, pack):
    pack.replace("facts.yaml", "^fee:", "extra: 01 700\nfee:")
    notes(daemon)
    edit(daemon, EDITED, "--set", "answer=Call {{extra}}.", "--approve")
    pack.replace("facts.yaml", "^extra: 01 700\n", "")
    lines = notes(daemon)
    lines = [line for line in lines if "needs a fact" in line]
    tap.ok(len(lines) == 1 and f"entry {EDITED} needs" in lines[0],
           "a fact that is gone leaves an edited entry, and it is named", lines)
    tap.ok("Call 01 700." in show(daemon, EDITED)["answer"], "as it was")
    tap.ok("unknown-fact" in {rule for rule, _ in rules(daemon)},
           "faq lint says which it is")


def check_replay(tap, daemon):
    code, replay, words = daemon.ctl("replay", "--all")
    tap.ok(code == 0 and replay["turns"] == replay["equal"] > 0,
           "every turn is decided again as it was", words or replay)


def main():
    tap = Tap()
    dir = tempfile.mkdtemp(prefix="tellerd-test-")
    try:
        pack = Pack(dir)
        with Daemon() as daemon:
            configure(daemon, dir, False)
            daemon.start()
            check_said(tap, daemon, "€6.00", "the fact")
            check_changed(tap, daemon, pack)
            check_draft(tap, daemon)
            check_conflict(tap, daemon, pack)
            check_four_eyes(tap, daemon, pack, dir)
            check_written(tap, daemon, pack, dir)
            check_gone(tap, daemon, pack)
            check_replay(tap, daemon)
    finally:
        shutil.rmtree(dir)
    tap.done()


main()
