"""From the bot to a person and back: what customer and desk see of it, that
every act happens once, and that a killed daemon goes on with it."""

import concurrent.futures
import os
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from daemon import Tap  # noqa: E402
from peer import PeerDaemon, act, message  # noqa: E402

QUESTION = "How do I order a new card?"
PERSON = "can I speak to a person"
TRIGGER = "I lost my card yesterday"
# Of the pack's texts.
HANDOVER = "I am passing this conversation on"
WAITING = "You are still waiting for a person"
UNCLAIMED = "no colleague is free to answer"
CLAIMED = "Anna has joined the conversation"
RETURNED = "You are back with the automated assistant"
CLOSED = "Your conversation with our colleague has ended"


class Customer:
    """On the web."""

    def __init__(self, daemon):
        self.tellerd = daemon
        self.id, self.auth = daemon.conversation()

    def write(self, text):
        status, document = self.tellerd.json(
            "POST", f"/v1/conversations/{self.id}/messages", {"text": text},
            self.auth)
        assert status == 202, (status, document)
        return document["id"]

    def seen(self):
        """[(author, name, kind, text), ...] but what he wrote himself."""
        self.tellerd.settle()
        return [(m["author"], m.get("name", ""), m["kind"], m["text"])
                for m in self.tellerd.history(self.id, self.auth)
                if m["author"] != "customer"]

    def hear(self, text):
        """What he writes, and all that he sees from then on."""
        n = len(self.seen())
        self.write(text)
        return self.seen()[n:]


def is_one(seen, author, kind, *parts):
    return len(seen) == 1 and seen[0][0] == author and seen[0][2] == kind and \
        all(part in seen[0][3] for part in parts)


def words(job):
    """A card has more than what the customer wrote: that comes first."""
    first, _, rest = job["text"].partition("\n\n")
    if job["kind"] == "desk_card":
        assert rest.startswith("- Why: "), job
        return first
    return job["text"]


def desk_has(daemon, customer, *expected):
    """Are the newest jobs of the desk those: (kind, state, text)?"""
    daemon.settle()
    got = [(job["kind"], job["conversation_state"], words(job))
           for job in daemon.desk.delivered(customer.id)]
    return got[-len(expected):] == list(expected)


def check_begin(tap, daemon, customer):
    seen = customer.hear(QUESTION)
    tap.ok(is_one(seen, "bot", "answer"), "the bot answers first", seen)
    seen = customer.hear(PERSON)
    tap.ok(is_one(seen, "bot", "handover", HANDOVER),
           "who asks for a person is told that he is passed on", seen)
    tap.ok(desk_has(daemon, customer, ("desk_card", "waiting", PERSON)) and
           len(daemon.desk.delivered(customer.id)) == 1,
           "the desk gets one card, with the question",
           daemon.desk.delivered(customer.id))
    seen = customer.hear(TRIGGER)
    tap.ok(is_one(seen, "bot", "handover", WAITING) and
           seen[0][3].index(WAITING) > 0,
           "a trigger while he waits: first aid, and he still waits", seen)
    tap.ok(desk_has(daemon, customer, ("desk_card", "waiting", PERSON),
                    ("customer_text", "waiting", TRIGGER)),
           "the desk gets those words, and no second card",
           daemon.desk.delivered(customer.id))


def check_claim(tap, daemon, customer):
    desk = daemon.desk
    n = len(customer.seen())
    tap.equal(desk.act(customer.id, "claim", "mallory", trust=2)["status"],
              "stored", "a claim by somebody else than staff is kept")
    tap.equal(len(customer.seen()), n, "and changes nothing")
    for _ in range(2):
        stored = desk.act(customer.id, "claim", "anna", "claim-1")
    tap.equal(stored["status"], "duplicate", "a claim comes twice")
    seen = customer.seen()[n:]
    tap.ok(is_one(seen, "system", "handover", CLAIMED),
           "the customer is told once who has joined", seen)
    tap.ok(desk_has(daemon, customer,
                    ("customer_text", "waiting", TRIGGER),
                    ("card_update", "person", "person")),
           "the card is updated once", desk.delivered(customer.id))
    desk.act(customer.id, "claim", "ben", "claim-2")
    tap.equal(len(customer.seen()), n + 1, "nobody else can take it then")


