"""The widget for everybody: without a mouse, by ear, enlarged, on a phone, in
the dark, in other languages and from right to left."""

from browser import AT_END, Keys, run_checks
from desk import DeskDaemon

TARGETS = """
return all("button, textarea, a.quiet, label:has([type=radio])")
    .filter((e) => e.checkVisibility())
    .map((e) => [e.id || e.textContent, e.getBoundingClientRect()])
    .filter(([name, r]) => r.height < 44 || r.width < 44);
"""
OVER = """
const page = document.documentElement;
const wide = all("*").filter((e) => e.checkVisibility() && !e.matches(".unseen") &&
    !e.closest("svg")).map((e) => e.getBoundingClientRect())
    .filter((r) => r.right > innerWidth + 1 || r.left < -1).length;
return page.scrollWidth - page.clientWidth + wide;
"""
COMPOSING = """
$("text").value = "にほん";
const event = (init) => new KeyboardEvent("keydown",
    {key: "Enter", bubbles: true, cancelable: true, ...init});
return [event({isComposing: true}), event({keyCode: 229})].map((e) => {
    $("text").dispatchEvent(e);
    return e.defaultPrevented;
});
"""
MOVING = """
return all("*").filter((e) => {
    const style = getComputedStyle(e);
    return style.animationName !== "none" || style.transitionDuration !== "0s";
}).length;
"""
QUESTION = "How long does a transfer take?"


def tab_to(browser, name):
    """All that has the keyboard on the way there."""
    reached = []
    while len(reached) < 30 and name not in reached:
        browser.press(Keys.TAB)
        reached.append(browser.focused())
    return reached


def check_keyboard(tap, browser):
    browser.begin()
    tap.ok("launcher" in tab_to(browser, "launcher"), "Tab comes to the launcher")
    browser.press(Keys.ENTER)
    tap.equal((browser.focused(), browser.one("#panel").is_displayed()),
              ("text", True), "Enter opens it, and one can write")
    browser.wait_starters()
    starters = [b.text for b in browser.find("#starters button")]
    browser.run("$('close').focus()")
    tap.equal(tab_to(browser, "person"),
              ["main", *starters, "text", "send", "person"],
              "the order is: conversation, questions, input, send, the rest")
    browser.press(Keys.ESCAPE)
    tap.equal((browser.focused(), browser.one("#panel").is_displayed()),
              ("launcher", False), "Escape closes it, and one is where one was")
    browser.press(Keys.ENTER)
    browser.one("#starters button").send_keys(Keys.ENTER)
    browser.wait_reply(2)
    tap.equal(browser.focused(), "text", "after a choice one can write on")
    browser.field().send_keys("Can I use", Keys.SHIFT + Keys.ENTER, Keys.NULL)
    browser.field().send_keys("my card abroad?")
    tap.equal(browser.one("#text").get_property("value"),
              "Can I use\nmy card abroad?", "Shift+Enter begins a line")
    tap.ok(browser.run("return getComputedStyle(shadow.querySelector('.field'))"
                       ".boxShadow") != "none", "where one is, is seen")
    browser.press(Keys.ENTER)
    browser.wait_reply(4)
    tap.equal(browser.run(COMPOSING), [False, False],
              "Enter that ends a word of an input method does not send")


