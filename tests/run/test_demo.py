"""The demo keeps what its console promises: each of the five things to try, of
each pack that has them, with the settings that it starts with."""

import os
import re
import subprocess
import sys
import uuid

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from daemon import Daemon, SOURCE, Tap  # noqa: E402

PACKS = ["banking", "insurance"]


def to_try(pack):
    """What the console says, as etc/quickstart.sh has it."""
    with open(f"{SOURCE}/etc/quickstart.sh") as f:
        function = re.search(r"^to_try\(\) \{.*?^\}", f.read(), re.M | re.S)[0]
    text = subprocess.run(["sh", "-euc", f"url=\n{function}\nto_try {pack} 1"],
                          capture_output=True, text=True, check=True).stdout
    return [line.split(":", 1)[1].strip() for line in text.splitlines()
            if re.match(r" +(\d\.|and then)", line)]


def ask(daemon, id, auth, text):
    status, sent = daemon.send(id, auth, text, str(uuid.uuid4()))
    assert status == 202, sent
    return wait_reply(daemon, id, auth, sent["id"])


def wait_reply(daemon, id, auth, asked):
    stream = daemon.stream(id, auth, asked)
    try:
        return stream.until(lambda event: asked in event["data"].get(
            "in_reply_to", []))[-1]["data"]
    finally:
        stream.close()


def check(tap, pack):
    with open(f"{SOURCE}/etc/demo-{pack}.yaml") as f:
        config = f.read()
    typo, theft, off_topic, first, then, kill = to_try(pack)
    with Daemon(config=config) as daemon:
        daemon.start()
        tap.equal(ask(daemon, *daemon.conversation(), typo)["kind"], "answer",
                  f"{pack}: a typo is understood")
        tap.equal(ask(daemon, *daemon.conversation(), theft)["kind"],
                  "handover", f"{pack}: a theft goes to a person")
        tap.equal(ask(daemon, *daemon.conversation(), off_topic)["kind"],
                  "out_of_scope", f"{pack}: what is off the topic is told so")
        id, auth = daemon.conversation()
        replies = [ask(daemon, id, auth, text) for text in (first, then)]
        tap.ok([reply["kind"] for reply in replies] == ["answer"] * 2 and
               replies[0]["sources"] != replies[1]["sources"],
               f"{pack}: a follow-up is answered as one", replies)
        tap.equal(kill, "kill -9 1", f"{pack}: the process is named")
        _, sent = daemon.send(id, auth, first, str(uuid.uuid4()))
        daemon.kill()
        daemon.start()
        tap.equal(wait_reply(daemon, id, auth, sent["id"])["kind"], "answer",
                  f"{pack}: killed in the midst the chat goes on")
        status, _, page = daemon.request("GET", "/")
        tap.ok(status == 200 and b"How can we help?" in page,
               f"{pack}: with its page", page)
        _, said = daemon.json("GET", "/v1/widget")
        tap.ok(said["why"] and "{{" not in str(said),
               f"{pack}: and what it says of itself", said)


def main():
    tap = Tap()
    for pack in PACKS:
        check(tap, pack)
    tap.done()


main()
