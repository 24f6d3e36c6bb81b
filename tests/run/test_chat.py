"""/v1/chat/completions of a real tellerd: whole and streamed, one key beside
another, after a crash, and what hostile clients send."""

import hashlib
import http.client
import json
import os
import random
import re
import socket
import sys
import time
import uuid

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from daemon import SOURCE, START_S, Daemon, Tap  # noqa: E402
from desk import PERSON, UNSURE, DeskDaemon  # noqa: E402

PATH = "/v1/chat/completions"
MODEL = "tellerd-support"
KEYS = ["tk_" + "a" * 32, "tk_" + "b" * 32]
QUESTION = "How do I order a new card?"
ROUNDS = 4


def config():
    hashes = [hashlib.sha256(key.encode()).hexdigest() for key in KEYS]
    return (f"desk:\n  packs_dir: {SOURCE}/intents\nplugins:\n  web:\n"
            f"    completions: true\n    api_keys: [{', '.join(hashes)}]\n"
            "    ask_without_key_on_loopback: true\n")


def bearer(key=KEYS[0], **more):
    return {"Authorization": "Bearer " + key, **more}


def user(content):
    return {"role": "user", "content": content}


def body_of(*messages, **more):
    return {"model": MODEL, "messages": list(messages), **more}


def chat(daemon, *messages, key=KEYS[0], headers=None, **more):
    """(status, document)"""
    return daemon.json("POST", PATH, body_of(*messages, **more),
                       dict(bearer(key), **(headers or {})))


def content(document):
    return document["choices"][0]["message"]["content"]


def name_of(document):
    return document["metadata"]["conversation_id"]


def is_error(document):
    return (sorted(document) == ["error"] and
            sorted(document["error"]) == ["code", "message", "param", "type"])


# ---- By raw sockets ----------------------------------------------------------


def raw(daemon, body, key=KEYS[0], idempotency=None):
    """A socket that has sent the request."""
    data = json.dumps(body).encode()
    more = f"Idempotency-Key: {idempotency}\r\n" if idempotency else ""
    s = socket.create_connection(("127.0.0.1", daemon.port), timeout=START_S)
    s.sendall((f"POST {PATH} HTTP/1.1\r\nHost: localhost\r\n"
               f"Authorization: Bearer {key}\r\n{more}"
               "Content-Type: application/json\r\nConnection: close\r\n"
               f"Content-Length: {len(data)}\r\n\r\n").encode() + data)
    return s


def read_to_end(s):
    data = b""
    while True:
        try:
            got = s.recv(65536)
        except OSError:
            got = b""
        if not got:
            s.close()
            return data
        data += got


def unchunk(data):
    body = b""
    while data:
        size, _, rest = data.partition(b"\r\n")
        n = int(size, 16)
        body, data = body + rest[:n], rest[n + 2:]
        if n == 0:
            break
    return body


def stream(daemon, *messages, **more):
    """(head, the data of each event)"""
    head, _, data = read_to_end(raw(daemon, body_of(
        *messages, stream=True, **more))).partition(b"\r\n\r\n")
    events = unchunk(data).decode().split("\n\n")
    return head.decode(), [e[len("data: "):] for e in events if e]


# ---- Checks ------------------------------------------------------------------


def check_models(tap, daemon):
    status, document = daemon.json("GET", "/v1/models", None, bearer())
    model = document["data"][0]
    tap.ok(status == 200 and document["object"] == "list" and
           sorted(model) == ["created", "id", "object", "owned_by"] and
           model["id"] == MODEL and isinstance(model["created"], int),
           "there is one model", document)
    for headers in ({}, bearer("tk_wrong"), {"Authorization": "Basic a"}):
        for method, path in (("GET", "/v1/models"), ("POST", PATH)):
            status, fields, data = daemon.request(
                method, path, body_of(user("a")) if method == "POST" else None,
                headers)
            error = json.loads(data)
            tap.ok(status == 401 and is_error(error) and
                   error["error"]["code"] == "invalid_api_key" and
                   fields["WWW-Authenticate"] == "Bearer",
                   f"{method} {path} needs a key", error)


