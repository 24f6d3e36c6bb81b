"""Slack's set-up: what `tellerctl slack check` says of it while it is not right
yet, and when it is; how the app is installed by a browser, and goes; tokens that
are renewed."""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "slack"))
from daemon import SOURCE, Daemon, Tap, until  # noqa: E402
from oauth import OAuth  # noqa: E402
from simulator import Slack  # noqa: E402

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
TOKEN = "xoxb-of-the-test"
OTHER_TOKEN = "xoxb-of-another"
CLIENT_SECRET = "secret-of-the-client"
CONFIG = """\
desk:
  packs_dir: {packs}
plugins:
  web:
  slack:
    {transport}
    workspaces:
      acme: {{team: T0ACME001, token: "file:{dir}/token"}}
      {other}
    api_base: {base}
    allow_private: true
    {more}
"""


def write_secret(daemon, name, text):
    path = os.path.join(daemon.dir, name)
    with open(path, "w") as f:
        f.write(text)
    os.chmod(path, 0o600)


def prepare(slack, transport, more="", token=TOKEN, other=""):
    daemon = Daemon()
    with open(daemon.config, "w") as f:
        f.write(CONFIG.format(packs=f"{SOURCE}/intents", dir=daemon.dir,
                              base=slack.base,
                              other=other.format(dir=daemon.dir),
                              transport=transport.format(dir=daemon.dir),
                              more=more.format(dir=daemon.dir,
                                               port=daemon.port)))
    write_secret(daemon, "signing", SECRET)
    write_secret(daemon, "token", token)
    write_secret(daemon, "client", CLIENT_SECRET)
    write_secret(daemon, "other", OTHER_TOKEN)
    write_secret(daemon, "app", slack.app_token)
    return daemon.start()


def check(daemon, *words):
    """Exit code, and what was found as (grade, about, words)."""
    code, result, _ = daemon.ctl("slack", "check", *words)
    return code, [(f["grade"], f["about"], f["words"])
                  for f in result.get("findings", [])]


def health(daemon):
    _, status, _ = daemon.ctl("status")
    return next(p["health"] for p in status["plugins"] if p["name"] == "slack")


def has(findings, grade, about, words):
    return any(f[:2] == (grade, about) and words in f[2] for f in findings)


def check_socket_mode(tap, slack):
    with prepare(slack, "app_token: file:{dir}/app") as daemon:
        until(lambda: health(daemon) == "ok")
        code, found = check(daemon, "--post", "C0HELP001")
        tap.ok(code == 0 and {f[0] for f in found} == {"good"} and
               has(found, "good", "Socket Mode", "a connection stands"),
               "Socket Mode that works is found to", (code, found))
        tap.ok(len(slack.posts("C0HELP001")) == 1,
               "and a trial is posted, once", slack.posts("C0HELP001"))
        check_token(tap, daemon, slack)
        check_scopes(tap, daemon, slack)
        write_secret(daemon, "app", "xoxb-no-token-of-an-app")
        code, found = check(daemon)
        tap.ok(code == 1 and
               has(found, "bad", "Socket Mode", "invalid_auth"),
               "the token of the app, too", (code, found))
        tap.equal([s for s in (TOKEN, slack.app_token, "xoxb-no-token")
                   if s in str(daemon.ctl("slack", "check")) + daemon.log()],
                  [], "no token is shown")
        check_without_daemon(tap, daemon)


def check_token(tap, daemon, slack):
    write_secret(daemon, "token", "xoxb-of-somebody-else")
    code, found = check(daemon)
    tap.ok(code == 1 and health(daemon) == "down" and
           has(found, "bad", "workspace acme", "invalid_auth"),
           "a token that is none is found to be so", (code, found))
    write_secret(daemon, "token", TOKEN)
    code, found = check(daemon)
    tap.ok(code == 0 and health(daemon) == "ok",
           "one that is put right works at once", (code, found))


