#!/usr/bin/env python3
"""Measure what the index finds, and fit the confidence to it.

usage: calibrate.py [--fit] [RETRIEVE]

RETRIEVE is the program tests/bench/retrieve (default: beside the build's top,
then in $top_builddir); the sets are read from $TELLERD_DATA.  Printed are
retrieval's figures, then those of the confidence that is built in, on the half
of the questions that is never fitted; with --fit also new weights for
daemon/faq/confidence.c, fitted on the other half, and their figures.

Every split is made here, of training data, by hashes: the same in every run.
"""
import collections
import csv
import hashlib
import json
import math
import os
import random
import re
import sqlite3
import subprocess
import sys

FIELDS = ("entry", "score", "coverage", "closeness", "support", "match",
          "weight", "margin", "exact", "confidence", "likeness", "intent")
NO_ENTRY = -1
HAS_ENTRY, MISSING, ELSEWHERE, TRIVIAL = KINDS = (
    "an entry answers it", "its entry is missing", "of something else",
    "one or two common words")
THRESHOLD = 0.6


def number(text):
    """A number in [0, 1) that only depends on the text."""
    return int(hashlib.sha256(text.encode()).hexdigest()[:12], 16) / 16 ** 12


def clean(text):
    return " ".join(text.split())


class Desk:
    """Entries, and questions: their text, the number of the entry that answers
    it, or NO_ENTRY, and of what kind they are."""

    def __init__(self, name):
        self.name = name
        self.entries = []  # (question, answer, paraphrases)
        self.intents = {}  # of those entries that have one, by number
        self.questions = []

    def search(self, program, questions=None):
        """One list of candidates (dictionaries) for each question."""
        if questions is None:
            questions = [text for text, _, _ in self.questions]
        lines = ["\t".join(["E", self.intents.get(i, "")] + [
            clean(part) for part in (question, answer, *paraphrases)])
                 for i, (question, answer, paraphrases)
                 in enumerate(self.entries)]
        lines += ["Q\t" + clean(text) for text in questions]
        done = subprocess.run([program], input="\n".join(lines) + "\n",
                              capture_output=True, text=True, check=True)
        return [[dict(zip(FIELDS, map(float, one.split(":"))))
                 for one in line.split()]
                for line in done.stdout.split("\n")[:len(questions)]]


def kind_of(entry):
    return MISSING if entry == NO_ENTRY else HAS_ENTRY


# ---- The sets

def read_csv(*path):
    with open(os.path.join(DATA, *path), encoding="utf-8") as file:
        rows = [(row[0], row[1]) for row in csv.reader(file) if len(row) > 1]
    return rows[1:] if rows[0][0] == "text" else rows