def check_talk(tap, daemon, customer):
    desk = daemon.desk
    seen = customer.hear("It was on the bus")
    tap.equal(seen, [], "the bot is silent while a person has it")
    tap.ok(desk_has(daemon, customer,
                    ("customer_text", "person", "It was on the bus")),
           "the desk gets the customer's further words",
           desk.delivered(customer.id))
    n = len(customer.seen())
    for _ in range(2):
        desk.act(customer.id, "agent", "anna", "text-1", text="Which line?")
    tap.equal(customer.seen()[n:], [("agent", "Anna", "", "Which line?")],
              "the agent's text reaches the customer, once, with his name")
    desk.act(customer.id, "agent", "ben", "text-2", text="Hello from Ben")
    desk.act(customer.id, "note", "anna", "note-1", text="sounds upset")
    desk.act(customer.id, "agent", "anna", "text-3", text="I am Anna, too",
             trust=0)
    tap.equal(len(customer.seen()), n + 1,
              "another agent's, a note and a stranger's do not")
    desk.ask(**message(customer.id, "agent", text="The 46A?",
                       author={"id": "anna", "trust": 3}))
    tap.equal(customer.seen()[n + 1:], [("agent", "anna", "", "The 46A?")],
              "an agent without a name is no bot: his id stands for it")


def check_return(tap, daemon, customer):
    desk = daemon.desk
    n = len(customer.seen())
    for _ in range(2):
        desk.act(customer.id, "return", "anna", "return-1")
    seen = customer.seen()[n:]
    tap.ok(is_one(seen, "system", "handover", RETURNED),
           "given back to the bot, the customer is told so once", seen)
    tap.ok(desk_has(daemon, customer, ("card_update", "bot", "bot")),
           "so is the desk", desk.delivered(customer.id))
    tap.ok(is_one(customer.hear(QUESTION), "bot", "answer"),
           "the bot answers again")
    desk.act(customer.id, "agent", "anna", "text-9", text="One more thing")
    tap.equal(len(customer.seen()), n + 2,
              "who gave it back writes to the customer no more")
    tap.ok(desk_has(daemon, customer, (
        "card_update", "bot", "bot\nnot sent to the customer: the assistant "
        "has the conversation, claim it first (Anna)")),
           "and is told so", desk.delivered(customer.id))


def check_close(tap, daemon, customer):
    desk = daemon.desk
    customer.hear(PERSON)
    desk.act(customer.id, "claim", "ben", "claim-3")
    n = len(customer.seen())
    for _ in range(2):
        desk.act(customer.id, "close", "ben", "close-1")
    seen = customer.seen()[n:]
    tap.ok(is_one(seen, "system", "handover", CLOSED),
           "closed, the customer is told so once", seen)
    seen = customer.hear(QUESTION)
    tap.ok(is_one(seen, "bot", "answer"),
           "his next message begins with the bot", seen)
    cards = len(desk.delivered(customer.id))
    customer.hear(PERSON)
    tap.ok(desk_has(daemon, customer, ("desk_card", "waiting", PERSON)) and
           len(desk.delivered(customer.id)) == cards + 1,
           "a new episode has a card of its own",
           desk.delivered(customer.id))


EPISODES = [
    ("bot", "waiting", "trigger:human", "bot"),
    ("waiting", "person", "claimed", "anna"),
    ("person", "bot", "returned", "anna"),
    ("bot", "waiting", "trigger:human", "bot"),
    ("waiting", "person", "claimed", "ben"),
    ("person", "closed", "closed", "ben"),
    ("closed", "bot", "wrote again", "customer"),
    ("bot", "waiting", "trigger:human", "bot"),
]


def check_web(tap):
    with PeerDaemon() as daemon:
        daemon.start()
        customer = Customer(daemon)
        check_begin(tap, daemon, customer)
        check_claim(tap, daemon, customer)
        check_talk(tap, daemon, customer)
        check_return(tap, daemon, customer)
        check_close(tap, daemon, customer)
        tap.equal(daemon.transitions(customer.id), EPISODES,
                  "every change of state is listed, with reason and actor")
        check_button(tap, daemon)
        check_gauge(tap, daemon)
        check_torrent(tap, daemon)
        check_replay(tap, daemon)
        tap.equal(daemon.stop(), 0, "it ends cleanly")


