"""The web channel of a real tellerd: every route, what it refuses, streams
that go on where they broke, and a daemon that is killed in mid-conversation."""

import base64
import gzip
import hashlib
import json
import os
import re
import signal
import sys
import time
import uuid

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from daemon import SOURCE, Daemon, Tap  # noqa: E402
from desk import UNSURE, DeskDaemon  # noqa: E402

QUESTION = "What does a current account cost?"
OTHER = "How long does a transfer take?"
ASK = ["confidence", "conversation", "kind", "message", "options", "reply",
       "sources"]
CARD = "4111 1111 1111 1111"


def is_reply_to(id):
    return lambda event: id in event["data"].get("in_reply_to", [])


def is_state(name):
    return lambda event: event["data"].get("state") == name


def key():
    return {"Idempotency-Key": f'"{uuid.uuid4()}"'}


def say(daemon, id, auth, text):
    """Send a text and wait for its reply, which is returned."""
    status, sent = daemon.send(id, auth, text, str(uuid.uuid4()))
    assert status == 202, sent
    stream = daemon.stream(id, auth, sent["id"])
    try:
        return stream.until(is_reply_to(sent["id"]))[-1]["data"]
    finally:
        stream.close()


# ---- One request at a time ---------------------------------------------------


def check_conversations(tap, daemon):
    same = key()
    status, headers, _ = daemon.request("POST", "/v1/conversations", {}, same)
    tap.equal(status, 201, "a conversation is made")
    tap.ok(headers["Location"].startswith("/v1/conversations/cnv_"),
           "and where it is said", headers)
    tap.equal(headers["Cache-Control"], "no-store", "nobody keeps its token")
    tap.equal(headers["Idempotent-Replayed"], None, "it is new")
    _, again, _ = daemon.request("POST", "/v1/conversations", {}, same)
    tap.equal((again["Location"], again["Idempotent-Replayed"]),
              (headers["Location"], "true"), "asked for again it is the same")
    status, problem = daemon.json("POST", "/v1/conversations",
                                  {"language": "de"}, same)
    tap.equal((status, problem["code"]), (422, "idempotency_mismatch"),
              "in another language it is not")
    status, document = daemon.json("POST", "/v1/conversations",
                                   {"language": "de-CH"})
    tap.equal((status, sorted(document)), (201, ["expires_in", "id", "token"]),
              "it has an id, a token and the token's time")
    for body in [{"language": "en us"}, {"language": 5}, {"languages": "en"}]:
        tap.equal(daemon.request("POST", "/v1/conversations", body)[0], 400,
                  f"{body} is refused")
    status, headers, _ = daemon.request("GET", "/v1/conversations")
    tap.ok(status == 405 and "POST" in headers["Allow"],
           "there is no list of them", headers)
    tap.equal(daemon.request("POST", "/v1/conversations", {},
                             {"Idempotency-Key": "short"})[0], 400,
              "a key that can be guessed is refused")


def check_tokens(tap, daemon, id, auth):
    other_id, other = daemon.conversation()
    paths = [("GET", ""), ("GET", "/messages"), ("POST", "/messages"),
             ("POST", "/handover"), ("POST", "/feedback"), ("GET", "/events")]
    forged = auth["Authorization"][:-1] + "A"
    if forged == auth["Authorization"]:
        forged = auth["Authorization"][:-1] + "B"
    for method, path in paths:
        answers = [daemon.request(method, f"/v1/conversations/{id}{path}",
                                  {} if method == "POST" else None, headers)[0]
                   for headers in ({}, other, {"Authorization": forged},
                                   {"Authorization": "Bearer " + "9" * 40})]
        tap.equal(answers, [401] * 4, f"{method} {path or '/'} needs its token")
    _, headers, _ = daemon.request("GET", f"/v1/conversations/{id}")
    tap.equal(headers["WWW-Authenticate"], "Bearer", "and says what it wants")


