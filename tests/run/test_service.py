"""What the host of the daemon sees: readiness, reloads, signals, metrics, and
that nothing goes out."""

import contextlib
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from daemon import SOURCE, START_S, TOP, Daemon, Tap, until  # noqa: E402

QUESTION = "How do I order a new card?"
WAIT_S = START_S


class Notify:
    """systemd's end of the readiness protocol."""

    def __init__(self):
        self.dir = tempfile.mkdtemp()
        self.path = os.path.join(self.dir, "notify")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        self.socket.settimeout(WAIT_S)
        self.seen = []

    def wait(self, word):
        """The first message from now on that has the word; '' if none comes."""
        end = time.monotonic() + WAIT_S
        with contextlib.suppress(TimeoutError):
            while time.monotonic() < end:
                text = self.socket.recv(4096).decode()
                self.seen.append(text)
                if word in text:
                    return text
        return ""

    def close(self):
        self.socket.close()
        shutil.rmtree(self.dir)


def check_notify(tap):
    notify = Notify()
    with Daemon(env={"NOTIFY_SOCKET": notify.path}) as daemon:
        begin = time.monotonic()
        daemon.start(wait=False)
        tap.ok(notify.wait("READY=1"), "READY=1 is sent")
        print(f"# {(time.monotonic() - begin) * 1000:.0f} ms to READY, "
              "first start")
        tap.equal(daemon.ask(QUESTION)[0], 200, "and it is ready")
        daemon.process.send_signal(signal.SIGHUP)
        text = notify.wait("RELOADING=1")
        tap.ok(re.search(r"MONOTONIC_USEC=\d+", text),
               "RELOADING=1 comes with MONOTONIC_USEC", text)
        tap.ok("STATUS=" in notify.wait("READY=1"),
               "READY=1 and a status follow")
        notify.seen.clear()
        tap.equal(daemon.ctl("reload")[0], 0, "tellerctl reloads, too")
        notify.wait("READY=1")
        tap.ok("RELOADING=1" in notify.seen[0], "and systemd is told the same",
               notify.seen)
        with open(daemon.config, "a") as f:
            f.write("nothing: {}\n")
        daemon.process.send_signal(signal.SIGHUP)
        notify.wait("READY=1")
        text = notify.wait("STATUS=")
        tap.ok("Answering; not reloaded: " in text and "'nothing'" in text,
               "the status says why a reload changed nothing", text)
        daemon.process.send_signal(signal.SIGTERM)
        tap.ok(notify.wait("STOPPING=1"), "STOPPING=1 is sent")
        tap.equal(daemon.process.wait(timeout=WAIT_S), 0, "it ends with 0")
        daemon.start(wait=False)
        text = notify.wait("Not started")
        tap.ok("'nothing'" in text, "and why a start failed", text)
        daemon.process.wait(timeout=WAIT_S)
        with open(daemon.config) as f:
            config = f.read()
        with open(daemon.config, "w") as f:
            f.write(config.replace("nothing: {}\n", ""))
        begin = time.monotonic()
        daemon.start(wait=False)
        notify.wait("READY=1")
        print(f"# {(time.monotonic() - begin) * 1000:.0f} ms to READY, "
              "second start")
        daemon.stop()
    notify.close()