def check_button(tap, daemon):
    customer = Customer(daemon)
    status, document = daemon.json(
        "POST", f"/v1/conversations/{customer.id}/handover", {}, customer.auth)
    tap.ok(status == 202 and is_one(customer.seen(), "bot", "handover",
                                    HANDOVER),
           "a button asks for a person, too", (document, customer.seen()))
    tap.equal(daemon.transitions(customer.id),
              [("bot", "waiting", "asked", "customer")],
              "and it is the customer who asked")


def check_gauge(tap, daemon):
    """Two wait: one since the button, one since his third episode."""
    _, _, body = daemon.request("GET", "/metrics")
    gauge = [line for line in body.decode().splitlines()
             if line.startswith("tellerd_customers_waiting ")]
    waiting = daemon.ctl("status")[1]["totals"]["waiting"]
    tap.equal(gauge, [f"tellerd_customers_waiting {waiting}"],
              "the metrics count who waits, as the status does")
    tap.equal(waiting, 2, "both of them")


def check_torrent(tap, daemon):
    """More than a page of history between a question and its reply."""
    customer = Customer(daemon)
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(customer.write, [QUESTION] * 600))
    tap.ok(customer.seen(), "who writes without a pause is answered")


def check_replay(tap, daemon):
    code, replay, words = daemon.ctl("replay", "--all")
    tap.ok(code == 0 and replay["turns"] == replay["equal"] > 0,
           "every turn is decided again as it was", words or replay)


# ---- kill -9 at each step --------------------------------------------------

def customer(text):
    return ("channel", message("c", text=text, ids=["say " + text]))


def agent(kind, who, text=None):
    """The conversation's id is not known yet."""
    return ("desk", act("", kind, who, f"{kind} {who} {text}", text=text))


STEPS = [
    customer(QUESTION),
    customer(PERSON),
    customer(TRIGGER),
    agent("claim", "anna"),
    customer("It was on the bus"),
    agent("agent", "anna", "Which line?"),
    agent("agent", "ben", "Hello"),
    customer("The 46A"),
    agent("return", "anna"),
    customer("what are your opening hours"),
    agent("claim", "ben"),
    agent("agent", "ben", "Anything else?"),
    agent("close", "ben"),
    customer("what does an overdraft cost"),
]


def tell(jobs):
    return [(job["kind"], job["conversation_state"], job["reply_kind"],
             job["author"], job["text"]) for job in jobs]


def is_told_of_repeats(jobs):
    """A second attempt at a job says that the first may have arrived."""
    seen = set()
    for job in jobs:
        if job["id"] in seen and not job["maybe_sent"]:
            return False
        seen.add(job["id"])
    return True


def undisturbed(daemon, peer, step):
    peer.ask(**step)


def with_acknowledgement(daemon, peer, step):
    """The turn is not, or half, done."""
    peer.ask(**step)
    daemon.restart()


def after_effect(daemon, peer, step):
    peer.ask(**step)
    daemon.settle()
    daemon.restart()


def before_acknowledgement(daemon, peer, step):
    """Who was not acknowledged brings it again."""
    peer.tell(**step)
    daemon.restart()
    peer.ask(**step)


def run_steps(do):
    """What became of it: one log, all attempts, and what both sides got and
    the changes of state were in the end."""
    with PeerDaemon(settings=["desk.claim=1 h"]) as daemon:
        daemon.start()
        id = daemon.channel.ask(do="open", account="",
                                conversation="c")["conversation"]
        for side, step in STEPS:
            peer = getattr(daemon, side)
            do(daemon, peer, dict(step, conversation=step["conversation"] or
                                  id))
            daemon.settle()
        return (daemon.settle(), daemon.log()[-2000:],
                daemon.channel.jobs() + daemon.desk.jobs(),
                (tell(daemon.channel.delivered(id)),
                 tell(daemon.desk.delivered(id)), daemon.transitions(id)))


RUNS = (("no kill", undisturbed),
        ("killed before each acknowledgement", before_acknowledgement),
        ("killed with each acknowledgement", with_acknowledgement),
        ("killed after each effect", after_effect))