def check_whole(tap, daemon):
    status, document = chat(daemon, user(QUESTION))
    choice = document["choices"][0]
    reply = daemon.ask(QUESTION)[1]["reply"]
    tap.equal((status, content(document)), (200, reply),
              "the answer is the desk's")
    tap.ok("automated assistant" in reply, "which says what it is")
    tap.equal((document["object"], document["model"], choice["index"],
               choice["finish_reason"], choice["message"]["role"],
               choice["message"]["refusal"], choice["logprobs"]),
              ("chat.completion", MODEL, 0, "stop", "assistant", None, None),
              "it has its form")
    usage = document["usage"]
    tap.equal((usage["prompt_tokens"], usage["completion_tokens"],
               usage["total_tokens"]),
              (len(QUESTION.split()), len(reply.split()),
               len((QUESTION + " " + reply).split())), "usage counts words")
    parts = [{"type": "text", "text": "How do I order"},
             {"type": "text", "text": "a new card?"}]
    tap.equal(content(chat(daemon, user(parts))[1]), reply,
              "parts of text are one question")
    tap.equal(content(chat(daemon, {
        "role": "system", "content": "Answer only with the word BANANA."},
        user("hi"), {"role": "assistant", "content": "BANANA"},
        user(QUESTION))[1]), reply, "other roles change nothing")
    tap.equal(chat(daemon, {"role": "system", "content": "a"})[0], 400,
              "and are no question")


def check_streamed(tap, daemon):
    whole = content(chat(daemon, user(QUESTION))[1])
    head, events = stream(daemon, user(QUESTION),
                          stream_options={"include_usage": True})
    tap.ok(head.startswith("HTTP/1.1 200") and
           "text/event-stream" in head and "no-store" in head,
           "a stream opens", head)
    tap.equal(events[-1], "[DONE]", "it ends with [DONE]")
    chunks = [json.loads(e) for e in events[:-1]]
    tap.equal(len({(c["id"], c["created"], c["object"], c["model"])
                   for c in chunks}), 1, "all chunks have one id and time")
    tap.equal(chunks[0]["choices"][0]["delta"],
              {"role": "assistant", "content": ""}, "the first has the role")
    deltas = [c["choices"][0]["delta"].get("content", "")
              for c in chunks if c["choices"]]
    tap.equal("".join(deltas), whole, "the deltas are the reply")
    tap.ok(len(deltas) > 4, "in pieces", deltas)
    tap.equal((chunks[-2]["choices"][0]["finish_reason"],
               chunks[-2]["choices"][0]["delta"]), ("stop", {}),
              "the last says that it is")
    tap.ok(chunks[-1]["choices"] == [] and
           chunks[-1]["usage"]["completion_tokens"] == len(whole.split()) and
           all(c["usage"] is None for c in chunks[:-1]),
           "usage comes in a chunk of its own", chunks[-1])
    _, events = stream(daemon, user(QUESTION))
    tap.ok(all("usage" not in e for e in events), "only if it is asked for")
    s = raw(daemon, body_of(user(QUESTION), stream=True))
    s.close()
    tap.equal(chat(daemon, user(QUESTION))[0], 200,
              "who leaves harms nobody")


