"""A full disk, a failing one, files that are not ours: in words, and nothing
that was acknowledged is lost."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from daemon import START_S, Daemon, Tap, until  # noqa: E402

QUESTION = "How do I order a new card?"


def said(messages):
    return [m["text"] for m in messages if m["author"] == "customer"]


def answered(messages):
    return [i for m in messages for i in m.get("in_reply_to", [])]


def check_full_disk(tap):
    if os.geteuid() != 0:
        tap.skip("a full disk", "only root can make a small one")
        return
    with Daemon(settings=["store.min_free=1 MiB"]) as daemon:
        os.mkdir(daemon.state)
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o",
                                  "size=24m,mode=0700", "tmpfs", daemon.state],
                                 capture_output=True).returncode == 0
        if not mounted:
            tap.skip("a full disk", "no small file system can be mounted here")
            return
        try:
            fill_and_free(tap, daemon)
        finally:
            if daemon.process and daemon.process.poll() is None:
                daemon.kill()
            subprocess.run(["umount", "-l", daemon.state])


def fill_and_free(tap, daemon):
    daemon.start()
    id, auth = daemon.conversation()
    path = f"/v1/conversations/{id}/messages"
    tap.equal(daemon.json("POST", path, {"text": "before"}, auth)[0], 202,
              "with space a message is taken")
    ballast = os.path.join(daemon.state, "ballast")
    with open(ballast, "wb") as f:
        try:
            while True:
                f.write(b"x" * 65536)
                f.flush()
        except OSError:
            pass
    time.sleep(0.5)
    status, headers, body = daemon.request(
        "POST", path, {"text": "full", "client_id": "f1"}, auth)
    tap.ok(status == 503 and headers["Retry-After"],
           "on a full disk: 503 with Retry-After", (status, body))
    for _ in range(50):
        daemon.request("POST", path, {"text": "full", "client_id": "f1"}, auth)
    tap.ok("before" in said(daemon.history(id, auth)), "reading goes on")
    tap.equal(daemon.request("GET", "/readyz")[0], 503, "it is not ready")
    tap.equal(daemon.request("GET", "/livez")[0], 200, "it is alive")
    os.unlink(ballast)
    tap.ok(until(lambda: daemon.json("POST", path, {
        "text": "full", "client_id": "f1"}, auth)[0] == 202),
           "with space again it takes messages by itself")
    until(lambda: len(answered(daemon.history(id, auth))) >= 2)
    time.sleep(1)  # were there more than that, they would come
    history = daemon.history(id, auth)
    tap.equal(said(history), ["before", "full"], "nothing is lost or doubled")
    tap.equal(len(answered(history)), 2, "everything is answered")
    until(lambda: "has room again" in daemon.log())
    lines = [line for line in daemon.log().splitlines() if "the disk of" in line]
    tap.ok(len(lines) == 2 and all(daemon.state in line and "MiB" in line
                                   for line in lines) and
           " warn " in lines[0] and "is full" in lines[0] and
           "has room again" in lines[1],
           "the log says once that it is full, and once that it is over", lines)
    tap.equal(daemon.stop(), 0, "it ends cleanly")


def check_failed_flush(tap):
    if not shutil.which("strace") or \
            subprocess.run(["strace", "-o", "/dev/null", "true"],
                           capture_output=True).returncode:
        tap.skip("a failing flush", "strace is missing, or may not trace")
        return
    if os.environ.get("SANITIZERS", "no") != "no":
        tap.skip("a failing flush", "sanitizers do not run under strace")
        return
    with Daemon() as daemon:
        daemon.start()
        id, auth = daemon.conversation()
        path = f"/v1/conversations/{id}/messages"
        daemon.json("POST", path, {"text": "kept"}, auth)
        time.sleep(1.5)
        daemon.stop()
        daemon.wrapper = ["strace", "-f", "-qq", "-o", "/dev/null", "-e",
                          "inject=fdatasync:error=EIO:when=12+"]
        daemon.start()
        code = None
        statuses = []
        for i in range(200):
            try:
                statuses.append(daemon.json(
                    "POST", path, {"text": f"m{i}", "client_id": f"m{i}"},
                    auth, timeout=10)[0])
            except OSError:
                break
            if statuses[-1] != 202:
                break
        try:
            code = daemon.process.wait(timeout=START_S)
        except subprocess.TimeoutExpired:
            daemon.kill()
        tap.equal(code, 70, "a failed flush ends it with exit code 70",)
        tap.ok(202 in statuses and set(statuses) <= {202, 503},
               "who waited was told 503, or nothing", statuses)
        tap.ok("exit" in daemon.log() and "disk" in daemon.log(),
               "the log says what happened and what to do",
               daemon.log()[-800:])
        acknowledged = [f"m{i}" for i, s in enumerate(statuses) if s == 202]
        daemon.wrapper = []
        daemon.start()
        texts = said(daemon.history(id, auth))
        tap.equal([t for t in ["kept", *acknowledged] if t not in texts], [],
                  "what was acknowledged is there")
    check_failed_flush_at_start(tap)
    check_slow_flush(tap)


def check_slow_flush(tap):
    """The first start of web, whose key has to be on disk."""
    with Daemon() as daemon:
        web = daemon.config
        daemon.config = "/dev/null"
        daemon.start()
        daemon.stop()
        daemon.config = web
        daemon.wrapper = ["strace", "-f", "-qq", "-o", "/dev/null", "-e",
                          "inject=fdatasync:delay_enter=1500000"]
        daemon.start()
        tap.equal(daemon.ask(QUESTION)[0], 200,
                  "on a slow disk, too, who finds it ready is answered")


def check_failed_flush_at_start(tap):
    """A store that breaks while the entries of another pack are brought in."""
    seen = []
    with Daemon() as daemon:
        daemon.start()
        daemon.stop()
        daemon.settings = ["desk.pack=insurance"]
        for n in range(1, 12):
            daemon.wrapper = ["strace", "-f", "-qq", "-o", "/dev/null", "-e",
                              f"inject=fdatasync:error=EIO:when={n}+"]
            before = len(daemon.log())
            daemon.start(wait=False)
            try:
                code = daemon.process.wait(timeout=START_S)
            except subprocess.TimeoutExpired:
                daemon.kill()
                break
            log = daemon.log()[before:]
            seen.append((code, "can no longer be trusted" in log,
                         "tellerd: ready" in log))
            if code == 70:
                break
    tap.ok((70, True, False) in seen and
           all(code == (70 if is_broken else 1)
               for code, is_broken, _ in seen),
           "one that fails during a start does, too, once the store was open",
           seen)


def check_reader_after_kill(tap):
    """Another program reads what a killed daemon left in its log."""
    with Daemon() as daemon:
        daemon.start()
        id, auth = daemon.conversation()
        path = f"/v1/conversations/{id}/messages"
        daemon.json("POST", path, {"text": "before"}, auth)
        daemon.kill()
        stranger = sqlite3.connect(database(daemon), isolation_level=None)
        stranger.execute("BEGIN")
        stranger.execute("SELECT count(*) FROM message").fetchone()
        daemon.start(wait=False)
        begun = until(
            lambda: "another program reads the database" in daemon.log())
        daemon.wait_answer()
        status, headers, body = daemon.request("POST", path,
                                               {"text": "held"}, auth)
        tap.ok(status == 503 and headers["Retry-After"],
               "while the old log is read: 503 with Retry-After",
               (status, body))
        tap.ok(b"store_held" in daemon.request("GET", "/readyz")[2],
               "it is not ready, and says why")
        tap.ok("HELD" in daemon.ctl("status", as_json=False)[1],
               "the status says so too")
        stranger.close()
        ended = until(lambda: "is copied back" in daemon.log())
        tap.equal(daemon.json("POST", path, {"text": "after"}, auth)[0], 202,
                  "after that the first message is taken")
        lines = [line for line in daemon.log().splitlines()
                 if "what the last process left" in line]
        tap.ok(begun and ended and len(lines) == 2 and
               all(daemon.state in line for line in lines) and
               " warn " in lines[0],
               "the log says once that it is held, and once that it is over",
               lines)


def expect_refusal(tap, daemon, words, what):
    daemon.start(wait=False)
    try:
        code = daemon.process.wait(timeout=START_S)
    except subprocess.TimeoutExpired:
        daemon.kill()
        code = None
    log = daemon.log()
    tap.ok(code == 1 and words in log, what, f"exit {code}\n{log[-600:]}")


def database(daemon):
    for name in os.listdir(daemon.state):
        if name.endswith(".db"):
            return os.path.join(daemon.state, name)
    raise RuntimeError("no database in " + daemon.state)


def check_damage(tap):
    """A message is to be answered and a reply to be sent, and their
    conversation is not there."""
    with Daemon() as daemon:
        daemon.start()
        daemon.ask(QUESTION)
        daemon.kill()
        stranger = sqlite3.connect(database(daemon), isolation_level=None)
        stranger.execute("UPDATE message SET state = 'running', "
                         "turn_id = NULL")
        stranger.execute("UPDATE reply SET state = 'pending'")
        stranger.execute("DELETE FROM conversation")
        stranger.close()
        daemon.start()
        status, _ = daemon.ask(QUESTION)
        tap.equal((status, daemon.stop()), (200, 0),
                  "what belongs to no conversation does not end it")
        tap.ok("1 conversation with unanswered messages" in daemon.log(),
               "a message was found at the start", daemon.log())
        tap.ok("belongs to no conversation: not sent" in daemon.log(),
               "and a reply", daemon.log())


def check_leftovers(tap):
    """Of a backup that was killed, and of what plugins keep for a time."""
    names = [f"backup-{'0f' * 8}.tmp", f"backup-{'e1' * 8}.tmp.part",
             "backup-of-mine.db"]

    def left(daemon):
        store = sqlite3.connect(database(daemon))
        rows = store.execute("SELECT key FROM plugin_state WHERE "
                             "plugin = 'other' ORDER BY key").fetchall()
        store.close()
        return [key for key, in rows]

    with Daemon() as daemon:
        daemon.start()
        daemon.stop()
        for name in names:
            with open(os.path.join(daemon.state, name), "w") as f:
                f.write("x")
        store = sqlite3.connect(database(daemon))
        with store:
            store.executemany(
                "INSERT INTO plugin_state (plugin, key, value, expires_at) "
                "VALUES ('other', ?, x'00', ?)",
                [(f"a{n}", 1) for n in range(500)] + [("b", 1 << 60), ("c", 0)])
        store.close()
        daemon.start()
        tap.equal([name for name in os.listdir(daemon.state)
                   if name.startswith("backup-")], names[2:],
                  "what a killed backup left is removed, and nothing else")
        tap.ok(until(lambda: left(daemon) == ["b", "c"]),
               "what plugins kept for a time is gone when that is over",
               left(daemon))


def check_files(tap):
    with Daemon() as daemon:
        daemon.start()
        daemon.ask(QUESTION)
        daemon.stop()
        path = database(daemon)
        with open(path, "rb") as f:
            good = f.read()

        def put(data):
            for name in os.listdir(daemon.state):
                if name.startswith(os.path.basename(path)):
                    os.unlink(os.path.join(daemon.state, name))
            with open(path, "wb") as f:
                f.write(data)
            os.chmod(path, 0o600)

        put(b"This is a letter, and no database at all. " * 200)
        expect_refusal(tap, daemon, "Restore a backup",
                       "a file that is none is refused, with what to do")
        put(good[:4096] + os.urandom(8192) + good[12288:])
        with open(os.path.join(daemon.state, "x"), "w"):
            pass
        daemon.start(wait=False)
        time.sleep(2)
        damaged = daemon.process.poll()
        daemon.kill()
        tap.ok(damaged in (1, None, 70) and "Segmentation" not in daemon.log(),
               "a damaged file does not crash it", daemon.log()[-600:])
        put(b"")
        os.unlink(path)
        foreign = sqlite3.connect(path)
        foreign.execute("CREATE TABLE recipe (name TEXT)")
        foreign.execute("PRAGMA application_id = 42")
        foreign.commit()
        foreign.close()
        os.chmod(path, 0o600)
        expect_refusal(tap, daemon, path, "another program's file is refused")
        put(good)
        newer = sqlite3.connect(path)
        newer.execute("PRAGMA user_version = 9999")
        newer.commit()
        newer.close()
        expect_refusal(tap, daemon, "newer",
                       "the file of a newer tellerd is refused")
        put(good)
        daemon.start()
        tap.equal(daemon.ask(QUESTION)[0], 200, "the good one is taken again")


def check_low_port(tap):
    words = "who may not listen on a low port is told that it is one"
    lowest = "/proc/sys/net/ipv4/ip_unprivileged_port_start"
    with open(lowest) as f:
        if int(f.read()) <= 1:
            tap.skip(words, f"{lowest} lets everybody")
            return
    wrapper = []
    if os.geteuid() == 0:
        if not shutil.which("setpriv"):
            tap.skip(words, "setpriv (util-linux) is missing")
            return
        wrapper = ["setpriv", "--bounding-set=-net_bind_service"]
    with Daemon(wrapper=wrapper) as daemon:
        daemon.port = 1
        expect_refusal(tap, daemon, "ports below 1024 are root's", words)


def check_places(tap):
    with Daemon() as daemon:
        daemon.start()
        with Daemon() as other:
            other.state = daemon.state
            expect_refusal(tap, other, f"by process {daemon.process.pid}: end "
                           "that, or name another directory",
                           "a second daemon is told who has the store")
        with Daemon() as other:
            other.port = daemon.port
            expect_refusal(tap, other, f"127.0.0.1:{daemon.port}",
                           "a port that is taken is named")
    check_low_port(tap)
    if os.geteuid() == 0:
        with Daemon() as daemon:
            daemon.state = "/proc/tellerd"
            expect_refusal(tap, daemon, "/proc/tellerd",
                           "a directory that cannot be made is named")
    with Daemon(config="desk:\n  pakc: banking\n") as daemon:
        expect_refusal(tap, daemon, "did you mean 'desk.pack'?",
                       "a mistyped key names the nearest one")
        tap.ok(f"{daemon.config}:2:" in daemon.log(), "with file and line")
    with Daemon(settings=["desk.pack=nowhere"]) as daemon:
        expect_refusal(tap, daemon, "nowhere", "a missing pack is named")


def main():
    tap = Tap()
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    check_full_disk(tap)
    check_failed_flush(tap)
    check_reader_after_kill(tap)
    check_damage(tap)
    check_leftovers(tap)
    check_files(tap)
    check_places(tap)
    tap.done()


main()
