"""The log in systemd's journal: entries with fields, and nothing that a
customer wrote.  In a mount namespace of its own, where we are the journal."""

import os
import socket
import struct
import subprocess
import sys

from daemon import START_S, Daemon, Tap

INSIDE = "--inside"
SOCKET = "/run/systemd/journal/socket"
WORDS = "What does a current account cost, dear Zebedee?"


def fields(entry):
    """Name to value, as the journal reads an entry."""
    found, at = {}, 0
    while at < len(entry):
        end = entry.index(b"\n", at)
        name, is_plain, value = entry[at:end].partition(b"=")
        if is_plain:
            at = end + 1
        else:
            length, = struct.unpack_from("<Q", entry, end + 1)
            value = entry[end + 9:end + 9 + length]
            at = end + 9 + length + 1
        found[name.decode()] = value.decode()
    return found


class Journal:
    def __init__(self):
        subprocess.run(["mount", "-t", "tmpfs", "none", "/run"], check=True)
        os.makedirs(os.path.dirname(SOCKET))
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(SOCKET)
        self.socket.settimeout(START_S)
        self.entries = []

    def wait(self, is_it):
        """The first entry from now on of which that is true."""
        while True:
            self.entries.append(fields(self.socket.recv(1 << 16)))
            if is_it(self.entries[-1]):
                return self.entries[-1]


def inside():
    tap = Tap()
    journal = Journal()
    with Daemon() as daemon:
        # What stderr will be is what the variable names.
        open(daemon.log_path, "w").close()
        stat = os.stat(daemon.log_path)
        daemon.env["JOURNAL_STREAM"] = f"{stat.st_dev}:{stat.st_ino}"
        daemon.start(wait=False)
        entry = journal.wait(lambda e: e["MESSAGE"] == "tellerd: ready")
        tap.ok(entry["PRIORITY"] == "6" and
               entry["SYSLOG_IDENTIFIER"] == "tellerd" and
               entry["CODE_FUNC"] == "serve" and
               entry["CODE_FILE"].endswith("tellerd.c") and
               int(entry["CODE_LINE"]) > 0,
               "an entry has its level and its place", entry)
        loaded = [e for e in journal.entries
                  if e.get("TELLERD_PLUGIN") == "web"] or [journal.wait(
                      lambda e: e.get("TELLERD_PLUGIN") == "web")]
        tap.ok("web" in loaded[0]["MESSAGE"],
               "a plugin's lines name it in a field", loaded)
        daemon.wait_ready()
        id, auth = daemon.conversation()
        daemon.json("POST", f"/v1/conversations/{id}/messages", {"text": WORDS},
                    dict(auth, **{"X-Request-Id": "from-the-page"}))
        entry = journal.wait(lambda e: "TELLERD_CONVERSATION" in e)
        tap.ok(entry["TELLERD_CONVERSATION"] == id and
               entry["TELLERD_CHANNEL"] == "web" and
               entry["REQUEST_ID"] == "from-the-page",
               "a turn's names conversation, channel and request", entry)
        tap.equal(daemon.stop(), 0, "it ends cleanly")
        journal.wait(lambda e: e["MESSAGE"] == "tellerd: ended")
        tap.ok(not any("Zebedee" in str(e) for e in journal.entries),
               "what a customer wrote is in none", journal.entries)
        tap.equal(daemon.log(), "", "nothing is said twice")
    tap.done()


def main():
    if sys.argv[1:] == [INSIDE]:
        inside()
    can = os.getuid() == 0 and not subprocess.run(
        ["unshare", "-m", "mount", "-t", "tmpfs", "none", "/run"],
        capture_output=True).returncode
    if can:
        os.execvp("unshare", ["unshare", "-m", sys.executable,
                              os.path.abspath(__file__), INSIDE])
    tap = Tap()
    tap.skip("entries of the journal", "not root, or no mount namespaces")
    tap.done()


main()
