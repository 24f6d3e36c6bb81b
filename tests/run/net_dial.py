"""Dials servers that talk, wait, close and pretend, with and without TLS.  TAP;
needs tests/run/net_dial of the build tree, and openssl for the tests with
TLS."""
import os
import socket
import subprocess
import sys

from net_peers import (CERTIFICATES, PATIENCE, Connection, Server, check,
                       run_tests)

DIAL = os.path.join(os.environ.get("top_builddir", "."), "tests/run/net_dial")


def dial(port, *args, host="localhost"):
    process = subprocess.run([DIAL, host, str(port), *args],
                             capture_output=True, check=False,
                             timeout=PATIENCE)
    sys.stderr.write(process.stderr.decode())
    check(process.returncode == 0, f"net_dial ended {process.returncode}")
    return process.stdout.decode().splitlines()


def check_lines(lines, *wanted):
    """The lines begin so, one by one."""
    check(len(lines) == len(wanted) and
          all(line.startswith(w) for line, w in zip(lines, wanted)),
          "\n# ".join(lines))


def ca():
    CERTIFICATES.make()
    return "ca=" + CERTIFICATES.path("ca.pem")


def echo(connection):
    while True:
        line = connection.line()
        if line == b"bye":
            return
        connection.send(b"you said " + line + b"\n")


CLOSED = "closed localhost: the other side has closed the connection"
HELLO = ["ready:write=hello\n", "data:write=bye\n"]
HELLO_LINES = ["ready", "wrote 0", "data you said hello.", "wrote 0", CLOSED,
               "silent 0"]


def without_drained(lines):
    """An answer may be there before what was written is seen to be gone."""
    check("drained" in lines, lines)
    return [line for line in lines if line != "drained"]


def test_what_is_said_arrives():
    with Server(echo) as server:
        check_lines(without_drained(dial(server.port, *HELLO)), *HELLO_LINES)


def test_what_is_said_arrives_over_tls():
    with Server(echo, "good") as server:
        for host in "localhost", "127.0.0.1":
            lines = without_drained(
                dial(server.port, "tls", ca(), *HELLO, host=host))
            # Python's server does not say that it ends TLS.
            check(lines[:4] == HELLO_LINES[:4], lines)
            check(lines[4].startswith(f"closed {host}: "), lines)


def test_a_certificate_must_be_good_for_the_host():
    with Server(echo, "good") as server:
        check_lines(dial(server.port, "tls", *HELLO),
                    "closed localhost: cannot begin TLS: ", "silent 0")
        check_lines(dial(server.port, "tls", "ca=/nonexistent", *HELLO),
                    "closed localhost: cannot begin TLS: cannot read "
                    "certificates from /nonexistent", "silent 0")
    with Server(echo, "other") as server:
        for host in "localhost", "127.0.0.1":
            lines = dial(server.port, "tls", ca(), *HELLO, host=host)
            check_lines(lines, f"closed {host}: cannot begin TLS: ",
                        "silent 0")
            check("mismatch" in lines[0], lines)


def test_tls_is_asked_for_later():
    said = []

    def talk(connection):
        connection.send(b"* hello\r\n")
        said.append(connection.line())
        # What comes with the answer could be from anybody.
        connection.send(b"OK begin\r\n")
        connection.sock = CERTIFICATES.context("good").wrap_socket(
            connection.sock, server_side=True)
        said.append(connection.line())
        connection.send(b"secret\n")
        connection.line()

    with Server(talk) as server:
        lines = dial(server.port, ca(), "data:write=STARTTLS\n",
                     "data:next", "data:starttls", "ready:write=now\n", "data:starttls",
                     "data:write=bye\n")
        check(said == [b"STARTTLS", b"now"], said)
        check(lines[:10] == ["ready", "data * hello..", "wrote 0", "drained",
                             "data OK begin..", "starttls 0", "ready",
                             "wrote 0", "drained", "data secret."], lines)
        check("starttls -1" in lines, lines)


