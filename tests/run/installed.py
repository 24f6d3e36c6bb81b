"""The service that the package has installed, under a real systemd: what its
operator does, and what becomes of it when things go wrong."""

import base64
import contextlib
import http.client
import json
import os
import subprocess

import daemon
from test_generator import make_model
from test_restart_requests import Client, wait_served

PORT = 8080
QUESTION = "How do I order a new card?"
CONFFILE = "/etc/tellerd/tellerd.yaml"
STATE = "/var/lib/tellerd"
DROP_IN = "/etc/systemd/system/tellerd.service.d/test.conf"
# More than a service may be started in short time by default, or by ours once.
RESTARTS = 12
WAIT_S = 60


def until(is_so):
    """Whether that comes true, though there may be nobody who says so yet."""
    def is_so_now():
        with contextlib.suppress(OSError, http.client.HTTPException):
            return is_so()
        return False
    return bool(daemon.until(is_so_now, WAIT_S))


def get(path):
    """(status, body)"""
    c = http.client.HTTPConnection("127.0.0.1", PORT, timeout=WAIT_S)
    with contextlib.closing(c):
        c.request("GET", path)
        answer = c.getresponse()
        return answer.status, answer.read().decode()


def is_ready():
    return get("/readyz")[0] == 200


class Service:
    def __init__(self, machine):
        self.machine = machine
        with open(CONFFILE) as f:
            self.settings = f.read()

    def show(self, name):
        return self.machine.must("systemctl", "show", "-P", name,
                                 "tellerd").strip()

    def ctl(self, *words):
        return self.machine.run("systemctl", *words)[0]

    def journal(self, *words):
        return self.machine.run("journalctl", "-qu", "tellerd", "--no-pager",
                                *words)[1]

    def set(self, *changes, more=""):
        """The installed settings, but for that."""
        text = self.settings
        for old, new in changes:
            assert old in text, old
            text = text.replace(old, new)
        with open(CONFFILE, "w") as f:
            f.write(text + more)

    def drop_in(self, text):
        os.makedirs(os.path.dirname(DROP_IN), exist_ok=True)
        with open(DROP_IN, "w") as f:
            f.write(f"[Service]\n{text}\n")
        self.machine.must("systemctl", "daemon-reload")
        self.machine.must("systemctl", "restart", "tellerd")

    def as_installed(self):
        self.set()
        if os.path.exists(DROP_IN):
            os.remove(DROP_IN)
            os.rmdir(os.path.dirname(DROP_IN))
        self.machine.must("systemctl", "daemon-reload")
        self.machine.must("systemctl", "restart", "tellerd")


def check_running(tap, service):
    state = [service.show(name) for name in ("ActiveState", "StatusText")]
    tap.equal(state, ["active", "Answering"], "systemd says that it answers")

    def lines():
        return [json.loads(line) for line in
                service.journal("-o", "json").splitlines()]

    def has_fields():
        ours = [line for line in lines() if line.get("TELLERD_PLUGIN") == "web"]
        return ours and {"MESSAGE", "PRIORITY", "CODE_FILE"} <= set(ours[0])

    tap.ok(until(has_fields), "the journal has what it logs, with fields",
           lines()[-3:])


def print_start(service):
    """What systemd has seen of its last start."""
    begin, end = (int(service.show(name + "TimestampMonotonic"))
                  for name in ("InactiveExit", "ActiveEnter"))
    resident = int(service.machine.must(
        "grep", "VmRSS", f"/proc/{service.show('MainPID')}/status").split()[1])
    print(f"# {(end - begin) / 1000:.0f} ms from start to READY, "
          f"{resident / 1024:.1f} MiB resident")


def check_reload(tap, service):
    tap.equal(service.ctl("reload", "tellerd"), 0, "systemctl reloads it")
    service.set(more="nothing: 1\n")
    tap.ok(service.ctl("reload", "tellerd") != 0 and
           until(lambda: "unknown key 'nothing'" in
                 service.journal("-n", "10")) and
           is_ready(), "with wrong settings it fails, says why, and all stays",
           service.journal("-n", "10"))


def check_failing_start(tap, service):
    """With the wrong settings of the check before this."""
    tap.ok(service.ctl("restart", "tellerd") != 0 and until(
        lambda: service.show("StatusText").startswith("Not started: ")),
           "a start that fails does so for systemctl, which has the reason",
           service.show("StatusText"))
    client = Client(PORT, False, "GET", "/livez")
    client.start()
    service.set()
    wait_served([client], 1)
    client.is_over.set()
    client.join()
    tap.equal((client.failures, service.show("ActiveState")), ([], "active"),
              "when that is mended it starts by itself; who came meanwhile is "
              "answered")


def check_crash(tap, service):
    pid = service.show("MainPID")
    n = int(service.show("NRestarts"))
    service.machine.must("kill", "-9", pid)
    tap.ok(get("/livez")[0] == 200 and service.show("MainPID") != pid and
           int(service.show("NRestarts")) == n + 1,
           "killed, it is started again, and who comes meanwhile waits")


def check_watchdog(tap, service):
    service.drop_in("WatchdogSec=4")
    pid = service.show("MainPID")
    service.machine.must("kill", "-STOP", pid)
    tap.ok(until(lambda: service.show("MainPID") not in ("0", pid)) and
           until(is_ready) and until(lambda: "atchdog timeout" in
                                     service.journal("-n", "40")),
           "one that does not move any more is ended and started again",
           service.journal("-n", "40"))


