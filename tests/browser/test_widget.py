"""The widget over a page: opened, closed, told what is new, in two tabs, ended,
remembered, steered by its page, in the page of another site."""

import json
import re
import signal
import threading
import time

from browser import run_checks
from desk import DeskDaemon
from signed_in import secret_of, token
from site_of_others import Site

QUESTION = "How long does a transfer take?"
OTHER = "Can I use my card abroad?"

# There is no path to the server.
CUT = "window.fetch = () => Promise.reject(new TypeError('cut'));"
# It is tried once more, and not only after a while.
ASK = "dispatchEvent(new Event('online'));"
# A file that somebody pastes, or lets fall.
FILES = """
const data = new DataTransfer();
data.items.add(new File(["x"], "statement.pdf", {type: "application/pdf"}));
const [kind] = arguments;
const init = {bubbles: true, cancelable: true, composed: true};
const event = kind === "paste"
    ? new ClipboardEvent(kind, {...init, clipboardData: data})
    : new DragEvent(kind, {...init, dataTransfer: data});
$("text").dispatchEvent(event);
return event.defaultPrevented;
"""


def is_open(browser):
    return browser.one("#panel").is_displayed()


def check_launcher(tap, browser):
    browser.begin()
    browser.picture("closed")
    tap.equal((is_open(browser), browser.one("#badge").is_displayed()),
              (False, False), "at first there is a button, and nothing is unread")
    browser.click("#launcher")
    browser.wait_starters()
    browser.picture("open")
    tap.equal((is_open(browser), browser.focused()), (True, "text"),
              "it opens, and one can write")
    browser.ask(QUESTION)
    browser.picture("talk")
    browser.again()
    browser.wait_history(2)
    tap.ok(is_open(browser), "after a reload it is open as before")
    tap.equal([m[0] for m in browser.messages()], ["customer", "bot"],
              "and has all that was said")


def wait_person(browser):
    """Though the panel is closed."""
    browser.wait(lambda: browser.run("return $('state').dataset.state") ==
                 "person", "person")


def check_unread(tap, browser):
    browser.click("#person")
    browser.wait_state("Waiting for a person")
    browser.wait_reply(4)
    id, _ = browser.conversation()
    browser.click("#close")
    with browser.daemon.agent() as ann:
        ann.does("claim", id)
        wait_person(browser)
        ann.does("agent", id, "Good day.")
        browser.wait(lambda: browser.one("#badge").text == "2", "badge of 2")
        tap.ok(("button", "Chat with us, 2 unread messages") in browser.names(),
               "what nobody has seen is counted, for the ear too")
        tap.equal(browser.told(), "2 unread messages", "and said once")
        browser.picture("unread")
        browser.again()
        wait_person(browser)
        browser.wait(lambda: browser.one("#badge").text == "2", "badge of 2")
        tap.equal(browser.told(), "", "a reload counts them, and does not say it again")
        browser.click("#launcher")
        tap.ok(not browser.one("#badge").is_displayed(), "who looks has seen them")
        browser.click("#close")
        tap.ok(not browser.one("#badge").is_displayed(), "for good")
        ann.does("return", id)
    browser.click("#launcher")
    browser.wait_state("Automated assistant")


def check_end(tap, browser):
    n = len(browser.messages())
    browser.click("#end")
    browser.wait(lambda: browser.find("#ending"), "question")
    browser.one("#ending .buttons button:last-child").click()
    tap.equal(len(browser.messages()), n, "who keeps the chat has it still")
    browser.end_chat()
    tap.equal(browser.run("return [...Object.keys(sessionStorage),"
                          "...Object.keys(localStorage)].sort()"),
              ["tellerd.open"], "a chat that is ended is forgotten")
    tap.equal((browser.one("#welcome").is_displayed(),
               browser.one("#end").is_displayed()), (True, False),
              "and the greeting is back")
    browser.again()
    tap.equal(browser.messages(), [], "for good")


