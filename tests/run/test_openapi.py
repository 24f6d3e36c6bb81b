"""/openapi.json says what there is: every route of a tellerd that serves all is
in it and none else, it holds together, and real answers are as it says."""

import hashlib
import hmac
import json
import os
import re
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from daemon import SOURCE, Daemon, Tap  # noqa: E402

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
# No token of Slack's is there, so that nobody outside is asked.
CONFIG = """
desk:
  packs_dir: {source}/intents
plugins:
  web:
    page: true
    completions: true
    why: true
  slack:
    signing_secret: "file:{secret}"
    client_id: "17.42"
    client_secret: "file:{secret}"
    base_url: https://bot.example.com
    workspaces:
      acme: {{team: T0ACME001}}
"""
# Files of pages are no interface.
PAGES = ("text/html", "text/css", "text/javascript", "image/svg+xml")
ADMIN = "/v1/run"  # for tellerctl, by its socket


def routes(daemon):
    """What the server has: each route has a histogram from its beginning on,
    and answers OPTIONS with its methods."""
    text = daemon.request("GET", "/metrics")[2].decode()
    found = set()
    for path in set(re.findall(r'_request_seconds_count{route="([^"]*)"', text)):
        if path == ADMIN:
            continue
        real = path.replace("{id}", "cnv_x").replace("{message}", "msg_1")
        real = re.sub(r"{\w+}", "x", real)
        media = None
        if "{" not in path:
            media = daemon.request("HEAD", real)[1]["Content-Type"]
        if media and media.split(";")[0] in PAGES:
            continue
        allow = daemon.request("OPTIONS", real)[1]["Allow"]
        found |= {(method, path) for method in allow.split(", ")
                  if method not in ("HEAD", "OPTIONS")}
    return found


def operations(document):
    return {(method.upper(), path): operation
            for path, item in document["paths"].items()
            for method, operation in item.items()}


def follow(document, node):
    while "$ref" in node:
        at = document
        for step in node["$ref"].removeprefix("#/").split("/"):
            at = at[step]
        node = at
    return node


def references(node):
    if isinstance(node, dict):
        if "$ref" in node:
            yield node["$ref"]
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


TYPES = {"object": dict, "array": list, "string": str, "boolean": bool,
         "integer": int, "number": (int, float), "null": type(None)}


def faults(document, schema, value, at=""):
    """Where the value is not what the schema says."""
    schema = follow(document, schema)
    kinds = schema.get("type", [])
    kinds = kinds if isinstance(kinds, list) else [kinds]
    if kinds and not any(isinstance(value, TYPES[kind]) and
                         (kind == "boolean" or not isinstance(value, bool))
                         for kind in kinds):
        yield f"{at}: {value!r} is no {kinds}"
        return
    if "enum" in schema and value not in schema["enum"]:
        yield f"{at}: {value!r} is none of {schema['enum']}"
    if "const" in schema and value != schema["const"]:
        yield f"{at}: {value!r} is not {schema['const']!r}"
    if "pattern" in schema and not re.search(schema["pattern"], value):
        yield f"{at}: {value!r} does not fit {schema['pattern']}"
    if isinstance(value, dict):
        properties = schema.get("properties", {})
        for name in schema.get("required", []):
            if name not in value:
                yield f"{at}: {name} is missing"
        for name, member in value.items():
            if name in properties:
                yield from faults(document, properties[name], member,
                                  f"{at}/{name}")
            elif schema.get("additionalProperties") is False:
                yield f"{at}: {name} is not in the schema"
    if isinstance(value, list) and "items" in schema:
        for i, member in enumerate(value):
            yield from faults(document, schema["items"], member, f"{at}/{i}")


def check_form(tap, document):
    tap.equal(document["openapi"], "3.1.0", "it is OpenAPI 3.1")
    tap.ok(re.fullmatch(r"[0-9]+\.[0-9]+.*", document["info"]["version"]),
           "it has the version of the program", document["info"])
    broken = []
    for reference in set(references(document)):
        try:
            follow(document, {"$ref": reference})
        except KeyError:
            broken.append(reference)
    tap.equal(broken, [], "every reference leads somewhere")
    unused = [f"#/components/{kind}/{name}"
              for kind, things in document["components"].items()
              for name in things if kind != "securitySchemes"]
    unused = sorted(set(unused) - set(references(document)))
    tap.equal(unused, [], "nothing is described that nothing uses")
    all = operations(document)
    ids = [operation["operationId"] for operation in all.values()]
    tap.equal(len(ids), len(set(ids)), "each operation has a name of its own")
    wrong = []
    for (method, path), operation in all.items():
        names = {follow(document, p)["name"]
                 for p in operation.get("parameters", [])
                 if follow(document, p)["in"] == "path"}
        if names != set(re.findall(r"{(\w+)}", path)):
            wrong.append((method, path, names))
        for status, response in operation["responses"].items():
            media = set(follow(document, response).get("content", {}))
            expected = {"application/problem+json"} if status >= "400" else media
            if path.startswith(("/v1/chat", "/v1/models", "/slack/")):
                expected |= {"application/json"}
            if path == "/slack/oauth_redirect":  # for who sits before it
                expected |= {"text/plain"}
            if not media <= expected or not media and status != "302":
                wrong.append((method, path, status, media))
    tap.equal(wrong, [], "paths have their parameters, errors are problems")


