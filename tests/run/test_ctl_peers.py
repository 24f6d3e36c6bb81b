"""What tellerctl gives out and takes in: terminals, pipes, full disks and
other users on one side, whoever comes to the daemon's socket on the other."""

import contextlib
import grp
import http.client
import json
import os
import pwd
import re
import resource
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from daemon import TOP, Daemon, Tap  # noqa: E402

CTL = os.path.join(TOP, "tellerctl")
HOSTILE = "card \x1b]0;title\x07 \x1b[31m \x9b31m \x7f \u202e\nbot  msg_9  answer"
NOBODY = "nobody"


def run(daemon, *words, state=None, **options):
    """(exit code, stdout, stderr), of bytes as they are."""
    options.setdefault("stdout", subprocess.PIPE)
    done = subprocess.run([CTL, "--config", daemon.config, "--state",
                           state or daemon.state, *words],
                          stderr=subprocess.PIPE, env=daemon.env,
                          timeout=120, **options)
    return done.returncode, done.stdout, done.stderr.decode(errors="replace")


def audit(daemon):
    with contextlib.closing(sqlite3.connect(
            os.path.join(daemon.state, "store.db"))) as db:
        return db.execute("select actor, action from audit order by rowid"
                          ).fetchall()


# ---- What is printed


def is_safe(out):
    return all(c == "\n" or c.isprintable() for c in out.decode())


def check_terminal(tap, daemon):
    code, answer, _ = daemon.ctl("ask", HOSTILE)
    conversation = answer["conversation"]
    _, out, _ = run(daemon, "conversations", "show", conversation)
    tap.ok(is_safe(out) and b"\\u001b]0;title" in out and b"\\u009b" in out,
           "control characters of a customer do not reach the terminal", out)
    tap.ok(b"\n    bot  msg_9" in out,
           "his lines cannot pass for those of others", out)
    _, out, _ = run(daemon, "conversations", "show", conversation, "--json")
    tap.ok(is_safe(out) and
           json.loads(out)["messages"][0]["text"] == HOSTILE,
           "nor as JSON, which says what they are", out)
    code, out, words = run(daemon, "faq", "show", HOSTILE)
    tap.ok(code == 1 and is_safe(words.encode()), "nor in an error", words)


def check_json(tap, daemon):
    for words, code in [(["frobnicate"], 2), (["status", "--nonsense"], 2),
                        (["faq"], 2), (["ask", "a", "b"], 2),
                        (["conversations", "show", "cnv_nobody"], 1),
                        (["faq", "import", "/nowhere.csv"], 1)]:
        got, out, said = run(daemon, *words, "--json")
        document = json.loads(out)
        tap.ok(got == code == document["exit"] and document["error"] in said,
               f"'{' '.join(words)} --json' fails with one document", out)
    code, out, _ = run(daemon, "chat", "--json", input=b"hello\nperson\n")
    kinds = [json.loads(line)["kind"] for line in out.splitlines()]
    tap.equal(kinds, ["smalltalk", "handover"],
              "chat --json prints a document a line")


def check_line(tap, daemon):
    long = b"x" * 100000
    code, out, words = run(daemon, "chat", input=long + b"\nhello\n")
    tap.ok(code == 1 and "longer" in words and not out,
           "a line that is too long is refused whole", words)
    code, out, _ = run(daemon, "conversations", "list", "--limit=1",
                       "--in=bot", "--json")
    tap.ok(code == 0 and len(json.loads(out)["conversations"]) == 1,
           "a value may stand behind a '='", out)
    for words, part in [(["status", "--force"], "no option --force"),
                        (["status", "--json=yes"], "takes no value"),
                        (["status", "--jsn"], "did you mean '--json'"),
                        (["help", "fqa"], "did you mean 'faq'")]:
        code, _, said = run(daemon, *words)
        tap.ok(code == 2 and part in said, f"'{' '.join(words)}' is misuse",
               said)
    code, out, _ = run(daemon, "help", "faq", "import")
    tap.ok(code == 0 and b"--retire-missing" in out and b"faq add" not in out,
           "help of one command", out)
    code, _, said = run(daemon, "faq", "show", "card-replace", "--version",
                        str(2**32 + 1))
    tap.ok(code == 2 and "--version" in said,
           "a number that is too large is no other number", said)
    code, _, said = run(daemon, "faq", "approve", "card-replace", "--version",
                        "0")
    tap.ok(code == 2 and "--version" in said, "there is no version 0", said)


