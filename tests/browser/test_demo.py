"""The demo's page in a browser: what a developer tries in his first minutes.
He looks at it, asks without a mouse, on a phone, in the dark; looks why; fills in
a form, and answers as an agent."""

from browser import Keys, run_checks
from daemon import SOURCE, Daemon

FIRM = "Alder Bank"
LOST = "What do I do if my card is lost or stolen?"
DISPUTE = "I want to dispute a card payment that I did not make"

PAGE = """
const text = (selector) => document.querySelector(selector)?.innerText ?? "";
return {
    title: document.title, firm: text(".brand"), head: text("h1"),
    cards: [...document.querySelectorAll(".card")].map((c) => c.innerText),
    contact: [...document.querySelectorAll("dl > div")].map((c) => c.innerText),
    calls: [...document.querySelectorAll("dd a")].map((a) => a.href),
    footer: text("footer"),
    wide: document.documentElement.scrollWidth > innerWidth,
    regions: ["header", "nav", "main", "footer"].map(
        (name) => document.querySelectorAll(name).length),
    unnamed: [...document.querySelectorAll("button, a, input")].filter(
        (e) => !(e.innerText || e.labels?.[0]?.innerText)).length,
    small: [...document.querySelectorAll("button, nav a, input, dd a")].filter(
        (e) => e.getBoundingClientRect().height < 44).map((e) => e.innerText),
};
"""
# The last message begins within what is seen of the conversation.
BEGINS = """
const top = (e) => e.getBoundingClientRect().top;
return top(all(".message").at(-1)) >= top($("main"));
"""


def demo():
    """As etc/quickstart.sh starts it."""
    with open(f"{SOURCE}/etc/demo-banking.yaml") as f:
        return Daemon(config=f.read(), settings=["plugins.web.burst=100 ms"])


SHIFT = """
const [done] = arguments;
let shift = 0;
new PerformanceObserver((list) => list.getEntries().forEach(
    (e) => shift += e.value)).observe({type: "layout-shift", buffered: true});
requestAnimationFrame(() => setTimeout(() => done(shift)));
"""


def look(browser):
    browser.open()
    browser.run("sessionStorage.clear();")
    browser.open()
    browser.wait(lambda: browser.run(
        "return document.querySelectorAll('.card').length"), "topics")
    browser.wait(lambda: browser.find("#launcher"), "launcher")
    return browser.run(PAGE)


def check_page(tap, browser):
    page = look(browser)
    browser.picture("demo")
    tap.equal((page["firm"], page["head"]), (FIRM, "How can we help?"),
              "the firm greets")
    tap.ok(FIRM in page["title"], "by its name", page)
    tap.equal(len(page["cards"]), 6, "with a card for each topic")
    tap.ok(any("020 914 0100" in line for line in page["contact"]) and
           "tel:0209140100" in page["calls"], "and numbers that can be called",
           page)
    tap.ok(f"{FIRM} does not exist" in " ".join(page["footer"].split()),
           "it says that it is a demo", page)
    tap.equal(page["regions"], [1, 1, 1, 1], "it has its regions, each once")
    tap.equal((page["unnamed"], page["small"]), (0, []),
              "what is pressed has a name, and a size")
    shift = browser.run_async(SHIFT)
    tap.ok(shift < 0.1, "nothing moves away under the reader", shift)
    found = browser.run("return [...document.querySelectorAll("
                        "'meta[name=description], meta[name=viewport]')].length"
                        " + ' ' + document.documentElement.lang")
    tap.equal(found, "2 en", "it has a description, a viewport and a language")


def check_phone(tap, browser):
    with browser.size(320, 700, scale=1, mobile=True):
        browser.media(prefers_color_scheme="dark")
        tap.equal(look(browser)["wide"], False, "320 pixels are enough")
        browser.picture("demo-phone-dark")
        tap.equal(browser.run(
            "return matchMedia('(prefers-color-scheme: dark)').matches && "
            "getComputedStyle(document.body).backgroundColor"),
            "rgb(17, 25, 27)", "in the dark it is dark")
    browser.media()