def check_bodies(tap, daemon, id, auth):
    path = f"/v1/conversations/{id}/messages"

    def status(body, content_type="application/json"):
        return daemon.request("POST", path, body,
                              dict(auth, **{"Content-Type": content_type}))[0]

    for body, words in [
            (b"{", "half an object"), (b"[]", "a list"), (b'"x"', "a text"),
            (b'{"text":"a","text":"b"}', "a field twice"),
            (b'{"text":"\xff"}', "what is not UTF-8"),
            (b'{"text":"a\\u0000b"}', "a NUL"), (b'{"text":""}', "no words"),
            (b'{"text":5}', "a number for a text"), (b"{}", "nothing"),
            (b'{"text":"a","option":"b"}', "both a text and an option"),
            (b'{"txt":"a"}', "an unknown field"),
            (b'{"text option":"a"}', "two names in one"),
            (b'{"text":"a","client_id":""}', "an empty id"),
            (b'{"text":' + b"[" * 50000 + b"]" * 500 + b"}", "a deep body")]:
        tap.equal(status(body), 400, f"{words} is refused")
    tap.equal(status(b'{"text":"a"}', "text/plain"), 415,
              "only JSON is taken")
    tap.equal(status(b'{"text":"a"}', "application/jsonp"), 415,
              "and nothing that begins like it")
    tap.equal(status(b'{"text":"' + b"a" * 70000 + b'"}'), 413,
              "a body has its limit")
    tap.equal(status(b'{"text":"' + b"a" * 8001 + b'"}'), 422,
              "a text has its limit")
    document = daemon.json("POST", path, {"txt": "a"}, auth)[1]
    tap.equal((document["code"], "'txt'" in document["detail"]),
              ("unknown_field", True), "the unknown field is named")


def check_repeats(tap, daemon, id, auth):
    path = f"/v1/conversations/{id}/messages"
    status, headers, first = daemon.request(
        "POST", path, {"text": OTHER, "client_id": "one"}, auth)
    tap.equal((status, headers["Idempotent-Replayed"]), (202, None),
              "a message is taken")
    status, headers, again = daemon.request(
        "POST", path, {"text": OTHER, "client_id": "one"}, auth)
    tap.equal((status, headers["Idempotent-Replayed"], again),
              (202, "true", first), "sent again it is the same")
    tap.equal(daemon.send(id, auth, "Another text", "one")[0], 422,
              "another text with its id is refused")
    _, other = daemon.conversation()
    same = key()
    ids = [daemon.json("POST", path, {"text": QUESTION}, dict(auth, **same))
           for _ in range(2)]
    tap.ok(ids[0] == ids[1] and ids[0][0] == 202,
           "an Idempotency-Key does as well", ids)
    both = dict(auth, **key())
    first = daemon.json("POST", path, {"text": OTHER, "client_id": "b"}, both)
    tap.equal([daemon.json("POST", path, {"text": OTHER, **ids}, headers)
               for ids, headers in (({"client_id": "b"}, auth), ({}, both),
                                    ({"client_id": "c"}, both))], [first] * 3,
              "with both, either of them does")
    tap.equal(daemon.json("POST", path, {"text": QUESTION, "client_id": "d"},
                          both)[0], 422,
              "another text with the key is refused, whatever its id")