def check_pages(tap, daemon):
    for _ in range(5):
        daemon.ctl("ask", "hello")
    _, all_, _ = daemon.ctl("conversations", "list", "--limit", "1000")
    seen, before = [], []
    while True:
        _, page, _ = daemon.ctl("conversations", "list", "--limit", "2",
                                *before)
        seen += [c["id"] for c in page["conversations"]]
        if not page["more"]:
            break
        before = ["--before", seen[-1]]
    tap.ok(not all_["more"] and len(seen) > 5 and
           seen == [c["id"] for c in all_["conversations"]],
           "a list in pages is the list", seen)
    _, out, _ = run(daemon, "conversations", "list", "--limit", "1")
    tap.ok(f"--before {seen[0]}".encode() in out,
           "a list that has been cut says how it goes on", out)
    code, _, said = run(daemon, "conversations", "list", "--before", "cnv_x")
    tap.ok(code == 1 and "cnv_x" in said, "behind nobody is nothing", said)


def check_round_trip(tap, daemon):
    for end, option in ((".yaml", []), (".csv", ["--csv"])):
        path = os.path.join(daemon.dir, "round" + end)
        daemon.ctl("faq", "export", path, *option)
        for approve in ([], ["--approve"]):
            code, out, said = run(daemon, "faq", "import", *approve, path)
            tap.ok(code == 0 and b"0 entries added, 0 changed" in out and
                   b"draft" not in out,
                   f"an export{end} comes in again without a change", out)
        _, again, _ = run(daemon, "faq", "export", *option)
        with open(path, "rb") as f:
            tap.ok(f.read() == again, f"and goes out as it was{end}")


def check_approved(tap, daemon):
    id, auth = daemon.conversation()
    replies = []
    for text in ("How do I order a new card?", "zzyzx?"):
        daemon.send(id, auth, text)
        end, found = time.monotonic() + 60, []
        while not found and time.monotonic() < end:
            time.sleep(0.02)
            found = [m["id"] for m in daemon.history(id, auth)
                     if m["author"] == "bot" and m["id"] not in replies]
        replies += found
    for reply, rating in zip(replies, (1, -1)):
        daemon.json("POST", f"/v1/conversations/{id}/feedback",
                    {"message_id": reply, "rating": rating}, auth)
    _, out, _ = run(daemon, "conversations", "export", "--approved")
    rows = [json.loads(line) for line in out.splitlines()]
    tap.ok([row["id"] for row in rows] == [id] and
           [(m["role"], m["approved"], m["rating"])
            for m in rows[0]["messages"]] ==
           [("user", True, None), ("assistant", True, 1)] and
           rows[0]["messages"][0]["content"] == "How do I order a new card?",
           "an export of what is approved has what was rated well, alone", out)
    _, out, _ = run(daemon, "conversations", "export")
    row = next(r for r in map(json.loads, out.splitlines()) if r["id"] == id)
    tap.equal([(m["role"], m["approved"], m["rating"])
               for m in row["messages"]],
              [("user", True, None), ("assistant", True, 1),
               ("user", False, None), ("assistant", False, -1)],
              "an export of all says which is which")


# ---- A daemon that goes away in the middle

RESULT = b'{"turns": 3, "equal": 3, "failed": 0, "different": []}'
ANSWERS = {
    ("replay", "--all"):
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
        b"Content-Length: %d\r\n\r\n%s" % (len(RESULT), RESULT),
    ("conversations", "export", "-"):
        b"HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\n"
        b'Tellerd-Result: {"conversations": 1}\r\n'
        b"Content-Length: 5\r\n\r\nabcd\n",
}


def answer_once(server, answer):
    """The whole request is read, so that what comes is an end and no reset."""
    connection, _ = server.accept()
    with connection, connection.makefile("rb") as request:
        length = 0
        while (line := request.readline().strip()):
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        request.read(length)
        connection.sendall(answer)


def cut_short(answer):
    """At each line of the head, amid it, and amid the body."""
    ends = [m.end() for m in re.finditer(b"\r\n", answer)]
    return [answer[:n] for n in [0, 5, ends[0] - 1, *ends, ends[-1] + 2]]


def check_broken_off(tap, daemon):
    state = os.path.join(daemon.dir, "gone")
    os.mkdir(state)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(os.path.join(state, "admin.sock"))
        server.listen()

        def ask(words, answer):
            thread = threading.Thread(target=answer_once,
                                      args=(server, answer))
            thread.start()
            ran = run(daemon, *words, "--json", state=state)
            thread.join()
            return ran

        for words, answer in ANSWERS.items():
            no_length = answer.replace(b"Content-Length:", b"X-Length:")
            ran = [ask(words, part)
                   for part in [*cut_short(answer), no_length]]
            tap.ok(all(code == 1 and "admin.sock" in said
                       for code, _, said in ran),
                   f"'{' '.join(words)}': an answer that breaks off is none",
                   ran)
            tap.equal(ask(words, answer)[0], 0, "a whole one is")


