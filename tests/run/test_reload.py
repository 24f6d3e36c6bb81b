"""Settings that change while tellerd runs: what is in force at once, what is
said not to be, and what a failure leaves as it was."""

import contextlib
import glob
import http.client
import socket
import threading
import time

from daemon import START_S, Daemon, Tap, free_port

QUESTION = "How do I order a new card?"


class FileDaemon(Daemon):
    """One whose address stands in the file, where a reload finds it."""

    def arguments(self):
        words = super().arguments()
        at = next(i for i, word in enumerate(words)
                  if word.startswith("http.listen="))
        return words[:at - 1] + words[at + 1:]

    def configure(self, listen, more="", web=""):
        with open(self.config, "w") as f:
            f.write(f"http:\n  listen: ['{listen}']\n{more}"
                    "plugins:\n  web:\n    ask_without_key_on_loopback: true\n"
                    f"    {web}\n")

    def is_at(self, port):
        """Does it answer there?"""
        connection = http.client.HTTPConnection("127.0.0.1", port,
                                                timeout=START_S)
        try:
            connection.request("GET", "/livez")
            return connection.getresponse().status == 200
        except ConnectionRefusedError:
            return False
        finally:
            connection.close()

    def turn_threads(self):
        names = []
        for path in glob.glob(f"/proc/{self.process.pid}/task/*/comm"):
            with contextlib.suppress(FileNotFoundError):  # it has ended since
                with open(path) as f:
                    names.append(f.read().strip())
        return sum(name.startswith("turn/") for name in names)


def check_listen(tap, daemon):
    first, second = daemon.port, free_port()
    kept = http.client.HTTPConnection("127.0.0.1", first, timeout=START_S)
    kept.request("GET", "/livez")
    kept.getresponse().read()
    daemon.configure(f"127.0.0.1:{second}")
    code, result, words = daemon.ctl("reload")
    tap.ok(code == 0 and result["notes"] == [],
           "another address is taken at a reload", (result, words))
    tap.ok(daemon.is_at(second), "it answers there")
    tap.ok(not daemon.is_at(first), "and no longer where it was")
    kept.request("GET", "/livez")
    tap.equal(kept.getresponse().status, 200,
              "a connection that was open stays so")
    kept.close()
    daemon.configure(f"*:{second}")
    tap.equal(daemon.ctl("reload")[0], 0,
              "all addresses, in place of one of them, are taken as well")
    tap.ok(daemon.is_at(second), "it answers there, too")
    daemon.port = second


def check_listen_fails(tap, daemon):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        daemon.configure(f"127.0.0.1:{taken}",
                         "retrieval:\n  threshold: 1\n  floor: 0.999\n")
        code, _, words = daemon.ctl("reload")
    tap.ok(code == 1 and str(taken) in words and
           "another program does" in words and "all stays" in words,
           "an address that another program has is refused", words)
    tap.equal(daemon.ask(QUESTION)[1]["kind"], "answer",
              "and nothing else in the file is in force")
    third = free_port()
    daemon.configure(f"127.0.0.1:{third}", "desk:\n  pack: nowhere\n")
    code, _, words = daemon.ctl("reload")
    tap.ok(code == 1 and "nowhere" in words,
           "a pack that is none is refused, with a new address beside it",
           words)
    tap.ok(daemon.is_at(daemon.port) and not daemon.is_at(third),
           "it listens where it did")


def check_workers(tap, daemon):
    stop = threading.Event()
    statuses = []

    def load():
        while not stop.is_set():
            statuses.append(daemon.ask(QUESTION)[0])

    threads = [threading.Thread(target=load) for _ in range(4)]
    for thread in threads:
        thread.start()
    for n in (5, 1, 3):
        daemon.configure(f"*:{daemon.port}", f"turn:\n  workers: {n}\n")
        tap.equal(daemon.ctl("reload")[0], 0, f"{n} workers are set")
        end = time.monotonic() + START_S
        while daemon.turn_threads() != n and time.monotonic() < end:
            time.sleep(0.01)
        tap.equal(daemon.turn_threads(), n, "and as many there are")
    stop.set()
    for thread in threads:
        thread.join()
    tap.ok(statuses and set(statuses) == {200}, "no question is lost by that",
           {s: statuses.count(s) for s in set(statuses)})


def check_later(tap, daemon):
    words = "store.min_free: changed, takes effect at the next start"
    daemon.configure(f"*:{daemon.port}", "store:\n  min_free: 32 MiB\n")
    for when in ("is named as such", "is named again"):
        code, result, _ = daemon.ctl("reload")
        tap.ok(code == 0 and result["notes"] == [words],
               f"what needs a start {when}", result)
    code, text, _ = daemon.ctl("reload", as_json=False)
    tap.ok(code == 0 and words in text.splitlines(), "in words, too", text)
    tap.ok(words in daemon.log(), "and in the log")
    daemon.configure(f"*:{daemon.port}")
    tap.equal(daemon.ctl("reload")[1]["notes"], [],
              "what is as it was at the start is not")
    with open(daemon.config, "a") as f:
        f.write("  nosuch: {}\n")
    code, result, _ = daemon.ctl("reload")
    tap.ok(code == 0 and len(result["notes"]) == 1 and
           "nosuch" in result["notes"][0],
           "so is a plugin that cannot be loaded", result)
    daemon.configure(f"*:{daemon.port}")


def reload_at_once(daemon, n):
    codes = []
    threads = [threading.Thread(
        target=lambda: codes.append(daemon.ctl("reload")[0]))
        for _ in range(n)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return codes


def check_many(tap, daemon):
    tap.equal(reload_at_once(daemon, 8), [0] * 8,
              "several reloads at once all come to their end")
    # It reads its secrets from the store, whoever waits for that.
    daemon.configure(f"127.0.0.1:{daemon.port}", web="token_ttl: 2 d")
    tap.equal(reload_at_once(daemon, 3), [0] * 3,
              "also where a plugin has to start anew")
    tap.equal(daemon.ask(QUESTION)[0], 200, "and it answers")


def main():
    tap = Tap()
    with FileDaemon(["http.idle_timeout=10 min"]) as daemon:
        daemon.configure(f"127.0.0.1:{daemon.port}")
        daemon.start()
        check_listen(tap, daemon)
        check_listen_fails(tap, daemon)
        check_workers(tap, daemon)
        check_later(tap, daemon)
        check_many(tap, daemon)
        tap.equal(daemon.stop(), 0, "it ends cleanly")
    tap.done()


main()
