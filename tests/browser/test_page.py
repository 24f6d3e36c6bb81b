"""The chat page in a real browser, with a real tellerd: asked, reloaded, cut
off, passed on to a person and back."""

import os
import signal

from browser import AT_END, Keys, run_checks
from daemon import until
from desk import PERSON, UNSURE, DeskDaemon

CARD = "4111 1111 1111 1111"

# Not beside the page, and only within: the page itself is never scrolled.
FITS = """
const page = document.documentElement;
return page.scrollHeight === page.clientHeight && page.scrollTop === 0;
"""
# All that is read out from then on, one after the other.
HEARD = """
window.heard = [];
window.hearer ??= new MutationObserver(() => heard.push($("status").textContent));
hearer.observe($("status"), {childList: true});
"""
# What is sent has no answer until release().
HOLD = """
const real = window.fetch;
const held = new Promise((go) => { window.release = go; });
window.fetch = async (...request) => {
    const response = await real(...request);
    if (request[1]?.method === "POST")
        await held;
    return response;
};
"""


def texts_of_history(browser):
    id, auth = browser.conversation()
    return [m["author"] for m in browser.daemon.history(id, auth)]


def hear_reply(browser):
    browser.run(HEARD)
    browser.ask("How long does a transfer take?")
    return browser.run("return heard")


def check_start(tap, browser):
    browser.open()
    browser.wait_starters()
    tap.equal(len(browser.find("#starters button")), 4,
              "an empty page offers the four questions of the pack")
    tap.ok(browser.one("#welcome").is_displayed() and not browser.find(".message"),
           "and greets")
    tap.equal(browser.run("return sessionStorage.tellerd ?? null"), None,
              "nothing is begun before something is said")
    browser.picture("empty")


def check_answer(tap, browser):
    button = browser.one("#starters button")
    question = button.text
    button.click()
    author, answer, _ = browser.wait_reply(2)
    tap.equal(browser.messages()[0], ("customer", question, ""),
              "a question that is offered is asked")
    tap.ok(author == "bot" and "020 914 0111" in answer and
           "automated assistant" in answer, "and answered", answer)
    tap.ok("card-lost@1" in browser.one(".sources").text,
           "with its source", browser.one(".sources").text)
    tap.equal(browser.one("#typing").is_displayed(), False,
              "nobody writes any more")
    tap.ok(not browser.one("#welcome").is_displayed(), "the greeting is gone")
    # On a busy machine the browser may hear of both at the same time.
    tap.ok(until(lambda: hear_reply(browser) == ["The assistant is writing", ""]),
           "that a reply is written is read out, and no longer than so",
           browser.run("return heard"))
    browser.picture("answer")


def check_reload(tap, browser):
    before = browser.messages()
    browser.driver.refresh()
    browser.wait_history(len(before))
    tap.equal(browser.messages(), before, "a reload shows the same")
    tap.equal(browser.ask("What does it cost to withdraw cash?")[0], "bot",
              "and goes on")
    tap.equal([m[0] for m in browser.messages()], texts_of_history(browser),
              "as the server has it")


def check_redaction(tap, browser):
    browser.ask(f"Why was my card {CARD} declined?")
    shown = [m[1] for m in browser.messages()]
    tap.ok(not any(CARD in text for text in shown) and
           any("1111" in text for text in shown),
           "a card number does not stay on the page", shown)


def offered(browser):
    return [button.text for button in browser.find(".options button")]


def check_options(tap, browser):
    for text in UNSURE:
        browser.begin_again()
        browser.ask(text)
        labels = offered(browser)
        if labels and PERSON not in labels:
            break
    browser.picture("options")
    tap.equal(len(browser.find(".thumbs")), 0,
              "nobody is asked whether a question was helpful")
    if not tap.ok(labels and PERSON not in labels, "what is not sure is offered",
                  browser.messages()):
        return
    n = len(browser.messages())
    browser.one(".options button").click()
    reply = browser.wait_reply(n + 2)
    tap.equal(browser.messages()[-2], ("customer", labels[0], ""),
              "an option that is chosen is said")
    tap.equal(reply[0], "bot", "and answered")
    browser.driver.refresh()
    browser.wait_history(n + 2)
    tap.equal(browser.messages()[-2][1], labels[0], "after a reload, too")
    tap.equal(len(browser.find(".options")),
              len(browser.find(".message:last-child .options")),
              "only the last options can be chosen")


