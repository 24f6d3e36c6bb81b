"""Probes the HTTP server with raw sockets: what it must refuse, cut, keep in
order and survive.  TAP; needs tests/run/http_echo of the build tree."""
import contextlib
import json
import os
import random
import resource
import socket
import struct
import subprocess
import sys
import tempfile
import time

ECHO = os.path.join(os.environ.get("top_builddir", "."), "tests/run/http_echo")
PATIENCE = 60  # seconds until a test gives up; nothing is asserted of time
HOST = b"Host: a\r\n"
GET = b"GET / HTTP/1.1\r\n" + HOST + b"\r\n"


class Skip(Exception):
    pass


class Server:
    """tests/run/http_echo with options, until the end of a with."""

    def __init__(self, *options, nofile=None, listen="127.0.0.1:0"):
        self.args = [ECHO, "listen=" + listen, *options]
        self.host = listen.rpartition(":")[0].strip("[]")
        self.nofile = nofile

    def limit(self):
        if self.nofile:
            resource.setrlimit(resource.RLIMIT_NOFILE,
                               (self.nofile, self.nofile))

    def __enter__(self):
        self.process = subprocess.Popen(
            self.args, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            preexec_fn=self.limit)
        line = self.process.stdout.readline().split()
        if len(line) != 2:
            raise AssertionError("the server did not start")
        self.port = int(line[1])
        return self

    def __exit__(self, kind, value, trace):
        self.process.stdin.close()
        try:
            status = self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            status = "none: it did not end"
        self.process.stdout.close()
        if kind is None:
            assert status == 0, f"the server's exit status is {status}"

    def connect(self, source=None):
        return Client(socket.create_connection(
            (self.host, self.port), PATIENCE,
            (source, 0) if source else None))

    def ask(self, data):
        with self.connect() as client:
            client.send(data)
            return client.answer()

    def number(self, name):
        for line in self.ask(get("/stats")).text.splitlines():
            if line.startswith(name + " "):
                return int(line.split()[1])
        raise AssertionError(f"no number {name}")

    def wait_for(self, name, wanted):
        end = time.monotonic() + PATIENCE
        while self.number(name) != wanted:
            assert time.monotonic() < end, \
                f"{name} is {self.number(name)}, not {wanted}"
            time.sleep(0.01)

    def memory_kib(self):
        with open(f"/proc/{self.process.pid}/status") as status:
            for line in status:
                if line.startswith("VmRSS:"):
                    return int(line.split()[1])
        return 0


class Answer:
    def __init__(self, status, fields, body, whole):
        self.status, self.fields = status, fields
        self.body, self.whole = body, whole
        self.text = body.decode("utf-8", "replace")

    def field(self, name):
        values = [v for n, v in self.fields if n.lower() == name.lower()]
        assert len(values) <= 1, f"{name} is there twice"
        return values[0] if values else None