def check_watchdog(tap):
    """A sign of life comes while the loop comes round, and no longer."""
    notify = Notify()
    with Daemon(env={"NOTIFY_SOCKET": notify.path,
                     "WATCHDOG_USEC": "4000000"}) as daemon:
        daemon.take_plugins("tests/plugins/bad/.libs/bad_stall.so")
        stall = os.path.join(daemon.dir, "stall")
        daemon.settings = [f"plugins.bad_stall.file={stall}",
                           "plugins.web.page=true"]
        daemon.start(wait=False)
        notify.wait("READY=1")
        tap.ok(not any("WATCHDOG" in text for text in notify.seen),
               "no sign of life is sent before it is ready", notify.seen)
        tap.equal(notify.wait("WATCHDOG"), "WATCHDOG=1", "then it is")
        open(stall, "w").close()
        request = threading.Thread(target=daemon.request,
                                   args=("GET", "/stall"),
                                   kwargs={"timeout": 60})
        request.start()
        # On a busy machine others may be stuck for a moment, before it.
        text = notify.wait("STATUS=Stuck: loop")
        tap.equal(text, "STATUS=Stuck: loop", "what is stuck is told")
        tap.ok("watchdog: loop has been at one thing for" in daemon.log(),
               "and logged", daemon.log())
        notify.seen.clear()
        os.remove(stall)
        notify.wait("STATUS=Answering")
        tap.ok(not any("WATCHDOG" in text for text in notify.seen),
               "meanwhile there is no sign of life", notify.seen)
        tap.equal(notify.wait("WATCHDOG"), "WATCHDOG=1",
                  "when it goes on there is")
        request.join()
        tap.equal(daemon.stop(), 0, "it ends cleanly")
        daemon.env["WATCHDOG_USEC"] = "soon"
        daemon.start(wait=False)
        tap.ok(daemon.process.wait(timeout=60) == 1 and
               "WATCHDOG_USEC is 'soon'" in daemon.log(),
               "a time that is none is refused in words", daemon.log())
    notify.close()


def check_long_start(tap):
    """A check of the store that takes long asks for more time."""
    notify = Notify()
    with Daemon(env={"NOTIFY_SOCKET": notify.path}) as daemon:
        daemon.start()
        notify.wait("READY=1")  # as many as wait there are no more sent
        daemon.stop()
        with contextlib.closing(sqlite3.connect(
                os.path.join(daemon.state, "store.db"))) as store, store:
            store.execute(
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 "
                "FROM n WHERE i < 100000) "
                "INSERT INTO meta SELECT 'key ' || i, i FROM n")
        notify.wait("STOPPING=1")
        notify.seen.clear()
        daemon.start(wait=False)
        text = notify.wait("EXTEND_TIMEOUT_USEC")
        daemon.process.send_signal(signal.SIGHUP)
        tap.ok(re.fullmatch(r"EXTEND_TIMEOUT_USEC=\d+\nSTATUS=.*", text) and
               notify.wait("READY=1"), "a long start asks for more time", text)
        told = [text.partition("STATUS=")[2] for text in notify.seen
                if text.startswith("EXTEND_TIMEOUT_USEC")]
        tap.ok([*dict.fromkeys(told)] == [
            "Checking and migrating the store",
            "Reading the pack and bringing in its entries",
            "Taking up what was left", "Starting the plugins"],
               "and says with what it goes on", told)
        tap.ok(not any("RELOADING" in text for text in notify.seen),
               "a reload that comes meanwhile waits", notify.seen)
        tap.ok(notify.wait("RELOADING=1") and notify.wait("READY=1"),
               "and is done behind it")
        daemon.stop()
    notify.close()


def check_credentials(tap):
    """A secret that systemd passes on is used, unless others may read it."""
    with Daemon() as daemon:
        passed = os.path.join(daemon.dir, "credentials")
        os.mkdir(passed, 0o700)
        key = os.path.join(passed, "lobby")
        with open(key, "w") as f:
            f.write("sesame\n")
        with open(daemon.config, "a") as f:
            f.write("  skeleton:\n    rooms:\n"
                    "      lobby: {key: credential:lobby}\n")

        def write(mode, directory):
            """The status of a message under that key, and what is logged."""
            os.chmod(key, mode)
            daemon.env.pop("CREDENTIALS_DIRECTORY", None)
            if directory:
                daemon.env["CREDENTIALS_DIRECTORY"] = directory
            daemon.start()
            status = daemon.request("POST", "/skeleton/lobby", b"Hello",
                                    {"Authorization": "Bearer sesame"})[0]
            daemon.stop()
            return status, daemon.log()

        status, log = write(0o440, passed)
        tap.ok(status < 300 and "secret" not in log,
               "a credential is a secret", (status, log))
        status, log = write(0o444, passed)
        tap.ok(status >= 400 and "lobby is open to others: chmod" in log,
               "one that others may read is refused", (status, log))
        status, log = write(0o400, None)
        tap.ok(status >= 400 and "LoadCredential=" in log,
               "without any the words say what to do", (status, log))


