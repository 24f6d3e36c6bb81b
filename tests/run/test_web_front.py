"""What a real tellerd says before anybody asks, why it replied as it did, and
who has signed in: to whom, and to whom not."""

import json
import os
import re
import sys
import time
import uuid

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from daemon import Daemon, SOURCE, Tap  # noqa: E402
from signed_in import part, secret_of, token  # noqa: E402

QUESTION = "What does a current account cost?"
CONFIG = """\
desk:
  packs_dir: {source}/intents
plugins:
  web:
    demo: true
    why: {why}
    burst: 0 ms
    user_secret: {secret}
"""


def configure(daemon, why="true"):
    with open(daemon.config, "w") as f:
        f.write(CONFIG.format(source=SOURCE, secret=secret_of(daemon), why=why))


# ---- Before anybody asks -----------------------------------------------------


def check_widget(tap, daemon):
    status, headers, body = daemon.request("GET", "/v1/widget")
    said = json.loads(body)
    tap.equal((status, headers["Cache-Control"]), (200, "public, max-age=60"),
              "anybody may know what the widget says first")
    tap.equal((said["title"], said["language"], said["privacy_url"],
               said["why"]),
              ("Alder Bank", "en", "https://www.alderbank.example/privacy",
               True), "the firm, the language of its words, its address")
    tap.ok(said["greeting"] and 1 <= len(said["starters"]) <= 6 and
           sorted(said) == ["greeting", "language", "privacy_url", "starters",
                            "title", "why"], "and no more", said)
    tap.ok("{{" not in body.decode(), "the facts are filled in", body)


def check_page(tap, daemon):
    status, headers, body = daemon.request("GET", "/")
    tap.ok(status == 200 and b'src="/widget.js"' in body and
           b"does not exist" in body, "the demo has a help page", body)
    policy = headers["Content-Security-Policy"]
    tap.ok("default-src 'none'" in policy and "unsafe" not in policy,
           "which lets nothing else in", policy)
    for path in ("/demo.css", "/demo.js", "/chat", "/icon.svg"):
        tap.equal(daemon.request("GET", path)[0], 200, f"{path} is there")
    _, said = daemon.json("GET", "/page.json")
    tap.ok(len(said["topics"]) == 6 and len(said["contact"]) == 4 and
           "{{" not in json.dumps(said), "with the pack's topics", said)


# ---- Why ---------------------------------------------------------------------


def reply_to(daemon, id, auth, text):
    _, sent = daemon.send(id, auth, text, str(uuid.uuid4()))
    stream = daemon.stream(id, auth, sent["id"])
    try:
        return stream.until(lambda event: sent["id"] in event["data"].get(
            "in_reply_to", []))[-1]["data"]
    finally:
        stream.close()


def rounded(value):
    """tellerctl writes fewer digits."""
    if isinstance(value, dict):
        return {key: rounded(of) for key, of in value.items()}
    if isinstance(value, list):
        return [rounded(of) for of in value]
    return float(f"{value:.6g}") if isinstance(value, float) else value


def check_why(tap, daemon):
    id, auth = daemon.conversation()
    reply = reply_to(daemon, id, auth, QUESTION)
    path = f"/v1/conversations/{id}/messages"
    status, headers, body = daemon.request("GET", f"{path}/{reply['id']}/why",
                                           headers=auth)
    card = json.loads(body)
    tap.equal((status, headers["Cache-Control"]), (200, "no-store"),
              "who has the conversation is told why")
    best = card["candidates"][0]
    tap.ok(card["kind"] == "answer" and card["rule"] and
           card["confidence"] >= card["basis"]["threshold"] and
           f"{best['id']}@{best['version']}" == card["entry"] and
           best["question"] and best["score"] and card["decide_us"] > 0,
           "kind, rule, scores, thresholds, what was found, time", card)
    _, shown, _ = daemon.ctl("conversations", "show", "--why", id)
    owner = shown["turns"][0]["before"].pop("owner", None)
    tap.ok(owner is not None and "owner" not in card["before"],
           "but not which agent had the conversation", card["before"])
    tap.equal(rounded(shown["turns"]), [rounded(card)], "as tellerctl says it")

    other_id, other = daemon.conversation()
    others = reply_to(daemon, other_id, other, QUESTION)["id"]
    for asked in (others, "msg_1", "msg_999999999999999999", "msg_0", "msg_",
                  "msg_-1", "2", "%00", "msg_2%00", "msg_2%27--", "..",
                  "msg_2%2F..%2F..", "%ff", "msg_" + "9" * 400,
                  "msg_2%20OR%201"):
        if asked == reply["id"]:
            continue
        status, _, body = daemon.request("GET", f"{path}/{asked}/why",
                                         headers=auth)
        tap.ok(status in (400, 404) and b"candidates" not in body,
               f"of {asked[:30]} nothing is told", (status, body))
    for headers in ({}, other, {"Authorization": "Bearer x"}):
        tap.equal(daemon.request("GET", f"{path}/{reply['id']}/why",
                                 headers=headers)[0], 401,
                  "and without the conversation's token nothing at all")


