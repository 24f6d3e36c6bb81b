"""kill -9 at random instants under load, and what must be true afterwards.

    test_crash.py [ROUNDS]

Customers write through HTTP, each in a conversation of his own, and repeat a
message under the same id until it is acknowledged.  The daemon is killed and
started again ROUNDS times.  In the end
  lost        acknowledged messages that are not in the history
  doubled     messages that stand in it twice
  answered twice   messages that two replies answer
  stuck       messages without a reply
  disorder    replies before what they answer
  cases lost  references that a customer was told, without a case
  cases untold  cases of which the customer was not told
must all be 0.  Prints TAP and, as comments, the counts."""

import collections
import contextlib
import http.client
import json
import os
import random
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import forms  # noqa: E402
from daemon import Daemon, Tap  # noqa: E402

CUSTOMERS = 8
FORMS = 3  # of them fill in forms
SETTLE_S = 60
# A start, which teaches the classifier, takes a tenth of a minute there.
ROUNDS = 8 if os.environ.get("SANITIZERS") == "thread" else 25
QUESTIONS = [
    "How do I order a new card?", "what are your opening hours",
    "hello", "I lost my card yesterday", "what is the meaning of life",
    "asdf qwer", "can I speak to a person", "what does an overdraft cost",
    "how long does a transfer take", "thanks",
]


class Customer(threading.Thread):
    def __init__(self, daemon, number, seed):
        super().__init__(daemon=True)
        self.tellerd = daemon
        self.random = random.Random(f"{seed}/{number}")
        self.acknowledged = {}  # client id -> message id
        self.texts = {}
        self.repeats = 0
        self.stop = threading.Event()
        self.id, self.auth = daemon.conversation()
        self.number = number

    def run(self):
        n = 0
        while not self.stop.is_set():
            n += 1
            client_id = f"customer-{self.number}-{n}"
            self.texts[client_id] = self.next_text(n)
            self.send(client_id)
            time.sleep(self.random.uniform(0, 0.05))

    def next_text(self, n):
        return f"{self.random.choice(QUESTIONS)} #{n}"

    def send(self, client_id):
        """Until it is acknowledged, or the test ends: then it is unknown."""
        body = {"text": self.texts[client_id], "client_id": client_id}
        while not self.stop.is_set():
            try:
                status, document = self.tellerd.json(
                    "POST", f"/v1/conversations/{self.id}/messages", body,
                    self.auth, timeout=5)
                if status == 202:
                    self.acknowledged[client_id] = document["id"]
                    return
                if status != 503:
                    raise RuntimeError(f"{status} {document}")
            except (OSError, http.client.HTTPException, json.JSONDecodeError):
                pass
            self.repeats += 1
            time.sleep(0.01)


class FormCustomer(Customer):
    """Reads what the bot asks, and answers it."""

    is_told = False  # a case's reference

    def next_text(self, n):
        reply = self.reply()
        self.is_told |= bool(forms.REFERENCE.search(reply))
        return forms.answer_to(reply) or forms.QUESTION

    def reply(self):
        """That to his last message, once it is there."""
        last = list(self.acknowledged.values())[-1:]
        while last and not self.stop.is_set():
            with contextlib.suppress(OSError, http.client.HTTPException,
                                     json.JSONDecodeError, AssertionError):
                for m in self.tellerd.history(self.id, self.auth):
                    if last[0] in m.get("in_reply_to", ()):
                        return m["text"]
            time.sleep(0.02)
        return ""


def check_cases(daemon, customers, counts):
    told = {(customer.id, reference) for customer in customers
            for m in daemon.history(customer.id, customer.auth)
            if m["author"] != "customer"
            for reference in forms.REFERENCE.findall(m["text"])}
    code, document, words = daemon.ctl("cases", "list", "--in", "all",
                                       "--limit", "1000")
    assert code == 0 and not document["more"], words or document
    cases = {(c["conversation"], c["reference"]) for c in document["cases"]}
    counts["cases"] = len(cases)
    counts["cases lost"] = len(told - cases)
    counts["cases untold"] = len(cases - told)


def settle(daemon):
    """Wait until nothing is queued or to be sent."""
    end = time.monotonic() + SETTLE_S
    while time.monotonic() < end:
        code, status, _ = daemon.ctl("status")
        totals = status["totals"] if code == 0 else {"queued": 1}
        if totals["queued"] == 0 and totals["replies_pending"] == 0:
            return True
        time.sleep(0.1)
    return False


def check(customer, history, counts):
    said = collections.Counter(m["id"] for m in history
                               if m["author"] == "customer")
    answers = collections.Counter()
    position = {m["id"]: i for i, m in enumerate(history)}
    for i, message in enumerate(history):
        for answered in message.get("in_reply_to", ()):
            answers[answered] += 1
            counts["disorder"] += position.get(answered, i) >= i
    texts = collections.Counter(m["text"] for m in history
                                if m["author"] == "customer")
    sent = collections.Counter(customer.texts.values())
    counts["doubled"] += sum((texts - sent).values())
    for message_id in customer.acknowledged.values():
        counts["acknowledged"] += 1
        counts["lost"] += said[message_id] == 0
    for message_id in said:
        counts["answered twice"] += answers[message_id] > 1
        counts["stuck"] += answers[message_id] == 0


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    seed = os.environ.get("CRASH_SEED", str(time.time_ns()))
    chance = random.Random(seed)
    tap = Tap()
    print(f"# {rounds} rounds, CRASH_SEED={seed}", flush=True)
    with Daemon(settings=["log.turns=false"]) as daemon:
        daemon.start()
        customers = [(FormCustomer if i < FORMS else Customer)(daemon, i, seed)
                     for i in range(CUSTOMERS)]
        for customer in customers:
            customer.start()
        for _ in range(rounds):
            time.sleep(chance.uniform(0.01, 0.6))
            daemon.kill()
            daemon.start()
        # Between the kills of a slow machine there is no time for a form.
        end = time.monotonic() + SETTLE_S
        while time.monotonic() < end and \
                not any(customer.is_told for customer in customers[:FORMS]):
            time.sleep(0.1)
        for customer in customers:
            customer.stop.set()
        for customer in customers:
            customer.join()
        tap.ok(settle(daemon), "nothing is left waiting", daemon.log()[-2000:])
        counts = collections.Counter()
        for customer in customers:
            check(customer, daemon.history(customer.id, customer.auth), counts)
        check_cases(daemon, customers, counts)
        repeats = sum(customer.repeats for customer in customers)
        print(f"# {counts['acknowledged']} acknowledged, {repeats} repeated, "
              f"{counts['cases']} cases")
        tap.ok(counts["acknowledged"] > rounds, "there was a load")
        tap.ok(counts["cases"] > 0, "and forms were filled in")
        for what in ("lost", "doubled", "answered twice", "stuck", "disorder",
                     "cases lost", "cases untold"):
            tap.equal(counts[what], 0, f"{what}: 0")
        code, replay, words = daemon.ctl("replay", "--all")
        tap.ok(code == 0 and replay["turns"] == replay["equal"],
               "every turn is decided again as it was", words or replay)
        tap.equal(daemon.stop(), 0, "it ends cleanly")
    tap.done()


main()
