"""tellerctl model logits, generate, perplexity and bench, against a forward pass
that is nothing but loops: a small model with weights by chance is made here, and
a vocabulary for it."""

import json
import math
import os
import random
import shutil
import struct
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from daemon import TOP, Tap  # noqa: E402
from test_model import LESSON, learn, write_vocab  # noqa: E402

LAYERS, HEADS, WIDTH, POSITIONS, VOCAB = 2, 2, 8, 40, 297
END = 296


def ctl(*words, text=""):
    done = subprocess.run([os.path.join(TOP, "tellerctl"), "model", *words],
                          capture_output=True, timeout=300,
                          input=text.encode())
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def current_umask():
    mask = os.umask(0)
    os.umask(mask)
    return mask


def single(number):
    return struct.unpack("<f", struct.pack("<f", number))[0]


def make_weights():
    """Of such a size that its next token depends on all before."""
    random.seed(11)
    shapes = {"wte.weight": [VOCAB, WIDTH], "wpe.weight": [POSITIONS, WIDTH],
              "ln_f.weight": [WIDTH], "ln_f.bias": [WIDTH]}
    for layer in range(LAYERS):
        for name, shape in (("ln_1", [WIDTH]), ("ln_2", [WIDTH]),
                            ("attn.c_attn", [WIDTH, 3 * WIDTH]),
                            ("attn.c_proj", [WIDTH, WIDTH]),
                            ("mlp.c_fc", [WIDTH, 4 * WIDTH]),
                            ("mlp.c_proj", [4 * WIDTH, WIDTH])):
            shapes[f"h.{layer}.{name}.weight"] = shape
            shapes[f"h.{layer}.{name}.bias"] = shape[-1:]
    return {name: (shape, [single(random.gauss(0, 0.7))
                           for _ in range(math.prod(shape))])
            for name, shape in shapes.items()}


