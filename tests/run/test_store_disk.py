#!/usr/bin/env python3
"""The store on a disk that fails, is cut off, or is full: nothing that was
acknowledged is lost, an I/O error ends the process with 70, a full disk is
waited for."""

import os
import shutil
import subprocess
import sys
import tempfile
import time

BUILD = os.environ.get("top_builddir", ".")
WORKER = os.path.join(BUILD, "tests", "run", "store_worker")
N_MESSAGES = 20
TIMEOUT_S = 60
FILL_S = 300  # of thousands of commits, each of which is on the disk

# Leaks cannot be looked for under a tracer.
ENV = dict(os.environ)
ENV["ASAN_OPTIONS"] = ENV.get("ASAN_OPTIONS", "") + ":detect_leaks=0"


class Skip(Exception):
    pass


def run(args, inject=None, more_paths=()):
    command = [WORKER, *args]
    if inject:
        store = os.path.join(args[0], "store.db")
        command = ["strace", "-f", "-qq", "-o", "/dev/null",
                   "-P", args[0], "-P", store, "-P", store + "-wal",
                   "-P", store + "-shm",
                   *(word for path in more_paths for word in ("-P", path)),
                   "-e", "inject=" + inject, *command]
    return subprocess.run(command, capture_output=True, text=True, env=ENV,
                          timeout=TIMEOUT_S, check=False)


def ids(output, word):
    return {int(line.split()[1]) for line in output.splitlines()
            if line.startswith(word + " ")}


def check_kept(directory, acked, about):
    listed = run([directory, "list"])
    assert listed.returncode == 0, f"{about}: {listed.stderr}"
    lost = acked - ids(listed.stdout, "id")
    assert not lost, f"{about}: lost {sorted(lost)}"


def with_fault(inject, text_bytes=100):
    """Write under a fault, then look without it.  The exit code."""
    directory = tempfile.mkdtemp(prefix="test_store_disk_")
    try:
        # What is there before the fault is not to be lost either.
        first = run([directory, "3"])
        assert first.returncode == 0, first.stderr
        done = run([directory, str(N_MESSAGES), "0", str(text_bytes)], inject)
        acked = ids(first.stdout, "ack") | ids(done.stdout, "ack")
        if done.returncode == 70:
            assert "broken" in done.stdout, f"{inject}: no words"
        if done.returncode == 1:
            assert "store_worker: " in done.stderr, f"{inject}: no words"
        check_kept(directory, acked, inject)
        return done
    finally:
        shutil.rmtree(directory)


def need_strace():
    if not shutil.which("strace"):
        raise Skip("strace is missing")
    probe = subprocess.run(["strace", "-qq", "-o", "/dev/null", "true"],
                           capture_output=True, check=False)
    if probe.returncode != 0:
        raise Skip("strace may not trace here")


def failed_sync_ends_the_process():
    need_strace()
    codes = []
    for n in range(1, 16):
        done = with_fault(f"fdatasync:error=EIO:when={n}")
        assert done.returncode in (0, 1, 70), f"{n}: {done}"
        codes.append(done.returncode)
    assert codes.count(70) >= 10, codes
    # The first syncs are those of opening.
    assert 1 in codes, codes


def failing_disk_ends_the_process():
    need_strace()
    for n in (1, 2, 4, 7, 12):
        done = with_fault(f"fdatasync:error=EIO:when={n}+")
        assert done.returncode in (1, 70), f"{n}: {done}"


def failed_directory_sync_refuses_to_open():
    need_strace()
    done = with_fault("fsync:error=EIO:when=1")
    assert done.returncode == 1, done
    assert "cannot sync" in done.stderr, done.stderr
    assert not ids(done.stdout, "ack"), done.stdout


def new_directory_is_synced_where_it_stands():
    need_strace()
    with tempfile.TemporaryDirectory(prefix="test_store_disk_") as top:
        directory = os.path.join(top, "state")
        done = run([directory, "1"], "fsync:error=EIO:when=1", [top])
        assert done.returncode == 1, done
        assert f"cannot sync {top}:" in done.stderr, done.stderr


def failed_write_ends_the_process():
    need_strace()
    seen = set()
    for n in (1, 3, 9, 15, 30, 61):
        done = with_fault(f"pwrite64:error=EIO:when={n}")
        assert done.returncode in (0, 1, 70), f"{n}: {done}"
        seen.add(done.returncode)
    assert 70 in seen, seen


