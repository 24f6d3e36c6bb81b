"""A real tellerd with plugins that tests drive, the skeleton, and bad ones."""

import os
import signal
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.path.insert(0, os.path.join(HERE, "..", "plugins"))
from daemon import Daemon, Tap  # noqa: E402
from testchannel import WAIT_S, Channel  # noqa: E402

QUESTION = "How do I order a new card?"
CONFIG = """\
plugins:
  testchannel: {{socket: {dir}/channel, record: {dir}/jobs, burst: 0 ms}}
  testdesk: {{socket: {dir}/desk}}
  skeleton:
    burst: {burst}
    rooms:
      lobby: {{key: "file:{dir}/key"}}
  bad_abi: {{}}
  bad_open: {{}}
  bad_start: {{}}
{more}"""


class PluginDaemon(Daemon):
    def __init__(self):
        super().__init__()
        self.take_plugins("tests/plugins/.libs/*.so",
                          "tests/plugins/bad/.libs/*.so")
        with open(os.path.join(self.dir, "key"), "w") as f:
            os.fchmod(f.fileno(), 0o600)
            f.write("sesame\n")
        self.configure()

    def configure(self, burst="0 ms", more=""):
        with open(self.config, "w") as f:
            f.write(CONFIG.format(dir=self.dir, burst=burst, more=more))

    def channel(self, name="channel"):
        return Channel(os.path.join(self.dir, name))

    def states(self):
        status = self.ctl("status")[1]
        return {p["name"]: p["state"] for p in status["plugins"]}

    def wait_states(self, **wanted):
        """Reloading ends by and by."""
        end = time.monotonic() + WAIT_S
        while time.monotonic() < end:
            states = self.states()
            if all(states.get(k) == v for k, v in wanted.items()):
                break
            time.sleep(0.05)
        return {k: states.get(k) for k in wanted}


def check_running(tap, daemon):
    tap.equal(daemon.states(),
              {"testchannel": "running", "testdesk": "running",
               "skeleton": "running", "bad_open": "failed",
               "bad_start": "failed"},
              "the bad do not keep the good from running")
    log = daemon.log()
    tap.ok("built for plugin ABI 2" in log, "a wrong ABI is named", log)
    tap.ok("bad_start: cannot start: the port is taken" in log,
           "a plugin that fails says why", log)


def check_messages(tap, channel):
    stored = channel.say("c1", QUESTION, external_ids=["e1"])
    tap.equal(stored["status"], "stored", "a message is stored")
    job = channel.job(conversation="c1")
    tap.ok(job["kind"] == "reply" and job["reply_kind"] == "answer" and
           job["in_reply_to"] == [stored["message"]],
           "and answered, by way of the outbox", job)
    again = channel.say("c1", QUESTION, external_ids=["e1"])
    tap.equal((again["status"], again["same"], again["message"]),
              ("duplicate", True, stored["message"]),
              "the same again is a duplicate")
    history = channel.ask("history", conversation="c1")
    tap.equal([e["author"] for e in history["entries"]], ["customer", "bot"],
              "the history has both")
    tap.equal(channel.ask("history", conversation="none")["found"], False,
              "a conversation that is not there is not found")
    tap.equal(channel.say("c" * 201, "x")["event"], "refused",
              "a key that is too long is refused")


def check_states(tap, channel):
    channel.say("c2", "hello", states={"uid": "7"})
    tap.equal(channel.ask("state", key="uid").get("value"), "7",
              "a state that comes with a message is kept")
    tap.ok("value" not in channel.ask("state", key="none"),
           "one that was not kept is not there")


def check_typing(tap, channel):
    def next_typing():
        return channel.wait(lambda event: event["event"] == "typing" and
                            event["conversation"] == "t1")["on"]

    channel.say("t1", QUESTION)
    tap.equal([next_typing(), next_typing()], [True, False],
              "the bot is typing until it has answered")


def check_changes(tap, channel):
    """What the customer corrects, takes back or stops."""
    minute = {"burst_ms": 60000}
    channel.say("w1", "hello", external_ids=["w1"], **minute)
    channel.ask("receive", kind="edit", account="", conversation="w1",
                target="w1", text="What are your opening hours?", **minute)
    edit = channel.ask("receive", kind="edit", account="", conversation="w1",
                       target="w1", text=QUESTION, burst_ms=0)
    job = channel.job(conversation="w1")
    tap.ok(job["in_reply_to"] == [edit["message"]] and "card" in job["text"],
           "a question is answered as it reads in the end", job)
    statuses = [channel.ask("receive", kind=kind, account="",
                            conversation=key, target="w9", text="x")["status"]
                for kind, key in (("edit", "w1"), ("delete", "w1"),
                                  ("stop", "w9"))]
    tap.equal((statuses, channel.ask("history", conversation="w9")["found"]),
              (["not_found"] * 3, False),
              "what is not there cannot be taken back")
    channel.tell("answer", **{"with": "none"})
    channel.say("w1", "What are your opening hours?", external_ids=["w2"],
                burst_ms=0)
    job = channel.job(conversation="w1")
    channel.say("w1", "hello", external_ids=["w3"], **minute)
    channel.ask("receive", kind="delete", account="", conversation="w1",
                target="w2")
    cancelled = channel.wait(lambda event: event["event"] == "cancel")
    tap.equal(cancelled["job"], job["id"],
              "a reply to what is deleted is not wanted any more")
    channel.tell("answer", **{"with": "sent"})
    channel.tell("failed", job=job["id"], failure="rejected")
    channel.ask("receive", kind="stop", account="", conversation="w1")
    stored = channel.say("w1", QUESTION, burst_ms=0)
    job = channel.job(conversation="w1")
    tap.equal(job["in_reply_to"], [stored["message"]],
              "who stops is not answered, until he asks anew")