def write_model(directory, weights):
    header, at = {"__metadata__": {"format": "pt"}}, 0
    for name, (shape, numbers) in weights.items():
        header["transformer." + name] = {
            "dtype": "F32", "shape": shape,
            "data_offsets": [at, at + 4 * len(numbers)]}
        at += 4 * len(numbers)
    text = json.dumps(header).encode()
    with open(os.path.join(directory, "model.safetensors"), "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text)
        for _, numbers in weights.values():
            f.write(struct.pack(f"<{len(numbers)}f", *numbers))
    with open(os.path.join(directory, "config.json"), "w") as f:
        json.dump({"model_type": "gpt2", "n_layer": LAYERS, "n_head": HEADS,
                   "n_embd": WIDTH, "n_positions": POSITIONS,
                   "vocab_size": VOCAB, "eos_token_id": END}, f)


class Slow:
    def __init__(self, weights):
        self.weights = {name: numbers
                        for name, (_, numbers) in weights.items()}

    def linear(self, x, name):
        w, b = self.weights[name + ".weight"], self.weights[name + ".bias"]
        return [b[o] + sum(x[i] * w[i * len(b) + o] for i in range(len(x)))
                for o in range(len(b))]

    def norm(self, x, name):
        mean = sum(x) / len(x)
        scale = 1 / math.sqrt(sum((v - mean) ** 2 for v in x) / len(x) + 1e-5)
        return [(v - mean) * scale * w + b for v, w, b in zip(
            x, self.weights[name + ".weight"], self.weights[name + ".bias"])]

    def attend(self, rows, head):
        size = WIDTH // HEADS
        at = head * size
        out = []
        for t, row in enumerate(rows):
            scores = [sum(row[at + d] * past[WIDTH + at + d]
                          for d in range(size)) / math.sqrt(size)
                      for past in rows[:t + 1]]
            top = max(scores)
            shares = [math.exp(s - top) for s in scores]
            out.append([sum(share * past[2 * WIDTH + at + d]
                            for share, past in zip(shares, rows))
                        / sum(shares) for d in range(size)])
        return out

    def logits(self, ids):
        wte, wpe = self.weights["wte.weight"], self.weights["wpe.weight"]
        x = [[wte[i * WIDTH + d] + wpe[t * WIDTH + d] for d in range(WIDTH)]
             for t, i in enumerate(ids)]
        for layer in range(LAYERS):
            name = f"h.{layer}."
            rows = [self.linear(self.norm(row, name + "ln_1"),
                                name + "attn.c_attn") for row in x]
            heads = [self.attend(rows, head) for head in range(HEADS)]
            for t, row in enumerate(x):
                joined = [v for head in heads for v in head[t]]
                x[t] = [a + b for a, b in zip(
                    row, self.linear(joined, name + "attn.c_proj"))]
            for t, row in enumerate(x):
                wide = self.linear(self.norm(row, name + "ln_2"),
                                   name + "mlp.c_fc")
                wide = [0.5 * v * (1 + math.tanh(0.7978845608 * (
                    v + 0.044715 * v ** 3))) for v in wide]
                x[t] = [a + b for a, b in zip(
                    row, self.linear(wide, name + "mlp.c_proj"))]
        last = self.norm(x[-1], "ln_f")
        return [sum(last[d] * wte[v * WIDTH + d] for d in range(WIDTH))
                for v in range(VOCAB)]

    def greedy(self, ids, n, penalty=1.0, ngram=0, bad=(), bias=(), scope=0,
               allowed=range(VOCAB)):
        """The way of transformers, for these; what was there begins at
        scope."""
        ids, new = list(ids), []
        while len(new) < n and END not in new:
            scores = self.logits(ids)
            for v, more in bias:
                scores[v] += more
            for v in set(ids[scope:]):
                s = scores[v]
                scores[v] = s * penalty if s < 0 else s / penalty
            for i in range(scope, len(ids) - ngram + 1 if ngram else 0):
                if ids[i:i + ngram - 1] == ids[len(ids) - ngram + 1:]:
                    scores[ids[i + ngram - 1]] = -math.inf
            for word in bad:
                if word[:-1] == ids[len(ids) - len(word) + 1:]:
                    scores[word[-1]] = -math.inf
            scores = [s if v in allowed else -math.inf
                      for v, s in enumerate(scores)]
            new.append(scores.index(max(scores)))
            ids.append(new[-1])
        return new


def words_of(ids):
    return ",".join(map(str, ids))


def check_logits(tap, directory, slow):
    ids = [84, 104, 101, 32, 99, 97, 114, 100, 260, 290, 84, 104]
    expected = slow.logits(ids)
    order = sorted(range(VOCAB), key=lambda v: (-expected[v], v))
    code, out, words = ctl("logits", "--model", directory, "--ids",
                           words_of(ids), "--top", "10", "--json")
    top = json.loads(out)["top"] if code == 0 else []
    tap.equal([i for i, _ in top], order[:10], "the best are the best")
    tap.ok(top and all(abs(expected[i] - logit) < 1e-4 for i, logit in top),
           "logits are those of the formulas", (top, words))
    tap.ok(all(logit == float(f"{single(logit):.9g}") for _, logit in top),
           "with nine digits", top)
    for kind in ("bf16", "int8", "int4"):
        code, out, words = ctl("logits", "--model", directory, "--weights",
                               kind, "--ids", words_of(ids), "--json")
        tap.ok(code == 0 and len(json.loads(out)["top"]) == 10,
               f"logits with weights in {kind}", words)


def generate(directory, *words):
    code, out, words = ctl("generate", "--model", directory, "--json", *words)
    return json.loads(out) if code == 0 else {"error": words}


def check_generate(tap, directory, slow):
    prompt = [84, 104, 101, 32, 99, 97, 114, 100, 32, 84, 104, 101, 32]
    base = ["--ids", words_of(prompt), "--max-tokens", "20"]
    plain = slow.greedy(prompt, 20)
    second = slow.greedy(prompt, 20, bad=[plain[:1]])
    for words, options in (
            ([], {}),
            (["--repetition-penalty", "1.3"], {"penalty": single(1.3)}),
            (["--no-repeat-ngram", "2"], {"ngram": 2}),
            (["--no-repeat-ngram", "1", "--repetition-scope", "output"],
             {"ngram": 1, "scope": len(prompt)}),
            (["--repetition-penalty", "1.5", "--repetition-scope", "output"],
             {"penalty": 1.5, "scope": len(prompt)}),
            (["--bad-words", words_of(plain[:1]), "--bad-words",
              words_of(second[:2])],
             {"bad": [plain[:1], second[:2]]}),
            (["--logit-bias", f"{plain[0]}=-inf", "--logit-bias", "7=3.5"],
             {"bias": [(plain[0], -math.inf), (7, 3.5)]}),
            (["--allow-ids", "101,32,5,260,32"],
             {"allowed": [5, 32, 101, 260]})):
        told = generate(directory, *base, *words)
        tap.equal(told.get("ids"), slow.greedy(prompt, 20, **options),
                  f"greedy {' '.join(words)}")
    told = generate(directory, *base, "--logprobs")
    sums = []
    for i, v in enumerate(told["ids"]):
        logits = slow.logits(prompt + told["ids"][:i])
        sums.append(logits[v] - math.log(sum(map(math.exp, logits))))
    tap.ok(max(abs(a - b) for a, b in zip(sums, told["logprobs"])) < 1e-4
           and len(sums) == len(told["logprobs"]),
           "logarithms of probabilities are right", told)
    chance = ["--temperature", "1.5", "--top-k", "50", "--top-p", "0.9",
              "--min-p", "0.01", "--typical-p", "0.95", "--epsilon-cutoff",
              "0.001", "--eta-cutoff", "0.002"]
    first = generate(directory, *base, *chance, "--seed", "7")
    tap.ok(first["ids"] == generate(directory, *base, *chance, "--seed", "7",
                                    "--drafts", "8", "--threads", "1")["ids"]
           and first["ids"] != generate(directory, *base, *chance,
                                        "--seed", "8")["ids"],
           "a seed says what comes, drafts and threads do not", first)
    tap.equal(generate(directory, *base, *chance, "--top-k", "1")["ids"],
              slow.greedy(prompt, 20), "of one best token, that")
    for words in (["--epsilon-cutoff", "1"], ["--top-p", "0"],
                  ["--min-p", "1"]):
        told = generate(directory, *base, "--temperature", "1", *words)
        tap.equal(told.get("ids"), plain,
                  f"{words[0]} keeps the most probable")
    check_bounds(tap, directory, base, plain)
    told = generate(directory, "--prompt", "The card", "--max-tokens", "12")
    code, out, _ = ctl("generate", "--model", directory, "--prompt",
                       "The card", "--max-tokens", "12")
    tap.equal(out, told["text"] + "\n", "the text for a person")


def check_bounds(tap, directory, base, plain):
    """How long, and of what."""
    prefer_end = ["--logit-bias", f"{END}=1000"]
    told = generate(directory, *base, *prefer_end)
    tap.equal((told["ids"], told["end"]), ([END], "end"),
              "the token that ends a text is among the new ones")
    told = generate(directory, *base, *prefer_end, "--min-tokens", "3")
    tap.equal((told["ids"][:3], told["ids"][3:]), (plain[:3], [END]),
              "it does not come too early")
    told = generate(directory, *base, *prefer_end, "--bad-words", str(END))
    tap.equal(told["ids"], [END], "alone it is no bad word")
    told = generate(directory, *base, "--max-time", "600000")
    tap.equal((told["ids"], told["end"]), (plain, "length"),
              "there was time enough")
    told = generate(directory, "--ids", "84", "--max-tokens", "100",
                    "--temperature", "100", "--min-tokens", "100")
    tap.equal((len(told["ids"]), told["end"]), (POSITIONS, "positions"),
              "after the last position there is nothing")
    told = generate(directory, *base, "--normalized-penalty",
                    "--repetition-penalty", "1000")
    tap.ok(not set(told["ids"]) & set(map(int, base[1].split(","))),
           "a normalized penalty is one, too", told)
    word = generate(directory, *base)["text"][:2]
    told = generate(directory, *base, "--bad-words", word)
    tap.ok(told["text"][:2] != word, "a text may be a bad word", told)


def check_stop(tap, directory):
    base = ["--prompt", "The card", "--max-tokens", "20", "--temperature",
            "1.5", "--seed", "3"]
    whole = generate(directory, *base)
    text = whole["text"]
    stop = text[len(text) // 2:len(text) // 2 + 3]
    told = generate(directory, *base, "--stop", stop)
    tap.equal((told["text"], told["end"]), (text[:text.index(stop)], "stop"),
              "a text ends before a stop string")
    tap.equal(told["ids"], whole["ids"][:len(told["ids"])],
              "with the tokens up to it")
    told = generate(directory, *base, "--stop", "never there", "--stop", stop,
                    "--stop", text[-3:])
    tap.equal(told["text"], text[:text.index(stop)],
              "of several the first that comes")


def foretold(n, block, stride):
    """(first token of the context, token) of each that is foretold."""
    if stride is None:
        whole = n - n % block if n >= block else n
        return [(begin, t) for begin in range(0, whole, block)
                for t in range(begin + 1, min(begin + block, whole))]
    pairs, covered = [], 0
    for begin in range(0, n, stride):
        end = min(begin + block, n)
        pairs += [(begin, t) for t in range(max(covered, begin + 1), end)]
        covered = end
        if end == n:
            break
    return pairs


def perplexity(directory, *words, text=""):
    code, out, words = ctl("perplexity", "--model", directory, "--json",
                           *words, text=text)
    return json.loads(out) if code == 0 else {"error": words}


def check_perplexity(tap, directory, slow):
    random.seed(5)
    ids = [random.randrange(VOCAB) for _ in range(93)]
    for n, block, stride in ((93, 8, None), (40, 40, None), (5, 8, None),
                             (93, 8, 3), (93, 40, 39), (81, 8, 8), (2, 40, 1),
                             (93, 2, 1)):
        words = ["--block", str(block)]
        words += ["--stride", str(stride)] if stride else []
        told = perplexity(directory, *words, "--ids", words_of(ids[:n]))
        pairs = foretold(n, block, stride)
        total = 0
        for begin, t in pairs:
            logits = slow.logits(ids[begin:t])
            total += math.log(sum(map(math.exp, logits))) - logits[ids[t]]
        tap.ok(told.get("tokens") == len(pairs)
               and abs(told["nll_sum"] - total) < 1e-4 * len(pairs)
               and abs(told["nll"] - total / len(pairs)) < 1e-4
               and abs(told["perplexity"] / math.exp(told["nll"]) - 1) < 1e-6,
               f"perplexity of {n} tokens, block {block}, stride {stride}",
               (told, total, len(pairs)))
        tap.equal(told.get("recipe"), {
            "name": "sliding" if stride else "blocks", "block": block,
            "stride": stride or block, "start": False, "weights": "f32"},
            "with its recipe")
    check_words(tap, directory)


def check_words(tap, directory):
    text = "The card,\n the  card and\u00a0a pin "
    code, out, _ = ctl("tokenize", "--model", directory, text=text)
    ids = json.loads(out)["ids"]
    told = perplexity(directory, "--words", "--start", "--stride", "40",
                      text=text)
    same = perplexity(directory, "--stride", "40", "--ids",
                      words_of([END] + ids))
    tap.equal((told.get("nll_sum"), told.get("tokens")),
              (same.get("nll_sum"), len(ids)),
              "with a start each token of a text is foretold")
    tap.ok(told.get("words") == 7 and abs(
        told["word_perplexity"] / math.exp(told["nll_sum"] / 7) - 1) < 1e-6,
        "perplexity of a word", told)
    path = os.path.join(directory, "text.txt")
    with open(path, "w") as f:
        f.write(text)
    tap.equal(perplexity(directory, "--words", "--start", "--stride", "40",
                         path), told, "a text may stand in a file")


def check_refusals(tap, directory):
    one = ["--model", directory, "--ids", "1"]
    ids = one[:-1]
    made = ["--synthetic", "distilgpt2"]
    for words, expected in (
            (["logits", *ids, "1,x"], "as 464,3290"),
            (["logits", *ids, "1,"], "as 464,3290"),
            (["logits", *ids, "-1"], "as 464,3290"),
            (["logits", *ids, "99999999999"], "as 464,3290"),
            (["logits", *ids, "1,297"], "has token 297, but ids are 0 to 296"),
            (["logits", *ids, words_of([1] * 41)], "the model has 40 pos"),
            (["logits", *one, "--top", "0"], "--top is 1 to 1000"),
            (["logits", *one, "--weights", "f8"], "f32, bf16, int8"),
            (["logits", *one, "--threads", "0"], "--threads is"),
            (["logits", "--ids", "1"], "one of --model and --synthetic"),
            (["logits", "--ids", "1", "--synthetic", "gpt9"],
             "there is no shape 'gpt9'"),
            (["logits", "--ids", "1", "--synthetic", "gpt2:x"],
             "'x' is no seed"),
            (["generate", "--model", directory], "one of --prompt and --ids"),
            (["generate", "--model", directory, "--prompt", ""], "is empty"),
            (["generate", *made, "--prompt", "x"], "has no vocabulary"),
            (["generate", *made, "--ids", "1", "--stop", "x"],
             "--stop: a synthetic model has no vocabulary"),
            (["generate", *ids, words_of([1] * 41)], "--ids has 41 tokens"),
            (["generate", *ids, "297"], "has token 297"),
            (["generate", *one, "--temperature", "hot"], "no number"),
            (["generate", *one, "--temperature", ""], "no number"),
            (["generate", *one, "--temperature", "-1"],
             "the temperature is -1"),
            (["generate", *one, "--temperature", "nan"],
             "the temperature is nan"),
            (["generate", *one, "--top-k", "-1"], "--top-k is"),
            (["generate", *one, "--top-p", "1.5"], "top-p is 1.5"),
            (["generate", *one, "--min-p", "inf"], "min-p is inf"),
            (["generate", *one, "--typical-p", "0"], "typical-p is 0"),
            (["generate", *one, "--epsilon-cutoff", "2"], "epsilon is 2"),
            (["generate", *one, "--eta-cutoff", "-1"], "eta is -1"),
            (["generate", *one, "--repetition-penalty", "0"], "penalty is 0"),
            (["generate", *one, "--repetition-scope", "it"], "all or output"),
            (["generate", *one, "--seed", "-1"], "--seed is 0 or more"),
            (["generate", *one, "--seed", "1" * 30], "no whole number"),
            (["generate", *one, "--max-tokens", "0"], "--max-tokens is"),
            (["generate", *one, "--max-time", "-1"], "--max-time is"),
            (["generate", *one, "--drafts", "16"], "--drafts is 0 to 15"),
            (["generate", *one, "--stop", ""], "--stop: "),
            (["generate", *one, *["--stop", "x"] * 17], "--stop: "),
            (["generate", *one, "--bad-words", ""], "--bad-words: tokens"),
            (["generate", *one, "--bad-words", "297"], "has token 297"),
            (["generate", *one, "--logit-bias", "5"], "as 464=-1.5"),
            (["generate", *one, "--logit-bias", "5=x"], "as 464=-1.5"),
            (["generate", *one, "--logit-bias", "5=nan"], "is no number"),
            (["generate", *one, "--logit-bias", "297=1"], "has token 297"),
            (["generate", *one, "--logit-bias", "5=1", "--logit-bias", "5=2"],
             "token 5 is there twice"),
            (["generate", *one, "--allow-ids", "297"], "has token 297"),
            (["perplexity", *ids, "1"], "two tokens are needed"),
            (["perplexity", "--model", directory], "two tokens are needed"),
            (["perplexity", *one, "--block", "41"], "--block is 2 to 40"),
            (["perplexity", *one, "--block", "1"], "--block is 2 to 40"),
            (["perplexity", *one, "--block", "8", "--stride", "9"],
             "--stride is 1 to 8"),
            (["perplexity", *one, "file"], "one of --ids and FILE"),
            (["perplexity", *one, "--words"], "tokens have no words"),
            (["perplexity", *made], "has no vocabulary"),
            (["bench", "--model", directory, "--prompt", "40", "--tokens",
              "1"], "more than the model's 40 positions"),
            (["bench", "--model", directory, "--prompt", "8", "--tokens", "8",
              "--kernels", "none"], "no kernels 'none'"),
            (["pull", "gpt9"], "the files of 'gpt9' are not known"),
            (["bench", "--model", directory, "--prompt", "8", "--tokens", "8",
              "--kv", "int4"], "--kv is f32, f16 or int8")):
        code, _, told = ctl(*words)
        tap.ok(code == 2 and expected in told, f"misused: {expected}",
               (code, told))
    nowhere = ["--model", os.path.join(directory, "nowhere")]
    for words in (["logits", *nowhere, "--ids", "1"],
                  ["generate", *nowhere, "--ids", "1"],
                  ["tokenize", *nowhere], ["info", *nowhere],
                  ["perplexity", "--model", directory, nowhere[1]]):
        code, _, told = ctl(*words)
        tap.ok(code == 1 and "nowhere" in told, f"failed: {words[0]}", told)


def check_converted(tap, directory):
    path = os.path.join(directory, "model.tellerd")
    ids = words_of([84, 104, 101, 32, 99, 97])
    for kind in ("f32", "bf16", "int8", "int4"):
        code, out, words = ctl("convert", "--model", directory, "--weights",
                               kind, "--output", path, "--force", "--json")
        told = json.loads(out) if code == 0 else {}
        tap.equal((told.get("weights"), told.get("tokens")), (kind, END + 1),
                  f"converted to {kind} {words}")
        for verb in (["logits", "--ids", ids, "--top", str(VOCAB)],
                     ["generate", "--prompt", "The card", "--max-tokens", "20",
                      "--temperature", "1.5", "--seed", "3", "--logprobs"]):
            told = ctl(verb[0], "--model", directory, *verb[1:], "--weights",
                       kind, "--json")
            tap.equal(ctl(verb[0], "--model", path, *verb[1:], "--json"), told,
                      f"{verb[0]} by {kind} is the same from both")
            tap.equal(told[0], 0, "and well")
    info = json.loads(ctl("info", "--model", path, "--json")[1])
    tap.equal({key: info.get(key) for key in (
        "dtype", "converted", "mapped", "n_layer", "tokens", "tensors",
        "file_bytes")},
        {"dtype": "int4", "converted": True, "mapped": True, "n_layer": LAYERS,
         "tokens": END + 1, "tensors": None,
         "file_bytes": os.path.getsize(path)}, "info describes it")
    code, out, words = ctl("info", "--model", path)
    tap.ok(code == 0 and "converted to int4" in out, "and in words", words)
    code, out, words = ctl("bench", "--model", path, "--prompt", "16",
                           "--tokens", "8", "--json")
    tap.equal(json.loads(out).get("weights") if code == 0 else words, "int4",
              "a bench measures it")
    tokens = {subprocess.run(
        [os.path.join(TOP, "tellerctl"), "model", "tokenize", "--model", model],
        input=LESSON.encode(), capture_output=True, timeout=100).stdout
        for model in (directory, path)}
    tap.ok(len(tokens) == 1 and json.loads(tokens.pop())["ids"],
           "it makes the same tokens")
    return path


def check_converted_files(tap, directory, path):
    tap.equal(os.stat(path).st_mode & 0o777, 0o644 & ~current_umask(),
              "it is for all to read")
    code, _, words = ctl("convert", "--model", directory, "--output", path)
    tap.ok(code == 1 and "--force" in words, "it is not written over", words)
    code, _, words = ctl("convert", "--model", directory)
    tap.ok(code == 2 and "--output" in words, "it needs a place", words)
    code, _, words = ctl("convert", "--model", path, "--output", path + "2")
    tap.ok(code == 1 and "converted already" in words
           and not os.path.exists(path + "2"), "once is enough", words)
    code, _, words = ctl("logits", "--model", path, "--ids", "1", "--weights",
                         "int8")
    tap.ok(code == 1 and "converted to int4, not int8" in words,
           "it has the weights that it has", words)
    piped = subprocess.run(
        [os.path.join(TOP, "tellerctl"), "model", "convert", "--model",
         directory, "--weights", "int4", "--output", "-"],
        capture_output=True, timeout=100).stdout
    with open(path, "rb") as f:
        tap.ok(f.read() == piped, "and goes through a pipe as well")
    told = ctl("logits", "--model", path, "--ids", "1,2")
    os.chmod(path, 0o666)
    tap.equal(ctl("logits", "--model", path, "--ids", "1,2"), told,
              "one that others may write to is read all the same")
    tap.ok('"mapped": false' in ctl("info", "--model", path, "--json")[1],
           "but not mapped")
    with open(path, "r+b") as f:
        f.truncate(len(piped) - 1)
    code, _, words = ctl("logits", "--model", path, "--ids", "1,2")
    tap.ok(code == 1 and "make it anew" in words, "not when it is cut", words)
    os.unlink(path)
    os.rename(os.path.join(directory, "vocab.json"),
              os.path.join(directory, "vocab"))
    ctl("convert", "--model", directory, "--output", path)
    tap.ok('"tokens": null' in ctl("info", "--model", path, "--json")[1],
           "there need be no vocabulary")
    code, _, words = ctl("tokenize", "--model", path)
    tap.ok(code == 1 and "without a vocabulary" in words,
           "which tokenize misses", words)
    os.rename(os.path.join(directory, "vocab"),
              os.path.join(directory, "vocab.json"))
    os.unlink(path)


def check_bench(tap, directory):
    code, out, words = ctl("bench", "--model", directory, "--weights", "int8",
                           "--prompt", "16", "--tokens", "8", "--batch", "3",
                           "--json")
    told = json.loads(out) if code == 0 else {}
    tap.ok(code == 0 and all(
        0 < told[part]["mean"] <= told[part]["best"]
        for part in ("prefill", "decode"))
        and told["bytes_per_token"] > 0 and told["rss_bytes"] > 0
        and told["batch"] == 3, "a bench tells its figures", (told, words))
    for weights, types, kind in (("f32", [], "f32"), ("bf16", [], "f16"),
                                 ("int4", [], "int8"),
                                 ("f32", ["--kv", "int8"], "int8")):
        code, out, words = ctl("bench", "--model", directory, "--weights",
                               weights, "--prompt", "8", "--tokens", "2",
                               *types, "--json")
        told = json.loads(out) if code == 0 else {}
        tap.ok(told.get("kv") == kind,
               f"weights in {weights}, {types}: keys and values in {kind}",
               (told, words))


def main():
    tap = Tap()
    directory = tempfile.mkdtemp(prefix="tellerd-model-")
    try:
        write_vocab(directory, *learn(LESSON, 40))
        weights = make_weights()
        write_model(directory, weights)
        slow = Slow(weights)
        check_logits(tap, directory, slow)
        check_generate(tap, directory, slow)
        check_stop(tap, directory)
        check_perplexity(tap, directory, slow)
        check_refusals(tap, directory)
        check_bench(tap, directory)
        check_converted_files(tap, directory, check_converted(tap, directory))
    finally:
        shutil.rmtree(directory)
    tap.done()


if __name__ == "__main__":
    main()