def read_lines(*path):
    with open(os.path.join(DATA, *path), encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def by_label(rows):
    labels = collections.defaultdict(list)
    for text, label in rows:
        labels[label].append(text)
    for label, texts in labels.items():
        texts.sort(key=number)
    return dict(sorted(labels.items()))


def intents_desk(name, labels, n_texts, held_out, far=()):
    """An entry for each label, of its first n_texts texts; the last tenth of
    its texts are questions.  Labels that are held out have questions alone.
    Three neighbours in the order of labels have one intent."""
    desk = Desk(name)
    for place, (label, texts) in enumerate(labels.items()):
        if len(texts) < 3:
            continue
        n = min(n_texts, len(texts) - max(1, len(texts) // 10))
        asked = texts[-max(1, min(len(texts) // 10, 20)):]
        entry = NO_ENTRY
        if number(name + label) >= held_out:
            entry = len(desk.entries)
            desk.entries.append((texts[0], "", texts[1:n]))
            desk.intents[entry] = "intent%d" % (place // 3)
        desk.questions += [(text, entry, kind_of(entry)) for text in asked]
    desk.questions += [(text, NO_ENTRY, ELSEWHERE) for text in far]
    return desk


def answers_desk(name, rows, held_out, far=()):
    """Entries that have only answers; their questions are asked."""
    desk = Desk(name)
    for row in rows:
        entry = NO_ENTRY
        if number(name + row["question"]) >= held_out:
            entry = len(desk.entries)
            desk.entries.append(("", row["answer"], []))
        desk.questions.append((row["question"], entry, kind_of(entry)))
    desk.questions += [(text, NO_ENTRY, ELSEWHERE) for text in far]
    return desk


def whole_desk(name, rows, held_out, far=()):
    """Entries with question and answer; every other word of the question,
    more or less, is asked, as customers do who type key words."""
    desk = Desk(name)
    for row in rows:
        entry = NO_ENTRY
        if number(name + row["question"]) >= held_out:
            entry = len(desk.entries)
            desk.entries.append((row["question"], row["answer"], []))
        asked = [word for i, word in enumerate(row["question"].split())
                 if number("%s%d" % (row["question"], i)) < 0.55]
        desk.questions.append((" ".join(asked), entry, kind_of(entry)))
    desk.questions += [(text, NO_ENTRY, ELSEWHERE) for text in far]
    return desk


def paraphrases_desk(name, rows, held_out, far=()):
    desk = Desk(name)
    for row in rows:
        entry = NO_ENTRY
        if number(name + row["question"]) >= held_out:
            entry = len(desk.entries)
            desk.entries.append((row["question"], "", []))
        desk.questions += [(text, entry, kind_of(entry))
                           for text in row["paraphrases"]]
    desk.questions += [(text, NO_ENTRY, ELSEWHERE) for text in far]
    return desk


def some(texts, n):
    return sorted(texts, key=number)[:n]


def plain_desks():
    """Everything has an answer: for the figures of retrieval."""
    banking = by_label(read_csv("intents", "banking77", "train.csv"))
    return [
        intents_desk("BANKING77, all texts", banking, 1000, 0),
        intents_desk("BANKING77, 10 texts", banking, 10, 0),
        intents_desk("BANKING77, 5 texts", banking, 5, 0),
        answers_desk("AskCFPB, answers", read_lines(
            "faq", "askcfpb-a.jsonl"), 0),
        answers_desk("HealthCare.gov, answers", read_lines(
            "faq", "healthcaregov.jsonl"), 0),
        paraphrases_desk("StackFAQ", read_lines(
            "faq", "stackfaq-paraphrases.jsonl"), 0),
    ]


def open_desks():
    """A third of the entries is missing, and some questions are of something
    else altogether: for the confidence."""
    far = [text for name in ("oos_train.csv", "oos_val.csv")
           for text, _ in read_csv("intents", "clinc150", name)]
    banking = by_label(read_csv("intents", "banking77", "train.csv"))
    clinc = by_label(read_csv("intents", "clinc150", "train.csv"))
    watson = by_label(read_csv("intents", "watson-bank.csv"))
    insurance = by_label(read_csv("intents", "dstc11-insurance.csv"))
    cfpb = read_lines("faq", "askcfpb-a.jsonl")
    health = read_lines("faq", "healthcaregov.jsonl")
    stack = read_lines("faq", "stackfaq-paraphrases.jsonl")
    desks = [intents_desk("BANKING77, %d texts" % n, banking, n, 0.3, far)
             for n in (3, 8, 30)]
    desks += [intents_desk("CLINC150, %d texts" % n, clinc, n, 0.3, far)
              for n in (3, 20)]
    desks += [
        intents_desk("bank, 8 texts", watson, 8, 0.3, some(far, 40)),
        intents_desk("insurance, 8 texts", insurance, 8, 0.3, some(far, 40)),
        answers_desk("AskCFPB, answers", cfpb, 0.3, some(far, 60)),
        answers_desk("HealthCare.gov, answers", health, 0.3, some(far, 20)),
        whole_desk("AskCFPB, half a question", cfpb, 0.3, some(far, 60)),
        whole_desk("HealthCare.gov, half", health, 0.3, some(far, 20)),
        paraphrases_desk("StackFAQ", stack, 0.3, some(far, 80)),
    ]
    for desk in desks:
        desk.questions += [(text, NO_ENTRY, TRIVIAL) for text in trivial(desk)]
    return desks


def trivial(desk):
    """One or two of the words that most questions of the desk have: nobody
    can tell what is meant."""
    counts = collections.Counter()
    for question, answer, paraphrases in desk.entries:
        text = " ".join((question, answer, *paraphrases)).lower()
        counts.update(set(word for word in text.split() if word.isalpha()))
    words = sorted(counts, key=lambda word: (-counts[word], word))[:40]
    pairs = [a + " " + b for a, b in zip(words, words[1:])]
    return words[::2] + pairs[::2]


def with_typos(text, source):
    """One random edit in one of every three words."""
    words = text.split()
    for i, word in enumerate(words):
        if source.random() >= 1 / 3:
            continue
        at = source.randrange(len(word))
        letter = chr(ord("a") + source.randrange(26))
        words[i] = source.choice((
            word[:at] + word[at + 1:],
            word[:at] + letter + word[at:],
            word[:at] + letter + word[at + 1:],
            word[:at] + word[at + 1:at + 2] + word[at:at + 1] + word[at + 2:],
        ))
    return " ".join(words)


# ---- Retrieval

def search_by_sqlite(desk, texts):
    """What is found by bm25 of SQLite's full text search, each text a row of
    its own: the entries' numbers, best first."""
    base = sqlite3.connect(":memory:")
    base.execute("CREATE VIRTUAL TABLE row USING fts5(entry UNINDEXED, text, "
                 "tokenize = 'porter unicode61')")
    for i, (question, answer, paraphrases) in enumerate(desk.entries):
        base.executemany("INSERT INTO row VALUES (?, ?)",
                         [(i, text) for text in (question, answer,
                                                 *paraphrases) if text])
    for text in texts:
        words = re.findall(r"\w+", text) or ["x"]
        rows = base.execute(
            "SELECT entry FROM row WHERE row MATCH ? ORDER BY bm25(row) "
            "LIMIT 200", (" OR ".join('"%s"' % word for word in words),))
        yield list(dict.fromkeys(entry for entry, in rows))[:10]


def search_by_index(program, desk, texts):
    for found in desk.search(program, texts):
        yield [int(one["entry"]) for one in found]


def print_ranks(name, desk, lists):
    ranks = [names.index(entry) + 1 if entry in names else 0
             for (_, entry, _), names in zip(desk.questions, lists)]
    n = len(ranks)
    print("  %-38s %5.1f %5.1f %5.1f" % (
        name, 100 * sum(rank == 1 for rank in ranks) / n,
        100 * sum(0 < rank <= 5 for rank in ranks) / n,
        100 * sum(1 / rank for rank in ranks if rank) / n))


def measure_retrieval(program):
    print("retrieval: first right, right among 5, mean reciprocal rank of 10")
    source = random.Random(1)
    for desk in plain_desks():
        texts = [text for text, _, _ in desk.questions]
        typos = [with_typos(text, source) for text in texts]
        print("  %s: %d questions, %d entries" % (
            desk.name, len(texts), len(desk.entries)))
        print_ranks("  FTS5, bm25", desk, search_by_sqlite(desk, texts))
        print_ranks("  index", desk, search_by_index(program, desk, texts))
        print_ranks("  FTS5, bm25, with typos", desk,
                    search_by_sqlite(desk, typos))
        print_ranks("  index, with typos", desk,
                    search_by_index(program, desk, typos))


# ---- Confidence

INPUTS = ("1", "closeness", "support", "margin", "closeness * margin",
          "ln (match * weight)")


def inputs(one):
    """What the logistic model sees; the same as in confidence.c."""
    return (1.0, one["closeness"], one["support"], one["margin"],
            one["closeness"] * one["margin"],
            math.log(max(0.05, one["match"] * one["weight"])))


class Sample:
    def __init__(self, desk, text, entry, kind, found):
        self.desk = desk.name
        self.kind = kind
        self.is_fitted = number("fit" + text) < 0.5
        self.is_exact = bool(found and found[0]["exact"])
        self.inputs = inputs(found[0]) if found else None
        self.built_in = found[0]["confidence"] if found else 0.0
        self.is_right = bool(found) and int(found[0]["entry"]) == entry
        self.weight = 1.0


def samples_of(program):
    samples = []
    for desk in open_desks():
        mine = [Sample(desk, *question, found) for question, found
                in zip(desk.questions, desk.search(program))]
        for sample in mine:
            sample.weight = 1000 / len(mine)
        samples += mine
    return samples


def solve(matrix, vector):
    """The solution of a small linear system, by elimination."""
    n = len(vector)
    rows = [row[:] + [value] for row, value in zip(matrix, vector)]
    for i in range(n):
        pivot = max(range(i, n), key=lambda k: abs(rows[k][i]))
        rows[i], rows[pivot] = rows[pivot], rows[i]
        for k in range(n):
            if k != i:
                factor = rows[k][i] / rows[i][i]
                rows[k] = [a - factor * b for a, b in zip(rows[k], rows[i])]
    return [rows[i][n] / rows[i][i] for i in range(n)]


def logistic(x):
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, x))))


def fit(samples, ridge=1.0):
    """Weights of the logistic model, by Newton's method."""
    n = len(INPUTS)
    weights = [0.0] * n
    for _ in range(12):
        gradient = [-ridge * w for w in weights]
        hessian = [[ridge if i == k else 0.0 for k in range(n)]
                   for i in range(n)]
        for sample in samples:
            x = sample.inputs
            p = logistic(sum(w * v for w, v in zip(weights, x)))
            error = sample.weight * (sample.is_right - p)
            slope = sample.weight * p * (1 - p)
            for i in range(n):
                gradient[i] += error * x[i]
                for k in range(n):
                    hessian[i][k] += slope * x[i] * x[k]
        step = solve(hessian, gradient)
        weights = [w + s for w, s in zip(weights, step)]
    return weights


def area(pairs):
    """The area under the ROC curve of (confidence, is right)."""
    ranked = sorted(pairs)
    n_right = sum(right for _, right in ranked)
    n_wrong = len(ranked) - n_right
    if n_right == 0 or n_wrong == 0:
        return float("nan")
    total, i = 0.0, 0
    while i < len(ranked):
        k = i
        while k < len(ranked) and ranked[k][0] == ranked[i][0]:
            k += 1
        total += sum(right for _, right in ranked[i:k]) * (i + k + 1) / 2
        i = k
    return (total - n_right * (n_right + 1) / 2) / (n_right * n_wrong)


def calibration_error(triples):
    """Expected calibration error in ten bins, of (confidence, right,
    weight)."""
    bins = collections.defaultdict(lambda: [0.0, 0.0])
    for confidence, right, weight in triples:
        one = bins[min(9, int(confidence * 10))]
        one[0] += weight * (confidence - right)
        one[1] += weight
    whole = sum(one[1] for one in bins.values())
    return sum(abs(one[0]) for one in bins.values()) / whole


def report(samples, confidence):
    """One line of figures for each desk, and one for all."""
    print("  %-26s %6s %6s %6s %9s %9s" % (
        "", "Brier", "ECE", "AUROC", "answered", "wrong"))
    names = list(dict.fromkeys(sample.desk for sample in samples))
    for name in [*names, *KINDS, "all"]:
        mine = [(confidence(s), s.is_right, s.weight) for s in samples
                if name in (s.desk, s.kind, "all")]
        whole = sum(weight for _, _, weight in mine)
        told = [one for one in mine if one[0] >= THRESHOLD]
        n_told = sum(weight for _, _, weight in told)
        print("  %-26s %6.3f %6.3f %6.3f %7.1f %% %7.1f %%" % (
            name,
            sum(w * (c - r) ** 2 for c, r, w in mine) / whole,
            calibration_error(mine), area([(c, r) for c, r, _ in mine]),
            100 * n_told / whole,
            100 * sum(w for _, r, w in told if not r) / (n_told or 1)))


def measure_confidence(program, is_fitting):
    samples = samples_of(program)
    kept = [sample for sample in samples if not sample.is_fitted]
    print("confidence as built in; answered, and of those wrong, from %.2f on"
          % THRESHOLD)
    report(kept, lambda sample: sample.built_in)
    if not is_fitting:
        return
    weights = fit([sample for sample in samples
                   if sample.is_fitted and sample.inputs
                   and not sample.is_exact])
    print("fitted anew:")
    for name, weight in zip(INPUTS, weights):
        print("  %-20s %8.3f" % (name, weight))
    report(kept, lambda sample: 0.0 if sample.inputs is None
           else 0.99 if sample.is_exact
           else logistic(sum(w * v for w, v in zip(weights, sample.inputs))))


def find_program(given, name):
    top = os.environ.get("top_builddir", ".")
    path = "tests/bench/" + name
    for path in (given, path, top + "/" + path):
        if path and os.access(path, os.X_OK):
            return path
    sys.exit("tests/bench/%s is not built: make bench" % name)


def main():
    arguments = [one for one in sys.argv[1:] if one != "--fit"]
    if "TELLERD_DATA" not in os.environ:
        sys.exit("calibrate: set TELLERD_DATA to where the sets are")
    program = find_program(arguments[0] if arguments else None, "retrieve")
    measure_retrieval(program)
    measure_confidence(program, "--fit" in sys.argv)


DATA = os.environ.get("TELLERD_DATA", "")
if __name__ == "__main__":
    main()