def check_tree(tap, browser):
    browser.begin()
    closed = browser.properties("button")
    tap.equal((closed.get("hasPopup"), closed.get("expanded")),
              ("dialog", False), "the launcher says what it does, and that it is closed")
    tap.ok(("button", "Chat with us") in browser.names(), "by its name")
    tap.ok("dialog" not in [n[0] for n in browser.names()],
           "what is closed is not there")
    browser.click("#launcher")
    browser.wait_starters()
    browser.ask(QUESTION)
    title = browser.one("#title").text
    names = browser.names()
    for role, name in [("dialog", title), ("heading", title), ("log", "Messages"),
                       ("region", "Conversation"), ("textbox", "Your message"),
                       ("button", "Send"), ("button", "Talk to a person"),
                       ("button", "End chat"), ("button", "Close"),
                       ("button", "Close chat"), ("button", "Helpful"),
                       ("button", "Not helpful"), ("group", "Was this helpful?")]:
        tap.ok((role, name) in names, f"the {role} '{name}' is named", names)
    unnamed = [n for n in names if n[0] in ("button", "link", "textbox", "dialog",
                                            "region", "group") and not n[1]]
    tap.equal(unnamed, [], "nothing that is used is without a name")
    log = browser.properties("log")
    tap.equal((log.get("live"), bool(log.get("busy"))), ("polite", False),
              "what is added to the log is read out")
    tap.equal((browser.properties("status").get("live"),
               browser.properties("dialog").get("modal")), ("polite", False),
              "a status is read out; a panel beside the page is not modal")
    tap.equal(browser.run("return all('.message time').every((t) => t.dateTime) &&"
                          "all('.message b').map((b) => b.textContent)"),
              ["You", "Assistant"], "each message says whose it is, and when")


def check_question(tap, browser):
    """The one question that lies over the rest."""
    browser.click("#end")
    browser.wait(lambda: browser.find("#ending"), "question")
    tap.ok(("alertdialog", "End this chat?") in browser.names() and
           browser.properties("alertdialog").get("modal") is True,
           "it is a modal dialog, by name")
    inside = {"Keep chatting", "End chat"}
    browser.press(Keys.TAB)
    tap.ok(browser.focused() in inside or browser.focused() == "",
           "Tab does not come to what lies below", browser.focused())
    browser.one("#ending .buttons button:last-child").send_keys(Keys.ESCAPE)
    tap.equal((browser.find("#ending"), browser.focused()), ([], "end"),
              "Escape answers it with no")


def check_limits(tap, browser):
    browser.type("a" * 7900)
    tap.equal(browser.one("#left").text, "100 characters left",
              "near the limit the rest is told")
    browser.type("a" * 7901)
    tap.equal((browser.one("#left").text, browser.told()),
              ("99 characters left", "100 characters left"),
              "but not read out with every key")
    browser.type("a" * 8003)
    n = len(browser.messages())
    browser.one("#send").click()
    tap.ok(browser.one("#send").get_attribute("aria-disabled") == "true" and
           len(browser.messages()) == n and
           browser.one("#left").text == "3 characters too many",
           "above it nothing is sent")
    tap.equal(browser.told(), "3 characters too many", "and why is read out")
    browser.type("")


def check_page_sizes(tap, browser):
    browser.begin(mode="inline")
    browser.ask(QUESTION)
    browser.ask("Can I use my card abroad?")
    browser.find(".thumbs [data-rating=down]")[-1].click()
    browser.wait(lambda: browser.find(".reason"), "question what was wrong")
    for width in (1100, 375, 320):
        with browser.size(width, 700, mobile=width < 400):
            browser.wait(lambda: browser.run(AT_END), "end of the conversation")
            tap.equal(browser.run(OVER), 0, f"at {width} pixels nothing is cut off")
            tap.equal(browser.run(TARGETS), [],
                      f"at {width} pixels everything can be hit")
            browser.picture(f"width-{width}")


def check_phone(tap, browser):
    browser.begin()
    with browser.size(375, 740, mobile=True):
        browser.click("#launcher")
        browser.wait_starters()
        browser.picture("phone-empty")
        box = browser.one("#panel").rect
        tap.equal((box["x"], box["y"], box["width"], box["height"]),
                  (0, 0, 375, 740), "on a phone it is all there is")
        tap.ok(browser.run("return document.querySelector('pre').inert") and
               browser.one("#panel").get_attribute("aria-modal") == "true",
               "what lies below cannot be reached")
        browser.ask(QUESTION)
        tap.equal(browser.run(OVER), 0, "nothing is cut off")
        browser.picture("phone")
        browser.click("#close")
        tap.ok(not browser.run("return document.querySelector('pre').inert"),
               "until it is closed")
        browser.click("#launcher")
    browser.wait(lambda: browser.one("#panel").get_attribute("aria-modal") ==
                 "false", "panel beside the page")
    tap.ok(not browser.run("return document.querySelector('pre').inert"),
           "in a wider window the page is there again")


