"""The simulator's side of what people press, fill in and command: messages that
change, forms, and answers that one person alone sees."""

import urllib.parse

from simulator import Refused, Slack

TITLE_MAX = 24
HOOK_USES = 5


class Interactive(Slack):
    def __init__(self, *arguments, **members):
        self.views = []        # that were opened
        self.pages = {}        # of each user
        self.hooks = {}        # how often each address may be used still
        self.answers = []      # that were posted there
        self.triggers = set()  # good for one of them each
        super().__init__(*arguments, **members)
        self.hooks_base = f"http://127.0.0.1:{self.port}/hooks"

    def trigger(self):
        with self.lock:
            trigger = f"trigger.{self.ts()}"
            self.triggers.add(trigger)
            return trigger

    def press(self, message, action, **members):
        """Slack sends the message along, as it looks now."""
        return {**super().press(message, action, **members),
                "trigger_id": self.trigger(), "message": dict(message)}

    def submit(self, view, user="U0ANN0001", **values):
        """The form that was filled in: a text, or an option's value, each."""
        state = {}
        for block in view["blocks"]:
            element, value = block["element"], values.get(block["block_id"])
            kind = element["type"]
            said = {"type": kind, "value": value} \
                if kind == "plain_text_input" else \
                {"type": kind, "selected_option": value and {"value": value}}
            state[block["block_id"]] = {element["action_id"]: said}
        return {"type": "view_submission", "team": {"id": self.team},
                "user": {"id": user, "name": "ann", "team_id": self.team},
                "api_app_id": self.app, "is_enterprise_install": False,
                "enterprise": None,
                "view": {**view, "state": {"values": state}}}

    def hook(self, uses=HOOK_USES):
        """An address for answers."""
        with self.lock:
            url = f"{self.hooks_base}/{self.team}/{len(self.hooks)}"
            self.hooks[url] = uses
        return url

    def command(self, text, user="U0ANN0001", channel="C0HELP001", **hook):
        """The fields of a command that somebody gives."""
        return {"token": "deprecated", "team_id": self.team,
                "team_domain": "acme", "channel_id": channel,
                "channel_name": "help", "user_id": user, "user_name": "ann",
                "command": "/ask", "text": text, "api_app_id": self.app,
                "is_enterprise_install": "false",
                "response_url": self.hook(**hook),
                "trigger_id": self.trigger()}

    def give(self, address, fields):
        """Status and body of what a command is answered at once."""
        body = urllib.parse.urlencode(fields).encode()
        return self.post(address, "/slack/commands", body, {
            "Content-Type": "application/x-www-form-urlencoded",
            **self.sign(body)})

    def press_answer(self, answer, action):
        """A button of what one person alone sees; Slack does not send it
        along."""
        payload = self.press({**answer, "channel": "C0HELP001",
                              "ts": self.ts()}, action)
        payload["container"]["is_ephemeral"] = True
        del payload["message"]
        return {**payload, "response_url": self.hook()}

    def answered(self, url):
        with self.lock:
            return [answer for at, answer in self.answers if at == url]

    def call(self, method, arguments, token):
        if not method.startswith("/hooks/"):
            return super().call(method, arguments, token)
        url = f"http://127.0.0.1:{self.port}{method}"
        with self.changed:
            if token or self.hooks.get(url, 0) == 0:
                return {"ok": False, "error": "used_url"}
            self.hooks[url] -= 1
            self.answers.append((url, arguments))
            self.changed.notify_all()
        return {"ok": True}

    def find(self, channel, ts):
        return next((m for m in self.channels[channel] if m["ts"] == ts), None)

    def method_chat_update(self, arguments):
        self.check_post(arguments)
        with self.changed:
            message = self.find(arguments["channel"], arguments["ts"])
            if not message:
                raise Refused("message_not_found")
            message.update({k: arguments[k] for k in ("text", "blocks")
                            if k in arguments})
            self.changed.notify_all()
        return {"channel": message["channel"], "ts": message["ts"]}

    def open_tab(self, tab, user="U0ANN0001"):
        """The event of somebody who opens the bot's page."""
        return self.event({"type": "app_home_opened", "user": user,
                           "channel": "D" + user[1:], "tab": tab,
                           "event_ts": self.ts()})

    def press_page(self, user, action):
        """The payload of a button of somebody's page."""
        view = self.pages[user]
        payload = self.press({**view, "channel": "D0", "ts": "0.0"}, action,
                             user=user)
        del payload["message"], payload["channel"]
        return {**payload, "view": view,
                "container": {"type": "view", "view_id": "V0HOME001"}}

    def method_views_publish(self, arguments):
        with self.changed:
            self.pages[arguments["user_id"]] = {**arguments["view"],
                                                "hash": self.ts()}
            self.changed.notify_all()
        return {}

    def method_views_open(self, arguments):
        view = arguments["view"]
        for words in (view["title"], view["submit"], view["close"]):
            if len(words["text"]) > TITLE_MAX:
                raise Refused("invalid_arguments")
        with self.changed:
            if arguments["trigger_id"] not in self.triggers:
                raise Refused("exchanged_trigger_id")
            self.triggers.remove(arguments["trigger_id"])
            view = {**view, "id": f"V{len(self.views):08}"}
            self.views.append(view)
            self.changed.notify_all()
        return {"view": view}
