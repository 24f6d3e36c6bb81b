"""The whole daemon: start, memory, /v1/ask, and durable intake beside what the
disk takes for a flush in the same run.  Prints figures, asserts nothing.

    bench_desk.py [SECONDS]      of each measurement, 5"""

import json
import os
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "run"))
from daemon import TOP, Daemon  # noqa: E402

QUESTIONS = [
    "How do I order a new card?", "what are your opening hours",
    "what does an overdraft cost", "how long does a transfer take to arrive",
    "can I use my card abroad", "i forgot my app password",
    "what is the meaning of life", "close my account", "standing order change",
    "is my money safe with you",
]


def request(method, path, body, headers=()):
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost",
             "Content-Type: application/json", f"Content-Length: {len(body)}",
             *headers, "", body]
    return "\r\n".join(lines).encode()


def load(daemon, clients, seconds, requests):
    data = b"".join(b"%d\n%s" % (len(r), r) for r in requests)
    run = subprocess.run(
        [os.path.join(TOP, "tests/bench/http_load"), str(daemon.port),
         str(clients), str(seconds)], input=data, capture_output=True)
    if run.returncode:
        sys.exit(run.stderr.decode())
    return json.loads(run.stdout)


def flush(daemon):
    run = subprocess.run(
        [os.path.join(TOP, "tests/bench/fdatasync"),
         os.path.join(daemon.state, "flush"), "2"], capture_output=True)
    return json.loads(run.stdout)


def resident(daemon):
    with open(f"/proc/{daemon.process.pid}/status") as f:
        for line in f:
            if line.startswith("VmRSS"):
                return int(line.split()[1]) / 1024
    return 0


def show(words, result):
    print(f"{words}: {result['rate']:.0f}/s, p50 {result['p50_ms']:.2f} ms, "
          f"p99 {result['p99_ms']:.2f} ms, errors {result['errors']}",
          flush=True)


def bench_start(daemon):
    for words in ("first start", "second start"):
        begin = time.monotonic()
        daemon.start()
        print(f"{words}: ready after {(time.monotonic() - begin) * 1000:.0f} "
              f"ms, {resident(daemon):.1f} MiB resident")
        daemon.stop()


def bench_ask(daemon, seconds):
    requests = [request("POST", "/v1/ask", json.dumps({"text": q}))
                for q in QUESTIONS]
    for clients in (1, 16, 64):
        show(f"/v1/ask, {clients} clients",
             load(daemon, clients, seconds, requests))


def bench_intake(daemon, seconds, clients=64):
    stored, refused = [], []
    for i in range(clients):
        id, auth = daemon.conversation()
        path = f"/v1/conversations/{id}/messages"
        fields = [f"Authorization: {auth['Authorization']}"]
        body = json.dumps({"text": QUESTIONS[i % len(QUESTIONS)],
                           "client_id": "@@0000000000"})
        stored.append(request("POST", path, body, fields))
        # As long, read and checked as far as the last step before storing.
        refused.append(request("POST", path,
                               body.replace("client_id", "client_iq"), fields))
    before = flush(daemon)
    result = load(daemon, clients, seconds, stored)
    after = flush(daemon)
    bare = load(daemon, clients, seconds, refused)
    rate = (before["rate"] + after["rate"]) / 2
    bound = min(clients * rate, bare["rate"])
    show(f"durable intake, {clients} clients", result)
    print(f"fdatasync in the same run: {before['p50_ms']:.3f} and "
          f"{after['p50_ms']:.3f} ms (p99 {before['p99_ms']:.2f} and "
          f"{after['p99_ms']:.2f}), {rate:.0f}/s; the same requests answered "
          f"without storing: {bare['rate']:.0f}/s")
    print(f"intake is {result['rate'] / bound * 100:.0f} % of the smaller of "
          f"{clients} a flush and answering without storing")


def main():
    seconds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    with Daemon(settings=["log.turns=false"]) as daemon:
        bench_start(daemon)
        daemon.start()
        bench_ask(daemon, seconds)
        print(f"{resident(daemon):.1f} MiB resident after that")
        bench_intake(daemon, seconds)
        print(f"{resident(daemon):.1f} MiB resident after that")
        daemon.stop()


main()