def check_files(tap, browser):
    browser.wait(lambda: is_open(browser), "open panel")
    for kind in ("paste", "drop"):
        browser.run("$('alert').textContent = ''")
        tap.ok(browser.run(FILES, kind) and
               "Files cannot be sent here" in browser.one("#alert").text,
               f"a file is refused in words: {kind}")
    browser.picture("files")
    browser.type("Words.")
    tap.equal(browser.one("#alert").text, "", "until one writes")
    browser.type("")


def check_tab_alone(tap, browser):
    """Without `remember` a conversation is one tab's."""
    browser.begin(open="true")
    browser.ask(QUESTION)
    first = browser.driver.current_window_handle
    browser.driver.switch_to.new_window("tab")
    browser.again(open="true")
    tap.equal(browser.messages(), [], "another tab knows nothing of it")
    browser.driver.close()
    browser.driver.switch_to.window(first)


def check_tabs(tap, browser):
    browser.begin(open="true", remember="true")
    first = browser.driver.current_window_handle
    browser.driver.switch_to.new_window("tab")
    browser.again(open="true", remember="true")
    second = browser.driver.current_window_handle
    browser.ask(QUESTION)
    browser.driver.switch_to.window(first)
    browser.wait_reply(2)
    tap.ok(True, "what is begun in one tab is there in the other")
    browser.ask(OTHER)
    before = browser.messages()
    browser.driver.switch_to.window(second)
    browser.wait_reply(4)
    tap.equal(browser.messages(), before, "both say the same")
    browser.end_chat()
    browser.driver.switch_to.window(first)
    browser.wait(lambda: not browser.messages(), "end in the other tab")
    tap.ok(True, "what is ended in one is ended in the other")
    browser.driver.switch_to.window(second)
    browser.ask(QUESTION)
    browser.driver.close()
    browser.driver.switch_to.window(first)
    browser.wait_reply(2)
    tap.equal(len(browser.messages()), 2, "and a new one is begun in both")


# The next message is refused, as of a conversation that has expired.
EXPIRE = """
const real = fetch;
window.fetch = (url, ...more) => {
    if (!url.endsWith("/messages"))
        return real(url, ...more);
    window.fetch = real;
    return Promise.resolve(Response.json({}, {status: 401}));
};
"""


def check_tabs_expiry(tap, browser):
    """What is written in one tab is not lost when the other hears it first."""
    browser.begin(open="true", remember="true")
    first = browser.driver.current_window_handle
    browser.ask(QUESTION)
    browser.driver.switch_to.new_window("tab")
    browser.again(open="true", remember="true")
    second = browser.driver.current_window_handle
    browser.wait_history(2)
    browser.run("window.real = fetch;" + CUT)
    browser.send("hello")
    browser.driver.switch_to.window(first)
    browser.run(EXPIRE)
    browser.send(OTHER)
    browser.wait(lambda: browser.find(".ended") and
                 browser.messages()[-1][0] == "bot", "reply in a new one")
    browser.driver.switch_to.window(second)
    browser.wait(lambda: browser.find(".ended"), "end in the other tab")
    tap.equal([m[1] for m in browser.messages() if m[2]], ["hello"],
              "what expires in one tab drops nothing in the other")
    browser.run("window.fetch = real;" + ASK)
    browser.wait_sent()
    id, auth = browser.conversation("localStorage")
    tap.equal([m["text"] for m in browser.daemon.history(id, auth)
               if m["author"] == "customer"], [OTHER, "hello"],
              "and both go on with one new conversation")
    browser.driver.close()
    browser.driver.switch_to.window(first)


TABS = 7  # a browser opens six connections to a server over HTTP/1.1
HELD = """
const done = arguments[0];
navigator.locks.query().then(({held}) => done(held.length));
"""


