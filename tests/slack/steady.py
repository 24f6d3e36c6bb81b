"""Events at a steady rate, each of a conversation of its own, and how long it
takes until they are taken and until they are answered."""

import concurrent.futures
import threading
import time

from storm import ANSWER_S, Post, Said, Storm, percentiles
from teller import QUESTIONS, settle

SENDERS = 32


class Steady(Storm):
    """So many events a second.  disturb() is called every so many seconds
    meanwhile."""

    def __init__(self, daemon, slack, seed, rate, seconds, disturb=None,
                 every_s=0):
        super().__init__(daemon, slack, seed, int(rate * seconds), 0)
        self.rate, self.disturb, self.every_s = rate, disturb, every_s
        self.begun, self.answered = {}, {}

    def plan(self):
        for n in range(self.n_events):
            channel = f"D0EVEN{n:05}"
            event = self.slack.message(channel, QUESTIONS[n % 3])
            self.conversations.append([Said(
                channel, None, event["event"]["ts"], [event])])

    def posted(self, message):
        self.answered.setdefault(message["channel"], time.monotonic())

    def warm_up(self):
        """By the first event: what a daemon learns when it starts is learnt
        then."""
        self.start = time.monotonic()
        self.speak(0)
        self.slack.wait(lambda: self.answered)
        self.slack.ack_s.clear()
        self.begun.clear()

    def speak(self, number):
        said = self.conversations[number][0]
        due = self.start + number / self.rate
        time.sleep(max(0, due - time.monotonic()))
        self.begun[said.channel] = time.monotonic()
        tries = Post(self.daemon, self.slack, None, 0).deliver(
            said.events[0], self.end)
        said.is_taken = tries > 0
        self.counts["deliveries"] += tries
        return said.is_taken

    def go(self):
        done = threading.Event()

        def disturb():
            while self.disturb and not done.wait(self.every_s):
                self.disturb()
                self.counts["disturbances"] += 1

        self.slack.on_posted, self.slack.answer_s = self.posted, ANSWER_S
        self.warm_up()
        disturber = threading.Thread(target=disturb)
        disturber.start()
        self.start = time.monotonic()
        with concurrent.futures.ThreadPoolExecutor(SENDERS) as pool:
            taken = list(pool.map(self.speak, range(1, self.n_events)))
        self.took_s = time.monotonic() - self.start
        done.set()
        disturber.join()
        return all(taken) and settle(self.daemon)

    def words(self):
        answers = sorted(self.answered[channel] - begun
                         for channel, begun in self.begun.items()
                         if channel in self.answered)
        return (f"{super().words()}; {self.n_events / self.took_s:.0f} events "
                f"a second; answered after {percentiles(answers)}")
