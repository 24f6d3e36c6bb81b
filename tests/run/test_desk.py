"""The desk at a terminal: two agents in two processes beside a customer, over
kill -9, the end of a lease, closed hours, and a desk that goes away."""

import contextlib
import fcntl
import os
import pty
import re
import shutil
import sqlite3
import struct
import subprocess
import sys
import termios
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import forms  # noqa: E402
from daemon import SOURCE, TOP, Daemon, Tap, until  # noqa: E402
from peer import PeerDaemon  # noqa: E402

WAIT_S = 60
QUESTION = "How do I order a new card?"
PERSON = "can I speak to a person"
LOST = "I lost my card yesterday"
# Of the pack's texts.
FIRST_AID = "Please call 020 914 0111 now"
HANDOVER = "I am passing this conversation on"
UNCLAIMED = "no colleague is free to answer"
CLAIMED = "has joined the conversation"
RETURNED = "You are back with the automated assistant"
LEFT = "has left without ending this"
CLOSED_NOW = "Nobody is at the desk at this hour"
NOTED = "I have noted +353871234567 for the person"


class Terminal:
    """A `tellerctl desk watch`, or another command that goes on, of which the
    lines are kept as they come."""

    def __init__(self, daemon, *words, command=("desk", "watch")):
        self.lines = []
        self.news = threading.Condition()
        self.process = subprocess.Popen(
            [os.path.join(TOP, "tellerctl"), "--config", daemon.config,
             "--state", daemon.state, *command, *words],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True)
        for stream in (self.process.stdout, self.process.stderr):
            threading.Thread(target=self.read, args=(stream,),
                             daemon=True).start()

    def read(self, stream):
        for line in stream:
            with self.news:
                self.lines.append(line.rstrip("\n"))
                self.news.notify_all()

    def sees(self, *parts, n=1):
        """Wait for n lines that have all the parts; were there no more?"""
        def count():
            return sum(all(part in line for part in parts)
                       for line in self.lines)
        with self.news:
            self.news.wait_for(lambda: count() >= n, WAIT_S)
            return count() == n

    def types(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def ends(self):
        return self.process.wait(timeout=WAIT_S)

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(timeout=WAIT_S)


class Screen:
    """What stands on a terminal on which tellerctl runs: the rows, the last of
    which is being written."""

    def __init__(self, daemon, *words, columns=0):
        self.rows = [""]
        self.news = threading.Condition()
        self.fd, terminal = pty.openpty()
        fcntl.ioctl(terminal, termios.TIOCSWINSZ,
                    struct.pack("HHHH", 24, columns, 0, 0))
        self.process = subprocess.Popen(
            [os.path.join(TOP, "tellerctl"), "--config", daemon.config,
             "--state", daemon.state, *words],
            stdin=terminal, stdout=terminal, stderr=terminal,
            env=dict(daemon.env, TERM="xterm"))
        os.close(terminal)
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        """It never writes over a part of a row: it begins each anew."""
        data = b""
        while True:
            try:
                more = os.read(self.fd, 4096)
            except OSError:
                return
            data += more
            with self.news:
                text = data.decode(errors="replace").replace("\r\n", "\n")
                self.rows = [re.sub(r"\x1b\[K", "", row.split("\r")[-1])
                             for row in text.split("\n")]
                self.news.notify_all()

    def shows(self, is_so):
        with self.news:
            return self.news.wait_for(lambda: is_so(self.rows), WAIT_S)

    def types(self, text):
        os.write(self.fd, text.encode())

    def ends(self):
        code = self.process.wait(timeout=WAIT_S)
        self.reader.join()  # nobody has the other end any more
        os.close(self.fd)
        return code


class Customer:
    """On the web."""

    def __init__(self, daemon):
        self.tellerd = daemon
        self.id, self.auth = daemon.conversation()

    def write(self, text):
        status, document = self.tellerd.send(self.id, self.auth, text)
        assert status == 202, (status, document)

    def heard(self):
        """[(author, text), ...] but what he wrote himself."""
        return [(m["author"], m["text"])
                for m in self.tellerd.history(self.id, self.auth)
                if m["author"] != "customer"]

    def hears(self, part, n=1):
        """Wait until n of them have that part; were there no more?"""
        end = time.monotonic() + WAIT_S
        while time.monotonic() < end:
            found = sum(part in text for _, text in self.heard())
            if found >= n:
                return found == n
            time.sleep(0.02)
        return False


def waiting_customer(daemon):
    customer = Customer(daemon)
    customer.write(PERSON)
    customer.hears(HANDOVER)
    return customer


class Desk(Daemon):
    """Agents at terminals alone."""

    def __init__(self, settings=("desk.people=true",)):
        super().__init__(settings)
        with open(self.config, "w") as f:
            f.write("plugins:\n  web:\n    burst: 0 ms\n")

    def act(self, who, *words, stdin=None):
        """(exit code, words)"""
        code, out, err = self.ctl("desk", *words, "--actor", who,
                                  as_json=False, stdin=stdin)
        return code, out + err

    def queue(self):
        code, document, words = self.ctl("desk", "list")
        assert code == 0, words
        return document["conversations"]

    def changes(self, conversation):
        code, shown, words = self.ctl("desk", "show", conversation)
        assert code == 0, words
        return [(t["from"], t["to"], t["reason"], t["actor"])
                for t in shown["transitions"]]

    def restart(self):
        self.kill()
        self.start()


def check_nobody(tap):
    with Desk() as daemon:
        os.makedirs(daemon.state)
        tap.equal([daemon.ctl("desk", *words)[0] for words in (
            ("list",), ("show", "cnv_x"), ("claim", "cnv_x"), ("watch",),
            ("say", "cnv_x", "hi"))], [3] * 5,
            "without a daemon there is no desk")


def check_two_agents(tap, daemon):
    """A talk, with a kill -9 between its steps."""
    watch = Terminal(daemon)
    customer = Customer(daemon)
    tap.ok(watch.sees("Nobody waits."), "nobody waits yet", watch.lines)
    customer.write(LOST)
    tap.ok(customer.hears(FIRST_AID) and customer.hears(HANDOVER),
           "the customer gets first aid, and a person will come",
           customer.heard())
    tap.ok(watch.sees(customer.id, "bot -> waiting", LOST),
           "who watches sees him come", watch.lines)
    code, words = daemon.act("ann", "say", customer.id, "Hello")
    tap.ok(code == 1 and "claim it first" in words,
           "nobody writes to him without a claim", words)
    code, words = daemon.act("ann", "claim", customer.id)
    tap.ok(code == 0 and customer.hears("ann " + CLAIMED),
           "an agent claims him", words)
    code, words = daemon.act("ben", "claim", customer.id)
    tap.ok(code == 1 and "already claimed by ann until" in words,
           "another one is told who has him, and fails", words)
    daemon.restart()
    customer.write("It was on the bus")
    tap.ok(watch.sees("customer: It was on the bus"),
           "who watches goes on over a kill -9", watch.lines)
    for _ in range(2):
        code, words = daemon.act("ann", "say", customer.id, "--from", "-",
                                 "--id", "1", stdin=b"Which line?\n")
        daemon.restart()
    tap.ok(code == 0 and "had come before" in words and
           customer.hears("Which line?"),
           "what is said again under its id is said once", words)
    code, words = daemon.act("ann", "say", customer.id, "Hello?", "--id", "1")
    tap.ok(code == 1 and "something else" in words and
           not any(text == "Hello?" for _, text in customer.heard()),
           "other words under its id are refused", words)
    code, words = daemon.act("ben", "say", customer.id, "Which line?",
                             "--id", "1")
    tap.ok(code == 1 and "something else" in words,
           "a colleague's words under its id are refused", words)
    daemon.act("ben", "note", customer.id, "sounds upset")
    tap.ok(watch.sees("note ben: sounds upset") and
           not any("upset" in text for _, text in customer.heard()),
           "a note is for colleagues alone", customer.heard())
    code, words = daemon.act("ben", "claim", customer.id, "--take-over")
    tap.ok(code == 0 and customer.hears("ben " + CLAIMED),
           "a colleague takes over if he says so", words)
    code, words = daemon.act("ann", "close", customer.id)
    tap.ok(code == 1 and "claimed by ben" in words and
           "--take-over" in words,
           "who has it no more cannot end it", words)
    for _ in range(2):
        code, words = daemon.act("ann", "say", customer.id, "Still there?",
                                 "--id", "2")
    tap.ok(code == 1 and "was refused then" in words,
           "what was refused stays so under its id", words)
    watch.close()
    return customer


def check_transcript(tap, daemon, customer):
    """One conversation as a transcript, into which an agent types."""
    ben = Terminal(daemon, customer.id, "--claim", "--actor", "ben")
    tap.ok(ben.sees("customer: " + LOST) and ben.sees("agent ann: Which line"),
           "a transcript begins with all that was said", ben.lines)
    ben.types("The 46A, was it?")
    tap.ok(customer.hears("The 46A, was it?"), "a line goes to the customer")
    daemon.restart()
    ben.types("// he is calm now")
    tap.ok(ben.sees("note ben: he is calm now"),
           "a line that was typed while the daemon was away is kept", ben.lines)
    ben.types("/retrun")
    tap.ok(ben.sees("there is no '/retrun'; there is: /return, /close"),
           "a word that is none is told")
    ben.types("/return")
    tap.ok(ben.ends() == 0 and customer.hears(RETURNED),
           "given back, the transcript ends", ben.lines)
    customer.write(QUESTION)
    tap.ok(customer.hears("Order a new card"), "and the bot answers again")
    tap.equal(daemon.changes(customer.id),
              [("bot", "waiting", "trigger:card_lost", "bot"),
               ("waiting", "person", "claimed", "ann"),
               ("person", "person", "taken over from ann", "ben"),
               ("person", "bot", "returned", "ben")],
              "every change of state is a row, once")


def check_queue(tap, daemon):
    first, second, third = [Customer(daemon) for _ in range(3)]
    for customer in (first, second, third):
        customer.write(PERSON)
        customer.hears(HANDOVER)
    daemon.act("ann", "claim", third.id)
    tap.equal([(row["id"], row["state"], row["owner"], row["reason"])
               for row in daemon.queue()],
              [(first.id, "waiting", "", "trigger:human"),
               (second.id, "waiting", "", "trigger:human"),
               (third.id, "person", "ann", "claimed")],
              "who waits longest comes first, who has a person last")
    second.write("call me on 087 123 4567 after five")
    tap.ok(second.hears(NOTED), "a number to call back is said again",
           second.heard())
    second.write(QUESTION)
    tap.ok(second.hears("Order a new card") and
           "still waiting" in second.heard()[-1][1],
           "who waits gets an answer, and still waits", second.heard())
    code, shown, _ = daemon.ctl("desk", "show", second.id)
    tap.ok(code == 0 and shown["call_back"] == "+353871234567" and
           shown["suggestion"]["id"],
           "the agent sees the number, and what the bot would say", shown)
    first.write("Actually, never mind, I found the answer")
    tap.ok(first.hears(RETURNED) and
           daemon.changes(first.id)[-1] ==
           ("waiting", "bot", "left the queue", "customer"),
           "who would rather not wait goes on with the bot", first.heard())
    tap.equal([row["id"] for row in daemon.queue()], [second.id, third.id],
              "and is in the queue no more")
    daemon.act("ann", "claim", second.id)
    for customer, text in ((second, "One moment."), (third, "Two moments.")):
        code, words = daemon.act("ann", "say", customer.id, text, "--id", "1")
        tap.ok(code == 0 and "sent" in words and customer.hears(text),
               "an id is one of its conversation", words)
    code, words = daemon.act("ann", "close", third.id)
    tap.ok(code == 0 and third.hears("has ended"), "one is closed", words)


def check_replay(tap, daemon):
    code, replay, words = daemon.ctl("replay", "--all")
    is_equal = (code == 0 and isinstance(replay, dict) and
                replay["turns"] == replay["equal"] > 0)
    tap.ok(is_equal, "every turn is decided again as it was",
           (code, replay, words))
    tap.equal(daemon.stop(), 0, "it ends cleanly")


def check_talk(tap):
    with Desk() as daemon:
        daemon.start()
        customer = check_two_agents(tap, daemon)
        check_transcript(tap, daemon, customer)
        check_queue(tap, daemon)
        check_replay(tap, daemon)


def waiting_at_terminal(daemon):
    """The customer at a terminal who waits, once he does."""
    end = time.monotonic() + WAIT_S
    while time.monotonic() < end:
        ids = [row["id"] for row in daemon.queue()
               if row["channel"] == "terminal" and row["state"] == "waiting"]
        if ids:
            return ids[0]
        time.sleep(0.05)
    raise RuntimeError("nobody waits")


def check_two_terminals(tap, daemon):
    """The customer by a pipe, and an agent: all that is said to him comes, in
    order and once."""
    chat = Terminal(daemon, command=("chat",))
    chat.types(LOST)
    tap.ok(chat.sees(FIRST_AID) and chat.sees(HANDOVER),
           "chat shows all that is said to a message", chat.lines)
    id = waiting_at_terminal(daemon)
    daemon.act("ann", "claim", id)
    tap.ok(chat.sees("ann " + CLAIMED), "that an agent came is shown",
           chat.lines)
    daemon.act("ann", "say", id, "Which line was it?")
    tap.ok(chat.sees("ann: Which line was it?"), "and what he writes",
           chat.lines)
    chat.types("the 46A")
    tap.ok(chat.sees("A person has this conversation"),
           "who writes to a person is told that he has it", chat.lines)
    daemon.kill()
    chat.types("are you there?")
    daemon.start()
    tap.ok(chat.sees("the daemon is there again"),
           "who chats goes on over a kill -9", chat.lines)
    daemon.act("ann", "say", id, "I am.")
    daemon.act("ann", "return", id)
    tap.ok(chat.sees("ann: I am.") and chat.sees(RETURNED),
           "and sees what was said then", chat.lines)
    code, shown, words = daemon.ctl("desk", "show", id)
    tap.equal([m["text"] for m in shown["messages"]
               if m["author"] == "customer"],
              [LOST, "the 46A", "are you there?"],
              "each line is one message")
    chat.types(QUESTION)
    tap.ok(chat.sees("Order a new card"), "the bot answers again", chat.lines)
    chat.process.stdin.close()
    tap.equal(chat.ends(), 0, "at the end of the pipe it ends")
    places = [next(i for i, line in enumerate(chat.lines) if part in line)
              for part in (FIRST_AID, "ann " + CLAIMED, "Which line was it?",
                           "I am.", RETURNED, "Order a new card")]
    tap.ok(places == sorted(places) and
           all(chat.sees(part) for part in (FIRST_AID, "Which line was it?",
                                            "I am.", "Order a new card")),
           "all in order, and nothing twice", chat.lines)
    return id


def check_resumed(tap, daemon, id):
    """What was said while he was away comes first when he goes on."""
    daemon.ctl("ask", PERSON, "--conversation", id)
    daemon.act("ann", "claim", id)
    daemon.act("ann", "say", id, "Are you still there?")
    code, out, words = daemon.ctl("chat", "--conversation", id, stdin=b"",
                                  as_json=False)
    tap.ok(code == 0 and "ann " + CLAIMED in out and
           "ann: Are you still there?" in out and HANDOVER not in out,
           "who goes on sees what he has missed, and no more", out + words)
    daemon.act("ann", "return", id)
    code, out, words = daemon.ctl("chat", "--conversation", "cnv_nope",
                                  stdin=b"hi\n", as_json=False)
    tap.ok(code == 1 and "there is no conversation cnv_nope" in words,
           "one that is not there is said so, before a word is typed", words)


def check_screen(tap, daemon):
    """At a terminal: what comes does not tear the line that is typed."""
    screen = Screen(daemon, "chat")
    tap.ok(screen.shows(lambda rows: rows[-1] == "> " and
                        any("Ctrl-D ends" in r for r in rows)),
           "there is a prompt, and a word of what this is", screen.rows)
    screen.types(PERSON + "\r")
    tap.ok(screen.shows(lambda rows: any(HANDOVER in r for r in rows)),
           "what is typed is answered", screen.rows)
    id = waiting_at_terminal(daemon)
    screen.types("It was thex\x7f 46\u00e9")
    tap.ok(screen.shows(lambda rows: rows[-1] == "> It was the 46\u00e9"),
           "a line is drawn, and mended, as it is typed", screen.rows)
    daemon.act("ann", "claim", id)
    tap.ok(screen.shows(lambda rows: any("ann " + CLAIMED in r for r in rows)
                        and rows[-1] == "> It was the 46\u00e9"),
           "what comes meanwhile stands above it, whole", screen.rows)
    screen.types("\x7fA\x1b[D!\r")
    tap.ok(screen.shows(lambda rows: "> It was the 46A!" in rows),
           "the line goes on where it was", screen.rows)
    daemon.act("ann", "say", id, "Thank you.")
    tap.ok(screen.shows(lambda rows: "ann: Thank you." in rows),
           "and so does the talk", screen.rows)
    screen.types("\x04")
    tap.equal(screen.ends(), 0, "^D ends it")
    code, shown, words = daemon.ctl("desk", "show", id)
    tap.equal([m["text"] for m in shown["messages"]
               if m["author"] == "customer"], [PERSON, "It was the 46A!"],
              "what stood on the screen was sent")
    tap.ok(sum(HANDOVER in row for row in screen.rows) == 1 and
           sum("Thank you." in row for row in screen.rows) == 1,
           "nothing is shown twice", screen.rows)


def check_agents_screen(tap, daemon):
    """The same for the agent."""
    screen = Screen(daemon, "desk", "watch")
    tap.ok(screen.shows(lambda rows: any("desk watch ID --claim" in r
                                         for r in rows)),
           "who watches is told how to take one", screen.rows)
    screen.process.terminate()
    screen.ends()
    customer = waiting_customer(daemon)
    screen = Screen(daemon, "desk", "watch", customer.id, columns=40)
    tap.ok(screen.shows(lambda rows: HANDOVER in " ".join(
               row.strip() for row in rows)) and
           all(len(row) <= 40 for row in screen.rows),
           "rows end at blanks", screen.rows)
    screen.process.terminate()
    screen.ends()
    screen = Screen(daemon, "desk", "watch", customer.id, "--claim",
                    "--actor", "ann")
    tap.ok(screen.shows(lambda rows: any(PERSON in r for r in rows) and
                        any("//TEXT is a note" in r for r in rows)),
           "an agent sees what was said, and how to go on", screen.rows)
    screen.types("One mom")
    screen.shows(lambda rows: rows[-1] == "One mom")
    customer.write("please hurry")
    tap.ok(screen.shows(lambda rows: any("please hurry" in r for r in rows) and
                        rows[-1] == "One mom"),
           "his line is not torn, either", screen.rows)
    screen.types("ent\r/return\r")
    tap.ok(customer.hears("One moment") and screen.ends() == 0,
           "and goes out whole", screen.rows)
    customer.write(PERSON)
    screen = Screen(daemon, "desk", "watch", customer.id, "--claim",
                    "--actor", "ann")
    screen.shows(lambda rows: any("please hurry" in r for r in rows))
    screen.types("I am here.\r\x04")
    tap.ok(customer.hears("I am here.") and screen.ends() == 0,
           "^D ends it", screen.rows)
    tap.equal([(row["state"], row["owner"]) for row in daemon.queue()
               if row["id"] == customer.id], [("person", "ann")],
              "and the conversation stays claimed")


def check_case(tap, daemon):
    """What he answered before somebody came."""
    customer = Customer(daemon)
    for words, asked in (("my card was stolen yesterday, it ends in 4821",
                          "Where was that"), ("Cork", "Do you see payments"),
                         ("no", "Is that right"), ("yes", "the reference")):
        customer.write(words)
        tap.ok(customer.hears(asked), f"a form hears {words}",
               customer.heard())
    watch = Terminal(daemon, customer.id, "--claim", "--actor", "ann")
    tap.ok(watch.sees("Lost or stolen card, open, since") and
           watch.sees("    ...4821") and watch.sees("    Cork"),
           "who claims him sees his answers", watch.lines)
    watch.types("/return")
    watch.ends()
    watch.close()


def check_case_of_bot(tap, daemon):
    """Nobody asked for a person, and a person is to do something."""
    watch = Terminal(daemon)
    tap.ok(watch.sees("Nobody waits.") and
           watch.sees("Lost or stolen card  cnv_", "since"),
           "who watches sees what cases are open", watch.lines)
    customer = Customer(daemon)
    reference, said = forms.fill_in(daemon, customer.id, customer.auth)
    tap.ok(watch.sees(customer.id, f"new case {reference}: ",
                      f"tellerctl cases show {reference}"),
           "and one that comes", said + "\n" + "\n".join(watch.lines))
    watch.close()
    code, listed, words = daemon.ctl("desk", "list")
    tap.ok(code == 0 and not listed["more_cases"] and
           listed["cases"][0]["reference"] == reference and
           listed["cases"][0]["conversation"] == customer.id,
           "the desk has the newest first", words or listed)
    words = daemon.ctl("desk", "list", as_json=False)[1]
    tap.ok(f"{reference}  Change of address  {customer.id}  since" in words,
           "in words too", words)
    daemon.ctl("cases", "close", reference)
    words = daemon.ctl("desk", "list", as_json=False)[1]
    tap.ok(reference not in words, "until somebody is done with it", words)


def check_terminals(tap):
    with Desk() as daemon:
        daemon.start()
        check_case(tap, daemon)
        check_case_of_bot(tap, daemon)
        check_resumed(tap, daemon, check_two_terminals(tap, daemon))
        check_screen(tap, daemon)
        check_agents_screen(tap, daemon)
        check_replay(tap, daemon)


def check_lease(tap):
    with Desk(["desk.people=true", "desk.lease=2 s"]) as daemon:
        daemon.start()
        watch = Terminal(daemon)
        watch.sees("Nobody waits.")
        one, other = Customer(daemon), Customer(daemon)
        for customer in (one, other):
            customer.write(PERSON)
            customer.hears(HANDOVER)
        daemon.act("ann", "claim", one.id)
        daemon.restart()
        tap.ok(one.hears(LEFT), "a lease ends over a kill -9, and is told",
               one.heard())
        tap.ok(watch.sees(one.id, "person -> waiting", "lease ended"),
               "who watches sees him wait again", watch.lines)
        daemon.restart()
        tap.equal([row["id"] for row in daemon.queue()], [one.id, other.id],
                  "he is at the front of the queue")
        daemon.act("ben", "claim", one.id)
        tap.ok(one.hears(LEFT, n=2), "the next lease ends, too", one.heard())
        tap.equal(daemon.changes(one.id),
                  [("bot", "waiting", "trigger:human", "bot"),
                   ("waiting", "person", "claimed", "ann"),
                   ("person", "waiting", "lease ended", "timer"),
                   ("waiting", "person", "claimed", "ben"),
                   ("person", "waiting", "lease ended", "timer")],
                  "each once")
        watch.close()
        check_replay(tap, daemon)


def database(daemon):
    """While no daemon runs."""
    name, = [n for n in os.listdir(daemon.state) if n.endswith(".db")]
    return contextlib.closing(
        sqlite3.connect(os.path.join(daemon.state, name)))


def rewrite(daemon, statement, *values):
    with database(daemon) as db, db:
        return db.execute(statement, values).rowcount


def read(daemon, statement, *values):
    with database(daemon) as db:
        return db.execute(statement, values).fetchall()


def check_timer_again(tap):
    """A lease that ended is there again, as when its end was refused: the clock
    had been set back meanwhile."""
    with Desk() as daemon:
        daemon.start()
        customer = waiting_customer(daemon)
        daemon.act("ann", "claim", customer.id)
        tap.equal(daemon.stop(), 0, "it ends")
        claimed, = read(daemon, "SELECT state, owner, memory FROM conversation"
                                " WHERE public_id = ?", customer.id)
        for n in (1, 2):
            rewrite(daemon, "UPDATE conversation SET state = ?, owner = ?,"
                            " memory = ?, lease_until = 1 WHERE public_id = ?",
                    *claimed, customer.id)
            daemon.start()
            tap.ok(customer.hears(LEFT, n=n), "the customer is not forgotten",
                   customer.heard())
            tap.equal(daemon.stop(), 0, "it ends cleanly")


def check_presence(tap):
    """No plugin that is a desk, and the setting says nothing of people."""
    with Desk([]) as daemon:
        daemon.start()
        alone = Customer(daemon)
        alone.write(PERSON)
        tap.ok(alone.hears(UNCLAIMED), "without people nobody can join")
        watch = Terminal(daemon)
        tap.ok(watch.sees(alone.id, "waiting"), "he waits all the same",
               watch.lines)
        customer = Customer(daemon)
        customer.write(PERSON)
        tap.ok(customer.hears(HANDOVER), "while somebody watches there is a "
               "desk", customer.heard())
        daemon.act("ann", "claim", alone.id)
        watch.close()
        alone.write("are you there?")
        code, words = daemon.act("ann", "say", alone.id, "Yes, I am.")
        tap.ok(code == 0 and alone.hears("Yes, I am."),
               "who has claimed needs not watch", words)
        tap.equal(daemon.changes(alone.id)[-1][1], "person",
                  "and keeps the conversation")
        tap.equal(daemon.stop(), 0, "it ends cleanly")


def closed_pack(daemon):
    """The banking pack, whose desk opens for one minute of the week, in three
    days: neither it nor its eve can come during the test."""
    packs = os.path.join(daemon.dir, "packs")
    shutil.copytree(os.path.join(SOURCE, "intents", "banking"),
                    os.path.join(packs, "banking"))
    day = time.gmtime(time.time() + 3 * 86400)
    with open(os.path.join(packs, "banking", "hours.yaml"), "w") as f:
        f.write("time_zone: UTC\nweek:\n  "
                f"{time.strftime('%A', day).lower()}: 12:00-12:01\n")
    return packs, day


def check_hours(tap):
    with Desk() as daemon:
        packs, day = closed_pack(daemon)
        daemon.settings += [f"desk.packs_dir={packs}", "desk.keep_hours=true",
                            "desk.claim=1 s"]
        daemon.start()
        customer = Customer(daemon)
        customer.write(LOST)
        when = (f"on {time.strftime('%A', day)} {day.tm_mday} "
                f"{time.strftime('%B', day)}, from 12:00")
        tap.ok(customer.hears(when) and customer.hears(FIRST_AID) and
               customer.hears(CLOSED_NOW),
               "out of hours he is told when a person answers, behind first "
               "aid", customer.heard())
        daemon.restart()
        customer.write("087 123 4567, in the morning")
        tap.ok(customer.hears(NOTED), "and may leave a number",
               customer.heard())
        row, = daemon.queue()
        tap.equal((row["id"], row["state"], row["call_back"]),
                  (customer.id, "waiting", "+353871234567"),
                  "he stays in the queue, with it")
        code, words = daemon.act("ann", "claim", customer.id)
        tap.ok(code == 0 and customer.hears("ann " + CLAIMED),
               "an agent who is there all the same can claim him", words)
        tap.ok(not any(UNCLAIMED in text for _, text in customer.heard()),
               "nobody told him that nobody came", customer.heard())
        check_replay(tap, daemon)


def check_crashed(tap):
    """Words at which the daemon ended, in the store as they are then."""
    with Desk() as daemon:
        daemon.start()
        customer = waiting_customer(daemon)
        customer.write(QUESTION)
        customer.hears("Order a new card")

        def suggestion():
            code, shown, words = daemon.ctl("desk", "show", customer.id)
            assert code == 0, words
            return shown["suggestion"]
        tap.ok(suggestion(), "there is something to suggest")
        for what, statement in (
                ("words that crashed the daemon too often",
                 "UPDATE message SET crashes = 5 WHERE text = ?"),
                ("words that were given to a person for that",
                 "UPDATE turn SET rule = 'crashed' WHERE id ="
                 " (SELECT turn_id FROM message WHERE text = ?)")):
            tap.equal(daemon.stop(), 0, "it ends")
            rewrite(daemon, "UPDATE message SET crashes = 0")
            tap.equal(rewrite(daemon, statement, QUESTION), 1, "one is")
            daemon.start()
            tap.equal(suggestion(), None, f"nothing is searched for {what}")


def check_many(tap):
    """More who wait than a list of conversations is long."""
    with Desk() as daemon:
        daemon.start()
        customer = waiting_customer(daemon)
        daemon.stop()
        rewrite(daemon, """
            WITH RECURSIVE more (n) AS
                (SELECT 1 UNION ALL SELECT n + 1 FROM more WHERE n < 1100)
            INSERT INTO conversation (public_id, channel, account, key, state,
                                      memory, created_at, updated_at)
            SELECT printf('cnv_%022d', n), channel, account, key || n, state,
                   memory, created_at, updated_at FROM conversation, more""")
        daemon.start()
        _, listed, _ = daemon.ctl("desk", "list")
        ids = {row["id"] for row in listed["conversations"]}
        tap.ok(len(ids) == 1101 and customer.id in ids,
               "all who wait are listed, the oldest too", len(ids))
        urgent = {"i lost my card": "card_lost", "i want to die": "crisis"}
        late = []
        for words in urgent:
            late.insert(0, Customer(daemon))
            late[0].write(words)
            late[0].hears(HANDOVER)
        queue = daemon.queue()
        tap.equal([(row["id"], row["trigger"]) for row in queue[:3]],
                  [(late[0].id, "crisis"), (late[1].id, "card_lost"),
                   (queue[2]["id"], "")],
                  "what is urgent comes before all who have waited longer")
        customer.write("i want to die")
        words = until(lambda: daemon.queue()[0]["id"] == customer.id) and \
            daemon.ctl("desk", "list", as_json=False)[1].split("\n")[0]
        tap.ok(words.startswith(customer.id) and
               words.endswith("(trigger:human)  crisis, priority 100"),
               "also what is said by who waits", words)


def check_gone(tap, what, **configuration):
    """A plugin's desk goes away while a person has a conversation."""
    with PeerDaemon() as daemon:
        daemon.start()
        id = daemon.channel.say("c", PERSON)["conversation"]
        daemon.desk.act(id, "claim", "anna")
        daemon.settle()
        daemon.configure(**configuration)
        tap.equal(daemon.ctl("reload")[0], 0, f"a desk {what}")

        def is_told():
            return [job for job in daemon.channel.delivered(id)
                    if LEFT in job["text"]]
        end = time.monotonic() + WAIT_S
        while not is_told() and time.monotonic() < end:
            time.sleep(0.1)
        told = is_told()
        tap.ok(len(told) == 1 and UNCLAIMED in told[0]["text"],
               "whom a person of it had is told so, without having to ask",
               told)
        tap.equal(daemon.transitions(id)[-1],
                  ("person", "waiting", "the desk is gone", "timer"),
                  "and waits")
        tap.equal(daemon.stop(), 0, "it ends cleanly")


def main():
    tap = Tap()
    check_nobody(tap)
    check_talk(tap)
    check_terminals(tap)
    check_lease(tap)
    check_timer_again(tap)
    check_presence(tap)
    check_hours(tap)
    check_crashed(tap)
    check_many(tap)
    check_gone(tap, "is taken away", has_desk=False)
    check_gone(tap, "fails", desk={"socket": "/nowhere/at/all"})
    tap.done()


main()
