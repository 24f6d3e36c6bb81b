"""The chat page in a real browser, with a real tellerd: asked, reloaded, cut
off, attacked, used without a mouse, on a phone and in the dark.  Pictures of it
are left in tests/browser/pictures of the build tree."""

import contextlib
import json
import os
import shutil
import signal
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                os.pardir, "run"))
from daemon import TOP, Tap  # noqa: E402
from desk import PERSON, UNSURE, DeskDaemon  # noqa: E402

try:
    import selenium  # noqa: F401
except ImportError:
    # Where the distribution puts it, whatever python3 this is.
    sys.path.append("/usr/lib/python3/dist-packages")
try:
    from selenium import webdriver
    from selenium.common.exceptions import NoAlertPresentException
    from selenium.webdriver.chrome.service import Service
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys
    has_selenium = True
except ImportError:
    has_selenium = False

PICTURES = os.path.join(TOP, "tests", "browser", "pictures")
WAIT_S = 60
CARD = "4111 1111 1111 1111"

# What somebody may write so that it is taken for markup, a link or a script.
ATTACKS = [
    "<script>window.hacked=1</script>",
    "<img src=x onerror=window.hacked=1>",
    "<svg/onload=window.hacked=1>",
    "<iframe srcdoc='<script>parent.hacked=1</script>'></iframe>",
    "<a href='javascript:window.hacked=1'>x</a>",
    "[x](javascript:window.hacked=1)",
    "[x](JaVaScRiPt:window.hacked=1)",
    "[x](\tjavascript:window.hacked=1)",
    "[x](data:text/html,<script>hacked=1</script>)",
    "[x](vbscript:msgbox)",
    "[x](//evil.example/path)",
    "[x](file:///etc/passwd)",
    "<javascript:window.hacked=1>",
    "![x](https://evil.example/pixel.png)",
    '[x](https://good.example/" onclick="window.hacked=1)',
    "[x](https://good.example \"title' onmouseover='hacked=1\")",
    "**<b onclick=hacked=1>bold</b>**",
    "`<style>*{display:none}</style>`",
    "<style>@import 'https://evil.example/x.css';</style>",
    "<form action=https://evil.example><input name=pin></form>",
    "<meta http-equiv=refresh content='0;url=https://evil.example'>",
    "&lt;script&gt;window.hacked=1&lt;/script&gt;",
    "</div></article><h1 id=state>Closed</h1>",
    "\u202egnp.exe\u2066 \u0007 \ufeff",
    "[" * 200 + "]" * 200 + "*_" * 200,
]
GOOD_LINKS = ("[site](https://good.example/a?b=c&d=(e)) "
              "[mail](mailto:help@good.example) [call](tel:+353209140100)")

