"""A real browser that looks at a real tellerd, for the tests beside it.

What is found is found within the widget's shadow tree.  Pictures are left in
tests/browser/pictures of the build tree."""

import contextlib
import json
import os
import shutil
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                os.pardir, "run"))
from daemon import TOP, Tap  # noqa: E402

try:
    import selenium  # noqa: F401
except ImportError:
    # Where the distribution puts it, whatever python3 this is.
    sys.path.append("/usr/lib/python3/dist-packages")
try:
    from selenium import webdriver
    from selenium.common.exceptions import (NoSuchShadowRootException,
                                            StaleElementReferenceException)
    from selenium.webdriver.chrome.service import Service
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys
    has_selenium = True
except ImportError:
    has_selenium = False
    Keys = None  # for whom is then skipped

PICTURES = os.path.join(TOP, "tests", "browser", "pictures")
WAIT_S = 60

# Before each script: the widget's tree, and what is found in it.
SHADOW = """
const shadow = document.querySelector("tellerd-widget")?.shadowRoot;
const $ = (id) => shadow.getElementById(id);
const all = (selector) => [...shadow.querySelectorAll(selector)];
"""
# What moves or appears is where it will be: a driver reads no text of what is
# still transparent, however short that is.
ARRIVED = """
for (const a of shadow?.getAnimations() ?? [])
    if (a.effect.getComputedTiming().endTime < Infinity)
        a.finish();
"""
MESSAGES = """
return !shadow ? [] : all("#log .message").map((m) => [
    m.classList[1], m.querySelector(".body").innerText,
    m.querySelector(".fate")?.firstChild.data ?? ""]);
"""
# As a page of ours may, whose policy asks for that.
EMBED = """
const [attributes, done] = arguments;
window.events = [];
const view = document.createElement("meta");
view.name = "viewport";
view.content = "width=device-width, initial-scale=1";
document.head.append(view);
const policy = trustedTypes.createPolicy("test", {createScriptURL: (u) => u});
const script = document.createElement("script");
Object.assign(script.dataset, attributes);
script.onload = () => done(true);
script.onerror = () => done(false);
document.addEventListener("tellerd:ready", () => {
    for (const name of ["open", "close", "message", "state", "unread", "end", "error"])
        tellerd.on(name, (detail) => events.push([name, detail ?? null]));
}, {once: true});
script.src = policy.createScriptURL("/widget.js");
document.body.append(script);
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
    return getComputedStyle($("widget")).columnRuleColor;
};
const ratio = (a, b) => {
    const [low, high] = [light(a), light(b)].sort((x, y) => x - y);
    return (high + 0.05) / (low + 0.05);
};
let worst = [99, ""];
for (const e of all("*")) {
    const own = [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
    if (!own || !e.checkVisibility() || e.matches(".unseen, [disabled]"))
        continue;
    const opacity = Number(getComputedStyle(e).opacity);
    const contrast = ratio(getComputedStyle(e).color, ground(e)) * opacity;
    if (contrast < worst[0])
        worst = [contrast, e.textContent.slice(0, 40)];
}
return worst;
"""
SIZE = "return [innerWidth, innerHeight, devicePixelRatio];"
# A page hears of a new size before it draws.
FRAMES = """
const [done] = arguments;
requestAnimationFrame(() => requestAnimationFrame(done));
"""
AT_END = """
const main = $("main");
return main.scrollHeight - main.scrollTop - main.clientHeight < 2;
"""


def missing():
    """What is not there of what a browser test needs."""
    return [name for name, there in [
        ("python3-selenium", has_selenium),
        ("chromium", shutil.which("chromium")),
        ("chromedriver (chromium-driver)", shutil.which("chromedriver"))]
        if not there]


