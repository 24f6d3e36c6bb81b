"""How much Slack takes: so many calls at once of a method, of chat.postMessage
so many for each channel; then none of that method for a while, in any channel.

It does not go by the clock what is too many, as a slow machine would never be
held back then."""

import collections
import threading
import time

AT_ONCE = {"chat.postMessage": 3}
AT_ONCE_OTHERS = 20  # methods of tier 2


class Limits:
    """A fault of the simulator: slack.fault = Limits(slack).fault"""

    def __init__(self, slack):
        self.slack = slack
        self.lock = threading.Lock()
        self.taken = collections.Counter()
        self.held_until = {}
        self.n_held = 0   # calls that were refused, the first each time
        self.n_early = 0  # that came before they were to

    def fault(self, method, arguments):
        channel = arguments.get("channel") if method in AT_ONCE else None
        now = time.monotonic()
        with self.lock:
            if now < self.held_until.get(method, 0):
                self.n_early += 1
                return "ratelimited"
            self.taken[method, channel] += 1
            if self.taken[method, channel] <= AT_ONCE.get(method,
                                                          AT_ONCE_OTHERS):
                return None
            self.taken[method, channel] = 0
            self.held_until[method] = now + self.slack.retry_after_s
            self.n_held += 1
            return "ratelimited"