def check_overtaken(tap, browser):
    """The reply is here before it is known that the message arrived."""
    for text in UNSURE:
        browser.begin_again()
        browser.ask("hello")
        browser.run(HOLD)
        browser.send(text)
        browser.wait(lambda: len(browser.messages()) == 4, "reply")
        early, labels = browser.messages(), offered(browser)
        browser.run("release()")
        browser.wait_sent()
        if labels and PERSON not in labels:
            break
    tap.ok(early[-1][2] and labels and offered(browser) == labels,
           "what is offered stays when its reply overtakes", (early, labels))
    tap.equal([m[0] for m in browser.messages()],
              ["customer", "bot", "customer", "bot"], "and all is in order")


def check_thumbs(tap, browser):
    browser.begin_again()
    browser.ask("What do I do if my card is lost or stolen?")

    def pressed():
        return [b.accessible_name
                for b in browser.find(".message:last-child .thumbs button")
                if b.get_attribute("aria-pressed") == "true"]

    for label in ("Helpful", "Not helpful"):
        next(b for b in browser.find(".message:last-child .thumbs button")
             if b.accessible_name == label).click()
        browser.wait(lambda: pressed() == [label], "rating")
    tap.equal(len(browser.find(".customer .thumbs")), 0,
              "the assistant's replies can be rated, and nothing else")
    _, found, _ = browser.daemon.ctl("review", "list", "--down")
    tap.equal(len(found["turns"]), 1, "the newest thumb is what a reviewer sees")
    browser.picture("rated")
    check_reason(tap, browser, found["turns"][0]["turn"], pressed)


def ratings_of(browser, turn):
    _, found, _ = browser.daemon.ctl("review", "show", str(turn))
    return [(r["rating"], r.get("reason", ""), r.get("comment", ""))
            for r in found["ratings"]]


def check_reason(tap, browser, turn, pressed):
    """What was wrong with a reply can be said, without a mouse."""
    def gone():
        return not browser.find(".reason")

    field = browser.field()
    tap.equal(field.get_attribute("name"), "reason",
              "who was not helped is asked why")
    tap.ok(("group", "What was wrong with it?") in browser.names(),
           "in words that are read out")
    tap.ok(browser.run(AT_END) and browser.run(FITS),
           "below the reply, where it is seen")
    tap.ok(browser.contrast()[0] >= 4.5, "and legible")
    browser.picture("reason")
    field.send_keys(Keys.ESCAPE)
    browser.wait(gone, "end of the question")
    tap.equal(browser.focused(), "Not helpful",
              "who does not want to say it is where he was")
    browser.field().send_keys(Keys.ENTER)
    browser.wait(lambda: not gone(), "question")
    browser.field().send_keys(
        Keys.ARROW_DOWN, Keys.TAB, "It was €5 last year.", Keys.TAB, Keys.ENTER)
    browser.wait(gone, "end of the question")
    tap.ok(("down", "outdated", "It was €5 last year.") in
           ratings_of(browser, turn), "what was wrong is what a reviewer reads",
           ratings_of(browser, turn))
    browser.driver.refresh()
    browser.wait_history(2)
    tap.equal(pressed(), ["Not helpful"], "a reload shows how it was rated")


def check_person_offered(tap, browser):
    browser.begin_again()
    for text in ("zzz yyy", "qqq xxx"):
        browser.ask(text)
    browser.picture("person-offered")
    if not tap.equal(offered(browser), [PERSON],
                     "where nothing was understood twice, a person is offered"):
        return
    n = len(browser.messages())
    browser.one(".options button").click()
    browser.wait_state("Waiting for a person")
    browser.wait_reply(n + 2)
    before = browser.messages()
    browser.click("#end")
    browser.wait(lambda: any(e.text for e in browser.find("#end-advice")),
                 "advice")
    tap.ok("A person may still answer" in browser.one("#end-advice").text,
           "who may still get an answer is told so", browser.one("#ending").text)
    browser.picture("ending")
    browser.press(Keys.ESCAPE)
    tap.equal((browser.messages(), browser.focused()), (before, "end"),
              "a conversation that a person may answer is not left unasked")
    browser.end_chat()
    tap.equal(browser.one("#state").text, "Automated assistant",
              "who says so leaves it")