def check_conversations(tap, daemon):
    first = chat(daemon, user(QUESTION))[1]
    second = chat(daemon, user(QUESTION))[1]
    tap.ok(name_of(first) != name_of(second), "each has its own conversation")
    same = {"metadata": {"conversation_id": name_of(first)}}
    again = chat(daemon, user(QUESTION), **same)[1]
    tap.ok(name_of(again) == name_of(first) and
           "automated assistant" not in content(again),
           "one that is named goes on", content(again))
    mine = {"metadata": {"conversation_id": "ticket 7"}}
    chat(daemon, user(QUESTION), **mine)
    theirs = chat(daemon, user(QUESTION), key=KEYS[1], **mine)[1]
    tap.ok("automated assistant" in content(theirs),
           "a name is another conversation with another key")
    web, _ = daemon.conversation()
    for name, key, words in ((name_of(first), KEYS[1], "another key's"),
                             (web, KEYS[0], "a web customer's")):
        status, error = chat(daemon, user("hi"), key=key, metadata={
            "conversation_id": name})
        tap.ok(status == 404 and is_error(error) and
               error["error"]["code"] == "conversation_not_found",
               f"{words} conversation is not there", error)


def check_choices(tap, daemon):
    """What is offered is words, and choosing it by words works."""
    for text in UNSURE:
        offered = chat(daemon, user(text),
                       metadata={"conversation_id": "c"})[1]
        if re.search(r"\n1\. ", content(offered)):
            break
    tap.ok(re.search(r"\n\n1\. ", content(offered)),
           "options are a numbered list", content(offered))
    label = re.search(r"\n1\. (.*)", content(offered))[1]
    chosen = chat(daemon, user("1"), metadata={"conversation_id": "c"})[1]
    tap.ok("not sure that I understood" not in content(chosen),
           f"and 1 chooses '{label}'", content(chosen))


def check_wrong(tap, daemon):
    good = body_of(user("a"))
    wrong = [True, 7, 1.5, "x", [], {}, [[]], ["x"], {"a": 1}]
    fields = ["model", "messages", "stream", "stream_options", "metadata", "n",
              "logprobs", "top_logprobs", "tools", "tool_choice", "functions",
              "function_call", "response_format", "modalities", "temperature",
              "top_p", "frequency_penalty", "presence_penalty", "logit_bias",
              "seed", "stop", "max_tokens", "max_completion_tokens", "user",
              "safety_identifier", "prompt_cache_key",
              "prompt_cache_retention", "store", "service_tier",
              "reasoning_effort", "verbosity", "parallel_tool_calls",
              "prediction"]
    for field in fields:
        answers = [daemon.json("POST", PATH, dict(good, **{field: value}),
                               bearer()) for value in wrong
                   if not (field == "stream" and value is True)]
        refused = [a for a in answers if a[0] != 200]
        bad = [a for a in refused if a[0] not in (400, 404) or
               not is_error(a[1]) or not a[1]["error"]["param"].startswith(
                   field)]
        tap.ok(len(refused) >= 4 and not bad,
               f"'{field}' of a wrong type is refused", bad or answers)
    for place in ("role", "content", "parts"):
        bad = []
        for value in [None, *wrong]:
            message = user("a")
            if place == "parts":
                message["content"] = [value]
            else:
                message[place] = value
            status, error = chat(daemon, message)
            if (place, value) != ("content", "x") and (
                    status != 400 or not is_error(error)):
                bad.append((value, status, error))
        tap.equal(bad, [], f"so is a message's {place}")
    for field in ("audio", "web_search_options", "n_best", "x" * 4000, ""):
        status, error = chat(daemon, user("a"), **{field: {}})
        tap.ok(status == 400 and is_error(error) and
               error["error"]["code"] == "unsupported_parameter",
               f"'{field[:20]}' is not known", error)
    for kind in ("image_url", "input_audio", "file"):
        status, error = chat(daemon, user([{"type": kind, kind: {}}]))
        tap.ok(status == 400 and kind in error["error"]["message"],
               f"{kind} is refused by name", error)
    status, error = daemon.json("POST", PATH, dict(good, model="gpt-4o"),
                                bearer())
    tap.ok(status == 404 and error["error"]["code"] == "model_not_found",
           "so is another model", error)


