"""Servers of the tests' own, for clients to talk to, and certificates for
them."""
import os
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import threading

PATIENCE = 60  # seconds until a test gives up; nothing is asserted of time


class Skip(Exception):
    pass


def check(condition, words):
    assert condition, words


class Certificates:
    """A CA of our own, and certificates by name, made when asked for."""

    def __init__(self):
        self.folder = None

    def run(self, *args):
        subprocess.run(["openssl", *args], cwd=self.folder, check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def path(self, name):
        return os.path.join(self.folder, name)

    def make(self):
        if self.folder:
            return
        if not shutil.which("openssl"):
            raise Skip("openssl is missing")
        self.folder = tempfile.mkdtemp()
        self.run("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout",
                 "ca.key", "-out", "ca.pem", "-days", "2", "-subj", "/CN=Test")
        for name, alt in [("good", "DNS:localhost,IP:127.0.0.1"),
                          ("other", "DNS:elsewhere.example")]:
            with open(self.path(name + ".ext"), "w", encoding="ascii") as f:
                f.write("subjectAltName=" + alt + "\n")
            self.run("req", "-newkey", "rsa:2048", "-nodes", "-keyout",
                     name + ".key", "-out", name + ".csr", "-subj", "/CN=x")
            self.run("x509", "-req", "-in", name + ".csr", "-CA", "ca.pem",
                     "-CAkey", "ca.key", "-CAcreateserial", "-days", "2",
                     "-extfile", name + ".ext", "-out", name + ".pem")

    def context(self, name):
        self.make()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.path(name + ".pem"),
                                self.path(name + ".key"))
        return context

    def remove(self):
        if self.folder:
            shutil.rmtree(self.folder)


CERTIFICATES = Certificates()


class Server:
    """Serves each connection by talk(connection), in a thread."""

    def __init__(self, talk, certificate=None):
        self.talk = talk
        self.context = certificate and CERTIFICATES.context(certificate)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.n_connections = 0
        self.stopped = threading.Event()
        self.threads = []

    def __enter__(self):
        self.thread = threading.Thread(target=self.accept)
        self.thread.start()
        return self

    def __exit__(self, *args):
        self.stopped.set()
        # A blocked accept() does not notice a close.
        with socket.create_connection(("127.0.0.1", self.port)):
            pass
        self.thread.join()
        self.listener.close()
        for thread in self.threads:
            thread.join()

    def accept(self):
        while True:
            sock, _ = self.listener.accept()
            if self.stopped.is_set():
                sock.close()
                return
            self.n_connections += 1
            thread = threading.Thread(target=self.serve, args=(sock,))
            thread.start()
            self.threads.append(thread)

    def serve(self, sock):
        sock.settimeout(PATIENCE)
        try:
            if self.context:
                sock = self.context.wrap_socket(sock, server_side=True)
            self.talk(Connection(self, sock))
        except (OSError, EOFError):
            pass
        finally:
            sock.close()


class Connection:
    def __init__(self, server, sock):
        self.server, self.sock, self.rest = server, sock, b""

    def send(self, data):
        self.sock.sendall(data)

    def line(self):
        while b"\n" not in self.rest:
            data = self.sock.recv(65536)
            if not data:
                raise EOFError
            self.rest += data
        line, _, self.rest = self.rest.partition(b"\n")
        return line.rstrip(b"\r")

    def request(self):
        """The next request: its first line, fields in lower case, body."""
        first = self.line()
        fields = {}
        while True:
            line = self.line()
            if not line:
                break
            name, _, value = line.partition(b": ")
            fields[name.decode().lower()] = value.decode()
        length = int(fields.get("content-length", 0))
        while len(self.rest) < length:
            data = self.sock.recv(65536)
            if not data:
                raise EOFError
            self.rest += data
        body, self.rest = self.rest[:length], self.rest[length:]
        return first, fields, body

    def wait(self):
        """Until the test is over or the client leaves."""
        self.sock.settimeout(0.05)
        while not self.server.stopped.is_set():
            try:
                if not self.sock.recv(65536):
                    return
            except TimeoutError:
                pass


def run_tests(tests):
    """Run what begins with test_, or what the command line names.  TAP."""
    tests = [(name, test) for name, test in tests.items()
             if name.startswith("test_")]
    wanted = sys.argv[1:]
    if wanted:
        tests = [t for t in tests if any(w in t[0] for w in wanted)]
    print(f"1..{len(tests)}")
    failed = 0
    for number, (name, test) in enumerate(tests, 1):
        try:
            test()
            print(f"ok {number} - {name}")
        except Skip as reason:
            print(f"ok {number} - {name} # SKIP {reason}")
        except (AssertionError, OSError, subprocess.TimeoutExpired) as error:
            failed += 1
            print(f"not ok {number} - {name}")
            print(f"# {type(error).__name__}: {error}")
        sys.stdout.flush()
    CERTIFICATES.remove()
    return 1 if failed else 0
