"""A tellerd with the channel slack, before a simulator of Slack."""

import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "run"))
from daemon import SOURCE, START_S, Daemon  # noqa: E402

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
TOKEN = "xoxb-of-the-test"
CONFIG = """\
desk:
  packs_dir: {packs}
plugins:
  web:
  slack:
    burst: 0 ms
    pace: {pace} ms
    timeout: {timeout}
    thread: 10 d
    {transport}
    workspaces:
      acme: {{team: T0ACME001, token: "file:{dir}/token"}}
    api_base: {base}
    allow_private: true
"""
QUESTIONS = ["How do I order a new card?", "What are your opening hours?",
             "What does an overdraft cost?", "hello"]
TRANSPORTS = {"HTTP": "signing_secret: file:{dir}/signing",
              "Socket Mode": "app_token: file:{dir}/app"}


def prepare(slack, transport, pace=0, timeout="5 s", more="",
            **daemon):
    """It is started; its address is None where Slack needs none."""
    daemon = Daemon(**daemon)
    with open(daemon.config, "w") as f:
        f.write(CONFIG.format(
            packs=f"{SOURCE}/intents", dir=daemon.dir, base=slack.base,
            pace=pace, timeout=timeout,
            transport=TRANSPORTS[transport].format(dir=daemon.dir)) + more)
    for name, text in [("signing", f"new-one\n{SECRET}\n"), ("token", TOKEN),
                       ("app", slack.app_token)]:
        path = os.path.join(daemon.dir, name)
        with open(path, "w") as f:
            f.write(text)
        os.chmod(path, 0o600)
    is_http = transport == "HTTP"
    daemon.address = f"127.0.0.1:{daemon.port}" if is_http else None
    return daemon.start()


def all_sent(daemon):
    """Is nothing queued, and nothing left to be posted?"""
    code, status, _ = daemon.ctl("status")
    return code == 0 and status["totals"]["replies_pending"] == 0 and \
        status["totals"]["queued"] == 0


def settle(daemon, patience_s=2 * START_S):
    end = time.monotonic() + patience_s
    while time.monotonic() < end:
        if all_sent(daemon):
            return True
        time.sleep(0.05)
    return False