def check_history(tap, daemon):
    id, auth = daemon.conversation()
    replies = [say(daemon, id, auth, text)
               for text in (QUESTION, OTHER, QUESTION)]
    messages = daemon.history(id, auth)
    path = f"/v1/conversations/{id}/messages"
    tap.equal([m["author"] for m in messages], ["customer", "bot"] * 3,
              "the history is what was said")
    tap.equal(sorted(messages[0]), ["at", "author", "id", "kind", "text"],
              "a customer's message has all its members")
    tap.equal(sorted(messages[1]),
              ["at", "author", "confidence", "id", "in_reply_to", "kind",
               "options", "sources", "text"], "a reply has all its members")
    tap.equal(messages[1::2], replies, "streams say the same")
    tap.ok("automated assistant" in messages[1]["text"] and not any(
        "automated assistant" in m["text"] for m in messages[2:]),
        "the first reply says who answers, and no other", messages)
    tap.equal([s["id"] for s in messages[3]["sources"]] != [] and
              sorted(messages[3]["sources"][0]), ["id", "title", "version"],
              "a source has its name, version and title")
    seen, after = [], ""
    while True:
        _, page = daemon.json("GET", f"{path}?limit=2&after={after}",
                              headers=auth)
        seen += page["messages"]
        if not page["more"]:
            break
        after = seen[-1]["id"]
    tap.equal(seen, messages, "page by page it is the same")
    for query in ["limit=0", "limit=201", "limit=x", "limit=",
                  "after=x", "after=msg_", "after=msg_0", "after=msg_1x"]:
        tap.equal(daemon.request("GET", f"{path}?{query}", None, auth)[0], 400,
                  f"{query} is refused")
    tap.equal(daemon.json("GET", f"/v1/conversations/{id}", None, auth),
              (200, {"id": id, "state": "bot"}), "the bot has it")


def check_ask(tap, daemon):
    status, first = daemon.ask(QUESTION)
    tap.equal((status, sorted(first)), (200, ASK), "ask has every member")
    tap.ok(first["kind"] == "answer" and first["sources"] and first["reply"],
           "and a reply with its source", first)
    status, second = daemon.ask(OTHER, first["conversation"])
    tap.equal(second["conversation"], first["conversation"],
              "a conversation goes on")
    same = key()
    answers = [daemon.json("POST", "/v1/ask", {"text": QUESTION}, same)
               for _ in range(2)]
    tap.equal(answers[0], answers[1], "asked again it is the same reply")
    tap.equal(daemon.json("POST", "/v1/ask", {"text": OTHER}, same)[0], 422,
              "another question with its key is refused")
    tap.equal(daemon.json("POST", "/v1/ask", {
        "text": QUESTION, "conversation": first["conversation"]}, same)[0],
        422, "and the same one elsewhere")
    here = key()
    tap.equal([daemon.json("POST", "/v1/ask", {"text": QUESTION, **place},
                           here)[0]
               for place in ({"conversation": first["conversation"]}, {},
                             {"conversation": answers[0][1]["conversation"]},
                             {"conversation": first["conversation"]})],
              [200, 422, 422, 200],
              "one that named a conversation is only repeated with it")
    for body in [{}, {"text": ""}, {"text": QUESTION, "conversation": "x"},
                 {"text": QUESTION, "conversation": "cnv_a\nb"},
                 {"text": QUESTION, "lang": "en"}]:
        tap.equal(daemon.json("POST", "/v1/ask", body)[0], 400,
                  f"{body} is refused")
    nowhere = "cnv_" + "0" * 22
    status, problem = daemon.ask(QUESTION, nowhere)
    tap.ok((status, problem["code"]) == (404, "not_found") and
           nowhere in problem["detail"],
           "a conversation that is not there is refused", problem)
    own = {"Origin": f"http://127.0.0.1:{daemon.port}"}
    for headers in ({"Authorization": "Bearer wrong"}, own,
                    {"Host": "evil.example"}):
        tap.equal(daemon.ask(QUESTION, headers=headers)[0], 401,
                  f"{list(headers)[0]} is not let in without a key")
    tap.equal(sorted(daemon.ask("qwertz uiopasd fghjkl")[1]), ASK,
              "what is not understood has every member, too")


