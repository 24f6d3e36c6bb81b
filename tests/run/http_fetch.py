"""Fetches from servers that answer well, badly, slowly or not at all, over
HTTP and SMTP, with and without TLS.  TAP; needs tests/run/http_fetch of the
build tree, and openssl for the tests with TLS."""
import base64
import os
import socket
import subprocess
import sys

from net_peers import (CERTIFICATES, PATIENCE, Connection, Server, check,
                       run_tests)

FETCH = os.path.join(os.environ.get("top_builddir", "."),
                     "tests/run/http_fetch")


class Result:
    def __init__(self, lines):
        self.numbers, self.headers, self.words, self.body = {}, [], "", ""
        self.refused = None
        for line in lines:
            name, _, value = line.partition(" ")
            if name == "header":
                self.headers.append(value)
            elif name in ("words", "body", "refused"):
                setattr(self, name, value)
            else:
                self.numbers[name] = int(value)
        self.status = self.numbers.get("status")
        self.maybe_sent = self.numbers.get("maybe_sent")


def fetch(*args):
    process = subprocess.run([FETCH, *args], capture_output=True, check=False,
                             timeout=PATIENCE)
    sys.stderr.write(process.stderr.decode())
    check(process.returncode == 0, f"http_fetch ended {process.returncode}")
    results, lines = {}, []
    for line in process.stdout.decode().splitlines():
        if line == "end":
            result = Result(lines)
            results[result.numbers["request"]] = result
            lines = []
        else:
            lines.append(line)
    check(not lines, "the output was cut")
    return [results[i] for i in sorted(results)]


def check_failed(result, words, maybe_sent):
    check(result.status == 0, f"status {result.status}")
    check(words in result.words, result.words)
    check(result.maybe_sent == maybe_sent, "maybe_sent")


def echo(connection):
    """Answers with what was asked; keeps the connection."""
    while True:
        first, fields, body = connection.request()
        text = first + b"|" + "|".join(
            f"{name}: {value}" for name, value in sorted(fields.items())
            if name != "host").encode() + b"|" + body
        connection.send(b"HTTP/1.1 200 OK\r\nX-A: 1\r\nx-b:  two \r\n"
                        b"Content-Length: %d\r\n\r\n" % len(text) + text)


def test_a_request_is_sent_as_it_was_asked():
    with Server(echo) as server:
        url = f"url=http://127.0.0.1:{server.port}/a?b=c"
        agent = "user-agent: tellerd/"
        got = fetch(url, "next", url, "body=text", "next", url, "method=PUT",
                    "body=x", "header=Content-Type:text/plain",
                    "header=X-Empty:", "next", url, "method=DELETE", "next",
                    url, "bearer=secret", "next", url, "user=u",
                    "password=p:w", "next", url, "method=POST", "next", url,
                    "method=HEAD")
    check([r.status for r in got] == [200] * 8, [r.words for r in got])
    bodies = [r.body.replace("accept: */*|", "") for r in got]
    check(bodies[0].startswith("GET /a?b=c HTTP/1.1|" + agent), bodies[0])
    check(bodies[1].startswith("POST /a?b=c HTTP/1.1|content-length: 4|" +
                               agent) and bodies[1].endswith("|text"),
          bodies[1])
    check(bodies[2].startswith("PUT ") and "|content-type: text/plain|" in
          bodies[2] and bodies[2].endswith("|x"), bodies[2])
    check(bodies[3].startswith("DELETE "), bodies[3])
    check("|authorization: Bearer secret|" in bodies[4], bodies[4])
    basic = base64.b64encode(b"u:p:w").decode()
    check(f"|authorization: Basic {basic}|" in bodies[5], bodies[5])
    check(bodies[6].startswith("POST ") and "content-length: 0" in bodies[6],
          bodies[6])
    check(got[7].body == "", "HEAD has a body")
    check("X-A: 1" in got[0].headers and "x-b: two " in got[0].headers,
          got[0].headers)
    check(got[1].maybe_sent == 1, "maybe_sent")