def failed_checkpoint_ends_the_process():
    need_strace()
    # A text of 64 KiB: the log is over its limit every few messages, and is
    # copied back by writes and syncs beside those of the commits.
    codes = {with_fault(f"fdatasync:error=EIO:when={n}", 65536).returncode
             for n in range(5, 25)}
    assert codes <= {0, 70} and 70 in codes, codes


def failed_read_harms_nothing():
    need_strace()
    for n in (2, 5, 9, 14):
        done = with_fault(f"pread64:error=EIO:when={n}")
        assert done.returncode in (0, 1, 70), f"{n}: {done}"


def one_write_without_space_is_waited_for():
    need_strace()
    full = 0
    for n in range(8, 40, 3):
        done = with_fault(f"pwrite64:error=ENOSPC:when={n}")
        if done.returncode == 1:
            assert "is full" in done.stderr, done.stderr
            continue
        assert done.returncode == 0, f"{n}: {done}"
        assert len(ids(done.stdout, "ack")) == N_MESSAGES, done.stdout
        full += "full the disk of the store is full" in done.stdout
    assert full > 0


def kill_at_any_call_loses_nothing():
    need_strace()
    for call, last in (("pwrite64", 60), ("fdatasync", 24)):
        for n in range(1, last, 3):
            with_fault(f"{call}:signal=KILL:when={n}")


class Tmpfs:
    """A small disk of our own."""

    def __init__(self, size):
        self.directory = tempfile.mkdtemp(prefix="test_store_disk_")
        self.size = size

    def __enter__(self):
        if os.geteuid() != 0:
            os.rmdir(self.directory)
            raise Skip("only root can mount a small disk")
        made = subprocess.run(["mount", "-t", "tmpfs", "-o",
                               f"size={self.size},mode=0700", "tmpfs",
                               self.directory], capture_output=True,
                              text=True, check=False)
        if made.returncode != 0:
            os.rmdir(self.directory)
            raise Skip("a small disk cannot be mounted here")
        return self.directory

    def __exit__(self, *_):
        subprocess.run(["umount", self.directory], check=True)
        os.rmdir(self.directory)


def fill_and_make_room(min_free, text_bytes):
    """Write until the disk is full, make room, and see it go on."""
    with Tmpfs("8m") as disk:
        store = os.path.join(disk, "state")
        ballast = os.path.join(disk, "ballast")
        with open(ballast, "wb") as file:
            file.write(b"x" * (4 << 20))
        n = 4000000 // text_bytes
        command = [WORKER, store, str(n), str(min_free), str(text_bytes)]
        output, full = "", 0
        deadline = time.monotonic() + FILL_S
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True,
                              env=ENV) as worker:
            for line in worker.stdout:
                output += line
                assert time.monotonic() < deadline, output[-100:]
                if line.startswith("full"):
                    full += 1
                    if full == 10:
                        os.unlink(ballast)
        assert full >= 10, f"never full: {output[-100:]}"
        assert worker.returncode == 0, f"{worker.returncode}: {output[-100:]}"
        acked = ids(output, "ack")
        assert len(acked) == n, output[-100:]
        check_kept(store, acked, "full disk")
        return output


def full_disk_is_waited_for():
    output = fill_and_make_room(0, 1000)
    assert "full the disk of the store is full" in output, output[-100:]


def guard_stops_when_the_disk_is_nearly_full():
    output = fill_and_make_room(1 << 20, 1000)
    assert "nearly full" in output, output[-100:]


TESTS = [
    failed_sync_ends_the_process,
    failing_disk_ends_the_process,
    failed_directory_sync_refuses_to_open,
    new_directory_is_synced_where_it_stands,
    failed_write_ends_the_process,
    failed_checkpoint_ends_the_process,
    failed_read_harms_nothing,
    one_write_without_space_is_waited_for,
    kill_at_any_call_loses_nothing,
    full_disk_is_waited_for,
    guard_stops_when_the_disk_is_nearly_full,
]


def main():
    print(f"1..{len(TESTS)}")
    failed = 0
    for number, test in enumerate(TESTS, 1):
        name = test.__name__
        try:
            test()
            print(f"ok {number} - {name}", flush=True)
        except Skip as why:
            print(f"ok {number} - {name} # SKIP {why}", flush=True)
        except (AssertionError, subprocess.SubprocessError) as why:
            failed += 1
            for line in str(why).splitlines():
                print(f"# {line}")
            print(f"not ok {number} - {name}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