def check_feedback(tap, daemon):
    id, auth = daemon.conversation()
    reply = say(daemon, id, auth, QUESTION)
    path = f"/v1/conversations/{id}/feedback"
    status, _ = daemon.json("POST", path, {
        "message_id": reply["id"], "rating": 1, "comment": "good"}, auth)
    tap.equal(status, 202, "a reply is rated")
    for body in [{"message_id": reply["id"], "rating": 2}, {"rating": 1},
                 {"message_id": reply["id"], "rating": "1"},
                 {"message_id": "x", "rating": 1}]:
        tap.equal(daemon.json("POST", path, body, auth)[0], 400,
                  f"{body} is refused")
    other_id, other = daemon.conversation()
    theirs = say(daemon, other_id, other, QUESTION)["id"]
    question = daemon.history(id, auth)[0]["id"]
    for target in ("msg_999999", theirs, question):
        repeated = dict(auth, **key())
        got = [daemon.json("POST", path, {"message_id": target, "rating": 1},
                           repeated) for _ in range(2)]
        tap.ok(all((status, d["code"]) == (404, "not_found") and
                   "no such reply" in d["detail"] for status, d in got),
               "what is no reply of the conversation is not rated", got)
    rated = dict(auth, **key())
    tap.equal([daemon.json("POST", path, {
        "message_id": reply["id"], "rating": rating}, rated)[0]
        for rating in (1, 1, -1)], [202, 202, 422],
        "another rating with the key of one is refused")
    tap.equal(len(daemon.history(id, auth)), 2, "ratings are not shown")


def check_page(tap, daemon):
    status, headers, page = daemon.request("GET", "/")
    tap.equal((status, headers["Content-Type"]),
              (200, "text/html; charset=utf-8"), "the page is there")
    policy = headers["Content-Security-Policy"]
    tap.ok("default-src 'none'" in policy and "unsafe" not in policy,
           "it lets nothing in", policy)
    for name in ["icon.svg", "page.css"]:
        status, headers, data = daemon.request("GET", f"/{name}")
        tap.ok(status == 200 and headers["X-Content-Type-Options"] == "nosniff"
               and 0 < len(data) < 15000, f"{name} is there, and small")
    status, headers, data = daemon.request("HEAD", "/")
    tap.equal((status, data, headers["Content-Length"]),
              (200, b"", str(len(page))), "HEAD tells its length")


def check_coding(tap, daemon, script):
    """The script, compressed, for whom that is something."""
    def get(accept):
        status, headers, data = daemon.request(
            "GET", "/widget.js", headers={"Accept-Encoding": accept})
        tap.ok(status == 200 and
               "Accept-Encoding" in headers.get_all("Vary"),
               f"'{accept}' is answered, and caches know that it counts")
        return headers["Content-Encoding"], data

    for accept in ("gzip", "gzip, deflate, br, zstd", "br;q=1.0,GZIP;q=0.5"):
        coding, small = get(accept)
        tap.equal((coding, gzip.decompress(small) == script), ("gzip", True),
                  "it comes compressed")
    for accept in ("", "br", "gzip;q=0", "br, gzip ; q=0.000", "x-gzip"):
        tap.equal(get(accept), (None, script), "and else as it is")
    return small


def check_widget(tap, daemon):
    status, about = daemon.json("GET", "/widget.json")
    tap.equal((status, sorted(about)), (200, ["integrity", "url"]),
              "the widget has a name and an integrity")
    status, headers, script = daemon.request("GET", about["url"])
    tap.equal((status, headers["Cache-Control"], headers["X-Content-Type-Options"]),
              (200, "public, max-age=31536000, immutable", "nosniff"),
              "under that name it never changes")
    digest = base64.b64encode(hashlib.sha384(script).digest()).decode()
    tap.equal((about["integrity"], about["url"]),
              (f"sha384-{digest}",
               f"/widget/{hashlib.sha256(script).hexdigest()[:16]}.js"),
              "name and integrity are of what it is")
    status, headers, newest = daemon.request("GET", "/widget.js")
    tap.equal((status, headers["Cache-Control"], newest == script),
              (200, "public, max-age=300", True), "/widget.js is the newest one")
    tap.equal(daemon.request("GET", "/widget/0000000000000000.js")[0], 404,
              "of another version there is nothing")
    small = check_coding(tap, daemon, script)
    tap.ok(len(small) < 25000,
           f"compressed it has {len(small)} bytes, fewer than 25000")
    words = script.decode()
    found = [sink for sink in ("innerHTML", "outerHTML", "insertAdjacent", "eval(",
                               "Function(", "document.write", "setTimeout(\"")
             if sink in words]
    tap.equal(found, [], "nothing in it makes markup or code of a text")