def check_closed(tap, daemon):
    """What is closed is not the next file that is opened."""
    code = "import os, sys; os.close(1); os.execv(sys.argv[1], sys.argv[1:])"
    done = subprocess.run(
        [sys.executable, "-c", code, CTL, "--config", daemon.config,
         "--state", daemon.state, "faq", "list"],
        stderr=subprocess.PIPE, env=daemon.env, timeout=120)
    tap.ok(done.returncode == 1 and
           b"standard output: Bad file descriptor" in done.stderr,
           "a standard output that is closed is named", done.stderr)


# ---- Files


def check_output(tap, daemon):
    for words in (["status"], ["faq", "export"], ["backup", "-"],
                  ["status", "--json"]):
        with open("/dev/full", "wb") as full:
            code, _, said = run(daemon, *words, stdout=full)
        tap.ok(code == 1 and "No space left" in said,
               f"'{' '.join(words)}' on a full disk fails", said)
    code, _, said = run(daemon, "backup", "/dev/full")
    tap.ok(code == 1 and "/dev/full: No space left" in said,
           "a device is written to as it is, and named", said)
    tap.ok(not os.path.isfile("/dev/full"), "and stays a device")
    pipe = os.path.join(daemon.dir, "pipe")
    os.mkfifo(pipe)
    with subprocess.Popen(["wc", "-c", pipe], stdout=subprocess.PIPE) as wc:
        code, out, said = run(daemon, "backup", "--force", pipe, "--json")
        tap.ok(code == 0 and int(wc.stdout.read().split()[0]) ==
               json.loads(out)["bytes"], "so is a pipe", said)
    for name in "store.db", "store.db-wal", "desk.key", "lock", "new":
        for words in ("backup",), ("faq", "export"), ("conversations", "export"):
            code, _, said = run(daemon, *words, "--force",
                                os.path.join(daemon.state, name))
            if code != 1 or "state directory" not in said:
                tap.ok(False, f"{words} onto {name} is refused", said)
    tap.equal(daemon.ask("How do I order a new card?")[0], 200,
              "nothing is written over the daemon's own files")
    code, _, said = run(daemon, "backup", "--force", daemon.dir)
    tap.ok(code == 1 and "directory" in said, "a directory is none", said)
    read, write = os.pipe()
    os.close(read)
    code, _, said = run(daemon, "conversations", "list", stdout=write,
                        preexec_fn=lambda: signal.signal(signal.SIGPIPE,
                                                         signal.SIG_DFL))
    os.close(write)
    tap.ok(code == -signal.SIGPIPE and not said,
           "whoever reads no longer ends it, without a word", (code, said))


def check_link(tap, daemon):
    """Nothing is written through what somebody put where we might write."""
    target = os.path.join(daemon.dir, "target")
    with open(target, "w") as f:
        f.write("precious")
    path = os.path.join(daemon.dir, "linked")
    os.symlink(target, path + ".part")
    code, _, said = run(daemon, "backup", path)
    with open(target) as f:
        tap.ok(code == 0 and f.read() == "precious",
               "a link beside the file leads nowhere", said)


def check_signal(tap, daemon, number):
    """A backup of a store that is sent through a daemon that stands still."""
    directory = os.path.join(daemon.dir, f"stopped-{number}")
    os.mkdir(directory)
    daemon.process.send_signal(signal.SIGSTOP)
    ctl = subprocess.Popen([CTL, "--config", daemon.config, "--state",
                            daemon.state, "backup",
                            os.path.join(directory, "b")],
                           preexec_fn=lambda: signal.signal(number,
                                                            signal.SIG_DFL))
    while ctl.poll() is None and not os.listdir(directory):
        time.sleep(0.01)
    was = os.listdir(directory)
    ctl.send_signal(number)
    code = ctl.wait(timeout=60)
    daemon.process.send_signal(signal.SIGCONT)
    tap.ok(was and code == -number and not os.listdir(directory),
           f"what {signal.Signals(number).name} interrupts leaves no file",
           (was, code))