def test_what_is_malformed_is_refused_before_it_leaves():
    def refuse(words, *args):
        result = fetch(*args)[0]
        check(result.refused and words in result.refused,
              f"{args}: {result.refused} {result.words}")

    web, mail = "url=http://127.0.0.1:1/", "url=smtp://127.0.0.1:1/"
    whole = ["mail_from=a@b", "mail_to=c@d", "body=x\r\n"]
    refuse("no URL", "url=")
    refuse("no URL", "url=x")
    refuse("no URL", "url=http://a b/")
    refuse("control character", "url=http://a/\r\nX: y")
    refuse("is not fetched", "url=ftp://a/")
    refuse("no URL", "url=file:///etc/passwd")
    refuse("is not fetched", "url=gopher://a/")
    refuse("user or password", "url=http://u:p@a/")
    refuse("header 1", web, "header=A:b\r\nC: d")
    refuse("header 2", web, "header=A:b", "header=A B:c")
    refuse("header 1", web, "header=:c")
    for name in ["Content-Length", "TRANSFER-ENCODING", "Host", "Connection"]:
        refuse("not for the caller", web, f"header={name}:1")
    refuse("no method", web, "method=GET /x")
    refuse("no method", web, "method=CONNECT")
    refuse("control character", web, "bearer=a\r\nb")
    refuse("without TLS", web, "bearer=a", "public=")
    refuse("without TLS", mail, "user=a", "password=b", "public=", *whole)
    refuse("needs mail_from", mail, *whole[1:])
    refuse("needs mail_from", mail, whole[0], whole[2])
    refuse("needs mail_from", mail, *whole[:2])
    refuse("mail_from", mail, "mail_from=a@b>\r\nRCPT TO:<x@y", *whole[1:])
    refuse("mail_to 2", mail, *whole, "mail_to=c@d\n")
    refuse("mail_to 2", mail, *whole, "mail_to=c d")
    refuse("mail_to 2", mail, *whole, "mail_to=")
    for body in ["x", "x\n", "x\r", "x\r\n.\n\r\n", "\n", "x\ry\r\n"]:
        result = fetch(mail, *whole[:2], "body=" + body)[0]
        check((result.refused is None) == (body == "x"), repr(body))


def test_private_addresses_are_not_connected_to():
    with Server(echo) as server:
        for host in ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "0",
                     "2130706433", "0x7f.1", "[::1]"]:
            got = fetch(f"url=http://{host}:{server.port}/", "public=")[0]
            check_failed(got, "private ones are not allowed", 0)
        # Nor over a connection that one who may has left open.
        url = f"url=http://127.0.0.1:{server.port}/"
        got = fetch(url, "next", url, "public=")
        check(got[0].status == 200, got[0].words)
        check_failed(got[1], "private ones are not allowed", 0)
        check(server.n_connections == 1, "connected")
    check_failed(fetch("url=http://169.254.169.254/latest/meta-data/",
                       "public=")[0], "private ones are not allowed", 0)


def test_connections_are_kept_for_what_may_be_sent_twice_alone():
    # allow_private closes them, so this looks at what is asked for in one.
    def once(connection):
        first, _, _ = connection.request()
        if connection.server.n_connections == 1:
            connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            connection.request()
        # Without an answer, and the client must not try again.

    with Server(once) as server:
        url = f"url=http://127.0.0.1:{server.port}/"
        got = fetch(url, "next", url, "body=pay")
        check(got[0].status == 200, got[0].words)
        check_failed(got[1], "Empty reply", 1)
        check(server.n_connections == 2, server.n_connections)


def test_redirects_are_not_followed():
    def talk(connection):
        connection.request()
        connection.send(b"HTTP/1.1 302 Found\r\nLocation: /other\r\n"
                        b"Content-Length: 0\r\n\r\n")
        connection.wait()

    with Server(talk) as server:
        got = fetch(f"url=http://127.0.0.1:{server.port}/")[0]
        check(got.status == 302 and "Location: /other" in got.headers,
              got.headers)
        check(server.n_connections == 1, "followed")


def test_interim_answers_are_dropped():
    def talk(connection):
        connection.request()
        connection.send(b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
                        b"HTTP/1.1 200 OK\r\nX: y\r\nContent-Length: 2\r\n"
                        b"\r\nok")

    with Server(talk) as server:
        got = fetch(f"url=http://127.0.0.1:{server.port}/")[0]
        check(got.status == 200 and got.body == "ok", got.body)
        check(got.headers == ["X: y", "Content-Length: 2"], got.headers)


