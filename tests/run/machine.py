"""A machine to install on: this one's files under an overlay, in namespaces of
its own, where nothing that is changed stays; and a real systemd as its first
process, where one can be had.  Needs root."""

import os
import shutil
import signal
import subprocess
import time

UPPER = "/mnt"  # what was changed, seen from within
SYSTEMD = "/lib/systemd/systemd"
NODES = "null 1 3 zero 1 5 full 1 7 random 1 8 urandom 1 9 tty 5 0".split()


def run(*words, **more):
    """(exit code, what it said)"""
    done = subprocess.run(words, stdout=subprocess.PIPE, text=True,
                          stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                          **more)
    return done.returncode, done.stdout


def must(*words, **more):
    code, said = run(*words, **more)
    if code:
        raise RuntimeError(f"{' '.join(words)} ended with {code}:\n"
                           f"{said[-4000:]}")
    return said


# In mount, process and control group namespaces of its own: the machine's root
# and its devices, seen by systemd as a container's.
BOOT = r"""
set -e
echo $$ >"$1/cgroup.procs"
shift
exec unshare -mpC --fork --kill-child sh -ec '
cd "$1"
mkdir -p run/old
pivot_root . run/old
umount -l /run/old
mount -t proc proc /proc
mount -t sysfs -o ro sysfs /sys
mount -t cgroup2 cgroup2 /sys/fs/cgroup
mount -t tmpfs -o mode=755 tmpfs /dev
mkdir /dev/pts /dev/shm
mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts /dev/pts
mount -t tmpfs tmpfs /dev/shm
ln -s pts/ptmx /dev/ptmx
ln -s /proc/self/fd /dev/fd
shift
while [ $# -gt 0 ]; do
	mknod -m 666 "/dev/$1" c "$2" "$3"
	shift 3
done
touch /dev/console
mount --make-rshared /
exec env -i container=tellerd PATH="$PATH" LC_ALL=C.UTF-8 \
	SYSTEMD + --unit=basic.target
' sh "$@"
""".replace("SYSTEMD +", SYSTEMD)


class Machine:
    """Made before anything else; enter() changes the root of this process."""

    def __init__(self, scratch):
        self.over, self.root, self.group = (
            os.path.join(scratch, name) for name in ("over", "root", "group"))
        self.outside = os.open("/", os.O_PATH | os.O_DIRECTORY)
        self.first = None  # systemd's parent, if it runs
        self.own_group = None

    def enter(self, files, to):
        """With those files in a directory of /run.  False: there are no
        overlays here."""
        for name in (self.over, self.root, self.group):
            os.mkdir(name)
        must("mount", "-t", "tmpfs", "none", self.over)
        for name in ("upper", "work"):
            os.mkdir(os.path.join(self.over, name))
        if run("mount", "-t", "overlay", "overlay", "-o",
               f"lowerdir=/,upperdir={self.over}/upper,"
               f"workdir={self.over}/work", self.root)[0]:
            return False
        must("mount", "-t", "proc", "proc", self.root + "/proc")
        must("mount", "--rbind", "/dev", self.root + "/dev")
        for name in ("run", "tmp"):
            must("mount", "-t", "tmpfs", "none", f"{self.root}/{name}")
        must("mount", "--bind", f"{self.over}/upper", self.root + UPPER)
        must("ip", "link", "set", "lo", "up")
        os.mkdir(self.root + to)
        for path in files:
            shutil.copy(path, self.root + to)
        # Nothing of whoever runs this reaches what is installed.
        for name in list(os.environ):
            if name not in ("PATH", "HOME"):
                del os.environ[name]
        os.environ.update(DEBIAN_FRONTEND="noninteractive", LC_ALL="C.UTF-8")
        os.chroot(self.root)
        os.chdir("/")
        return True

    def go_outside(self):
        """In a child, before it is another program."""
        os.fchdir(self.outside)
        os.chroot(".")

    def lacking(self):
        """Why there can be no systemd here, or None."""
        if not os.path.exists(SYSTEMD):
            return "systemd is missing"
        if run("unshare", "-mpC", "--fork", "true")[0]:
            return "control group namespaces are not allowed here"
        code, said = run("mount", "-t", "cgroup2", "none", self.group,
                         preexec_fn=self.go_outside)
        return f"cgroup2 cannot be mounted: {said}" if code else None

    def boot(self):
        """None, or why systemd does not run."""
        why = self.lacking()
        if why:
            return why
        self.own_group = os.path.join(self.group, f"tellerd-test-{os.getpid()}")
        self.outside_do("mkdir", self.own_group)
        with open("/run/boot.log", "w") as log:
            self.first = subprocess.Popen(
                ["sh", "-c", BOOT, "sh", self.own_group, self.root, *NODES],
                preexec_fn=self.go_outside, stdin=subprocess.DEVNULL,
                stdout=log, stderr=log)
        while self.first.poll() is None:
            if self.init():
                said = self.run("systemctl", "is-system-running", "--wait")[1]
                if said.strip() in ("running", "degraded"):
                    return None
            time.sleep(0.1)
        with open("/run/boot.log") as f:
            why = f"systemd does not start here: {f.read()[-300:]}"
        self.halt()
        return why

    def init(self):
        """Its first process, as it is seen from here, if it is there."""
        pid = self.first.pid
        with open(f"/proc/{pid}/task/{pid}/children") as f:
            return (f.read().split() or [None])[0]

    def within(self):
        """What a command begins with to be run in there."""
        if not self.first:
            return ()
        return ("nsenter", "-t", self.init(), "-m", "-p", "-C", "-r", "-w")

    def run(self, *words):
        return run(*self.within(), *words)

    def must(self, *words):
        return must(*self.within(), *words)

    def outside_do(self, *words):
        return run(*words, preexec_fn=self.go_outside)

    def halt(self):
        if not self.first:
            return
        if self.first.poll() is None and self.init():
            os.kill(int(self.init()), signal.SIGKILL)
        try:
            self.first.wait(timeout=30)
        except subprocess.TimeoutExpired:  # systemd ends with its parent
            self.first.kill()
            self.first.wait()
        self.first = None
        # The kernel takes a moment to find a group empty; one that is not
        # removed by then does no harm.
        for _ in range(100):
            self.outside_do("find", self.own_group, "-depth", "-type", "d",
                            "-exec", "rmdir", "{}", "+")
            if self.outside_do("test", "-d", self.own_group)[0]:
                break
            time.sleep(0.05)
        shutil.rmtree("/run/systemd", ignore_errors=True)
