"""Slack, from an event to the answer: taken once however often it comes, over
faults of the Web API never lost and never said twice.

The other side is tests/slack/simulator.py; test_slack_storm.py does all of it
at once."""

import json
import os
import re
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "slack"))
from simulator import FAULTS, Slack  # noqa: E402
from teller import (QUESTIONS, SECRET, TOKEN, prepare,  # noqa: E402
                    settle)
from daemon import Tap, until  # noqa: E402

# ---- Requests -----------------------------------------------------------------

def check_requests(tap, daemon, slack):
    challenge = {"type": "url_verification", "challenge": "m3Qp7Kz0vT"}
    tap.equal(slack.post_json(daemon.address, challenge),
              (200, b"m3Qp7Kz0vT"), "the address is verified")
    event = slack.message("D0MALLORY", "hello")
    tap.equal([slack.post_json(daemon.address, event, **signing)[0]
               for signing in ({"secret": "guess"}, {"at": 1531420618},
                               {"at": int(time.time()) + 400})],
              [401] * 3, "what is badly signed, too old or too early is refused")
    body = b"ssl_check=1&payload=" + b"%7B%7D"
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    tap.equal([slack.post(daemon.address, "/slack/interactive", b, form)
               for b in (b"ssl_check=1&token=x", body)],
              [(200, b""), (401, b'{"error":"invalid request"}')],
              "a probe is answered, and brings nothing")


# ---- Conversations ------------------------------------------------------------

def check_direct(tap, daemon, slack):
    slack.send(daemon.address, slack.message("D0ANN0001", QUESTIONS[0]))
    posts = slack.wait(lambda: slack.posts("D0ANN0001"))
    tap.ok(len(posts) == 1 and "card" in posts[0]["text"] and
           posts[0]["unfurl_links"] is False,
           "a question in a direct channel is answered there", posts)
    return posts[0]


def check_mention(tap, daemon, slack):
    pair = slack.mention("C0HELP001", QUESTIONS[1])
    thread = pair[0]["event"]["ts"]
    for event in pair + pair:
        slack.send(daemon.address, event)
    slack.wait(lambda: slack.posts("C0HELP001", thread))
    slack.send(daemon.address, slack.message("C0HELP001", QUESTIONS[2],
                                             thread=thread))
    posts = slack.wait(lambda: len(slack.posts("C0HELP001", thread)) >= 2 and
                       slack.posts("C0HELP001", thread))
    tap.ok(posts and "overdraft" in posts[1]["text"].lower(),
           "a mention begins a thread, which is followed", posts)
    settle(daemon)
    tap.equal((len(slack.posts("C0HELP001", thread)),
               len(slack.posts("C0HELP001"))), (2, 0),
              "two events of one message are answered once, in the thread")
    return thread


def check_ignored(tap, daemon, slack, thread):
    before = len(slack.all_posts())
    own = {"user": slack.user, "bot_id": "B0TELLER1", "app_id": slack.app}
    events = [
        slack.message("D0ANN0001", "mine", **own),
        slack.message("D0ANN0001", "of another bot", bot_id="B0OTHER01"),
        slack.message("D0ANN0001", "old", subtype="message_changed",
                      hidden=True),
        slack.message("D0ANN0001", "gone", subtype="message_deleted"),
        slack.message("C0HELP001", "joined", subtype="channel_join"),
        slack.message("C0HELP001", "to nobody"),
        slack.message("C0HELP001", "elsewhere", thread=slack.ts()),
        slack.message("C0HELP001", "<@U0BOB0001> and you?", thread=thread),
        slack.event({"type": "reaction_added", "user": "U0ANN0001"}),
    ]
    tries = [slack.send(daemon.address, event) for event in events]
    settle(daemon)
    tap.equal((tries, len(slack.all_posts()) - before),
              ([1] * len(events), 0), "what is not for the bot is let go")


def check_buttons(tap, daemon, slack, answer):
    thumb = slack.press(answer, "up")
    statuses = [slack.post_payload(daemon.address, thumb)[0]
                for _ in range(2)]
    _, listed, _ = daemon.ctl("audit", "list", "--limit", "50")
    rated = json.dumps(listed).count("reply.rate_up")
    tap.ok(statuses == [200, 200] and rated == 1,
           "a thumb is kept, once", (statuses, listed))
    before = len(slack.posts("D0ANN0001"))
    person = [slack.press(answer, "person") for _ in range(2)]
    statuses = [slack.post_payload(daemon.address, p)[0] for p in person]
    slack.wait(lambda: len(slack.posts("D0ANN0001")) > before)
    settle(daemon)
    posts = slack.posts("D0ANN0001")[before:]
    tap.ok(statuses == [200, 200] and len(posts) == 1,
           "who presses twice for a person is handed over once", posts)


# ---- Faults -------------------------------------------------------------------

