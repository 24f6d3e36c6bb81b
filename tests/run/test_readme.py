"""Every command of README.md, in its order, as a newcomer gives it: in a copy of
the tree and with a home directory of his own.

A command is what stands in a block that is indented by four blanks.  Those that
cannot be run here are named below, each with the reason; whatever else is added
to README.md is run.  Settings stand between fences, and are checked as such."""

import contextlib
import glob
import http.client
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
from daemon import SOURCE, START_S, TOP, Tap, free_port  # noqa: E402

PACKAGE = "tests/run/test_package.py does it, on a machine that may be changed"
NOT_RUN = {
    "etc/quickstart.sh check": "it would run this test again",
    "sudo apt-get build-dep .": "a test installs nothing",
    "dpkg-buildpackage -us -uc -b": PACKAGE,
    "sudo apt-get install ../tellerd_*.deb":
        "tests/run/test_package.py installs it by dpkg, from no archive",
    "sudo cp -r packs /etc/tellerd/": PACKAGE,
    "sudo cp mybank.yaml /etc/tellerd/tellerd.yaml": PACKAGE,
    "sudo systemctl reload tellerd": PACKAGE,
    "sudo tellerctl faq import --approve mine.csv": PACKAGE,
}

# Those that serve until they are ended, with what puts them on a port that is
# free here.
SERVERS = {
    "etc/quickstart.sh demo": " --port {port}",
    "./tellerd --config mybank.yaml --state mine":
        " --set http.listen=127.0.0.1:{port}",
}

# Those that go on until they are ended, and what they say by then.
WATCHERS = {"tellerctl desk watch": "wait"}

INPUT = {"tellerctl chat": "How do I order a new card?\n"}

# What some of them say; all must end well.
SAYS = {
    "curl -s http://127.0.0.1:8080/v1/ask": '"kind":"answer"',
    "tellerctl chat": "new card",
    "tellerctl intents check packs/mybank": "Errors: 0",
    "tellerctl faq lint mine.csv": "Errors: 0, warnings: 0",
    "tellerctl test packs/mybank": " 0 failed",
    "./tellerd --check-config --config mybank.yaml": "good",
    "tellerctl faq import mine.csv": "1 entries added",
    'tellerctl ask "Is there a car park?"': "Behind the house",
}


def commands(path):
    """Each with the lines that belong to it, of a here-document too."""
    found, end, is_fenced = [], None, False
    with open(path) as f:
        for line in f.read().split("\n"):
            is_fenced ^= line.startswith("```")
            if is_fenced or not line.startswith("    "):
                continue
            line = line[4:]
            if end or (found and found[-1].endswith("\\")):
                found[-1] += "\n" + line
                end = None if line == end else end
            else:
                found.append(line)
                if "<<" in line:
                    end = line.split("<<")[1].strip("'")
    return found


def settings(path):
    """Each block of settings."""
    with open(path) as f:
        return re.findall(r"^```yaml\n(.*?)^```", f.read(), re.M | re.S)


