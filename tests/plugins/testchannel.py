"""The test's end of testchannel and testdesk: see tests/plugins/testchannel.c
for what can be asked and what is told."""

import json
import socket
import time

WAIT_S = 60  # sanitizers on a busy machine; nothing waits that long by itself


class Channel:
    """A connection to the plugin's socket, made when the plugin runs."""

    def __init__(self, path):
        self.events = []
        self.n = 0
        self.rest = b""
        end = time.monotonic() + WAIT_S
        while True:
            self.socket = socket.socket(socket.AF_UNIX)
            try:
                self.socket.connect(path)
                return
            except OSError:
                self.socket.close()
                if time.monotonic() > end:
                    raise
                time.sleep(0.02)

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def tell(self, do, **fields):
        """Ask for something that is not answered: sent, failed, answer, ..."""
        line = json.dumps({"do": do, **fields}) + "\n"
        self.socket.sendall(line.encode())

    def ask(self, do, **fields):
        """The answer to a question: receive, history, open, state."""
        self.n += 1
        self.tell(do, tag=self.n, **fields)
        return self.wait(lambda event: event.get("tag") == self.n)

    def say(self, conversation, text, **fields):
        """A customer writes: what became of it."""
        return self.ask("receive", kind="text", account="",
                        conversation=conversation, text=text, **fields)

    def job(self, kind=None, conversation=None):
        """The next job, of that kind and conversation."""
        return self.wait(lambda event: event["event"] == "job" and
                         kind in (None, event["kind"]) and
                         conversation in (None, event["conversation"]))

    def wait(self, is_wanted):
        """The first event so; the others stay for later."""
        end = time.monotonic() + WAIT_S
        looked_at = 0
        while True:
            for i in range(looked_at, len(self.events)):
                if is_wanted(self.events[i]):
                    return self.events.pop(i)
            looked_at = len(self.events)
            self.read(end - time.monotonic())

    def read(self, timeout):
        self.socket.settimeout(max(timeout, 0.001))
        data = self.socket.recv(65536)
        if not data:
            raise EOFError("the plugin has hung up")
        *lines, self.rest = (self.rest + data).split(b"\n")
        self.events += [json.loads(line) for line in lines]
