"""What customers, entries and agents may write so that it is taken for markup,
a link or a script: in a real browser, under the strict policy of our page."""

import json
import os
import re

from browser import run_checks
from daemon import SOURCE
from desk import DeskDaemon

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


def opened(address, words=None):
    return (f'<a href="{address}" rel="noopener noreferrer nofollow" '
            f'target="_blank">{words or address}</a>')


# Addresses as they stand in a text.
FORMS += [
    ("All fees: https://d.example/fees. More",
     f"<p>All fees: {opened('https://d.example/fees')}. More</p>"),
    ("(http://d.example/?a=b&c) or **https://d.example/x_y_z**",
     f"<p>({opened('http://d.example/?a=b&amp;c')}) or "
     f"<strong>{opened('https://d.example/x_y_z')}</strong></p>"),
    ("[https://d.example/a](https://e.example/b)",
     f"<p>{opened('https://e.example/b', 'https://d.example/a')}</p>"),
    ("ahttps://d.example https:// `https://d.example`",
     "<p>ahttps://d.example https:// <code>https://d.example</code></p>"),
]


def call(number, words):
    return f'<a href="tel:{number}" dir="ltr">{words}</a>'


# What can be called, and what is only of digits.
CALLS = [
    ("Call 020 914 0111, day or night.",
     f"Call {call('0209140111', '020 914 0111')}, day or night."),
    ("+353 20 914 0100 (from abroad)",
     f"{call('+353209140100', '+353 20 914 0100')} (from abroad)"),
    ("**+353209140100** or (020) 914-0100.",
     f"<strong>{call('+353209140100', '+353209140100')}</strong> or "
     f"{call('0209140100', '(020) 914-0100')}."),
    ("+49 (0)69 1234 567", call("+49691234567", "+49 (0)69 1234 567")),
    ("[020 914 0111](https://d.example)",
     '<a href="https://d.example/" rel="noopener noreferrer nofollow" '
     'target="_blank">020 914 0111</a>'),
] + [(text, text) for text in [
    "4111 1111 1111 1111", "GB29 0331 6016 0400 2020 51", "04-00-04 12345678",
    "05-11-2026 10:30", "2026-11-29", "0123456789", "1 000 000 euro",
    "0.123 456 789", "09:00 to 17:00", "ref-020 914 0111", "020 914 0111a",
    "5 020 914 0111", "+1 234", "+123456789012345678"]] + [
    ("`020 914 0111`", "<code>020 914 0111</code>"),
    ("+1<img src=x onerror=hacked=1>", "+1&lt;img src=x onerror=hacked=1&gt;"),
    ("020 914 0111<b>", f"{call('0209140111', '020 914 0111')}&lt;b&gt;")]
# Long texts that are slow to read for who looks back too often.
LONG = ["*a " * 20000, "**a **" * 10000, "[" * 60000, "[a](" * 15000,
        "`" * 30000 + "a" + "`" * 29999, "_a" * 30000, "- " * 30000,
        "<a:" * 20000, "\n" * 60000, "*" * 60000, "[a](b(" * 10000,
        "https://" * 8000, "https://" + "." * 60000, "http://<" * 8000,
        "0" * 60000, "0 " * 30000, "x020 914 0111" * 5000, "+1" * 30000]
# The widget is one script whose parts nobody else sees: these are two alone.
RENDER = ""
for part in ("phones", "markdown"):
    with open(os.path.join(SOURCE, f"plugins/web/widget/{part}.js")) as source:
        RENDER += re.sub("^(export |import .*)", "", source.read(), flags=re.M)
RENDER += """
return arguments[0].map((text) => {
    const node = document.createElement("div");
    node.append(render(text));
    return node.innerHTML;
});
"""

ALLOWED_TAGS = {"ARTICLE", "P", "B", "TIME", "DIV", "CITE", "CODE", "STRONG",
                "EM", "A", "UL", "OL", "LI", "BR", "BUTTON", "PRE", "svg", "path"}
ALLOWED_ATTRIBUTES = {"class", "data-id", "datetime", "href", "rel", "target",
                      "role", "aria-label", "aria-pressed", "type", "start",
                      "data-rating", "dir", "title", "aria-expanded",
                      "aria-controls", "viewBox", "aria-hidden", "d"}

MARKUP = """
const inLog = all("#log *");
return {tags: [...new Set(inLog.map((e) => e.tagName))],
    attributes: [...new Set(inLog.flatMap((e) => e.getAttributeNames()))],
    links: all("#log a").map((a) => [
        a.getAttribute("href"), a.rel, a.target]),
    outside: document.querySelectorAll("script, iframe, form, style").length,
    hacked: window.hacked ?? null};
"""


def expect_clean(tap, browser, who):
    found = browser.run(MARKUP)
    tap.equal(sorted(set(found["tags"]) - ALLOWED_TAGS), [],
              f"{who} make no element of their own")
    tap.equal(sorted(set(found["attributes"]) - ALLOWED_ATTRIBUTES), [],
              f"{who} make no attribute of their own")
    tap.equal(found["outside"], 1, f"{who} leave the page as it was")
    tap.equal(found["hacked"], None, f"{who} run nothing")
    tap.equal(browser.errors(), [], f"{who} ask for nothing that is forbidden")
    return found["links"]


def check_attacks_of_customers(tap, browser):
    browser.open()
    for attack in ATTACKS:
        browser.send(attack)
    browser.wait_sent()
    browser.driver.refresh()
    browser.wait_history(len(ATTACKS) + 1)
    said = [m[1] for m in browser.messages() if m[0] == "customer"]
    tap.ok(ATTACKS[0] in said and ATTACKS[5] in said,
           "what a customer writes is shown as it is", said[:6])
    expect_clean(tap, browser, "customers' words")
    tap.equal(len(browser.find(".customer a")), 0,
              "customers' words make no links")


def check_attacks_of_answers(tap, browser):
    """Whoever writes answers is not trusted with the page either."""
    path = os.path.join(browser.daemon.dir, "attack.yaml")
    question = f"Which zebra answers attacks today? {ATTACKS[1]}"
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
    tap.ok(ATTACKS[1] in browser.one(".sources").text, "its title's, too",
           browser.one(".sources").text)
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


def check_attacks_of_agents(tap, browser):
    browser.begin_again()
    browser.click("#person")
    browser.wait_state("Waiting for a person")
    id, _ = browser.conversation()
    with browser.daemon.agent() as ann:
        ann.ANN = {**ann.ANN, "name": ATTACKS[1]}
        ann.does("claim", id)
        for attack in ATTACKS:
            ann.does("agent", id, attack)
        ann.does("agent", id, "This is **Ann**.")
        browser.wait(lambda: browser.messages()[-1][1] == "This is Ann.",
                     "agent's words")
    tap.equal(browser.find(".agent .who b")[-1].text, ATTACKS[1],
              "an agent's name is shown as it is")
    expect_clean(tap, browser, "agents' words")


def check_forms(tap, browser):
    forms = FORMS + [(text, f"<p>{html}</p>") for text, html in CALLS]
    found = browser.driver.execute_script(RENDER, [f[0] for f in forms])
    for (text, expected), html in zip(forms, found):
        tap.equal(html, expected, f"{text!r} is formed".replace("#", "no. "))
    found = browser.driver.execute_script(RENDER, LONG)
    tap.equal(len(found), len(LONG), "no text is too long to be read")


run_checks("attacks in a browser", lambda: DeskDaemon(burst="100 ms"), [
    check_attacks_of_customers, check_attacks_of_answers,
    check_attacks_of_agents, check_forms])
