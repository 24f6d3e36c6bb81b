"""Slack as a browser and an app see it when the app is installed: a code for
who allows it, a token for the code, and, if tokens are rotated, another one for
what renews it, each good once.

    oauth = OAuth(slack, "17.42", "of the app")
    status, headers, text = oauth.install("127.0.0.1:8080")"""

import base64
import http.client
import http.cookies
import urllib.parse

from simulator import Refused


class OAuth:
    def __init__(self, slack, client_id, client_secret):
        self.slack, self.is_rotated = slack, False
        self.codes = {}         # what redirect_uri each was given for
        self.refresh = "xoxe-0"
        self.n_tokens = 0
        self.lasts_s = 43200
        self.client = client_id
        plain = f"{client_id}:{client_secret}".encode()
        slack.app_login = "Basic " + base64.b64encode(plain).decode()
        slack.method_oauth_v2_access = self.access

    def access(self, arguments):
        with self.slack.lock:
            if arguments.get("grant_type") == "refresh_token":
                if arguments.get("refresh_token") != self.refresh:
                    raise Refused("invalid_refresh_token")
            elif self.codes.pop(arguments.get("code"), None) != \
                    arguments.get("redirect_uri"):
                raise Refused("invalid_code")
            self.n_tokens += 1
            self.slack.token = f"xoxb-given-{self.n_tokens}"
            answer = {"token_type": "bot", "access_token": self.slack.token,
                      "scope": ",".join(self.slack.scopes),
                      "bot_user_id": self.slack.user, "app_id": self.slack.app,
                      "team": {"id": self.slack.team, "name": "Acme"},
                      "enterprise": None, "is_enterprise_install": False,
                      "authed_user": {"id": "U0ANN0001"}}
            if self.is_rotated:
                self.refresh = f"xoxe-{self.n_tokens}"
                answer.update(refresh_token=self.refresh,
                              expires_in=self.lasts_s)
            return answer

    # ---- The browser ---------------------------------------------------------

    @staticmethod
    def get(address, path, cookie=""):
        """Status, headers and text."""
        connection = http.client.HTTPConnection(address,
                                                timeout=60)
        try:
            connection.request("GET", path, headers={"Cookie": cookie})
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read().decode()
        finally:
            connection.close()

    def begin(self, address):
        """Where Slack sends the browser back to, with a code, and the cookie
        that it has by then."""
        status, headers, text = self.get(address, "/slack/install")
        assert status == 302, (status, text)
        asked = dict(urllib.parse.parse_qsl(
            urllib.parse.urlsplit(headers["Location"]).query))
        assert asked["client_id"] == self.client, asked
        assert asked["scope"].split(",") == self.slack.scopes, asked
        cookies = http.cookies.SimpleCookie(headers["Set-Cookie"])
        cookie = "; ".join(f"{k}={m.value}" for k, m in cookies.items())
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked["redirect_uri"]
        path = urllib.parse.urlsplit(asked["redirect_uri"]).path
        query = urllib.parse.urlencode({"code": code,
                                        "state": asked["state"]})
        return f"{path}?{query}", cookie

    def install(self, address):
        path, cookie = self.begin(address)
        return self.get(address, path, cookie)