class Client:
    def __init__(self, sock):
        self.sock, self.rest = sock, b""
        sock.settimeout(PATIENCE)

    def __enter__(self):
        return self

    def __exit__(self, *args):
        self.sock.close()

    def send(self, data):
        # A server that has seen enough may close before all is sent.
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self.sock.sendall(data)

    def more(self):
        try:
            data = self.sock.recv(65536)
        except ConnectionResetError:
            data = b""
        self.rest += data
        return data != b""

    def take(self, n):
        while len(self.rest) < n and self.more():
            pass
        data, self.rest = self.rest[:n], self.rest[n:]
        return data

    def line(self):
        while b"\r\n" not in self.rest and self.more():
            pass
        line, mark, self.rest = self.rest.partition(b"\r\n")
        assert mark, f"the answer ends within a line: {line!r}"
        return line

    def chunks(self):
        body = b""
        while True:
            if b"\r\n" not in self.rest and not self.more():
                return body, False
            size = int(self.line(), 16)
            data = self.take(size + 2)
            body += data[:size]
            if len(data) < size + 2:
                return body, False
            if size == 0:
                return body, True

    def head(self):
        version, status, phrase = self.line().split(b" ", 2)
        assert version == b"HTTP/1.1" and phrase
        fields = []
        while True:
            line = self.line()
            if not line:
                return int(status), fields
            name, mark, value = line.decode().partition(": ")
            assert mark, f"no field: {line!r}"
            fields.append((name, value))

    def answer(self, to_head=False):
        status, fields = self.head()
        answer = Answer(status, fields, b"", True)
        if to_head or status in (204, 304) or status < 200:
            body, whole = b"", True
        elif answer.field("Transfer-Encoding"):
            body, whole = self.chunks()
        elif answer.field("Content-Length") is not None:
            length = int(answer.field("Content-Length"))
            body = self.take(length)
            whole = len(body) == length
        else:
            while self.more():
                pass
            body, whole, self.rest = self.rest, True, b""
        return Answer(status, fields, body, whole)

    def is_closed(self):
        while self.more():
            pass
        return self.rest == b""

    def has_nothing(self):
        """Nothing has come yet, and the connection is open."""
        self.sock.setblocking(False)
        try:
            return (self.rest == b"" and
                    self.sock.recv(1, socket.MSG_PEEK) is None)
        except BlockingIOError:
            return True
        finally:
            self.sock.settimeout(PATIENCE)

    def abort(self):
        """Close with a reset."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                             struct.pack("ii", 1, 0))
        self.sock.close()


def get(path, fields=b"", method=b"GET"):
    return (method + b" " + path.encode() + b" HTTP/1.1\r\n" + HOST + fields +
            b"\r\n")


def get_of(path, host, fields=b""):
    return f"GET {path} HTTP/1.1\r\nHost: {host}\r\n".encode() + fields + \
        b"\r\n"


def post(fields, body=b"", method=b"POST", path="/body"):
    return get(path, fields, method) + body


def check(condition, words):
    assert condition, words


def check_problem(answer, status, code=None):
    check(answer.status == status, f"{answer.status}, not {status}")
    check(answer.field("Content-Type") == "application/problem+json", "type")
    problem = json.loads(answer.body)
    check(problem["status"] == status, "status in the body")
    check(problem["title"] and problem["detail"] and problem["code"],
          f"members are missing: {problem}")
    check(problem["type"] == "about:blank", "type in the body")
    check(problem["request_id"] == answer.field("X-Request-Id"), "request_id")
    check(code in (None, problem["code"]), f"{problem['code']}, not {code}")


CHUNKED = b"Transfer-Encoding: chunked\r\n"
LONG = b"x" * 20000

# What each bad request comes to.  Behind each another one follows, which must
# not be answered.
REFUSED = [
    ("length and chunks", 400, post(b"Content-Length: 3\r\n" + CHUNKED,
                                    b"0\r\n\r\n")),
    ("gzip, chunked and length", 400, post(
        b"Transfer-Encoding: gzip, chunked\r\nContent-Length: 3\r\n",
        b"0\r\n\r\n")),
    ("xchunked", 501, post(b"Transfer-Encoding: xchunked\r\n")),
    ("two lengths that differ", 400, post(
        b"Content-Length: 3\r\nContent-Length: 40\r\n", b"abc")),
    ("two lengths that agree", 400, post(
        b"Content-Length: 3\r\nContent-Length: 3\r\n", b"abc")),
    ("length with a sign", 400, post(b"Content-Length: +5\r\n", b"hello")),
    ("negative length", 400, post(b"Content-Length: -5\r\n", b"hello")),
    ("hexadecimal length", 400, post(b"Content-Length: 0x5\r\n", b"hello")),
    ("chunk size with 0x", 400, post(CHUNKED, b"0x5\r\nhello\r\n0\r\n\r\n")),
    ("chunk size with a sign", 400, post(CHUNKED, b"+5\r\nhello\r\n0\r\n\r\n")),
    ("chunk size and a space", 400, post(CHUNKED, b"5 \r\nhello\r\n0\r\n\r\n")),
    ("chunk size that wraps", 400, post(
        CHUNKED, b"10000000000000005\r\nhello\r\n0\r\n\r\n")),
    ("chunk size that ends with LF", 400, post(
        CHUNKED, b"5\nhello\r\n0\r\n\r\n")),
    ("chunk extension with LF", 400, post(
        CHUNKED, b"5;a\nhello\r\n0\r\n\r\n")),
    ("chunk longer than it says", 400, post(
        CHUNKED, b"4\r\nhello\r\n0\r\n\r\n")),
    ("no chunk size", 400, post(CHUNKED, b"\r\n0\r\n\r\n")),
    ("chunked twice", 501, post(b"Transfer-Encoding: chunked, chunked\r\n",
                                b"0\r\n\r\n")),
    ("two codings", 400, post(CHUNKED + b"Transfer-Encoding: identity\r\n",
                              b"0\r\n\r\n")),
    ("no coding", 501, post(b"Transfer-Encoding:\r\n")),
    ("vertical tab before the coding", 400, post(
        b"Transfer-Encoding: \x0bchunked\r\n", b"0\r\n\r\n")),
    ("length that is a list", 400, post(b"Content-Length: 3, 3\r\n", b"abc")),
    ("empty length", 400, post(b"Content-Length:\r\n", b"abc")),
    ("chunks in HTTP/1.0", 400,
     b"POST /body HTTP/1.0\r\n" + CHUNKED + b"\r\n0\r\n\r\n"),
    ("header without a colon", 400, get("/", b"nothing\r\n")),
    ("space before the colon", 400, post(b"Content-Length : 5\r\n",
                                         b"hello")),
    ("NUL in a value", 400, get("/", b"X: a\0b\r\n")),
    ("control character in a value", 400, get("/", b"X: a\x01b\r\n")),
    ("folded line", 400, get("/", b"X: a\r\n b\r\n")),
    ("bare LF", 400, b"GET / HTTP/1.1\nHost: a\n\n"),
    ("bare CR", 400, get("/", b"X: a\rb\r\n")),
    ("no Host", 400, b"GET / HTTP/1.1\r\n\r\n"),
    ("two Hosts", 400, get("/", HOST)),
    ("Host that is a list", 400, b"GET / HTTP/1.1\r\nHost: a, b\r\n\r\n"),
    ("HTTP/1.9", 505, b"GET / HTTP/1.9\r\n" + HOST + b"\r\n"),
    ("HTTP/2.0", 505, b"GET / HTTP/2.0\r\n" + HOST + b"\r\n"),
    ("HTTP/2's preface", 505, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    ("no version", 400, b"GET /\r\n"),
    ("another host in the target", 400, get("http://evil/x")),
    ("wrong escape", 400, get("/%zz<>")),
    ("escaped NUL", 400, get("/%00")),
    ("escaped slash", 400, get("/item/a%2Fb")),
    ("dot segments", 400, get("/item/../stats")),
    ("escaped dot segments", 400, get("/item/%2e%2e/stats")),
    ("raw UTF-8 in the path", 400, get("/item/\u00e4")),
    ("asterisk", 400, get("*")),
    ("unknown method", 501, get("/", method=b"BREW")),
    ("TRACE", 501, get("/", method=b"TRACE")),
    ("CONNECT", 501, get("a:443", method=b"CONNECT")),
    ("other expectation", 417, post(b"Expect: magic\r\n")),
    ("large header", 431, get("/", b"X: " + LONG + b"\r\n")),
    ("many headers", 431, get("/", b"X: y\r\n" * 100)),
    ("long target", 414, get("/" + "x" * 20000)),
    ("many parameters", 400, get("/?" + "a=b&" * 100)),
    ("large length", 413, post(b"Content-Length: 65537\r\n")),
    ("huge length", 413, post(b"Content-Length: " + b"9" * 30 + b"\r\n")),
    ("large chunk", 413, post(CHUNKED, b"10001\r\n")),
    ("large chunks", 413, post(CHUNKED, b"8000\r\n" + b"x" * 0x8000 +
                               b"\r\n8001\r\n")),
    ("large length that waits", 413, post(
        b"Content-Length: 65537\r\nExpect: 100-continue\r\n")),
    ("long chunk extension", 400, post(CHUNKED, b"1;" + LONG + b"\r\n")),
    ("long trailers", 400, post(CHUNKED, b"0\r\n" + b"A: b\r\n" * 2000)),
    ("TLS", 400, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n"),
]


def test_bad_requests_are_refused_and_what_follows_is_not_read(server):
    for name, status, data in REFUSED:
        with server.connect() as client:
            client.send(data + get("/smuggled") * 3)
            answer = client.answer()
            try:
                check_problem(answer, status)
                check(answer.field("Connection") == "close", "stays open")
                check(client.is_closed(), "a second answer")
            except AssertionError as error:
                raise AssertionError(f"{name}: {error}") from error


def test_a_refused_upload_can_still_read_why(server):
    with server.connect() as client:
        client.send(post(b"Content-Length: 500000\r\n", b"x" * 500000))
        check_problem(client.answer(), 413, "body_too_large")
        check(client.is_closed(), "stays open")


def test_what_is_well_formed_is_answered(server):
    for data, status, text in [
            (GET, 200, "hello"),
            (b"\r\n" + GET, 200, "hello"),
            (get("http://a/"), 200, "hello"),
            (get("/", b"Connection: Upgrade\r\nUpgrade: websocket\r\n"
                      b"Sec-WebSocket-Version: 13\r\n"), 200, "hello"),
            (get("/?x=y&z"), 200, "hello"),
            (post(b"Content-Length: 5\r\n", b"hello"), 200, "hello"),
            (post(b"Content-Length: 0\r\n"), 200, ""),
            (post(CHUNKED, b"5;a=b\r\nhello\r\n0\r\nA: b\r\n\r\n"), 200,
             "hello"),
            (get("/body", b"Content-Length: 5\r\n") + b"hello", 200,
             "hello"),
            (post(b"Content-Length: 65536\r\n", b"x" * 65536), 200,
             "x" * 65536),
            (post(b"Content-Length: 100000\r\n", b"x" * 100000, b"PUT"),
             200, "x" * 100000),
            (get("/item/%C3%A4%20b"), 200, "named /item/\u00e4 b \u00e4 b"),
            (get("/item/fixed"), 200, "fixed /item/fixed -"),
            (get("/item/fixed/part"), 200, "part /item/fixed/part fixed")]:
        answer = server.ask(data)
        check(answer.status == status and answer.text == text,
              f"{data[:60]} came to {answer.status} {answer.text[:60]}")
        check(answer.field("Connection") is None, "Connection")
        check(answer.field("Cache-Control") == "no-store", "Cache-Control")
        check(answer.field("X-Content-Type-Options") == "nosniff", "nosniff")
        check(answer.field("Date").endswith(" GMT"), "Date")


def test_paths_that_nobody_has_are_404_and_keep_the_connection(server):
    with server.connect() as client:
        for path in ["/nothing", "/item", "/item/", "/item/a/", "//",
                     "/item/a/part/", "/ITEM/a"]:
            client.send(get(path))
            check_problem(client.answer(), 404, "not_found")
        client.send(GET)
        check(client.answer().text == "hello", "the connection is lost")
        client.send(post(b"Content-Length: 5\r\n", b"hello", path="/no"))
        check_problem(client.answer(), 404)
        check(client.is_closed(), "an unread body, and it goes on")


def test_other_methods_are_405_with_those_allowed(server):
    with server.connect() as client:
        for method, path, allow in [
                (b"POST", "/", "GET, HEAD, OPTIONS"),
                (b"PATCH", "/", "GET, HEAD, OPTIONS"),
                (b"DELETE", "/body", "GET, HEAD, POST, PUT, OPTIONS"),
                (b"PUT", "/item/fixed", "GET, HEAD, OPTIONS"),
                (b"GET", "/control/x", "POST, OPTIONS")]:
            client.send(get(path, method=method))
            answer = client.answer()
            check_problem(answer, 405, "method_not_allowed")
            check(answer.field("Allow") == allow, answer.field("Allow"))
            check(allow in answer.body.decode(), answer.body)


def test_options_is_204_with_what_is_allowed(server):
    with server.connect() as client:
        for path, allow in [("/", "GET, HEAD, OPTIONS"),
                            ("/control/x", "POST, OPTIONS"),
                            ("*", "GET, HEAD, POST, PUT, PATCH, DELETE, "
                                  "OPTIONS")]:
            client.send(get(path, method=b"OPTIONS"))
            answer = client.answer()
            check(answer.status == 204, answer.status)
            check(answer.field("Allow") == allow, answer.field("Allow"))
            check(answer.field("Content-Length") is None, "Content-Length")


def test_head_is_the_head_of_get_alone(server):
    with server.connect() as client:
        for path, status, length in [("/", 200, "5"),
                                     ("/big?bytes=3000000", 200, "3000000"),
                                     ("/file?bytes=1000", 200, "1000"),
                                     ("/late", 200, "4"),
                                     ("/stream?n=-1", 200, None),
                                     ("/nothing", 404, None)]:
            client.send(get(path, method=b"HEAD"))
            answer = client.answer(to_head=True)
            check(answer.status == status, f"{path}: {answer.status}")
            if length:
                check(answer.field("Content-Length") == length, path)
        client.send(GET)
        check(client.answer().text == "hello", "a body was sent after all")
    server.wait_for("open", 0)


def test_pipelined_requests_are_answered_in_order(server):
    paths = ["/item/1", "/late?ms=20", "/item/2", "/stream?n=3&bytes=2",
             "/item/3", "/big?bytes=200000", "/late", "/item/4"]
    texts = ["named /item/1 1", "late", "named /item/2 2", "xxxxxx",
             "named /item/3 3", "b" * 200000, "late", "named /item/4 4"]
    with server.connect() as client:
        client.send(b"".join(map(get, paths)))
        for text in texts:
            check(client.answer().text == text, f"not {text[:20]}")
        client.send(b"".join(map(get, paths)) + GET[:9])
        for text in texts:
            check(client.answer().text == text, f"not {text[:20]}")
        client.send(GET[9:])
        check(client.answer().text == "hello", "the one that was cut")


def test_many_pipelined_requests_do_not_pile_up(server):
    with server.connect() as client:
        n = 5000
        sent = 0
        received = 0
        while received < n:
            if sent < n:
                client.send(GET * 100)
                sent += 100
            while received < sent:
                check(client.answer().text == "hello", "out of order")
                received += 1


def test_a_pipeline_that_ends_with_its_client_is_answered(server):
    with server.connect() as client:
        client.send(get("/item/1") + get("/item/2") + GET)
        client.sock.shutdown(socket.SHUT_WR)
        for text in ["named /item/1 1", "named /item/2 2", "hello"]:
            check(client.answer().text == text, f"not {text}")
        check(client.is_closed(), "stays open")


def test_the_client_says_whether_the_connection_stays(server):
    for data, connection in [
            (get("/", b"Connection: close\r\n"), "close"),
            (get("/", b"Connection: x, CLOSE\r\n"), "close"),
            (b"GET / HTTP/1.0\r\n\r\n", "close")]:
        with server.connect() as client:
            client.send(data + GET)
            answer = client.answer()
            check(answer.text == "hello", answer.text)
            check(answer.field("Connection") == connection, "Connection")
            check(client.is_closed(), "stays open")
    with server.connect() as client:
        for _ in range(3):
            client.send(b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
            answer = client.answer()
            check(answer.field("Connection") == "keep-alive", "Connection")


def test_a_client_that_expects_is_told_to_go_on(server):
    fields = b"Content-Length: 5\r\nExpect: 100-continue\r\n"
    with server.connect() as client:
        for _ in range(2):
            client.send(post(fields))
            check(client.answer().status == 100, "not told")
            client.send(b"hello")
            check(client.answer().text == "hello", "body")
        # HTTP/1.0 has no such thing, and one who sends does not wait.
        client.send(post(fields, b"hello"))
        check(client.answer().text == "hello", "body")
    with server.connect() as client:
        client.send(b"POST /body HTTP/1.0\r\n" + fields + b"\r\n")
        check(client.has_nothing(), "told")
        client.send(b"hello")
        check(client.answer().text == "hello", "body")
    with server.connect() as client:
        client.send(post(fields, path="/nothing"))
        check_problem(client.answer(), 404)
        check(client.is_closed(), "stays open")


def test_bytes_that_come_one_by_one_make_a_request(server):
    data = post(CHUNKED, b"5\r\nhello\r\n0\r\n\r\n")
    with server.connect() as client:
        client.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in data + GET:
            client.send(bytes([byte]))
        check(client.answer().text == "hello", "body")
        check(client.answer().text == "hello", "the next one")


def test_request_ids_are_taken_or_made(server):
    for given in [b"abc", b"A-z_0.9", b"x" * 64]:
        answer = server.ask(get("/facts", b"X-Request-Id: " + given +
                                b"\r\n"))
        check(answer.field("X-Request-Id") == given.decode(), given)
        check(f"id {given.decode()}\n" in answer.text, answer.text)
    seen = set()
    for given in [b"", b"a b", b"x" * 65, b"a\"b", b"a;b", b"\xff"]:
        answer = server.ask(get("/facts", b"X-Request-Id: " + given +
                                b"\r\n"))
        seen.add(answer.field("X-Request-Id"))
    check(len(seen) == 6 and all(i.startswith("req_") for i in seen), seen)


def test_fields_of_one_name_are_joined(server):
    for fields, value in [(b"A: 1\r\n", "1"), (b"A: 1\r\na: 2\r\n", "1, 2"),
                          (b"a:\r\nB: 3\r\nA:  2 \r\nA: 4\r\n", ", 2, 4"),
                          (b"", "-")]:
        answer = server.ask(get("/facts?header=a", fields))
        check(f"value {value}\n" in answer.text, answer.text)


def test_what_is_for_this_machine_alone_is_refused_to_a_proxy(server):
    for host in ["127.0.0.1", f"127.0.0.1:{server.port}", "localhost:99"]:
        check(server.ask(get_of("/local", host)).text == "hello", host)
    check(server.ask(b"GET /local HTTP/1.0\r\n\r\n").text == "hello",
          "HTTP/1.0 without a Host")
    for name in [b"X-Forwarded-For", b"x-forwarded-proto", b"Forwarded",
                 b"Via", b"X-Real-IP"]:
        answer = server.ask(get_of("/local", "localhost",
                                   name + b": 192.0.2.1\r\n"))
        check_problem(answer, 403, "loopback_only")


def test_what_is_for_this_machine_alone_has_no_other_name(server):
    """Who has the address of a name may change it to ours under a page."""
    for host in ["evil.example", f"evil.example:{server.port}", "127.0.0.2",
                 "localhost.evil.example", "[::1]"]:
        check_problem(server.ask(get_of("/local", host)), 403,
                      "loopback_only")
        check("loopback 0\n" in server.ask(get_of("/facts", host)).text, host)


def test_a_stream_arrives_piece_by_piece_and_ends(server):
    with server.connect() as client:
        client.send(get("/stream?n=5&bytes=7"))
        answer = client.answer()
        check(answer.text == "x" * 35 and answer.whole, answer.text)
        check(answer.field("Transfer-Encoding") == "chunked", "coding")
        check(answer.field("Content-Length") is None, "length")
        client.send(GET)
        check(client.answer().text == "hello", "the connection is lost")
    with server.connect() as client:
        client.send(b"GET /stream?n=5&bytes=7 HTTP/1.0\r\n"
                    b"Connection: keep-alive\r\n\r\n")
        answer = client.answer()
        check(answer.text == "x" * 35, answer.text)
        check(answer.field("Transfer-Encoding") is None, "coding")
        check(answer.field("Connection") == "close", "Connection")


def test_big_answers_arrive_whole(server):
    with server.connect() as client:
        for path, letter in [("/big", "b"), ("/file", "f")]:
            for n in [0, 1, 65536, 5000000]:
                client.send(get(f"{path}?bytes={n}"))
                answer = client.answer()
                check(answer.status == 200, answer.status)
                check(answer.text == letter * n, f"{path} {n}")


def test_a_file_that_shrank_ends_the_connection(server):
    with server.connect() as client:
        client.send(get("/file?bytes=1000&promised=5000") + GET)
        answer = client.answer()
        check(not answer.whole and len(answer.body) == 1000, answer.body)
        check(client.is_closed(), "stays open")


def test_what_a_client_leaves_behind_is_gone_once(server):
    gone = server.number("gone")
    data = [GET[:n] for n in range(1, len(GET), 5)]
    data += [post(b"Content-Length: 50\r\n", b"abc"), post(CHUNKED, b"5\r\n"),
             get("/late?ms=30"), get("/never"), get("/stream?n=-1"),
             get("/stream?n=-1&ms=0&bytes=9000"), get("/big?bytes=9000000"),
             get("/file?bytes=900000"), get("/never") + GET * 600,
             get("/late?ms=30") + get("/never")]
    left = 0
    for end in ["close", "reset", "shutdown"]:
        for piece in data:
            client = server.connect()
            client.send(piece)
            if piece.startswith((get("/never"), get("/stream?n=-1"))):
                left += 1
                server.wait_for("open", 1)
            if end == "reset":
                client.abort()
            elif end == "shutdown":
                client.sock.shutdown(socket.SHUT_WR)
                client.is_closed()
            client.sock.close()
            server.wait_for("open", 0)
    check(server.number("gone") - gone >= left, "a gone call is missing")
    check(server.number("active") == 1, "an active one is left")


def test_random_bytes_do_no_harm(server):
    rng = random.Random(1)
    seeds = [data for _, _, data in REFUSED] + [
        GET * 3, post(CHUNKED, b"5\r\nhello\r\n0\r\n\r\n"),
        get("/stream?n=3"), get("/late"), get("/item/%C3%A4?a=b")]
    for i in range(600):
        data = bytearray(rng.choice(seeds)[:3000])
        for _ in range(rng.randrange(8)):
            at = rng.randrange(len(data))
            kind = rng.randrange(3)
            if kind == 0:
                data[at] = rng.randrange(256)
            elif kind == 1:
                del data[at:at + rng.randrange(1, 9)]
            else:
                data[at:at] = rng.randbytes(rng.randrange(1, 9))
            if not data:
                data = bytearray(b"x")
        with server.connect() as client:
            cut = rng.randrange(len(data))
            client.send(data[:cut])
            client.send(data[cut:])
            if i % 2:
                client.sock.shutdown(socket.SHUT_WR)
                client.is_closed()
            elif i % 4 == 0:
                client.abort()
    check(server.ask(GET).text == "hello", "no answer any more")
    server.wait_for("open", 0)


def test_metrics_count_by_route_and_not_by_path(server):
    for data in [GET, get("/item/smuggled"), get("/smuggled")]:
        server.ask(data)
    with server.connect() as client:
        client.send(get("/", method=b"HEAD"))
        client.answer(to_head=True)
    text = server.ask(get("/metrics")).text
    for part in ['tellerd_http_requests_total{route="/item/{id}",'
                 'method="GET",code="200"}',
                 'route="none",method="GET",code="404"}',
                 'route="/",method="HEAD",code="200"}',
                 'tellerd_http_request_seconds_count{route="/"}',
                 "tellerd_http_connections 1\n", "tellerd_http_streams 0\n"]:
        check(part in text, f"no {part}")
    check("smuggled" not in text, "a path is a label")


def test_a_slow_head_is_cut(_):
    with Server("head_ms=300") as server, server.connect() as client:
        client.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        drip(client, b"GET / HTTP/1.1\r\nX: " + b"x" * 100000)
        check_problem(client.answer(), 408, "request_timeout")
        check(client.is_closed(), "stays open")


def test_a_slow_body_is_cut(_):
    for data in [post(b"Content-Length: 60000\r\n", b"x" * 60000),
                 post(CHUNKED, b"1\r\nx\r\n" * 60000)]:
        with Server("body_ms=300") as server, server.connect() as client:
            client.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            client.send(data[:100])
            drip(client, data[100:])
            check_problem(client.answer(), 408, "request_timeout")
            check(client.is_closed(), "stays open")


def drip(client, data):
    """Send byte by byte until the other side has something to say."""
    end = time.monotonic() + PATIENCE
    for byte in data:
        if not client.has_nothing():
            return
        client.send(bytes([byte]))
        time.sleep(0.02)
        check(time.monotonic() < end, "not cut")


def test_an_answer_that_nobody_reads_is_cut(_):
    with Server("answer_ms=100") as server, server.connect() as client:
        client.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        # More than a socket buffers, but little enough to be cut soon.
        for _ in range(60):
            client.send(get("/big?bytes=100000"))
        wait_until_only_we_are_connected(server)


def wait_until_only_we_are_connected(server):
    end = time.monotonic() + PATIENCE
    while "tellerd_http_connections 1\n" not in \
            server.ask(get("/metrics")).text:
        check(time.monotonic() < end, "not cut")
        time.sleep(0.05)


def test_an_idle_connection_is_closed(_):
    with Server("idle_ms=2000") as server, server.connect() as client:
        client.send(GET)
        check(client.answer().text == "hello", "no answer")
        check(client.is_closed(), "something came")
        with server.connect() as other:
            check(other.is_closed(), "something came")


def test_a_late_answer_has_time(_):
    with Server("head_ms=2000", "body_ms=2000", "idle_ms=2000",
                "answer_ms=2000") as server:
        check(server.ask(get("/late?ms=4000")).text == "late", "cut")


def test_a_stream_ends_when_its_time_is_over(_):
    with Server("stream_max_ms=300") as server, server.connect() as client:
        client.send(get("/stream?n=-1"))
        answer = client.answer()
        check(not answer.whole and answer.body, "not cut")
        server.wait_for("open", 0)
        check(server.number("gone") == 1, "gone")


def test_a_slow_reader_of_a_stream_is_cut_at_the_mark(_):
    with Server("stream_high_bytes=100000") as server:
        with server.connect() as client:
            client.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.send(get("/stream?n=-1&bytes=9000&ms=0"))
            server.wait_for("gone", 1)
            check(server.number("open") == 0, "open")
        check(server.ask(GET).text == "hello", "no answer any more")


def test_too_many_connections_are_told_so(_):
    with Server("max_connections=5") as server:
        with contextlib.ExitStack() as stack:
            for _ in range(5):
                client = stack.enter_context(server.connect())
                client.send(GET)
                check(client.answer().text == "hello", "refused too early")
            for _ in range(3):
                with server.connect() as client:
                    client.send(GET)
                    answer = client.answer()
                    check_problem(answer, 503, "too_many_connections")
                    check(answer.field("Retry-After") == "5", "Retry-After")
                    check(client.is_closed(), "stays open")
            # Many more do no harm; some see nothing but the end.
            for _ in range(200):
                stack.enter_context(server.connect())
        check(until_answered(server).text == "hello", "no answer any more")


def until_answered(server):
    """Ask until those that went away are known to have gone."""
    end = time.monotonic() + PATIENCE
    while True:
        with contextlib.suppress(AssertionError, OSError):
            answer = server.ask(GET)
            if answer.status == 200 or time.monotonic() > end:
                return answer
        check(time.monotonic() < end, "no answer any more")


def test_one_address_cannot_take_all(_):
    with Server("max_per_address=2") as server:
        with server.connect() as one, server.connect() as two:
            for client in one, two:
                client.send(GET)
                check(client.answer().text == "hello", "refused too early")
            check_problem(server.ask(GET), 503, "too_many_connections")
            with server.connect("127.0.0.2") as other:
                other.send(GET)
                check(other.answer().text == "hello", "another address")
        check(until_answered(server).text == "hello", "no answer any more")


def test_one_address_cannot_have_all_streams(_):
    with Server("max_streams_per_address=1") as server:
        with server.connect() as client:
            client.send(get("/stream?n=-1"))
            check(client.head()[0] == 200, "refused too early")
            answer = server.ask(get("/stream?n=1"))
            check_problem(answer, 429, "too_many_streams")
            check(answer.field("Retry-After") == "5", "Retry-After")
        server.wait_for("open", 0)
        check(server.ask(get("/stream?n=1")).text == "xxxxx", "still")


def test_only_our_names_are_served(_):
    with Server("host=desk.example") as server:
        port = server.port
        for host, status in [
                ("desk.example", 200), ("DESK.example:99", 200),
                ("127.0.0.1", 200), (f"127.0.0.1:{port}", 200),
                ("[::ffff:127.0.0.1]", 200), ("localhost:1", 200),
                ("evil.example", 421), ("desk.example.evil", 421),
                ("127.0.0.2", 421), ("[::1]", 421), ("0.0.0.0", 421)]:
            with server.connect() as client:
                client.send(f"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n"
                            .encode())
                answer = client.answer()
                check(answer.status == status, f"{host}: {answer.status}")
        answer = server.ask(b"GET / HTTP/1.0\r\n\r\n")
        check(answer.status == 200, "HTTP/1.0 without a Host")


def test_ipv6_is_served(_):
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError as error:
        raise Skip("this machine has no IPv6") from error
    with Server("host=desk.example", listen="[::1]:0") as server:
        answer = server.ask(b"GET /facts HTTP/1.1\r\nHost: [::1]:1\r\n\r\n")
        check("peer ::1\nloopback 1\n" in answer.text, answer.text)
    with Server(listen="*:0") as server:
        server.host = "::1"
        check("peer ::1\n" in server.ask(get("/facts")).text, "IPv6")
        server.host = "127.0.0.1"
        check("peer 127.0.0.1\nloopback 1\n" in
              server.ask(get_of("/facts", "127.0.0.1")).text, "IPv4")


def test_a_unix_socket_knows_its_user(_):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "admin.sock")
        with socket.socket(socket.AF_UNIX) as stale:
            stale.bind(path)
        with Server("unix=" + path, "host=desk.example"):
            check(os.stat(path).st_mode & 0o777 == 0o600, "mode")
            sock = socket.socket(socket.AF_UNIX)
            sock.connect(path)
            with Client(sock) as client:
                client.send(get("/facts"))
                text = client.answer().text
            check(f"peer unix\nloopback 1\nid req_" in text, text)
            check(f"\nuid {os.getuid()}\n" in text, text)
            second = subprocess.run(
                [ECHO, "listen=127.0.0.1:0", "unix=" + path],
                stdin=subprocess.DEVNULL, capture_output=True, check=False)
            check(second.returncode == 1 and b"another program" in
                  second.stderr, "two listen at once")
        check(not os.path.exists(path), "the socket is left")


def test_a_taken_port_is_told(_):
    with Server() as server:
        second = subprocess.run(
            [ECHO, f"listen=127.0.0.1:{server.port}"],
            stdin=subprocess.DEVNULL, capture_output=True, check=False)
        check(second.returncode == 1, second.returncode)
        check(f"127.0.0.1:{server.port}: another program".encode() in
              second.stderr, second.stderr)


def test_a_route_that_goes_takes_its_requests_along(_):
    with Server() as server, server.connect() as late, \
            server.connect() as stream, server.connect() as done:
        late.send(get("/doomed") + GET)
        stream.send(get("/doomed?stream=1&n=-1") + GET)
        server.wait_for("open", 2)
        done.send(post(b"", path="/control/free-route"))
        check(done.answer().text == "free-route", "control")
        check_problem(late.answer(), 503)
        check(late.answer().text == "hello", "the next one")
        check(stream.answer().whole, "a stream that was cut")
        check(stream.answer().text == "hello", "the next one")
        check(server.number("gone") == 2, "gone")
        check_problem(server.ask(get("/doomed")), 404)


def test_draining_lets_the_last_ones_out(_):
    with Server() as server, server.connect() as late, \
            server.connect() as idle, server.connect() as other:
        idle.send(GET)
        check(idle.answer().text == "hello", "no answer")
        late.send(get("/late?ms=3000"))
        server.wait_for("open", 1)
        other.send(post(b"", path="/control/drain"))
        answer = other.answer()
        check(answer.field("Connection") == "close", "Connection")
        check(other.is_closed() and idle.is_closed(), "stays open")
        try:
            server.connect()
        except ConnectionRefusedError:
            pass
        else:
            raise AssertionError("a new connection is taken")
        answer = late.answer()
        check(answer.text == "late", answer.text)
        check(answer.field("Connection") == "close", "Connection")
        check(late.is_closed(), "stays open")


def test_an_end_with_all_open_is_orderly(_):
    with Server() as server, contextlib.ExitStack() as stack:
        for data in [GET[:20], post(b"Content-Length: 9\r\n", b"x"),
                     get("/never"), get("/late?ms=3000"),
                     get("/stream?n=-1"), get("/big?bytes=9000000")]:
            client = stack.enter_context(server.connect())
            client.send(data)
        server.wait_for("open", 3)
        server.process.stdin.close()
        check(server.process.wait(PATIENCE) == 0, "the exit status")


def test_no_descriptor_left_is_survived(_):
    with Server(nofile=40) as server:
        with contextlib.ExitStack() as stack:
            for _ in range(80):
                stack.enter_context(server.connect())
        check(until_answered(server).text == "hello", "no answer any more")


def test_two_thousand_idle_streams_are_held(_):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < 4096:
        raise Skip(f"only {hard} descriptors are allowed")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 4096), hard))
    with Server("max_per_address=0", "max_streams_per_address=0",
                nofile=4096) as server, contextlib.ExitStack() as stack:
        before = server.memory_kib()
        for _ in range(2000):
            client = stack.enter_context(server.connect())
            client.send(get("/stream?n=-1&ms=3600000"))
        server.wait_for("open", 2000)
        after = server.memory_kib()
        print(f"# {(after - before) / 2000:.1f} KiB of memory a stream")
        check(server.number("active") == 2001, "active")
        for _ in range(100):
            check(server.ask(GET).text == "hello", "no answer")


def main():
    tests = [(name, test) for name, test in globals().items()
             if name.startswith("test_")]
    wanted = sys.argv[1:]
    if wanted:
        tests = [t for t in tests if any(w in t[0] for w in wanted)]
    print(f"1..{len(tests)}")
    failed = 0
    for number, (name, test) in enumerate(tests, 1):
        try:
            if test.__code__.co_varnames[0] == "server":
                with Server() as server:
                    test(server)
            else:
                test(None)
            print(f"ok {number} - {name}")
        except Skip as reason:
            print(f"ok {number} - {name} # SKIP {reason}")
        except (AssertionError, OSError) as error:
            failed += 1
            print(f"not ok {number} - {name}")
            print(f"# {type(error).__name__}: {error}")
        sys.stdout.flush()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