# What a reply may be written in, and what becomes of it.
FORMS = [
    ("one\ntwo", "<p>one two</p>"),
    ("one\n\ntwo", "<p>one</p><p>two</p>"),
    ("one  \ntwo", "<p>one<br>two</p>"),
    ("one\\\ntwo", "<p>one<br>two</p>"),
    ("**a** __b__ *c* _d_", "<p><strong>a</strong> <strong>b</strong> "
     "<em>c</em> <em>d</em></p>"),
    ("**a *b* c**", "<p><strong>a <em>b</em> c</strong></p>"),
    ("*a **b** c*", "<p><em>a <strong>b</strong> c</em></p>"),
    ("2 * 3 * 4 and snake_case_name", "<p>2 * 3 * 4 and snake_case_name</p>"),
    ("**open and *open", "<p>**open and *open</p>"),
    (r"\*not\* \[this\]", "<p>*not* [this]</p>"),
    ("`a  *b*` and ``c", "<p><code>a *b*</code> and ``c</p>"),
    ("R&amp;D &lt;b&gt; &unknown; AT&T",
     "<p>R&amp;D &lt;b&gt; &amp;unknown; AT&amp;T</p>"),
    ("- a\n- b\n  more\n- **c**",
     "<ul><li>a</li><li>b more</li><li><strong>c</strong></li></ul>"),
    ("3. a\n4. b", '<ol start="3"><li>a</li><li>b</li></ol>'),
    ("- a\n\n- b\n\ntext", "<ul><li>a</li><li>b</li></ul><p>text</p>"),
    ("text\n- a\n1. b", "<p>text</p><ul><li>a</li></ul><ol><li>b</li></ol>"),
    ("-not a list", "<p>-not a list</p>"),
    ("## Head *a* ##\ntext",
     "<p><strong>Head <em>a</em></strong></p><p>text</p>"),
    ("```\n<b> *a*\n```\nb", "<pre><code>&lt;b&gt; *a*</code></pre><p>b</p>"),
    ("[a](javascript:b) ![c](https://d.example)",
     '<p>[a](javascript:b) !<a href="https://d.example/" '
     'rel="noopener noreferrer nofollow" target="_blank">c</a></p>'),
    ("<tel:+3531> [*m*](mailto:a@b.example)",
     '<p><a href="tel:+3531" rel="noopener noreferrer nofollow">tel:+3531</a> '
     '<a href="mailto:a@b.example" rel="noopener noreferrer nofollow">*m*</a>'
     "</p>"),
    ("", ""), ("\n\n \n", ""),
]
# Long texts that are slow to read for who looks back too often.
LONG = ["*a " * 20000, "**a **" * 10000, "[" * 60000, "[a](" * 15000,
        "`" * 30000 + "a" + "`" * 29999, "_a" * 30000, "- " * 30000,
        "<a:" * 20000, "\n" * 60000, "*" * 60000, "[a](b(" * 10000]
RENDER = """
const [texts, done] = arguments;
import("/markdown.js").then(({render}) => done(texts.map((text) => {
    const node = document.createElement("div");
    node.append(render(text));
    return node.innerHTML;
})));
"""

AT_END = """
const main = document.getElementById("main");
return main.scrollHeight - main.scrollTop - main.clientHeight < 2;
"""
# All that is read out from then on, one after the other.
HEARD = """
window.heard = [];
window.hearer ??= new MutationObserver(() => heard.push(
    document.getElementById("status").textContent));
hearer.observe(document.getElementById("status"), {childList: true});
"""

ALLOWED_TAGS = {"ARTICLE", "P", "B", "TIME", "DIV", "CITE", "CODE", "STRONG",
                "EM", "A", "UL", "OL", "LI", "BR", "BUTTON", "PRE"}
ALLOWED_ATTRIBUTES = {"class", "data-id", "datetime", "href", "rel", "target",
                      "role", "aria-label", "aria-pressed", "type", "start"}

MESSAGES = """
return [...document.querySelectorAll("#log .message")].map((m) => [
    m.classList[1], m.querySelector(".body").innerText,
    m.querySelector(".fate")?.textContent ?? ""]);
"""
MARKUP = """
const all = [...document.querySelectorAll("#log *")];
return {tags: [...new Set(all.map((e) => e.tagName))],
    attributes: [...new Set(all.flatMap((e) => e.getAttributeNames()))],
    links: [...document.querySelectorAll("#log a")].map((a) => [
        a.getAttribute("href"), a.rel, a.target]),
    hacked: window.hacked ?? null};
"""
# The worst contrast of any text that is seen, with the text.
CONTRAST = """
const numbers = (c) => c.match(/[\\d.]+/g).map(Number);
const light = (c) => {
    const [r, g, b] = numbers(c).map((v) => v / 255).map(
        (v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const ground = (e) => {
    for (; e; e = e.parentElement) {
        const c = getComputedStyle(e).backgroundColor;
        if (c !== "rgba(0, 0, 0, 0)" && c !== "transparent")
            return c;
    }
    return "rgb(255, 255, 255)";
};
let worst = [99, ""];
for (const e of document.querySelectorAll("body *")) {
    const own = [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
    if (!own || !e.checkVisibility() || e.matches(".visually-hidden, noscript *"))
        continue;
    const [a, b] = [light(getComputedStyle(e).color), light(ground(e))];
    const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (contrast < worst[0])
        worst = [contrast, e.textContent.slice(0, 40)];
}
return worst;
"""


