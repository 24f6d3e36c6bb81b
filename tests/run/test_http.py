"""The HTTP server of a real tellerd before strangers: pages of other sites, what
proxies say of clients, request ids, and limits."""

import http.client
import json
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from daemon import SOURCE, Daemon, Tap, until  # noqa: E402

SHOP = "https://shop.example"
EVIL = "https://evil.example"
CONFIG = """
desk:
  packs_dir: {source}/intents
plugins:
  web:
    page: true
    origins: [{shop}]
    ask_without_key_on_loopback: true
"""


def routes(id):
    """What a page calls, and with which body."""
    at = f"/v1/conversations/{id}"
    return [("POST", "/v1/conversations", {}),
            ("GET", at, None),
            ("GET", at + "/messages", None),
            ("POST", at + "/messages", {"text": "Hello"}),
            ("POST", at + "/handover", {}),
            ("POST", at + "/feedback", {"message_id": "msg_1", "rating": 1}),
            ("POST", at + "/messages/msg_1/feedback", {"rating": "up"}),
            ("GET", at + "/events", None)]


def ask(daemon, method, path, body=None, **fields):
    """Status and headers alone: some of it are streams."""
    headers = {name.replace("_", "-"): value for name, value in fields.items()}
    data = None
    if body is not None:
        data = json.dumps(body)
        headers.setdefault("Content-Type", "application/json")
    c = http.client.HTTPConnection("127.0.0.1", daemon.port, timeout=60)
    try:
        c.request(method, path, data, headers)
        answer = c.getresponse()
        return answer.status, answer.headers
    finally:
        c.close()


def check_listed(tap, daemon, id, token):
    bad = []
    for method, path, body in routes(id):
        status, got = ask(daemon, "OPTIONS", path, Origin=SHOP,
                          Access_Control_Request_Method=method,
                          Access_Control_Request_Headers="authorization")
        methods = got["Access-Control-Allow-Methods"] or ""
        if (status, got["Access-Control-Allow-Origin"]) != (204, SHOP) or \
                method not in methods.split(", "):
            bad.append(("preflight", method, path, status))
        status, got = ask(daemon, method, path, body, Origin=SHOP,
                          Sec_Fetch_Site="cross-site", Authorization=token)
        # There is no such reply to rate, which the page may know, too.
        if status not in (200, 201, 202, 404) or \
                got["Access-Control-Allow-Origin"] != SHOP or \
                "Origin" not in got["Vary"]:
            bad.append((method, path, status, str(got)))
    tap.equal(bad, [], "a page of a listed site may call every route")
    status, got = ask(daemon, "GET", f"/v1/conversations/{id}", Origin=SHOP)
    tap.equal((status, got["Access-Control-Allow-Origin"]), (401, SHOP),
              "and can read that its token is missing")
    tap.equal(got["Access-Control-Allow-Credentials"], None,
              "no cookie goes along")


def check_refused(tap, daemon, id, token):
    bad = []
    for method, path, body in routes(id):
        for origin in (EVIL, "null", SHOP + ".evil.example"):
            status, got = ask(daemon, method, path, body, Origin=origin,
                              Authorization=token)
            if status != 403 or got["Access-Control-Allow-Origin"]:
                bad.append((method, path, origin, status))
    tap.equal(bad, [], "pages of other sites may call none")
    log = daemon.log()
    tap.equal(log.count(f"plugins.web.origins lacks {EVIL}:"), 1,
              "the log says once which setting would admit a site")
    tap.equal(log.count("a page without an origin"), 1,
              "and that a page without an origin was there")
    status, document = daemon.json("POST", "/v1/ask", {"text": "Hi"},
                                   {"Origin": SHOP})
    tap.equal((status, document["code"]), (401, "unauthorized"),
              "a page is no program on this machine")


def check_forged(tap, daemon):
    tap.equal(daemon.request("POST", "/v1/conversations", b"{}",
                             {"Content-Type": "text/plain"})[0], 415,
              "a body that a form could send is refused")
    tap.equal(ask(daemon, "POST", "/v1/conversations", {},
                  Sec_Fetch_Site="cross-site")[0], 403,
              "what another site makes a browser send is refused")
    own = f"http://127.0.0.1:{daemon.port}"
    tap.equal(ask(daemon, "POST", "/v1/conversations", {}, Origin=own)[0], 201,
              "the page at / needs no entry")


def check_ids(tap, daemon):
    given = ask(daemon, "GET", "/livez", X_Request_Id="shop-1.a_B")[1]
    tap.equal(given["X-Request-Id"], "shop-1.a_B", "a request keeps its id")
    for wrong in ("a b", "a\tb", "x" * 65, "<id>", "ä".encode().decode("latin-1")):
        made = ask(daemon, "GET", "/livez", X_Request_Id=wrong)[1]
        tap.ok(re.fullmatch(r"req_[0-9a-f]{22}", made["X-Request-Id"]),
               f"{wrong!r:.10} is no id: another is made", made)
    for given in ("crm-1", "crm-2"):
        daemon.ask("What does a current account cost?",
                   headers={"X-Request-Id": given})
    tap.equal(re.findall(r"turn web \S+: answer .*, (\S+)$", daemon.log(), re.M),
              ["crm-1", "crm-2"], "a turn's line in the log has it")


def check_clients(tap, daemon):
    ask(daemon, "GET", "/v1/conversations/cnv_x", X_Request_Id="first",
        X_Forwarded_For="8.8.8.8, 192.0.2.7")
    tap.ok("to 192.0.2.7, first" in daemon.log(),
           "the log has the client of whom a known proxy speaks",
           daemon.log())
    tap.ok("GET /v1/conversations/{id}: 401" in daemon.log(),
           "and the route, without the conversation", daemon.log())