def check_agent(tap, browser):
    id, _ = browser.conversation()
    with browser.daemon.agent() as ann:
        ann.does("claim", id)
        browser.wait_state("A person is with you")
        tap.equal(browser.told(), "A person is with you",
                  "that a person has come is read out")
        n = len(browser.messages())
        browser.send("Good day!")
        browser.wait(lambda: len(browser.messages()) == n + 1 and
                     not browser.messages()[-1][2], "sending")
        tap.ok(not browser.one("#typing").is_displayed(),
               "the assistant does not write where a person does")
        ann.does("agent", id, "This is **Ann**.")
        browser.wait(lambda: browser.messages()[-1][1] == "This is Ann.",
                     "agent's words")
    tap.equal(browser.find(".message.agent .who b")[-1].text, "Ann",
              "an agent is named")
    browser.picture("agent")


def check_person(tap, browser):
    browser.begin_again()
    browser.one("#person").click()
    browser.wait_reply(2)
    browser.wait_state("Waiting for a person")
    tap.ok(not browser.one("#person").is_displayed(),
           "who waits for a person need not ask again")
    tap.ok(not browser.one("#typing").is_displayed(), "nobody writes now")
    tap.equal(browser.messages()[0][1], "I would like to talk to a person.",
              "the wish is shown")
    tap.ok(browser.one("#waiting").is_displayed() and
           "You can go on writing" in browser.one("#waiting").text,
           "and what he can do meanwhile is said")
    browser.picture("waiting")
    browser.driver.refresh()
    browser.wait_state("Waiting for a person")
    tap.equal(browser.messages()[0][1], "I would like to talk to a person.",
              "after a reload, too")
    check_agent(tap, browser)
    browser.end_chat()
    tap.equal(browser.one("#state").text, "Automated assistant",
              "a new conversation is the assistant's")


def expect_quiet(tap, browser, when):
    """Neither dots nor a second scroll bar."""
    tap.ok(not browser.one("#typing").is_displayed(), f"nobody writes {when}")
    tap.ok(browser.run(FITS), f"the page is as long as its window {when}")


def say_to_person(browser, text):
    browser.send(text)
    browser.wait(lambda: browser.messages()[-1] == ("customer", text, ""),
                 "sending")


def check_return(tap, browser):
    """A person comes, is written to, answers, and gives back or closes."""
    browser.begin_again()
    for text in ("How long does a transfer take?", "Can I use my card abroad?",
                 "What does a current account cost?"):
        browser.ask(text)
    browser.one("#person").click()
    browser.wait_state("Waiting for a person")
    browser.wait_reply(8)
    expect_quiet(tap, browser, "while one waits for a person")
    id, _ = browser.conversation()
    with browser.daemon.agent() as ann:
        ann.does("claim", id)
        browser.wait_state("A person is with you")
        say_to_person(browser, "I would like to ask about my account.")
        ann.does("agent", id, "Good day, I am looking at it.")
        browser.wait(lambda: browser.messages()[-1][0] == "agent",
                     "agent's words")
        say_to_person(browser, "Thank you!")
        expect_quiet(tap, browser, "while a person does")
        ann.does("return", id)
        browser.wait_state("Automated assistant")
        expect_quiet(tap, browser, "when the person has gone")
        browser.ask("How long does a transfer take?")
        expect_quiet(tap, browser, "when the assistant has answered again")
        browser.picture("returned")
        n = len(browser.messages())
        browser.driver.refresh()
        browser.wait_history(n)
        expect_quiet(tap, browser, "after a reload")
        browser.one("#person").click()
        browser.wait_state("Waiting for a person")
        ann.does("claim", id)
        browser.wait_state("A person is with you")
        say_to_person(browser, "One more thing.")
        ann.does("close", id)
        browser.wait_state("This conversation has ended")
        expect_quiet(tap, browser, "when the conversation has ended")
        browser.picture("ended")
    # What is still to be answered is shown, without a second scroll bar.
    browser.run("$('typing').hidden = false;")
    tap.ok(browser.run(FITS), "the page is as long as its window where "
           "somebody writes")
    browser.run("$('typing').hidden = true;")
    browser.begin_again()