def check_reload(tap):
    with Daemon() as daemon:
        packs = os.path.join(daemon.dir, "packs")
        shutil.copytree(os.path.join(SOURCE, "intents"), packs)
        daemon.settings = [f"desk.packs_dir={packs}"]
        daemon.start()
        stop = threading.Event()
        statuses = []

        def load():
            while not stop.is_set():
                statuses.append(daemon.ask(QUESTION)[0])

        threads = [threading.Thread(target=load) for _ in range(4)]
        for thread in threads:
            thread.start()
        for _ in range(20):
            n = len(statuses)
            daemon.process.send_signal(signal.SIGHUP)
            until(lambda: len(statuses) > n + len(threads))
        stop.set()
        for thread in threads:
            thread.join()
        tap.ok(set(statuses) == {200} and len(statuses) > 20 * len(threads),
               "20 reloads under load fail no request",
               {s: statuses.count(s) for s in set(statuses)})

        facts = os.path.join(packs, "banking", "facts.yaml")
        with open(facts) as f:
            text = f.read()
        changed = re.sub(r"(card_replacement:).*", r"\1 €77.77", text)
        with open(facts, "w") as f:
            f.write(changed)
        tap.equal(daemon.ctl("reload")[0], 0, "a changed fact is read")
        answer = daemon.ask(QUESTION)[1]
        tap.ok("€77.77" in answer["reply"] and
               answer["sources"][0]["version"] == 2,
               "it makes a new version of the answers that have it", answer)

        with open(facts, "w") as f:
            f.write("bank:\n  name: [broken\n")
        code, _, words = daemon.ctl("reload")
        tap.ok(code == 1 and "facts.yaml:" in words,
               "a broken pack is refused with file and line", words)
        tap.ok("€77.77" in daemon.ask(QUESTION)[1]["reply"],
               "and all stays as it was")
        with open(facts, "w") as f:
            f.write(changed)
        with open(daemon.config) as f:
            config = f.read()
        with open(daemon.config, "w") as f:
            f.write(config + "retreival:\n  threshold: 0.5\n")
        code, _, words = daemon.ctl("reload")
        tap.ok(code == 1 and "did you mean 'retrieval" in words,
               "so is a mistyped key", words)
        with open(daemon.config, "w") as f:
            f.write(config + "retrieval:\n  threshold: 1\n  floor: 0.999\n")
        tap.equal(daemon.ctl("reload")[0], 0, "changed settings are read")
        tap.equal(daemon.ask("what is an overdraft and what does it cost me")
                  [1]["kind"], "out_of_scope", "and are in force")
        tap.equal(daemon.stop(), 0, "it ends cleanly")


def check_settings(tap):
    """--check-config starts nothing, and finds what a start would."""
    def check(daemon, *changes):
        run = subprocess.run(daemon.arguments() + ["--check-config", *changes],
                             capture_output=True, timeout=60)
        return run.returncode, run.stderr.decode(errors="replace")

    with Daemon() as daemon:
        code, words = check(daemon)
        tap.equal(code, 0, "settings, pack and plugins are good")
        tap.ok(not os.path.exists(daemon.state), "no state is made")
        packs = os.path.join(daemon.dir, "packs")
        shutil.copytree(os.path.join(SOURCE, "intents", "banking"),
                        os.path.join(packs, "mine"))
        os.chmod(os.path.join(packs, "mine", "faq"), 0o755)
        with open(os.path.join(packs, "mine", "faq", "bad.yaml"), "w") as f:
            f.write("faq:\n  - question: Is it?\n")
        code, words = check(daemon, "--set", f"desk.packs_dir={packs}",
                            "--set", "desk.pack=mine")
        tap.ok(code == 1 and "bad.yaml:2: 'answer'" in words,
               "an entry of the pack that is wrong is found", words)
        for change, part in (("desk.clam=1 s", "did you mean 'desk.claim'"),
                             ("plugins.nothing=", "nothing"),
                             ("plugins.web.pgae=true", "plugins.web.page")):
            code, words = check(daemon, "--set", change)
            tap.ok(code == 1 and part in words, f"{change} is found", words)


