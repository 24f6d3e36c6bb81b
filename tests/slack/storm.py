"""Many conversations with everything that goes wrong on the way, and what must
be true afterwards.

Slack brings an event again, as its page says: almost at once, after a minute,
after five, then each hour, with the number and the reason of it, and also what
was taken when its 200 got lost.  Here a minute is PATIENCE_S / 60 as long."""

import collections
import concurrent.futures
import contextlib
import dataclasses
import http.client
import json
import os
import random
import re
import socket
import sqlite3
import threading
import time

from simulator import FAULTS
from teller import QUESTIONS, START_S, settle

SENDERS = 16
ANSWER_S = 3  # after which Slack takes an event for not delivered
RETRIES_S = [0, 0.3, 1.5, 3]  # the last again and again
REPEATED, BROKEN, FAULTY = 0.2, 0.03, 0.1
REORDERED = 0.15  # of neighbours that may be: one in twenty of all
WAITING = 0.7  # of customers, until they hear something
PRESSING = 0.2  # of those
UNTROUBLED = ["apps.connections.open"]  # asked again in a while


@dataclasses.dataclass
class Said:
    """One message of a customer, and the events that tell of it."""
    channel: str
    thread: str  # or None
    ts: str
    events: list
    is_reordered: bool = False
    is_taken: bool = False


def conversation(slack, number, chance, n_messages):
    """What one customer says, in order."""
    is_direct = chance.random() < 0.5
    channel = f"D0RUN{number:05}" if is_direct else f"C0RUN{number % 50:05}"
    thread, said = None, []
    for n in range(n_messages):
        text = chance.choice(QUESTIONS)
        if is_direct:
            events = [slack.message(channel, text)]
        elif n == 0 or chance.random() < 0.3:
            events = slack.mention(channel, text, **(
                {"thread_ts": thread} if thread else {}))
        else:
            events = [slack.message(channel, text, thread=thread)]
        ts = events[0]["event"]["ts"]
        thread = None if is_direct else thread or ts
        said.append(Said(channel, thread, ts, events))
    return said


class Post:
    """What brings one event, until it is taken."""

    def __init__(self, daemon, slack, chance, broken=BROKEN):
        self.daemon, self.slack, self.chance = daemon, slack, chance
        self.broken = broken

    def headers(self, body, number, reason):
        headers = {"Content-Type": "application/json", **self.slack.sign(body)}
        if number:
            headers["X-Slack-Retry-Num"] = str(number)
            headers["X-Slack-Retry-Reason"] = reason
        return headers

    def once(self, body, number, reason):
        """None if it was taken, or why not."""
        begin = time.monotonic()
        try:
            status, _ = self.slack.post(self.daemon.address, "/slack/events",
                                        body, self.headers(body, number,
                                                           reason))
        except TimeoutError:
            return "http_timeout"
        except (OSError, http.client.HTTPException):
            return "connection_failed"
        if status != 200:
            return "http_error"
        with self.slack.lock:
            self.slack.ack_s.append(time.monotonic() - begin)
        return None

    def break_off(self, body):
        """It may have come, or half of it: Slack never hears."""
        fields = self.headers(body, 0, None)
        fields["Content-Length"] = str(len(body))
        head = "POST /slack/events HTTP/1.1\r\nHost: localhost\r\n" + \
            "".join(f"{k}: {v}\r\n" for k, v in fields.items()) + "\r\n"
        data = head.encode() + body
        host, port = self.daemon.address.split(":")
        if self.chance.random() < 0.5:
            data = data[:self.chance.randrange(len(data))]
        with contextlib.suppress(OSError), \
                socket.create_connection((host, int(port)), 5) as s:
            s.sendall(data)

    def deliver(self, event, end):
        """How often it was brought, or 0: it never was taken."""
        if self.daemon.address is None:
            return self.slack.send_by_link(event, 0.05,
                                           end - time.monotonic()) or 0
        body, number, reason = json.dumps(event).encode(), 0, None
        if self.broken and self.chance.random() < self.broken:
            self.break_off(body)
            number, reason = 1, "connection_failed"
        while time.monotonic() < end:
            reason = self.once(body, number, reason)
            if reason is None:
                return number + 1
            time.sleep(RETRIES_S[min(number, 3)])
            number += 1
        return 0

    def press(self, payload, end):
        """Is it taken in the end?"""
        if self.daemon.address is None:
            return bool(self.slack.send_by_link(
                payload, 0.05, end - time.monotonic(), "interactive"))
        while time.monotonic() < end:
            with contextlib.suppress(OSError, http.client.HTTPException):
                status, _ = self.slack.post_payload(self.daemon.address,
                                                    payload)
                if status == 200:
                    return True
            time.sleep(0.1)
        return False