class Checked:
    """Requests whose answers are held against the document."""

    def __init__(self, daemon, document):
        self.daemon, self.document = daemon, document
        self.seen, self.wrong = set(), []

    def ask(self, method, path, real, body=None, headers=None):
        status, got, data = self.daemon.request(method, real, body, headers)
        self.hold(method, path, status, got["Content-Type"], data)
        return json.loads(data) if data[:1] == b"{" else None

    def hold(self, method, path, status, media, data):
        operation = self.document["paths"][path][method.lower()]
        response = operation["responses"].get(str(status))
        media = (media or "").split(";")[0]
        content = follow(self.document, response or {}).get("content", {"": None})
        if response is None or media not in content:
            self.wrong.append(f"{method} {path}: {status} {media}")
            return
        self.seen.add((method, path))
        if media.endswith("json"):
            self.wrong += [f"{method} {path} {status} {fault}" for fault in
                           faults(self.document, content[media]["schema"],
                                  json.loads(data))]


def ask_for_slack(checked):
    """What Slack posts, and what is not signed; and who installs the app."""
    bodies = {"/slack/events": ('{"type": "url_verification", "challenge": "x"}',
                                "application/json"),
              "/slack/interactive": ("payload=%7B%7D",
                                     "application/x-www-form-urlencoded"),
              "/slack/commands": ("command=%2Fother",
                                  "application/x-www-form-urlencoded")}
    for path, (body, media) in bodies.items():
        at = str(int(time.time()))
        tag = hmac.new(SECRET.encode(), f"v0:{at}:{body}".encode(),
                       hashlib.sha256).hexdigest()
        signed = {"Content-Type": media, "X-Slack-Request-Timestamp": at,
                  "X-Slack-Signature": f"v0={tag}"}
        checked.ask("POST", path, path, body.encode(), signed)
        checked.ask("POST", path, path, body.encode() + b" ", signed)
    for path in ("/slack/install", "/slack/oauth_redirect"):
        checked.ask("GET", path, path)


def check_answers(tap, daemon, document):
    checked = Checked(daemon, document)
    key = daemon.ctl("keys", "add", "test", "--scope", "ask")[1]["key"]
    key = {"Authorization": f"Bearer {key}"}
    at = "/v1/conversations/{id}"
    made = checked.ask("POST", "/v1/conversations", "/v1/conversations", {})
    auth = {"Authorization": f"Bearer {made['token']}"}
    here = f"/v1/conversations/{made['id']}"
    sent = checked.ask("POST", at + "/messages", here + "/messages",
                       {"text": "What does a current account cost?"}, auth)
    stream = daemon.stream(made["id"], auth)
    reply = stream.until(lambda event: event["event"] == "message" and sent["id"]
                         in event["data"].get("in_reply_to", []))[-1]["data"]
    checked.hold("GET", at + "/events", stream.status, "text/event-stream", b"")
    stream.close()
    checked.wrong += faults(document, {"$ref": "#/components/schemas/Said"},
                            reply)
    checked.ask("POST", at + "/feedback", here + "/feedback",
                {"message_id": reply["id"], "rating": 1}, auth)
    checked.ask("POST", at + "/messages/{message}/feedback",
                f"{here}/messages/{reply['id']}/feedback",
                {"rating": "down", "reason": "wrong"}, auth)
    checked.ask("POST", at + "/handover", here + "/handover", {}, auth)
    checked.ask("GET", at + "/messages", here + "/messages", None, auth)
    checked.ask("GET", at, here, None, auth)
    checked.ask("POST", "/v1/ask", "/v1/ask", {"text": "Hello"}, key)
    chat = {"model": "tellerd-support",
            "messages": [{"role": "user", "content": "Hello"}]}
    checked.ask("POST", "/v1/chat/completions", "/v1/chat/completions", chat, key)
    checked.ask("GET", "/v1/models", "/v1/models", None, key)
    why = f"{here}/messages/{reply['id']}/why"
    checked.ask("GET", at + "/messages/{message}/why", why, None, auth)
    _, about = daemon.json("GET", "/widget.json")
    checked.ask("GET", "/widget/{name}", about["url"])
    checked.ask("GET", "/widget/{name}", "/widget/0000000000000000.js")
    for path in ("/livez", "/readyz", "/metrics", "/page.json",
                 "/openapi.json", "/v1/widget", "/widget.json"):
        checked.ask("GET", path, path)
    ask_for_slack(checked)
    # And what goes wrong.
    checked.ask("GET", at + "/messages/{message}/why", why)
    checked.ask("POST", "/v1/conversations", "/v1/conversations",
                {"user_token": "x"})
    checked.ask("GET", at, here)
    checked.ask("POST", at + "/messages", here + "/messages", {"txt": ""}, auth)
    checked.ask("POST", at + "/messages", here + "/messages", b"x", auth)
    checked.ask("POST", "/v1/chat/completions", "/v1/chat/completions", chat)
    checked.ask("POST", "/v1/chat/completions", "/v1/chat/completions",
                dict(chat, model="x"), key)
    checked.ask("POST", "/v1/ask", "/v1/ask", {"text": "x"},
                {"Origin": "https://evil.example"})
    tap.equal(checked.wrong, [], "answers are as it says")
    missed = set(operations(document)) - checked.seen
    tap.equal(missed, set(), "each operation was tried")


def main():
    tap = Tap()
    with Daemon() as daemon:
        secret = os.path.join(daemon.dir, "secret")
        with open(secret, "w") as f:
            f.write(SECRET)
        os.chmod(secret, 0o600)
        with open(daemon.config, "w") as f:
            f.write(CONFIG.format(source=SOURCE, secret=secret))
        daemon.start()
        status, document = daemon.json("GET", "/openapi.json")
        tap.equal(status, 200, "/openapi.json is served")
        there, told = routes(daemon), set(operations(document))
        tap.ok(("POST", "/v1/ask") in there, "routes are found", there)
        tap.equal(there - told, set(), "every route is in it")
        tap.equal(told - there, set(), "and none else")
        check_form(tap, document)
        check_answers(tap, daemon, document)
    tap.done()


main()
