"""The bot's page in Slack: it is shown, its questions are answered, and who opens
it is greeted once, whatever happens to the process."""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "slack"))
from daemon import Tap  # noqa: E402
from interactive import Interactive  # noqa: E402
from teller import QUESTIONS, SECRET, TOKEN, prepare, settle  # noqa: E402

USER, DIRECT = "U0ANN0001", "D0ANN0001"


def check_greeting(tap, daemon, slack):
    event = slack.open_tab("messages")
    slack.send(daemon.address, event)
    posts = slack.wait(lambda: slack.posts(DIRECT))
    tap.ok(len(posts) == 1 and "help" in posts[0]["text"],
           "who opens the bot's messages is greeted", posts)
    slack.send(daemon.address, event)
    daemon.kill()
    daemon.start()
    slack.send(daemon.address, slack.open_tab("messages"))
    tap.equal(len(slack.posts(DIRECT)), 1, "once")
    slack.send(daemon.address, slack.message("D0BOB0001", QUESTIONS[0],
                                             user="U0BOB0001"))
    slack.wait(lambda: slack.posts("D0BOB0001"))
    slack.send(daemon.address, slack.open_tab("messages", "U0BOB0001"))
    settle(daemon)
    tap.equal(len(slack.posts("D0BOB0001")), 1,
              "and not if he has asked before")


def check_page(tap, daemon, slack):
    slack.send(daemon.address, slack.open_tab("home"))
    page = slack.wait(lambda: slack.pages.get(USER))
    topics = [button for block in page["blocks"] if block["type"] == "actions"
              for button in block["elements"]]
    tap.ok(page["type"] == "home" and topics,
           "the page has the pack's questions", page)
    before = len(slack.posts(DIRECT))
    press = slack.press_page(USER, topics[0]["action_id"])
    for _ in range(2):
        slack.post_payload(daemon.address, press)
    slack.wait(lambda: len(slack.posts(DIRECT)) > before and
               slack.pages[USER] is not page)
    settle(daemon)
    tap.equal(len(slack.posts(DIRECT)) - before, 1,
              "one that is pressed is answered directly, once")
    tap.ok(topics[0]["value"] in str(slack.pages[USER]["blocks"][-1]),
           "and the page says so", slack.pages[USER])


def main():
    tap = Tap()
    slack = Interactive(SECRET, TOKEN, "T0ACME001")
    with prepare(slack, "HTTP") as daemon:
        check_greeting(tap, daemon, slack)
        check_page(tap, daemon, slack)
        tap.equal(daemon.stop(), 0, "it ends cleanly")
    slack.close()
    tap.done()


main()
