"""Forms of a real daemon: killed between any two answers it goes on where it
was, what was answered is a case once, and an agent who comes sees it."""

import contextlib
import os
import re
import sqlite3
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from daemon import Tap  # noqa: E402
from peer import PeerDaemon  # noqa: E402

# What the customer writes, and how the reply to it ends: the shipped pack's
# form of a lost card.
ANSWERS = [
    ("I lost my Visa ending 1111 yesterday", "Where was that"),
    ("Cork, no, I meant Cobh", "Do you see payments since then"),
    ("no", "Is that right?"),
    ("sorry, the card ending 4242", "Is that right?"),
]
CRASHED = "I am sorry, something went wrong on our"
SUMMARY = ["- Card: ...4242", "- Where: Cork, no, I meant Cobh",
           "- Payments you did not make: No"]
REFERENCE = re.compile(r"\b[0-9A-Z]{5}-[0-9A-Z]{5}-[0-9A-Z]\b")


class Customer:
    def __init__(self, daemon):
        self.daemon = daemon
        self.id, self.auth = daemon.conversation()

    def write(self, text):
        status, document = self.daemon.send(self.id, self.auth, text)
        assert status == 202, (status, document)

    def replies(self):
        self.daemon.settle()
        return [m["text"] for m in self.daemon.history(self.id, self.auth)
                if m["author"] == "bot"]

    def hear(self, text):
        """The one reply to it."""
        n = len(self.replies())
        self.write(text)
        new = self.replies()[n:]
        assert len(new) == 1, new
        return new[0]


def cases(daemon):
    code, found, words = daemon.ctl("cases", "list", "--in", "all")
    assert code == 0, words
    return found["cases"]


def last_paragraph(text):
    return text.rsplit("\n\n", 1)[-1]


def check_kills(tap, daemon):
    """kill -9 as soon as an answer was acknowledged, and between answers."""
    customer = Customer(daemon)
    for i, (text, question) in enumerate(ANSWERS):
        n = len(customer.replies())
        customer.write(text)
        if i % 2 == 0:
            daemon.kill()
            daemon.start()
        new = customer.replies()[n:]
        tap.ok(len(new) == 1 and question in last_paragraph(new[0]),
               f"'{text}' is followed by the next question, once", new)
        daemon.kill()
        daemon.start()
    tap.ok(all(line in new[0] for line in SUMMARY),
           "the summary has all that was said to three processes", new)
    tap.equal(cases(daemon), [], "nothing is kept before the customer agrees")
    reply = customer.hear("yes")
    found = REFERENCE.search(reply)
    tap.ok(found is not None, "the end has a reference", reply)
    daemon.kill()
    daemon.start()
    listed = cases(daemon)
    tap.equal([(c["reference"], c["form"]) for c in listed],
              [(found.group(), "card_lost")],
              "there is one case, of that reference")


def check_claim(tap, daemon):
    customer = Customer(daemon)
    before = {c["reference"] for c in cases(daemon)}
    customer.hear("I lost my Visa ending 1111 yesterday")
    daemon.settle()
    daemon.desk.act(customer.id, "claim", "anna")
    daemon.settle()
    new = [c for c in cases(daemon) if c["reference"] not in before]
    tap.ok(len(new) == 1, "who is claimed in mid-form leaves a case", new)
    code, case, words = daemon.ctl("cases", "show", new[0]["reference"])
    tap.ok(code == 0 and "...1111" in str(case),
           "which has what was answered so far", case or words)
    n = len(customer.replies())
    customer.write("Cork")
    tap.equal(len(customer.replies()), n, "the bot asks nothing any more")


def check_replay(tap, daemon):
    code, replay, words = daemon.ctl("replay", "--all")
    tap.ok(code == 0 and replay["turns"] == replay["equal"] > 0,
           "every turn is decided again as it was", words or replay)


def in_database(daemon, statement):
    with contextlib.closing(sqlite3.connect(
            os.path.join(daemon.state, "store.db"), timeout=30)) as database:
        database.execute(statement)
        database.commit()


def check_refused(tap, daemon):
    """A turn that the store refuses, however often it is tried."""
    customer = Customer(daemon)
    for text, _ in ANSWERS:
        customer.hear(text)
    in_database(daemon, "CREATE TRIGGER refuse BEFORE INSERT ON form_case"
                        " BEGIN SELECT RAISE(ABORT, 'no'); END")
    n = len(customer.replies())
    customer.write("yes")
    new = customer.replies()[n:]
    in_database(daemon, "DROP TRIGGER refuse")
    tap.ok(len(new) == 1 and CRASHED in new[0],
           "what can never be stored goes to a person", new)


def main():
    tap = Tap()
    with PeerDaemon() as daemon:
        daemon.start()
        check_kills(tap, daemon)
        check_claim(tap, daemon)
        check_refused(tap, daemon)
        check_replay(tap, daemon)
        tap.equal(daemon.stop(), 0, "it ends cleanly")
    tap.done()


main()
