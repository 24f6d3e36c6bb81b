"""tellerctl model, and its tokens against another way to make them.

The other way is the pattern of openai/gpt-2's encoder.py, by the package
`regex`, and merging as it is done there.  The vocabulary is made here, of a few
sentences; with $TELLERD_DATA that of GPT-2 is tried as well."""

import collections
import json
import os
import random
import shutil
import struct
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from daemon import TOP, Tap  # noqa: E402

try:
    import regex
except ImportError:
    regex = None

PATTERN = (r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+"
           r"|\s+(?!\S)|\s+")
END = "<|endoftext|>"
LESSON = ("The customer's card was stolen, and the customer says that the "
          "bank's app isn't there. They're sure we'll help; don't they? "
          "1,250.00 euros were taken on 2024-05-12 in the caf\u00e9. ")


def alphabet():
    """The character of each byte."""
    seen = [*range(33, 127), *range(161, 173), *range(174, 256)]
    unseen = [b for b in range(256) if b not in seen]
    table = {b: chr(b) for b in seen}
    table.update((b, chr(256 + i)) for i, b in enumerate(unseen))
    return table


class Reference:
    def __init__(self, vocab, merges):
        self.table = alphabet()
        self.vocab = vocab
        self.ranks = {pair: i for i, pair in enumerate(merges)}

    def merge(self, word):
        while True:
            pairs = {pair for pair in zip(word, word[1:]) if pair in self.ranks}
            if not pairs:
                return word
            best = min(pairs, key=self.ranks.get)
            merged, i = [], 0
            while i < len(word):
                if tuple(word[i:i + 2]) == best:
                    merged.append("".join(best))
                    i += 2
                else:
                    merged.append(word[i])
                    i += 1
            word = merged

    def encode(self, text):
        return [self.vocab[token]
                for piece in regex.findall(PATTERN, text)
                for token in self.merge([self.table[b]
                                         for b in piece.encode()])]


def learn(text, n):
    """A vocabulary of all bytes and the n most frequent merges of a text that
    has as many."""
    table = alphabet()
    words = [[table[b] for b in word.encode()]
             for word in text.replace(" ", "\0 ").split("\0")]
    merges = []
    while len(merges) < n:
        count = collections.Counter(
            pair for word in words for pair in zip(word, word[1:]))
        best = max(count, key=lambda pair: (count[pair], pair))
        merges.append(best)
        maker = Reference({}, [best])
        words = [maker.merge(word) for word in words]
    tokens = [table[b] for b in range(256)]
    tokens += ["".join(pair) for pair in merges]
    return dict(zip(tokens + [END], range(len(tokens) + 1))), merges


def write_vocab(directory, vocab, merges):
    with open(os.path.join(directory, "vocab.json"), "w") as f:
        json.dump(vocab, f)
    with open(os.path.join(directory, "merges.txt"), "w") as f:
        f.write("#version: 0.2\n")
        f.writelines(f"{left} {right}\n" for left, right in merges)


def read_vocab(directory):
    with open(os.path.join(directory, "vocab.json")) as f:
        vocab = json.load(f)
    with open(os.path.join(directory, "merges.txt")) as f:
        lines = f.read().split("\n")[1:-1]
    return vocab, [tuple(line.split(" ")) for line in lines]


def ctl(*words, stdin=b""):
    done = subprocess.run([os.path.join(TOP, "tellerctl"), "model", *words],
                          input=stdin, capture_output=True, timeout=200)
    return done.returncode, done.stdout, done.stderr.decode()


def strange_texts(n):
    """Texts of characters from everywhere, in no order that makes sense."""
    random.seed(5)
    kinds = [" ", "  ", "\n", "\t", "\u00a0", "\u3000", "'", "'s", "'LL", "'re",
             "7", "12", "\u0663", "\u00bd", "_", "-", "...", "e\u0301",
             "\U0001f600", END, *LESSON.split(" ")]
    for _ in range(n):
        text = ""
        for _ in range(random.randrange(1, 30)):
            c = random.randrange(0x110000)
            is_any = random.random() < 0.2 and not 0xd800 <= c < 0xe000
            text += chr(c) if is_any else random.choice(kinds)
        yield text


def check_tokens(tap, directory, where):
    if not regex:
        tap.skip(f"{where}: tokens are those of the reference",
                 "the package regex is missing (python3-regex)")
        return
    reference = Reference(*read_vocab(directory))
    texts = ["", LESSON, "x" * 3000 + "ab" * 100, *strange_texts(3000)]
    lines = "".join(json.dumps(text) + "\n" for text in texts)
    code, out, words = ctl("tokenize", "--model", directory, "--lines",
                           stdin=lines.encode())
    tap.equal(code, 0, f"{where}: many texts are read, one a line")
    ours = [json.loads(line)["ids"] for line in out.splitlines()]
    wrong = [(text, ids) for text, ids in zip(texts, ours)
             if ids != reference.encode(text)]
    tap.ok(len(ours) == len(texts) and not wrong,
           f"{where}: tokens are those of the reference", wrong[:3] or words)
    code, back, words = ctl("tokenize", "--model", directory, "--lines",
                            "--decode", stdin=out)
    tap.ok([json.loads(line) for line in back.splitlines()] == texts,
           f"{where}: tokens become the same texts again", words)


