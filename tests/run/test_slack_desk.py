"""Slack as a desk: a card for who waits on any channel, claimed, talked at and
given back in Slack, over a daemon that is killed amidst."""

import copy
import os
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "slack"))
from daemon import SOURCE, START_S, Daemon, Tap  # noqa: E402
from simulator import Slack  # noqa: E402

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
TOKEN = "xoxb-of-the-test"
DESK = "C0DESK0001"
CONFIG = """\
desk:
  packs_dir: {packs}
plugins:
  web:
    page: true
    burst: 0 ms
  slack:
    burst: 0 ms
    pace: 0 ms
    timeout: 5 s
    signing_secret: file:{dir}/signing
    workspaces:
      acme: {{team: T0ACME001, token: "file:{dir}/token"}}
    desk:
      acme: {{channel: {desk}, history: all}}
    api_base: {base}
    allow_private: true
"""
QUESTION = "How do I order a new card?"
ENDED = "has ended"  # of the pack's text for the customer
PERSON = "can I speak to a person, my IBAN is DE89 3704 0044 0532 0130 00"


class Desk:
    """The agents' channel, and a customer on the web."""

    def __init__(self, daemon, slack):
        self.tellerd, self.slack = daemon, slack
        self.id, self.auth = daemon.conversation()
        self.address = f"127.0.0.1:{daemon.port}"
        self.card = None

    def write(self, text):
        status, document = self.tellerd.json(
            "POST", f"/v1/conversations/{self.id}/messages", {"text": text},
            self.auth)
        assert status == 202, (status, document)

    def heard(self):
        """[(author, name, text), ...] but what he wrote himself."""
        return [(m["author"], m.get("name", ""), m["text"])
                for m in self.tellerd.history(self.id, self.auth)
                if m["author"] != "customer"]

    def hears(self, part):
        return wait(lambda: any(part in text for _, _, text in self.heard()))

    def cards(self):
        return [m for m in self.slack.posts(DESK) if self.id in m["text"]]

    def wait_card(self, n=1):
        cards = self.slack.wait(lambda: len(self.cards()) >= n and self.cards())
        self.card = cards[-1]
        self.slack.wait(self.thread)  # now tellerd knows that it is there
        return self.card

    def shows(self, part):
        return self.slack.wait(lambda: part in self.card["text"])

    def thread(self):
        return [m["text"] for m in self.slack.posts(DESK, self.card["ts"])]

    def has(self, part):
        """Is it said in the card's thread, in the end?"""
        return self.slack.wait(
            lambda: any(part in text for text in self.thread()))

    def press(self, action, user="U0ANN0001"):
        return self.slack.post_payload(self.address, self.slack.press(
            self.card, "desk_" + action, user))[0]

    def say(self, text, user="U0ANN0001"):
        """The event of what an agent writes in the thread, once taken."""
        event = self.slack.message(DESK, text, thread=self.card["ts"],
                                   user=user)
        assert self.slack.send(self.address, event)
        return event["event"]["ts"]

    def is_ticked(self, ts):
        return (DESK, ts, "white_check_mark") in self.slack.reactions

    def wait_ticked(self, ts):
        return self.slack.wait(lambda: self.is_ticked(ts))

    def buttons(self):
        return [b["action_id"] for block in self.card["blocks"]
                for b in block.get("elements", [])]


def wait(is_there):
    """Of what is read from the daemon: it tells nobody."""
    end = time.monotonic() + START_S
    while time.monotonic() < end:
        found = is_there()
        if found:
            return found
        time.sleep(0.05)
    return None


def prepare(slack):
    daemon = Daemon()
    with open(daemon.config, "w") as f:
        f.write(CONFIG.format(packs=f"{SOURCE}/intents", dir=daemon.dir,
                              base=slack.base, desk=DESK))
    for name, text in [("signing", SECRET), ("token", TOKEN)]:
        path = os.path.join(daemon.dir, name)
        with open(path, "w") as f:
            f.write(text)
        os.chmod(path, 0o600)
    slack.members = ["U0TELLER1", "U0CEM0001", "U0ANN0001", "U0BEN0001",
                     "U0GUEST01"]
    slack.names = {"U0ANN0001": "Ann", "U0BEN0001": "Ben"}
    slack.guests = ["U0GUEST01"]
    return daemon.start()


def check_card(tap, desk):
    desk.write(QUESTION)
    tap.ok(desk.hears("card"), "the bot answers first", desk.heard())
    desk.write(PERSON)
    card = desk.wait_card()
    tap.ok("waits" in card["text"] and "can I speak to a person" in card["text"]
           and "3704" not in card["text"],
           "who asks for a person has a card, redacted as all is", card)
    tap.equal(desk.buttons(), ["desk_claim", "desk_suggest", "desk_return",
                               "desk_close"], "with what can be done")
    tap.ok(desk.has(QUESTION) and desk.has("Why"),
           "what was said before is in its thread", desk.thread())