def check_file_size(tap, daemon):
    """The system lets no file grow further."""
    directory = os.path.join(daemon.dir, "limited")
    os.mkdir(directory)
    done = subprocess.run([CTL, "--config", daemon.config, "--state",
                           daemon.state, "backup",
                           os.path.join(directory, "b")],
                          capture_output=True, timeout=60,
                          preexec_fn=lambda: resource.setrlimit(
                              resource.RLIMIT_FSIZE, (8192, 8192)))
    tap.ok(done.returncode == 1 and b"File too large" in done.stderr and
           not os.listdir(directory),
           "nor does a file that may not grow", (done, os.listdir(directory)))


# ---- The daemon's socket


class Connection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=60)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(self.path)


def post(daemon, body):
    with contextlib.closing(Connection(
            os.path.join(daemon.state, "admin.sock"))) as c:
        c.request("POST", "/v1/run", body)
        answer = c.getresponse()
        return answer.status, answer.read()


def check_socket(tap, daemon):
    secret = os.path.join(daemon.dir, "secret.csv")
    with open(secret, "w") as f:
        f.write("question,answer\nWhat is secret?,This is.\n")
    for document, status, words in [
            ("", 400, "nothing"),
            ("{", 400, "no JSON"),
            ("[" * 100, 400, "what is too deep"),
            ([], 400, "a list"),
            ({"noun": "status", "arguments": []}, 200, "no arguments"),
            ({"noun": ["status"]}, 400, "a noun that is a list"),
            ({"noun": "nonsense"}, 400, "a command that is not there"),
            ({"noun": "restore", "arguments": {"FILE": secret}}, 400,
             "what a daemon may not do"),
            ({"noun": "options"}, 400, "what needs no daemon"),
            ({"noun": "ask", "arguments": {}}, 400, "too little"),
            ({"noun": "ask", "arguments": {"TEXT": 5}}, 400, "a wrong type"),
            ({"noun": "ask", "arguments": {"TEXT": "a", "more": "b"}}, 400,
             "too much"),
            ({"noun": "faq", "verb": "show", "arguments": {
                "NAME": "card-replace", "version": 2**32 + 1}}, 400,
             "a number that is too large"),
            ({"noun": "faq", "verb": "import", "arguments": {
                "FILE": secret, "approve": True}}, 422,
             "a file's name without the file")]:
        body = document if isinstance(document, str) else json.dumps(document)
        got, answer = post(daemon, body)
        tap.equal(got, status, f"the socket answers {status} to {words}")
    _, found, _ = daemon.ctl("faq", "search", "secret")
    questions = [entry["question"] for entry in found["entries"]]
    tap.ok("What is secret?" not in questions, "the daemon opened no file",
           questions)
    with contextlib.closing(socket.socket(socket.AF_UNIX)) as s:
        s.connect(os.path.join(daemon.state, "admin.sock"))
        s.sendall(b"POST /v1/run HTTP/1.1\r\nHost: a\r\n"
                  b"Content-Length: 1000000000\r\n\r\n{")
    tap.equal(daemon.ctl("status")[0], 0, "who hangs up harms nobody")


def check_users(tap):
    words = ["members of admin.group may ask", "others may not",
             "and who did it is known"]
    try:
        group = grp.getgrgid(pwd.getpwnam(NOBODY).pw_gid).gr_name
    except KeyError:
        group = None
    if os.geteuid() or not group:
        for text in words:
            tap.skip(text, "only root can be somebody else")
        return
    with Daemon([f"admin.group={group}"]) as daemon:
        daemon.start()
        os.chmod(daemon.dir, 0o755)
        nobody = pwd.getpwnam(NOBODY)

        def ask(gid):
            # The programs may lie where he cannot look: they are open already.
            return subprocess.run(
                [CTL, "--config", daemon.config, "--state", daemon.state,
                 "faq", "add", "--question", "Is this nobody's?",
                 "--answer", "It is.", "--id", "of-nobody"],
                capture_output=True, user=nobody.pw_uid, group=gid,
                extra_groups=[], timeout=60)

        os.chmod(daemon.state, 0o750)
        try:
            refused = ask(nobody.pw_gid)
        except OSError as error:
            for text in words:
                tap.skip(text, f"{NOBODY} cannot run tellerctl: {error}")
            return
        tap.ok(refused.returncode == 1 and
               b"admin.group" in refused.stderr,
               words[1] + ", and are told what they need", refused.stderr)
        os.chown(daemon.state, -1, nobody.pw_gid)
        done = ask(nobody.pw_gid)
        tap.equal(done.returncode, 0, words[0])
        tap.ok((NOBODY, "faq add") in audit(daemon) or
               any(actor == NOBODY for actor, _ in audit(daemon)), words[2],
               audit(daemon))


# ---- Without a daemon