class Browser:
    def __init__(self, daemon):
        self.daemon = daemon
        self.dir = tempfile.mkdtemp(prefix="tellerd-browser-")
        options = webdriver.ChromeOptions()
        options.binary_location = shutil.which("chromium")
        for flag in ["--headless=new", "--no-sandbox", "--disable-gpu",
                     "--disable-quic", "--no-first-run",
                     "--disable-background-networking",
                     "--disable-component-update", "--disable-sync",
                     "--disable-dev-shm-usage", "--lang=en-IE",
                     "--window-size=1100,850", f"--user-data-dir={self.dir}"]:
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        self.driver = webdriver.Chrome(
            service=Service(shutil.which("chromedriver")), options=options)
        self.driver.set_script_timeout(WAIT_S)

    def close(self):
        self.driver.quit()
        shutil.rmtree(self.dir, ignore_errors=True)

    def open(self):
        self.driver.get(f"http://127.0.0.1:{self.daemon.port}/")

    def run(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def find(self, selector):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def one(self, selector):
        return self.find(selector)[0]

    def wait(self, is_so, what):
        end = time.monotonic() + WAIT_S
        while not is_so():
            if time.monotonic() > end:
                self.picture("failure")
                raise RuntimeError(f"no {what}: {self.messages()}")
            time.sleep(0.02)

    def messages(self):
        """(author, text, what became of it) of each."""
        return [tuple(m) for m in self.run(MESSAGES)]

    def wait_starters(self):
        """They come when the page has asked for its settings."""
        self.wait(lambda: self.find("#starters button"), "questions offered")

    def wait_reply(self, n):
        """n messages, the last of them not the customer's."""
        def is_so():
            messages = self.messages()
            return len(messages) >= n and messages[-1][0] != "customer"
        self.wait(is_so, f"reply, the message {n}")
        return self.messages()[-1]

    def type(self, text):
        """As pasted: what a driver types key by key is slow, and Enter sends."""
        self.run("arguments[0].value = arguments[1];"
                 "arguments[0].dispatchEvent(new Event('input'));",
                 self.one("#text"), text)

    def send(self, text):
        self.type(text)
        self.one("#text").send_keys(Keys.ENTER)

    def ask(self, text):
        n = len(self.messages())
        self.send(text)
        return self.wait_reply(n + 2)

    def begin_again(self):
        """Also where the bot, of itself, has called a person."""
        if self.messages():
            self.one("#again").click()
            with contextlib.suppress(NoAlertPresentException):
                self.driver.switch_to.alert.accept()
        self.wait(lambda: not self.messages(), "empty page")

    def leave_person(self):
        """The same where a person may still answer, which the page asks."""
        self.one("#again").click()
        self.driver.switch_to.alert.accept()
        self.wait(lambda: not self.messages(), "empty page")

    def wait_state(self, words):
        self.wait(lambda: self.one("#state").text == words, f"state '{words}'")

    def conversation(self):
        kept = json.loads(self.run("return sessionStorage.teller"))
        return kept["id"], {"Authorization": "Bearer " + kept["token"]}

    def errors(self):
        """What the browser complains of, but that a server was not there."""
        return [e["message"] for e in self.driver.get_log("browser")
                if "net::ERR_" not in e["message"]]

    def picture(self, name):
        os.makedirs(PICTURES, exist_ok=True)
        self.driver.save_screenshot(os.path.join(PICTURES, f"{name}.png"))

    def media(self, **features):
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {
            "features": [{"name": n.replace("_", "-"), "value": v}
                         for n, v in features.items()]})

    def told(self):
        """What somebody hears of who does not see the page."""
        return self.run("return document.getElementById('status').textContent")

    def focused(self):
        return self.run("const e = document.activeElement;"
                        "return e.id || e.textContent.trim();")


