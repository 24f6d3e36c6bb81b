"""Slack, as far as a bot sees it: a Web API that keeps what is posted, and a
sender that signs events and brings them again until they are taken, by HTTP or,
where the address is None, by Socket Mode.

    slack = Slack(secret="...", token="xoxb-...", team="T0ACME001")
    slack.send("127.0.0.1:8080", slack.message("D0ANN0001", "hello"))
    slack.wait(lambda: slack.posts("D0ANN0001"))

What the Web API does wrong comes from `fault`, which the test sets: called with
the method and the arguments of each call, it names one of FAULTS, or None.
Everything that was called stands in `calls`.  Only the standard library is
used."""

import base64
import collections
import contextlib
import hashlib
import hmac
import http.client
import http.server
import json
import os
import random
import socket
import struct
import threading
import time
import urllib.parse

WAIT_S = 60  # nothing waits that long by itself

# What a call may meet, and whether it was done all the same.
FAULTS = {
    "ratelimited": False,     # 429, Retry-After: 1
    "error503": False,        # an HTML page
    "garbage": True,          # 200, and no JSON
    "fatal_error": True,      # done, and said to have failed
    "cut_before": False,      # the connection breaks before anything is done
    "cut_after": True,        # done, and the connection breaks
    "cut_in_answer": True,    # done, and half of the answer comes
    "internal_error": False,
}

# It does not answer until the other side gives up.
SLOW_FAULTS = {"hang_before": False, "hang_after": True}

LINKS_MAX = 10
SECTION_MAX = 3000
TEXT_MAX = 40000
BLOCKS_MAX = 50


def manifest():
    """The app's, as it is pasted."""
    top = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
    with open(os.path.join(top, "etc", "slack-manifest.json")) as f:
        return json.load(f)


def user_of(channel):
    """Who writes there unless a test says otherwise."""
    return "U" + channel[1:] if channel[0] == "D" else "U0ANN0001"


class Refused(Exception):
    """An error of the Web API, by name."""


class Link:
    """One connection of Socket Mode, from the server's side."""

    def __init__(self, slack, handler):
        self.slack, self.handler = slack, handler
        self.lock = threading.Lock()
        self.is_leaving = False  # it is to be replaced

    def shake_hands(self):
        """False: the test has something else said."""
        if self.slack.on_link(self):
            return False
        key = self.handler.headers["Sec-WebSocket-Key"]
        digest = hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")
                              .encode()).digest()
        self.handler.wfile.write(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
            b"Connection: Upgrade\r\nSec-WebSocket-Accept: " +
            base64.b64encode(digest) + b"\r\n\r\n")
        return True

    def frame(self, opcode, data):
        head = bytes([opcode])
        if len(data) > 65535:
            head += bytes([127]) + struct.pack(">Q", len(data))
        elif len(data) > 125:
            head += bytes([126]) + struct.pack(">H", len(data))
        else:
            head += bytes([len(data)])
        return head + data

    def write(self, document):
        """In two fragments, with a ping between them."""
        data = json.dumps(document).encode()
        half = len(data) // 2
        with self.lock:
            self.handler.wfile.write(self.frame(0x01, data[:half]) +
                                     self.frame(0x89, b"?") +
                                     self.frame(0x80, data[half:]))

    def exactly(self, n):
        data = self.handler.rfile.read(n)
        if len(data) < n:
            raise EOFError
        return data

    def read(self):
        """Opcode and payload of the next frame, which must be masked."""
        first, second = self.exactly(2)
        assert first & 0x80 and second & 0x80, "a client masks"
        length = second & 0x7f
        if length > 125:
            n = 2 if length == 126 else 8
            length = int.from_bytes(self.exactly(n), "big")
        mask = self.exactly(4)
        return first & 0x0f, bytes(c ^ mask[i % 4] for i, c in
                                   enumerate(self.exactly(length)))

    def serve(self):
        if not self.shake_hands():
            return
        with self.slack.changed:
            number = len(self.slack.links) + 1
            if number <= LINKS_MAX:
                self.slack.links.append(self)
                self.slack.changed.notify_all()
        if number > LINKS_MAX:
            with contextlib.suppress(OSError):
                self.write({"type": "disconnect",
                            "reason": "too_many_websockets"})
            return
        try:
            self.write({"type": "hello", "num_connections": number,
                        "connection_info": {"app_id": self.slack.app}})
            while True:
                opcode, data = self.read()
                if opcode == 8:
                    return
                if opcode == 9:
                    with self.lock:
                        self.handler.wfile.write(self.frame(0x8a, data))
                if opcode == 1:
                    self.slack.acknowledge(json.loads(data)["envelope_id"])
        except (OSError, EOFError):
            pass
        finally:
            with self.slack.changed:
                self.slack.links.remove(self)
                self.slack.changed.notify_all()

    def cut(self):
        with contextlib.suppress(OSError):
            self.handler.connection.shutdown(socket.SHUT_RDWR)