def check_generator(tap, service):
    """Weights, threads and kernels, under what the unit leaves it."""
    os.mkdir("/run/model")
    make_model("/run/model")
    service.set(("  #mode: off", "  mode: draft"),
                ('  #model: ""', "  model: /run/model"))
    service.machine.must("systemctl", "restart", "tellerd")

    def state():
        status = json.loads(service.machine.must("tellerctl", "--json",
                                                 "status"))
        return status["generator"].get("state")

    tap.ok(until(lambda: state() == "ready"), "a model is loaded",
           service.journal("-n", "20"))
    service.as_installed()


def check_secret_and_group(tap, service):
    secret = "/etc/tellerd/hook"
    with open(secret, "wb") as f:
        os.fchmod(f.fileno(), 0o600)
        f.write(base64.b64encode(os.urandom(32)))
    service.set(('  #group: ""', "  group: nogroup"),
                more="  webhook:\n    url: https://127.0.0.1:9/cases\n"
                "    secret: credential:hook\n")
    service.drop_in(f"LoadCredential=hook:{secret}\nGroup=nogroup")
    tap.ok(until(lambda: "plugin webhook runs" in service.journal("-n", "20")),
           "it gets a secret that only root can read",
           service.journal("-n", "20"))

    (may, said), (may_not, refused) = (service.machine.run(
        "setpriv", "--reuid", "nobody", "--regid", group, "--clear-groups",
        "tellerctl", "status") for group in ("nogroup", "games"))
    tap.ok(may == 0 and may_not == 1 and "permission denied" in refused,
           "the group of admin.group may ask, others may not", said + refused)
    os.remove(secret)
    service.as_installed()


@contextlib.contextmanager
def load(tap, words):
    """Requests all the while, none of which may fail."""
    clients = [Client(PORT, keeps, *request) for keeps in (False, True)
               for request in (("GET", "/livez"),
                               ("POST", "/v1/ask", {"text": QUESTION}))]
    for client in clients:
        client.start()
    wait_served(clients, 2)
    yield lambda: wait_served(clients, 2)
    wait_served(clients, 2)
    for client in clients:
        client.is_over.set()
    for client in clients:
        client.join()
    failures = [failure for client in clients for failure in client.failures]
    tap.equal(failures[:3], [], words)
    print(f"# {sum(client.n for client in clients)} requests, {len(failures)} "
          "failed; the slowest took "
          f"{max(client.slowest_s for client in clients) * 1000:.0f} ms")


def check_restarts(tap, service):
    codes = set()
    with load(tap, f"no request fails over {RESTARTS} restarts") as wait:
        for _ in range(RESTARTS):
            codes.add(service.ctl("restart", "tellerd"))
            wait()
    tap.equal(codes, {0}, "and none of these is refused")


def newer(deb):
    """The same package, as a later version."""
    subprocess.run(["dpkg-deb", "--raw-extract", deb, "/run/newer"], check=True)
    with open("/run/newer/DEBIAN/control") as f:
        control = f.read()
    version = control.split("Version: ")[1].split()[0]
    with open("/run/newer/DEBIAN/control", "w") as f:
        f.write(control.replace(f"Version: {version}", f"Version: {version}.1"))
    subprocess.run(["dpkg-deb", "--build", "/run/newer", "/run/newer.deb"],
                   check=True, stdout=subprocess.DEVNULL)
    return "/run/newer.deb"


def check_upgrade(tap, service, deb):
    def turns():
        status = json.loads(service.machine.must("tellerctl", "--json",
                                                 "status"))
        return status["totals"]["turns"]

    pid, before = service.show("MainPID"), turns()
    with load(tap, "no request fails over an upgrade"):
        code, said = service.machine.run("dpkg", "--install", newer(deb))
    tap.ok(code == 0 and service.show("MainPID") != pid,
           "which has the new program running", said)
    tap.ok(before > 0 and turns() > before, "and all that was kept before")


def check_restore(tap, service):
    both = ("tellerd.socket", "tellerd")
    service.machine.must("tellerctl", "backup", "/run/backup.db")
    service.ctl("stop", *both)
    code, said = service.machine.run("tellerctl", "restore", "/run/backup.db")
    service.ctl("start", *both)
    tap.ok(code == 0 and until(is_ready), "a backup is restored", said)
    print_start(service)


def check_full_disk(tap, service):
    """A disk that has room for a new store, and then none."""
    def resize(size):
        service.machine.must("mount", "-o", f"remount,size={size}", STATE)

    both = ("tellerd.socket", "tellerd")
    service.ctl("stop", *both)
    service.machine.must("mount", "-t", "tmpfs", "-o", "size=200m", "tmpfs",
                         STATE)
    service.ctl("start", *both)
    until(is_ready)
    resize("32m")
    tap.ok(until(lambda: "disk_full" in get("/readyz")[1]),
           "on a full disk it says so", service.journal("-n", "20"))
    tap.ok(service.ctl("restart", "tellerd") == 0 and
           until(lambda: "disk_full" in get("/readyz")[1]),
           "and starts, and still does", service.journal("-n", "20"))
    resize("200m")
    tap.ok(until(is_ready), "with room it goes on by itself",
           service.journal("-n", "20"))
    service.ctl("stop", *both)
    service.machine.must("umount", STATE)
    service.ctl("start", *both)


def check_service(tap, machine, deb):
    """Leaves it as it was, with the later version of the package."""
    service = Service(machine)
    check_running(tap, service)
    check_reload(tap, service)
    check_failing_start(tap, service)
    check_crash(tap, service)
    check_watchdog(tap, service)
    check_secret_and_group(tap, service)
    check_generator(tap, service)
    service.set(("#rate_loopback: true", "rate_loopback: false"))
    machine.must("systemctl", "reload", "tellerd")
    check_restarts(tap, service)
    check_upgrade(tap, service, deb)
    check_restore(tap, service)
    check_full_disk(tap, service)
    service.as_installed()