def check_desk(tap, daemon, channel):
    with daemon.channel("desk") as desk:
        desk.ask("state", key="none")  # now it knows that we are there
        channel.say("c3", "I want to talk to a person")
        desk.tell("answer", **{"with": "sent"})
        card = desk.job("desk_card")
        conversation = card["conversation_id"]
        tap.equal(card["conversation_state"], "waiting",
                  "a desk gets the card of who waits")
        person = {"id": "u1", "name": "Ann", "trust": 3}
        desk.ask("receive", kind="claim", account="", author=person,
                 conversation=conversation)
        desk.ask("receive", kind="agent", account="", author=person,
                 conversation=conversation, text="How can I help?")
        job = channel.job("agent_text", "c3")
        tap.equal((job["text"], job["author"]), ("How can I help?", "Ann"),
                  "an agent's words reach the customer")
        channel.say("c3", "My card is gone")
        job = desk.job("customer_text")
        tap.equal(job["text"], "My card is gone",
                  "and the customer's the agent")


def read_room(daemon, auth):
    """What the room says once a reply is there."""
    end = time.monotonic() + WAIT_S
    while True:
        text = daemon.request("GET", "/skeleton/lobby", None, auth)[2].decode()
        if "bot: " in text or time.monotonic() > end:
            return text
        time.sleep(0.05)


def check_skeleton(tap, daemon):
    auth = {"Authorization": "Bearer sesame"}
    status = daemon.request("POST", "/skeleton/lobby", QUESTION.encode())[0]
    tap.equal(status, 401, "skeleton: without the key nobody writes")
    status, _, body = daemon.request("POST", "/skeleton/lobby",
                                     QUESTION.encode(), auth)
    tap.ok(status == 202 and body.startswith(b"taken as msg_"),
           "skeleton: a message is taken", body)
    text = read_room(daemon, auth)
    tap.ok(f"customer: {QUESTION}" in text and "bot: " in text,
           "skeleton: the room is read back", text)
    status = daemon.request("GET", "/skeleton/lobby")[0]
    tap.equal(status, 401, "skeleton: not without the key")
    status = daemon.request("GET", "/skeleton/cellar", None, auth)[0]
    tap.equal(status, 404, "skeleton: only rooms of the settings are there")
    status = daemon.request("POST", "/skeleton/lobby", b"x" * 16385, auth)[0]
    tap.equal(status, 413, "skeleton: a message is as long as they say")


def check_crash(tap, daemon):
    with daemon.channel() as channel:
        channel.tell("answer", **{"with": "none"})
        channel.say("c4", QUESTION)
        first = channel.job(conversation="c4")
    daemon.kill()
    daemon.start()
    with daemon.channel() as channel:
        channel.tell("answer", **{"with": "none"})
        jobs = []
        with open(os.path.join(daemon.dir, "jobs")) as f:
            jobs = [line for line in f if '"conversation":"c4"' in line]
        end = time.monotonic() + WAIT_S
        while len(jobs) < 2 and time.monotonic() < end:
            time.sleep(0.05)
            with open(os.path.join(daemon.dir, "jobs")) as f:
                jobs = [line for line in f if '"conversation":"c4"' in line]
        tap.equal(len(jobs), 2, "a job without an answer is given again")
        tap.ok(f'"id":"{first["id"]}"' in jobs[-1] and
               f'"key":"{first["key"]}"' in jobs[-1] and
               '"maybe_sent":true' in jobs[-1],
               "under its key, and said to be perhaps out", jobs[-1])


def check_reload(tap, daemon):
    with daemon.channel() as channel:
        daemon.configure(burst="1 s", more="  good: {}\n")
        daemon.process.send_signal(signal.SIGHUP)
        tap.equal(daemon.wait_states(good="running", skeleton="running"),
                  {"good": "running", "skeleton": "running"},
                  "a plugin that is named by a reload runs")
        tap.equal(channel.ask("state", key="uid").get("value"), "7",
                  "one whose settings are the same goes on")
        log = daemon.log().split("skeleton has stopped")
        tap.ok(len(log) == 2 and "skeleton runs" in log[1],
               "one whose settings changed is restarted", daemon.log())
        daemon.configure(burst="1 s")
        daemon.process.send_signal(signal.SIGHUP)
        tap.equal(daemon.wait_states(good=None), {"good": None},
                  "one that is no longer named is unloaded")


def check_unsafe(tap, daemon):
    os.chmod(os.path.join(daemon.plugins, "testdesk.so"), 0o664)
    daemon.start()
    tap.ok("testdesk" not in daemon.states(),
           "a file that others can write is not loaded")
    tap.ok("chmod go-w" in daemon.log(), "and the log says what to do")


def main():
    tap = Tap()
    with PluginDaemon() as daemon:
        daemon.start()
        check_running(tap, daemon)
        with daemon.channel() as channel:
            check_messages(tap, channel)
            check_states(tap, channel)
            check_typing(tap, channel)
            check_changes(tap, channel)
            check_desk(tap, daemon, channel)
        check_skeleton(tap, daemon)
        check_crash(tap, daemon)
        check_reload(tap, daemon)
        tap.equal(daemon.stop(), 0, "and it ends as it should")
        check_unsafe(tap, daemon)
        tap.equal(daemon.stop(), 0, "and again")
    tap.done()


main()
