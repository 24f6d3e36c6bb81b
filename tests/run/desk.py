"""A tellerd whose customers come by the web, and an agent at its desk."""

import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "plugins"))
from daemon import Daemon  # noqa: E402
from testchannel import Channel  # noqa: E402

CONFIG = """\
plugins:
  web:
    page: true
    ask_without_key_on_loopback: true
    burst: {burst}
  testdesk: {{socket: {dir}/desk}}
"""

PERSON = "Talk to a person"
# Each may mean something that there is an answer to, but too little is said to
# be sure.  How much is enough is a matter of calibration: one of them is.
UNSURE = ["interest rate", "card limit", "card abroad", "card fee", "transfer",
          "my card something", "fees", "cash"]


class Agent(Channel):
    """Ann, who answers customers."""

    ANN = {"id": "u1", "name": "Ann", "trust": 3}

    def does(self, kind, conversation, text=""):
        stored = self.ask("receive", kind=kind, account="", author=self.ANN,
                          conversation=conversation, text=text)
        assert stored.get("status") == "stored", stored


class DeskDaemon(Daemon):
    def __init__(self, burst="300 ms"):
        super().__init__()
        self.take_plugins("tests/plugins/.libs/testdesk.so")
        with open(self.config, "w") as f:
            f.write(CONFIG.format(dir=self.dir, burst=burst))

    def agent(self):
        return Agent(os.path.join(self.dir, "desk"))
