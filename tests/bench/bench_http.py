#!/usr/bin/env python3
"""The HTTP server with many idle clients, and under attack, for doc/benchmarks.md:

    tests/bench/bench_http.py streams [CLIENTS]
    tests/bench/bench_http.py slow
    tests/bench/bench_http.py attack [SECONDS]

or all of them.

streams: what 2,000 clients cost that read server-sent events and hear nothing,
without TLS and with it.  slow: how much is kept for a reader who reads nothing
before he is cut.  attack: slowhttptest's slow headers (-H), slow bodies (-B) and
overlapping ranges (-R), one after the other, and how long ordinary requests take
meanwhile.  It needs a build, and slowhttptest for the attack."""

import http.client
import json
import os
import resource
import shutil
import socket
import ssl
import subprocess
import sys
import threading
import time

TOP = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
os.environ.setdefault("top_builddir", TOP)
os.environ.setdefault("top_srcdir", TOP)
sys.path.insert(0, os.path.join(TOP, "tests/run"))
from daemon import Daemon, free_port  # noqa: E402

MANY = ["http.max_per_address=20000", "http.max_streams_per_address=20000",
        "http.max_connections=20000"]


def resident(daemon):
    """KiB of it that are its own, and that are not shared with its files."""
    with open(f"/proc/{daemon.process.pid}/smaps_rollup") as f:
        return next(int(line.split()[1]) for line in f
                    if line.startswith("Pss_Anon"))


def open_stream(port, head, context):
    s = socket.create_connection(("127.0.0.1", port))
    if context:
        s = context.wrap_socket(s)
    s.sendall(head)
    got = b""
    while b"retry:" not in got:
        got += s.recv(4096)
    return s


def measure_streams(daemon, port, n, context=None):
    id, auth = daemon.conversation()
    head = (f"GET /v1/conversations/{id}/events HTTP/1.1\r\nHost: localhost\r\n"
            f"Authorization: {auth['Authorization']}\r\n\r\n").encode()
    warm = [open_stream(port, head, context) for _ in range(20)]
    before = resident(daemon)
    clients = [open_stream(port, head, context) for _ in range(n)]
    time.sleep(2)
    after = resident(daemon)
    # One ping to all of them, and what stays behind it.
    time.sleep(21)
    pinged = resident(daemon)
    begin = time.monotonic()
    status = daemon.request("GET", "/livez")[0]
    ms = (time.monotonic() - begin) * 1e3
    print(f"{n} streams{' with TLS' if context else ''}: "
          f"{(after - before) / n:.1f} KiB each, {(pinged - before) / n:.1f} "
          f"after a ping; /livez {status} in {ms:.1f} ms")
    for s in clients + warm:
        s.close()


def streams(n):
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 20000), hard))
    with Daemon(MANY).start() as daemon:
        measure_streams(daemon, daemon.port, n)
    daemon = Daemon(MANY)
    pair = [os.path.join(daemon.dir, name) for name in ("pem", "key")]
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=x",
                    "-out", pair[0], "-keyout", pair[1]], check=True,
                   capture_output=True)
    os.chmod(pair[1], 0o600)
    port = free_port()
    daemon.settings += [
        f"http.listen=127.0.0.1:{daemon.port},tls:127.0.0.1:{port}",
        f"http.tls_certificate={pair[0]}", f"http.tls_key=file:{pair[1]}"]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with daemon.start():
        measure_streams(daemon, port, n, context)


def slow():
    """Long messages of the customer come back to him as events, of which he
    reads none."""
    with Daemon(MANY).start() as daemon:
        id, auth = daemon.conversation()
        s = socket.socket()
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        s.connect(("127.0.0.1", daemon.port))
        s.sendall((f"GET /v1/conversations/{id}/events HTTP/1.1\r\n"
                   f"Host: localhost\r\nAuthorization: "
                   f"{auth['Authorization']}\r\n\r\n").encode())
        text = "x y " * 1990
        before, sent, most = resident(daemon), 0, 0
        while streams_of(daemon) and sent < 5000:
            assert daemon.send(id, auth, text)[0] in (202, 503)
            sent += 1
            most = max(most, resident(daemon))
        print(f"a reader of nothing was cut after {sent} messages of "
              f"{len(text)} bytes; {most - before} KiB more at most")
        s.close()


def streams_of(daemon):
    text = daemon.request("GET", "/metrics")[2].decode()
    return int(float(text.split("\ntellerd_http_streams ")[1].split()[0]))


# ---- Attacks -----------------------------------------------------------------


class Customers(threading.Thread):
    """Ordinary requests, one every 20 ms, each on a connection of its own."""

    def __init__(self, daemon):
        super().__init__()
        self.daemon_asked, self.is_over = daemon, False
        self.ms, self.failed = [], 0
        self.start()

    def run(self):
        while not self.is_over:
            begin = time.monotonic()
            try:
                status = self.daemon_asked.ask("What does an account cost?")[0]
                self.failed += status != 200
            except (OSError, http.client.HTTPException, json.JSONDecodeError):
                self.failed += 1
            self.ms.append((time.monotonic() - begin) * 1e3)
            time.sleep(0.02)

    def end(self):
        self.is_over = True
        self.join()
        ms = sorted(self.ms)
        return (f"{len(ms)} requests, {self.failed} failed, p50 "
                f"{ms[len(ms) // 2]:.1f} ms, p99 {ms[len(ms) * 99 // 100]:.1f} "
                f"ms, most {ms[-1]:.0f} ms")


ATTACKS = {"-H": ["/", "-i", "5", "-x", "24"],
           "-B": ["/v1/conversations", "-i", "5", "-s", "8192"],
           "-R": ["/", "-a", "1", "-b", "3000"]}


def attack(seconds):
    if not shutil.which("slowhttptest"):
        print("slowhttptest is missing: nobody attacks")
        return
    # One address is all there is here: let it have as many as it can.
    with Daemon(MANY).start() as daemon:
        customers = Customers(daemon)
        time.sleep(10)
        print("nobody else:", customers.end(), flush=True)
        for mode, (path, *more) in ATTACKS.items():
            customers = Customers(daemon)
            end, n = time.monotonic() + seconds, 0
            # It gives up once all its connections are cut: then again.
            while time.monotonic() < end:
                n += 1
                subprocess.run(
                    ["slowhttptest", mode, "-c", "1000", "-r", "200", "-l",
                     str(seconds), "-p", "3", "-u",
                     f"http://127.0.0.1:{daemon.port}{path}", *more],
                    stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            print(f"slowhttptest {mode}, {n} times 1,000 connections:",
                  customers.end(), flush=True)


def main():
    what, *more = sys.argv[1:] or ["all"]
    number = int(more[0]) if more else None
    if what not in ("all", "streams", "slow", "attack"):
        sys.exit(__doc__)
    if what in ("all", "streams"):
        streams(number or 2000)
    if what in ("all", "slow"):
        slow()
    if what in ("all", "attack"):
        attack(number or 60)


main()