class Storm:
    """n_events, over so many kills of the daemon, and a third as many restarts
    and reloads."""

    def __init__(self, daemon, slack, seed, n_events, n_kills):
        self.daemon, self.slack, self.seed = daemon, slack, seed
        self.n_events, self.n_kills = n_events, n_kills
        self.chance = random.Random(seed)
        self.lock = threading.Lock()
        self.conversations = []
        self.counts = collections.Counter()
        self.n_taken = 0
        self.progress = threading.Condition(self.lock)
        self.heard = {}          # what was posted last, and where
        self.pressed = set()     # replies with a thumb
        self.is_armed = False    # the next post is the end of the daemon
        self.killed = threading.Event()
        self.end = time.monotonic() + 20 * START_S + n_events / 5

    # ---- What is said

    def plan(self):
        n = 0
        while n < self.n_events:
            said = conversation(self.slack, len(self.conversations),
                                self.chance, self.chance.choice([1, 1, 2, 4]))
            self.conversations.append(said)
            n += sum(len(message.events) for message in said)
        self.n_events = n

    def bring(self, event, chance):
        post = Post(self.daemon, self.slack, chance)
        repeat = None
        if chance.random() < REPEATED:  # it is taken for lost, and is not
            repeat = threading.Thread(
                target=Post(self.daemon, self.slack,
                            random.Random(chance.random())).deliver,
                args=(event, self.end))
        is_at_once = chance.random() < 0.5
        if repeat and is_at_once:
            repeat.start()
        tries = post.deliver(event, self.end)
        if repeat and not is_at_once:
            repeat.start()
        if repeat:
            repeat.join()
        with self.progress:
            self.counts["deliveries"] += tries + bool(repeat)
            self.counts["repeated"] += bool(repeat)
            self.n_taken += bool(tries)
            self.progress.notify_all()
        return tries

    def speak(self, number):
        """A message after the other, as they are taken."""
        chance = random.Random(f"{self.seed}/{number}")
        said = self.conversations[number]
        queue = [(message, event) for message in said
                 for event in message.events]
        for i in range(len(queue) - 1):
            a, b = queue[i][0], queue[i + 1][0]
            # What begins a thread comes before what goes on with it.
            if chance.random() < REORDERED and \
                    (a is b or a.channel[0] == "D"):
                queue[i], queue[i + 1] = queue[i + 1], queue[i]
                with self.lock:
                    self.counts["reordered"] += 1
                a.is_reordered = b.is_reordered = a is not b
        for message, event in queue:
            message.is_taken |= self.bring(event, chance) > 0
            if chance.random() < WAITING:
                self.wait_for_answer(message, chance)
        return all(message.is_taken for message in said)

    def wait_for_answer(self, said, chance):
        place = said.channel, said.thread or (
            said.ts if said.channel[0] == "C" else None)
        with self.progress:
            self.progress.wait_for(lambda: place in self.heard,
                                   self.end - time.monotonic())
            message = self.heard.get(place)
        if message and chance.random() < PRESSING:
            self.press(message, chance)

    def press(self, message, chance):
        """A thumb, twice at once: Slack brings it once, and people press
        again."""
        if not any(button.get("action_id") == "up"
                   for block in message.get("blocks", [])
                   for button in block.get("elements", [])):
            return
        payload = self.slack.press(message, "up")
        post = Post(self.daemon, self.slack, chance)
        again = threading.Thread(target=post.press, args=(payload, self.end))
        again.start()
        is_taken = post.press(payload, self.end)
        again.join()
        with self.lock:
            self.counts["presses"] += 1
            if is_taken:
                self.pressed.add(job_of(message)[0])

    def posted(self, message):
        """Slack has it, and has not said so yet."""
        with self.progress:
            self.heard[message["channel"], message.get("thread_ts")] = message
            self.progress.notify_all()
            is_end, self.is_armed = self.is_armed, False
        if is_end:
            self.daemon.kill()
            self.killed.set()

    # ---- What goes wrong

    def fault(self, method, arguments):
        with self.lock:
            if method in UNTROUBLED or self.chance.random() >= FAULTY:
                return None
            self.counts["faults"] += 1
            return self.chance.choice(sorted(FAULTS))

    def wait_for(self, n_taken, done):
        with self.progress:
            self.progress.wait_for(lambda: self.n_taken >= n_taken or
                                   done.is_set(), self.n_events)

    def kill(self, done):
        """At any instant, or between a post and Slack's answer to it."""
        self.killed.clear()
        self.is_armed = was_armed = self.chance.random() < 0.5
        while self.is_armed and not done.is_set():
            self.killed.wait(0.1)
        with self.lock:
            is_taken = was_armed and not self.is_armed
            self.is_armed = False
        if is_taken:  # lest it is the next process that is killed
            self.killed.wait(START_S)
        time.sleep(self.chance.uniform(0, 0.05))
        self.daemon.kill()
        self.counts["kills"] += 1
        self.counts["kills between post and answer"] += self.killed.is_set()
        self.daemon.start()

    def restart(self, _):
        if self.daemon.stop() != 0:
            self.counts["restarts that failed"] += 1
        self.counts["restarts"] += 1
        self.daemon.start()

    def reload(self, _):
        """With another setting, so that the plugin begins anew."""
        self.counts["reloads"] += 1
        with open(self.daemon.config) as f:
            text = f.read()
        with open(self.daemon.config, "w") as f:
            f.write(re.sub("thread: .*",
                           f"thread: {self.counts['reloads'] + 10} d", text))
        if self.daemon.ctl("reload")[0] != 0:
            self.counts["reloads that failed"] += 1

    def disconnect(self, _):
        self.chance.choice([self.slack.refresh, self.slack.cut_links])()
        self.counts["disconnects"] += 1

    def trouble(self, done):
        """Each kind at even distances."""
        is_linked = self.daemon.address is None
        n_calm = (self.n_kills + 2) // 3
        plan = [((k + offset) / (n + 1), number, act)
                for number, (act, n, offset) in enumerate([
                    (self.kill, self.n_kills, 1),
                    (self.restart, n_calm, 0.7),
                    (self.reload, n_calm, 0.4),
                    (self.disconnect, 4 * self.n_kills * is_linked, 0.5)])
                for k in range(n)]
        for at, _, act in sorted(plan, key=lambda step: step[:2]):
            self.wait_for(at * self.n_events, done)
            if done.is_set():
                return
            try:
                act(done)
            except Exception:  # nobody waits for a daemon that does not start
                self.counts["troubles that failed"] += 1
                self.end = time.monotonic()
                raise

    def go(self):
        """Was everything taken, and did everything leave?"""
        done = threading.Event()
        slack = self.slack
        slack.fault, slack.answer_s = self.fault, ANSWER_S
        slack.on_posted = self.posted
        troubles = threading.Thread(target=self.trouble, args=(done,))
        troubles.start()
        with concurrent.futures.ThreadPoolExecutor(SENDERS) as pool:
            taken = list(pool.map(self.speak, range(len(self.conversations))))
        done.set()
        with self.progress:
            self.progress.notify_all()
        troubles.join()
        return all(taken) and settle(self.daemon,
                                     START_S * 4 + self.n_events / 10)

    # ---- What must be true of it

    def judge(self):
        """What is wrong, by name, once the daemon has ended."""
        wrong = collections.Counter()
        said = [m for messages in self.conversations for m in messages]
        path = os.path.join(self.daemon.state, "store.db")
        with contextlib.closing(sqlite3.connect(path)) as store:
            kept = dict(store.execute(
                "SELECT external_id, message_id FROM message_external "
                "WHERE channel = 'slack' AND external_id LIKE 'message/%'"))
            answered = dict(store.execute(
                "SELECT id, turn_id FROM message WHERE state = 'done'"))
            n_kept = store.execute(
                "SELECT count(*) FROM message m JOIN conversation c "
                "ON c.id = m.conversation_id WHERE c.channel = 'slack' "
                "AND m.kind = 'text'").fetchone()[0]
            thumbs = dict(store.execute(
                "SELECT reply_id, count(*) FROM feedback GROUP BY reply_id"))
            replies = store.execute(
                "SELECT id, turn_id, state FROM reply "
                "WHERE target = 'slack'").fetchall()
        ids = {id(m): kept.get(
            f"message/{self.slack.team}/{m.channel}/{m.ts}") for m in said}
        turns = {turn for _, turn, state in replies if state == "sent"}
        posts = self.slack.all_posts()
        jobs = collections.Counter(job_of(m) for m in posts)
        posted = {number for number, _ in jobs}
        wrong["not kept"] = sum(m.is_taken and not ids[id(m)] for m in said)
        wrong["not answered"] = sum(answered.get(n) not in turns
                                    for n in ids.values() if n)
        wrong["not posted"] = sum(reply not in posted
                                  for reply, _, _ in replies)
        wrong["kept twice"] = n_kept - sum(map(bool, ids.values()))
        wrong["said twice"] = sum(jobs.values()) - len(jobs)
        wrong["thumbs not kept, or twice"] = sum(
            thumbs.get(reply) != 1 for reply in self.pressed)
        wrong["out of order"] = self.disorder(posts, ids)
        wrong.update({name: n for name, n in self.counts.items()
                      if name.endswith("that failed")})
        self.counts.update(messages=len(said), posts=len(posts))
        return {name: n for name, n in wrong.items() if n}

    def disorder(self, posts, ids):
        threads = collections.defaultdict(list)
        for message in posts:
            threads[message["channel"], message.get("thread_ts")].append(
                job_of(message))
        n = sum(jobs != sorted(jobs) for jobs in threads.values())
        for messages in self.conversations:
            order = [ids[id(m)] for m in messages]
            if None not in order and not any(m.is_reordered for m in messages):
                n += order != sorted(order)
        return n

    def words(self):
        counts = ", ".join(f"{n} {what}" for what, n in
                           sorted(self.counts.items()))
        return (f"{self.n_events} events: {counts}; taken after "
                f"{percentiles(self.slack.ack_s)}")


def percentiles(seconds):
    seconds = sorted(seconds) or [0]
    return ", ".join(
        f"{seconds[int((len(seconds) - 1) * p / 100)] * 1000:.1f} ms (p{p})"
        for p in (50, 99, 100))


def job_of(message):
    """The number of the reply, and of its part."""
    payload = message["metadata"]["event_payload"]
    return int(payload["job"].removeprefix("msg_")), payload["part"]