def check_locales(tap):
    folder = os.path.join(SOURCE, "plugins/web/widget/locale")
    texts = {}
    for name in sorted(os.listdir(folder)):
        with open(os.path.join(folder, name)) as f:
            texts[name] = json.load(f)
    tap.equal(sorted(texts), ["de.json", "en.json", "es.json", "fr.json"],
              "it speaks four languages")
    english = texts.pop("en.json")
    for name, other in texts.items():
        tap.equal((sorted(other), [key for key, text in other.items() if
                                   re.findall(r"{\w+}", text) !=
                                   re.findall(r"{\w+}", english[key])]),
                  (sorted(english), []), f"{name} has all that is said")


# ---- In time -----------------------------------------------------------------


def check_stream(tap, daemon):
    id, auth = daemon.conversation()
    stream = daemon.stream(id, auth)
    tap.equal((stream.status, stream.answer.getheader("Content-Type")),
              (200, "text/event-stream; charset=utf-8"), "a stream opens")
    tap.equal(stream.next()["data"], {"state": "bot"}, "the bot has it")
    sent = daemon.send(id, auth, QUESTION)[1]["id"]
    live = stream.until(is_reply_to(sent))
    tap.equal([e["id"] for e in live], [e["data"]["id"] for e in live],
              "events have their messages' ids")
    tap.equal([e["data"] for e in live], daemon.history(id, auth),
              "live is what the history says")
    later = daemon.stream(id, auth, live[0]["id"])
    tap.equal(later.next(), live[1], "a stream goes on behind an event")
    tap.equal(later.next()["event"], "state", "and then says the state")
    sent = daemon.send(id, auth, OTHER)[1]["id"]
    tap.equal(stream.until(is_reply_to(sent)), later.until(is_reply_to(sent)),
              "two streams get the same")
    for last in ["msg_", "x", "msg_1%0a", "1"]:
        tap.equal(daemon.stream(id, auth, last).status, 400,
                  f"an event {last!r} is refused")
    stream.close()
    later.close()


def check_bursts(tap):
    # Long enough for two requests, however busy the machine is.
    with DeskDaemon(burst="10 s") as daemon:
        daemon.start()
        id, auth = daemon.conversation()
        ids = [daemon.send(id, auth, text)[1]["id"]
               for text in ("Hello, a question about fees:", QUESTION)]
        stream = daemon.stream(id, auth)
        reply = stream.until(is_reply_to(ids[1]))[-1]["data"]
        tap.equal(reply["in_reply_to"], ids, "two quick messages have one reply")
        stream.close()
        tap.equal([m["author"] for m in daemon.history(id, auth)],
                  ["customer", "customer", "bot"], "and nothing else is said")


def check_handover(tap, daemon):
    id, auth = daemon.conversation()
    stream = daemon.stream(id, auth)
    stream.until(is_state("bot"))
    path = f"/v1/conversations/{id}/handover"
    first = daemon.json("POST", path, {"client_id": "h"}, auth)
    tap.equal(first[0], 202, "a person is asked for")
    tap.equal(daemon.json("POST", path, {"client_id": "h"}, auth), first,
              "asked for again it is the same")
    events = stream.until(is_state("waiting"))
    said = [e["data"] for e in events if e["event"] == "message"]
    tap.equal([m["kind"] for m in said], ["handover", "handover"],
              "the wish and its reply are of that kind")
    tap.ok(said[1]["text"], "the customer is told")
    tap.equal(daemon.json("GET", f"/v1/conversations/{id}", None, auth)[1],
              {"id": id, "state": "waiting"}, "he waits")
    stream.close()