def texts_of_history(browser):
    id, auth = browser.conversation()
    return [m["author"] for m in browser.daemon.history(id, auth)]


def check_start(tap, browser):
    browser.open()
    browser.wait_starters()
    tap.equal(len(browser.find("#starters button")), 4,
              "an empty page offers four questions")
    tap.ok(browser.one("#welcome").is_displayed() and not browser.find(".message"),
           "and greets")
    tap.equal(browser.run("return sessionStorage.teller ?? null"), None,
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
    for _ in range(5):
        browser.run(HEARD)
        browser.ask("How long does a transfer take?")
        heard = browser.run("return heard")
        if heard == ["The assistant is writing", ""]:
            break
    tap.equal(heard, ["The assistant is writing", ""],
              "that a reply is written is read out, and no longer than so")
    browser.picture("answer")


def check_reload(tap, browser):
    before = browser.messages()
    browser.driver.refresh()
    browser.wait(lambda: len(browser.messages()) >= len(before), "history")
    time.sleep(0.3)
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
    browser.wait(lambda: len(browser.messages()) >= n + 2, "history")
    tap.equal(browser.messages()[-2][1], labels[0], "after a reload, too")
    tap.equal(len(browser.find(".options")),
              len(browser.find(".message:last-child .options")),
              "only the last options can be chosen")


def check_thumbs(tap, browser):
    browser.begin_again()
    browser.ask("What do I do if my card is lost or stolen?")

    def pressed():
        return [b.text for b in browser.find(".message:last-child .thumbs button")
                if b.get_attribute("aria-pressed") == "true"]

    for label in ("Helpful", "Not helpful"):
        next(b for b in browser.find(".message:last-child .thumbs button")
             if b.text == label).click()
        browser.wait(lambda: pressed() == [label], "rating")
    tap.equal(len(browser.find(".customer .thumbs")), 0,
              "the assistant's replies can be rated, and nothing else")
    _, found, _ = browser.daemon.ctl("review", "list", "--down")
    tap.equal(len(found["turns"]), 1, "the newest thumb is what a reviewer sees")
    browser.picture("rated")


def check_person_offered(tap, browser):
    browser.begin_again()
    for text in ("zzz yyy", "qqq xxx"):
        browser.ask(text)
    browser.picture("person-offered")
    if not tap.equal(offered(browser), [PERSON],
                     "where nothing was understood twice, a person is offered"):
        return
    browser.one(".options button").click()
    browser.wait_state("Waiting for a person")
    before = browser.messages()
    browser.one("#again").click()
    browser.driver.switch_to.alert.dismiss()
    tap.equal(browser.messages(), before,
              "a conversation that a person may answer is not left unasked")
    browser.leave_person()
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
        for attack in ATTACKS:
            ann.does("agent", id, attack)
        ann.does("agent", id, "This is **Ann**.")
        browser.wait(lambda: browser.messages()[-1][1] == "This is Ann.",
                     "agent's words")
    tap.equal(browser.find(".message.agent .who b")[-1].text, "Ann",
              "an agent is named")
    browser.picture("agent")
    expect_clean(tap, browser, "agents' words")


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
    browser.picture("person")
    browser.driver.refresh()
    browser.wait_state("Waiting for a person")
    tap.equal(browser.messages()[0][1], "I would like to talk to a person.",
              "after a reload, too")
    check_agent(tap, browser)
    browser.leave_person()
    tap.equal(browser.one("#state").text, "Automated assistant",
              "a new conversation is the assistant's")


def check_kill(tap, browser):
    browser.ask("How long does a transfer take?")
    browser.daemon.kill()
    browser.send("What does it cost to withdraw cash?")
    browser.wait(lambda: browser.one("#banner").text, "banner")
    tap.equal(browser.messages()[-1][2], "Sending …",
              "what cannot be sent says so")
    browser.send("Can I use my card abroad?")
    tap.ok(browser.run(CONTRAST)[0] >= 4.5, "and is legible")
    browser.picture("offline")
    tap.equal(browser.one("#banner").text.split(".")[0], "No connection",
              "the page says that there is no connection")
    browser.driver.execute_cdp_cmd("Page.reload", {})
    time.sleep(0.5)
    browser.daemon.start()
    # The page itself could not be had either; the browser still has it.
    browser.open()
    browser.wait_reply(5)
    browser.wait(lambda: not any(m[2] for m in browser.messages()), "sending")
    browser.ask("What does a current account cost?")
    browser.wait(lambda: not browser.one("#banner").text, "end of the banner")
    shown = [m[1] for m in browser.messages() if m[0] == "customer"]
    tap.equal(shown, ["How long does a transfer take?",
                      "What does it cost to withdraw cash?",
                      "Can I use my card abroad?",
                      "What does a current account cost?"],
              "nothing is lost or doubled by a crash and a reload")
    tap.equal([m[0] for m in browser.messages()], texts_of_history(browser),
              "as the server has it")


def check_kill_open(tap, browser):
    """The page stays open while the daemon is killed and comes back."""
    browser.begin_again()
    browser.ask("How long does a transfer take?")
    for text in ("Can I use my card abroad?", "What does a transfer cost?"):
        browser.daemon.kill()
        n = len(browser.messages())
        browser.send(text)
        time.sleep(0.3)
        browser.daemon.start()
        browser.wait_reply(n + 2)
    tap.equal([(m[0], m[2]) for m in browser.messages()],
              [("customer", ""), ("bot", "")] * 3,
              "an open page outlives crashes of the daemon")
    before = browser.messages()
    browser.driver.refresh()
    browser.wait(lambda: len(browser.messages()) >= 6, "history")
    tap.equal(browser.messages(), before, "and its history says the same")


def check_settings(tap, browser):
    """The plugin gets new settings while the customer writes."""
    before = browser.messages()
    daemon = browser.daemon
    with open(daemon.config) as f:
        text = f.read()
    browser.run("window.heard = [];"
                "const status = document.getElementById('status');"
                "new MutationObserver(() => heard.push(status.textContent))"
                ".observe(status, {childList: true});")
    for ttl in ("1 d", "2 d", "3 d"):
        with open(daemon.config, "w") as f:
            f.write(text.replace("page: true", f"page: true\n    token_ttl: {ttl}"))
        daemon.process.send_signal(signal.SIGHUP)
        browser.ask("Can I use my card abroad?")
    tap.equal((browser.messages()[:len(before)], len(browser.find(".ended"))),
              (before, 0), "a conversation outlives new settings")
    heard = browser.run("return heard")
    tap.ok("Automated assistant" not in heard,
           "that it is still the bot's is not read out each time", heard)


def check_expiry(tap, browser):
    browser.run("const kept = JSON.parse(sessionStorage.teller);"
                "kept.token = '1.x';"
                "sessionStorage.teller = JSON.stringify(kept);")
    browser.open()
    browser.wait(lambda: browser.find(".ended"), "end")
    tap.ok("expired" in browser.one(".ended").text,
           "a conversation that has expired says so")
    tap.equal(browser.ask("Can I use my card abroad?")[0], "bot",
              "what is asked then begins a new one")


def check_limits(tap, browser):
    browser.type("a" * 7900)
    tap.equal(browser.one("#left").text, "100 characters left",
              "near the limit the rest is told")
    browser.type("a" * 7901)
    tap.equal((browser.one("#left").text, browser.told()),
              ("99 characters left", "100 characters left"),
              "but not read out with every key")
    browser.type("a" * 8003)
    tap.ok(not browser.one("#send").is_enabled() and
           browser.one("#left").text == "3 characters too many",
           "above it nothing is sent")
    tap.equal(browser.told(), "3 characters too many", "and why is read out")
    browser.type("")


def expect_clean(tap, browser, who):
    found = browser.run(MARKUP)
    tap.equal(sorted(set(found["tags"]) - ALLOWED_TAGS), [],
              f"{who} make no element of their own")
    tap.equal(sorted(set(found["attributes"]) - ALLOWED_ATTRIBUTES), [],
              f"{who} make no attribute of their own")
    tap.equal(found["hacked"], None, f"{who} run nothing")
    tap.equal(browser.errors(), [], f"{who} ask for nothing that is forbidden")
    return found["links"]


def check_attacks_of_customers(tap, browser):
    browser.errors()
    browser.begin_again()
    for attack in ATTACKS:
        browser.send(attack)
    browser.wait(lambda: not any(m[2] for m in browser.messages()), "sending")
    browser.driver.refresh()
    browser.wait(lambda: len(browser.messages()) > len(ATTACKS), "history")
    said = [m[1] for m in browser.messages() if m[0] == "customer"]
    tap.ok(ATTACKS[0] in said and ATTACKS[5] in said,
           "what a customer writes is shown as it is", said[:6])
    links = expect_clean(tap, browser, "customers' words")
    tap.equal(links, [], "customers' words make no links")


def check_attacks_of_answers(tap, browser):
    """Whoever writes answers is not trusted with the page either."""
    path = os.path.join(browser.daemon.dir, "attack.yaml")
    question = "Which zebra answers attacks today?"
    answer = "\n\n".join([*ATTACKS, GOOD_LINKS, "**bold** and *italic*",
                          "- one\n- two", "1. first\n2. second",
                          "    code\n", "# A heading"])
    entries = {"faq": [{"id": "attack", "question": question,
                        # Of others the importer has its own opinion.
                        "answer": "".join(c for c in answer if c == "\n" or
                                          c.isprintable())}]}
    with open(path, "w") as f:
        json.dump(entries, f)  # YAML is a superset
    code, _, words = browser.daemon.ctl("faq", "import", "--approve", path)
    if not tap.equal(code, 0, "an answer with attacks is imported"):
        print(f"# {words}")
        return
    browser.begin_again()
    author, text, _ = browser.ask(question)
    tap.ok(author == "bot" and "<script>window.hacked=1</script>" in text,
           "an answer's markup is shown as text", text[:300])
    browser.picture("attacks")
    links = expect_clean(tap, browser, "answers")
    tap.equal(sorted({link[0].split(":")[0] for link in links}),
              ["https", "mailto", "tel"], "only safe links are links")
    tap.ok(all("noopener" in link[1] for link in links) and
           ["https://good.example/a?b=c&d=(e)", "noopener noreferrer nofollow",
            "_blank"] in links, "which open apart", links)
    body = ".message.bot .body "
    tap.equal([len(browser.find(body + tag)) > 0 for tag in
               ("strong", "em", "ul li", "ol li", "code")], [True] * 5,
              "what is meant as form is form")


def check_forms(tap, browser):
    found = browser.driver.execute_async_script(RENDER, [f[0] for f in FORMS])
    for (text, expected), html in zip(FORMS, found):
        tap.equal(html, expected, f"{text!r} is formed".replace("#", "no. "))
    found = browser.driver.execute_async_script(RENDER, LONG)
    tap.equal(len(found), len(LONG), "no text is too long to be read")


def check_keyboard(tap, browser):
    browser.begin_again()
    browser.driver.refresh()
    browser.wait_starters()
    reached = []
    for _ in range(9):
        browser.driver.switch_to.active_element.send_keys(Keys.TAB)
        reached.append(browser.focused())
    tap.ok("person" in reached and "text" in reached and
           "Can I use my card abroad?" in reached,
           "everything is reached by Tab", reached)
    browser.run("document.querySelector('#starters button').focus()")
    browser.driver.switch_to.active_element.send_keys(Keys.ENTER)
    browser.wait_reply(2)
    tap.equal(browser.focused(), "text", "after a choice one can write on")
    field = browser.driver.switch_to.active_element
    field.send_keys("Can I use", Keys.SHIFT + Keys.ENTER, Keys.NULL)
    field.send_keys("my card abroad?")
    tap.equal(browser.one("#text").get_property("value"),
              "Can I use\nmy card abroad?", "Shift+Enter begins a line")
    outline = browser.run("return getComputedStyle(document.activeElement)"
                          ".outlineStyle")
    tap.equal(outline, "solid", "where one is, is seen")
    field.send_keys(Keys.ENTER)
    browser.wait_reply(4)
    tap.ok(True, "Enter sends")


def names_of(browser):
    nodes = browser.driver.execute_cdp_cmd("Accessibility.getFullAXTree", {})
    return [(n["role"]["value"], n.get("name", {}).get("value", ""))
            for n in nodes["nodes"] if not n.get("ignored")]


def check_names(tap, browser):
    names = names_of(browser)
    for role, name in [("log", "Messages"), ("textbox", "Your message"),
                       ("button", "Send"), ("button", "Talk to a person"),
                       ("button", "New conversation"),
                       ("heading", "Help"), ("main", "Conversation")]:
        tap.ok((role, name) in names, f"the {role} '{name}' is named")
    unnamed = [n for n in names if n[0] in ("button", "link", "textbox")
               and not n[1]]
    tap.equal(unnamed, [], "nothing that is used is without a name")


def check_sizes(tap, browser):
    for width in (1100, 375, 320):
        browser.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": width, "height": 700, "deviceScaleFactor": 2,
            "mobile": width < 400})
        time.sleep(0.3)
        tap.ok(browser.run(AT_END), f"at {width} pixels the last words stay")
        over = browser.run("return document.documentElement.scrollWidth - "
                           "document.documentElement.clientWidth")
        tap.equal(over, 0, f"at {width} pixels nothing is cut off")
        small = browser.run(
            "return [...document.querySelectorAll('button, textarea')].filter("
            "(e) => e.checkVisibility()).map((e) => e.getBoundingClientRect())"
            ".filter((r) => r.height < 36 || r.width < 44).length")
        tap.equal(small, 0, f"at {width} pixels everything can be hit")
        browser.picture(f"width-{width}")
    browser.begin_again()
    time.sleep(0.3)
    browser.picture("phone-empty")
    browser.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def check_looks(tap, browser):
    for scheme in ("light", "dark"):
        browser.media(prefers_color_scheme=scheme)
        browser.begin_again()
        worst = [browser.run(CONTRAST)]
        browser.picture(f"{scheme}-empty")
        browser.ask("What do I do if my card is lost or stolen?")
        browser.ask("zzz yyy")
        browser.ask("qqq xxx")
        worst.append(browser.run(CONTRAST))
        browser.picture(scheme)
        tap.ok(min(worst)[0] >= 4.5,
               f"all text is legible where it is {scheme}", worst)
    browser.media(prefers_reduced_motion="reduce")
    moving = browser.run(
        "return [...document.querySelectorAll('*')].filter((e) =>"
        "getComputedStyle(e).animationName !== 'none').length")
    tap.equal(moving, 0, "nothing moves where that is not wanted")


def main():
    tap = Tap()
    missing = [name for name, there in [
        ("python3-selenium", has_selenium),
        ("chromium", shutil.which("chromium")),
        ("chromedriver (chromium-driver)", shutil.which("chromedriver"))]
        if not there]
    if missing:
        tap.skip("the page in a browser", f"{', '.join(missing)} is missing")
        tap.done()
    with DeskDaemon(burst="100 ms") as daemon:
        daemon.start()
        browser = Browser(daemon)
        try:
            for check in (check_start, check_answer, check_reload,
                          check_redaction, check_options, check_thumbs,
                          check_person_offered, check_person, check_kill,
                          check_kill_open,
                          check_settings, check_expiry,
                          check_limits, check_attacks_of_customers,
                          check_attacks_of_answers, check_forms, check_keyboard,
                          check_names, check_looks, check_sizes):
                check(tap, browser)
            tap.equal(browser.errors(), [], "the browser had nothing to say")
        finally:
            browser.close()
    tap.done()


main()
