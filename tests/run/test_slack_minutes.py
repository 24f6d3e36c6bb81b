"""doc/slack.md as it stands there: its commands and settings, for Socket Mode
and for HTTPS behind nginx, until the bot answers.  What differs is where files
are, and that Slack is a simulator and the name of the bot localhost."""

import http.client
import json
import os
import re
import shutil
import ssl
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "slack"))
from daemon import SOURCE, START_S, TOP, Daemon, Tap  # noqa: E402
from nginx import (find_nginx, make_certificate, wait_listens,  # noqa: E402
                   write_nginx)
from simulator import Slack  # noqa: E402

SECRET, TOKEN = "8f742231b10e8888abcd99yyyzzz85a5", "xoxb-of-the-test"
QUESTION = "How do I order a new card?"


def read_blocks():
    """What stands indented, by paragraphs of the page."""
    with open(os.path.join(SOURCE, "doc", "slack.md")) as f:
        text = f.read()
    blocks = re.findall(r"(?:^    .*\n(?:\n(?=    ))?)+", text, re.M)
    return [re.sub(r"^    ", "", block, flags=re.M) for block in blocks]


def find_block(blocks, *words):
    found = [b for b in blocks if all(word in b for word in words)]
    assert found, f"no block of doc/slack.md has {words}"
    return found[0]


class Reader:
    """Who follows the page, with directories of his own."""

    def __init__(self, slack, daemon):
        self.slack, self.daemon, self.blocks = slack, daemon, read_blocks()
        self.etc = os.path.join(daemon.dir, "etc")
        os.mkdir(self.etc)

    def here(self, text):
        return text.replace("/etc/tellerd", self.etc)

    def run(self, command):
        """A line of the page: (exit code, output)."""
        words = self.here(command).replace("-o tellerd ", "").split()
        if words[0] == "tellerctl":
            words[:1] = [os.path.join(TOP, "tellerctl"), "--config",
                         self.daemon.config, "--state", self.daemon.state]
        run = subprocess.run(words, capture_output=True, text=True,
                             timeout=120)
        return run.returncode, run.stdout + run.stderr

    def make_files(self, app_secret):
        for line in find_block(self.blocks, "install -m 600").splitlines():
            if line.startswith("install"):
                code, words = self.run(line)
                assert code == 0, words
        for name, secret in [("slack-app", app_secret), ("slack-acme", TOKEN)]:
            with open(os.path.join(self.etc, name), "w") as f:
                f.write(secret + "\n")

    def write_settings(self, *blocks):
        """Those that the demo has, and the page's."""
        with open(self.daemon.config, "w") as f:
            f.write("\n".join(self.here(block) for block in blocks))
        self.daemon.settings += [f"plugins.slack.api_base={self.slack.base}",
                                 "plugins.slack.allow_private=true"]

    def check(self):
        return self.run(find_block(self.blocks, "tellerctl slack check"))


def check_answered(tap, slack, daemon, words):
    posts = slack.wait(lambda: slack.posts("D0ANN0001"), 2 * START_S)
    tap.ok(posts and "card" in posts[0]["text"], words, (posts, daemon.log()))


def check_manifest(tap, reader):
    code, text = reader.run(find_block(reader.blocks, "tellerctl slack "
                                       "manifest\n"))
    socket = json.loads(text)
    tap.ok(code == 0 and socket["settings"]["socket_mode_enabled"] and
           "https://" not in text,
           "the manifest for Socket Mode has no address", text)
    code, text = reader.run(find_block(reader.blocks, "slack manifest https"))
    https = json.loads(text)
    settings = https["settings"]
    tap.equal((code, settings["event_subscriptions"]["request_url"],
               settings["interactivity"]["request_url"],
               settings["socket_mode_enabled"]),
              (0, "https://bot.example.com/slack/events",
               "https://bot.example.com/slack/interactive", False),
              "the one for HTTPS has them")
    tap.equal(https["oauth_config"]["scopes"], socket["oauth_config"]["scopes"],
              "both have the same scopes")
    code, text = reader.run(find_block(reader.blocks, "manifest --agent"))
    agent = json.loads(text)
    events = settings["event_subscriptions"]["bot_events"]
    tap.equal((agent["features"]["agent_view"],
               agent["oauth_config"]["scopes"]["bot"],
               agent["settings"]["event_subscriptions"]["bot_events"]),
              ({"agent_description": https["display_information"]["description"]},
               https["oauth_config"]["scopes"]["bot"] + ["assistant:write"],
               events + ["agent_session_stopped"]),
              "with --agent it is one of an agent")
    code, text = reader.run("tellerctl slack manifest http://bot.example.com")
    tap.ok(code == 2 and "is no address" in text,
           "an address without TLS is refused", text)


