"""tellerctl model pull from servers that answer well and badly.

The weights cannot be here: each case looks at what becomes of config.json, the
first file, and ends at the first one that the server has not."""

import http.server
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from daemon import TOP, Tap  # noqa: E402

CONFIG = json.dumps({
    "_num_labels": 1, "activation_function": "gelu_new",
    "architectures": ["GPT2LMHeadModel"], "attn_pdrop": 0.1,
    "bos_token_id": 50256, "embd_pdrop": 0.1, "eos_token_id": 50256,
    "id2label": {"0": "LABEL_0"}, "initializer_range": 0.02,
    "label2id": {"LABEL_0": 0}, "layer_norm_epsilon": 1e-05,
    "model_type": "gpt2", "n_ctx": 1024, "n_embd": 768, "n_head": 12,
    "n_layer": 6, "n_positions": 1024, "resid_pdrop": 0.1,
    "summary_activation": None, "summary_first_dropout": 0.1,
    "summary_proj_to_labels": True, "summary_type": "cls_index",
    "summary_use_proj": True, "task_specific_params": {
        "text-generation": {"do_sample": True, "max_length": 50}},
    "vocab_size": 50257}, indent=2).encode()
GENERATION = json.dumps({
    "_from_model_config": True, "bos_token_id": 50256, "eos_token_id": 50256,
    "transformers_version": "4.27.0.dev0"}, indent=2).encode() + b"\n"
FILES = {"config.json": CONFIG, "generation_config.json": GENERATION,
         "tokenizer_config.json": b'{"model_max_length": 1024}'}


class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *args):
        pass

    def redirect(self):
        self.send_response(302)
        self.send_header("Location", self.path.replace("/moved/", "/"))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_GET(self):
        name = self.path.rsplit("/", 1)[1]
        asked = self.headers.get("Range")
        server = self.server
        if "/moved/" in self.path:
            return self.redirect()
        server.seen.append((name, asked))
        data = server.files.get(name)
        first = int(re.match(r"bytes=(\d+)-$", asked)[1]) if asked else 0
        if data is None:
            return self.send_error(404)
        if asked and server.has_ranges and first >= len(data):
            return self.send_error(416)
        is_part = asked and server.has_ranges
        body = data[first:] if is_part else data
        self.send_response(206 if is_part else 200)
        if is_part:
            self.send_header("Content-Range", "bytes %d-%d/%d" % (
                first, len(data) - 1, len(data)))
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[:server.cut])
        return None


class Pull:
    """A server and an empty directory; pull() runs the command."""

    def __init__(self, files=None, has_ranges=True, cut=None):
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.files = FILES if files is None else files
        self.server.has_ranges, self.server.cut = has_ranges, cut
        self.server.seen = []
        self.base = "http://127.0.0.1:%d/d" % self.server.server_port
        self.dir = tempfile.mkdtemp(prefix="tellerd-pull-")
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *args):
        self.server.shutdown()
        self.server.server_close()
        shutil.rmtree(self.dir)

    def pull(self, base=None, to=None):
        environment = {name: value for name, value in os.environ.items()
                       if not name.lower().endswith("_proxy")}
        done = subprocess.run(
            [os.path.join(TOP, "tellerctl"), "model", "pull", "distilgpt2",
             "--from", base or self.base, "--to", to or self.dir],
            capture_output=True, timeout=100, env=environment)
        self.words = done.stderr.decode()
        return done.returncode

    def write(self, name, data):
        with open(os.path.join(self.dir, name), "wb") as f:
            f.write(data)

    def read(self, name):
        try:
            with open(os.path.join(self.dir, name), "rb") as f:
                return f.read()
        except FileNotFoundError:
            return None

    def asked(self, name="config.json"):
        return [asked for seen, asked in self.server.seen if seen == name]


