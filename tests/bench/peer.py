#!/usr/bin/env python3
"""Our generator beside llama.cpp on this machine, as a table.

usage: peer.py [--under COMMAND] [--only WORD] PACKAGES FILES
       peer.py --show FILES

PACKAGES is where `npm install node-llama-cpp` was run, or whatever has its
packages below: libraries for this system, and the sources that they are of,
whose headers tests/bench/bench_peer is built with.  FILES is a directory for
model files and headers; it needs 1 GB.  Each line is one run of bench_peer, in
which both take turns, of up to two minutes: `--under "COMMAND"` runs it by
another command, as one that waits until a machine is quiet; `--only int8` takes
the lines that have the word.  Where the peer has several types of weights of a
kind, the better figure of each counts.  What was measured is also appended to
FILES/results.jsonl, of which --show makes the table of what was measured last.
"""
import argparse
import glob
import json
import os
import shlex
import subprocess
import sys

TOP = os.environ.get("top_builddir") or os.path.dirname(os.path.dirname(
    os.path.dirname(os.path.abspath(__file__))))
PROGRAM = "tests/bench/bench_peer"
HEADERS = ("include", "ggml/include")
TYPES = {"f32": ["F32"], "bf16": ["F16", "BF16"], "int8": ["Q8_0"],
         "int4": ["Q4_0", "Q4_0 pure"]}
# Sequences, another process beside, and how many times the peer's figure ours
# is to be: going on, and reading prompts.
ROWS = [
    ("f32", 1, 0, 1.1, 2),
    ("bf16", 1, 0, 1.3, None),
    ("int8", 1, 0, 1.6, 1.5),
    ("int4", 1, 0, 1.8, None),
    ("f32", 16, 0, None, 2),
    ("bf16", 16, 0, None, None),
    ("int8", 16, 0, 2, 1.5),
    ("int4", 16, 0, None, None),
    ("f32", 1, 1, None, None),
    ("int8", 1, 1, None, None),
]
BANDWIDTH = 0.8
# In f32 nearly all of the bandwidth will do, too.
BOUND = {"f32": 0.9}
KEPT = 0.7


def below(directory, pattern):
    found = sorted(glob.glob(os.path.join(directory, "**", pattern),
                             recursive=True))
    if not found:
        sys.exit(f"peer.py: there is no {pattern} below {directory}")
    return found[0]


def find_headers(packages, files):
    """Those of the very version, from the bundle that comes with it."""
    target = os.path.join(files, "headers")
    if not os.path.isdir(target):
        bundle = below(packages, "gitRelease.bundle")
        subprocess.run(["git", "clone", "-q", "--no-checkout", bundle, target],
                       check=True)
        subprocess.run(["git", "-C", target, "checkout", "-q", "HEAD", "--",
                        *HEADERS], check=True)
    return [os.path.join(target, path) for path in HEADERS]


def build(headers):
    flags = " ".join("-isystem " + shlex.quote(path) for path in headers)
    subprocess.run(["make", "-s", "-C", TOP, PROGRAM,
                    "PEER_CPPFLAGS=" + flags], check=True)


def run(options, libraries, weights, kind, batch, busy):
    command = shlex.split(options.under) + [
        os.path.join(TOP, PROGRAM), libraries, options.files, weights, kind,
        f"batch={batch}", f"busy={busy}",
        f"turns={2 if batch > 1 else 5}"]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        sys.exit(f"peer.py: {shlex.join(command)} failed")
    with open(results(options), "a", encoding="utf-8") as file:
        file.write(done.stdout)
    return json.loads(done.stdout)


def results(options):
    return os.path.join(options.files, "results.jsonl")


def key(told):
    return (told["weights"], told["type"], told["batch"], int(told["busy"]))


def read_results(options):
    with open(results(options), encoding="utf-8") as file:
        return {key(told): told for told in map(json.loads, file)}


def measure(options):
    libraries = os.path.dirname(below(options.packages, "libllama*.so"))
    os.makedirs(options.files, exist_ok=True)
    build(find_headers(options.packages, options.files))
    for weights, batch, busy, *_ in ROWS:
        if options.only in f"{weights} batch={batch} busy={busy}":
            for kind in TYPES[weights]:
                run(options, libraries, weights, kind, batch, busy)


def judge(text, value, aim):
    return text + (", missed" if aim is not None and value < aim else "")


def best_peer(runs, part):
    """The run in which the peer was best."""
    return max(runs, key=lambda told: told["theirs"][part]["mean"])


def compare(runs, part, aim):
    """Both in their means, and best, and how many times the peer's is ours."""
    told = best_peer(runs, part)
    ours, theirs = told["ours"][part], told["theirs"][part]
    ratio = ours["mean"] / theirs["mean"]
    return [f"{ours['mean']:,.0f} ({ours['best']:,.0f})",
            f"{theirs['mean']:,.0f} ({theirs['best']:,.0f}) {told['type']}",
            judge(f"{ratio:.2f}x" + (f" of {aim}x" if aim else ""), ratio,
                  aim)]


def share(runs):
    """Of the time of a step, what reading its weights alone would take."""
    shares = [told["ours"]["decode"]["mean"] * told["bytes_per_token"] /
              told["batch"] / told["read_bytes_per_second"]["mean"]
              for told in runs]
    return sum(shares) / len(shares)


def of_bandwidth(runs, aim):
    reading = [told["read_bytes_per_second"]["mean"] for told in runs]
    return judge(f"{100 * share(runs):.0f} % of "
                 f"{sum(reading) / len(reading) / 1e9:.1f} GB/s", share(runs),
                 aim)


def kept(told):
    """What is left of decoding beside another process, ours and theirs."""
    ours, theirs = (told[side]["decode"]["mean"] /
                    told["alone"][side]["decode"]["mean"]
                    for side in ("ours", "theirs"))
    return judge(f"keeps {100 * ours:.0f} % of {100 * KEPT:.0f} %", ours,
                 KEPT) + f"; peer {100 * theirs:.0f} %"


def cells(row, runs):
    weights, batch, busy, *aims = row
    if share(runs) >= BOUND.get(weights, 2):
        aims[0] = None
    is_bound = batch == 1 and not busy and weights != "int4"
    bound = (kept(best_peer(runs, "decode")) if busy
             else of_bandwidth(runs, BANDWIDTH if is_bound else None))
    return [weights + (", one core busy" if busy else ""), str(batch),
            *compare(runs, "decode", aims[0]), bound,
            *compare(runs, "prefill", aims[1])]


def show(told):
    print("| weights | sequences | decode | peer | | weights read at | prefill "
          "| peer | |\n|---|---|---|---|---|---|---|---|---|")
    for row in ROWS:
        weights, batch, busy, *_ = row
        runs = [told[weights, kind, batch, busy] for kind in TYPES[weights]
                if (weights, kind, batch, busy) in told]
        if runs:
            print("| " + " | ".join(cells(row, runs)) + " |")


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--under", default="")
    parser.add_argument("--only", default="")
    parser.add_argument("--show", action="store_true")
    parser.add_argument("packages", nargs="?")
    parser.add_argument("files")
    options = parser.parse_args()
    if not options.show:
        measure(options)
    show(read_results(options))


if __name__ == "__main__":
    main()