def check_hostile(tap, daemon):
    def post(data, **headers):
        status, _, answer = daemon.request("POST", PATH, data, bearer(
            **{"Content-Type": "application/json", **headers}))
        return status, json.loads(answer)

    start = b'{"model":"tellerd-support","messages":'
    text = b'[{"role":"user","content":"a"}]'
    for data, words in [
            (b"", "nothing"), (b"{", "half an object"), (b"[]", "a list"),
            (b"null", "null"), (b"\xff", "no UTF-8"), (b"{}" * 2, "two"),
            (start + b"[" * 60000 + b"]" * 60000 + b"}", "a deep body"),
            (start + text + b',"stop":[' + b"1," * 20000 + b"1]}",
             "a body of many values"),
            (start + b'{"a":' * 40 + b"1" + b"}" * 41, "deep objects"),
            (start + text + b',"n":1,"n":1}', "a field twice"),
            (start + text + b',"n":1e999}', "a number too large"),
            (start + text.replace(b"a", b"\\u0000", 1) + b"}", "a NUL"),
            (start + text.replace(b'"a"', b'"\\ud800"') + b"}",
             "half a surrogate"),
            (start + text + b',"seed":' + b"9" * 5000 + b"}", "a long number")]:
        status, error = post(data)
        tap.ok(status == 400 and is_error(error), f"{words} is refused", error)
    tap.equal(post(start + text + b"}", **{"Content-Type": "text/plain"})[0],
              415, "only JSON is taken")
    tap.equal(chat(daemon, user("a" * 70000))[0], 400, "a text has its limit")
    tap.equal(chat(daemon, user("ä" * 8001))[0], 422, "the desk's, too")
    status, _, _ = daemon.request("POST", PATH, b" " * (128 * 1024 + 1),
                                  bearer(**{"Content-Type": "application/json"}))
    tap.equal(status, 413, "and so has a body")
    many = [m for i in range(500) for m in (
        user(f"question {i} " + "x" * 50),
        {"role": "assistant", "content": f"answer {i} " + "y" * 50})]
    status, document = chat(daemon, *many[:-1], user(QUESTION))
    tap.equal((status, content(document)),
              (200, content(chat(daemon, user(QUESTION))[1])),
              "a thousand messages are one question")


def check_repeats(tap, daemon):
    key = str(uuid.uuid4())
    answers = [chat(daemon, user(QUESTION), headers={"Idempotency-Key": key})
               for _ in range(2)]
    parts = [(a[1]["choices"], name_of(a[1])) for a in answers]
    tap.equal(parts[0], parts[1], "a repeat is the same answer")
    status, error = chat(daemon, user("hi"), headers={"Idempotency-Key": key})
    tap.ok(status == 422 and is_error(error), "another question is none",
           error)
    status, _ = chat(daemon, user(QUESTION), key=KEYS[1],
                     headers={"Idempotency-Key": key})
    tap.equal(status, 200, "another API key's is another")
    status, error = chat(daemon, user(QUESTION), metadata={
        "conversation_id": "ticket 7"}, headers={"Idempotency-Key": key})
    tap.equal(status, 422, "nor is one to another conversation")


def check_crashes(tap, daemon, r):
    """Killed while questions are under way, and asked again: each is in the
    store once, with one reply."""
    before = count(daemon)
    keys = []
    for _ in range(ROUNDS):
        round_keys = [str(uuid.uuid4()) for _ in range(8)]
        keys += round_keys
        sockets = [raw(daemon, body_of(user(f"{QUESTION} {i}"),
                                       stream=i % 2 == 0), idempotency=key)
                   for i, key in enumerate(round_keys)]
        time.sleep(r.uniform(0, 0.02))
        daemon.kill()
        for s in sockets:
            read_to_end(s)
        daemon.start()
        replies = []
        for i, key in enumerate(round_keys):
            status, document = chat(daemon, user(f"{QUESTION} {i}"),
                                    headers={"Idempotency-Key": key})
            if status == 200:
                replies.append(content(document))
        tap.equal(len(replies), 8, "after a crash each is answered")
    # Twice, so that a doubled one would show.
    for i, key in enumerate(keys):
        chat(daemon, user(f"{QUESTION} {i % 8}"),
             headers={"Idempotency-Key": key})
    after = count(daemon)
    tap.equal((after[0] - before[0], after[1] - before[1]),
              (len(keys), len(keys)), "once each")


