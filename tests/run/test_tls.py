"""TLS, in the daemon and before it: the certificate is read anew by a reload, what
is too old or open to others is refused, and all that is served without TLS is
served with it.  nginx with the example of etc, where there is an nginx."""

import contextlib
import http.client
import json
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import warnings

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from daemon import SOURCE, START_S, Daemon, Tap, free_port, until  # noqa: E402
from nginx import find_nginx, make_certificate, write_nginx  # noqa: E402


RATE = 120  # requests a minute


class TlsDaemon(Daemon):
    """Beside its plain port it has one with TLS."""

    def __init__(self, settings=(), **more):
        super().__init__(settings, **more)
        self.tls_port = free_port()
        self.good = make_certificate(self.dir, "first")
        self.used = [os.path.join(self.dir, f"used.{end}")
                     for end in ("pem", "key")]
        self.use(self.good)
        self.settings += [
            f"http.listen=127.0.0.1:{self.port},tls:127.0.0.1:{self.tls_port}",
            f"http.tls_certificate={self.used[0]}",
            f"http.tls_key=file:{self.used[1]}"]

    def use(self, pair):
        for source, used in zip(pair, self.used):
            with contextlib.suppress(FileNotFoundError):
                os.unlink(used)
            shutil.copyfile(source, used)
        os.chmod(self.used[1], 0o600)

    def context(self):
        context = ssl.create_default_context(cafile=self.used[0])
        return context

    def open(self, context=None):
        return http.client.HTTPSConnection(
            "localhost", self.tls_port, timeout=START_S,
            context=context or self.context())


def get(connection, method, path, body=None, headers=None):
    connection.request(method, path, body, headers or {})
    answer = connection.getresponse()
    return answer.status, answer.read()


