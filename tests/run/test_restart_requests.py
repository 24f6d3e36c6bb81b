"""Requests while the daemon is restarted, again and again, on a socket that a
service manager holds: none fails, none is refused.

TELLERD_RESTARTS=100 is the full measure, and so is TELLERD_RELOADS=100 of
test_reload_requests.py."""

import http.client
import json
import os
import socket
import sys
import threading
import time

from daemon import START_S, Daemon, Tap

RESTARTS = int(os.environ.get("TELLERD_RESTARTS", "5"))
QUESTION = "What does a current account cost?"
LAST_IDLE_S = 0.99  # HTTP_LAST_IDLE_MS, whose timers may be early by one
# The manager's side of it: the socket becomes descriptor 3 of a process that
# is told so, and then is the daemon.
PASS_ON = """
import os, sys
first = int(sys.argv[1])
os.dup2(first, 3)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1",
                  LISTEN_FDNAMES="tellerd.socket")
os.execv(sys.argv[2], sys.argv[2:])
"""


class Activator(Daemon):
    """A daemon that gets its socket from us."""

    def __init__(self, **options):
        super().__init__(**options)
        self.held = socket.create_server(("127.0.0.1", 0), backlog=1024)
        self.port = self.held.getsockname()[1]
        os.set_inheritable(self.held.fileno(), True)
        self.wrapper = [sys.executable, "-c", PASS_ON,
                        str(self.held.fileno())]
        self.pass_fds = (self.held.fileno(),)

    def remove(self):
        super().remove()
        self.held.close()


class Client(threading.Thread):
    """Asks again and again; a connection is new each time, or stays until the
    daemon says that it closes it.  One that was not used for so long that a
    daemon which ends does not wait for it is made anew, once."""

    def __init__(self, port, keeps, method, path, body=None):
        super().__init__()
        self.port = port
        self.keeps = keeps
        self.request = (method, path, json.dumps(body) if body else None,
                        {"Content-Type": "application/json"} if body else {})
        self.connection = None
        self.used_at = 0  # or was made
        self.is_over = threading.Event()
        self.failures = []
        self.n = 0
        self.slowest_s = 0

    def run(self):
        while not self.is_over.is_set() and len(self.failures) < 20:
            try:
                begin = time.monotonic()
                self.ask()
                self.slowest_s = max(self.slowest_s,
                                     time.monotonic() - begin)
            except (OSError, http.client.HTTPException) as error:
                self.failures.append(repr(error))
                self.connection = None

    def begin(self):
        """The answer; None: the connection is closed without a byte of it."""
        try:
            self.connection.request(*self.request)
            if not self.connection.sock.recv(1, socket.MSG_PEEK):
                return None
        except (BrokenPipeError, ConnectionResetError):
            return None
        return self.connection.getresponse()

    def ask(self):
        now = time.monotonic()
        if not self.connection:
            self.connection = http.client.HTTPConnection(
                "127.0.0.1", self.port, timeout=START_S)
            self.used_at = now
        answer = self.begin()
        if not answer and time.monotonic() - self.used_at > LAST_IDLE_S:
            self.connection.close()
            answer = self.begin()
        if not answer:
            raise http.client.RemoteDisconnected("no answer")
        self.used_at = now
        data = answer.read()
        if answer.status != 200:
            self.failures.append((answer.status, data))
        self.n += 1
        if not self.keeps or answer.will_close:
            self.connection.close()
            self.connection = None


def wait_served(clients, n):
    """Until each was answered so many times more, or has failed."""
    last = [client.n + n for client in clients]
    end = time.monotonic() + START_S
    while time.monotonic() < end and any(
            c.n < m and not c.failures for c, m in zip(clients, last)):
        time.sleep(0.01)


def check_restarts(tap):
    with Activator() as daemon:
        # Nobody is there yet, and nobody is refused.
        first = Client(daemon.port, False, "GET", "/livez")
        first.start()
        daemon.start()
        clients = [
            first,
            Client(daemon.port, False, "POST", "/v1/ask", {"text": QUESTION}),
            Client(daemon.port, True, "POST", "/v1/ask", {"text": QUESTION}),
            Client(daemon.port, True, "GET", "/page.json"),
            Client(daemon.port, False, "GET", "/page.json")]
        for client in clients[1:]:
            client.start()
        codes = []
        for _ in range(RESTARTS):
            wait_served(clients, 2)
            codes.append(daemon.stop())
            if codes[-1] or any(client.failures for client in clients):
                print("# " + daemon.log().replace("\n", "\n# "), flush=True)
                break
            daemon.start(wait=False)
        wait_served(clients, 2)
        for client in clients:
            client.is_over.set()
        for client in clients:
            client.join()
        failures = [f for c in clients for f in c.failures]
        n = sum(c.n for c in clients)
        tap.equal(codes, [0] * RESTARTS, f"{RESTARTS} restarts, all clean")
        tap.ok(not failures and all(c.n > 2 * RESTARTS for c in clients),
               "no request fails, none is refused",
               (len(failures), failures[:3], [c.n for c in clients]))
        print(f"# {n} requests over {RESTARTS} restarts, {len(failures)} "
              f"failed; the slowest took "
              f"{max(c.slowest_s for c in clients) * 1000:.0f} ms")
        daemon.stop()


def check_mismatch(tap):
    """Another address in the settings than the manager's is said in words."""
    with Activator() as daemon:
        daemon.settings = ["http.listen=127.0.0.1:1"]
        daemon.start(wait=False)
        code = daemon.process.wait(timeout=START_S)
        tap.ok(code == 1 and "http.listen" in daemon.log() and
               f"listens on 127.0.0.1:{daemon.port}, tellerd.socket"
               in daemon.log(), "a socket that no setting names ends the start",
               daemon.log())
        daemon.settings = [
            f"http.listen=127.0.0.1:{daemon.port},127.0.0.1:1"]
        daemon.start(wait=False)
        code = daemon.process.wait(timeout=START_S)
        tap.ok(code == 1 and "none for 127.0.0.1:1" in daemon.log(),
               "so does an address without a socket", daemon.log())


def check_reload(tap):
    """A reload that would leave the socket is refused, and changes nothing."""
    with Activator() as daemon:
        daemon.start()
        code, _, words = daemon.ctl("reload")
        tap.equal(code, 0, "a reload keeps the socket")
        tap.equal(daemon.ask(QUESTION)[0], 200, "and answers on it")
        tap.equal(daemon.stop(), 0, "it ends cleanly")


def main():
    tap = Tap()
    check_mismatch(tap)
    check_reload(tap)
    check_restarts(tap)
    tap.done()


if __name__ == "__main__":
    main()
