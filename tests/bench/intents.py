#!/usr/bin/env python3
"""Measure what the classifier of intents finds.

usage: intents.py [CLASSIFY]

CLASSIFY is the program tests/bench/classify (default: beside the build's top,
then in $top_builddir); the sets are read from $TELLERD_DATA.  BANKING77 is
judged on a tenth of its training set, of each label as much, which is left out
of all that is trained on; the others on the splits that they bring for it.
"""
import collections
import random
import subprocess
import sys

import calibrate


class Set:
    """Examples, and texts to judge with their labels (None: of no intent)."""

    def __init__(self, name, examples, texts):
        self.name = name
        self.examples = examples
        self.texts = texts

    def guess(self, program, texts):
        """(what training took, one list of (intent, probability) a text)"""
        lines = ["E\t%s\t%s" % (label, calibrate.clean(text))
                 for text, label in self.examples]
        lines += ["Q\t" + calibrate.clean(text) for text in texts]
        done = subprocess.run([program], input="\n".join(lines) + "\n",
                              capture_output=True, text=True, check=True)
        return done.stderr.strip(), [
            [(intent, float(p)) for intent, p in
             (one.rsplit(":", 1) for one in line.split())]
            for line in done.stdout.split("\n")[:len(texts)]]


def held_back(rows):
    """A tenth of each label."""
    labels = calibrate.by_label(rows)
    return {text for label, texts in labels.items()
            for text in calibrate.some(texts, max(1, len(texts) // 10))}


def sets():
    read = calibrate.read_csv
    train = read("intents", "banking77", "train.csv")
    held = held_back(train)
    dev = [row for row in train if row[0] in held]
    made = [Set(name, [row for row in read("intents", "banking77", file)
                       if row[0] not in held], dev)
            for name, file in (("BANKING77", "train.csv"),
                               ("BANKING77, 10 texts", "train_10.csv"),
                               ("BANKING77, 5 texts", "train_5.csv"))]
    labels = sorted({label for _, label in train}, key=calibrate.number)
    known = set(labels[:len(labels) * 3 // 4])
    made.append(Set("BANKING77, a quarter missing",
                    [row for row in train if row[0] not in held
                     and row[1] in known],
                    [(text, label if label in known else None)
                     for text, label in dev]))
    made.append(Set("CLINC150", read("intents", "clinc150", "train.csv"),
                    read("intents", "clinc150", "val.csv") +
                    [(text, None) for text, _ in
                     read("intents", "clinc150", "oos_val.csv")]))
    made.append(Set("HWU64", read("intents", "hwu64", "train.csv"),
                    read("intents", "hwu64", "valid.csv")))
    return made


def measure(program, one):
    took, guesses = one.guess(program, [text for text, _ in one.texts])
    source = random.Random(1)
    _, typos = one.guess(program, [calibrate.with_typos(text, source)
                                   for text, _ in one.texts])
    judged = [(guess[0] if guess else ("", 0.0), label)
              for guess, (_, label) in zip(guesses, one.texts)]
    inside = [(p, name == label, 1) for (name, p), label in judged if label]
    n = len(inside)
    wrong = sum(1 for guess, (_, label) in zip(typos, one.texts)
                if label and (not guess or guess[0][0] != label))
    line = "  %-30s %6d %6d %6.1f %6.1f %6.3f" % (
        one.name, len(one.examples), n,
        100 * sum(right for _, right, _ in inside) / n,
        100 * (n - wrong) / n, calibrate.calibration_error(inside))
    outside = [p for (_, p), label in judged if not label]
    if outside:
        pairs = [(p, True) for p, _, _ in inside]
        line += " %6.1f" % (100 * calibrate.area(
            pairs + [(p, False) for p in outside]))
        limit = sorted(p for p, _, _ in inside)[n // 10]
        line += " %6.1f" % (100 * sum(p < limit for p in outside) /
                            len(outside))
    else:
        line += " %6s %6s" % ("", "")
    print("%s  %s" % (line, took), flush=True)


def main():
    if not calibrate.DATA:
        sys.exit("intents: set TELLERD_DATA to where the sets are")
    program = calibrate.find_program(sys.argv[1] if len(sys.argv) > 1
                                     else None, "classify")
    print("  %-30s %6s %6s %6s %6s %6s %6s %6s" % (
        "", "train", "judged", "right", "typos", "ECE", "AUROC", "OOS"))
    for one in sets():
        measure(program, one)


if __name__ == "__main__":
    main()
