"""Run a program under what a unit of systemd says of system calls, address
families, memory and capabilities, as systemd does it: confine.py UNIT PROGRAM
ARGUMENTS.  Exit code 77: this machine cannot.

systemd itself can only do so as the first process of a machine."""

import ctypes
import errno
import os
import subprocess
import sys

ALLOW = 0x7fff0000
EQ, MASKED_EQ = 4, 7
PROT_WRITE, PROT_EXEC, SHM_EXEC = 2, 4, 0o100000
PR_CAPBSET_DROP = 24
FAMILIES = {"AF_UNIX": 1, "AF_INET": 2, "AF_INET6": 10, "AF_NETLINK": 16}
N_FAMILIES = 46
# Which systemd allows whatever the unit says.
ALWAYS = "@default"


class Compare(ctypes.Structure):
    _fields_ = [("argument", ctypes.c_uint), ("operation", ctypes.c_int),
                ("a", ctypes.c_uint64), ("b", ctypes.c_uint64)]


def refusal(number):
    return 0x00050000 | number


class Filter:
    """One of libseccomp's; a process may have several, and all must agree."""

    library = None

    def __init__(self, default):
        if not Filter.library:
            Filter.library = ctypes.CDLL("libseccomp.so.2")
            Filter.library.seccomp_init.restype = ctypes.c_void_p
        self.context = ctypes.c_void_p(
            self.library.seccomp_init(ctypes.c_uint32(default)))

    def add(self, action, name, *compares):
        number = self.library.seccomp_syscall_resolve_name(name.encode())
        if number < 0:  # of another architecture
            return
        array = (Compare * max(1, len(compares)))(*compares)
        code = self.library.seccomp_rule_add_array(
            self.context, ctypes.c_uint32(action), number, len(compares),
            array)
        if code not in (0, -errno.EEXIST):
            raise OSError(-code, name)

    def load(self):
        code = self.library.seccomp_load(self.context)
        if code:
            raise OSError(-code, "seccomp_load")


def settings(path):
    """Name to the values that it was given, in order."""
    found = {}
    with open(path) as f:
        for line in f:
            name, is_one, value = line.strip().partition("=")
            if is_one and not line.startswith("#"):
                found.setdefault(name, []).append(value)
    return found


def expand(word):
    """The system calls of a group, or the one itself."""
    if not word.startswith("@"):
        return {word}
    text = subprocess.run(["systemd-analyze", "syscall-filter", word],
                          check=True, capture_output=True).stdout.decode()
    calls = set()
    for line in text.splitlines()[1:]:
        name = line.strip()
        if name and not name.startswith("#"):
            calls |= expand(name)
    return calls


def allowed_calls(lines):
    calls = expand(ALWAYS)
    for line in lines:
        is_taken_away = line.startswith("~")
        for word in line.lstrip("~").split():
            if is_taken_away:
                calls -= expand(word)
            else:
                calls |= expand(word)
    return calls


def confine_memory():
    rules = Filter(ALLOW)
    both = PROT_WRITE | PROT_EXEC
    refused = refusal(errno.EPERM)
    rules.add(refused, "mmap", Compare(2, MASKED_EQ, both, both))
    rules.add(refused, "mprotect", Compare(2, MASKED_EQ, PROT_EXEC, PROT_EXEC))
    rules.add(refused, "pkey_mprotect",
              Compare(2, MASKED_EQ, PROT_EXEC, PROT_EXEC))
    rules.add(refused, "shmat", Compare(2, MASKED_EQ, SHM_EXEC, SHM_EXEC))
    rules.load()


def confine_families(names):
    rules = Filter(ALLOW)
    allowed = {FAMILIES[name] for name in names}
    for family in range(N_FAMILIES):
        if family not in allowed:
            rules.add(refusal(errno.EAFNOSUPPORT), "socket",
                      Compare(0, EQ, family, 0))
    rules.load()


def confine_calls(calls):
    rules = Filter(refusal(errno.EPERM))
    for name in calls:
        rules.add(ALLOW, name)
    rules.load()


def drop_capabilities():
    libc = ctypes.CDLL(None)
    number = 0
    while libc.prctl(PR_CAPBSET_DROP, number, 0, 0, 0) == 0:
        number += 1


def main():
    try:
        unit = settings(sys.argv[1])
        calls = allowed_calls(unit["SystemCallFilter"])
        if unit["CapabilityBoundingSet"] == [""]:
            drop_capabilities()
        if unit["MemoryDenyWriteExecute"] == ["yes"]:
            confine_memory()
        confine_families(unit["RestrictAddressFamilies"][0].split())
        confine_calls(calls)
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"cannot be confined: {error}", file=sys.stderr)
        sys.exit(77)
    os.execv(sys.argv[2], sys.argv[2:])


main()
