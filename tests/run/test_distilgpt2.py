"""What distilgpt2 is known to say, when $TELLERD_DISTILGPT2 names a directory
with its files (`tellerctl model pull distilgpt2`).  One command proves it:

    TELLERD_DISTILGPT2=$PWD/distilgpt2 make check \\
        TESTS=tests/run/test_distilgpt2.py

Logits by PyTorch 2.6 in f32 (Blazenetic/thinking-machine-observatory,
fixtures/model-golden); texts of the tests of transformers (logits_process.py,
test_modeling_tf_gpt2.py)."""

import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from daemon import TOP, Tap  # noqa: E402

LOGITS = {
    "464,1755,6766,373":
        "257:-68.4295502 262:-68.5509949 523:-68.9329605 1336:-69.1412811 "
        "1598:-69.1620560 3223:-69.3229752 991:-69.6116104 7463:-69.7076569 "
        "6016:-69.7688599 655:-69.7749329",
    "21321,960,10919,12248":
        "960:-53.2549744 12248:-53.4545666 447:-53.8667336 30:-53.9507751 "
        "198:-54.1311989 1867:-54.7509193 0:-55.0803871 4162:-55.1835938 "
        "314:-55.2506065 1701:-55.3804855",
    "34,1878,2634,39073,73,24247,410,84,34719,243":
        "34719:-43.0396614 37929:-43.1593857 198:-43.5950699 158:-44.2401276 "
        "220:-44.4669609 13:-44.4754410 11:-44.4871178 2343:-44.6114235 "
        "24583:-44.6488724 357:-44.9657364",
    "220,773,4714,2420":
        "198:-59.2977448 13:-59.3048592 11:-59.4157753 318:-60.2824287 "
        "290:-60.5468407 286:-60.6633453 357:-60.8679695 287:-60.9122925 "
        "351:-61.0143356 326:-61.1070061",
}
NOT_GOING = [40, 1101, 407, 1016, 284, 307, 1498, 284, 466, 326, 13, 314]
TODAY = [8888, 314, 447, 247, 76, 407, 1654, 611, 314]
SEQUENCE = [32, 8379, 25, 352, 11, 362, 11, 513, 11, 604, 11, 642, 11, 718, 11,
            767, 11, 807, 11, 860]
BAD = ["--bad-words", "271", "--bad-words", "648,563,546"]
TEXTS = (
    ("I'm not going to", [], NOT_GOING + [
        1101, 1016, 284, 307, 1498, 284, 466, 326]),
    ("I'm not going to", ["--repetition-penalty", "1.1"], NOT_GOING + [
        1183, 655, 423, 284, 467, 503, 290, 711]),
    ("Today I", [], TODAY + [
        447, 247, 76, 1016, 284, 307, 1498, 284, 466, 340, 13]),
    ("Today I", ["--no-repeat-ngram", "2"], TODAY + [
        460, 651, 257, 1365, 4547, 286, 262, 3450, 286, 428, 2071]),
    ("Today is a beautiful day and",
     ["--repetition-penalty", "1.3", "--no-repeat-ngram", "2", *BAD],
     [8888, 318, 257, 4950, 1110, 290, 314, 716, 523, 3772, 284, 307, 1498,
      1011, 636, 287, 428, 4998, 1785, 13]),
    # There four pads stood before it.
    ("Yesterday was",
     ["--repetition-penalty", "1.3", "--no-repeat-ngram", "2", *BAD],
     [28065, 373, 257, 845, 3499, 640, 329, 262, 995, 284, 766, 703, 881, 286,
      428, 318]),
    ("A sequence: 1, 2", ["--temperature", "1", "--top-p", "0.1"], SEQUENCE),
    ("A sequence: 1, 2", ["--temperature", "1", "--min-p", "0.1"], SEQUENCE),
    ("A sequence: 1, 2", ["--temperature", "1", "--epsilon-cutoff", "0.1"],
     SEQUENCE),
    ("A sequence: 1, 2", ["--temperature", "1", "--eta-cutoff", "0.1"],
     SEQUENCE),
)
# Encoded by the real files.
TOKENS = (
    ("The night sky was", [464, 1755, 6766, 373]),
    ("Wait\u2014what?!", [21321, 960, 10919, 12248]),
    ("Caf\u00e9 d\u00e9j\u00e0 vu \u2615",
     [34, 1878, 2634, 39073, 73, 24247, 410, 84, 34719, 243]),
    ("  indented text", [220, 773, 4714, 2420]),
    ("I'm not going to", NOT_GOING[:5]),
    ("Today I\u2019m not sure if I", TODAY),
    ("<|endoftext|>", [27, 91, 437, 1659, 5239, 91, 29]),
    ("\n\n", [628]),
    ("\r\n", [201, 198]),
    ("I'M don'T", [40, 6, 44, 836, 6, 51]),
    ("a\n\n\nb", [64, 628, 198, 65]),
    ("12,345.67", [1065, 11, 27712, 13, 3134]),
)
MEAN, WORST = 5e-5, 2e-4


