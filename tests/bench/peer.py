#!/usr/bin/env python3
"""Our generator beside llama.cpp on this machine, as a table.

usage: peer.py [--under COMMAND] [--only WORD] PACKAGES FILES

PACKAGES is where `npm install node-llama-cpp` was run, or whatever has its
packages below: libraries for this system, and the sources that they are of,
whose headers tests/bench/bench_peer is built with.  FILES is a directory for
model files and headers; it needs 1 GB.  Each line is one run of bench_peer, in
which both take turns, of up to two minutes: `--under "COMMAND"` runs it by
another command, as one that waits until a machine is quiet; `--only int8` takes
the lines that have the word.  Where the peer has several types of weights of a
kind, the better figure of each counts.  What was measured is also appended to
FILES/results.jsonl.
"""
import argparse
import glob
import json
import os
import shlex
import subprocess
import sys
import time

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
        f"batch={batch}", f"busy={busy}"]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        sys.exit(f"peer.py: {shlex.join(command)} failed")
    told = json.loads(done.stdout)
    told["time"] = int(time.time())
    with open(os.path.join(options.files, "results.jsonl"), "a",
              encoding="utf-8") as results:
        results.write(json.dumps(told) + "\n")
    return told


def ratio_text(ratio, aim):
    if aim is None:
        return f"{ratio:.2f}x"
    return f"{ratio:.2f}x of {aim}x" + ("" if ratio >= aim else ", missed")


def compare(runs, part, aim):
    """The run in which the peer was best, as cells of the table."""
    told = max(runs, key=lambda told: told["theirs"][part]["mean"])
    ours, theirs = told["ours"][part], told["theirs"][part]
    return [f"{ours['mean']:,.0f} ({ours['best']:,.0f})",
            f"{theirs['mean']:,.0f} ({theirs['best']:,.0f}) {told['type']}",
            ratio_text(ours["mean"] / theirs["mean"], aim)]


def of_bandwidth(runs):
    """The share of the time of a step that reading its weights would take."""
    shares = [told["ours"]["decode"]["mean"] * told["bytes_per_token"] /
              told["batch"] / told["read_bytes_per_second"]["mean"]
              for told in runs]
    reading = [told["read_bytes_per_second"]["mean"] for told in runs]
    return (f"{100 * sum(shares) / len(shares):.0f} % of "
            f"{sum(reading) / len(reading) / 1e9:.1f} GB/s")


def cells(weights, batch, busy, runs, aims):
    name = weights + (", one core busy" if busy else "")
    return [name, str(batch), *compare(runs, "decode", aims[0]),
            of_bandwidth(runs), *compare(runs, "prefill", aims[1])]


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--under", default="")
    parser.add_argument("--only", default="")
    parser.add_argument("packages")
    parser.add_argument("files")
    options = parser.parse_args()
    libraries = os.path.dirname(below(options.packages, "libllama*.so"))
    os.makedirs(options.files, exist_ok=True)
    build(find_headers(options.packages, options.files))
    print("| weights | sequences | decode | peer | | weights read at | prefill "
          "| peer | |\n|---|---|---|---|---|---|---|---|---|")
    for weights, batch, busy, *aims in ROWS:
        words = f"{weights} batch={batch} busy={busy}"
        if options.only not in words:
            continue
        runs = [run(options, libraries, weights, kind, batch, busy)
                for kind in TYPES[weights]]
        print("| " + " | ".join(cells(weights, batch, busy, runs, aims)) +
              " |", flush=True)


if __name__ == "__main__":
    main()
