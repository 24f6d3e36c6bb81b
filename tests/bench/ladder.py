#!/usr/bin/env python3
"""What each part of the generator's speed is due to, as a table.

usage: ladder.py [WEIGHTS ...]

`tellerctl model bench` with and without each: from the plainest way, one
sequence on one thread by loops in plain C, to what is done.  64 tokens are
read and 24 said, as the plainest way takes long.  int8 without arguments.
"""
import json
import os
import subprocess
import sys

TOP = os.environ.get("top_builddir") or os.path.dirname(os.path.dirname(
    os.path.dirname(os.path.abspath(__file__))))
PLAIN = {"threads": "1", "kernels": "plain", "chunk": "1", "kv": "f32",
         "batch": "1"}
# Each is added to those above it; one that this processor lacks is left out.
STEPS = [
    ("plain C, one thread, a row a step", {}),
    ("prompts in steps of many rows", {"chunk": "512"}),
    ("AVX2", {"kernels": "avx2"}),
    ("AVX-512", {"kernels": "avx512"}),
    ("AVX-512 with dot products", {"kernels": "avx512vnni"}),
    ("AMX", {"kernels": "amx"}),
    ("two threads", {"threads": "2"}),
    ("keys and values in f16", {"kv": "f16"}),
    ("16 sequences together", {"batch": "16"}),
]


def bench(weights, settings):
    words = [word for name, value in settings.items()
             for word in ("--" + name, value)]
    done = subprocess.run(
        [os.path.join(TOP, "tellerctl"), "model", "bench", "--json",
         "--synthetic", "distilgpt2", "--weights", weights, "--prompt", "64",
         "--tokens", "24", *words],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if "has no kernels" in done.stderr:
        return None
    if done.returncode:
        sys.exit(f"ladder.py: {done.stderr}")
    return json.loads(done.stdout)


def climb(weights):
    print(f"\n| {weights} | prefill | decode |\n|---|---|---|")
    settings, before = dict(PLAIN), None
    for name, step in STEPS:
        told = bench(weights, {**settings, **step})
        if told is None:
            continue
        settings.update(step)
        rates = [told[part]["mean"] for part in ("prefill", "decode")]
        print(f"| {name} | " + " | ".join(
            f"{rate:,.0f}" + (f" ({rate / other:.2f}x)" if before else "")
            for rate, other in zip(rates, before or rates)) + " |",
            flush=True)
        before = rates


def main():
    for weights in sys.argv[1:] or ["int8"]:
        climb(weights)


if __name__ == "__main__":
    main()
