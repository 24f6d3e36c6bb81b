"""The package for Debian, from dpkg-buildpackage to --purge.

Needs root and takes minutes, so that .ci/run runs it and `make check` does not.
All of it happens in namespaces of its own: what dpkg changes is the upper layer
of an overlay over this machine's files, and nothing of that stays."""

import contextlib
import glob
import http.client
import json
import os
import pwd
import shutil
import socket
import stat
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
from daemon import SOURCE, TOP, Tap  # noqa: E402
from installed import check_service  # noqa: E402
from machine import UPPER, Machine, must, run  # noqa: E402
from test_readme import commands  # noqa: E402

QUESTION = "How do I order a new card?"
CONFFILE = "/etc/tellerd/tellerd.yaml"
STATE = "/var/lib/tellerd"
SYSTEMCTL_PATH = "/usr/bin/systemctl"
POLICY = "/usr/sbin/policy-rc.d"
WANTED = ("/etc/systemd/system/multi-user.target.wants/tellerd.service",
          "/etc/systemd/system/sockets.target.wants/tellerd.socket")
DEBS = "/run/package"
# What README.md does to have a desk of one's own, and to bring it there.
CLONE = "/run/clone"
OWN_DESK = [command for command in commands(os.path.join(SOURCE, "README.md"))
            if command.startswith((
                "tellerctl intents new", "sed -i", "cat >mine.csv",
                "cat >mybank.yaml", "sudo cp", "sudo systemctl",
                "sudo tellerctl"))]
WAIT_S = 60

# What systemctl would do, where there is no systemd: one unit, one process.
# Presets, for which systemctl needs none, are left to the real one.
SYSTEMCTL = """#!/bin/sh
verb=
for word; do
	case $word in
	-*) ;;
	*.service) unit=$word ;;
	*.socket) unit=${unit:-$word} ;;
	tellerd) unit=$word.service ;;
	*) verb=${verb:-$word} ;;
	esac
done
file=/lib/systemd/system/$unit
pid=$(cat "/run/$unit.pid" 2>/dev/null)
value() { sed -n "s/^$1=//p" "$file"; }
# Whoever is left to the first process of the namespace stays a zombie.
runs() { [ -n "$pid" ] && grep -qs '^State:.[^Z]' "/proc/$pid/status"; }
end() {
	! runs || kill "$pid"
	while runs; do sleep 0.05; done
}
case $verb:$unit in
is-active:*) runs ;;
stop:*.service) end ;;
start:*.service | restart:*.service)
	end
	user=$(value User)
	(cd / && STATE_DIRECTORY=/var/lib/$(value StateDirectory) \\
		exec setpriv --reuid "$user" --regid "$user" --clear-groups \\
		$(value ExecStart) >>/run/said 2>&1 </dev/null) &
	echo $! >"/run/$unit.pid"
	;;
reload:*) runs && $(value ExecReload) ;;
is-enabled:*) ls /etc/systemd/system/*/"$unit" >/dev/null && echo enabled ;;
preset:*) exec "$0.was" "$@" ;;
esac
"""


def lacking():
    """Why this cannot be done here, or None."""
    if os.geteuid() != 0:
        return "needs root"
    for tool in ("dpkg-buildpackage", "dh", "unshare", "ip", "setpriv",
                 "systemd-sysusers", "systemd-tmpfiles", "make"):
        if not shutil.which(tool):
            return f"{tool} is missing"
    if run("unshare", "-mnp", "--fork", "true")[0]:
        return "namespaces are not allowed here"
    return None


# ---- Building


def build(tap, scratch):
    """The .deb files by the names of their packages."""
    source = os.path.join(scratch, "tellerd")
    must("make", "-C", TOP, "-s", "distdir", "distdir=" + source)
    options = f"nocheck parallel={os.cpu_count()}"
    begin = time.monotonic()
    code, said = run("dpkg-buildpackage", "-us", "-uc", "-b", cwd=source,
                     env=dict(os.environ, DEB_BUILD_OPTIONS=options))
    tap.equal(code, 0, "dpkg-buildpackage -us -uc -b builds the package")
    print(f"# built in {time.monotonic() - begin:.0f} s")
    if code:
        print("# " + said[-4000:].replace("\n", "\n# "))
        tap.done()
    debs = {os.path.basename(path).split("_")[0]: path
            for path in glob.glob(os.path.join(scratch, "*.deb"))}
    for name in ("tellerd", "tellerd-dev"):
        size = must("dpkg-deb", "-f", debs[name], "Installed-Size").strip()
        print(f"# {name}: {os.path.getsize(debs[name]) / 1024:.0f} KiB, "
              f"installed {size} KiB")
    return debs


