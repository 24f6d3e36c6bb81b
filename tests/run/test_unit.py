"""The units of systemd: what they are worth, that the daemon can live with
them, and that they are installed where systemd looks."""

import os
import re
import shutil
import subprocess
import sys
import tempfile

from daemon import SOURCE, TOP, Daemon, Tap

UNIT = os.path.join(TOP, "etc", "tellerd.service")
MOST_EXPOSURE = 14  # tenths
QUESTION = "How do I order a new card?"
CONFINE = os.path.join(SOURCE, "tests", "run", "confine.py")
CANNOT = 77


def run(*words, **options):
    done = subprocess.run(words, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=300, **options)
    return done.returncode, done.stdout.decode(errors="replace")


def check_exposure(tap):
    code, words = run("systemd-analyze", "security", "--offline=true",
                      "--no-pager", f"--threshold={MOST_EXPOSURE}", UNIT)
    found = re.search(r"Overall exposure level.*: ([0-9.]+)", words)
    tap.ok(code == 0 and found and float(found[1]) * 10 <= MOST_EXPOSURE,
           f"the service's exposure is {found and found[1]}, at most "
           f"{MOST_EXPOSURE / 10}", words)


def check_words(tap):
    """Both units, with a program that is there."""
    with tempfile.TemporaryDirectory() as directory:
        with open(UNIT) as f:
            text = re.sub(r"(?m)^(Exec\w+=)\S*/", rf"\1{TOP}/", f.read())
        service = os.path.join(directory, "tellerd.service")
        with open(service, "w") as f:
            f.write(text)
        shutil.copy(os.path.join(SOURCE, "etc", "tellerd.socket"), directory)
        code, words = run("systemd-analyze", "verify", "--man=no", service,
                          os.path.join(directory, "tellerd.socket"))
        tap.ok(code == 0 and not words, "systemd finds nothing wrong", words)
        with open(service, "a") as f:
            f.write("[Service]\nNoNewPrivilege=yes\n")
        code, words = run("systemd-analyze", "verify", "--man=no", service)
        tap.ok("NoNewPrivilege" in words, "and would", words)


def check_same(tap):
    with open(os.path.join(SOURCE, "etc", "tellerd.socket")) as f:
        stream = re.search("(?m)^ListenStream=(.*)", f.read())[1]
    with open(os.path.join(SOURCE, "etc", "tellerd.yaml")) as f:
        listen = re.search("(?m)^  #listen: (.*)", f.read())[1]
    tap.ok(stream in listen, "the socket is where http.listen is by default",
           (stream, listen))


def check_confined(tap):
    """Plugins, generator and pages, with what the unit leaves of the system."""
    words = "all that it does, it does under the unit's restrictions"
    if os.environ.get("SANITIZERS", "no") != "no":
        tap.skip(words, "sanitizers need what the unit takes away")
        return
    code, why = run(sys.executable, CONFINE, UNIT, "/bin/true")
    if code == CANNOT:
        tap.skip(words, why.strip())
        return
    with Daemon(wrapper=[sys.executable, CONFINE, UNIT]) as daemon:
        daemon.start()
        tap.equal(daemon.ask(QUESTION)[1]["kind"], "answer", words)
        tap.equal(daemon.request("GET", "/")[0], 200, "its page is there")
        tap.equal(daemon.ctl("status")[0], 0, "tellerctl is answered")
        tap.equal(daemon.ctl("reload")[0], 0, "it reloads")
        tap.ok("plugin web runs" in daemon.log(), "plugins are loaded",
               daemon.log())
        with open(f"/proc/{daemon.process.pid}/status") as f:
            status = f.read()
        tap.ok(re.search("(?m)^Seccomp:\t2$", status) and
               re.search("(?m)^NoNewPrivs:\t1$", status),
               "and they were in force", status)
        tap.equal(daemon.stop(), 0, "it ends cleanly")


# In a mount namespace of its own, with the directories that the unit names: the
# daemon, as root, then tellerctl as somebody in its group, and as one who is
# not.
AS_SERVICE = """
set -e
mount -t tmpfs none /run
mount -t tmpfs none /var/lib
mkdir -m 0755 /run/tellerd
mkdir -m 0700 /var/lib/tellerd
cp "$1/tellerctl" /run/tellerctl
chmod 0755 /run/tellerctl
RUNTIME_DIRECTORY=/run/tellerd setpriv --regid nogroup --clear-groups \\
    "$1/tellerd" --config "$2" --set http.listen=127.0.0.1:0 \\
    --set admin.group=nogroup --set daemon.plugin_dir="$3" \\
    --set desk.packs_dir="$4" >/run/log 2>&1 &
daemon=$!
until grep -q "tellerd: ready" /run/log || ! kill -0 $daemon; do sleep 0.1; done
for group in nogroup games; do
    setpriv --reuid nobody --regid $group --clear-groups \\
        /run/tellerctl --config "$2" status >/run/$group 2>&1 &&
        echo $group may || echo $group may not
done
grep -h denied /run/games || cat /run/log /run/nogroup /run/games
kill $daemon
wait $daemon
"""