def check_tokenize(tap, directory):
    text = b"The customer\xe2\x80\x99s\r\n\0 \xff card " + END.encode()
    code, out, words = ctl("tokenize", "--model", directory, stdin=text)
    tap.ok(code == 0 and list(json.loads(out)) == ["ids"],
           "a text is taken as it stands", words)
    end = read_vocab(directory)[0][END]
    tap.ok(end not in json.loads(out)["ids"],
           "no text is the token that ends a text")
    _, back, _ = ctl("tokenize", "--model", directory, "--decode", stdin=out)
    tap.equal(back, text.replace(b"\xff", "\ufffd".encode()),
              "tokens become the bytes again")
    _, back, _ = ctl("tokenize", "--model", directory, "--decode",
                     stdin=b'{"ids":[195,%d]}' % end)
    tap.equal(back, b"\xc3" + END.encode(), "tokens are bytes, whole or not")
    _, back, _ = ctl("tokenize", "--model", directory, "--decode", "--lines",
                     stdin=b'{"ids":[195]}\n{"ids":[]}')
    tap.equal(back.decode(), '"\ufffd"\n""\n',
              "as JSON, broken characters are mended")
    for stdin, options, expected in (
            (b'{"ids":[999999]}', ["--decode"], "there is no token 999999"),
            (b'{"ids":[1.5]}', ["--decode"], "no whole number"),
            (b'{}', ["--decode"], 'no array "ids"'),
            (b'"a"\nb\n', ["--lines"], "line 2: it is no JSON string"),
            (b"x" * (4 * 1024 * 1024 + 1), [], "without a place to part")):
        code, out, words = ctl("tokenize", "--model", directory, *options,
                               stdin=stdin)
        tap.ok(code == 1 and expected in words and not out,
               f"refused in words: {expected}", words)
    code, out, words = ctl("tokenize", "--model", directory, stdin=b"x" * 2**20)
    tap.ok(code == 0 and json.loads(out)["ids"], "a word of a megabyte", words)
    tap.equal(ctl("tokenize")[0], 2, "without a model it is misused")


def write_model(directory):
    """A model of two layers, every number of which is 0.5, in BF16."""
    width, layers, vocab, positions = 8, 2, 512, 16
    shapes = {"wte.weight": [vocab, width], "wpe.weight": [positions, width],
              "ln_f.weight": [width], "ln_f.bias": [width]}
    for layer in range(layers):
        for name, shape in (("ln_1", [width]), ("ln_2", [width]),
                            ("attn.c_attn", [width, 3 * width]),
                            ("attn.c_proj", [width, width]),
                            ("mlp.c_fc", [width, 4 * width]),
                            ("mlp.c_proj", [4 * width, width])):
            shapes[f"h.{layer}.{name}.weight"] = shape
            shapes[f"h.{layer}.{name}.bias"] = shape[-1:]
    header, at = {"__metadata__": {"format": "pt"}}, 0
    for name, shape in shapes.items():
        size = 2 * shape[0] * (shape[1] if len(shape) > 1 else 1)
        header[name] = {"dtype": "BF16", "shape": shape,
                        "data_offsets": [at, at + size]}
        at += size
    text = json.dumps(header).encode()
    with open(os.path.join(directory, "model.safetensors"), "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text + b"\0\x3f" * (at // 2))
    with open(os.path.join(directory, "config.json"), "w") as f:
        json.dump({"model_type": "gpt2", "n_layer": layers, "n_head": 2,
                   "n_embd": width, "n_positions": positions,
                   "vocab_size": vocab, "eos_token_id": 356}, f)
    return at // 2


def check_info(tap, directory):
    parameters = write_model(directory)
    code, out, words = ctl("info", "--model", directory, "--json")
    info = json.loads(out) if code == 0 else {}
    tap.equal({key: info.get(key) for key in (
        "n_layer", "n_head", "n_embd", "n_inner", "n_positions", "vocab_size",
        "eos_token_id", "tied", "dtype", "tensors", "tokens", "parameters")},
        {"n_layer": 2, "n_head": 2, "n_embd": 8, "n_inner": 32,
         "n_positions": 16, "vocab_size": 512, "eos_token_id": 356,
         "tied": True, "dtype": "BF16", "tensors": 28, "tokens": 357,
         "parameters": parameters}, "a model is described")
    code, out, words = ctl("info", "--model", directory)
    tap.ok(code == 0 and b"357 tokens" in out, "and in words", out)
    with open(os.path.join(directory, "model.safetensors"), "r+b") as f:
        f.seek(-2, os.SEEK_END)
        f.write(b"\xc0\x7f")
    code, out, words = ctl("info", "--model", directory)
    tap.ok(code == 1 and "not finite" in words,
           "a number that is none is refused", words)
    os.unlink(os.path.join(directory, "model.safetensors"))
    with open(os.path.join(directory, "pytorch_model.bin"), "wb") as f:
        f.write(b"PK\3\4")
    code, out, words = ctl("info", "--model", directory)
    tap.ok(code == 1 and "safe_serialization=True" in words,
           "another format is refused with a way to convert it", words)


def main():
    tap = Tap()
    directory = tempfile.mkdtemp(prefix="tellerd-model-")
    try:
        write_vocab(directory, *learn(LESSON, 100))
        check_tokenize(tap, directory)
        check_tokens(tap, directory, "a small vocabulary")
        check_info(tap, directory)
    finally:
        shutil.rmtree(directory)
    data = os.environ.get("TELLERD_DATA")
    if data:
        check_tokens(tap, os.path.join(data, "gpt2_tokenizer"), "GPT-2's")
    else:
        tap.skip("GPT-2's: tokens are those of the reference",
                 "TELLERD_DATA is not set")
    tap.done()


if __name__ == "__main__":
    main()