def check_whole(tap):
    with Pull() as p:
        tap.ok(p.pull() == 1 and "vocab.json: the server answers 404" in p.words,
               "a file that the server has not is named", p.words)
        tap.equal({name: p.read(name) for name in FILES}, FILES,
                  "what it has is there")
        tap.equal([f for f in os.listdir(p.dir) if f.endswith(".part")
                   and p.read(f)], [], "nothing is left of it")
        p.pull(p.base + "/")
        tap.equal(p.asked(), [None], "what is there is not fetched again")
    with Pull() as p:
        p.pull(p.base + "/moved")
        tap.equal(p.read("config.json"), CONFIG, "redirects are followed")


def check_parts(tap):
    with Pull() as p:
        p.write("config.json.part", CONFIG[:300])
        p.pull()
        tap.equal((p.asked(), p.read("config.json")),
                  (["bytes=300-"], CONFIG), "a part is gone on with")
    with Pull(has_ranges=False) as p:
        p.write("config.json.part", CONFIG[:300])
        p.pull()
        tap.equal(p.read("config.json"), CONFIG,
                  "a server without ranges sends all of it")
    with Pull(cut=300) as p:
        p.pull()
        tap.equal((p.asked(), p.read("config.json")),
                  ([None, "bytes=300-", "bytes=600-"], CONFIG),
                  "a connection that breaks is made again")
    with Pull(cut=0) as p:
        tap.ok(p.pull() == 1 and p.asked() == [None],
               "one that brings nothing is not", p.asked())
    with Pull() as p:
        p.write("config.json.part", CONFIG)
        p.pull()
        tap.equal((p.asked(), p.read("config.json")), ([], CONFIG),
                  "a part that is all needs nothing")
    with Pull() as p:
        p.write("config.json.part", CONFIG + b"more")
        p.pull()
        tap.equal((p.asked(), p.read("config.json")), ([None], CONFIG),
                  "a part that is too long is begun anew")


def check_others(tap):
    wrong = CONFIG.replace(b"768", b"769")
    with Pull({"config.json": wrong}) as p:
        tap.ok(p.pull() == 1 and "has the SHA-256" in p.words,
               "other bytes are refused", p.words)
        tap.equal(os.listdir(p.dir), [], "and removed")
    with Pull() as p:
        p.write("config.json.part", wrong[:500])
        tap.ok(p.pull() == 1 and p.read("config.json") is None,
               "a part of something else is found out", p.words)
        p.pull()
        tap.equal(p.read("config.json"), CONFIG, "and gone the next time")
    for files, words in (({"config.json": CONFIG + b" "}, "a longer file"),
                         ({"config.json": CONFIG[:-1]}, "a shorter file")):
        with Pull(files) as p:
            tap.ok(p.pull() == 1 and "this is another file" in p.words and
                   not os.listdir(p.dir), f"{words} is refused", p.words)
    with Pull({"config.json": CONFIG[:200]}) as p:
        p.write("config.json.part", CONFIG[:300])
        tap.ok(p.pull() == 1 and p.asked() == ["bytes=300-", None],
               "a part that is longer than the file is begun anew", p.asked())
    with Pull() as p:
        p.write("config.json", b"{}")
        tap.ok(p.pull() == 1 and "move it away" in p.words and
               p.read("config.json") == b"{}" and not p.server.seen,
               "a file of somebody else stays", p.words)
    with Pull({}) as p:
        new = os.path.join(p.dir, "new")
        tap.ok(p.pull(to=new) == 1 and "answers 404" in p.words and
               not os.path.exists(new), "of what brought nothing nothing stays",
               p.words)
        os.mkdir(new)
        p.pull(to=new)
        tap.equal(os.listdir(new), [], "but a directory that was there")
    with Pull() as p:
        new = os.path.join(p.dir, "new")
        p.pull(to=new)
        tap.equal(sorted(os.listdir(new)), sorted(FILES),
                  "what came stays, for the next time")
    with Pull() as p:
        tap.ok(p.pull("file:///etc") == 1 and not os.path.exists(
            os.path.join(p.dir, "config.json")), "only HTTP is spoken", p.words)


def main():
    tap = Tap()
    tap.equal(len(CONFIG), 762, "config.json is that of distilgpt2")
    check_whole(tap)
    check_parts(tap)
    check_others(tap)
    tap.done()


if __name__ == "__main__":
    main()
