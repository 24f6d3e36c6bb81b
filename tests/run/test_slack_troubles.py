"""Slack as it is on a bad day, one trouble after the other: TLS of a stranger,
what is no WebSocket, connections that are refused or never answer, a Web API
that takes no more for a while.  After each the bot is there and answers."""

import json
import os
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "slack"))
from front import Front  # noqa: E402
from limits import Limits  # noqa: E402
from simulator import SLOW_FAULTS, Slack  # noqa: E402
from storm import job_of  # noqa: E402
from teller import QUESTIONS, SECRET, TOKEN, prepare, settle  # noqa: E402
from daemon import Tap  # noqa: E402
from net_peers import CERTIFICATES, Skip  # noqa: E402

MESSAGE_MAX = 1024 * 1024

# What no server may send, and what none of ours need understand.
BROKEN = {
    "an opcode that there is not": b"\x83\x00",
    "bits that are reserved": b"\xc1\x00",
    "a mask": b"\x81\x81\x00\x00\x00\x00{",
    "a fragment of nothing": b"\x80\x01x",
    "a message within another": b"\x01\x01{\x81\x02{}",
    "a ping in two pieces": b"\x09\x00",
    "a ping that is too long": b"\x89\x7e\x00\x7e" + bytes(126),
    "a length in more bytes than it needs": b"\x81\x7e\x00\x02{}",
    "a length below zero": b"\x81\x7f" + b"\xff" * 8,
    "a message that is too long": b"\x01\x7f" +
                                  (MESSAGE_MAX + 1).to_bytes(8, "big"),
    "bytes that are no characters": b"\x81\x02\xc3\x28",
    "a page": b"<html><body>Bad Gateway</body></html>",
    "a good bye": b"\x88\x02\x03\xe8",
    "a good bye of one byte": b"\x88\x01\x03",
}
HARMLESS = [
    b"", b"{", b"[]", b"17", b"null", b'"disconnect"', b"{}",
    b'{"type":17}', b'{"type":"new","payload":{}}',
    b'{"type":"events_api","payload":{}}',
    b'{"type":"events_api","envelope_id":"","payload":{}}',
    b'{"type":"events_api","envelope_id":17,"payload":{}}',
    b'{"type":"events_api","envelope_id":"' + b"e" * 100 + b'","payload":{}}',
    b'{"type":"events_api","envelope_id":"e1","payload":[]}',
    b'{"type":"events_api","envelope_id":"e2"}',
    b'{"type":"interactive","envelope_id":"e3","payload":{"type":[]}}',
    b'{"type":"disconnect","reason":null}', b"[" * 4000,
]


def answers(slack, daemon, channel):
    """Is a question there answered, once?"""
    tries = slack.send(daemon.address, slack.message(channel, QUESTIONS[1]))
    posts = slack.wait(lambda: slack.posts(channel))
    return bool(tries) and len(posts) == 1


def raw(slack, data):
    """To the client, as it stands."""
    link = slack.wait(slack.pick_link)
    with link.lock:
        link.handler.wfile.write(data)
    return link


def check_broken(tap, daemon, slack):
    wrong = []
    for number, (words, data) in enumerate(sorted(BROKEN.items())):
        link = raw(slack, data)
        slack.wait(lambda: link not in slack.links)
        if link in slack.links or \
                not answers(slack, daemon, f"D0BROKEN{number:02}"):
            wrong.append(words)
    tap.equal(wrong, [], f"{len(BROKEN)} kinds of what is no WebSocket end a "
              "connection, and another one is made")


def check_harmless(tap, daemon, slack):
    link = slack.wait(slack.pick_link)
    for text in HARMLESS:
        with link.lock:
            link.handler.wfile.write(link.frame(0x81, text))
    tap.ok(answers(slack, daemon, "D0HARMLESS") and
           "e1" in slack.acknowledged and "e2" in slack.acknowledged,
           "envelopes that mean nothing are let go",
           sorted(slack.acknowledged))