def check_agents(tap, desk):
    tap.equal([desk.press("claim", user) for user in
               ("U0GUEST01", "U0MALLORY")], [200, 200],
              "buttons of a guest and of a stranger are answered")
    whispers = desk.slack.wait(lambda: len(desk.slack.whispers) >= 2 and
                               desk.slack.whispers)
    tap.equal([w["user"] for w in whispers or []], ["U0GUEST01", "U0MALLORY"],
              "and they alone are told why nothing happens")
    tap.ok("waits" in desk.card["text"], "the customer waits still")


def check_talk(tap, desk):
    desk.say("shall I take it?", "U0BEN0001")
    seen = copy.deepcopy(desk.card)  # by who has not seen yet what changed
    tap.equal(desk.press("claim"), 200, "Ann claims it")
    tap.ok(desk.shows("Ann has the conversation") and
           desk.hears("Ann has joined"),
           "the card says so, and so is the customer", desk.card)
    ts = desk.say("Which card is it?\n// he sounds upset")
    tap.ok(desk.wait_ticked(ts), "what Ann writes is ticked when delivered",
           desk.slack.reactions)
    tap.ok(desk.hears("Which card is it?"), "and is the customer's")
    desk.write("The blue one.")
    tap.ok(desk.has("The blue one."), "his further words come into the thread",
           desk.thread())
    note = desk.say("// the blue ones are old")
    other = desk.say("Let me help, too", "U0BEN0001")
    last = desk.say("I order it.")
    desk.wait_ticked(last)
    tap.ok(not desk.is_ticked(note) and not desk.is_ticked(other),
           "a note and a colleague's words are not ticked",
           desk.slack.reactions)
    said = [text for author, _, text in desk.heard() if author == "agent"]
    tap.equal(said, ["Which card is it?", "I order it."],
              "and the customer gets neither")
    _, shown, _ = desk.tellerd.ctl("desk", "show", desk.id)
    notes = sorted(w["text"] for w in shown["messages"] if w["author"] == "note")
    tap.equal(notes, [" he sounds upset", " the blue ones are old",
                      "Let me help, too", "shall I take it?"],
              "they are kept as notes")
    before = len(desk.slack.whispers)
    desk.slack.post_payload(desk.address, desk.slack.press(
        seen, "desk_claim", "U0BEN0001"))
    told = desk.slack.wait(lambda: desk.slack.whispers[before:])
    tap.ok(told and told[0]["user"] == "U0BEN0001" and
           "not claimed: Ann has" in told[0]["text"],
           "who presses it after her sees that she was before him", told)


def check_suggestion(tap, desk):
    desk.write("What are your opening hours?")
    desk.has("opening hours")
    before = len(desk.slack.whispers)
    desk.press("suggest")
    whispers = desk.slack.wait(lambda: desk.slack.whispers[before:])
    tap.ok(whispers and whispers[0]["user"] == "U0ANN0001" and
           "@" in whispers[0]["text"] and "hours" in whispers[0]["text"],
           "who asks for it sees what the bot would say", whispers)


def check_kill(tap, desk):
    """The words are on disk, and the daemon is killed."""
    def kill(method, arguments):
        if method == "reactions.add":
            desk.slack.fault = lambda method, arguments: None
            desk.tellerd.kill()
        return None

    desk.slack.fault = kill
    ts = desk.say("One moment, please.")
    desk.slack.wait(lambda: desk.tellerd.process.poll() is not None)
    desk.tellerd.start()
    tap.ok(desk.wait_ticked(ts) and
           len([t for _, _, t in desk.heard() if "One moment" in t]) == 1,
           "killed before the tick, it is there, and nothing is said twice")


def check_kill_card(tap, desk):
    """The card is there, and the daemon killed before Slack says so."""
    def kill(message):
        if message["channel"] == DESK and "thread_ts" not in message:
            desk.slack.on_posted = lambda message: None
            desk.tellerd.kill()

    other = Desk(desk.tellerd, desk.slack)
    desk.slack.on_posted = kill
    other.write(PERSON)
    desk.slack.wait(lambda: desk.tellerd.process.poll() is not None)
    desk.tellerd.start()
    other.wait_card()
    tap.equal(len(other.cards()), 1,
              "killed when a card is there, it does not put up another")
    other.press("claim")
    tap.ok(other.shows("Ann has"), "and knows its own", other.card)
    other.press("close")


def check_end(tap, desk):
    desk.press("return")
    tap.ok(desk.shows("The assistant has") and desk.hears("You are back"),
           "given back, the card and the customer say so", desk.card)
    ts = desk.say("One more thing")
    tap.ok(desk.has("not sent to the customer") and not desk.is_ticked(ts),
           "who gave it back is told that he is not heard", desk.thread())
    desk.write(PERSON)
    old = desk.card
    desk.wait_card(2)
    tap.ok(desk.slack.wait(lambda: "newer card" in old["text"]) and
           desk.card["ts"] != old["ts"],
           "who asks again has a new card, and the old one says so", old)
    desk.press("claim", "U0BEN0001")
    desk.shows("Ben has")
    desk.press("close", "U0BEN0001")
    tap.ok(desk.shows("Closed") and desk.buttons() == [],
           "a card that is closed has no buttons", desk.card)