def check_fault(tap, daemon, slack, fault):
    """The first post meets it; in the end the answer is there once."""
    channel = f"D0{fault.upper().replace('_', '')}"
    met = []

    def choose(method, arguments):
        if method != "chat.postMessage" or met or \
                arguments.get("channel") != channel:
            return None
        met.append(method)
        return fault

    slack.fault = choose
    slack.send(daemon.address, slack.message(channel, QUESTIONS[1]))
    slack.wait(lambda: slack.posts(channel))
    settle(daemon)
    slack.fault = lambda method, arguments: None
    tap.equal((len(met), len(slack.posts(channel))), (1, 1),
              f"{fault}: answered once")


def check_kill_after_post(tap, daemon, slack):
    """Posted, and killed before Slack's answer comes."""
    def kill(message):
        slack.on_posted = lambda message: None
        daemon.kill()

    looked = slack.count("conversations.history")
    slack.on_posted = kill
    slack.send(daemon.address, slack.message("D0KILLED1", QUESTIONS[0]))
    slack.wait(lambda: daemon.process.poll() is not None)
    daemon.start()
    settle(daemon)
    tap.equal(len(slack.posts("D0KILLED1")), 1,
              "killed between a post and its answer, it says nothing twice")
    tap.ok(slack.count("conversations.history") > looked,
           "as it looks whether it was there")


# ---- Connections --------------------------------------------------------------

def n_connections(daemon):
    """To how many Slack has said hello."""
    metrics = daemon.request("GET", "/metrics")[2].decode()
    return int(re.search(r'^tellerd_plugin_connections_total{plugin="slack"} '
                         r"(\d+)$", metrics, re.M)[1])


def check_refresh(tap, daemon, slack):
    """Connections that are replaced while questions come."""
    asked = []
    for number in range(5):
        before = n_connections(daemon)
        slack.refresh()
        for _ in range(2):
            channel = f"D0LINK{number}{len(asked):03}"
            asked.append((channel, slack.send(
                daemon.address, slack.message(channel, QUESTIONS[1]))))
        # A refresh while another connection is being made is for that one.
        until(lambda: n_connections(daemon) > before)
    slack.wait(lambda: all(slack.posts(channel) for channel, _ in asked))
    settle(daemon)
    tap.equal([(tries, len(slack.posts(channel))) for channel, tries in asked],
              [(1, 1)] * len(asked),
              "a connection is replaced without a gap")
    tap.ok(slack.n_links > 3, "as often as Slack says", slack.n_links)
    before = slack.n_links
    slack.cut_links()
    tries = slack.send(daemon.address, slack.message("D0CUT00001",
                                                     QUESTIONS[1]))
    posts = slack.wait(lambda: slack.posts("D0CUT00001"))
    tap.ok(tries and len(posts) == 1 and slack.n_links > before,
           "and one that is lost is made again", (tries, posts))


def check_http(tap):
    slack = Slack(SECRET, TOKEN, "T0ACME001")
    with prepare(slack, "HTTP") as daemon:
        check_requests(tap, daemon, slack)
        answer = check_direct(tap, daemon, slack)
        thread = check_mention(tap, daemon, slack)
        check_ignored(tap, daemon, slack, thread)
        check_buttons(tap, daemon, slack, answer)
        for fault in sorted(FAULTS):
            check_fault(tap, daemon, slack, fault)
        check_kill_after_post(tap, daemon, slack)
        check_end(tap, daemon, slack)
    slack.close()


def check_socket_mode(tap):
    print("# Socket Mode", flush=True)
    slack = Slack(SECRET, TOKEN, "T0ACME001")
    with prepare(slack, "Socket Mode") as daemon:
        check_direct(tap, daemon, slack)
        thread = check_mention(tap, daemon, slack)
        check_ignored(tap, daemon, slack, thread)
        check_refresh(tap, daemon, slack)
        check_end(tap, daemon, slack)
    slack.close()


def places(daemon):
    """What others than the daemon may come to read, by name."""
    yield "the log", daemon.log().encode()
    paths = [f"/proc/{daemon.process.pid}/{name}"
             for name in ("cmdline", "environ")]
    paths += [os.path.join(folder, name)
              for folder, _, names in os.walk(daemon.state)
              for name in names]
    for path in paths:
        if os.path.isfile(path):
            with open(path, "rb") as f:
                yield path, f.read()


def check_end(tap, daemon, slack):
    secrets = [word.encode() for word in (SECRET, TOKEN, slack.app_token)]
    read = dict(places(daemon))
    tap.ok(len(read) > 3, "there is a store to be read", list(read))
    tap.equal([(name, word) for name, text in read.items()
               for word in secrets if word in text], [],
              "no secret is in the log, the store, or what ps shows")
    tap.equal(daemon.stop(), 0, "it ends cleanly")


def main():
    tap = Tap()
    check_http(tap)
    check_socket_mode(tap)
    tap.done()


main()