def check_many_tabs(tap, browser):
    """Each with a conversation of its own, all of them open."""
    browser.begin(open="true")
    driver = browser.driver
    first = driver.current_window_handle
    tabs = []
    for _ in range(TABS):
        driver.switch_to.new_window("tab")
        tabs.append(driver.current_window_handle)
        browser.again(open="true")
        browser.send(QUESTION)
        browser.wait_sent()
    browser.wait_reply(2)
    tap.equal([m[0] for m in browser.messages()], ["customer", "bot"],
              f"in the last of {TABS} tabs one is answered")
    streams = browser.run_async(HELD)
    tap.ok(0 < streams < 6, "not all of them hold a connection", streams)
    browser.click("#person")
    browser.wait_state("Waiting for a person")
    id, _ = browser.conversation()
    with browser.daemon.agent() as ann:
        ann.does("claim", id)
        ann.does("agent", id, "Good day.")
        browser.wait(lambda: browser.messages()[-1][0] == "agent", "agent's words")
        ann.does("return", id)
    for tab in tabs[:-1]:
        driver.switch_to.window(tab)
        driver.close()
    driver.switch_to.window(tabs[-1])
    browser.wait_state("Automated assistant")
    browser.ask(OTHER)
    tap.equal([m[0] for m in browser.messages()].count("agent"), 1,
              "what is said there comes once, by stream or without")
    browser.wait(lambda: browser.run_async(HELD) == 1, "stream of its own")
    tap.ok(True, "which it has as soon as it can")
    driver.close()
    driver.switch_to.window(first)


# A server that has too many streams already.
NO_STREAM = """
const real = fetch;
window.fetch = (url, ...more) => !url.endsWith("/events") ? real(url, ...more)
    : Promise.resolve(Response.json({code: "too_many_streams"}, {status: 429}));
"""


def check_no_stream(tap, browser):
    browser.begin(open="true")
    browser.run(NO_STREAM)
    for text in (QUESTION, OTHER):
        browser.ask(text)
    tap.equal([m[0] for m in browser.messages()], ["customer", "bot"] * 2,
              "who gets no stream has his answers by asking")
    browser.wait(lambda: not browser.one("#banner").text, "end of the banner")
    tap.ok(True, "and is not told that there is no connection")


# The path dies: the first answer to what arguments[0] names never comes, and
# what has a limit of time is soon over it.
DIE = """
const real = fetch, later = setTimeout;
window.setTimeout = (fn, ms) => later(fn, ms === 30000 ? 1 : ms);
window.fetch = (url, ...more) => {
    if (!url.includes(arguments[0]))
        return real(url, ...more);
    window.fetch = real;
    window.setTimeout = later;
    return new Promise((resolve, reject) => {
        const signal = more[0].signal;
        signal?.addEventListener("abort", () => reject(signal.reason));
    });
};
"""


def check_dead_path(tap, browser):
    browser.begin(open="true")
    for path, why in [("/v1/conversations", "a conversation is begun"),
                      ("/messages", "a message is sent")]:
        browser.run(DIE, path)
        browser.ask(QUESTION)
        tap.ok(True, f"{why} once more where no answer comes")
    browser.begin(open="true")
    browser.run(NO_STREAM)
    browser.ask(QUESTION)
    browser.run(DIE, "?after=")
    browser.ask(OTHER)
    tap.equal([m[0] for m in browser.messages()], ["customer", "bot"] * 2,
              "and what was said is asked for once more")


def check_remember(tap, browser):
    before = browser.messages()
    browser.run("sessionStorage.clear()")  # another day
    browser.again(open="true", remember="true")
    browser.wait_history(2)
    tap.equal(browser.messages(), before, "what is remembered outlives the tab")
    browser.end_chat()
    tap.equal(browser.run("return Object.keys(localStorage)"), [],
              "until the chat is ended")


