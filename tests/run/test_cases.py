"""Cases, from the store to another program: told of each at least once, signed,
under one id however often, whatever becomes of the daemon meanwhile; and what
tellerctl says of them."""

import base64
import collections
import contextlib
import hashlib
import hmac
import http.server
import json
import os
import queue
import random
import sqlite3
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import forms  # noqa: E402
from daemon import START_S, SOURCE, Daemon, Tap  # noqa: E402
from net_peers import CERTIFICATES, Skip  # noqa: E402

CASES = 30
ROUNDS = 8
SECRET = base64.b64encode(bytes(range(32))).decode()
CONFIG = """\
desk:
  packs_dir: {packs}
plugins:
  web:
  webhook:
    url: https://127.0.0.1:{port}/cases
    secret: file:{dir}/webhook.key
    ca_file: {ca}
    allow_private: true
"""
# Written anew on purpose: the judge must not share a mistake.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
SLOTS = [{"slot": "day", "label": "Day", "type": "date", "value": "2026-11-03",
          "verdict": "ok"},
         {"slot": "card", "label": "Card", "type": "card",
          "value": "[card ok ...1111]", "verdict": "ok"},
         {"slot": "why", "label": "Why", "type": "text", "value": "",
          "verdict": "skipped"}]


def reference(number):
    digits = [(number // 31 ** i) % 31 for i in range(10)]
    digits.append(sum((i + 1) * d for i, d in enumerate(digits)) % 31)
    text = "".join(ALPHABET[d] for d in digits)
    return f"{text[:5]}-{text[5:10]}-{text[10]}"


class Receiver:
    """The other program.  What it gets waits in `requests` until the test says
    how it is answered."""

    def __init__(self):
        self.requests = queue.Queue()
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                length = int(self.headers["Content-Length"])
                body = self.rfile.read(length)
                if len(body) < length:
                    return  # killed on the way: it has not come
                request = {"path": self.path, "headers": self.headers,
                           "body": body, "answer": queue.Queue()}
                receiver.requests.put(request)
                status = request["answer"].get(timeout=START_S)
                with contextlib.suppress(OSError):
                    self.send_response(status)
                    self.send_header("Content-Length", "0")
                    self.end_headers()

            def log_message(self, *_):
                pass

        context = CERTIFICATES.context("good")
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.socket = context.wrap_socket(self.server.socket,
                                                 server_side=True)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def next(self):
        return self.requests.get(timeout=START_S)

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def signature_of(request):
    head = request["headers"]
    signed = b".".join([head["webhook-id"].encode(),
                        head["webhook-timestamp"].encode(), request["body"]])
    mac = hmac.new(base64.b64decode(SECRET), signed, hashlib.sha256)
    return "v1," + base64.b64encode(mac.digest()).decode()


def add_cases(daemon, first, n):
    """As the turns that made them left them, each in its conversation."""
    path = os.path.join(daemon.state, "store.db")
    with contextlib.closing(sqlite3.connect(path)) as database, database:
        last = database.execute(
            "SELECT max((SELECT coalesce(max(id), 0) FROM reply),"
            " (SELECT coalesce(max(id), 0) FROM message))").fetchone()[0]
        for i in range(first, first + n):
            now = 1795905000000000 + i
            cnv = database.execute(
                "INSERT INTO conversation (public_id, channel, account, key,"
                " turns, memory, created_at, updated_at) VALUES"
                " (?, 'web', '', ?, 1, '{}', ?3, ?3)",
                (f"cnv_{i:022}", f"web:{i}", now)).lastrowid
            turn = database.execute(
                "INSERT INTO turn (conversation_id, kind, confidence, rule,"
                " record, at) VALUES (?, 'form', 1, 'form:dispute', '{}', ?)",
                (cnv, now)).lastrowid
            database.execute(
                "INSERT INTO form_case (reference, conversation_id, turn_id,"
                " form, title, complete, slots, created_at) VALUES"
                " (?, ?, ?, 'dispute', 'Disputed payment', 1, ?, ?)",
                (reference(i), cnv, turn, json.dumps(SLOTS), now))
            database.execute(
                "INSERT INTO reply (id, conversation_id, turn_id, target, job,"
                " text, created_at) VALUES (?, ?, ?, 'webhook', 'case', ?, ?)",
                (last + 1 + i - first, cnv, turn, reference(i), now))


def prepare(receiver):
    daemon = Daemon()
    with open(daemon.config, "w") as f:
        f.write(CONFIG.format(packs=f"{SOURCE}/intents", port=receiver.port,
                              dir=daemon.dir, ca=CERTIFICATES.path("ca.pem")))
    with open(os.path.join(daemon.dir, "webhook.key"), "w") as f:
        f.write("whsec_" + SECRET + "\n")
    os.chmod(f.name, 0o600)
    daemon.start()
    daemon.stop()
    add_cases(daemon, 0, CASES)
    return daemon


def settle(daemon):
    """Wait until nothing is left to be sent."""
    end = time.monotonic() + START_S
    while time.monotonic() < end:
        code, status, _ = daemon.ctl("status")
        if code == 0 and status["totals"]["replies_pending"] == 0:
            return True
        time.sleep(0.05)
    return False


def drain(receiver, seen):
    """What came with an earlier process, and is answered to nobody."""
    with contextlib.suppress(queue.Empty):
        while True:
            request = receiver.requests.get_nowait()
            seen.append(request)
            request["answer"].put(503)


def crash(daemon, receiver, seen, taken, chance):
    """Killed while the other program has a case, answered or not."""
    daemon.start()
    for _ in range(chance.randint(1, 4)):
        request = receiver.next()
        seen.append(request)
        if chance.random() < 0.5:
            taken.add(request["headers"]["webhook-id"])
            request["answer"].put(200)
    daemon.kill()
    drain(receiver, seen)


def deliver(daemon, receiver, seen):
    """To the end: each first attempt is refused for now, the next taken."""
    daemon.start()
    done = threading.Event()

    def answer():
        refused = set()
        while not done.is_set():
            try:
                request = receiver.requests.get(timeout=0.1)
            except queue.Empty:
                continue
            seen.append(request)
            name = request["headers"]["webhook-id"]
            is_first = len(refused) < 5 and name not in refused
            refused.add(name)
            request["answer"].put(503 if is_first else 204)

    thread = threading.Thread(target=answer)
    thread.start()
    is_settled = settle(daemon)
    done.set()
    thread.join()
    return is_settled


def check_webhook(tap, daemon, receiver):
    seed = os.environ.get("CRASH_SEED", str(time.time_ns()))
    chance = random.Random(seed)
    print(f"# {CASES} cases, {ROUNDS} crashes, CRASH_SEED={seed}", flush=True)
    seen, taken = [], set()
    for _ in range(ROUNDS):
        if len(taken) > CASES // 2:
            break  # lest one waits for more than there are
        crash(daemon, receiver, seen, taken, chance)
    tap.ok(deliver(daemon, receiver, seen), "every case leaves in the end",
           daemon.log()[-2000:])
    by_id = collections.defaultdict(set)
    by_case = collections.defaultdict(set)
    for request in seen:
        name = request["headers"]["webhook-id"]
        event = json.loads(request["body"])
        by_id[name].add(request["body"])
        by_case[event["data"]["reference"]].add(name)
    print(f"# {len(seen)} posts, {len(taken)} taken before a crash")
    tap.equal(len(by_case), CASES, "no case is lost")
    tap.ok(all(len(names) == 1 for names in by_case.values()),
           "a case has one id, however often it comes")
    tap.ok(all(len(bodies) == 1 for bodies in by_id.values()),
           "an id has one body")
    tap.ok(len(seen) > CASES, "some came again, so this was tried")
    tap.ok(all(r["headers"]["webhook-signature"] == signature_of(r)
               for r in seen), "each is signed")
    tap.ok(all(abs(int(r["headers"]["webhook-timestamp"]) - time.time()) < 3600
               for r in seen), "each has the time of its attempt")
    tap.ok(all(r["path"] == "/cases" and
               r["headers"]["Content-Type"] == "application/json"
               for r in seen), "each goes where the settings say")


def check_body(tap, daemon, receiver):
    daemon.stop()
    add_cases(daemon, CASES, 1)
    daemon.start()
    request = receiver.next()
    request["answer"].put(410)
    event = json.loads(request["body"])
    tap.equal(event, {
        "type": "case.opened", "timestamp": "2026-11-28T22:30:00.000Z",
        "data": {"reference": reference(CASES), "form": "dispute",
                 "title": "Disputed payment", "complete": True,
                 "conversation": f"cnv_{CASES:022}", "channel": "web",
                 "slots": SLOTS}}, "it says all that there is to say")
    tap.ok(settle(daemon), "where it is gone for good it is not tried again")
    code, status, _ = daemon.ctl("status")
    tap.equal((code, status["totals"]["replies_failed"],
               status["totals"]["cases_open"]), (0, 1, CASES + 1),
              "which is counted, as open cases are")


def check_ctl(tap, daemon):
    newest = reference(CASES)
    code, document, _ = daemon.ctl("cases", "list", "--limit", "2")
    tap.equal((code, [c["reference"] for c in document["cases"]],
               document["more"]), (0, [newest, reference(CASES - 1)], True),
              "cases are listed, newest first")
    code, document, _ = daemon.ctl("cases", "list", "--before", reference(1))
    tap.equal([c["reference"] for c in document["cases"]], [reference(0)],
              "and from one on")
    spoken = newest.lower().replace("-", " ")
    code, document, words = daemon.ctl("cases", "show", spoken)
    tap.equal((code, document.get("slots"), document.get("state")),
              (0, SLOTS, "open"), "one is found as it is read out")
    wrong = ("2" if newest[0] != "2" else "3") + newest[1:]
    code, document, _ = daemon.ctl("cases", "show", wrong)
    tap.ok(code == 1 and "mistyped" in json.dumps(document),
           "one that was mistyped is refused", document)
    code, document, _ = daemon.ctl("cases", "show", reference(10 ** 6))
    tap.ok(code == 1 and "there is no case" in json.dumps(document),
           "one that is not there is said not to be", document)
    code, document, _ = daemon.ctl(
        "cases", "close", newest, "--note",
        "paid back to 4111 1111 1111 1111")
    tap.equal((code, document.get("state"), document.get("note")),
              (0, "closed", "paid back to [card ok ...1111]"),
              "one is closed, with a note that is redacted")
    code, document, _ = daemon.ctl("cases", "close", newest)
    tap.ok(code == 1 and "was closed by" in json.dumps(document),
           "and not again", document)
    code, document, _ = daemon.ctl("cases", "list", "--in", "closed")
    tap.equal([c["reference"] for c in document["cases"]], [newest],
              "what is closed is listed when that is asked for")
    code, document, _ = daemon.ctl("conversations", "show",
                                   f"cnv_{CASES:022}")
    tap.equal([c["reference"] for c in document["cases"]], [newest],
              "a conversation shows its cases")
    code, text, _ = daemon.ctl("cases", "show", newest, as_json=False)
    tap.ok("Why (skipped)" in text and "[card ok ...1111]" in text and
           "closed by" in text, "people can read it", text)


def check_form(tap, daemon, receiver):
    conversation, auth = daemon.conversation()
    told, said = forms.fill_in(daemon, conversation, auth)
    if not tap.ok(told, "a customer fills in a form and gets a reference", said):
        return
    request = receiver.next()
    request["answer"].put(200)
    data = json.loads(request["body"])["data"]
    tap.equal((data["reference"], data["form"], data["complete"],
               data["conversation"], data["channel"]),
              (told, "address_change", True, conversation, "web"),
              "and the other program the same reference")
    values = {slot["slot"]: slot["value"] for slot in data["slots"]}
    tap.ok(values["address"] == forms.ADDRESS and
           values["day"].endswith("-12-03"), "with what was answered", values)
    code, document, _ = daemon.ctl("cases", "show", told)
    tap.equal((code, document["slots"]), (0, data["slots"]),
              "which the desk sees as well")
    code, shown, _ = daemon.ctl("desk", "show", conversation)
    tap.equal((code, shown.get("cases")), (0, [document]),
              "also where an agent looks at the conversation")
    code, replay, words = daemon.ctl("replay", conversation)
    tap.ok(code == 0 and replay["turns"] == replay["equal"],
           "every turn is decided again as it was", words or replay)


def main():
    tap = Tap()
    try:
        receiver = Receiver()
    except Skip as skipped:
        tap.skip("cases are told to another program", skipped)
        tap.done()
    with prepare(receiver) as daemon:
        check_webhook(tap, daemon, receiver)
        check_body(tap, daemon, receiver)
        check_ctl(tap, daemon)
        check_form(tap, daemon, receiver)
        tap.equal(daemon.stop(), 0, "it ends cleanly")
    receiver.close()
    CERTIFICATES.remove()
    tap.done()


main()