def check_keyboard(tap, browser):
    look(browser)
    browser.press(Keys.TAB)
    tap.equal(browser.run("return document.activeElement.innerText"),
              "Skip to the content", "the first key leads past the head")
    browser.press(Keys.ENTER)
    browser.press(Keys.TAB)
    tap.equal(browser.focused(), "words", "to the question")
    browser.press("Can I use my card abroad?", Keys.ENTER)
    browser.wait_reply(2)
    tap.equal((browser.messages()[0][1], browser.one("#panel").is_displayed()),
              ("Can I use my card abroad?", True),
              "which is asked in the widget, without a mouse")
    tap.equal(browser.run("return document.getElementById('words').value"), "",
              "and asked once")
    browser.wait_starters()
    tap.equal(browser.one("#title").text, FIRM, "which has the firm's name")
    tap.ok(browser.one("#privacy").get_attribute("href").startswith("https://"),
           "and says what becomes of what is written")


def check_card(tap, browser):
    look(browser)
    browser.run("document.querySelector('.card').click();")
    author, text, _ = browser.wait_reply(2)
    tap.equal((browser.messages()[0][1], author, bool(text)), (LOST, "bot", True),
              "a card asks its question")
    tap.ok(browser.one("#panel").is_displayed(), "in the widget, which opens")
    browser.picture("demo-asked")


def check_why(tap, browser):
    browser.wait_starters()
    button = browser.one(".ask-why")
    tap.ok(("button", "Why?") in browser.names(), "each reply can be asked why")
    button.send_keys(Keys.ENTER)
    browser.wait(lambda: browser.find(".why li"), "card")
    text = browser.one(".why").text
    tap.ok(("region", "Why this reply") in browser.names() and
           button.get_attribute("aria-expanded") == "true", "there is a card")
    for words in ("answer", "retrieval", "card-lost@1", LOST,
                  "What do I do if my phone is lost or stolen?", "%", " ms"):
        tap.ok(words in text, f"with '{words}'", text)
    shares = [float(m.get_attribute("value")) for m in browser.find(".why meter")]
    tap.ok(len(shares) > 1 and shares == sorted(shares, reverse=True),
           "the likeliest candidate is first", shares)
    tap.ok(browser.contrast()[0] >= 4.5, "all of it legible", browser.contrast())
    browser.picture("why")
    button.send_keys(Keys.ENTER)
    tap.equal((browser.find(".why"), button.get_attribute("aria-expanded")),
              ([], "false"), "and it goes away again")


def check_form(tap, browser):
    browser.begin_again()
    _, text, _ = browser.ask(DISPUTE)
    tap.ok("What is the amount on your account?" in text,
           "a form is asked question by question", text)
    tap.ok(browser.run(BEGINS), "a long reply is read from its beginning")
    _, text, _ = browser.ask("45 euro")
    tap.ok("Amount: 45.00 EUR" in text and "On which day" in text,
           "what is answered is noted, and the next is asked", text)
    tap.equal(len(browser.find(".thumbs")), 0,
              "nobody is asked whether a form's question was helpful")
    browser.picture("form")


def check_desk(tap, browser):
    """Somebody answers from a terminal."""
    browser.wait_state("Waiting for a person")
    id, _ = browser.conversation()

    def act(*words):
        code, _, error = browser.daemon.ctl("desk", *words, "--actor", "Ann")
        tap.equal((code, error), (0, ""), f"tellerctl desk {words[0]}")

    act("claim", id)
    browser.wait_state("A person is with you")
    act("say", id, "Good day, this is **Ann**.")
    browser.wait(lambda: browser.messages()[-1][0] == "agent", "agent's words")
    tap.equal((browser.messages()[-1][1], browser.find(".agent .who b")[-1].text),
              ("Good day, this is Ann.", "Ann"), "what she says is there, by her name")
    browser.picture("desk")
    browser.send("Thank you!")
    browser.wait_sent()
    _, shown, _ = browser.daemon.ctl("desk", "show", id)
    tap.ok("Thank you!" in [m["text"] for m in shown["messages"]],
           "and what the customer says is with her")
    act("return", id)
    browser.wait_state("Automated assistant")


run_checks("the demo in a browser", demo, [
    check_page, check_phone, check_keyboard, check_card, check_why, check_form,
    check_desk])
