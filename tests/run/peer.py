"""The other side of the test's own plugins: a channel's customers, and a
desk's people.  See tests/plugins/testchannel.c for what they say.

Only the standard library is used."""

import itertools
import json
import os
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.path.insert(0, os.path.join(HERE, "..", "plugins"))
from daemon import Daemon  # noqa: E402
from testchannel import WAIT_S, Channel  # noqa: E402

AGENT = 3  # enum teller_trust
SETTLE_S = 60
tags = itertools.count(1)


def message(conversation, kind="text", ids=(), **members):
    """A customer's, to be told or asked."""
    return dict(do="receive", kind=kind, conversation=conversation,
                external_ids=list(ids), **members)


def act(conversation, kind, who, *ids, trust=AGENT, **members):
    """An agent does something."""
    return message(conversation, kind, ids, author={
        "id": who, "name": who.title(), "trust": trust}, **members)


class Peer:
    """Talks to one plugin, and connects again when that has hung up."""

    def __init__(self, daemon, name):
        self.path = os.path.join(daemon.dir, name + ".socket")
        self.record = os.path.join(daemon.dir, name + ".jobs")
        self.taken = set()  # of the jobs, by number
        self.line = None

    def connect(self):
        self.close()
        self.line = Channel(self.path)

    def close(self):
        if self.line:
            self.line.close()
            self.line = None

    def tell(self, **what):
        if self.line:
            try:
                self.line.tell(**what)
                return
            except OSError:
                pass
        self.connect()
        self.line.tell(**what)

    def ask(self, **what):
        """The answer to it; None: the plugin hung up before."""
        tag = next(tags)
        self.tell(tag=tag, **what)
        try:
            return self.line.wait(lambda event: event.get("tag") == tag)
        except (EOFError, OSError):
            return None

    # ---- What the other side does ------------------------------------------

    def say(self, conversation, text, *ids, **members):
        return self.ask(**message(conversation, text=text, ids=ids, **members))

    def act(self, conversation, kind, who, *ids, **members):
        return self.ask(**act(conversation, kind, who, *ids, **members))

    def job(self, timeout=WAIT_S, **members):
        """Take the first job with those members; None: none came.  It is read
        from the record, which has those that came before we connected."""
        end = time.monotonic() + timeout
        while True:
            jobs = self.jobs()
            for i, job in enumerate(jobs):
                if i not in self.taken and all(
                        job[name] == value for name, value in members.items()):
                    self.taken.add(i)
                    return job
            if time.monotonic() > end:
                return None
            time.sleep(0.005)

    def forget(self):
        """The jobs that came so far."""
        self.taken.update(range(len(self.jobs())))

    def jobs(self, conversation=None):
        """Every attempt there was, those of killed daemons among them."""
        if not os.path.exists(self.record):
            return []
        with open(self.record) as f:
            jobs = [json.loads(line) for line in f]
        return [job for job in jobs if conversation in
                (None, job["conversation"], job["conversation_id"])]

    def delivered(self, conversation=None):
        """The jobs by id, in the order of their first attempts."""
        first = {}
        for job in self.jobs(conversation):
            first.setdefault(job["id"], job)
        return list(first.values())


class PeerDaemon(Daemon):
    """A tellerd with web, the test's channel and, unless has_desk is False, the
    test's desk.  Nothing waits for a burst unless told so."""

    def __init__(self, settings=(), has_desk=True, channel=None, desk=None):
        super().__init__(settings)
        self.take_plugins("tests/plugins/.libs/*.so")
        self.channel = Peer(self, "channel")
        self.desk = Peer(self, "desk")
        self.configure(has_desk, channel, desk)

    def configure(self, has_desk=True, channel=None, desk=None,
                  has_channel=True):
        """What the next start or reload reads."""
        sections = {"web": {"burst": "0 ms",
                            "ask_without_key_on_loopback": "true"}}
        if has_channel:
            sections["testchannel"] = self.section(self.channel, channel)
        if has_desk:
            sections["testdesk"] = self.section(self.desk, desk)
        with open(self.config, "w") as f:
            f.write("plugins:\n")
            for name, options in sections.items():
                f.write(f"  {name}:\n")
                for option, value in options.items():
                    f.write(f"    {option}: {value}\n")

    @staticmethod
    def section(peer, options):
        return {"burst": "0 ms", "socket": peer.path, "record": peer.record,
                **(options or {})}

    def restart(self):
        """By kill -9.  Jobs taken from now on are those of the new one."""
        self.kill()
        self.channel.forget()
        self.desk.forget()
        return self.start()

    def totals(self):
        code, status, words = self.ctl("status")
        assert code == 0, words
        return status["totals"]

    def settle(self, pending=0):
        """Until nothing waits for a turn, and so many replies to be sent."""
        end = time.monotonic() + SETTLE_S
        while time.monotonic() < end:
            totals = self.totals()
            if totals["queued"] == 0 and \
                    totals["replies_pending"] == pending:
                return True
            time.sleep(0.02)
        return False

    def transitions(self, conversation):
        """[(from, to, reason, actor), ...]"""
        code, shown, words = self.ctl("conversations", "show", conversation)
        assert code == 0, words
        return [(t["from"], t["to"], t["reason"], t["actor"])
                for t in shown["transitions"]]

    def remove(self):
        self.channel.close()
        self.desk.close()
        super().remove()