def name_of(daemon):
    """Who the server says it is, to whoever comes now."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    raw = socket.create_connection(("127.0.0.1", daemon.tls_port), START_S)
    with context.wrap_socket(raw) as s:
        certificate = ssl.DER_cert_to_PEM_cert(s.getpeercert(True))
    run = subprocess.run(["openssl", "x509", "-noout", "-subject"],
                         input=certificate.encode(), capture_output=True)
    return run.stdout.decode().strip().split("=")[-1].strip()


def check_requests(tap, daemon):
    c = daemon.open()
    first = get(c, "GET", "/livez")
    tap.equal(first, (200, b"ok\n"), "a request is answered by TLS")
    tap.equal(get(c, "HEAD", "/"), (200, b""), "and another on the connection")
    with open(os.path.join(SOURCE, "plugins/web/page/index.html"), "rb") as f:
        tap.equal(get(c, "GET", "/")[1], f.read(), "a page is whole")
    big = json.dumps({"language": "en", "x": "y" * 60000})
    status, data = get(c, "POST", "/v1/conversations", big,
                       {"Content-Type": "application/json"})
    tap.equal((status, json.loads(data)["code"]), (400, "unknown_field"),
              "a body of many records is read")
    status, data = get(c, "POST", "/v1/conversations", "z" * 100000)
    tap.equal(status, 413, "and one that is too large refused")
    tap.equal(c.sock, None, "whose connection ends")
    c.close()


def check_hsts(tap, daemon):
    plain = http.client.HTTPConnection("127.0.0.1", daemon.port, START_S)
    said = []
    for c in (daemon.open(), plain):
        c.request("GET", "/none")
        said.append(c.getresponse().headers["Strict-Transport-Security"])
        c.close()
    tap.equal(said, ["max-age=3600", None],
              "who came by TLS, and nobody else, is told to come so again")


def check_events(tap, daemon):
    c = daemon.open()
    _, data = get(c, "POST", "/v1/conversations", "{}",
                  {"Content-Type": "application/json"})
    made = json.loads(data)
    auth = {"Authorization": "Bearer " + made["token"]}
    events = daemon.open()
    events.request("GET", f"/v1/conversations/{made['id']}/events", None, auth)
    stream = events.getresponse()
    tap.equal(stream.status, 200, "events are streamed")
    get(c, "POST", f"/v1/conversations/{made['id']}/messages",
        json.dumps({"text": "What does a current account cost?"}),
        dict(auth, **{"Content-Type": "application/json"}))
    found = b""
    while b'"author":"bot"' not in found:
        line = stream.readline()
        if not line:
            break
        found += line
    tap.ok(b'"author":"bot"' in found, "and the reply comes", found)
    return c, events


def check_versions(tap, daemon):
    for version, is_spoken in [("TLSv1", False), ("TLSv1_1", False),
                               ("TLSv1_2", True), ("TLSv1_3", True)]:
        context = daemon.context()
        context.set_ciphers("DEFAULT:@SECLEVEL=0")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that these are old
            context.maximum_version = ssl.TLSVersion[version]
            context.minimum_version = ssl.TLSVersion[version]
        try:
            c = daemon.open(context)
            got = get(c, "GET", "/livez")[0] == 200 and c.sock.version()
            c.close()
        except (OSError, http.client.HTTPException):
            got = None
        tap.equal(got, version.replace("_", ".") if is_spoken else None,
                  f"{version} is {'' if is_spoken else 'not '}spoken")
    context = daemon.context()
    context.set_alpn_protocols(["h2", "http/1.1"])
    raw = socket.create_connection(("127.0.0.1", daemon.tls_port), START_S)
    with context.wrap_socket(raw, server_hostname="localhost") as s:
        tap.equal(s.selected_alpn_protocol(), "http/1.1",
                  "who offers more gets HTTP/1.1")


def read_all(s):
    data = b""
    with contextlib.suppress(OSError):
        while part := s.recv(65536):
            data += part
    return data


def check_strangers(tap, daemon):
    with socket.create_connection(("127.0.0.1", daemon.tls_port), START_S) as s:
        s.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        tap.ok(b"HTTP" not in read_all(s), "who speaks no TLS gets no answer")
    curl = shutil.which("curl")
    if not curl:
        tap.skip("curl is content", "curl is missing")
        return
    run = subprocess.run([curl, "-sS", "--cacert", daemon.used[0], "-o", "-",
                          f"https://localhost:{daemon.tls_port}/livez"],
                         capture_output=True)
    tap.equal((run.returncode, run.stdout), (0, b"ok\n"), "curl is content")


def check_silence(tap):
    with TlsDaemon(["http.head_timeout=100 ms"]).start() as daemon:
        with socket.create_connection(("127.0.0.1", daemon.tls_port),
                                      START_S) as s:
            tap.equal(read_all(s), b"", "who never begins with TLS is cut")


def end_of_certificate(daemon):
    """Days from now."""
    c = http.client.HTTPConnection("127.0.0.1", daemon.port, timeout=START_S)
    metrics = get(c, "GET", "/metrics")[1].decode()
    c.close()
    found = re.search(r"^tellerd_tls_certificate_end_seconds (\S+)$", metrics,
                      re.M)
    return round((float(found[1]) - time.time()) / 86400) if found else None


def make_pipe(path):
    os.unlink(path)
    os.mkfifo(path)


def check_reload(tap, daemon, old):
    tap.equal(name_of(daemon), "first", "it says who it is")
    ends = [end_of_certificate(daemon)]
    daemon.use(make_certificate(daemon.dir, "second", 9))
    tap.equal(daemon.ctl("reload")[0], 0, "a reload goes well")
    tap.equal(name_of(daemon), "second", "from then on it has the new name")
    ends.append(end_of_certificate(daemon))
    tap.equal(ends, [2, 9], "who watches sees when the certificate ends")
    tap.equal(get(old, "GET", "/livez")[0], 200,
              "a connection from before goes on")
    daemon.use(make_certificate(daemon.dir, "third"))
    daemon.process.send_signal(signal.SIGHUP)
    until(lambda: name_of(daemon) == "third")
    tap.equal(name_of(daemon), "third", "SIGHUP does the same")
    certificate, key = daemon.used
    for change, setting, words in [
            (lambda: os.chmod(key, 0o644), "tls_key", "is open to others"),
            (lambda: shutil.copyfile(daemon.good[1], key), "tls_key",
             "is not the key of"),
            (lambda: os.truncate(key, 0), "tls_key", "has no private key"),
            (lambda: os.unlink(key), "tls_key", "cannot open"),
            (lambda: os.truncate(certificate, 0), "tls_certificate",
             "has no certificate"),
            (lambda: make_pipe(certificate), "tls_certificate", "is no file"),
            (lambda: os.unlink(certificate), "tls_certificate",
             "cannot read")]:
        daemon.use([os.path.join(daemon.dir, f"third.{end}")
                    for end in ("pem", "key")])
        change()
        code, _, err = daemon.ctl("reload")
        tap.ok(code == 1 and words in err and f"'http.{setting}'" in err,
               f"a file of http.{setting} that {words} is refused", err)
        tap.equal(name_of(daemon), "third", "and all stays as it was")


def check_settings(tap):
    for settings, words in [
            (["http.listen=tls:127.0.0.1:{port}"], "needs it"),
            (["http.tls_certificate=/x", "http.tls_key=file:/y"],
             "nothing would be encrypted")]:
        with Daemon() as daemon:
            daemon.settings = [s.format(port=daemon.port) for s in settings]
            daemon.start(wait=False)
            code = daemon.process.wait(START_S)
            tap.ok(code != 0 and words in daemon.log(),
                   f"{settings[0].split('=')[0]} alone is refused", daemon.log())


# ---- nginx -------------------------------------------------------------------


def check_nginx(tap):
    nginx = find_nginx()
    if not nginx:
        tap.skip("nginx takes the example", "nginx is missing")
        return
    settings = ["http.proxies=127.0.0.1", "http.rate_loopback=true",
                f"http.rate_per_address={RATE}", "log.level=debug"]
    dir = tempfile.mkdtemp(prefix="tellerd-nginx-")
    with TlsDaemon(settings).start() as daemon:
        path, port = write_nginx(daemon.port, daemon.good, dir)
        run = subprocess.run([nginx, "-t", "-p", dir, "-c", path],
                             capture_output=True)
        tap.equal(run.returncode, 0, "nginx takes the example")
        process = subprocess.Popen([nginx, "-p", dir, "-c", path])
        try:
            daemon.tls_port = port
            check_through(tap, daemon)
        finally:
            process.terminate()
            process.wait()
            shutil.rmtree(dir, ignore_errors=True)


def is_there(daemon):
    with contextlib.suppress(OSError):
        return get(daemon.open(), "GET", "/livez")[0] == 200


class Customer:
    """A page: its conversation, and a stream of what happens there."""

    def __init__(self, daemon):
        self.daemon = daemon
        status, data = get(daemon.open(), "POST", "/v1/conversations", "{}",
                           {"Content-Type": "application/json"})
        made = json.loads(data)
        self.path = f"/v1/conversations/{made['id']}"
        self.auth = {"Authorization": "Bearer " + made["token"],
                     "Accept-Encoding": "gzip"}
        self.last = None

    def listen(self):
        more = {"Last-Event-ID": self.last} if self.last else {}
        self.connection = self.daemon.open()
        self.connection.request("GET", self.path + "/events", None,
                                dict(self.auth, **more))
        self.stream = self.connection.getresponse()
        return self.stream.status

    def say(self, text):
        return get(self.daemon.open(), "POST", self.path + "/messages",
                   json.dumps({"text": text}),
                   dict(self.auth, **{"Content-Type": "application/json"}))[0]

    def hear(self):
        """The next reply of the bot, while the stream goes on; None: it is
        over."""
        with contextlib.suppress(OSError, http.client.HTTPException):
            while line := self.stream.readline().decode():
                if line.startswith("id: "):
                    self.last = line[4:].strip()
                if line.startswith("data: ") and '"author":"bot"' in line:
                    message = json.loads(line[6:])
                    return message.get("id") or line
        return None


def check_stream(tap, daemon):
    """Each reply comes at once; when the daemon is gone the page is told, and
    then goes on where it was."""
    customer = Customer(daemon)
    tap.equal(customer.listen(), 200, "a page listens")
    heard = []
    for text in ("What does a current account cost?", "And a new card?"):
        customer.say(text)
        heard.append(customer.hear())
    tap.ok(None not in heard and len(set(heard)) == 2,
           "each reply comes before the stream ends", heard)
    customer.say("Where are you?")
    heard.append(customer.hear())
    daemon.kill()
    tap.equal(customer.hear(), None, "the daemon is killed, the stream ends")
    c = daemon.open()
    c.request("GET", customer.path, None, customer.auth)
    answer = c.getresponse()
    problem = json.loads(answer.read())
    tap.equal((answer.status, answer.headers["Retry-After"], problem["code"]),
              (503, "5", "away"), "the page is told when to try again")
    tap.equal(answer.headers["Access-Control-Allow-Origin"], "*",
              "wherever it is")
    daemon.start()
    tap.equal(customer.listen(), 200, "with a new one it listens again")
    customer.say("How do I order a new card?")
    heard.append(customer.hear())
    tap.ok(None not in heard and len(set(heard)) == 4,
           "and hears what is new, nothing twice", heard)


def check_real_clients(tap, daemon):
    """Whoever asks too much is another one than his neighbour."""
    def connect(address):
        c = daemon.open()
        c.source_address = (address, 0)
        return c

    def ask(*clients):
        for c in clients:
            c.request("GET", "/v1/conversations/cnv_x")
        statuses = []
        for c in clients:
            answer = c.getresponse()
            answer.read()
            statuses.append(answer.status)
        return statuses

    # By some that stay: one after the other may be no faster than his rate.
    greedy = [connect("127.0.0.5") for _ in range(8)]
    neighbour = connect("127.0.0.6")
    tap.ok(until(lambda: 429 in ask(*greedy)) and 429 not in ask(neighbour),
           "through it each client has a rate of his own")
    for c in (*greedy, neighbour):
        c.close()


def check_through(tap, daemon):
    until(lambda: is_there(daemon))
    for c in check_events(tap, daemon):
        c.close()
    check_stream(tap, daemon)
    check_real_clients(tap, daemon)
    c = daemon.open()
    c.source_address = ("127.0.0.2", 0)  # not the proxy's own
    c.request("GET", "/none")
    answer = c.getresponse()
    answer.read()
    tap.equal((answer.status, answer.headers["Strict-Transport-Security"]),
              (404, "max-age=3600"), "it says that browsers must come so again")
    tap.equal(get(c, "GET", "/metrics")[0], 404,
              "through it numbers are not to be had")
    get(c, "GET", "/v1/conversations/cnv_x", None,
        {"X-Forwarded-For": "192.0.2.99"})
    c.close()
    log = daemon.log()
    tap.ok("to 127.0.0.2, " in log and "192.0.2.99" not in log,
           "nobody passes for another address", log[-2000:])


def main():
    tap = Tap()
    if not shutil.which("openssl"):
        tap.skip("certificates are made", "openssl is missing")
        tap.done()
    daemon = TlsDaemon(["http.idle_timeout=10 min", "http.hsts=1 h"])
    daemon.settings.append("http.tls_key=credential:used.key")
    daemon.env["CREDENTIALS_DIRECTORY"] = daemon.dir
    with daemon.start():
        check_requests(tap, daemon)
        check_hsts(tap, daemon)
        check_versions(tap, daemon)
        check_strangers(tap, daemon)
        old, events = check_events(tap, daemon)
        check_reload(tap, daemon, old)
        tap.ok(daemon.process.poll() is None, "it runs on")
        old.close()
        events.close()
        tap.equal(daemon.stop(), 0, "it ends well")
    check_silence(tap)
    check_settings(tap)
    check_nginx(tap)
    tap.done()


main()