def check_zoom(tap, browser):
    """A window of 1280 x 1024, enlarged to four times."""
    with browser.size(320, 256, scale=4):
        browser.wait(lambda: browser.one("#panel").rect["width"] == 320,
                     "panel as wide as the window")
        tap.equal(browser.run(OVER), 0, "at 400 % nothing is cut off")
        browser.one("#text").send_keys("Can I use my card abroad?", Keys.ENTER)
        browser.wait_reply(4)
        tap.ok(browser.run("const r = shadow.querySelector('.message:last-child "
                           ".body').getBoundingClientRect();"
                           "$('panel').scrollTo(0, 0);"
                           "return getComputedStyle($('panel')).overflowY"
                           " === 'auto' && r.width > 200;"),
               "and all of it is reached by scrolling")
        browser.picture("zoom")


def check_schemes(tap, browser):
    for scheme in ("light", "dark"):
        browser.media(prefers_color_scheme=scheme,
                      prefers_reduced_motion="reduce")
        browser.begin(open="true")
        browser.wait_starters()
        worst = [browser.contrast()]
        browser.picture(f"{scheme}-empty")
        browser.ask("What do I do if my card is lost or stolen?")
        browser.ask("zzz yyy")
        browser.ask("qqq xxx")
        worst.append(browser.contrast())
        browser.picture(scheme)
        tap.ok(min(worst)[0] >= 4.5,
               f"all text is legible where it is {scheme}", worst)
    for accent in ("#ffe04d", "#d8f0ff", "#101010", "color-mix(in srgb, red, blue)"):
        browser.run("document.querySelector('tellerd-widget').style"
                    ".setProperty('--tellerd-accent', arguments[0])", accent)
        for scheme in ("dark", "light"):
            browser.media(prefers_color_scheme=scheme,
                          prefers_reduced_motion="reduce")
            browser.wait(lambda: browser.contrast()[0] >= 4.5,
                         f"contrast of {accent} where it is {scheme}")
    tap.ok(True, "whatever a page's own colour is")
    made = []
    for accent in "#7a1f5c", "oklch(40.78% 0.1411 344.09)":
        browser.run("document.querySelector('tellerd-widget').style"
                    ".setProperty('--tellerd-accent', arguments[0])", accent)
        for scheme in ("dark", "light"):
            browser.media(prefers_color_scheme=scheme,
                          prefers_reduced_motion="reduce")
            browser.wait(lambda: browser.run(
                "return $('widget').classList.contains('dark')"
            ) == (scheme == "dark"), f"{scheme} colours")
        made.append(browser.run(
            "return getComputedStyle($('widget')).getPropertyValue('--accent')"))
    tap.equal(made[1], made[0], "and in whatever space it is written")


def check_comfort(tap, browser):
    browser.media(prefers_reduced_motion="reduce")
    tap.equal(browser.run(MOVING), 0, "nothing moves where that is not wanted")
    browser.media(forced_colors="active")
    edges = browser.run("return ['.customer .body', '#send', '#panel'].map((s) =>"
                        "getComputedStyle(shadow.querySelector(s)).borderTopStyle)")
    tap.equal(edges, ["solid"] * 3, "what is told apart by colour has an edge, too")
    browser.picture("forced-colors")
    browser.media()