WRONG = (
    ("http:\n  listen: 127.0.0.1\n", 2, "http.listen", "HOST:PORT"),
    ("http:\n  listen: 8080\n", 2, "http.listen", "HOST:PORT"),
    ("http:\n  listen: [127.0.0.1:0, 127.0.0.1:99999]\n", 2, "http.listen",
     "65535"),
    ("http:\n  listen: []\n", 2, "http.listen", "1 or more"),
    ("admin:\n  group: nosuchgroup\n", 2, "admin.group", "groupadd"),
    ("retrieval: {threshold: 0.2,\n  floor: 0.5}\n", 2, "retrieval.floor",
     "0.2"),
    ("retrieval:\n  threshold: 0.2\n", 2, "retrieval.threshold", "0.25"),
    ("desk:\n  pack: bankng\n", 2, "desk.pack", "did you mean 'banking'?"),
    ("desk:\n  pack: other\n", 2, "desk.pack", "there is: banking"),
    ("desk:\n  packs_dir: /nonexistent\n", 2, "desk.packs_dir",
     "No such file"),
    ("daemon:\n  plugin_dir: /nonexistent\n", 2, "daemon.plugin_dir",
     "leave this out"),
    ("plugins:\n  web:\n    api_keys: [abc]\n", 3, "plugins.web.api_keys",
     "sha256sum"),
)


def check_same_words(tap):
    """What --check-config finds, a start refuses in the same words: file, line,
    setting and what to do."""
    with Daemon() as daemon:
        rest = {"desk": f"packs_dir: {SOURCE}/intents",
                "http": "listen: 127.0.0.1:0",
                "daemon": f"plugin_dir: {daemon.plugins}"}

        def run(text, *options):
            for section, setting in rest.items():
                if not text.startswith(section):
                    text += f"{section}:\n  {setting}\n"
                elif section == "desk" and "packs_dir" not in text:
                    text += f"  {setting}\n"
            with open(daemon.config, "w") as f:
                f.write(text)
            done = subprocess.run(
                [*daemon.arguments()[:5], *options], timeout=60,
                capture_output=True)
            words = done.stderr.decode(errors="replace")
            return done.returncode, words.split("tellerd: ")[-1]

        for text, line, setting, part in WRONG:
            code, words = run(text, "--check-config")
            tap.ok(code == 1 and part in words and words.startswith(
                f"{daemon.config}:{line}: '{setting}'"),
                f"{text!r} is found", words)
            tap.equal(run(text), (1, words), "the start says the same")

        wrong = "plugins:\n  wbe:\n    page: true\n"
        code, words = run(wrong, "--check-config")
        tap.ok(code == 1 and "did you mean 'web'?" in words and
               words.startswith(f"{daemon.config}:2: 'plugins.wbe'"),
               "a mistyped plugin is found", words)
        daemon.start()
        tap.ok(words in daemon.log(),
               "a start says the same, and goes on without it", daemon.log())
        daemon.stop()

        wrong = ("plugins:\n  webhook:\n    url: http://crm.example\n"
                 "    secret: file:/nonexistent\n")
        code, words = run(wrong, "--check-config")
        place, _, reason = words.partition("cannot be opened: ")
        tap.ok(code == 1 and reason.startswith("url must begin") and
               place == f"{daemon.config}:2: 'plugins.webhook': ",
               "what a plugin refuses when it is opened is found", words)
        daemon.start()
        tap.ok("cannot be opened: " + reason in daemon.log(),
               "a start says the same of it, too", daemon.log())


def check_help(tap):
    def run(option):
        done = subprocess.run([os.path.join(TOP, "tellerd"), option],
                              capture_output=True, timeout=60)
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    code, words, _ = run("--help")
    usage = words.splitlines()[0]
    explained = re.findall(r"^  (--[a-z-]+).*\n      \S", words, re.M)
    tap.ok(code == 0 and len(explained) > 1 and
           set(re.findall(r"--[a-z-]+", usage)) | {"--help"} == set(explained),
           "--help explains every option", words)
    code, out, words = run("--hepl")
    tap.ok(code == 2 and not out and "--hepl" in words and usage in words,
           "an unknown one is named, with the line of usage", words)


