"""The generator in tellerd: drafts for agents, of a small model made here that
says one word for ever, which must be nowhere but in a draft."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import test_model_run as small  # noqa: E402
from daemon import CTL_S, SOURCE, START_S, TOP, Daemon, Tap, until  # noqa: E402
from test_model import LESSON, learn, write_vocab  # noqa: E402

CANARY = "QQQQQQQQ"
# Tokens that take a while, also where everything takes ten times as long.
LONG = 1500 if os.environ.get("SANITIZERS") == "thread" else 7000
QUESTIONS = ["How do I order a new card?", "what does an overdraft cost",
             "card limit", "qwertz uiopasd", "hello", "Talk to a person"]


def make_model(directory, width=64, positions=2048, token="Q"):
    """Whatever came before, that token is next: the last norm gives its bias, and of
    all tokens that one lies in its direction."""
    small.WIDTH, small.POSITIONS = width, positions
    weights = small.make_weights()
    vocab, merges = learn(LESSON, small.VOCAB - 257)
    write_vocab(directory, vocab, merges)
    weights["ln_f.weight"] = ([width], [0.0] * width)
    weights["ln_f.bias"] = ([width], [1.0] + [0.0] * (width - 1))
    wte = weights["wte.weight"][1]
    wte[vocab[token] * width] = 50.0
    small.write_model(directory, weights)
    return directory


def settings(model, **more):
    return [f"generator.{name}={value}" for name, value in
            {"mode": "draft", "model": model, "deadline": "1 h", **more}.items()]


def wait_until(is_so):
    found = until(is_so)
    if not found:
        raise RuntimeError("it does not come to that")
    return found


def state_of(daemon):
    return daemon.ctl("status")[1]["generator"]


def wait_loaded(daemon):
    return wait_until(lambda: state_of(daemon).get("state") == "ready" and
                      state_of(daemon))


def draft(daemon, conversation):
    return daemon.ctl("conversations", "draft", conversation)


def find(top, text):
    found = []
    for path, _, names in os.walk(top):
        for name in names:
            full = os.path.join(path, name)
            if os.path.isfile(full):
                with open(full, "rb") as f:
                    if text.encode() in f.read():
                        found.append(name)
    return found


# ---- What is refused ---------------------------------------------------------


def check_config(path, text):
    """(exit code, what was said)"""
    with open(path, "w") as f:
        f.write(text)
    run = subprocess.run(
        [os.path.join(TOP, "tellerd"), "--config", path, "--set",
         f"desk.packs_dir={SOURCE}/intents", "--check-config"],
        capture_output=True, timeout=120)
    return run.returncode, (run.stdout + run.stderr).decode()


def break_models(model, directory):
    """(name, path of a model that is broken so, what the words name)"""
    def copy(name):
        return shutil.copytree(model, os.path.join(directory, name))

    yield "a directory that is not there", os.path.join(directory, "no"), "no"
    for name in ("config.json", "model.safetensors", "vocab.json",
                 "merges.txt"):
        path = copy("without-" + name)
        os.unlink(os.path.join(path, name))
        yield f"one without {name}", path, name
    path = copy("half")
    with open(os.path.join(path, "model.safetensors"), "r+b") as f:
        f.truncate(os.path.getsize(f.name) // 2)
    yield "one that is cut off", path, "model.safetensors"
    path = copy("nan")
    with open(os.path.join(path, "model.safetensors"), "r+b") as f:
        f.seek(-4, 2)
        f.write(b"\x00\x00\xc0\x7f")
    yield "one with a weight that is no number", path, "model.safetensors"
    path = copy("vocab")
    with open(os.path.join(path, "vocab.json"), "w") as f:
        f.write("{")
    yield "one with half a vocabulary", path, "vocab.json"
    path = copy("shape")
    with open(os.path.join(path, "config.json"), "w") as f:
        json.dump({"model_type": "bert"}, f)
    yield "one of another kind", path, "config.json"


def check_refusals(tap, model, directory):
    path = os.path.join(directory, "tellerd.yaml")

    def said(*lines):
        return check_config(path, "generator:\n" + "".join(
            f"  {line}\n" for line in lines))

    code, words = said("mode: draft", f"model: {model}")
    tap.ok(code == 0, "a good model is good", words)
    for what, broken, name in break_models(model, directory):
        code, words = said("mode: draft", f"model: {broken}")
        tap.ok(code == 1 and f"{path}:3: 'generator.model'" in words and
               name in words, f"{what} is refused, with its line", words)
    code, words = said("mode: verified", f"model: {model}")
    tap.ok(code == 1 and f"{path}:2: 'generator.mode'" in words and
           "not there yet" in words, "verified is refused in words", words)
    code, words = said("mode: draft")
    tap.ok(code == 1 and f"{path}:2:" in words and "generator.model" in words,
           "draft needs a model", words)
    code, words = said("mode: draft", f"model: {model}", "max_tokens: 2048")
    tap.ok(code == 1 and f"{path}:4: 'generator.max_tokens'" in words,
           "a draft leaves room for its prompt", words)
    code, words = said("mode: draft", f"model: {model}", "max_tokens: 900",
                       "kv_type: f32", "kv_memory: 1 MiB")
    tap.ok(code == 1 and f"{path}:6: 'generator.kv_memory'" in words and
           "2 MiB are enough" in words,
           "so does the memory for keys and values", words)
    code, words = said("mode: draft", f"model: {model}", "max_tokens: 900",
                       "kv_type: f32", "kv_memory: 2 MiB")
    tap.ok(code == 0, "as much as it says is enough", words)
    tap.equal(said("mode: off", "model: /nowhere")[0], 0,
              "switched off, it is not looked for")
    with Daemon(settings=settings(model, mode="verified")) as daemon:
        daemon.start(wait=False)
        tap.ok(daemon.process.wait(timeout=START_S) == 1 and
               "not there yet" in daemon.log(), "nor does it start so",
               daemon.log())


# ---- What is there -----------------------------------------------------------


def check_draft(tap, daemon, conversation):
    code, result, words = draft(daemon, conversation)
    tap.ok(code == 0 and CANARY in result["draft"], "there is a draft",
           words or result)
    tap.equal(sorted(result), ["approved", "conversation", "cut", "draft",
                               "entries", "new_tokens", "prompt_tokens"],
              "it has all its members")
    tap.ok(result["approved"] is False and result["cut"] is True and
           result["new_tokens"] == 160 and
           result["conversation"] == conversation, "it says what it is",
           result)
    tap.ok(result["entries"] and all(
        sorted(e) == ["id", "title", "version"] for e in result["entries"]),
        "with the entries it had", result["entries"])
    tap.equal(draft(daemon, conversation)[1], result, "again it is the same")
    code, text, _ = daemon.ctl("conversations", "draft", conversation,
                               as_json=False)
    tap.ok(code == 0 and text.startswith("DRAFT") and
           "approved by nobody" in text and CANARY in text and
           result["entries"][0]["id"] in text, "for people, too", text)
    tap.equal([line[:4] for line in text.splitlines() if CANARY in line],
              ["    "], "to whom no line of it can pass for one of ours")
    code, result, words = draft(daemon, "cnv_" + "0" * 22)
    tap.ok(code == 1 and "there is no conversation" in words,
           "of no conversation there is none", words)
    empty, _ = daemon.conversation()
    code, _, words = draft(daemon, empty)
    tap.ok(code == 1 and "nothing yet" in words,
           "nor of one in which nothing was said", words)


def check_room(tap, model):
    """What does not fit is left out, but for the entries."""
    question = QUESTIONS[0] + " " + " ".join(f"{n:x}" for n in range(900))
    small_memory = settings(model, kv_type="f32", kv_memory="1536 KiB")
    with Daemon(settings=small_memory) as daemon:
        daemon.start()
        wait_loaded(daemon)
        conversation = daemon.ask(question)[1]["conversation"]
        code, result, words = draft(daemon, conversation)
        tap.ok(code == 0 and result["entries"] and
               1024 < result["prompt_tokens"] <= 1536 - 160,
               "a prompt has no more tokens than there is memory for",
               words or result)
    with Daemon(settings=settings(model, max_tokens=1790)) as daemon:
        daemon.start()
        wait_loaded(daemon)
        conversation = daemon.ask(QUESTIONS[0])[1]["conversation"]
        code, _, words = draft(daemon, conversation)
        tap.ok(code == 1 and "too long for a draft" in words and
               "258 tokens" in words,
               "no draft where there are entries but no room for one", words)


def check_controls(tap, directory):
    """Of a model that says ESC for ever, U+011B in a vocabulary of bytes."""
    model = make_model(tempfile.mkdtemp(dir=directory), token="\u011b")
    with Daemon(settings=settings(model)) as daemon:
        daemon.start()
        wait_loaded(daemon)
        conversation = daemon.ask(QUESTIONS[0])[1]["conversation"]
        code, result, words = draft(daemon, conversation)
        tap.ok(code == 0 and result["new_tokens"] == 160 and
               result["draft"] == "", "a draft has no control characters",
               words or result)


def check_numbers(tap, daemon):
    now = state_of(daemon)
    tap.ok(now["mode"] == "draft" and now["taken"] >= 3 and
           now["new_tokens"] >= 480 and now["prompt_tokens_kept"] > 0 and
           now["model_bytes"] > 0 and now["engine_bytes"] > 0,
           "status counts them", now)
    _, text, _ = daemon.ctl("status", as_json=False)
    tap.ok("generator   drafts, ready" in text, "and says it in words", text)
    metrics = daemon.request("GET", "/metrics")[2].decode()
    lines = dict(line.rsplit(" ", 1) for line in metrics.splitlines()
                 if line.startswith("tellerd_generator"))
    tap.ok(lines["tellerd_generator_ready"] == "1" and
           float(lines["tellerd_generator_tokens_total"]) >= 480 and
           float(lines['tellerd_generator_requests_total{end="length"}']) >= 3
           and float(lines["tellerd_generator_first_token_seconds_count"]) >= 3
           and float(lines['tellerd_generator_prompt_tokens_total'
                           '{from="cache"}']) > 0,
           "so do metrics", lines)
    tap.ok("generator: ready after" in daemon.log() and
           "memory: generator 64 MiB" in daemon.log(),
           "the plan of memory has it", daemon.log())


def check_threads(tap, daemon):
    """By name; the nice value is field 19 of stat, names may hold blanks."""
    nice = {}
    tasks = f"/proc/{daemon.process.pid}/task"
    for task in os.listdir(tasks):
        with open(f"{tasks}/{task}/comm") as name, \
                open(f"{tasks}/{task}/stat") as stat:
            nice[name.read().strip()] = int(
                stat.read().rpartition(")")[2].split()[16])
    ours = [v for n, v in nice.items() if n.startswith("model")]
    others = [v for n, v in nice.items()
              if n.startswith(("tellerd", "turn", "store", "work", "command"))]
    own = os.nice(0)  # what we were started with, as who runs us may be nice
    tap.ok(ours and others and set(ours) == {max(own, 10)} and
           set(others) == {own},
           "its threads yield to the others'", nice)


def check_reload(tap, daemon):
    with open(daemon.config, "a") as f:
        f.write("generator:\n  queue: 9\n")
    code, result, words = daemon.ctl("reload")
    tap.ok(code == 0 and "generator.queue: changed, takes effect at the next "
           "start" in result["notes"], "a change waits for a start",
           words or result)


def replies(daemon):
    """What customers get to the questions, on each channel."""
    got = []
    for question in QUESTIONS:
        got.append(daemon.ask(question)[1]["reply"])
        got.append(daemon.ctl("ask", question)[1]["reply"])
    return got


def check_without_model(tap, directory):
    """Customers are served, whatever became of the generator's model."""
    path = os.path.join(directory, "gone")
    with Daemon(settings=settings(path)) as daemon:
        daemon.start()
        conversation = daemon.ask(QUESTIONS[0])[1]["conversation"]
        tap.ok(conversation, "a desk whose model is gone answers")
        wait_until(lambda: state_of(daemon).get("state") == "failed")
        state = state_of(daemon)
        tap.ok(path in state["words"] and path in daemon.log(),
               "status and the log say why there are no drafts", state)
        code, _, words = draft(daemon, conversation)
        tap.ok(code == 1 and path in words, "so is who asks for one", words)