def check_scopes(tap, daemon, slack):
    all_scopes = slack.scopes
    slack.scopes = [s for s in all_scopes if s != "im:history"]
    code, found = check(daemon)
    code_words, text, _ = daemon.ctl("slack", "check", as_json=False)
    tap.ok(code == code_words == 1 and "then Reinstall to Workspace" in text and
           has(found, "bad", "workspace acme", "scope im:history is missing"),
           "a scope that is missing is named, with what to click", text)
    slack.scopes = all_scopes


def check_without_daemon(tap, daemon):
    daemon.stop()
    code, _, words = daemon.ctl("slack", "check")
    tap.ok(code == 3, "without a daemon it says so", (code, words))


def check_https(tap, slack):
    with prepare(slack, "signing_secret: file:{dir}/signing",
                 "base_url: http://127.0.0.1:{port}") as daemon:
        code, found = check(daemon)
        tap.ok(code == 0 and
               has(found, "good", "HTTPS", "/slack/events answers; no event"),
               "our own address answers as Slack wants it", (code, found))
        slack.send(f"127.0.0.1:{daemon.port}",
                   slack.message("D0ANN0001", "hello"))
        code, found = check(daemon)
        tap.ok(code == 0 and
               has(found, "good", "HTTPS", "the last event came 0 min ago"),
               "and what came by it is told", (code, found))
        write_secret(daemon, "token", "")
        code, found = check(daemon)
        tap.equal(code, 1, "a token that is not there is found to be so")
    with prepare(slack, "signing_secret: file:{dir}/none") as daemon:
        code, found = check(daemon)
        tap.ok(code == 1 and
               has(found, "bad", "the plugin", "both empty"),
               "of a plugin that did not start it says why", (code, found))
    with Daemon() as daemon:
        daemon.start()
        code, found = check(daemon)
        tap.ok(code == 1 and has(found, "bad", "the plugin", "no section"),
               "and of one that is not named, too", (code, found))


CLIENT = """client_id: "17.42"
    client_secret: file:{dir}/client
    base_url: http://127.0.0.1:{port}"""


def is_well(daemon):
    return has(check(daemon)[1], "good", "workspace acme", "its token is good")


def check_install(tap):
    slack = Slack(SECRET, TOKEN, "T0ACME001")
    oauth = OAuth(slack, "17.42", CLIENT_SECRET)
    with prepare(slack, "signing_secret: file:{dir}/signing",
                 CLIENT, token="") as daemon:
        address = f"127.0.0.1:{daemon.port}"
        _, found = check(daemon)
        tap.ok(has(found, "bad", "workspace acme", "is not installed yet"),
               "where the app is not installed that is found", found)
        path, cookie = oauth.begin(address)
        tap.equal([oauth.get(address, path)[0],
                   oauth.get(address, path, cookie)[0],
                   oauth.get(address, path, cookie)[0]], [400, 200, 400],
                  "it is installed by the browser that began it, once")
        tap.ok(is_well(daemon), "and works from then on", check(daemon))
        daemon.kill()
        daemon.start()
        tap.ok(is_well(daemon), "also after a kill", check(daemon))
        slack.team = "T0OTHER01"
        status, _, text = oauth.install(address)
        slack.team, slack.token = "T0ACME001", "xoxb-given-1"
        slack.wait(lambda: slack.count("auth.revoke"))
        tap.ok(status == 403 and slack.count("auth.revoke") == 1 and
               is_well(daemon),
               "a workspace of others is not taken", (status, text))
        check_removal(tap, daemon, slack, oauth)
        check_secrets(tap, daemon)
    slack.close()


def check_removal(tap, daemon, slack, oauth):
    address = f"127.0.0.1:{daemon.port}"
    slack.token = "xoxb-nobody-has"
    slack.send(address, slack.event({"type": "app_uninstalled"}))
    tap.ok(until(lambda: has(check(daemon)[1], "bad", "workspace acme",
                             "is not installed yet")),
           "with the app goes its token", daemon.log())
    _, audit, _ = daemon.ctl("audit", "list", "--object", "T0ACME001")
    tap.equal([(row["actor"], row["action"]) for row in audit["audit"]],
              [("slack", "account.gone")], "which the audit has")
    status, _, text = oauth.install(address)
    tap.ok(status == 200 and is_well(daemon), "and comes with it again", text)


