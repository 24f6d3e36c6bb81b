"""The examples of tellerctl(1) and tellerd(8), given as they stand there, to a
desk that runs: each ends well, and says what the page has below it.  Settings
that tellerd.yaml(5) shows are good.

Those that cannot be given here are named below, each with the reason; whatever
else is added to the pages is."""

import grp
import os
import re
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
from daemon import SOURCE, TOP, Daemon, Tap, free_port  # noqa: E402

SYSTEMD = "there is no systemd; tests/run/test_unit.py looks at the units"
NOT_RUN = {
    "vi /etc/tellerd/packs/mybank/facts.yaml": "an editor waits for somebody",
    "systemd-sysusers": SYSTEMD,
    "systemd-tmpfiles --create": SYSTEMD,
    "systemctl enable --now tellerd.socket tellerd.service": SYSTEMD,
    "systemctl stop tellerd.socket tellerd": SYSTEMD,
    "systemctl start tellerd.socket tellerd": SYSTEMD,
    "tellerctl restore /backup/desk-2026-11-23.db":
        "the desk goes on; the drill restores",
}
# The copied packs are made up, as their facts say until they are changed.
WARNS = {"tellerctl intents check --strict /etc/tellerd/packs/mybank"}
# Below the settings that are good, where they name a plugin.
AT_START = ("What a plugin refuses only when it starts, such as a secret, is "
            "found when the daemon starts.\n")
BACKUP = "desk-2026-11-23.db"  # of the page, which is today's


def blocks(page):
    """What stands in the page's EXAMPLES as it is read."""
    with open(os.path.join(SOURCE, "doc", page)) as f:
        text = f.read().split("\n.Sh EXAMPLES\n")[1].split("\n.Sh ")[0]
    return [block.replace("\\e", "\\")
            for block in re.findall(r"^\.Bd -literal.*?\n(.*?)^\.Ed$", text,
                                    re.M | re.S)]


def examples(page):
    """(command, what the page has below it) of each, in order; a file that is
    shown by cat comes as ("cat", name, text)."""
    for block in blocks(page):
        for part in re.split(r"^[$#] ", block, flags=re.M)[1:]:
            command, _, below = part.partition("\n")
            while command.endswith(("|", "\\")):
                line, _, below = below.partition("\n")
                command += "\n" + line
            if command.startswith("cat "):
                yield "cat", command[4:], below
            else:
                yield "run", command, below


class Desk(Daemon):
    """A daemon, and a shell in which tellerctl and tellerd are its own."""

    def __init__(self):
        super().__init__()
        self.env["TELLERD_STATE"] = self.state
        self.env["PATH"] = os.path.join(self.dir, "bin") + ":" + \
            os.environ["PATH"]
        os.mkdir(os.path.join(self.dir, "bin"))
        os.mkdir(os.path.join(self.dir, "backup"))
        os.mkdir(os.path.join(self.dir, "etc"))
        with open(self.config, "a") as f:
            f.write(f"daemon:\n  plugin_dir: {self.plugins}\n")
        self.program("tellerctl", f" --config {self.config}")
        self.program("tellerd", f" --set desk.packs_dir={SOURCE}/intents")

    def program(self, name, options):
        path = os.path.join(self.dir, "bin", name)
        with open(path, "w") as f:
            os.fchmod(f.fileno(), 0o755)
            f.write(f'#!/bin/sh\nexec {TOP}/{name} "$@"{options}\n')

    def shell(self, command):
        """(exit code, standard output, what it said besides)"""
        backups = os.listdir(self.dir + "/backup")
        for there, here in (("/etc/tellerd", self.dir + "/etc"),
                            *((BACKUP, name) for name in backups),
                            ("/backup", self.dir + "/backup"),
                            ("cnv_n5wPCqIFP1sZBgsFPnMB2w", self.waiting)):
            command = command.replace(there, here)
        run = subprocess.run(["bash", "-o", "pipefail", "-c", command],
                             cwd=self.dir, env=self.env, text=True,
                             capture_output=True, timeout=120)
        return run.returncode, run.stdout, run.stderr

    def write(self, name, text):
        with open(os.path.join(self.dir, name), "w") as f:
            f.write(text)


def check_page(tap, desk, page):
    for kind, what, below in examples(page):
        words = f"{page}: " + " ".join(what.split())
        if kind == "cat":
            desk.write(what, below)
        elif what in NOT_RUN:
            tap.skip(words, NOT_RUN.pop(what))
        elif "jq " in what and not shutil.which("jq"):
            tap.skip(words, "jq is missing")
        else:
            # What serves until it is ended is looked at, not begun.
            if what.startswith("tellerd ") and "--check-config" not in what:
                what += " --check-config"
                below = ""
            code, said, others = desk.shell(what)
            good = (0, 1) if what in WARNS else (0,)
            tap.ok(code in good and said.startswith(below), words,
                   f"{code}: {said}{others}")


def check_settings(tap, desk):
    """With the pack that the examples of tellerctl(1) have made."""
    settings = blocks("tellerd.yaml.5")[0]
    for there, here in (("/etc/tellerd", desk.dir + "/etc"),
                        (":8080", f":{free_port()}"),
                        ("support", grp.getgrgid(os.getgid()).gr_name)):
        settings = settings.replace(there, here)
    desk.write("example.yaml", settings)
    code, said, others = desk.shell(
        f"{TOP}/tellerd --check-config --config example.yaml"
        f" --set daemon.plugin_dir={desk.plugins}")
    tap.ok((code, said) == (0, "example.yaml: good\n" + AT_START),
           "tellerd.yaml.5: the settings are good", f"{code}: {said}{others}")


def main():
    tap = Tap()
    with Desk() as desk:
        desk.start()
        answer = desk.ask("I want to talk to a person")[1]
        desk.waiting = answer["conversation"]
        desk.write("tellerd.yaml", "")
        check_page(tap, desk, "tellerctl.1")
        check_page(tap, desk, "tellerd.8")
        check_settings(tap, desk)
    tap.equal(list(NOT_RUN), [], "what cannot be given stands in the pages")
    tap.done()


main()