def check_converted(tap, model, directory):
    """The same model as one file says the same."""
    path = os.path.join(directory, "model.tellerd")
    code = subprocess.run(
        [os.path.join(TOP, "tellerctl"), "model", "convert", "--model", model,
         "--weights", "int8", "--output", path], capture_output=True, timeout=120)
    tap.ok(code.returncode == 0, "a model is converted", code.stderr)
    got = []
    for name in (model, path):
        with Daemon(settings=settings(name)) as daemon:
            daemon.start()
            wait_loaded(daemon)
            conversation = daemon.ask(QUESTIONS[0])[1]["conversation"]
            got.append(draft(daemon, conversation)[1]["draft"])
    tap.ok(got[0] == got[1] and CANARY in got[0],
           "and drafts from that file are the same", got)
    yaml = os.path.join(directory, "tellerd.yaml")
    code, words = check_config(yaml, "generator:\n  mode: draft\n"
                               f"  model: {path}\n  weights: f32\n")
    tap.ok(code == 1 and f"{yaml}:3: 'generator.model'" in words and
           path in words, "other weights than it has are refused", words)
    with open(path, "r+b") as f:
        f.seek(-5000, 2)
        byte = f.read(1)
        f.seek(-5000, 2)
        f.write(bytes([byte[0] ^ 1]))
    code, words = check_config(yaml, "generator:\n  mode: draft\n"
                               f"  model: {path}\n")
    tap.ok(code == 1 and f"{yaml}:3: 'generator.model'" in words,
           "so is one with a bit that fell over", words)