class Newcomer:
    """A copy of the tree that is built, a home, and a shell."""

    def __init__(self, dir):
        self.tree = os.path.join(dir, "tellerd")
        self.port = free_port()
        self.server = None
        shutil.copytree(os.path.join(SOURCE, "etc"),
                        os.path.join(self.tree, "etc"))
        shutil.copytree(os.path.join(SOURCE, "intents"),
                        os.path.join(self.tree, "intents"))
        os.makedirs(os.path.join(self.tree, "plugins", ".libs"), 0o755)
        for path in [os.path.join(TOP, "tellerd"),
                     os.path.join(TOP, "tellerctl"),
                     *glob.glob(os.path.join(TOP, "plugins/.libs/*.so"))]:
            copy = os.path.join(self.tree, os.path.relpath(path, TOP))
            shutil.copyfile(path, copy)
            os.chmod(copy, 0o755)
        # Nothing is left to make in it.
        self.write("configure", "#!/bin/sh\n")
        self.write("Makefile.in", "")
        self.write("config.status", "#!/bin/sh\n")
        self.write("Makefile", f"abs_top_builddir = {self.tree}\nall:\n")
        # A test installs nothing.
        for name in ("apt-get", "sudo"):
            self.write(os.path.join("bin", name),
                       "#!/bin/sh\necho a test installs nothing\nexit 1\n")
        os.mkdir(os.path.join(dir, "home"))
        self.env = {
            "HOME": os.path.join(dir, "home"),
            "PATH": os.path.join(self.tree, "bin") + ":" + os.environ["PATH"],
            "TMPDIR": dir,
        }
        for name, value in os.environ.items():
            if name.endswith("SAN_OPTIONS"):
                self.env[name] = value

    def write(self, name, text):
        path = os.path.join(self.tree, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as f:
            os.fchmod(f.fileno(), 0o755)
            f.write(text)

    def popen(self, line, **more):
        return subprocess.Popen(
            ["bash", "-c", line], cwd=self.tree, env=self.env,
            stderr=subprocess.STDOUT, start_new_session=True, **more)

    def run(self, line, text=""):
        """(exit code, what it said); what it exports is there for the next."""
        exports = os.path.join(self.env["TMPDIR"], "exports")
        line = line.replace(":8080/", f":{self.port}/")
        shell = self.popen(f"{line}\nstatus=$?\nenv -0 >{exports}\n"
                           "exit $status", stdin=subprocess.PIPE,
                           stdout=subprocess.PIPE)
        said = shell.communicate(text.encode(), timeout=240)[0]
        with open(exports, "rb") as f:
            pairs = [pair.split("=", 1)
                     for pair in f.read().decode().split("\0") if pair]
        self.env = {name: value for name, value in pairs
                    if name not in ("_", "SHLVL", "PWD", "OLDPWD")}
        return shell.returncode, said.decode()

    def serve(self, line):
        """Ends the server there is, and starts this one; is it ready?"""
        self.end()
        log = os.path.join(self.env["TMPDIR"], "log")
        with open(log, "w") as f:
            self.server = self.popen("exec " + line, stdout=f,
                                     stdin=subprocess.DEVNULL)
        end = time.monotonic() + START_S
        while time.monotonic() < end and self.server.poll() is None:
            with contextlib.suppress(OSError, http.client.HTTPException):
                c = http.client.HTTPConnection("127.0.0.1", self.port,
                                               timeout=START_S)
                with contextlib.closing(c):
                    c.request("GET", "/readyz")
                    if c.getresponse().status == 200:
                        return True, ""
            time.sleep(0.05)
        with open(log) as f:
            return False, f.read()

    def watch(self, line, words):
        """Until it has said the words; then it is ended as by Ctrl-C."""
        watcher = self.popen("exec " + line, stdin=subprocess.DEVNULL,
                             stdout=subprocess.PIPE)
        said = ""
        for part in watcher.stdout:
            said += part.decode()
            if words in said:
                break
        watcher.send_signal(signal.SIGINT)
        watcher.communicate(timeout=START_S)
        return words in said, said

    def end(self):
        if self.server and self.server.poll() is None:
            self.server.send_signal(signal.SIGINT)
            self.server.wait(timeout=START_S)


def check(tap, newcomer, command):
    words = command.split("\n")[0]
    if command in NOT_RUN:
        tap.skip(words, NOT_RUN[command])
    elif command in SERVERS:
        is_ready, log = newcomer.serve(
            command + SERVERS[command].format(port=newcomer.port))
        tap.ok(is_ready, words, log)
    elif command in WATCHERS:
        has_said, said = newcomer.watch(command, WATCHERS[command])
        tap.ok(has_said, words, said)
    else:
        code, said = newcomer.run(command, INPUT.get(command, ""))
        expected = [SAYS[key] for key in SAYS if command.startswith(key)]
        tap.ok(code == 0 and all(e in said for e in expected), words,
               f"ended with {code}, said:\n{said}\nexpected {expected}")


def check_settings(tap, newcomer, text):
    """They are good, but that nobody here has the certificate."""
    newcomer.write("of-readme.yaml", text)
    code, said = newcomer.run("./tellerd --check-config --config "
                              "of-readme.yaml")
    tap.ok(code == 0 or "/etc/tellerd/fullchain.pem" in said,
           f"settings of README.md: {text.splitlines()[-1].strip()}", said)


def main():
    tap = Tap()
    missing = [tool for tool in ("bash", "curl", "make", "cc")
               if not shutil.which(tool)]
    if missing:
        tap.skip("the commands of README.md", f"{missing[0]} is missing")
        tap.done()
    known = commands(os.path.join(SOURCE, "README.md"))
    for table in (NOT_RUN, SERVERS, WATCHERS, INPUT):
        for command in table:
            if command not in known:
                tap.ok(False, f"README.md has the command {command}")
    with tempfile.TemporaryDirectory(prefix="tellerd-test-") as dir:
        newcomer = Newcomer(dir)
        try:
            for command in known:
                check(tap, newcomer, command)
            for text in settings(os.path.join(SOURCE, "README.md")):
                check_settings(tap, newcomer, text)
        finally:
            newcomer.end()
    tap.done()


if __name__ == "__main__":
    main()
