"""Customers who want a person, and agents of a channel who talk with them, over
the troubles of a storm."""

import collections
import dataclasses
import random
import re
import time

from storm import Post, Storm

DESK = "C0DESK0001"
SETTINGS = f"    desk:\n      acme: {{channel: {DESK}, history: last}}\n"
AGENT = "U0ANN0001"
TICK = "white_check_mark"
TAKEN = 4  # events of a case


@dataclasses.dataclass
class Case:
    name: str  # letters: numbers may be masked
    channel: str
    cards: list
    said: list = dataclasses.field(default_factory=list)  # ts of the agent's


def letters(number):
    return "case q" + "".join(chr(ord("a") + int(digit))
                              for digit in f"{number:05}")


class DeskStorm(Storm):
    def plan(self):
        self.slack.members = [self.slack.user, AGENT]
        self.slack.names = {AGENT: "Ann"}
        self.cases = {}
        for number in range(max(1, self.n_events // TAKEN)):
            case = Case(letters(number), f"D0DESK{number:05}", [])
            self.cases[case.name] = case
            self.conversations.append(case)
        self.n_events = len(self.conversations) * TAKEN

    def posted(self, message):
        found = re.search("case q[a-j]{5}", message["text"])
        if found and message["channel"] == DESK and \
                not message.get("thread_ts"):
            self.cases[found.group()].cards.append(message)
        super().posted(message)

    def wait_in_slack(self, is_there):
        while not self.slack.wait(is_there, 1) and time.monotonic() < self.end:
            pass

    def push(self, case, action, shown, chance):
        """Until the card shows what came of it: people press again."""
        card = case.cards[0]
        while time.monotonic() < self.end:
            with self.slack.lock:
                if shown in card["text"]:
                    break
                payload = self.slack.press(card, "desk_" + action, user=AGENT)
            Post(self.daemon, self.slack, chance).press(payload, self.end)
            self.slack.wait(lambda: shown in card["text"], 2)

    def in_thread(self, case, text):
        return sum(text in m["text"] for m in
                   self.slack.posts(DESK, case.cards[0]["ts"]))

    def speak(self, number):
        chance = random.Random(f"{self.seed}/{number}")
        case, slack = self.conversations[number], self.slack
        self.bring(slack.message(
            case.channel, f"can I speak to a person, {case.name}"), chance)
        self.wait_in_slack(lambda: case.cards)
        self.push(case, "claim", "Ann has", chance)
        for part in "ab":
            event = slack.message(DESK, f"answer {part} to {case.name}",
                                  thread=case.cards[0]["ts"], user=AGENT)
            self.bring(event, chance)
            case.said.append(event["event"]["ts"])
        self.bring(slack.message(case.channel, f"more of {case.name}"), chance)
        self.wait_in_slack(lambda: self.in_thread(case, "more of"))
        self.wait_in_slack(lambda: all((DESK, ts, TICK) in slack.reactions
                                       for ts in case.said))
        self.push(case, "close", "Closed", chance)
        return True

    def judge(self):
        wrong, slack = collections.Counter(), self.slack
        posts = slack.all_posts()
        payloads = [m["metadata"]["event_payload"] for m in posts]
        jobs = collections.Counter((p["job"], p["part"]) for p in payloads)
        wrong["said twice"] = sum(jobs.values()) - len(jobs)
        for case in self.conversations:
            heard = [m["text"] for m in slack.posts(case.channel)]
            answers = re.findall(f"answer ([ab]) to {case.name}",
                                 "\n".join(heard))
            wrong["cards too few or many"] += len(case.cards) != 1
            wrong["agents' words lost, twice or out of order"] += \
                answers != ["a", "b"]
            wrong["words without a tick"] += sum(
                (DESK, ts, TICK) not in slack.reactions for ts in case.said)
            wrong["customers' words lost or twice"] += \
                self.in_thread(case, "more of") != 1
            wrong["cards that show another state"] += \
                "Closed" not in case.cards[0]["text"]
        self.counts.update(cases=len(self.cases), posts=len(posts))
        return {name: n for name, n in wrong.items() if n}
