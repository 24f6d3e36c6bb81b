"""A plugin that is built outside the tree, as tellerd-plugin(7) says, against
what `make install` installs, and loaded by the tellerd that it installs."""

import os
import re
import shutil
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
from daemon import SOURCE, TOP, Daemon, Tap  # noqa: E402

WAIT_S = 60
AUTH = {"Authorization": "Bearer sesame"}
CONFIG = """\
plugins:
  skeleton:
    burst: 0 ms
    rooms:
      lobby: {{key: "file:{dir}/key"}}
"""


def block_of_manual(head):
    """The first block of the page behind that head, as it is read."""
    with open(os.path.join(SOURCE, "doc", "tellerd-plugin.7")) as f:
        behind = f.read().split(f"\n{head}\n")[1]
    block = re.search(r"^\.Bd -literal.*?\n(.*?)^\.Ed$", behind, re.M | re.S)
    return block[1].replace("\\e", "\\")


def lines_of_manual():
    """The commands of the page's BUILDING, as one text for the shell."""
    return re.sub(r"^\$ ", "", block_of_manual(".Sh BUILDING"), flags=re.M)


class Installed(Daemon):
    """What `make install` leaves below a directory, and a tellerd of it."""

    def __init__(self):
        super().__init__()
        self.root = os.path.join(self.dir, "root")
        self.source = os.path.join(self.dir, "source")
        os.mkdir(self.source)
        key = os.path.join(self.dir, "key")
        with open(key, "w") as f:
            os.fchmod(f.fileno(), 0o600)
            f.write("sesame\n")
        with open(self.config, "w") as f:
            f.write(CONFIG.format(dir=self.dir))

    def install(self):
        """(exit code, what it said)"""
        env = {k: v for k, v in os.environ.items()
               if k not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")}
        run = subprocess.run(
            ["make", "-C", TOP, "install", "DESTDIR=" + self.root],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            env=env, umask=0o022, timeout=120)
        return run.returncode, run.stdout

    def path(self, name):
        """Of the one installed file whose path ends so."""
        found = [os.path.join(dir, file)
                 for dir, _, files in os.walk(self.root) for file in files
                 if os.path.join(dir, file).endswith("/" + name)]
        assert len(found) == 1, (name, found)
        return found[0]

    def tool(self, name, command):
        """A command that goes before the machine's own of that name."""
        path = os.path.join(self.dir, "bin", name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as f:
            os.fchmod(f.fileno(), 0o755)
            f.write(f'#!/bin/sh\nexec {command} "$@"\n')

    def make_tools(self):
        """The compiler of the build, and a pkg-config that finds the root."""
        with open(self.path("tellerd-plugin.pc")) as f:
            prefix = re.search(r"^prefix=(.*)$", f.read(), re.M)[1]
        self.tool("cc", os.environ.get("CC") or shutil.which("cc"))
        self.tool("pkg-config", f"{shutil.which('pkg-config')} "
                  f"--define-variable=prefix={self.root}{prefix}")

    def shell(self, lines):
        """(exit code, what it said), where the plugin's source is."""
        path = os.path.join(self.dir, "bin") + ":" + os.environ["PATH"]
        pc = os.path.dirname(self.path("tellerd-plugin.pc"))
        run = subprocess.run(
            ["sh", "-ec", lines], cwd=self.source, text=True, timeout=120,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            env=dict(self.env, PATH=path, PKG_CONFIG_PATH=pc))
        return run.returncode, run.stdout.strip()

    def arguments(self):
        words = super().arguments()
        words[0] = self.path("sbin/tellerd")
        return words


def check_example(tap, daemon):
    """The page's example, tried as the page says."""
    with open(os.path.join(daemon.source, "mychannel.c"), "w") as f:
        f.write(block_of_manual(".Sh EXAMPLES").replace("quiet", "mychannel"))
    code, said = daemon.shell(lines_of_manual())
    tap.equal((code, said), (0, ""),
              "the lines of tellerd-plugin(7) build and install its example")
    daemon.tool("tellerd", daemon.path("sbin/tellerd") +
                f" --set desk.packs_dir={SOURCE}/intents")
    block = re.match(r"(.*)^\$ cat (\S+)\n(.*?)^\$ (.*?)\n(.*?)^\$ ",
                     block_of_manual(".Ss Trying it"), re.M | re.S)
    prepare, name, config, command, says = block.groups()
    with open(os.path.join(daemon.source, name), "w") as f:
        f.write(config)
    code, said = daemon.shell(re.sub(r"^\$ ", "", prepare, flags=re.M) +
                              command + " 2>log")
    tap.equal((code, said + "\n"), (0, says),
              "and the lines below them try it in a directory of one's own")


def reply(daemon):
    """What the room says once the reply is there."""
    end = time.monotonic() + WAIT_S
    while True:
        text = daemon.request("GET", "/skeleton/lobby", None, AUTH)[2].decode()
        if " bot: " in text or time.monotonic() > end:
            return text
        time.sleep(0.05)


def check(tap, daemon):
    code, said = daemon.install()
    if not tap.equal(code, 0, "make install succeeds below a directory"):
        print("# " + said[-2000:].replace("\n", "\n# "))
        tap.done()
    daemon.make_tools()
    code, said = daemon.shell("pkg-config --modversion tellerd-plugin")
    version = subprocess.run([daemon.path("bin/tellerctl"), "--version"],
                             capture_output=True, text=True).stdout
    tap.equal((code, "tellerctl " + said + "\n"), (0, version),
              "pkg-config knows tellerd-plugin, in the version of the program")
    check_example(tap, daemon)
    shutil.copy(os.path.join(SOURCE, "plugins", "skeleton", "skeleton.c"),
                os.path.join(daemon.source, "mychannel.c"))
    code, said = daemon.shell(lines_of_manual())
    tap.equal((code, said), (0, ""), "they build the skeleton as well")
    daemon.plugins = os.path.dirname(daemon.path("mychannel.so"))
    os.rename(os.path.join(daemon.plugins, "mychannel.so"),
              os.path.join(daemon.plugins, "skeleton.so"))
    tap.ok(os.path.exists(os.path.join(daemon.plugins, "web.so")),
           "where the plugins of tellerd are", daemon.plugins)
    daemon.start()
    status = daemon.request("POST", "/skeleton/lobby", b"How do I order a card?",
                            AUTH)[0]
    tap.equal(status, 202, "the tellerd that was installed loads it")
    text = reply(daemon)
    tap.ok(" bot: " in text, "and a customer is answered through it", text)
    tap.equal(daemon.stop(), 0, "it ends with 0")


tap = Tap()
missing = [tool for tool in ("make", "pkg-config") if not shutil.which(tool)]
if missing:
    tap.skip("a plugin is built outside the tree", f"{missing[0]} is missing")
else:
    with Installed() as daemon:
        check(tap, daemon)
tap.done()