def test_an_answer_that_is_too_large_is_cut():
    def talk(connection):
        connection.request()
        connection.send(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" +
                        b"x" * 200000)

    def many(connection):
        connection.request()
        connection.send(b"HTTP/1.1 200 OK\r\n" + b"X: yyyyyyyyyyyy\r\n" *
                        10000)

    with Server(talk) as server:
        url = f"url=http://127.0.0.1:{server.port}/"
        got = fetch(url, "max_bytes=1000", "next", url, "max_bytes=200000")
        check_failed(got[0], "too large", 1)
        check(got[1].numbers["body_len"] == 200000, "not whole")
    with Server(many) as server:
        check_failed(fetch(f"url=http://127.0.0.1:{server.port}/")[0], "", 1)


def test_a_server_that_says_nothing_is_given_up():
    with Server(Connection.wait) as server:
        got = fetch(f"url=http://127.0.0.1:{server.port}/", "timeout_ms=5000")
        check_failed(got[0], "timed out", 1)
        check("127.0.0.1" in got[0].words, got[0].words)


def test_an_answer_that_drips_is_given_up():
    def talk(connection):
        connection.request()
        connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n")
        while not connection.server.stopped.wait(0.02):
            connection.send(b"x")

    with Server(talk) as server:
        got = fetch(f"url=http://127.0.0.1:{server.port}/", "timeout_ms=5000")
        check_failed(got[0], "timed out", 1)


def test_what_ends_early_has_maybe_been_sent():
    def closes(connection):
        connection.request()

    def cuts(connection):
        connection.request()
        connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nx")

    def babbles(connection):
        connection.request()
        connection.send(b"what?\r\n\r\n")

    for talk in closes, cuts, babbles:
        with Server(talk) as server:
            got = fetch(f"url=http://127.0.0.1:{server.port}/", "body=x")
            check_failed(got[0], "", 1)


def test_what_never_left_was_not_sent():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    check_failed(fetch(f"url=http://127.0.0.1:{port}/", "body=x")[0],
                 "connect", 0)
    check_failed(fetch("url=http://nothing.invalid/")[0], "resolve", 0)


def test_many_at_once_and_some_cancelled():
    def talk(connection):
        first, _, _ = connection.request()
        if b"hang" in first:
            connection.wait()
        else:
            connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    with Server(talk) as server:
        url = f"url=http://127.0.0.1:{server.port}/"
        args = []
        for i in range(12):
            args += [url + "hang", "cancel_ms=" + str(i * 10)] if i % 3 == 0 \
                else [url]
            args.append("and")
        got = fetch(*args[:-1])
        for i, result in enumerate(got):
            if i % 3 == 0:
                check(result.numbers.get("cancelled") == 1, i)
            else:
                check(result.body == "ok", i)
        fetch("url=http://nothing.invalid/", "cancel_ms=0")


def test_tls_is_verified():
    CERTIFICATES.make()
    ca = "ca_file=" + CERTIFICATES.path("ca.pem")
    with Server(echo, "good") as server:
        for host in "localhost", "127.0.0.1":
            url = f"url=https://{host}:{server.port}/"
            check(fetch(url, ca)[0].status == 200, host)
            check_failed(fetch(url, "body=x")[0], "certificate", 0)
            check_failed(fetch(url, "ca_file=/nonexistent")[0], "", 0)
    with Server(echo, "other") as server:
        url = f"url=https://localhost:{server.port}/"
        check_failed(fetch(url, ca)[0], "", 0)


class Mail:
    """A mail server that answers by a table: first word -> reply."""

    def __init__(self, tls=None, **replies):
        self.replies = {"EHLO": "250-mail.example\r\n250 SIZE 99999",
                        "MAIL": "250 ok", "RCPT": "250 ok",
                        "DATA": "354 go on", ".": "250 2.0.0 kept as 1",
                        "QUIT": "221 bye", "STARTTLS": "220 go on",
                        "RSET": "250 ok", "AUTH": "235 ok"}
        self.replies.update(replies)
        self.said, self.text, self.tls = [], b"", tls

    def talk(self, connection):
        self.replies.setdefault("greeting", "220 hello")
        self.reply(connection, "greeting")
        while True:
            line = connection.line().decode()
            self.said.append(line)
            word = line.split(" ")[0]
            if word == "AUTH":
                connection.send(b"334 \r\n")
                connection.line()
            self.reply(connection, word)
            if word == "QUIT":
                return
            if word == "STARTTLS":
                connection.sock = CERTIFICATES.context(self.tls).wrap_socket(
                    connection.sock, server_side=True)
            if word == "DATA" and self.replies["DATA"].startswith("3"):
                self.take_text(connection)

    def reply(self, connection, word):
        reply = self.replies.get(word, "500 what?")
        if reply == "close":
            raise EOFError
        if reply == "hang":
            connection.wait()
            raise EOFError
        connection.send(reply.encode() + b"\r\n")

    def take_text(self, connection):
        while True:
            line = connection.line()
            if line == b".":
                self.reply(connection, ".")
                return
            self.text += line + b"\n"