def test_what_came_before_tls_is_dropped():
    def talk(connection):
        connection.send(b"OK begin\r\n" + b"forged\r\n" * 20000)
        connection.wait()

    with Server(talk) as server:
        lines = dial(server.port, ca(), "data:starttls", "ready:close")
        check("starttls 0" in lines and "ready" not in lines[1:], lines)
        check(any(line.startswith("closed localhost: cannot begin TLS")
                  for line in lines), lines)


def test_tls_waits_until_all_has_left():
    with Server(Connection.wait) as server:
        lines = dial(server.port, ca(), "ready:write=STARTTLS\n",
                     "ready:starttls", "drained:close")
        check_lines(lines, "ready", "wrote 0", "starttls -1", "drained",
                    "silent 0")


def test_private_addresses_are_not_connected_to():
    with Server(echo) as server:
        for host in "localhost", "127.0.0.1", "::ffff:127.0.0.1", "::1":
            lines = dial(server.port, "public", host=host)
            check("private ones are not allowed" in lines[0], lines)
        check(server.n_connections == 0, "connected")


def test_what_cannot_be_reached_is_told():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    check_lines(dial(port), "closed localhost: cannot connect: ", "silent 0")
    check_lines(dial(1, host="nothing.invalid"),
                "closed nothing.invalid: cannot connect: ", "silent 0")
    for bad in [("", 1), ("x" * 300, 1), ("a", 0), ("a", 65536)]:
        lines = dial(bad[1], host=bad[0])
        check_lines(lines, "refused ", "silent 0")


def test_a_handshake_has_a_deadline():
    with Server(Connection.wait) as server:
        check_lines(dial(server.port, "tls", "timeout_ms=3000", ca()),
                    "closed localhost: cannot begin TLS: it takes too long",
                    "silent 0")
        lines = dial(server.port, "timeout_ms=3000", ca(), "ready:starttls")
        check_lines(lines, "ready", "starttls 0",
                    "closed localhost: cannot begin TLS: it takes too long",
                    "silent 0")


def test_a_connection_that_is_ready_has_none():
    with Server(Connection.wait) as server:
        check_lines(dial(server.port, "timeout_ms=3000", "ready:wait=5000",
                         "timer:close"), "ready", "silent 0")


def test_who_is_not_a_tls_server_is_told():
    with Server(lambda c: c.send(b"220 hello\r\n" * 9)) as server:
        check_lines(dial(server.port, "tls", ca()),
                    "closed localhost: cannot begin TLS: ", "silent 0")


def many(connection):
    connection.send(b"x" * 3000000)


def test_a_paused_connection_gives_nothing():
    for certificate in None, "good":
        tls = ["tls", ca()] if certificate else []
        with Server(many, certificate) as server:
            lines = dial(server.port, *tls, "ready:pause", "ready:wait=200",
                         "timer:resume", "timer:pause", "timer:wait=50",
                         "timer:next", "timer:resume")
            check_lines(lines, "ready", "closed ", "silent 3000000")


def test_a_pause_within_data_holds_back_the_rest():
    with Server(many) as server:
        lines = dial(server.port, "data:pause", "data:wait=100",
                     "timer:resume", "data:pause", "data:wait=100",
                     "timer:resume")
        check_lines(lines, "ready", CLOSED, "silent 3000000")


def test_what_nobody_reads_is_bounded():
    with Server(Connection.wait) as server:
        lines = dial(server.port, "ready:fill=4000000", "ready:fill=4000000",
                     "ready:close")
        check_lines(lines, "ready", "filled 0", "filled -1", "silent 0")


def test_it_may_be_closed_at_any_time():
    with Server(echo) as server:
        for rules in [["open:close"], ["ready:close"], HELLO[:1] +
                      ["data:close"], HELLO[:1] + ["drained:close"]]:
            lines = dial(server.port, *rules)
            check("silent 0" in lines and "closed" not in str(lines), lines)
    with Server(echo, "good") as server:
        for rules in [["open:close"], ["ready:close"], HELLO[:1] +
                      ["drained:close"]]:
            lines = dial(server.port, "tls", ca(), *rules)
            check("silent 0" in lines and "closed" not in str(lines), lines)


if __name__ == "__main__":
    sys.exit(run_tests(globals()))