def check_api(tap, browser):
    browser.begin()
    browser.run("tellerd.open()")
    tap.equal((is_open(browser), browser.focused()), (True, "text"), "open()")
    browser.run("tellerd.close()")
    tap.equal(is_open(browser), False, "close()")
    browser.run("tellerd.toggle()")
    browser.run("tellerd.toggle()")
    tap.equal(is_open(browser), False, "toggle(), twice")
    browser.run("tellerd.send('  ' + arguments[0])", QUESTION)
    browser.wait_reply(2)
    tap.equal((browser.messages()[0], is_open(browser)),
              (("customer", QUESTION, ""), True), "send() opens it, and sends")
    browser.run("tellerd.send('  ')")
    events = browser.events()
    tap.equal([e[0] for e in events if e[0] in ("open", "close")],
              ["open", "close"] * 2 + ["open"], "a page hears of it")
    said = [e[1]["author"] for e in events if e[0] == "message"]
    tap.equal(sorted(said), ["bot", "customer"], "and of messages")
    browser.end_chat()
    tap.ok(("end", None) in browser.events(), "and of the end")
    browser.run("window.off = tellerd.on('open', () => window.opened = true);"
                "off(); tellerd.close(); tellerd.open();")
    tap.equal(browser.run("return window.opened ?? null"), None,
              "until it does not want to")
    browser.run("tellerd.destroy()")
    tap.equal(browser.run("return [shadow ?? null, window.tellerd ?? null]"),
              [None, None], "destroy() leaves nothing")


def signed(name, **claims):
    """A script that has that user signed in, by a token as his site makes it."""
    given = json.dumps(token(sub=name, **claims) if name else None)
    return (f"const done = arguments[0]; const given = {given};"
            "tellerd.setUser(given && (() => Promise.resolve(given)))"
            ".then(done, done);")


def identity(browser):
    id, _ = browser.conversation()
    return browser.daemon.ctl("desk", "show", id)[1]["identity"]


def check_user(tap, browser):
    browser.begin(open="true")
    browser.ask(QUESTION)
    browser.run_async(signed("ann"))
    tap.equal((len(browser.messages()), identity(browser)), (2, None),
              "who signs in during a conversation goes on with it")
    browser.end_chat()
    browser.ask(QUESTION)
    tap.equal(identity(browser), {"id": "ann", "name": "Zoë Ó Briain"},
              "the next one is his, and the desk knows who he is")
    kept = browser.run("return JSON.stringify({...sessionStorage})")
    tap.ok(not any(part in kept for part in token(sub="ann").split(".")),
           "the browser keeps nothing of his token", kept)
    browser.again(open="true")
    browser.wait_history(2)
    browser.run_async(signed("ann"))
    tap.equal(len(browser.messages()), 2, "it is there when he comes back")
    browser.run_async(signed("bob"))
    tap.equal(browser.messages(), [], "and not for another user")
    browser.ask(QUESTION)
    tap.equal(identity(browser)["id"], "bob", "whose own comes then")
    browser.run_async(signed(None))
    tap.equal(browser.messages(), [], "and is gone when nobody is signed in")


# The answer to the first conversation that is begun is lost, at release().
LOSE = """
const real = fetch;
const held = new Promise((go) => { window.release = go; });
window.fetch = async (url, ...more) => {
    const response = await real(url, ...more);
    if (!url.endsWith("/v1/conversations"))
        return response;
    window.fetch = real;
    await held;
    throw new TypeError("lost");
};
"""


def begin_unheard(browser):
    """A conversation that is there, and of which its page does not know."""
    browser.begin(open="true")
    browser.run(LOSE + "window.theirs = window.fetch;")
    browser.send(QUESTION)
    browser.wait(lambda: browser.run("return fetch !== theirs"), "beginning")


def check_unheard(tap, browser):
    """Its key is good for the same user in the same language only."""
    begin_unheard(browser)
    browser.run_async(signed("ann"))
    browser.run("release()")
    browser.wait_reply(2)
    tap.equal(([m[2] for m in browser.messages()], identity(browser)["id"]),
              (["", ""], "ann"), "who signs in while a conversation begins, "
              "and is not heard of, begins another one")
    begin_unheard(browser)
    browser.again(open="true", lang="de")
    browser.wait_reply(2)
    tap.equal([m[1:] for m in browser.messages()][0], (QUESTION, ""),
              "as does who goes to a page in another language")
    tap.ok(all("422" in error for error in browser.errors()),
           "the browser says nothing else")