def check_lintian(tap, scratch):
    words = "lintian has no error to tell of"
    if not shutil.which("lintian"):
        tap.skip(words, "lintian is missing")
        return
    changes = glob.glob(os.path.join(scratch, "*.changes"))
    code, said = run("lintian", "--allow-root", "--fail-on", "error", *changes)
    for line in said.splitlines():
        print("# lintian: " + line)
    tap.equal(code, 0, words)


# ---- Installing


# The account, which stays, what dpkg and others keep for themselves, and what
# this test moves, and what systemd writes down of itself.
KEPT = ("etc/passwd", "etc/group", "etc/shadow", "etc/gshadow", "etc/.pwd.lock",
        "var/lib/dpkg/", "var/cache/", "var/log/", "etc/ld.so.cache",
        SYSTEMCTL_PATH[1:], POLICY[1:], "etc/machine-id", "etc/.updated",
        "var/.updated", "var/lib/systemd/", "var/tmp/systemd-")


def left():
    """Files that are not as they were before the package came."""
    found = []
    for dir, names, files in os.walk(UPPER):
        found += [os.path.join(dir, f)[len(UPPER) + 1:] for f in files]
        # A directory stays in the layer although it is as it was below.
        found += [os.path.join(dir, n)[len(UPPER) + 1:] + "/" for n in names
                  if "tellerd" in n]
    return [f for f in found if not f.startswith(KEPT)]


def debs_of(*names):
    return [glob.glob(f"{DEBS}/{name}_*.deb")[0] for name in names]


def install(machine):
    return machine.run("dpkg", "--install", *debs_of("tellerd", "tellerd-dev"))


# ---- The desk


def ask(text=QUESTION):
    """(status, document)"""
    c = http.client.HTTPConnection("127.0.0.1", 8080, timeout=30)
    with contextlib.closing(c):
        c.request("POST", "/v1/ask", json.dumps({"text": text}),
                  {"Content-Type": "application/json"})
        answer = c.getresponse()
        return answer.status, json.loads(answer.read())


def wait_ready():
    end = time.monotonic() + WAIT_S
    while time.monotonic() < end:
        with contextlib.suppress(OSError, http.client.HTTPException):
            c = http.client.HTTPConnection("127.0.0.1", 8080, timeout=5)
            with contextlib.closing(c):
                c.request("GET", "/readyz")
                if c.getresponse().status == 200:
                    return True
        time.sleep(0.02)
    return False


def listens():
    with contextlib.closing(socket.socket()) as s:
        return s.connect_ex(("127.0.0.1", 8080)) == 0