def send_mail(mail, *args, certificate=None, scheme="smtp"):
    with Server(mail.talk, certificate) as server:
        return fetch(f"url={scheme}://localhost:{server.port}/teller.example",
                     "mail_from=desk@bank.example", "mail_to=ada@c.example",
                     "body=Subject: x\r\n\r\nHello\r\n.dot\r\n", *args)[0]


def test_a_mail_is_handed_over():
    mail = Mail()
    got = send_mail(mail, "mail_to=bob@c.example")
    check(got.status == 250 and got.body.startswith("250 2.0.0 kept as 1"),
          f"{got.status} {got.body} {got.words}")
    check(got.maybe_sent == 1, "maybe_sent")
    check(mail.said[:1] == ["EHLO teller.example"], mail.said)
    check(any(s.startswith("MAIL FROM:<desk@bank.example>")
              for s in mail.said), mail.said)
    check("RCPT TO:<ada@c.example>" in mail.said and
          "RCPT TO:<bob@c.example>" in mail.said, mail.said)
    check(mail.text == b"Subject: x\n\nHello\n..dot\n", mail.text)


def test_a_mail_that_is_refused_was_not_sent():
    for word, reply in [("greeting", "554 go away"), ("MAIL", "451 later"),
                        ("RCPT", "550 5.1.1 nobody"), ("DATA", "452 full"),
                        (".", "554 5.7.1 spam")]:
        got = send_mail(Mail(**{word: reply}))
        check(got.status == int(reply[:3]), f"{word}: {got.status}")
        check(got.body.startswith(reply), f"{word}: {got.body}")
        check(got.maybe_sent == 0, word)


def test_a_mail_without_a_last_word_has_maybe_been_sent():
    for word, reply, maybe in [(".", "close", 1), (".", "hang", 1),
                               ("DATA", "close", 0), ("RCPT", "hang", 0)]:
        got = send_mail(Mail(**{word: reply}), "timeout_ms=5000")
        check_failed(got, "localhost", maybe)


def test_a_mail_is_there_when_its_text_was_taken():
    got = send_mail(Mail(QUIT="hang"))
    check(got.status == 250, f"{got.status} {got.words}")
    got = send_mail(Mail(QUIT="500 no"))
    check(got.status == 250, f"{got.status} {got.words}")


def test_a_mail_is_cancelled():
    for word in ["greeting", "EHLO", ".", "QUIT"]:
        got = send_mail(Mail(**{word: "hang"}), "cancel_ms=100")
        check(got.numbers.get("cancelled") == 1, word)


def test_a_mail_goes_over_tls():
    CERTIFICATES.make()
    ca = "ca_file=" + CERTIFICATES.path("ca.pem")
    auth = {"EHLO": "250-mail.example\r\n250-STARTTLS\r\n250 AUTH PLAIN"}
    secrets = ["user=desk", "password=secret"]
    mail = Mail(tls="good", **auth)
    got = send_mail(mail, ca, "starttls=", *secrets)
    check(got.status == 250, f"{got.status} {got.body} {got.words}")
    said = [s.split(" ")[0] for s in mail.said]
    check(said[:4] == ["EHLO", "STARTTLS", "EHLO", "AUTH"], said)
    got = send_mail(Mail(**auth), ca, *secrets, certificate="good",
                    scheme="smtps")
    check(got.status == 250, f"{got.status} {got.body} {got.words}")
    # Without it nothing goes, whatever the server says.
    mail = Mail(EHLO="250 AUTH PLAIN", STARTTLS="454 no")
    got = send_mail(mail, ca, "starttls=", *secrets)
    check(got.status in (0, 454) and "AUTH" not in str(mail.said), mail.said)
    mail = Mail(tls="other", **auth)
    got = send_mail(mail, ca, "starttls=", *secrets)
    check_failed(got, "", 0)
    got = send_mail(Mail(**auth, AUTH="535 5.7.8 wrong"), ca, *secrets,
                    certificate="good", scheme="smtps")
    check(got.status == 535 and got.maybe_sent == 0,
          f"{got.status} {got.words}")


if __name__ == "__main__":
    sys.exit(run_tests(globals()))