def check_customers(tap, model):
    """In every mode they get the same, and never a word of the model."""
    with Daemon() as daemon:
        daemon.start()
        expected = replies(daemon)
        conversation = daemon.ask(QUESTIONS[0])[1]["conversation"]
        code, _, words = draft(daemon, conversation)
        tap.ok(code == 1 and "generator.mode is off" in words,
               "as shipped there are no drafts", words)
        tap.equal(state_of(daemon), {"mode": "off"}, "and no generator")
        tap.ok("no generator" in daemon.log(), "nor memory for it")
        daemon.stop()
        tap.equal(draft(daemon, conversation)[0], 3,
                  "without a daemon there is none")
    with Daemon(settings=settings(model)) as daemon:
        daemon.start()
        wait_loaded(daemon)
        ids = []
        for question in QUESTIONS:
            id, auth = daemon.conversation()
            daemon.send(id, auth, question)
            wait_until(lambda: len(daemon.history(id, auth)) > 1)
            ids.append((id, auth))
        drafts = [draft(daemon, id)[1]["draft"] for id, _ in ids]
        tap.ok(all(CANARY in d for d in drafts), "each has a draft", drafts)
        tap.equal(replies(daemon), expected,
                  "customers get what they would get without a generator")
        said = [daemon.history(id, auth) for id, auth in ids]
        tap.ok(CANARY not in json.dumps(said), "no draft is in what was said")
        tap.equal(find(daemon.dir, CANARY), [],
                  "nor anywhere in the state or the log, while it runs")
        daemon.stop()
        tap.equal(find(daemon.dir, CANARY), [], "nor after its end")
        with open(os.path.join(daemon.dir, "control"), "w") as f:
            f.write(CANARY)
        tap.equal(find(daemon.dir, CANARY), ["control"],
                  "the search finds what is there")