def check_desk(tap, daemon):
    id, auth = daemon.conversation()
    stream = daemon.stream(id, auth)
    with daemon.agent() as ann:
        daemon.json("POST", f"/v1/conversations/{id}/handover", {}, auth)
        stream.until(is_state("waiting"))
        ann.does("claim", id)
        events = stream.until(is_state("person"))
        tap.ok(any(e["data"].get("author") == "system" and
                   "Ann" in e["data"]["text"] for e in events),
               "the customer hears who has come", events)
        ann.does("agent", id, "How can *I* help?")
        said = stream.next()["data"]
        tap.equal((said["author"], said["name"], said["text"]),
                  ("agent", "Ann", "How can *I* help?"),
                  "an agent's words come as such")
        sent = daemon.send(id, auth, QUESTION)[1]["id"]
        tap.equal(stream.next()["data"]["id"], sent,
                  "the customer sees his own")
        tap.equal(daemon.ask(OTHER, id)[1]["kind"], "handover",
                  "whoever asks the bot then is told that a person has it")
        tap.equal(stream.next()["data"]["text"], OTHER, "as the agent is")
        ann.does("return", id)
        stream.until(is_state("bot"))
        tap.equal(say(daemon, id, auth, QUESTION)["author"], "bot",
                  "given back, it is the bot's")
        ann.does("close", id)
        stream.until(is_state("closed"))
        tap.equal(say(daemon, id, auth, QUESTION)["author"], "bot",
                  "closed, the customer may write again")
    stream.close()


def check_options(tap, daemon):
    """From the reply to words that are near an answer."""
    for text in UNSURE:
        id, auth = daemon.conversation()
        reply = say(daemon, id, auth, text)
        if reply["options"]:
            break
    if not tap.ok(reply["options"] and
                  sorted(reply["options"][0]) == ["id", "label"],
                  "what is not sure is offered", reply):
        return
    option = reply["options"][0]
    status, sent = daemon.json(
        "POST", f"/v1/conversations/{id}/messages",
        {"option": option["id"], "client_id": "o"}, auth)
    stream = daemon.stream(id, auth, reply["id"])
    events = stream.until(is_reply_to(sent["id"]))
    stream.close()
    chosen, answer = events[0]["data"], events[-1]["data"]
    tap.equal((chosen["kind"], chosen["text"]), ("option", option["label"]),
              "what was chosen reads as it was offered")
    tap.equal((answer["kind"], f"faq:{answer['sources'][0]['id']}"
               if answer["sources"] else ""), ("answer", option["id"]),
              "and is answered")


def check_redaction(tap, daemon):
    id, auth = daemon.conversation()
    say(daemon, id, auth, f"My card {CARD} was declined, why?")
    messages = daemon.history(id, auth)
    tap.ok(not any(CARD in m["text"] or CARD.replace(" ", "") in m["text"]
                   for m in messages) and "1111" in messages[0]["text"],
           "a card number is never in the history", messages[0]["text"])


# ---- Ends ----------------------------------------------------------------------