# ---- Who has signed in -------------------------------------------------------


def create(daemon, user_token, headers=None):
    return daemon.json("POST", "/v1/conversations",
                       {"user_token": user_token}, headers)


def check_users(tap, daemon):
    key = {"Idempotency-Key": str(uuid.uuid4())}
    status, made = create(daemon, token(), key)
    tap.equal(status, 201, "a signed user gets a conversation")
    for noun in ("conversations", "desk"):
        _, shown, _ = daemon.ctl(noun, "show", made["id"])
        tap.equal(shown["identity"], {"id": "k-17", "name": "Zoë Ó Briain"},
                  f"{noun} show has who it is")
        words = daemon.ctl(noun, "show", made["id"], as_json=False)[1]
        tap.ok("Signed in as Zoë Ó Briain (k-17)\n" in words, "in words",
               words)
    tap.equal(create(daemon, token(sub="k-18"), key)[0], 422,
              "nobody else gets it by its key")
    tap.equal(daemon.request("POST", "/v1/conversations", {}, key)[0], 422,
              "nor who has not signed in")

    none = token().rsplit(".", 1)[0] + "."
    refused = {
        "unsigned": none,
        "alg none": token({"alg": "none"}),
        "alg none without a tag": (part({"alg": "none"}) + b"." +
                                   part({"sub": "k-17"}) + b".").decode(),
        "another algorithm": token({"alg": "HS512"}),
        "another secret": token(secret=b"x" * 42),
        "expired": token(exp=int(time.time()) - 1),
        "two hours ahead": token(exp=int(time.time()) + 7200),
        "without exp": token(exp=None),
        "without sub": token(sub=""),
        "of two lines": token(sub="k-17\nSigned in as k-1"),
        "nonsense": "nonsense",
    }
    for name, bad in refused.items():
        status, problem = create(daemon, bad)
        tap.equal((status, problem["code"]), (401, "bad_user_token"),
                  f"a token that is {name} is refused")
    id, _ = daemon.conversation()
    for noun in ("conversations", "desk"):
        _, shown, _ = daemon.ctl(noun, "show", id)
        words = daemon.ctl(noun, "show", id, as_json=False)[1]
        tap.ok(shown["identity"] is None and "igned in" not in words,
               f"{noun} show says of nobody else that he signed in", words)


def check_off(tap):
    """As shipped nobody asks why, and nobody signs in."""
    with Daemon() as daemon:
        daemon.start()
        id, auth = daemon.conversation()
        reply = reply_to(daemon, id, auth, QUESTION)["id"]
        tap.equal(daemon.request(
            "GET", f"/v1/conversations/{id}/messages/{reply}/why",
            headers=auth)[0], 404, "as shipped nobody is told why")
        _, said = daemon.json("GET", "/v1/widget")
        tap.equal(said["why"], False, "which the widget knows")
        tap.equal(create(daemon, token())[0], 401, "and nobody signs in")
        tap.equal(daemon.request("GET", "/demo.js")[0], 404,
                  "there is no demo")
        status, _, body = daemon.request("POST", "/v1/ask", {"text": QUESTION})
        tap.ok(status == 200 and b'"confidence":' in body and
               not re.search(rb"\.\d{10}", body),
               "a share is told in as many digits as it has", body)


def main():
    tap = Tap()
    with Daemon() as daemon:
        configure(daemon)
        daemon.start()
        check_widget(tap, daemon)
        check_page(tap, daemon)
        check_why(tap, daemon)
        check_users(tap, daemon)
    check_off(tap)
    tap.done()


main()
