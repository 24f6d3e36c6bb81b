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
must all be 0.  Prints TAP and, as comments, the counts."""

import collections
import http.client
import json
import os
import random
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from daemon import Daemon, Tap  # noqa: E402

CUSTOMERS = 8
SETTLE_S = 60
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
            self.texts[client_id] = f"{self.random.choice(QUESTIONS)} #{n}"
            self.send(client_id)
            time.sleep(self.random.uniform(0, 0.05))

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
    for client_id, message_id in customer.acknowledged.items():
        counts["acknowledged"] += 1
        counts["lost"] += said[message_id] == 0
        counts["doubled"] += texts[customer.texts[client_id]] > 1
    for message_id in said:
        counts["answered twice"] += answers[message_id] > 1
        counts["stuck"] += answers[message_id] == 0


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 25
    seed = os.environ.get("CRASH_SEED", str(time.time_ns()))
    chance = random.Random(seed)
    tap = Tap()
    print(f"# {rounds} rounds, CRASH_SEED={seed}", flush=True)
    with Daemon(settings=["log.turns=false"]) as daemon:
        daemon.start()
        customers = [Customer(daemon, i, seed) for i in range(CUSTOMERS)]
        for customer in customers:
            customer.start()
        for _ in range(rounds):
            time.sleep(chance.uniform(0.01, 0.6))
            daemon.kill()
            daemon.start()
        time.sleep(0.5)
        for customer in customers:
            customer.stop.set()
        for customer in customers:
            customer.join()
        tap.ok(settle(daemon), "nothing is left waiting", daemon.log()[-2000:])
        counts = collections.Counter()
        for customer in customers:
            check(customer, daemon.history(customer.id, customer.auth), counts)
        repeats = sum(customer.repeats for customer in customers)
        print(f"# {counts['acknowledged']} acknowledged, {repeats} repeated")
        tap.ok(counts["acknowledged"] > rounds, "there was a load")
        for what in ("lost", "doubled", "answered twice", "stuck", "disorder"):
            tap.equal(counts[what], 0, f"{what}: 0")
        code, replay, words = daemon.ctl("replay", "--all")
        tap.ok(code == 0 and replay["turns"] == replay["equal"],
               "every turn is decided again as it was", words or replay)
        tap.equal(daemon.stop(), 0, "it ends cleanly")
    tap.done()


main()
