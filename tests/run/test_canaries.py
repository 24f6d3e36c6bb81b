"""What must not be kept is nowhere: not in the state, its log of writes, the
log or a backup.  Two hundred numbers and words that no rule but redaction
would hide, typed by customers on every way in."""

import os
import random
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from daemon import Daemon, Tap  # noqa: E402

EACH = 34  # of six kinds: 204


def luhn_digit(digits):
    total = 0
    for i, c in enumerate(reversed(digits)):
        d = int(c) * (2 if i % 2 == 0 else 1)
        total += d - 9 if d > 9 else d
    return str(-total % 10)


def card(r):
    head = r.choice(["4", "51", "52", "53", "54", "55", "34", "37", "6011"])
    length = 15 if head in ("34", "37") else 16
    digits = head + "".join(r.choice("0123456789")
                            for _ in range(length - 1 - len(head)))
    return digits + luhn_digit(digits)


def iban(r):
    country, length = r.choice([("DE", 18), ("AT", 16), ("BE", 12),
                                ("ES", 20), ("PT", 21)])
    body = "".join(r.choice("0123456789") for _ in range(length))
    number = body + "".join(str(ord(c) - 55) for c in country) + "00"
    return f"{country}{98 - int(number) % 97:02d}{body}"


def grouped(text, by):
    return by.join(text[i:i + 4] for i in range(0, len(text), 4))


def digits(r, n):
    return "".join(r.choice("0123456789") for _ in range(n))


def canaries(r):
    """(what the customer writes, what must not be found)"""
    for i in range(EACH):
        number = card(r)
        shown = r.choice([number, grouped(number, " "), grouped(number, "-"),
                          grouped(number, "\u00a0")])
        yield f"My card {shown} does not work", [number, shown]
        number = iban(r)
        shown = r.choice([number, grouped(number, " "), number.lower()])
        yield f"send it to {shown} please", [number, shown]
        code = digits(r, 3)
        yield f"cvv: {code}x{i}q CVV {code}", [f"CVV {code}"]
        pin = digits(r, 4)
        yield f"my PIN is {pin} and it is refused", [f"PIN is {pin}"]
        code = digits(r, 8)
        yield f"the one-time code is {code} but nothing happens", [code]
        word = "Zq" + digits(r, 8) + "!x"
        yield f"password: {word} why can I not log in?", [word]


def check_asked(tap, daemon, r):
    """The second question names the conversation that the first one began."""
    secrets = []
    for i in range(EACH):
        code = digits(r, 8)
        secrets.append(code)
        _, first = daemon.ask("the one-time code I got is")
        status, second = daemon.ask(code, first["conversation"])
        if status != 200:
            tap.ok(False, f"question {i} is taken", second)
    return secrets


def check_repeated(tap, daemon, r):
    """What was secret only behind other words is the same message when it comes
    again to a daemon that has forgotten them."""
    id, auth = daemon.conversation()
    code = digits(r, 8)

    def write(text, client_id):
        return daemon.json("POST", f"/v1/conversations/{id}/messages",
                           {"text": text, "client_id": client_id}, auth)

    first = [write("the one-time code I got is", "r0"), write(code, "r1")]
    daemon.kill()
    daemon.start()
    again = [write("the one-time code I got is", "r0"), write(code, "r1")]
    tap.equal(again, first, "a repeat after a crash is the same message")
    tap.equal(write("12345678", "r1")[0], 422, "and another text is not")
    return [code]


def check_announced(tap, daemon, r):
    """A secret may come in the message behind the one that announces it."""
    secrets = []
    for i in range(EACH):
        id, auth = daemon.conversation()
        code = digits(r, 8)
        secrets.append(code)
        texts = [("the one-time code I got is", code),
                 ("what do you need? my code?", code),
                 ("my online password is", "Zq" + code + "!x"),
                 ("code", code)][i % 4]
        for n, text in enumerate((*texts, texts[1])):
            status, document = daemon.json(
                "POST", f"/v1/conversations/{id}/messages",
                {"text": text, "client_id": f"a{min(n, 1)}"}, auth)
            if status not in (200, 202):
                tap.ok(False, f"message {n} is taken: {text}", document)
        code, _, words = daemon.ctl("ask", "--conversation",
                                    f"my pin {digits(r, 4)}", "hello")
        if code != 2 or "seems to hold a secret" not in words:
            tap.ok(False, "a name with a PIN is refused", words)
            break
    return secrets


def files(top):
    for path, _, names in os.walk(top):
        for name in names:
            if os.path.isfile(os.path.join(path, name)):
                yield os.path.join(path, name)


def kept(secret, data):
    """Digits inside a longer number are that number's: a time in milliseconds
    holds every short code sooner or later."""
    if secret.encode("utf-16-le") in data:
        return True
    plain = secret.encode()
    return plain in data and re.search(
        rb"(?<![0-9])" + re.escape(plain) + rb"(?![0-9])", data) is not None


def find(top, secrets):
    found = []
    for name in files(top):
        with open(name, "rb") as f:
            data = f.read()
        found += [f"{os.path.basename(name)}: {secret}"
                  for secret in secrets if kept(secret, data)]
    return found


def main():
    tap = Tap()
    r = random.Random(4711)
    written = list(canaries(r))
    secrets = [s for _, hidden in written for s in hidden]
    with Daemon(settings=["log.level=debug"]) as daemon:
        daemon.start()
        id, auth = daemon.conversation()
        for i, (text, _) in enumerate(written):
            if i % 2:
                status, document = daemon.json(
                    "POST", f"/v1/conversations/{id}/messages",
                    {"text": text, "client_id": f"c{i}"}, auth)
                good = status == 202
            else:
                status, document = daemon.ask(text)
                good = status == 200
            if not good:
                tap.ok(False, f"message {i} is taken", document)
        daemon.ctl("ask", "and from here " + written[0][0])
        for check in check_announced, check_asked, check_repeated:
            secrets += check(tap, daemon, r)
        code, _, words = daemon.ctl("backup",
                                    os.path.join(daemon.dir, "backup"))
        tap.equal(code, 0, "a backup is written", )
        tap.equal(find(daemon.dir, secrets), [],
                  f"none of {len(written)} is in state, log or backup, "
                  "while it runs")
        daemon.kill()
        tap.equal(find(daemon.dir, secrets), [], "nor after a crash")
        daemon.start()
        daemon.stop()
        tap.equal(find(daemon.dir, secrets), [], "nor after a clean end")
        with open(os.path.join(daemon.state, "control"), "w") as f:
            f.write(secrets[0])
        tap.ok(find(daemon.dir, secrets), "the search finds what is there")
        daemon.start()
        status, answer = daemon.ask(written[0][0])
        tap.ok("card number" in answer["reply"], "the customer is told",
               answer["reply"])
    tap.done()


main()
