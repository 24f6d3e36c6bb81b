"""A real tellerd in a fresh directory, for the tests: started, asked, killed.

What a test prints is TAP: Tap.ok(), Tap.skip(), and Tap.done() at the end.
Only the standard library is used."""

import contextlib
import glob
import http.client
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback

TOP = os.environ.get("top_builddir", os.getcwd())
SOURCE = os.environ.get("top_srcdir", TOP)
START_S = 60  # sanitizers on a busy machine; nothing waits that long by itself
CTL_S = 240  # of a tellerctl, which may wait for others, or for nice threads


ports = []  # of which each is this process's own, by a name it holds


def free_port():
    """A port of the loopback that no other test takes while this one runs, and
    no connection: those have the higher ones, which the system gives out."""
    with open("/proc/sys/net/ipv4/ip_local_port_range") as f:
        end = int(f.read().split()[0])
    while True:
        port = random.randrange(end // 2, end) if end > 16384 else 0
        name = socket.socket(socket.AF_UNIX)
        with contextlib.suppress(OSError), socket.socket() as s:
            s.bind(("127.0.0.1", port))
            port = s.getsockname()[1]
            name.bind(f"\0tellerd-test-port-{port}")
            ports.append(name)
            return port
        name.close()


def until(is_so, seconds=START_S):
    """What that returns once it is true, or at last."""
    end = time.monotonic() + seconds
    while True:
        found = is_so()
        if found or time.monotonic() > end:
            return found
        time.sleep(0.02)


class Tap:
    """Counts what is said, and ends the process with the right code.  An
    exception that nobody catches is one more test that failed: the plan is
    printed, and why."""

    def __init__(self):
        self.n = 0
        self.failed = 0
        sys.excepthook = self.broken

    def ok(self, is_good, words, detail=None):
        self.n += 1
        self.failed += not is_good
        print(f"{'ok' if is_good else 'not ok'} {self.n} - {words}", flush=True)
        if not is_good and detail is not None:
            for line in str(detail).splitlines():
                print(f"# {line}", flush=True)
        return is_good

    def equal(self, got, expected, words):
        return self.ok(got == expected, words, f"got {got!r}\nexpected {expected!r}")

    def skip(self, words, reason):
        self.n += 1
        print(f"ok {self.n} - {words} # SKIP {reason}", flush=True)

    def broken(self, kind, error, trace):
        self.ok(False, f"it runs to its end: {kind.__name__}",
                "".join(traceback.format_exception(kind, error, trace)))
        self.plan()

    def plan(self):
        print(f"1..{self.n}", flush=True)

    def done(self):
        self.plan()
        sys.exit(1 if self.failed else 0)


class Stream:
    """Server-sent events of a conversation, as they come: dicts of event, id
    and data, the last read as JSON."""

    def __init__(self, port, conversation, auth, last=None):
        headers = dict(auth)
        if last is not None:
            headers["Last-Event-ID"] = last
        self.connection = http.client.HTTPConnection("127.0.0.1", port,
                                                     timeout=START_S)
        self.connection.request(
            "GET", f"/v1/conversations/{conversation}/events", None, headers)
        self.answer = self.connection.getresponse()
        self.status = self.answer.status

    def next(self):
        """The next one, or None when the stream is over."""
        event = {}
        while True:
            try:
                line = self.answer.readline()
            except (OSError, http.client.HTTPException):
                return None
            if not line:
                return None
            line = line.decode().rstrip("\n")
            if not line and "event" in event:
                event["data"] = json.loads(event["data"])
                return event
            if not line:
                event = {}
            name, _, value = line.partition(": ")
            if name and value:
                event[name] = value

    def until(self, is_last):
        """All up to the one of which that is true."""
        events = []
        while not events or not is_last(events[-1]):
            event = self.next()
            if event is None:
                raise RuntimeError(f"the stream is over after {events}")
            events.append(event)
        return events

    def close(self):
        self.connection.close()


class Daemon:
    """One state directory, and the tellerd that serves it, if it runs."""

    def __init__(self, settings=(), config=None, env=None, wrapper=()):
        self.dir = tempfile.mkdtemp(prefix="tellerd-test-")
        self.state = os.path.join(self.dir, "state")
        self.log_path = os.path.join(self.dir, "log")
        self.port = free_port()
        self.settings = list(settings)
        self.env = dict(os.environ, **(env or {}))
        self.wrapper = list(wrapper)
        self.pass_fds = ()
        self.process = None
        self.plugins = os.path.join(self.dir, "plugins")
        os.mkdir(self.plugins, 0o700)
        self.take_plugins("plugins/.libs/*.so")
        self.config = os.path.join(self.dir, "tellerd.yaml")
        with open(self.config, "w") as f:
            f.write(config or f"desk:\n  packs_dir: {SOURCE}/intents\n"
                              "plugins:\n  web:\n    page: true\n"
                              "    ask_without_key_on_loopback: true\n")

    def take_plugins(self, *patterns):
        """Copies of what was built, for this daemon alone: it would not load
        them from a build tree that others may write."""
        for pattern in patterns:
            for path in glob.glob(os.path.join(TOP, pattern)):
                copy = os.path.join(self.plugins, os.path.basename(path))
                shutil.copyfile(path, copy)
                os.chmod(copy, 0o700)

    def arguments(self):
        words = [os.path.join(TOP, "tellerd"), "--config", self.config,
                 "--state", self.state]
        for setting in [f"http.listen=127.0.0.1:{self.port}",
                        f"desk.packs_dir={SOURCE}/intents",
                        f"daemon.plugin_dir={self.plugins}",
                        "desk.keep_hours=false", "http.rate_loopback=false",
                        *self.settings]:
            words += ["--set", setting]
        return self.wrapper + words

    def start(self, wait=True):
        log = open(self.log_path, "ab")
        self.process = subprocess.Popen(self.arguments(), stdout=log,
                                        stderr=log, env=self.env,
                                        pass_fds=self.pass_fds)
        log.close()
        if wait:
            self.wait_ready()
        return self

    def wait_ready(self):
        self.wait_answer(lambda status: status == 200)

    def wait_answer(self, is_good=lambda status: True):
        """Until it answers how it is with a status that will do; by default
        with any, which a daemon that listens and is not ready has too."""
        end = time.monotonic() + START_S
        while time.monotonic() < end:
            if self.process.poll() is not None:
                raise RuntimeError("tellerd ended: " + self.log())
            with contextlib.suppress(OSError, http.client.HTTPException):
                if is_good(self.request("GET", "/readyz")[0]):
                    return
            time.sleep(0.01)
        raise RuntimeError("tellerd is not ready: " + self.log())

    def kill(self, number=signal.SIGKILL):
        """Returns the exit code; negative: ended by that signal."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(timeout=START_S) if self.process else None

    def stop(self):
        return self.kill(signal.SIGTERM)

    def remove(self):
        if self.process and self.process.poll() is None:
            self.kill()
        shutil.rmtree(self.dir, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.remove()

    def log(self):
        with open(self.log_path, errors="replace") as f:
            return f.read()

    # ---- Requests ----------------------------------------------------------

    def request(self, method, path, body=None, headers=None, timeout=START_S):
        """(status, headers, bytes) of one request on a connection of its own."""
        fields = dict(headers or {})
        data = body
        if isinstance(body, (dict, list)):
            data = json.dumps(body).encode()
            fields.setdefault("Content-Type", "application/json")
        c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            c.request(method, path, data, fields)
            answer = c.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            c.close()

    def json(self, method, path, body=None, headers=None, timeout=START_S):
        """(status, document)"""
        status, _, data = self.request(method, path, body, headers, timeout)
        return status, json.loads(data) if data else None

    def ask(self, text, conversation=None, headers=None):
        body = {"text": text}
        if conversation:
            body["conversation"] = conversation
        return self.json("POST", "/v1/ask", body, headers)

    def conversation(self, headers=None):
        """A new one: (id, headers that authorise)."""
        status, document = self.json("POST", "/v1/conversations", {}, headers)
        assert status == 201, (status, document)
        return document["id"], {"Authorization": "Bearer " + document["token"]}

    def send(self, conversation, auth, text, client_id=None):
        """(status, document)"""
        body = {"text": text}
        if client_id:
            body["client_id"] = client_id
        return self.json("POST", f"/v1/conversations/{conversation}/messages",
                         body, auth)

    def stream(self, conversation, auth, last=None):
        return Stream(self.port, conversation, auth, last)

    def history(self, conversation, auth):
        """Every message of a conversation, over all pages."""
        messages, after = [], ""
        while True:
            status, page = self.json(
                "GET", f"/v1/conversations/{conversation}/messages"
                f"?limit=200&after={after}", headers=auth)
            assert status == 200, (status, page)
            messages += page["messages"]
            if not page["more"]:
                return messages
            after = messages[-1]["id"]

    def ctl(self, *words, stdin=None, as_json=True):
        """tellerctl on this state: (exit code, document or text, stderr)."""
        run = subprocess.run(
            [os.path.join(TOP, "tellerctl"), "--config", self.config,
             "--state", self.state, *(["--json"] if as_json else []), *words],
            input=stdin, capture_output=True, env=self.env, timeout=CTL_S)
        out = run.stdout.decode(errors="replace")
        if as_json and out:
            out = json.loads(out)
        return run.returncode, out, run.stderr.decode(errors="replace")