def check_group(tap):
    """Who is in admin.group asks the service without a word about where it
    is; the service has the group from its unit and gives no file away."""
    words = "a member of admin.group finds the service, and may ask it"
    if os.getuid() != 0 or run("unshare", "-m", "true")[0] or \
            run("setpriv", "--version")[0]:
        tap.skip(words, "not root, or no mount namespaces, or no setpriv")
        return
    with Daemon() as daemon:
        os.chmod(daemon.dir, 0o755)
        env = {k: v for k, v in os.environ.items()
               if k not in ("RUNTIME_DIRECTORY", "STATE_DIRECTORY")}
        code, out = run("unshare", "-m", "sh", "-c", AS_SERVICE, "sh", TOP,
                        daemon.config, daemon.plugins,
                        os.path.join(SOURCE, "intents"), env=env)
        tap.ok(code == 0 and "nogroup may\n" in out and "games may not" in out
               and "permission denied" in out, words, out)


def all_files(directory):
    return {os.path.relpath(os.path.join(path, name), directory)
            for path, _, names in os.walk(directory) for name in names}


def make(target, directory):
    """As a package's rules do, whoever runs the tests."""
    env = {k: v for k, v in os.environ.items()
           if not k.startswith(("MAKE", "MFLAGS"))}
    return run("make", "-s", "-C", TOP, target, f"DESTDIR={directory}",
               env=env)


def check_install(tap):
    with tempfile.TemporaryDirectory() as directory:
        code, words = make("install", directory)
        files = all_files(directory)
        missing = [end for end in (
            "sbin/tellerd", "bin/tellerctl", "lib/systemd/system/"
            "tellerd.service", "lib/systemd/system/tellerd.socket",
            "lib/sysusers.d/tellerd.conf", "lib/tmpfiles.d/tellerd.conf",
            "plugins/web.so", "man8/tellerd.8", "tellerd/tellerd.yaml")
            if not any(name.endswith(end) for name in files)]
        tap.ok(code == 0 and not missing, "make install installs all of it",
               (missing, words[-2000:]))
        service, = (n for n in files if n.endswith("tellerd.service"))
        with open(os.path.join(directory, service)) as f:
            programs = re.findall(r"(?m)^Exec\w+=/(\S+)", f.read())
        tap.ok(len(programs) == 2 and set(programs) <= files,
               "the service starts and reloads what was installed", programs)
        check_users(tap, directory, files)
        code, words = make("uninstall", directory)
        left = all_files(directory)
        tap.ok(code == 0 and not left, "make uninstall takes it away", left)


def check_users(tap, directory, files):
    """systemd makes the user and the directories in what was installed."""
    words = "sysusers makes the user, tmpfiles his directories"
    if os.getuid() != 0 or not shutil.which("systemd-sysusers"):
        tap.skip(words, "not root" if os.getuid() else
                 "systemd-sysusers is missing")
        return
    users, = (n for n in files if n.endswith("sysusers.d/tellerd.conf"))
    places, = (n for n in files if n.endswith("tmpfiles.d/tellerd.conf"))
    etc = os.path.join(directory, "etc")
    os.makedirs(etc, exist_ok=True)
    before = set(os.listdir(etc))
    outputs = [
        run("systemd-sysusers", f"--root={directory}",
            os.path.join(directory, users)),
        run("systemd-tmpfiles", "--create", f"--root={directory}",
            os.path.join(directory, places))]
    with open(os.path.join(directory, "etc", "passwd")) as f:
        user = re.search("(?m)^tellerd:[^:]*:([0-9]+):", f.read())
    made = []
    with open(os.path.join(directory, places)) as f:
        for _, path, mode, owner, *_ in map(str.split, (
                line for line in f if line.startswith("d "))):
            stat = os.stat(os.path.join(directory, path.lstrip("/")))
            made.append((stat.st_mode & 0o7777 == int(mode, 8),
                         stat.st_uid == (0 if owner == "root" else
                                         int(user[1]))))
    tap.ok(user and made == [(True, True)] * 2, words, (outputs, user, made))
    for name in set(os.listdir(etc)) - before:
        path = os.path.join(etc, name)
        os.rmdir(path) if os.path.isdir(path) else os.remove(path)


def main():
    tap = Tap()
    if shutil.which("systemd-analyze"):
        check_exposure(tap)
        check_words(tap)
        check_confined(tap)
    else:
        tap.skip("the units are good", "systemd-analyze is missing")
    check_same(tap)
    check_group(tap)
    check_install(tap)
    tap.done()


main()