class Slack:
    def __init__(self, secret, token, team, app="A0TELLER1", user="U0TELLER1",
                 app_token="xapp-of-the-test"):
        self.secret, self.token, self.team = secret, token, team
        self.app_token = app_token
        self.app_login = None    # OAuth sets it
        self.others = {}         # workspaces of other tokens
        self.homes = {}          # of channels that others do not know
        self.asking = threading.local()
        self.links = []          # of Socket Mode
        self.acknowledged = set()
        self.n_links = 0
        self.app, self.user = app, user
        self.scopes = manifest()["oauth_config"]["scopes"]["bot"]
        self.lock = threading.RLock()
        self.changed = threading.Condition(self.lock)
        self.channels = collections.defaultdict(list)
        self.calls = []          # (method, arguments, fault)
        self.reactions = []      # (channel, ts, name)
        self.whispers = []       # what one user alone was told
        self.members, self.is_private = [], True  # of any channel
        self.names, self.guests = {}, []          # of users
        self.fault = lambda method, arguments: None
        self.on_posted = lambda message: None  # before Slack answers
        self.on_streamed = lambda message: None  # the same of a stream
        self.features = set()    # "sessions", "assistant", "streams": what it may
        self.statuses = []       # (channel, thread, status), in order
        self.on_opened = lambda user: None     # the same
        self.unreachable = set()  # users whom the bot cannot write to
        self.clock = int(time.time() * 1000000)
        self.n_events = 0
        self.ack_s = []          # how long each delivery took
        self.answer_s = WAIT_S   # the real one waits three seconds
        self.server = self.serve()
        self.port = self.server.server_address[1]
        self.base = f"http://127.0.0.1:{self.port}/api"
        self.link_base = f"ws://127.0.0.1:{self.port}"
        self.tickets = set()     # good for one connection each
        self.retry_after_s = 1   # what "ratelimited" says
        self.on_link = lambda link: None  # True: it has said all itself

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    # ---- Time stamps and events ---------------------------------------------

    def ts(self):
        """A message's, unlike any other, of about now."""
        with self.lock:
            self.clock = max(self.clock + 1, int(time.time() * 1000000))
            return f"{self.clock // 1000000}.{self.clock % 1000000:06}"

    def event(self, inner, **members):
        """An event_callback; each has an id of its own."""
        with self.lock:
            self.n_events += 1
            number = self.n_events
        return {"token": "deprecated", "team_id": self.team,
                "api_app_id": self.app, "event": inner,
                "type": "event_callback", "event_id": f"Ev{number:09}",
                "event_time": int(time.time()),
                "authorizations": [{
                    "enterprise_id": None, "team_id": self.team,
                    "user_id": self.user, "is_bot": True,
                    "is_enterprise_install": False}],
                "is_ext_shared_channel": False, **members}

    def message(self, channel, text, thread=None, ts=None, **members):
        """The event of a message that a person wrote."""
        kinds = {"D": "im", "G": "group"}
        inner = {"type": "message", "channel": channel, "text": text,
                 "user": user_of(channel), "ts": ts or self.ts(),
                 "team": self.team,
                 "channel_type": kinds.get(channel[0], "channel")}
        if thread:
            inner["thread_ts"] = thread
        inner.update(members)
        return self.event(inner)

    def edit(self, event, text):
        """The event of a message that now reads so; None: it is deleted."""
        before = event["event"]
        now = self.ts()
        inner = {"type": "message", "channel": before["channel"], "ts": now,
                 "event_ts": now, "hidden": True, "subtype": "message_deleted",
                 "deleted_ts": before["ts"], "previous_message": before}
        if text is not None:
            inner.update(subtype="message_changed",
                         message=dict(before, text=text, edited={
                             "user": before["user"], "ts": now}))
        return self.event(inner)

    def stop(self, channel, thread=None):
        """The event of the button that stops a session."""
        inner = {"type": "agent_session_stopped", "channel": channel,
                 "user": user_of(channel), "streaming_message_ts": [],
                 "event_ts": self.ts()}
        if thread:
            inner["thread_ts"] = thread
        return self.event(inner)

    def mention(self, channel, text, **members):
        """The two events that come of one message that mentions the bot."""
        text = f"<@{self.user}> {text}"
        message = self.message(channel, text, **members)
        inner = dict(message["event"], type="app_mention")
        del inner["channel_type"]
        return [self.event(inner), message]

    def press(self, message, action, user=None):
        """The payload of a button of a message that was posted."""
        user = user or user_of(message["channel"])
        button = next(b for block in message["blocks"]
                      for b in block.get("elements", [])
                      if b.get("action_id") == action)
        container = {"type": "message", "message_ts": message["ts"],
                     "channel_id": message["channel"]}
        if message.get("thread_ts"):
            container["thread_ts"] = message["thread_ts"]
        return {"type": "block_actions", "team": {"id": self.team},
                "user": {"id": user, "name": "ann", "team_id": self.team},
                "api_app_id": self.app, "container": container,
                "channel": {"id": message["channel"]}, "enterprise": None,
                "is_enterprise_install": False,
                "actions": [{"type": "button", "action_id": action,
                             "value": button["value"],
                             "action_ts": self.ts()}]}

    # ---- What Slack posts ----------------------------------------------------

    def sign(self, body, at=None, secret=None):
        at = str(int(time.time()) if at is None else at)
        text = b"v0:" + at.encode() + b":" + body
        mac = hmac.new((secret or self.secret).encode(), text, hashlib.sha256)
        return {"X-Slack-Request-Timestamp": at,
                "X-Slack-Signature": "v0=" + mac.hexdigest()}

    def post(self, address, path, body, headers):
        """Status and body of one request."""
        connection = http.client.HTTPConnection(address, timeout=self.answer_s)
        try:
            connection.request("POST", path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def post_json(self, address, document, **signing):
        body = json.dumps(document).encode()
        return self.post(address, "/slack/events", body, {
            "Content-Type": "application/json", **self.sign(body, **signing)})

    def post_payload(self, address, payload):
        body = urllib.parse.urlencode({"payload": json.dumps(payload)}).encode()
        return self.post(address, "/slack/interactive", body, {
            "Content-Type": "application/x-www-form-urlencoded",
            **self.sign(body)})

    def send(self, address, event, pause_s=0.05, patience_s=WAIT_S):
        """Deliver an event, again and again until it is taken.  How often, or
        None: it never was."""
        if address is None:
            return self.send_by_link(event, pause_s, patience_s)
        body = json.dumps(event).encode()
        end, number, reason = time.monotonic() + patience_s, 0, None
        while time.monotonic() < end:
            headers = {"Content-Type": "application/json", **self.sign(body)}
            if number:
                headers["X-Slack-Retry-Num"] = str(number)
                headers["X-Slack-Retry-Reason"] = reason
            number += 1
            begin = time.monotonic()
            try:
                status, _ = self.post(address, "/slack/events", body, headers)
                reason = "http_error"
            except TimeoutError:
                status, reason = None, "http_timeout"
            except (OSError, http.client.HTTPException):
                status, reason = None, "connection_failed"
            if status == 200:
                with self.lock:
                    self.ack_s.append(time.monotonic() - begin)
                return number
            time.sleep(pause_s)
        return None

    # ---- Socket Mode ---------------------------------------------------------

    def acknowledge(self, envelope):
        with self.changed:
            self.acknowledged.add(envelope)
            self.changed.notify_all()

    def pick_link(self):
        """Any; the last that is to be replaced only until that is done."""
        with self.lock:
            links = [link for link in self.links if not link.is_leaving]
            links = links or self.links[-1:]
            return random.choice(links) if links else None

    def send_by_link(self, event, pause_s, patience_s, kind="events_api"):
        end, number = time.monotonic() + patience_s, 0
        while time.monotonic() < end:
            link = self.wait(self.pick_link, 1)
            if not link:
                continue
            envelope = f"{event.get('event_id', 'e')}-{self.ts()}"
            begin = time.monotonic()
            with contextlib.suppress(OSError, ValueError):
                link.write({"envelope_id": envelope, "type": kind,
                            "accepts_response_payload": False,
                            "retry_attempt": number, "retry_reason": "",
                            "payload": event})
            number += 1
            if self.wait(lambda: envelope in self.acknowledged or
                         link not in self.links, self.answer_s) and \
                    envelope in self.acknowledged:
                with self.lock:
                    self.ack_s.append(time.monotonic() - begin)
                return number
            time.sleep(pause_s)
        return None

    def refresh(self):
        """Each connection is to be replaced, and is until then."""
        with self.lock:
            links = list(self.links)
        for link in links:
            link.is_leaving = True
            with contextlib.suppress(OSError, ValueError):
                link.write({"type": "disconnect",
                            "reason": "refresh_requested"})

    def cut_links(self):
        with self.lock:
            links = list(self.links)
        for link in links:
            link.cut()

    # ---- What was posted -----------------------------------------------------

    def posts(self, channel, thread=None):
        """What the bot said there, in order."""
        with self.lock:
            return [m for m in self.channels[channel]
                    if m.get("thread_ts") == thread]

    def all_posts(self):
        with self.lock:
            return [m for list in self.channels.values() for m in list]

    def count(self, method):
        with self.lock:
            return sum(call[0] == method for call in self.calls)

    def wait(self, is_there, patience_s=WAIT_S):
        """What is_there() gives once it gives something, or the last."""
        end = time.monotonic() + patience_s
        with self.changed:
            while True:
                found = is_there()
                left = end - time.monotonic()
                if found or left <= 0:
                    return found
                self.changed.wait(min(left, 1))

    # ---- The Web API ---------------------------------------------------------

    def method_auth_test(self, _):
        return {"url": "https://acme.slack.example/", "team": "Acme",
                "user": "teller", "team_id": self.asking.team,
                "user_id": self.user,
                "bot_id": "B0TELLER1", "is_enterprise_install": False}

    def check_post(self, arguments):
        channel = arguments.get("channel")
        team = getattr(self.asking, "team", self.team)  # none: by a hook
        if not channel or self.homes.get(channel, team) != team:
            raise Refused("channel_not_found")
        text, blocks = arguments.get("text"), arguments.get("blocks", [])
        if not text and not blocks:
            raise Refused("no_text")
        if len(text or "") > TEXT_MAX:
            raise Refused("msg_too_long")
        ids = [b["block_id"] for b in blocks if "block_id" in b]
        if len(blocks) > BLOCKS_MAX or len(ids) != len(set(ids)):
            raise Refused("invalid_blocks")
        for block in blocks:
            if block["type"] == "section" and \
                    not 0 < len(block["text"]["text"]) <= SECTION_MAX:
                raise Refused("invalid_blocks")
            buttons = block["elements"] if block["type"] == "actions" else []
            for button in buttons:
                if len(button["text"]["text"]) > 75 or \
                        len(button["value"]) > 2000:
                    raise Refused("invalid_blocks")

    def method_chat_postMessage(self, arguments):
        self.check_post(arguments)
        message = dict(arguments, ts=self.ts(), type="message",
                       user=self.user, bot_id="B0TELLER1", app_id=self.app,
                       team=self.team)
        with self.changed:
            self.channels[arguments["channel"]].append(message)
            self.changed.notify_all()
        self.on_posted(message)
        return {"channel": message["channel"], "ts": message["ts"],
                "message": message}

    def find(self, channel, ts):
        for message in self.channels[channel]:
            if message["ts"] == ts:
                return message
        raise Refused("message_not_found")

    def method_chat_update(self, arguments):
        self.check_post(arguments)
        with self.changed:
            message = self.find(arguments["channel"], arguments["ts"])
            if message.get("is_streaming"):
                raise Refused("streaming_state_conflict")
            message.update(text=arguments["text"],
                           blocks=arguments.get("blocks", []))
            self.changed.notify_all()
        return {"channel": arguments["channel"], "ts": arguments["ts"]}

    def method_chat_postEphemeral(self, arguments):
        with self.changed:
            self.whispers.append(arguments)
            self.changed.notify_all()
        return {"message_ts": self.ts()}

    def method_reactions_add(self, arguments):
        reaction = (arguments["channel"], arguments["timestamp"],
                    arguments["name"])
        with self.changed:
            if reaction in self.reactions:
                raise Refused("already_reacted")
            self.reactions.append(reaction)
            self.changed.notify_all()
        return {}

    def method_conversations_info(self, arguments):
        return {"channel": {"id": arguments["channel"], "is_member": True,
                            "is_private": self.is_private}}

    def method_conversations_members(self, arguments):
        """A few at a time, however many are asked for."""
        first = int(arguments.get("cursor", "0").rstrip("="))
        return {"members": self.members[first:first + 2],
                "response_metadata": {
                    "next_cursor": f"{first + 2}==" if
                    first + 2 < len(self.members) else ""}}

    def method_users_info(self, arguments):
        user = arguments["user"]
        return {"user": {"id": user, "team_id": self.team, "name": user.lower(),
                         "profile": {"display_name": self.names.get(user, ""),
                                     "real_name": user.title()},
                         "is_restricted": user in self.guests}}

    def method_chat_startStream(self, arguments):
        if "streams" not in self.features:
            raise Refused("missing_scope")
        if arguments["channel"][0] != "D" and \
                not arguments.get("recipient_user_id"):
            raise Refused("missing_recipient_user_id")
        message = dict(arguments, ts=self.ts(), type="message", text="",
                       is_streaming=True, user=self.user, app_id=self.app)
        with self.changed:
            self.channels[arguments["channel"]].append(message)
            self.changed.notify_all()
        return {"channel": message["channel"], "ts": message["ts"]}

    def add_to_stream(self, arguments, **members):
        with self.changed:
            message = self.find(arguments["channel"], arguments["ts"])
            if not message.get("is_streaming"):
                raise Refused("message_not_in_streaming_state")
            message["text"] += arguments.get("markdown_text", "")
            message.update(members)
            self.changed.notify_all()
        self.on_streamed(message)
        return {"channel": message["channel"], "ts": message["ts"]}

    def method_chat_appendStream(self, arguments):
        return self.add_to_stream(arguments)

    def method_chat_stopStream(self, arguments):
        members = {key: arguments[key] for key in ("blocks", "metadata")
                   if key in arguments}
        return self.add_to_stream(arguments, is_streaming=False, **members)

    def set_status(self, arguments, feature):
        if feature not in self.features:
            raise Refused("feature_disabled")
        with self.changed:
            self.statuses.append((arguments["channel_id"],
                                  arguments.get("thread_ts"),
                                  arguments["status"]))
            self.changed.notify_all()
        return {}

    def method_agents_sessions_setStatus(self, arguments):
        return self.set_status(arguments, "sessions")

    def method_assistant_threads_setStatus(self, arguments):
        return self.set_status(arguments, "assistant")

    def page(self, messages, arguments):
        oldest = float(arguments.get("oldest", 0))
        messages = [m if arguments.get("include_all_metadata") else
                    {k: v for k, v in m.items() if k != "metadata"}
                    for m in messages if float(m["ts"]) >= oldest]
        first = int(arguments.get("cursor", "0").rstrip("="))
        end = first + min(int(arguments.get("limit", 100)), 15)
        more = end < len(messages)
        return {"messages": messages[first:end], "has_more": more,
                "response_metadata": {
                    "next_cursor": f"{end}==" if more else ""}}

    def method_conversations_open(self, arguments):
        users = arguments.get("users", "").split(",")
        if len(users) != 1 or users[0][:1] != "U":
            raise Refused("invalid_user_combination")
        if users[0] in self.unreachable:
            raise Refused("user_disabled")
        self.on_opened(users[0])
        return {"channel": {"id": "D" + users[0][1:]}}

    def method_conversations_replies(self, arguments):
        return self.page(self.posts(arguments["channel"], arguments["ts"]),
                         arguments)

    def method_conversations_history(self, arguments):
        return self.page(self.posts(arguments["channel"])[::-1], arguments)

    def method_apps_connections_open(self, _):
        with self.lock:
            self.n_links += 1
            self.tickets.add(str(self.n_links))
            return {"url": f"{self.link_base}/link/"
                           f"?ticket={self.n_links}&app_id={self.app}"}

    def call(self, method, arguments, token):
        """The document that a call is answered with."""
        bots = {f"Bearer {bot}": team for bot, team in
                {**self.others, self.token: self.team}.items()}
        self.asking.team = bots.get(token, self.team)
        wanted = [self.app_login] if method.startswith("oauth.") else bots
        if method.startswith("apps."):
            wanted = [f"Bearer {self.app_token}"]
        if token not in wanted:
            return {"ok": False, "error": "invalid_auth"}
        function = getattr(self, "method_" + method.replace(".", "_"), None)
        if not function:
            return {"ok": False, "error": "unknown_method"}
        try:
            return {"ok": True, **function(arguments)}
        except Refused as refused:
            return {"ok": False, "error": str(refused)}

    def serve(self):
        slack = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                path, _, query = self.path.partition("?")
                fields = dict(urllib.parse.parse_qsl(query))
                if path == "/link/":
                    self.serve_link(fields.get("ticket"))
                    self.close_connection = True
                    return
                self.answer(path, fields)

            def serve_link(self, ticket):
                with slack.lock:
                    is_good = ticket in slack.tickets
                    slack.tickets.discard(ticket)
                if is_good:
                    Link(slack, self).serve()
                else:
                    self.send_error(403)

            def do_POST(self):
                length = int(self.headers.get("Content-Length", 0))
                body = self.rfile.read(length)
                if len(body) < length:
                    return  # it was killed on the way
                if "form" in self.headers.get("Content-Type", ""):
                    fields = dict(urllib.parse.parse_qsl(body.decode()))
                else:
                    fields = json.loads(body or b"{}")
                self.answer(self.path, fields)

            def answer(self, path, arguments):
                method = path.removeprefix("/api/")
                fault = slack.fault(method, arguments)
                with slack.changed:
                    slack.calls.append((method, arguments, fault))
                    slack.changed.notify_all()
                document = {"ok": False, "error": fault}
                if {**FAULTS, **SLOW_FAULTS}.get(fault, True):
                    document = slack.call(method, arguments,
                                          self.headers["Authorization"])
                with contextlib.suppress(OSError):
                    self.reply(fault, document)

            def reply(self, fault, document):
                body, status = json.dumps(document).encode(), 200
                headers = {"X-OAuth-Scopes": ",".join(slack.scopes)}
                if fault in ("fatal_error", "internal_error"):
                    body = json.dumps({"ok": False, "error": fault}).encode()
                elif fault == "ratelimited":
                    status = 429
                    headers = {"Retry-After": str(slack.retry_after_s)}
                elif fault == "error503":
                    status, body = 503, b"<html>busy</html>"
                elif fault == "garbage":
                    body = b"<html>hello</html>"
                elif fault in ("cut_before", "cut_after"):
                    self.cut()
                    return
                elif fault in SLOW_FAULTS:
                    self.rfile.read(1)
                    self.close_connection = True
                    return
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                if fault == "cut_in_answer":
                    self.wfile.write(body[:len(body) // 2])
                    self.cut()
                else:
                    self.wfile.write(body)

            def cut(self):
                """Reset, rather than end."""
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                           struct.pack("ii", 1, 0))
                self.close_connection = True
                self.connection.close()

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 128

            def handle_error(self, *_):
                pass  # a peer that was killed

        server = Server(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return server