def check_kill(tap, daemon):
    """Killed as the answers come, four times; every message is sent again with
    its id until it is taken, as a page does."""
    id, auth = daemon.conversation()
    texts = [f"{text} ({i})" for i in range(6) for text in (QUESTION, OTHER)]
    taken, last, seen = {}, "", []
    for number, text in enumerate(texts):
        if number % 3 == 2:
            daemon.kill()
            daemon.start()
        while number not in taken:
            status, document = daemon.send(id, auth, text, f"n{number}")
            if status == 202:
                taken[number] = document["id"]
        tap.equal(daemon.send(id, auth, text, f"n{number}"),
                  (202, {"id": taken[number]}), f"message {number} is there")
        stream = daemon.stream(id, auth, last)
        if number % 2:
            seen += [e for e in stream.until(is_reply_to(taken[number]))
                     if e["event"] == "message"]
            last = seen[-1]["id"]
        stream.close()
    history = daemon.history(id, auth)
    tap.equal([e["data"] for e in seen], history,
              "the stream brought all of it, once")
    asked = [m["id"] for m in history if m["author"] == "customer"]
    answered = [i for m in history for i in m.get("in_reply_to", [])]
    tap.equal(asked, list(taken.values()), "no message is missing or doubled")
    tap.equal(sorted(answered), sorted(asked), "each has one reply")


def check_stop(tap, daemon):
    id, auth = daemon.conversation()
    stream = daemon.stream(id, auth)
    stream.until(is_state("bot"))
    sent = daemon.send(id, auth, QUESTION)[1]["id"]
    tap.equal(daemon.stop(), 0, "it stops with a stream open")
    while stream.next():
        pass
    daemon.start()
    stream = daemon.stream(id, auth)
    stream.until(is_reply_to(sent))
    tap.ok(True, "the reply is there after a restart")
    stream.close()


def check_reload(tap, daemon):
    """The plugin is closed and opened again with a stream open."""
    id, auth = daemon.conversation()
    stream = daemon.stream(id, auth)
    stream.until(is_state("bot"))
    with open(daemon.config) as f:
        text = f.read()
    with open(daemon.config, "w") as f:
        f.write(text.replace("page: true", "page: false"))
    daemon.process.send_signal(signal.SIGHUP)
    while stream.next():
        pass
    tap.equal(daemon.request("GET", "/")[0], 404,
              "what comes meanwhile waits, and hears what the new ones say")
    tap.equal(say(daemon, id, auth, QUESTION)["author"], "bot",
              "conversations go on when the plugin has new settings")


def check_keys(tap):
    """With a key in the settings, and no page."""
    import hashlib
    secret = "tk_test_" + uuid.uuid4().hex
    config = ("plugins:\n  web:\n    api_keys: ["
              f"{hashlib.sha256(secret.encode()).hexdigest().upper()}]\n"
              "    token_ttl: 1 min\n")
    with Daemon(config=config) as daemon:
        daemon.start()
        tap.equal(daemon.ask(QUESTION)[0], 401, "without a key nothing is asked")
        tap.equal(daemon.ask(QUESTION, headers={
            "Authorization": f"Bearer {secret}"})[0], 200,
            "with one it is answered")
        tap.equal(daemon.request("GET", "/")[0], 404, "there is no page")
        _, made = daemon.json("POST", "/v1/conversations", {})
        tap.equal(made["expires_in"], 60, "tokens have the time that is set")


def main():
    tap = Tap()
    with DeskDaemon() as daemon:
        daemon.start()
        id, auth = daemon.conversation()
        begin = time.monotonic()
        check_conversations(tap, daemon)
        check_tokens(tap, daemon, id, auth)
        check_bodies(tap, daemon, id, auth)
        check_repeats(tap, daemon, id, auth)
        check_history(tap, daemon)
        check_ask(tap, daemon)
        check_feedback(tap, daemon)
        check_page(tap, daemon)
        check_widget(tap, daemon)
        check_locales(tap)
        check_stream(tap, daemon)
        check_handover(tap, daemon)
        check_desk(tap, daemon)
        check_options(tap, daemon)
        check_redaction(tap, daemon)
        check_kill(tap, daemon)
        check_stop(tap, daemon)
        check_reload(tap, daemon)
        print(f"# {time.monotonic() - begin:.1f} s", flush=True)
    check_bursts(tap)
    check_keys(tap)
    tap.done()


main()