def check_both_sides(tap, desk):
    """Customer and agents are in Slack."""
    slack, dm = desk.slack, "D0CEM0001"
    before = len(slack.posts(DESK))
    slack.send(desk.address, slack.message(dm, PERSON, user="U0CEM0001"))
    cards = slack.wait(lambda: slack.posts(DESK)[before:])
    other = Desk(desk.tellerd, slack)
    other.card = cards[0]
    other.id = cards[0]["text"].split("`")[1]
    slack.wait(other.thread)
    other.press("claim")
    other.shows("Ann has")
    ts = other.say("Hello Cem")
    tap.ok(other.wait_ticked(ts) and
           "*Ann*\nHello Cem" in [m["text"] for m in slack.posts(dm)],
           "a customer in Slack is talked to there", slack.posts(dm))
    said = len(slack.posts(dm))
    slack.send(desk.address, slack.message(dm, "Thanks!", user="U0CEM0001"))
    tap.ok(other.has("Thanks!") and len(slack.posts(dm)) == said,
           "and heard in the thread, while the bot is silent",
           other.thread())
    other.press("close")
    other.shows("Closed")


def check_terminal(tap, desk):
    """A colleague works by tellerctl."""
    other = Desk(desk.tellerd, desk.slack)
    other.write(PERSON)
    other.wait_card()
    code, _, words = desk.tellerd.ctl("desk", "claim", other.id, "--actor",
                                      "Carla")
    tap.ok(code == 0 and other.shows("Carla has"),
           "a card shows who claimed it elsewhere", (words, other.card))
    ts = other.say("Shall I?")
    desk.tellerd.ctl("desk", "say", other.id, "Good morning.", "--actor",
                     "Carla")
    tap.ok(other.hears("Good morning.") and not other.is_ticked(ts),
           "and his words are none of Slack's", other.heard())
    other.press("take_over")
    tap.ok(other.shows("Ann has"), "from whom it can be taken over",
           other.card)
    other.press("close")
    other.shows("Closed")


def check_lease(tap, desk):
    """Nobody does anything about it."""
    desk.tellerd.stop()
    desk.tellerd.settings.append("desk.lease=1 s")
    desk.tellerd.start()
    other = Desk(desk.tellerd, desk.slack)
    other.write(PERSON)
    old = other.wait_card()
    other.press("claim")
    card = other.wait_card(2)
    tap.ok("waits" in card["text"] and "can I speak" in card["text"] and
           desk.slack.wait(lambda: "newer card" in old["text"]),
           "who is left by his agent has a card again", (old, card))


def is_settled(daemon):
    """Has the desk taken in all that it is to show?"""
    code, status, _ = daemon.ctl("status")
    return code == 0 and status["totals"]["queued"] == 0 and \
        status["totals"]["replies_pending"] == 0


def updates(slack):
    """What cards were made to show."""
    with slack.lock:
        return [arguments["text"] for method, arguments, fault in slack.calls
                if method == "chat.update" and not fault]


def check_many(tap, desk):
    """Of updates that Slack holds back two are left when it lets go: the one
    that was to be made, and the last."""
    old = desk.card
    desk.write(PERSON)
    desk.wait_card(3)
    desk.slack.wait(lambda: "newer card" in old["text"])
    claim = desk.slack.press(desk.card, "desk_claim")
    desk.slack.fault = lambda method, arguments: (
        "ratelimited" if method == "chat.update" else None)
    before = len(updates(desk.slack))
    n_ends = len([t for _, _, t in desk.heard() if ENDED in t])
    for action in ("claim", "return", "claim", "close"):
        claim["actions"][0].update(action_id="desk_" + action,
                                   action_ts=desk.slack.ts())
        desk.slack.post_payload(desk.address, claim)
    wait(lambda: len([t for _, _, t in desk.heard() if ENDED in t]) > n_ends)
    wait(lambda: is_settled(desk.tellerd))
    desk.slack.fault = lambda method, arguments: None
    tap.ok(desk.shows("Closed"), "a card shows the present state", desk.card)
    shown = updates(desk.slack)[before:]
    tap.ok(0 < len(shown) <= 2 and "Closed" in shown[-1],
           "and not each on the way to it", shown)


def main():
    tap = Tap()
    slack = Slack(SECRET, TOKEN, "T0ACME001")
    with prepare(slack) as daemon:
        desk = Desk(daemon, slack)
        check_card(tap, desk)
        check_agents(tap, desk)
        check_talk(tap, desk)
        check_suggestion(tap, desk)
        check_kill(tap, desk)
        check_kill_card(tap, desk)
        check_end(tap, desk)
        check_many(tap, desk)
        check_both_sides(tap, desk)
        check_terminal(tap, desk)
        check_lease(tap, desk)
        tap.ok(len(slack.all_posts()) == len({
            (m["metadata"]["event_payload"]["job"],
             m["metadata"]["event_payload"]["part"])
            for m in slack.all_posts()}), "nothing is posted twice")
        tap.equal(daemon.stop(), 0, "it ends cleanly")
    slack.close()
    tap.done()


main()