# ---- Under load --------------------------------------------------------------


def ask_many(daemon, conversation, n):
    """(exit code, words) of so many drafts at once."""
    results = []

    def run():
        code, _, words = draft(daemon, conversation)
        results.append((code, words))

    threads = [threading.Thread(target=run) for _ in range(n)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    return results


def begin_draft(daemon, conversation):
    """A tellerctl that waits for one."""
    return subprocess.Popen(
        [os.path.join(TOP, "tellerctl"), "--config", daemon.config,
         "--state", daemon.state, "conversations", "draft", conversation],
        env=daemon.env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def give_up(daemon, processes):
    for process in processes:
        process.kill()
        process.communicate()
    wait_until(lambda: not state_of(daemon)["running"] and
               not state_of(daemon)["waiting"])


def cancelled(daemon):
    """How many drafts ended so."""
    metrics = daemon.request("GET", "/metrics")[2].decode()
    return int(re.search(r'^tellerd_generator_requests_total'
                         r'\{end="cancelled"\} (\d+)$', metrics, re.M)[1])


def check_crowd(tap, daemon, conversation):
    """One is served and one waits for it.  How long that takes is nobody's to
    say: the engine's threads are nice, and leave a busy machine to others."""
    crowd = [begin_draft(daemon, conversation) for _ in range(10)]
    wait_until(lambda: state_of(daemon)["running"])
    answers = [daemon.ask(q)[0] for q in QUESTIONS]
    tap.equal(answers, [200] * len(QUESTIONS), "turns go on while it generates")
    until(lambda: sum(p.poll() is None for p in crowd) <= 2, CTL_S)
    busy = [p.communicate()[1].decode() for p in crowd if p.poll()]
    tap.ok(0 < len(busy) < 10 and all("is busy" in w or "too much else"
                                      in w for w in busy),
           "who comes too many is told that it is busy", busy)
    give_up(daemon, [p for p in crowd if p.poll() is None])


def check_gone(tap, daemon, conversation):
    """Left alone, its draft would come to its end, which is another."""
    before = cancelled(daemon)
    process = begin_draft(daemon, conversation)
    wait_until(lambda: state_of(daemon)["running"])
    give_up(daemon, [process])
    tap.equal(cancelled(daemon), before + 1,
              "a draft whose reader went away is given up")


def check_load(tap, model):
    long = settings(model, max_tokens=LONG, parallel=1, queue=1, lookup=0)
    with Daemon(settings=long) as daemon:
        daemon.start()
        wait_loaded(daemon)
        conversation = daemon.ask(QUESTIONS[0])[1]["conversation"]
        check_crowd(tap, daemon, conversation)
        check_gone(tap, daemon, conversation)
        # An end while one is under way.
        thread = threading.Thread(target=lambda: seen.extend(
            ask_many(daemon, conversation, 1)))
        seen = []
        thread.start()
        wait_until(lambda: state_of(daemon)["running"])
        tap.equal(daemon.stop(), 0, "it ends while a draft is under way")
        thread.join()
        tap.ok(seen[0][0] in (0, 1) and (
            seen[0][0] == 0 or "stopping" in seen[0][1]), "which is told so",
            seen)
    short = settings(model, max_tokens=LONG, lookup=0, deadline="100 ms")
    with Daemon(settings=short) as daemon:
        daemon.start()
        wait_loaded(daemon)
        conversation = daemon.ask(QUESTIONS[0])[1]["conversation"]
        code, _, words = draft(daemon, conversation)
        tap.ok(code == 1 and "no draft within 100 ms" in words,
               "there is a deadline", words)


def check_kill(tap, model):
    with Daemon(settings=settings(model, max_tokens=LONG, lookup=0)) as daemon:
        daemon.start()
        wait_loaded(daemon)
        id, auth = daemon.conversation()
        acknowledged = []
        for n in range(3):
            thread = threading.Thread(target=ask_many, args=(
                daemon, daemon.ask(QUESTIONS[0])[1]["conversation"], 2))
            thread.start()
            wait_until(lambda: state_of(daemon)["running"])
            status, document = daemon.send(id, auth, QUESTIONS[n], f"k{n}")
            if status == 202:
                acknowledged.append(document["id"])
            daemon.kill()
            thread.join()
            daemon.start()
            wait_loaded(daemon)
        wait_until(lambda: all(
            any(a in m.get("in_reply_to", []) for m in daemon.history(id, auth))
            for a in acknowledged))
        messages = daemon.history(id, auth)
        tap.equal([m["id"] for m in messages if m["author"] == "customer"],
                  acknowledged, "killed during drafts it loses nothing")
        tap.equal(len([m for m in messages if m["author"] == "bot"]), 3,
                  "and answers each once")
        tap.equal(find(daemon.dir, CANARY), [], "no draft is left on disk")


def main():
    tap = Tap()
    with tempfile.TemporaryDirectory() as directory:
        model = make_model(tempfile.mkdtemp(dir=directory))
        check_refusals(tap, model, directory)
        with Daemon(settings=settings(model)) as daemon:
            daemon.start()
            wait_loaded(daemon)
            conversation = daemon.ask(QUESTIONS[0])[1]["conversation"]
            check_draft(tap, daemon, conversation)
            check_numbers(tap, daemon)
            check_threads(tap, daemon)
            check_reload(tap, daemon)
            tap.equal(daemon.stop(), 0, "it ends well")
        check_room(tap, model)
        check_without_model(tap, directory)
        check_controls(tap, directory)
        check_converted(tap, model, directory)
        check_customers(tap, model)
        big = make_model(tempfile.mkdtemp(dir=directory), 128, 8192)
        check_load(tap, big)
        check_kill(tap, big)
    tap.done()


if __name__ == "__main__":
    main()