def is_renewed(daemon):
    """And on disk?"""
    _, _, metrics = daemon.request("GET", "/metrics")
    return b'tellerd_plugin_renewed_total{plugin="slack"} 1' in metrics


def refuse_late(slack):
    """Two posts by a token that is over: the second is refused when all goes on
    with a new one."""
    begun = set()

    def fault(method, arguments):
        if method != "chat.postMessage" or arguments["channel"] in begun:
            return
        begun.add(arguments["channel"])
        if arguments["channel"] == "D0BOB0001":
            until(lambda: slack.posts("D0ANN0001"))
        else:
            until(lambda: "D0BOB0001" in begun)

    slack.fault = fault


def check_renewal(tap):
    slack = Slack(SECRET, TOKEN, "T0ACME001")
    oauth = OAuth(slack, "17.42", CLIENT_SECRET)
    oauth.is_rotated = True
    with prepare(slack, "signing_secret: file:{dir}/signing", CLIENT,
                 token=f"{TOKEN}\nxoxe-0\n") as daemon:
        until(lambda: is_renewed(daemon))
        daemon.kill()
        daemon.start()
        tap.ok(is_well(daemon) and oauth.n_tokens == 1,
               "a token that is rotated is renewed, and goes on after a kill",
               daemon.log())
        slack.token = "xoxb-that-came-later"
        refuse_late(slack)
        channels = ("D0ANN0001", "D0BOB0001")
        for channel in channels:
            slack.send(f"127.0.0.1:{daemon.port}",
                       slack.message(channel, "hello"))
        tap.ok(until(lambda: all(slack.posts(c) for c in channels)) and
               [len(slack.posts(c)) for c in channels] == [1, 1] and
               oauth.n_tokens == 2,
               "one that ends too early is renewed, and all answers come",
               daemon.log())
        check_secrets(tap, daemon)
    slack.close()


def check_secrets(tap, daemon):
    """In the log, and in what is on disk."""
    shown = daemon.log().encode()
    for name in os.listdir(daemon.state):
        path = os.path.join(daemon.state, name)
        if os.path.isfile(path):
            with open(path, "rb") as f:
                shown += f.read()
    tap.equal([s for s in ("xoxb-given", "xoxe-", CLIENT_SECRET)
               if s.encode() in shown], [],
              "no secret stands in the log or in the store")


def check_two(tap):
    """Two workspaces, in each a channel that only its own token knows."""
    slack = Slack(SECRET, TOKEN, "T0ACME001")
    slack.others = {OTHER_TOKEN: "T0BETA001"}
    slack.homes = {"D0ACME001": "T0ACME001", "D0BETA001": "T0BETA001"}
    with prepare(slack, "signing_secret: file:{dir}/signing",
                 other='beta: {{team: T0BETA001, token: "file:{dir}/other"}}'
                 ) as daemon:
        for channel, team in slack.homes.items():
            event = slack.message(channel, "hello", team=team)
            event["team_id"] = event["authorizations"][0]["team_id"] = team
            slack.send(f"127.0.0.1:{daemon.port}", event)
        for channel in slack.homes:
            slack.wait(lambda c=channel: slack.posts(c))
        tap.equal([len(slack.posts(c)) for c in slack.homes], [1, 1],
                  "of two workspaces each is answered by its own token")
        code, found = check(daemon, "--post", "beta/D0BETA001")
        tap.ok(code == 0 and len(slack.posts("D0BETA001")) == 2 and
               has(found, "good", "workspace beta", "a message was posted") and
               has(found, "good", "workspace acme", "its token is good"),
               "and the check asks for both", (code, found))
        slack.others = {}
        code, found = check(daemon)
        tap.ok(code == 1 and
               has(found, "bad", "workspace beta", "invalid_auth") and
               has(found, "good", "workspace acme", "its token is good"),
               "one that is bad is named", (code, found))
    slack.close()


def main():
    tap = Tap()
    check_two(tap)
    check_install(tap)
    check_renewal(tap)
    slack = Slack(SECRET, TOKEN, "T0ACME001")
    check_socket_mode(tap, slack)
    check_https(tap, slack)
    slack.close()
    tap.done()


main()