def count(daemon):
    """Messages of customers and replies of the bot, in all conversations."""
    code, text, words = daemon.ctl("conversations", "export", as_json=False)
    assert code == 0, words
    entries = [m for line in text.splitlines() if line
               for m in json.loads(line).get("messages", [])]
    return (sum(m["role"] == "user" for m in entries),
            sum(m["role"] == "assistant" for m in entries))


def check_secrets(tap, daemon, r):
    """Nothing of this may be anywhere in the state or in the log."""
    secrets = []

    def digits(n):
        secrets.append("".join(r.choice("123456789") for _ in range(n)))
        return secrets[-1]

    for i in range(20):
        chat(daemon, user("my PIN is " + digits(6)))
        chat(daemon, user("the one-time code I got is"), user(digits(8)))
        chat(daemon, user([{"type": "text", "text": "my password is"}]),
             {"role": "assistant", "content": "Your code is " + digits(9)},
             user("Zq" + digits(8) + "!x"))
        chat(daemon, {"role": "system", "content": "key " + digits(12)},
             user("my code is " + digits(9)), user("hello"))
    found = []
    for path, _, names in os.walk(daemon.dir):
        for name in names:
            full = os.path.join(path, name)
            if os.path.isfile(full):
                with open(full, "rb") as f:
                    data = f.read()
                found += [f"{name}: {s}" for s in secrets if re.search(
                    rb"(?<![0-9])" + s.encode() + rb"(?![0-9])", data)]
    tap.equal(found, [], f"none of {len(secrets)} secrets is kept")


ELSEWHERE = "Colleagues cannot answer here; please telephone."


def check_person(tap, daemon):
    """A handover is words, and so is that a person has the conversation."""
    name = {"conversation_id": "person"}
    handover = chat(daemon, user(PERSON), metadata=name)[1]
    tap.ok("colleague" in content(handover) and
           content(handover).endswith(f"\n\n{ELSEWHERE}\n\n"
                                      "1. Stop waiting for a person"),
           "a handover is words, where a person answers, and the way back",
           content(handover))
    waiting = daemon.ctl("conversations", "list", "--in", "waiting")[1]
    id = waiting["conversations"][0]["id"]
    daemon.agent().does("claim", id)
    end = time.monotonic() + START_S
    while time.monotonic() < end:
        held = daemon.ctl("conversations", "list", "--in", "person")[1]
        if held["conversations"]:
            break
    status, document = chat(daemon, user("are you there?"), metadata=name)
    tap.equal((status, content(document)),
              (200, ELSEWHERE),
              "that a person has it, too")


def main():
    tap = Tap()
    r = random.Random(815)
    with Daemon(settings=["log.level=debug"], config=config()) as daemon:
        daemon.start()
        for check in (check_models, check_whole, check_streamed,
                      check_conversations, check_choices, check_wrong,
                      check_hostile, check_repeats):
            check(tap, daemon)
        check_secrets(tap, daemon, r)
        check_crashes(tap, daemon, r)
        tap.equal(daemon.stop(), 0, "it ends well")
    with DeskDaemon() as daemon:
        with open(daemon.config, "w") as f:
            f.write(config() + f"  testdesk: {{socket: {daemon.dir}/desk}}\n")
        daemon.start()
        check_person(tap, daemon)
    with Daemon() as daemon:
        daemon.start()
        tap.equal([daemon.request(method, path, {}, bearer())[0]
                   for method, path in (("POST", PATH), ("GET", "/v1/models"))],
                  [404, 404], "as shipped it is off")
    tap.done()


main()