PAGE = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html>"
OF_ANOTHER_KEY = (b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                  b"Connection: Upgrade\r\n"
                  b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n")


def check_handshake(tap, daemon, slack, answer, words):
    """The next connection is none, and the one after it is.  Until then events
    come by the old one."""
    met, may_go_on = [], threading.Event()

    def refuse(link):
        if met:
            may_go_on.wait()
            return False
        met.append(link)
        link.handler.wfile.write(answer)
        return True

    slack.on_link = refuse
    old = slack.wait(slack.pick_link)
    before = list(slack.links)
    slack.refresh()
    slack.wait(lambda: met)
    channel = f"D0HANDS{len(answer):03}"
    is_answered = answers(slack, daemon, channel + "A") and \
        old in slack.links and all(link in before for link in slack.links)
    slack.on_link = lambda link: None
    may_go_on.set()
    slack.wait(lambda: any(link not in before for link in slack.links))
    tap.ok(is_answered and answers(slack, daemon, channel + "B"),
           f"{words}: the old connection stays until another one works")


def check_disabled(tap, daemon, slack):
    """By whoever administers the app; somebody has to do something."""
    link, n = slack.wait(slack.pick_link), slack.n_links
    link.write({"type": "disconnect", "reason": "link_disabled"})
    slack.wait(lambda: link not in slack.links)
    code, status, _ = daemon.ctl("status")
    words = [plugin for plugin in status["plugins"]
             if plugin["name"] == "slack"]
    tap.ok(code == 0 and "switched off" in json.dumps(words) and
           slack.n_links == n, "Socket Mode that is switched off is told of, "
           "and left alone", (words, slack.n_links - n))


def check_slow(tap, daemon, slack, fault):
    """The first post is not answered in time."""
    channel, met = f"D0{fault.upper().replace('_', '')}", []

    def choose(method, arguments):
        if method == "chat.postMessage" and not met and \
                arguments.get("channel") == channel:
            met.append(method)
            return fault
        return None

    slack.fault = choose
    slack.send(daemon.address, slack.message(channel, QUESTIONS[1]))
    slack.wait(lambda: slack.posts(channel))
    is_settled = settle(daemon)
    slack.fault = lambda method, arguments: None
    tap.equal((is_settled, met, len(slack.posts(channel))),
              (True, ["chat.postMessage"], 1), f"{fault}: answered once")


def check_limits(tap, daemon, slack):
    limits = Limits(slack)
    channels = [f"D0LIMIT{n:03}" for n in range(3)]
    before = len(slack.all_posts())
    slack.fault = limits.fault
    for n in range(5):
        for channel in channels:
            slack.send(daemon.address, slack.message(channel, QUESTIONS[n % 3]))
            slack.wait(lambda: len(slack.posts(channel)) > min(n, 2))
    is_settled = settle(daemon)
    slack.fault = lambda method, arguments: None
    posts = {channel: [job_of(m) for m in slack.posts(channel)]
             for channel in channels}
    n = len(slack.all_posts()) - before
    tap.ok(is_settled and limits.n_held and
           all(jobs == sorted(set(jobs)) for jobs in posts.values()),
           f"what Slack does not take now it gets later, once and in order: "
           f"{n} replies, held back {limits.n_held} times", posts)
    # One may be on its way already in each other channel.
    tap.ok(limits.n_early <= limits.n_held * (len(channels) - 1),
           "and not before the time that it names",
           (limits.n_early, limits.n_held))


def check_link(tap):
    slack = Slack(SECRET, TOKEN, "T0ACME001")
    with prepare(slack, "Socket Mode") as daemon:
        check_harmless(tap, daemon, slack)
        check_broken(tap, daemon, slack)
        check_handshake(tap, daemon, slack, PAGE, "a page for a handshake")
        check_handshake(tap, daemon, slack, OF_ANOTHER_KEY,
                        "a handshake of another key")
        check_disabled(tap, daemon, slack)
        slack.close()
        tap.equal(daemon.stop(), 0, "it ends cleanly without a Slack")


def check_api(tap):
    slack = Slack(SECRET, TOKEN, "T0ACME001")
    with prepare(slack, "HTTP", timeout="1 s") as daemon:
        for fault in sorted(SLOW_FAULTS):
            check_slow(tap, daemon, slack, fault)
        check_limits(tap, daemon, slack)
        tap.equal(daemon.stop(), 0, "it ends cleanly")
    slack.close()


def check_tls(tap):
    """HTTPS and WebSocket over TLS, of a CA that the settings name."""
    words = "with the certificate of a CA that is named, Slack is reached"
    try:
        fronts = {name: CERTIFICATES.context(name)
                  for name in ("good", "other")}
    except Skip as skip:
        tap.skip(words, skip)
        return
    slack = Slack(SECRET, TOKEN, "T0ACME001")
    good, other = (Front(slack.port, fronts[name])
                   for name in ("good", "other"))
    slack.base = f"https://localhost:{good.port}/api"
    slack.link_base = f"wss://localhost:{other.port}"

    def choose(method, _):
        """The first connection is to a stranger, the second breaks within the
        first event."""
        if method == "apps.connections.open" and slack.n_links:
            slack.link_base = f"wss://localhost:{good.port}"
            good.cut_after = 600 if slack.n_links == 1 else None

    slack.fault = choose
    ca = f"    ca_file: {CERTIFICATES.path('ca.pem')}\n"
    with prepare(slack, "Socket Mode", more=ca) as daemon:
        tap.ok(answers(slack, daemon, "D0TLS00001"), words, daemon.log())
        tap.ok(other.n_connections == 0 and
               "cannot begin TLS" in daemon.log(),
               "a certificate of another name is not trusted", daemon.log())
        tap.equal(slack.n_links, 3, "a connection that breaks within a frame "
                  "is made again")
        tap.equal(daemon.stop(), 0, "it ends cleanly")
    slack.close()
    good.close()
    other.close()
    CERTIFICATES.remove()


def main():
    tap = Tap()
    check_link(tap)
    check_api(tap)
    check_tls(tap)
    tap.done()


main()