def start_to_ready():
    """Starts it as its user, as a service would be: (process, seconds)."""
    path = "/run/notify"
    user = pwd.getpwnam("tellerd")
    with contextlib.closing(
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as s:
        s.bind(path)
        os.chown(path, user.pw_uid, user.pw_gid)
        s.settimeout(WAIT_S)
        begin = time.monotonic()
        with open("/run/said", "ab") as log:
            process = subprocess.Popen(
                ["setpriv", "--reuid=tellerd", "--regid=tellerd",
                 "--clear-groups", "/usr/sbin/tellerd"], stdout=log, stderr=log,
                env=dict(os.environ, NOTIFY_SOCKET=path,
                         STATE_DIRECTORY=STATE))
        while b"READY=1" not in s.recv(4096):
            pass
        took = time.monotonic() - begin
    os.unlink(path)
    return process, took


def log():
    with contextlib.suppress(OSError), open("/run/said") as f:
        return f.read()
    return ""


# ---- What is true


def check_without_systemd(tap, machine):
    code, said = install(machine)
    tap.equal(code, 0, "it installs where no systemd runs")
    if code:
        print("# " + said.replace("\n", "\n# "))
        tap.done()
    user = pwd.getpwnam("tellerd")
    tap.ok(user.pw_uid < 1000 and user.pw_shell.endswith("nologin"),
           "it has a user of its own, who cannot log in", user)
    state = os.stat(STATE)
    tap.equal((stat.S_IMODE(state.st_mode), state.st_uid),
              (0o700, user.pw_uid), "the state is that user's alone")
    tap.ok(all(os.path.islink(path) for path in WANTED),
           "its service and its socket are enabled")
    tap.ok(not listens(), "and not running")
    conffiles = machine.must("dpkg-query", "-W", "-f=${Conffiles}", "tellerd")
    tap.ok(CONFFILE + " " in conffiles, "its settings are a conffile",
           conffiles)
    code, said = machine.run("tellerd", "--check-config")
    tap.ok(code == 0, "and tellerd reads them", said)
    process, first = start_to_ready()
    process.terminate()
    tap.equal(process.wait(timeout=WAIT_S), 0, "it comes to READY, and ends")
    process, second = start_to_ready()
    process.terminate()
    process.wait(timeout=WAIT_S)
    print(f"# {first * 1000:.0f} ms to READY, first start; "
          f"{second * 1000:.0f} ms, second")
    code, said = machine.run("dpkg", "--purge", "tellerd", "tellerd-dev")
    tap.ok(code == 0 and os.path.exists(STATE + "/store.db") and
           f"{STATE} is kept" in said,
           "purged, its state is kept: nobody has said that it may go", said)
    tap.equal([path for path in left() if not path.startswith(STATE[1:])], [],
              "nothing else is left of it")


@contextlib.contextmanager
def away(*paths):
    """Without them, if they are there."""
    moved = [path for path in paths if os.path.exists(path)]
    for path in moved:
        os.rename(path, path + ".was")
    yield
    for path in moved:
        os.rename(path + ".was", path)


@contextlib.contextmanager
def stub():
    """Where something answers for systemd."""
    os.makedirs("/run/systemd/system")
    with away(SYSTEMCTL_PATH):
        with open(SYSTEMCTL_PATH, "w") as f:
            os.fchmod(f.fileno(), 0o755)
            f.write(SYSTEMCTL)
        yield


def check_with_systemd(tap, machine, more):
    """As above, with a systemd or a stub of one; more: what else is true."""
    tap.equal(install(machine)[0], 0, "it installs where there is a systemd")
    tap.ok(wait_ready(), "which has started it", log())
    with open(CONFFILE) as f:
        settings = f.read()
    changed = settings.replace("#ask_without_key_on_loopback: false",
                               "ask_without_key_on_loopback: true")
    with open(CONFFILE, "w") as f:
        f.write(changed)
    code, said = install(machine)
    tap.equal(code, 0, "it is installed once more, over changed settings")
    with open(CONFFILE) as f:
        tap.equal(f.read(), changed, "which stay")
    # The one before it may still be closing.
    tap.ok(wait_ready(), "and runs again", log())
    status, answer = ask()
    tap.ok(status == 200 and answer["kind"] == "answer", "it answers",
           (status, answer))
    check_own_desk(tap, machine, changed)
    more()
    machine.must("dpkg", "--remove", "tellerd", "tellerd-dev")
    tap.ok(not listens(), "removed, it runs no longer")
    tap.ok(not os.path.exists("/usr/sbin/tellerd") and
           not os.path.exists("/usr/share/tellerd"), "its files are gone")
    tap.ok(os.path.exists(CONFFILE) and os.listdir(STATE),
           "its settings and its state are not")
    tap.equal(install(machine)[0], 0, "it can come back")
    tap.ok(wait_ready(), "and goes on", log())
    machine.must("sh", "-c", "echo tellerd tellerd/purge_state boolean true |"
                 " debconf-set-selections")
    machine.must("dpkg", "--purge", "tellerd", "tellerd-dev")
    tap.ok(not listens(), "purged, it does not run")
    tap.equal(left(), [], "and nothing is left of it, as somebody has said so")


def check_own_desk(tap, machine, settings):
    """What README.md has made by then, in what is installed."""
    os.mkdir(CLONE)
    for command in OWN_DESK:
        code, said = machine.run(
            "bash", "-c", f'sudo() {{ "$@"; }}\ncd {CLONE}\n{command}')
        tap.equal(code, 0, f"README.md: {command.splitlines()[0]}")
        if code:
            print("# " + said.replace("\n", "\n# "))
    code, said = machine.run("tellerctl", "ask", "Is there a car park?")
    tap.ok(code == 0 and "Behind the house." in said,
           "which is heard by who asks", said)
    with open(CONFFILE, "w") as f:
        f.write(settings)
    machine.must("tellerctl", "reload")
    shutil.rmtree("/etc/tellerd/packs")


def check_systems(tap, machine):
    check_without_systemd(tap, machine)
    why = machine.boot()
    with away(POLICY):  # nobody forbids to start
        if why:
            tap.skip("the service runs under systemd", why)
            with stub():
                check_with_systemd(tap, machine, lambda: None)
        else:
            check_with_systemd(tap, machine, lambda: check_service(
                tap, machine, debs_of("tellerd")[0]))


def inside(scratch):
    tap = Tap()
    machine = Machine(scratch)
    debs = build(tap, scratch)
    check_lintian(tap, scratch)
    if not machine.enter(debs.values(), DEBS):
        tap.skip("it is installed and purged", "overlays are not allowed here")
        tap.done()
    try:
        check_systems(tap, machine)
    finally:
        machine.halt()
    tap.done()


def main():
    if len(sys.argv) > 1:
        inside(sys.argv[1])
    why = lacking()
    if why:
        tap = Tap()
        tap.skip("the package is built, installed and purged", why)
        tap.done()
    with tempfile.TemporaryDirectory() as scratch:
        sys.exit(subprocess.run(
            ["unshare", "-mnp", "--fork", "--kill-child", sys.executable, "-B",
             os.path.abspath(__file__), scratch]).returncode)


if __name__ == "__main__":
    main()