def check_rates(tap, daemon):
    got = [ask(daemon, "GET", "/", X_Forwarded_For="192.0.2.9")
           for _ in range(6)]
    tap.equal([status for status, _ in got], [200] * 5 + [429],
              "who asks too often is refused")
    tap.equal(got[0][1]["RateLimit-Policy"], '"address";q=5;w=60',
              "answers say how much may come")
    tap.ok(1 <= int(got[5][1]["Retry-After"]) <= 12, "and when to come again",
           got[5][1])
    tap.equal(ask(daemon, "GET", "/", X_Forwarded_For="192.0.2.10")[0], 200,
              "others are not")
    tap.equal([ask(daemon, "GET", "/livez", X_Forwarded_For="192.0.2.9")[0]
               for _ in range(9)], [200] * 9, "nor who watches")
    tap.ok('tellerd_http_refused_total{reason="rate_address"} 1\n' in
           daemon.request("GET", "/metrics")[2].decode(), "it is counted")


def check_keys(tap, daemon):
    """Keys are for programs elsewhere: for those of which a proxy speaks."""
    afar = {"X-Forwarded-For": "192.0.2.50"}
    question = {"text": "What does a current account cost?"}

    def bearer(key):
        return dict(afar, Authorization=f"Bearer {key}")

    code, made, words = daemon.ctl("keys", "add", "crm", "--scope", "ask")
    tap.equal((code, made and made["scopes"]), (0, "ask"), "a key is made")
    code, watcher, _ = daemon.ctl("keys", "add", "watch", "--scope", "metrics")
    tap.ok(re.fullmatch(r"tk_[A-Za-z0-9_-]{43}", made["key"]) and
           made["key"] != watcher["key"], "it is long and random", made)
    tap.ok(made["key"].encode() not in b"".join(
        open(os.path.join(root, name), "rb").read()
        for root, _, names in os.walk(daemon.state)
        for name in names if not name.endswith(".sock")),
        "and nowhere in the state")
    for words, expected in [(("crm", "--scope", "ask"), "already"),
                            (("b", "--scope", "rule"), "--scope rule"),
                            (("b",), "--scope"),
                            (("a b", "--scope", "ask"), "NAME")]:
        code, _, err = daemon.ctl("keys", "add", *words)
        tap.ok(code != 0 and expected in err, f"{words} is refused", err)
    for key, path, status, what in [
            (made["key"], "/v1/ask", 200, "it is good for what it is for"),
            (watcher["key"], "/v1/ask", 401, "another key is not"),
            (made["key"] + "x", "/v1/ask", 401, "nor is one that is made up"),
            (watcher["key"], "/metrics", 200, "that one reads metrics"),
            (made["key"], "/metrics", 401, "which the first does not")]:
        method = "POST" if path == "/v1/ask" else "GET"
        body = question if method == "POST" else None
        tap.equal(daemon.request(method, path, body, bearer(key))[0], status,
                  what)
    tap.equal(daemon.request("GET", "/metrics", headers=afar)[0], 403,
              "and nobody without one")

    def keys():
        return daemon.ctl("keys", "list")[1]["keys"]

    until(lambda: all("used" in row for row in keys()))  # by and by
    tap.equal([(row["name"], row["scopes"], "used" in row) for row in keys()],
              [("crm", "ask", True), ("watch", "metrics", True)],
              "the list says what they are for, and that they were used")
    tap.equal(daemon.ctl("keys", "revoke", "crm")[0], 0, "one is revoked")
    tap.equal(daemon.request("POST", "/v1/ask", question,
                             bearer(made["key"]))[0], 401,
              "and from then on good for nothing")
    tap.equal(daemon.ctl("keys", "revoke", "crm")[0], 1, "once")
    audit = daemon.ctl("audit", "list", "--object", "crm")[1]["audit"]
    tap.equal([row["action"] for row in audit], ["keys.revoke", "keys.add"],
              "the audit has both, and who it was")
    daemon.stop()
    daemon.start()
    tap.equal(daemon.request("GET", "/metrics",
                             headers=bearer(watcher["key"]))[0], 200,
              "a key is good after a restart")
    daemon.stop()
    code, rows, _ = daemon.ctl("keys", "list", "--all")
    tap.equal([row["name"] for row in rows["keys"] if "revoked" in row],
              ["crm"], "without a daemon they can be seen, too")


def check_settings(tap):
    for setting, words in [
            ("http.proxies=10.0.0.0/33", "'10.0.0.0/33' is no address"),
            ("plugins.web.origins=https://shop.example/",
             "'https://shop.example/' is none")]:
        daemon = Daemon([setting])
        try:
            daemon.start(wait=False)
            code = daemon.process.wait(60)
            tap.ok(code != 0 and words in daemon.log(),
                   f"{setting} is refused", daemon.log())
        finally:
            daemon.remove()


def main():
    tap = Tap()
    config = CONFIG.format(source=SOURCE, shop=SHOP)
    with Daemon(config=config).start() as daemon:
        id, auth = daemon.conversation()
        check_listed(tap, daemon, id, auth["Authorization"])
        check_refused(tap, daemon, id, auth["Authorization"])
        check_forged(tap, daemon)
        check_ids(tap, daemon)
    limits = ["http.proxies=127.0.0.1", "http.rate_per_address=5",
              "http.rate_loopback=true", "log.level=debug"]
    with Daemon(limits, config).start() as daemon:
        check_clients(tap, daemon)
        check_rates(tap, daemon)
    with Daemon(config=config).start() as daemon:
        check_keys(tap, daemon)
    check_settings(tap)
    tap.done()


main()
