"""The daemon as the service: under what the unit leaves it, on a socket that is
passed to it, until it says READY=1.  Prints figures, asserts nothing.

    bench_service.py [ROUNDS]      of restarts, 20"""

import contextlib
import os
import socket
import statistics
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "run"))
from daemon import SOURCE, TOP  # noqa: E402
from test_restart_requests import Activator  # noqa: E402

IDLE_S = 2


class Manager:
    """Gets what the daemon says of itself."""

    def __init__(self, directory):
        self.path = os.path.join(directory, "notify")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        self.socket.settimeout(60)

    def wait(self, word):
        """When it comes."""
        while word not in self.socket.recv(4096):
            pass
        return time.monotonic()

    def forget(self):
        """What it has said until now."""
        self.socket.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            while True:
                self.socket.recv(4096)
        self.socket.settimeout(60)


def of_memory(daemon):
    figures = {}
    with open(f"/proc/{daemon.process.pid}/smaps_rollup") as f:
        for line in f:
            name, _, value = line.partition(":")
            if name in ("Rss", "Pss", "Private_Dirty"):
                figures[name] = int(value.split()[0]) / 1024
    with open(f"/proc/{daemon.process.pid}/status") as f:
        for line in f:
            if line.startswith("Threads"):
                figures["threads"] = int(line.split()[1])
    return figures


def start(daemon, manager):
    """From its first word on, as what confines it takes time of its own."""
    daemon.start(wait=False)
    begin = manager.wait(b"STATUS=")
    return (manager.wait(b"READY=1") - begin) * 1000


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    with Activator() as daemon:
        manager = Manager(daemon.dir)
        daemon.env["NOTIFY_SOCKET"] = manager.path
        daemon.wrapper += [sys.executable,
                           os.path.join(SOURCE, "tests/run/confine.py"),
                           os.path.join(TOP, "etc/tellerd.service")]
        print(f"first start to READY=1: {start(daemon, manager):.0f} ms")
        time.sleep(IDLE_S)
        print(f"{IDLE_S} s later:", ", ".join(
            f"{name} {value:.1f}" if name != "threads" else f"{value} threads"
            for name, value in of_memory(daemon).items()), "(MiB)")
        ends, starts = [], []
        for _ in range(rounds):
            time.sleep(IDLE_S)  # what a start goes on to learn
            begin = time.monotonic()
            daemon.stop()
            ends.append((time.monotonic() - begin) * 1000)
            manager.forget()
            starts.append(start(daemon, manager))
        print(f"{rounds} restarts without load, medians: end "
              f"{statistics.median(ends):.0f} ms, start to READY=1 "
              f"{statistics.median(starts):.0f} ms")
        daemon.stop()


main()