def check_user_unsent(tap, browser):
    """What could not be sent goes out from the next page, in his name."""
    browser.begin(open="true")
    browser.run_async(signed("ann"))
    browser.run(CUT)
    browser.send(QUESTION)
    browser.open_bare()
    browser.run("document.addEventListener('tellerd:ready', () => "
                f"tellerd.setUser({json.dumps(token(sub='ann'))}));")
    browser.embed(open="true")
    browser.wait_reply(2)
    tap.equal(identity(browser)["id"], "ann",
              "what a user wrote is his, when a later page sends it, too")


# As long as the page cannot learn who has signed in.
UNKNOWN = """
window.isKnown = false;
window.asked = 0;
tellerd.setUser(async () => {
    asked++;
    if (!isKnown)
        throw new TypeError("who?");
    return %s;
});
"""
# Who has signed in is known at release().
LATE = """
tellerd.setUser(() => new Promise((go) => { window.release = () => go(%s); }));
"""


def check_former_user(tap, browser):
    """What one user wrote is neither shown to the next nor sent in his name."""
    browser.begin(open="true")
    browser.run_async(signed("ann"))
    browser.run("window.real = fetch;" + CUT)
    browser.send(OTHER)
    browser.again(open="true")
    browser.wait(lambda: browser.messages(), "what is unsent")
    browser.run("window.real = fetch;" + CUT)
    browser.run_async(signed("bob"))
    tap.equal(browser.messages(), [], "what was not sent yet is a user's own")
    browser.run("window.fetch = real")
    browser.ask(QUESTION)
    id, auth = browser.conversation()
    tap.equal((identity(browser)["id"],
               [m["text"] for m in browser.daemon.history(id, auth)][0]),
              ("bob", QUESTION), "and does not go out in another's name")
    browser.end_chat()
    browser.run(LATE % json.dumps(token(sub="ann")))
    browser.send(OTHER)
    browser.run("window.first = release; tellerd.setUser(%s).then(first);" %
                json.dumps(token(sub="bob")))
    browser.wait(lambda: not browser.messages(), "end")
    tap.ok(True, "nor when it was not known yet who he is")


def check_unknown_user(tap, browser):
    browser.begin(open="true")
    browser.run_async(signed("ann"))
    browser.ask(QUESTION)
    browser.again(open="true")
    browser.wait_history(2)
    browser.run(UNKNOWN % json.dumps(token(sub="bob")))
    browser.wait(lambda: not browser.one("#log").is_displayed() and
                 browser.run("return asked") > 1, "hiding")
    tap.ok(not browser.one("#text").is_displayed() and
           browser.one("#close").is_displayed(),
           "while it is not known who has signed in, a user's chat is hidden")
    browser.run("isKnown = true")
    browser.wait(lambda: browser.one("#text").is_displayed(), "panel")
    tap.equal(browser.messages(), [], "and gone when it was another's")


def check_signed_out(tap, browser):
    """What his site signed is too old, or is no signature."""
    browser.begin(open="true")
    bad = [{"exp": int(time.time()) - 1}, {"secret": b"x" * 42}]
    for claims in bad:
        browser.run_async(signed("ann", **claims))
        browser.send(OTHER)
        browser.wait(lambda: "no longer signed in" in
                     browser.messages()[-1][2], "refusal")
        tap.equal([m[:2] for m in browser.messages()], [("customer", OTHER)],
                  "who is not signed in any more is told so")
        tap.ok("user_token" not in browser.one(".fate").text and
               ("error", "bad_user_token") in
               [(e[0], (e[1] or {}).get("code")) for e in browser.events()
                if isinstance(e[1], dict)],
               "in words that are his, and the page in its own")
        browser.picture("signed-out")
        browser.run_async(signed("ann"))
        browser.click(".fate button")
        browser.wait_reply(2)
        tap.equal(([m[0] for m in browser.messages()], identity(browser)["id"]),
                  (["customer", "bot"], "ann"),
                  "and when he is, what he wrote goes out")
        browser.end_chat()
    tap.ok(all("401" in error for error in browser.errors()),
           "the browser says nothing else")