def check_languages(tap, browser):
    for language, words in [("de", "Ihre Nachricht"), ("fr-CA", "Votre message"),
                            ("es", "Su mensaje"), ("en-GB", "Your message"),
                            ("pl", "Your message")]:
        browser.begin(lang=language, open="true")
        tap.ok(("textbox", words) in browser.names(), f"it speaks {language}")
        tap.equal(browser.one("#widget").get_attribute("lang"),
                  language[:2] if language != "pl" else "en", "and says so")
        browser.wait_starters()
        tap.equal([browser.one(part).get_attribute("lang") for part in
                   ("#greeting", "#starters")], ["en", "en"],
                  "and that the desk's own words are English")
        browser.picture(f"language-{language}")


ARABIC, HEBREW = "كم يستغرق التحويل؟", "שלום, **אני** נועה:\n\n- 020 914 0111\n- Visa"
DIRECTIONS = """
return all(arguments[0] + " .words").map((e) => getComputedStyle(e).direction);
"""
# How far the last bubble is from the left and from the right of the talk.
SIDES = """
const box = (e) => e.getBoundingClientRect();
const bubble = box(all(arguments[0] + " .body").at(-1)), talk = box($("log"));
return [bubble.left - talk.left, talk.right - bubble.right];
"""


# What is not on the side of the bubble that it belongs to.
STANDS = """
const box = (e) => e.getBoundingClientRect();
return all(".agent, .bot").filter((m) => box(m.querySelector(".who")).right <
    box(m.querySelector(".body")).right - 8).length +
    (box($("title")).right < box(shadow.querySelector(".name")).right - 8);
"""


def expect_own_directions(tap, browser, side):
    """Whatever the page's is, texts have their own; what is whose is told by
    the side that it is on."""
    browser.send(ARABIC)
    browser.wait_sent()
    tap.equal(browser.run(DIRECTIONS, ".customer"), ["ltr", "rtl"],
              "what is written from right to left is shown so")
    browser.click("#person")
    browser.wait_state("Waiting for a person")
    id, _ = browser.conversation()
    with browser.daemon.agent() as ann:
        ann.does("claim", id)
        ann.does("agent", id, HEBREW)
        browser.wait(lambda: browser.messages()[-1][0] == "agent", "agent's words")
    tap.equal(browser.run(DIRECTIONS, ".agent"), ["rtl"], "and what is answered")
    tap.equal(browser.run("return all('.agent a').map((a) => [a.href, a.dir])"),
              [["tel:0209140111", "ltr"]], "but for the numbers in it")
    sides = [browser.run(SIDES, who) for who in (".customer", ".agent")]
    tap.ok((sides[0][0] < sides[0][1]) == (side == "left") and
           (sides[1][0] < sides[1][1]) == (side != "left"),
           f"the customer's words are on the {side}", sides)
    tap.equal(browser.run(OVER), 0, "nothing is cut off")


def check_rtl(tap, browser):
    browser.begin(dir="rtl", open="true")
    browser.ask(QUESTION)
    panel = browser.one("#panel").rect
    tap.ok(panel["x"] < 100, "from right to left the panel is on the left", panel)
    expect_own_directions(tap, browser, "left")
    browser.type(ARABIC)
    tap.equal(browser.run(STANDS), 0, "and so stands who said it, and to whom")
    browser.picture("rtl")
    browser.open_bare()
    browser.run("document.documentElement.dir = 'rtl'; sessionStorage.clear();")
    browser.embed(open="true")
    tap.equal(browser.one("#widget").get_attribute("dir"), "rtl",
              "it follows the page")
    browser.begin(open="true")
    browser.ask(QUESTION)
    expect_own_directions(tap, browser, "right")
    browser.picture("rtl-words")


run_checks("access in a browser", lambda: DeskDaemon(burst="100 ms"), [
    check_keyboard, check_tree, check_question, check_limits, check_page_sizes,
    check_phone, check_zoom, check_schemes, check_comfort, check_languages,
    check_rtl])
