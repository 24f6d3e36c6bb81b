"""nginx before a tellerd, as etc/nginx.conf has it, and a certificate for it."""

import os
import re
import shutil
import socket
import subprocess
import time

from daemon import SOURCE, START_S, free_port


def find_nginx():
    """Its path, or None: there is none."""
    return shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin")


def make_certificate(dir, name, days=2):
    """(certificate, key), signed by itself for localhost."""
    paths = [os.path.join(dir, f"{name}.{end}") for end in ("pem", "key")]
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
         "ec_paramgen_curve:prime256v1", "-nodes", "-days", str(days), "-subj",
         f"/CN={name}", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
         "-out", paths[0], "-keyout", paths[1]],
        check=True, capture_output=True)
    os.chmod(paths[1], 0o600)
    return paths


def write_nginx(daemon_port, certificate, dir):
    """The example, for ports and files of ours: (path, port)."""
    with open(os.path.join(SOURCE, "etc/nginx.conf")) as f:
        text = f.read()
    port = free_port()
    for old, new in [("127.0.0.1:8080", f"127.0.0.1:{daemon_port}"),
                     ("listen 80;", f"listen 127.0.0.1:{free_port()};"),
                     ("listen 443 ssl", f"listen 127.0.0.1:{port} ssl")]:
        assert old in text, old
        text = text.replace(old, new)
    text = re.sub(r"/etc/letsencrypt/\S*fullchain.pem", certificate[0], text)
    text = re.sub(r"/etc/letsencrypt/\S*privkey.pem", certificate[1], text)
    places = "".join(f"{name}_temp_path {dir}/{name};\n" for name in (
        "client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    path = os.path.join(dir, "nginx.conf")
    with open(path, "w") as f:
        f.write(f"daemon off;\npid {dir}/pid;\nerror_log {dir}/error.log;\n"
                f"events {{}}\nhttp {{\naccess_log off;\n{places}{text}}}\n")
    return path, port


def wait_listens(port):
    end = time.monotonic() + START_S
    while True:
        try:
            socket.create_connection(("localhost", port), START_S).close()
            return
        except ConnectionRefusedError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)