def run_checks(what, make_daemon, checks):
    """Each check(tap, browser), one after the other, in one browser."""
    tap = Tap()
    if missing():
        tap.skip(what, f"{', '.join(missing())} is missing")
        tap.done()
    with make_daemon() as daemon:
        daemon.start()
        browser = Browser(daemon)
        try:
            for check in checks:
                check(tap, browser)
            tap.equal(browser.errors(), [], "the browser had nothing to say")
        finally:
            browser.close()
    tap.done()


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

    # ---- The page ----------------------------------------------------------

    def open(self):
        """The page, with the widget in it."""
        self.driver.get(f"http://127.0.0.1:{self.daemon.port}/")

    def begin(self, **attributes):
        """The widget as it is for somebody who has never been there."""
        self.open_bare()
        self.run("sessionStorage.clear(); localStorage.clear();")
        self.embed(**attributes)

    def again(self, **attributes):
        """Another page of the same site, in the same tab."""
        self.open_bare()
        self.embed(**attributes)

    def open_bare(self):
        """A page of ours that has no widget: a style sheet, as it is read."""
        self.driver.get(f"http://127.0.0.1:{self.daemon.port}/page.css")

    def embed(self, **attributes):
        """The widget in the page that is open, as a site has it."""
        if not self.driver.execute_async_script(EMBED, attributes):
            raise RuntimeError("the script does not load")

    def run(self, script, *arguments):
        return self.driver.execute_script(SHADOW + script, *arguments)

    def run_async(self, script, *arguments):
        return self.driver.execute_async_script(SHADOW + script, *arguments)

    def find(self, selector):
        self.run(ARRIVED)
        try:
            host = self.driver.find_element(By.CSS_SELECTOR, "tellerd-widget")
            return host.shadow_root.find_elements(By.CSS_SELECTOR, selector)
        except (NoSuchShadowRootException, StaleElementReferenceException):
            return []

    def one(self, selector):
        return self.find(selector)[0]

    def wait(self, is_so, what):
        end = time.monotonic() + WAIT_S
        while not is_so():
            if time.monotonic() > end:
                self.picture("failure")
                raise RuntimeError(f"no {what}: {self.messages()}")
            time.sleep(0.02)

    def events(self):
        """What the page has heard from the widget since embed()."""
        return [tuple(event) for event in self.run("return events")]

    # ---- The conversation --------------------------------------------------

    def messages(self):
        """(author, text, what became of it) of each."""
        return [tuple(m) for m in self.run(MESSAGES)]

    def wait_starters(self):
        """They come when the widget has asked for what the desk says."""
        self.wait(lambda: self.find("#starters button"), "questions offered")

    def wait_reply(self, n):
        """n messages, the last of them not the customer's."""
        def is_so():
            messages = self.messages()
            return len(messages) >= n and messages[-1][0] != "customer"
        self.wait(is_so, f"reply, the message {n}")
        return self.messages()[-1]

    def wait_sent(self):
        self.wait(lambda: not any(m[2] for m in self.messages()), "sending")

    def wait_history(self, n):
        self.wait(lambda: len(self.messages()) >= n and self.run(
            "return $('log').ariaBusy") == "false", "history")

    def type(self, text):
        """As pasted: what a driver types key by key is slow, and Enter sends."""
        self.run("$('text').value = arguments[0];"
                 "$('text').dispatchEvent(new Event('input'));", text)

    def send(self, text):
        self.type(text)
        self.one("#text").send_keys(Keys.ENTER)

    def ask(self, text):
        n = len(self.messages())
        self.send(text)
        return self.wait_reply(n + 2)

    def click(self, selector):
        self.one(selector).click()

    def end_chat(self):
        """And say yes where that is asked."""
        self.click("#end")
        self.wait(lambda: self.find("#ending .strong"), "question")
        self.click("#ending .strong")
        self.wait(lambda: not self.messages(), "empty page")

    def begin_again(self):
        if self.messages():
            self.end_chat()

    def wait_state(self, words):
        self.wait(lambda: self.one("#state").text == words, f"state '{words}'")

    def conversation(self, storage="sessionStorage"):
        kept = json.loads(self.run(f"return {storage}.tellerd"))
        return kept["id"], {"Authorization": "Bearer " + kept["token"]}

    # ---- What is seen and heard --------------------------------------------

    def errors(self):
        """What the browser complains of, but that a server was not there, or
        has no icon of that name."""
        return [e["message"] for e in self.driver.get_log("browser")
                if "net::ERR_" not in e["message"] and
                "/favicon.ico" not in e["message"]]

    def picture(self, name):
        os.makedirs(PICTURES, exist_ok=True)
        self.driver.save_screenshot(os.path.join(PICTURES, f"{name}.png"))

    def contrast(self):
        """The worst contrast of any text, with the text."""
        return self.run(ARRIVED + CONTRAST)

    def media(self, **features):
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {
            "features": [{"name": n.replace("_", "-"), "value": v}
                         for n, v in features.items()]})

    def wait_size(self, size):
        """And until the page has been laid out and has heard of it."""
        self.wait(lambda: self.run(SIZE) == size, f"window of {size}")
        self.run_async(FRAMES)

    @contextlib.contextmanager
    def size(self, width, height, scale=2, mobile=False):
        """A window of that many CSS pixels."""
        before = self.run(SIZE)
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": width, "height": height, "deviceScaleFactor": scale,
            "mobile": mobile})
        try:
            self.wait_size([width, height, scale])
            yield
        finally:
            self.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
            self.wait_size(before)

    def told(self):
        """What somebody hears of who does not see the page."""
        return self.run("return $('status').textContent")

    def focused(self):
        return self.run("const e = shadow.activeElement;"
                        "return e ? e.id || e.ariaLabel || e.textContent.trim()"
                        " : document.activeElement.id;")

    def field(self):
        """What has the keyboard."""
        return self.run("return shadow?.activeElement ?? document.activeElement;")

    def press(self, *keys):
        webdriver.ActionChains(self.driver).send_keys(*keys).perform()

    def tree(self):
        """(role, name, properties) of all that an assistive program gets."""
        nodes = self.driver.execute_cdp_cmd("Accessibility.getFullAXTree", {})
        return [(n["role"]["value"], n.get("name", {}).get("value", ""),
                 {p["name"]: p["value"].get("value")
                  for p in n.get("properties", [])})
                for n in nodes["nodes"] if not n.get("ignored")]

    def names(self):
        return [node[:2] for node in self.tree()]

    def properties(self, role):
        """Of the first of that role; {}: there is none."""
        return next((n[2] for n in self.tree() if n[0] == role), {})