def list_origin(daemon, origin):
    """That one alone.  Returns when the daemon knows it."""
    with open(daemon.config) as f:
        text = f.read()
    with open(daemon.config, "w") as f:
        f.write(re.sub("page: true(\n    origins: .*)?",
                       f"page: true\n    origins: [{origin}]", text))
    daemon.process.send_signal(signal.SIGHUP)
    return lambda: daemon.request("GET", "/v1/widget",
                                  headers={"Origin": origin})[0] == 200


def check_forbidden(tap, browser):
    """In a page of an origin that is not listed: a plain word, no spinner."""
    daemon = f"http://127.0.0.1:{browser.daemon.port}"
    with Site(daemon) as site:
        site.embed(daemon + "/widget.js", "data-open")
        browser.driver.get(site.origin + "/")
        browser.send(QUESTION)
        browser.wait(lambda: browser.one("#banner").text, "banner")
        tap.ok(browser.one("#text").is_enabled(),
               "at first that may be a proxy whose tellerd is away")
        browser.run("const now = Date.now; Date.now = () => now() + 60000;" + ASK)
        browser.wait(lambda: "not available on this page" in
                     browser.one("#alert").text, "refusal")
        tap.ok(not browser.one("#typing").is_displayed() and
               not browser.one("#text").is_enabled(),
               "a page of an origin that is not listed is told so")
        tap.equal(browser.messages(), [("customer", QUESTION, "Not sent. ")],
                  "and that nothing was sent")
        errors = browser.errors()
        tap.ok(any("plugins.web.origins" in e and site.origin in e for e in errors),
               "and its author, which setting lists it", errors)
        tap.ok(not any("Content Security Policy" in e for e in errors),
               "its policy need not allow more", errors)
        browser.picture("forbidden")
        browser.wait(list_origin(browser.daemon, site.origin), "new settings")
        browser.wait(lambda: browser.run(ASK + "return !$('alert').textContent"),
                     "end of the refusal")
        browser.wait_reply(2)
        browser.wait_sent()
        tap.equal((browser.one("#alert").text, browser.one("#banner").text,
                   browser.one("#text").is_enabled()), ("", "", True),
                  "when it is listed, what was written goes out")
        browser.driver.get("about:blank")
    browser.errors()
    tap.ok(f"plugins.web.origins lacks {site.origin}" in browser.daemon.log(),
           "the log says the same")


def check_other_site(tap, browser):
    """In the page of a listed origin, whose script is checked."""
    daemon = f"http://127.0.0.1:{browser.daemon.port}"
    _, about = browser.daemon.json("GET", "/widget.json")
    with Site(daemon) as site:
        site.embed(daemon + about["url"], f'integrity="{about["integrity"]}" '
                   'crossorigin="anonymous" data-open')
        browser.driver.get(site.origin + "/")
        browser.wait(lambda: any("CORS" in e for e in browser.errors()),
                     "complaint")
        tap.ok(f"plugins.web.origins lacks {site.origin}" in browser.daemon.log(),
               "a script that is checked does not come to a page that is not "
               "listed, and the log says why")
        browser.wait(list_origin(browser.daemon, site.origin), "new settings")
        browser.driver.get(site.origin + "/")
        browser.wait_starters()
        browser.ask(QUESTION)
        browser.driver.refresh()
        browser.wait_history(2)
        tap.equal(([m[0] for m in browser.messages()], browser.errors()),
                  (["customer", "bot"], []),
                  "a listed site has it, under its own strict policy")
        browser.picture("other-site")
        site.embed(daemon + about["url"], 'integrity="sha384-' + "A" * 64 +
                   '" crossorigin="anonymous"')
        browser.driver.get(site.origin + "/")
        browser.wait(lambda: any("integrity" in e for e in browser.errors()),
                     "complaint")
        tap.equal(browser.run("return window.tellerd ?? null"), None,
                  "a script that is not the one that was meant does not run")
        browser.driver.get("about:blank")