def check_drain(tap):
    """What is under way when SIGTERM comes is answered."""
    with Daemon() as daemon:
        daemon.start()
        answers = []
        threads = [threading.Thread(
            target=lambda: answers.append(daemon.ask(QUESTION)[0]))
            for _ in range(8)]
        for thread in threads:
            thread.start()
        time.sleep(0.01)
        code = daemon.stop()
        for thread in threads:
            thread.join()
        tap.equal(code, 0, "SIGTERM under load ends with 0")
        daemon.start()
        until(lambda: daemon.ctl("status")[1]["totals"]["queued"] == 0)
        totals = daemon.ctl("status")[1]["totals"]
        tap.ok(totals["queued"] == 0 and totals["turns"] >= answers.count(200),
               "what was answered is kept", (answers, totals))


def check_metrics(tap):
    with Daemon() as daemon:
        daemon.start()
        kinds = [daemon.ask(words)[1]["kind"] for words in
                 (QUESTION, "hello", QUESTION, "I want to talk to a person")]
        status, headers, body = daemon.request("GET", "/metrics")
        text = body.decode()
        counted = dict(re.findall(
            r'^tellerd_turns_total\{kind="(\w+)"\} (\d+)$', text, re.M))
        tap.ok(len(set(kinds)) == 3 and all(
            int(n) == kinds.count(kind) for kind, n in counted.items()) and
            set(kinds) < set(counted),
            "turns are counted by kind, those that were none, too",
            (kinds, counted))
        tap.ok(status == 200 and headers["Content-Type"] ==
               "text/plain; version=0.0.4; charset=utf-8",
               "/metrics is Prometheus text", headers)
        names = set()
        for line in text.splitlines():
            if line.startswith("# HELP "):
                names.add(line.split()[2])
        bare = {re.match(r"[a-z_:0-9]+", line)[0]
                for line in text.splitlines() if line and line[0] != "#"}
        strip = re.compile(r"_(bucket|sum|count)$")
        tap.equal(sorted(n for n in bare
                         if n not in names and strip.sub("", n) not in names),
                  [], "every metric has a help text")
        tap.ok("tellerd_ready 1" in text, "it says that it is ready")
        memory = subprocess.run(
            ["grep", "VmRSS", f"/proc/{daemon.process.pid}/status"],
            capture_output=True).stdout.decode().split()
        print(f"# {int(memory[1]) / 1024:.1f} MiB resident after one question")


def check_egress(tap):
    if not shutil.which("strace") or \
            subprocess.run(["strace", "-o", "/dev/null", "true"],
                           capture_output=True).returncode:
        tap.skip("nothing goes out", "strace is missing, or may not trace")
        return
    if os.environ.get("SANITIZERS", "no") != "no":
        tap.skip("nothing goes out", "sanitizers do not run under strace")
        return
    notify = Notify()
    with Daemon(env={"NOTIFY_SOCKET": notify.path}) as daemon:
        # As shipped: the file that is installed, every default in force.
        shutil.copy(os.path.join(SOURCE, "etc", "tellerd.yaml"), daemon.config)
        trace = os.path.join(daemon.dir, "trace")
        daemon.wrapper = ["strace", "-f", "-qq", "-o", trace, "-e",
                          "trace=connect,sendto,sendmsg"]
        daemon.start()
        id, auth = daemon.conversation()
        daemon.json("POST", f"/v1/conversations/{id}/messages",
                    {"text": QUESTION}, auth)
        daemon.ctl("ask", QUESTION)
        daemon.ctl("reload")
        time.sleep(1)
        daemon.process.send_signal(signal.SIGTERM)
        subprocess.run(["pkill", "-TERM", "-P", str(daemon.process.pid)])
        daemon.process.wait(timeout=60)
        with open(trace) as f:
            calls = f.read().splitlines()
        out = [c for c in calls if "connect(" in c and "AF_UNIX" not in c]
        tap.equal(out, [], "as shipped it connects to nobody")
        tap.ok(any("READY=1" in c for c in calls),
               "the trace has what it does send")
    notify.close()


def main():
    tap = Tap()
    check_notify(tap)
    check_watchdog(tap)
    check_long_start(tap)
    check_credentials(tap)
    check_reload(tap)
    check_settings(tap)
    check_same_words(tap)
    check_help(tap)
    check_drain(tap)
    check_metrics(tap)
    check_egress(tap)
    tap.done()


main()