def check_kill(tap, browser):
    browser.ask("How long does a transfer take?")
    browser.daemon.kill()
    browser.send("What does it cost to withdraw cash?")
    browser.wait(lambda: browser.one("#banner").text, "banner")
    tap.equal(browser.messages()[-1][2], "Sending …",
              "what cannot be sent says so")
    browser.send("Can I use my card abroad?")
    tap.ok(browser.contrast()[0] >= 4.5, "and is legible")
    browser.picture("offline")
    tap.equal(browser.one("#banner").text.split(".")[0], "No connection",
              "the page says that there is no connection")
    browser.driver.execute_cdp_cmd("Page.reload", {})
    browser.wait(lambda: not browser.run("return Boolean(shadow)"),
                 "failing reload")
    browser.daemon.start()
    # The page itself could not be had either; the browser still has it.
    browser.open()
    browser.wait_reply(5)
    browser.wait_sent()
    browser.ask("What does a current account cost?")
    browser.wait(lambda: not browser.one("#banner").text, "end of the banner")
    shown = [m[1] for m in browser.messages() if m[0] == "customer"]
    tap.equal(shown, ["How long does a transfer take?",
                      "What does it cost to withdraw cash?",
                      "Can I use my card abroad?",
                      "What does a current account cost?"],
              "nothing is lost or doubled by a crash and a reload")
    # What was sent late has one reply, or two.
    tap.ok(until(lambda: [m[0] for m in browser.messages()] ==
                 texts_of_history(browser)), "as the server has it",
           (browser.messages(), texts_of_history(browser)))


def check_kill_open(tap, browser):
    """The page stays open while the daemon is killed and comes back."""
    browser.begin_again()
    browser.ask("How long does a transfer take?")
    for text in ("Can I use my card abroad?", "What does a transfer cost?"):
        browser.daemon.kill()
        n = len(browser.messages())
        browser.send(text)
        browser.daemon.start()
        browser.wait_reply(n + 2)
    tap.equal([(m[0], m[2]) for m in browser.messages()],
              [("customer", ""), ("bot", "")] * 3,
              "an open page outlives crashes of the daemon")
    before = browser.messages()
    browser.driver.refresh()
    browser.wait_history(6)
    tap.equal(browser.messages(), before, "and its history says the same")


def check_settings(tap, browser):
    """The plugin gets new settings while the customer writes."""
    before = browser.messages()
    daemon = browser.daemon
    with open(daemon.config) as f:
        text = f.read()
    browser.run("window.heard = [];"
                "new MutationObserver(() => heard.push($('status').textContent))"
                ".observe($('status'), {childList: true});")
    for ttl in ("1 d", "2 d", "3 d"):
        with open(daemon.config + ".new", "w") as f:
            f.write(text.replace("page: true", f"page: true\n    token_ttl: {ttl}"))
        # Whole, whenever it is read.
        os.replace(daemon.config + ".new", daemon.config)
        daemon.process.send_signal(signal.SIGHUP)
        browser.ask("Can I use my card abroad?")
    tap.equal((browser.messages()[:len(before)], len(browser.find(".ended"))),
              (before, 0), "a conversation outlives new settings")
    heard = browser.run("return heard")
    tap.ok("Automated assistant" not in heard,
           "that it is still the bot's is not read out each time", heard)


def check_expiry(tap, browser):
    browser.run("const kept = JSON.parse(sessionStorage.tellerd);"
                "kept.token = '1.x';"
                "sessionStorage.tellerd = JSON.stringify(kept);")
    browser.open()
    browser.wait(lambda: browser.find(".ended"), "end")
    tap.ok("expired" in browser.one(".ended").text,
           "a conversation that has expired says so")
    tap.equal(browser.ask("Can I use my card abroad?")[0], "bot",
              "what is asked then begins a new one")
    tap.ok(all("401" in error for error in browser.errors()),
           "and the browser says nothing else")


run_checks("the page in a browser", lambda: DeskDaemon(burst="100 ms"), [
    check_start, check_answer, check_reload, check_redaction, check_options,
    check_overtaken, check_thumbs, check_person_offered, check_person,
    check_return, check_kill, check_kill_open, check_settings, check_expiry])