MARKUP = "<img src=x onerror=window.hacked=1>"
WRITTEN = f"By the end of the next working day {MARKUP}."


def stream_piece_by_piece(release, over):
    """A conversation whose reply is written as one looks on."""
    def say(handler, event, data):
        handler.wfile.write(f"event: {event}\ndata: {json.dumps(data)}\n\n".encode())
        handler.wfile.flush()

    def entry(number, author, text):
        return {"id": f"msg_{number}", "author": author, "kind": "text",
                "text": text, "at": "2026-01-02T03:04:05.000Z",
                "in_reply_to": ["msg_1"]}

    def events(handler):
        handler.send_response(200)
        handler.send_header("Content-Type", "text/event-stream")
        handler.end_headers()
        say(handler, "message", entry(1, "customer", QUESTION))
        say(handler, "state", {"state": "bot"})
        for text in ("By the end of ", "the **next", " working** day ",
                     "<img src=x ", "onerror=window.hacked=1>."):
            say(handler, "message.delta", {"id": "msg_2", "text": text})
        release.wait()
        say(handler, "message", entry(
            2, "bot", f"By the end of the **next working** day {MARKUP}."))
        over.wait()

    return events


def check_pieces(tap, browser):
    release, over = threading.Event(), threading.Event()
    script = browser.daemon.request("GET", "/widget.js")[2].decode()
    base = "/v1/conversations/cnv_x"
    with Site("'self'") as site:
        site.embed("/widget.js", "data-open")
        site.pages.update({
            "/widget.js": ("text/javascript", script),
            "/v1/widget": ("application/json", "{}"),
            "/v1/conversations": ("application/json", json.dumps(
                {"id": "cnv_x", "token": "x"})),
            f"{base}/messages": ("application/json", '{"id": "msg_1"}'),
            f"{base}/events": stream_piece_by_piece(release, over),
        })
        browser.driver.get(site.origin + "/")
        browser.send(QUESTION)
        browser.wait(lambda: browser.find("#partial .body") and browser.one(
            "#partial .body").text == WRITTEN, "pieces")
        tap.equal((len(browser.messages()),
                   browser.one("#partial").get_attribute("aria-busy"),
                   browser.one("#typing").is_displayed()), (1, "true", False),
                  "a reply is seen as it is written, and not yet read out")
        release.set()
        browser.wait_reply(2)
        tap.equal((browser.messages()[-1][1], browser.one("#partial").text),
                  (WRITTEN, ""), "and once only, when it is whole")
        tap.equal(browser.run("return [all('img').length, window.hacked ?? null]"),
                  [0, None], "markup in it is text, in pieces and as a whole")
        tap.ok("Jan" in browser.one(".bot time").text,
               "what was not said today has its day", browser.one(".bot time").text)
        over.set()
        browser.driver.get("about:blank")
    browser.errors()


def desk():
    daemon = DeskDaemon(burst="100 ms")
    daemon.settings.append(f"plugins.web.user_secret={secret_of(daemon)}")
    return daemon


run_checks("the widget in a browser", desk, [
    check_launcher, check_unread, check_end, check_files, check_tab_alone,
    check_tabs, check_remember, check_tabs_expiry, check_many_tabs,
    check_no_stream, check_dead_path, check_api, check_user, check_unheard,
    check_user_unsent, check_former_user, check_unknown_user, check_signed_out, check_forbidden,
    check_other_site, check_pieces])
