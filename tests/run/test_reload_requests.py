"""Requests while the web channel gets other settings, twenty times, or
TELLERD_RELOADS: none fails, none is refused, and of what customers write
nothing is missing or doubled."""

import http.client
import json
import os
import threading

from daemon import START_S, Daemon, Tap

QUESTION = "What does a current account cost?"
RELOADS = int(os.environ.get("TELLERD_RELOADS", "20"))
PAGE = "plugins:\n  web:\n    page: true\n    token_ttl: {} d\n" \
       "    ask_without_key_on_loopback: true\n"


class Client(threading.Thread):
    """One customer on one connection that stays, until told to end."""

    def __init__(self, daemon, number):
        super().__init__()
        self.number = number
        self.conversation, self.auth = daemon.conversation()
        self.connection = http.client.HTTPConnection("127.0.0.1", daemon.port,
                                                     timeout=START_S)
        self.is_over = threading.Event()
        self.has_more = threading.Condition()
        self.n = 0
        self.failures = []

    def ask(self, method, path, body=None, headers=None):
        """The document, or None when it was not served as it should be."""
        fields = dict(headers or {})
        if body:
            fields["Content-Type"] = "application/json"
        what = f"{method} {path}"
        try:
            self.connection.request(method, path,
                                    json.dumps(body) if body else None, fields)
            answer = self.connection.getresponse()
            data = answer.read()
            if answer.status >= 300:
                self.failures.append((what, answer.status, data))
                return None
        except (OSError, http.client.HTTPException) as error:
            self.failures.append((what, repr(error)))
            self.connection.close()
            return None
        with self.has_more:
            self.n += 1
            self.has_more.notify_all()
        return data

    def run(self):
        while not self.is_over.is_set():
            self.step()
        self.connection.close()

    def wait_for(self, n):
        """Until so many more requests were served, or one failed."""
        with self.has_more:
            last = self.n + n
            self.has_more.wait_for(lambda: self.n >= last or self.failures,
                                   START_S)


class Reader(Client):
    def step(self):
        self.ask("GET", "/")
        self.ask("GET", f"/v1/conversations/{self.conversation}/messages",
                 headers=self.auth)


class Writer(Client):
    """Sends a message that nobody waits for, each once."""

    def __init__(self, daemon, number):
        super().__init__(daemon, number)
        self.written = []

    def step(self):
        text = f"{QUESTION} ({self.number}.{len(self.written)})"
        self.written.append(text)
        self.ask("POST", f"/v1/conversations/{self.conversation}/messages",
                 {"text": text, "client_id": text}, self.auth)
        for _ in range(4):
            self.ask("GET", "/page.json")


class Asker(Client):
    """Waits for a reply to each question."""

    def step(self):
        data = self.ask("POST", "/v1/ask", {"text": QUESTION})
        if data and not json.loads(data)["reply"]:
            self.failures.append(("no reply", data))


def texts_of(daemon, writer):
    history = daemon.history(writer.conversation, writer.auth)
    return [m["text"] for m in history if m["author"] == "customer"]


def wait_answered(daemon, writer):
    """Until the last message has its reply; gives what was answered."""
    history = daemon.history(writer.conversation, writer.auth)
    last = [m["id"] for m in history if m["author"] == "customer"][-1]
    # From there on: all that was said would be more than a reader who takes
    # his time is sent at once.
    stream = daemon.stream(writer.conversation, writer.auth, last)
    stream.until(lambda e: last in e["data"].get("in_reply_to", []))
    stream.close()
    history = daemon.history(writer.conversation, writer.auth)
    asked = [m["id"] for m in history if m["author"] == "customer"]
    return asked, [i for m in history for i in m.get("in_reply_to", [])]


def reload_often(tap, daemon, clients):
    for i in range(RELOADS):
        with open(daemon.config, "w") as f:
            f.write(PAGE.format(i + 2))
        code, result, words = daemon.ctl("reload")
        if code or result["notes"]:
            tap.ok(False, f"reload {i}", (code, result, words))
        for client in clients:
            client.wait_for(2)
    return daemon.log().count("plugin web runs") - 1


def main():
    tap = Tap()
    with Daemon(config=PAGE.format(1)) as daemon:
        daemon.start()
        clients = [kind(daemon, i) for i, kind in
                   enumerate([Reader, Writer, Writer, Asker, Asker])]
        for client in clients:
            client.start()
        n = reload_often(tap, daemon, clients)
        for client in clients:
            client.is_over.set()
        for client in clients:
            client.join()
        tap.equal(n, RELOADS, "the plugin got other settings each time")
        for name, kind in (("pages and histories", Reader),
                           ("messages", Writer), ("questions", Asker)):
            those = [c for c in clients if isinstance(c, kind)]
            failures = [f for c in those for f in c.failures]
            tap.ok(not failures and all(c.n > RELOADS for c in those),
                   f"of all {name} none fails or is refused",
                   (len(failures), failures[:3], [c.n for c in those]))
        for writer in (c for c in clients if isinstance(c, Writer)):
            tap.equal(texts_of(daemon, writer), writer.written,
                      "nothing that was written is missing or doubled")
            asked, answered = wait_answered(daemon, writer)
            tap.equal(sorted(answered), sorted(asked), "each has one reply")
        print("#", sum(c.n for c in clients), "requests", flush=True)
        tap.equal(daemon.stop(), 0, "it stops")
    tap.done()


if __name__ == "__main__":
    main()