def check_no_store(tap, daemon):
    nowhere = os.path.join(daemon.dir, "nowhere")
    for words in (["conversations", "list"], ["conversations", "export"],
                  ["backup", "-"], ["replay", "--all"], ["status"],
                  ["faq", "search", "card"], ["faq", "export"],
                  ["ask", "hello"], ["chat"], ["faq", "approve", "fees"]):
        code, _, said = run(daemon, *words, state=nowhere)
        tap.ok(code == 1 and "no store" in said and "--state" in said and
               not os.path.exists(nowhere),
               f"'{' '.join(words)}' makes no store", said)
    code, _, said = run(daemon, "faq", "add", "--question", "Is it new?",
                        "--answer", "Yes.", state=nowhere)
    tap.ok(code == 0 and "this one is new" in said,
           "what makes one says so", said)


def check_restore(tap, daemon):
    backup = os.path.join(daemon.dir, "b")
    run(daemon, "backup", backup)
    code, _, said = run(daemon, "restore", backup)
    tap.ok(code == 0 and audit(daemon)[-1] == (
        pwd.getpwuid(os.geteuid()).pw_name, "restore"),
        "who restored is known", said)
    with open(backup, "rb") as f:
        code, _, said = run(daemon, "restore", "-", stdin=f)
    tap.equal(code, 0, "a backup is restored from standard input")
    with open(backup, "rb") as f, subprocess.Popen(
            ["cat"], stdin=f, stdout=subprocess.PIPE) as cat:
        code, _, said = run(daemon, "restore", "-", stdin=cat.stdout)
    tap.equal(code, 0, "and from a pipe")
    tap.equal([name for name in os.listdir(daemon.state)
               if name.endswith(".tmp")], [], "nothing is left of that")


def check_quiet(tap, daemon):
    code, out, said = run(daemon, "ask", "hello")
    tap.ok(code == 0 and not said, "a reply comes without lines of a log", said)


def check_options(tap, daemon):
    with open(daemon.config, "a") as f:
        f.write(f"daemon:\n  plugin_dir: {daemon.plugins}\n")
    code, result, words = daemon.ctl("options")
    paths = [row["path"] for row in result["options"]]
    tap.ok(code == 0 and "http.listen" in paths and
           "plugins.web.burst" in paths and "plugins.web.page" in paths and
           "plugins.skeleton.rooms.NAME.key" in paths,
           "options of plugins are listed, tables as well", words or paths)
    tap.equal(result["failed"], [], "and none is missing")
    for name in ("web", "plugins.web"):
        _, result, _ = daemon.ctl("options", name)
        paths = [row["path"] for row in result["options"]]
        tap.ok(paths and all(p.startswith("plugins.web.") for p in paths),
               f"those of {name} alone", paths)
    _, result, _ = daemon.ctl("options", "http")
    tap.ok(all(row["path"].startswith("http.") for row in result["options"]),
           "those of a section alone", result)
    code, _, words = daemon.ctl("options", "wbe")
    tap.ok(code == 1 and "wbe" in words, "a plugin that is not there", words)
    os.chmod(os.path.join(daemon.plugins, "web.so"), 0o777)
    code, result, _ = daemon.ctl("options")
    tap.ok(code == 0 and [row["plugin"] for row in result["failed"]] == ["web"]
           and "chmod" in result["failed"][0]["why"],
           "one that is not safe is named, the others are there", result)


def main():
    tap = Tap()
    with Daemon() as daemon:
        daemon.start()
        check_terminal(tap, daemon)
        check_json(tap, daemon)
        check_line(tap, daemon)
        check_pages(tap, daemon)
        check_round_trip(tap, daemon)
        check_approved(tap, daemon)
        check_output(tap, daemon)
        check_link(tap, daemon)
        for number in signal.SIGINT, signal.SIGQUIT:
            check_signal(tap, daemon, number)
        check_file_size(tap, daemon)
        check_socket(tap, daemon)
        tap.equal(daemon.stop(), 0, "the daemon ends cleanly")
        check_broken_off(tap, daemon)
        check_closed(tap, daemon)
        check_no_store(tap, daemon)
        check_restore(tap, daemon)
        check_quiet(tap, daemon)
        check_output_alone(tap, daemon)
        check_options(tap, daemon)
    check_users(tap)
    tap.done()


def check_output_alone(tap, daemon):
    with open("/dev/full", "wb") as full:
        code, _, said = run(daemon, "backup", "-", stdout=full)
    tap.ok(code == 1 and "standard output: No space left" in said,
           "without a daemon a full disk is named, too", said)


main()