def model(verb, directory, *words):
    done = subprocess.run(
        [os.path.join(TOP, "tellerctl"), "model", verb, "--model", directory,
         "--weights", "f32", "--json", *words],
        capture_output=True, timeout=300)
    return json.loads(done.stdout) if done.returncode == 0 else {}


def encode(directory, text):
    done = subprocess.run(
        [os.path.join(TOP, "tellerctl"), "model", "tokenize", "--model",
         directory], input=text.encode(), capture_output=True, timeout=60)
    return json.loads(done.stdout)["ids"]


def check_logits(tap, directory):
    for ids, line in LOGITS.items():
        expected = [(int(i), float(logit)) for i, logit in (
            pair.split(":") for pair in line.split())]
        top = model("logits", directory, "--ids", ids).get("top", [])
        tap.equal([i for i, _ in top], [i for i, _ in expected],
                  f"after {ids}: the ten best")
        off = [abs(ours - theirs)
               for (_, ours), (_, theirs) in zip(top, expected)]
        tap.ok(len(off) == 10 and max(off) <= WORST and sum(off) / 10 <= MEAN,
               f"after {ids}: their logits", off)


def check_earlier_positions(tap, directory):
    """What comes last changes nothing before it: the sums of two texts differ
    by the logits of their last tokens alone."""
    for ids in LOGITS:
        top = model("logits", directory, "--ids", ids, "--top", "2").get(
            "top", [])
        told = [model("perplexity", directory, "--stride", "1024", "--ids",
                      f"{ids},{last}") for last, _ in top]
        off = [one.get("nll_sum", 0) + logit
               for one, (_, logit) in zip(told, top)]
        tap.ok(len(off) == 2 and abs(off[0] - off[1]) < 1e-4,
               f"after {ids}: the last token changes nothing before it", off)


def check_texts(tap, directory):
    for text, options, expected in TEXTS:
        ids = encode(directory, text)
        told = model("generate", directory, "--prompt", text, "--max-tokens",
                     str(len(expected) - len(ids)), *options)
        tap.equal(ids + told.get("ids", []), expected,
                  f"'{text}' {' '.join(options)}")


def check_tokens(tap, directory):
    for text, ids in TOKENS:
        tap.equal(encode(directory, text), ids, f"the tokens of {text!r}")


def check_perplexity(tap, directory):
    """By the log-probabilities of generated tokens, in blocks and sliding."""
    told = model("generate", directory, "--ids", "464,1755,6766,373",
                 "--max-tokens", "40", "--logprobs")
    ids = [464, 1755, 6766, 373] + told.get("ids", [])
    words = ["--ids", ",".join(map(str, ids)), "--stride", "1024"]
    whole = model("perplexity", directory, *words)
    first = model("perplexity", directory, "--stride", "1024", "--ids",
                  "464,1755,6766,373")
    off = (whole.get("nll_sum", 0) - first.get("nll_sum", 0)
           + sum(told.get("logprobs", [])))
    tap.ok(len(ids) == 44 and whole.get("tokens") == 43 and abs(off) < 1e-3,
           "perplexity is what the tokens' probabilities say", off)
    tap.ok(1 < whole.get("perplexity", 0) < 100,
           "and that of a model that knows English", whole)


def main():
    tap = Tap()
    directory = os.environ.get("TELLERD_DISTILGPT2")
    if directory:
        check_tokens(tap, directory)
        check_logits(tap, directory)
        check_earlier_positions(tap, directory)
        check_texts(tap, directory)
        check_perplexity(tap, directory)
    else:
        tap.skip("distilgpt2 says what it is known to say",
                 "TELLERD_DISTILGPT2 is not set")
    tap.done()


if __name__ == "__main__":
    main()