def check_kills(tap):
    with concurrent.futures.ThreadPoolExecutor(len(RUNS)) as pool:
        runs = list(pool.map(run_steps, [do for _, do in RUNS]))
    expected = runs[0][-1]
    for (name, _), (is_settled, log, jobs, got) in zip(RUNS, runs):
        print(f"# {name}: {len(jobs)} attempts at "
              f"{len(got[0]) + len(got[1])} jobs")
        tap.ok(is_settled, f"{name}: nothing is left waiting", log)
        tap.ok(is_told_of_repeats(jobs),
               f"{name}: whatever is sent again is said to be so", jobs)
        for what, is_now, was in zip(("the customer gets all, once",
                                      "the desk gets all, once",
                                      "every change of state is there, once"),
                                     got, expected):
            tap.equal(is_now, was, f"{name}: {what}")


# ---- Nobody comes ----------------------------------------------------------

def count_told(daemon, id):
    daemon.settle()
    return len([job for job in daemon.channel.delivered(id)
                if UNCLAIMED in job["text"]])


def wait_told(daemon, id, n):
    end = time.monotonic() + 60
    while count_told(daemon, id) < n and time.monotonic() < end:
        time.sleep(0.1)
    return count_told(daemon, id) == n


def set_claim(daemon, time):
    """What the next start or reload reads; it holds for who waits already."""
    daemon.configure()
    with open(daemon.config, "a") as f:
        f.write(f"desk:\n  claim: {time}\n")


def reload_claim(daemon, time):
    set_claim(daemon, time)
    code, _, words = daemon.ctl("reload")
    assert code == 0, words


def check_unclaimed(tap):
    with PeerDaemon() as daemon:
        set_claim(daemon, "1 s")
        daemon.start()
        first = daemon.channel.say("c", PERSON)["conversation"]
        tap.ok(wait_told(daemon, first, 1),
               "whom nobody takes in time is told when a person answers")
        daemon.channel.say("c", TRIGGER)
        daemon.restart()
        second = daemon.channel.say("d", PERSON)["conversation"]
        daemon.restart()
        tap.ok(wait_told(daemon, second, 1),
               "so is who waits over a kill -9")
        daemon.restart()
        third = daemon.channel.say("e", PERSON)["conversation"]
        tap.ok(wait_told(daemon, third, 1), "(another's time is up, too)")
        tap.ok(count_told(daemon, first) == count_told(daemon, second) == 1,
               "each is told once, whatever else happens")
        daemon.desk.act(first, "claim", "anna")
        daemon.desk.act(first, "return", "anna")
        daemon.channel.say("c", PERSON)
        tap.ok(wait_told(daemon, first, 2), "and once in the next episode")
        daemon.desk.act(second, "claim", "anna")
        reload_claim(daemon, "1 h")
        fourth = daemon.channel.say("f", PERSON)["conversation"]
        daemon.desk.act(fourth, "claim", "anna")
        daemon.settle()
        reload_claim(daemon, "1 s")
        fifth = daemon.channel.say("g", PERSON)["conversation"]
        tap.ok(wait_told(daemon, fifth, 1) and
               count_told(daemon, fourth) == 0,
               "who is taken in time is told nothing")
        check_replay(tap, daemon)
        tap.equal(daemon.stop(), 0, "it ends cleanly")


def check_no_desk(tap):
    with PeerDaemon(settings=["desk.claim=1 s"], has_desk=False) as daemon:
        daemon.start()
        id = daemon.channel.say("c", PERSON)["conversation"]
        daemon.settle()
        jobs = daemon.channel.delivered(id)
        tap.ok(len(jobs) == 1 and jobs[0]["kind"] == "reply" and
               UNCLAIMED in jobs[0]["text"],
               "without a desk he is told at once when a person answers", jobs)
        time.sleep(2)
        tap.equal(count_told(daemon, id), 1, "and not again")
        daemon.configure(has_desk=True)
        tap.equal(daemon.ctl("reload")[0], 0, "a desk is added")
        daemon.channel.say("c", TRIGGER)
        daemon.settle()
        daemon.channel.say("c", "It was on the bus, I lost my card there")
        daemon.settle()
        tap.equal([job["kind"] for job in daemon.desk.delivered(id)],
                  ["desk_card", "customer_text"],
                  "it gets a card with what the customer writes next")
        daemon.desk.act(id, "claim", "anna")
        daemon.settle()
        tap.ok(CLAIMED in daemon.channel.delivered(id)[-1]["text"],
               "and can take the conversation")
        tap.equal(daemon.stop(), 0, "it ends cleanly")


def main():
    tap = Tap()
    check_web(tap)
    check_kills(tap)
    check_unclaimed(tap)
    check_no_desk(tap)
    tap.done()


main()