def check_socket_mode(tap):
    slack = Slack(SECRET, TOKEN, "T0ACME001")
    with Daemon() as daemon:
        reader = Reader(slack, daemon)
        check_manifest(tap, reader)
        reader.make_files(slack.app_token)
        reader.write_settings(find_block(reader.blocks, "app_token: file:"))
        daemon.start()
        slack.wait(lambda: slack.links)
        slack.send(None, slack.message("D0ANN0001", QUESTION))
        check_answered(tap, slack, daemon, "by Socket Mode the bot answers")
        code, words = reader.check()
        tap.ok(code == 0 and "a connection stands" in words,
               "and the check finds nothing amiss", words)
    slack.close()


# ---- HTTPS --------------------------------------------------------------------


def post(port, certificate, slack, document):
    """As Slack does, which believes no certificate by itself."""
    body = json.dumps(document).encode()
    context = ssl.create_default_context(cafile=certificate[0])
    connection = http.client.HTTPSConnection("localhost", port,
                                             timeout=START_S, context=context)
    try:
        connection.request("POST", "/slack/events", body, {
            "Content-Type": "application/json", **slack.sign(body)})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def follow_https(tap, reader, slack, daemon, certificate, port):
    reader.make_files(SECRET)
    blocks = [find_block(reader.blocks, "listen: [127.0.0.1:8080]"),
              find_block(reader.blocks, "signing_secret: file:", "acme")]
    reader.write_settings(*[block.replace("https://bot.example.com",
                                          f"https://localhost:{port}")
                            .replace("bot.example.com", "localhost")
                            for block in blocks])
    daemon.settings.append(f"plugins.slack.ca_file={certificate[0]}")
    daemon.start()
    wait_listens(port)
    tap.equal(post(port, certificate, slack,
                   {"type": "url_verification", "challenge": "m3Qp7Kz0vT"}),
              (200, b"m3Qp7Kz0vT"), "behind nginx the address is verified")
    status, words = post(port, certificate, slack,
                         slack.message("D0ANN0001", QUESTION))
    tap.equal((status, words), (200, b""), "an event is taken")
    check_answered(tap, slack, daemon, "and the bot answers")
    code, words = reader.check()
    tap.ok(code == 0 and f"localhost:{port}/slack/events answers" in words,
           "and the check finds nothing amiss", words)


def check_https(tap):
    nginx = find_nginx()
    if not nginx or not shutil.which("openssl"):
        tap.skip("behind nginx the bot answers", "nginx or openssl is missing")
        return
    slack = Slack(SECRET, TOKEN, "T0ACME001")
    dir = tempfile.mkdtemp(prefix="tellerd-nginx-")
    with Daemon() as daemon:
        certificate = make_certificate(dir, "bot")
        path, port = write_nginx(daemon.port, certificate, dir)
        process = subprocess.Popen([nginx, "-p", dir, "-c", path],
                                   stderr=subprocess.DEVNULL)
        try:
            follow_https(tap, Reader(slack, daemon), slack, daemon,
                         certificate, port)
        finally:
            process.terminate()
            process.wait()
            shutil.rmtree(dir, ignore_errors=True)
    slack.close()


def main():
    tap = Tap()
    check_socket_mode(tap)
    check_https(tap)
    tap.done()


main()
