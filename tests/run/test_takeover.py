"""A support lead takes a pack over: tellerctl makes a copy, facts.yaml is all
that he edits but for the opening hours in figures, and nothing of the old firm
is left at the desk that runs."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from daemon import SOURCE, TOP, Daemon, Tap  # noqa: E402

# What was the old firm's and stands nowhere else, and what customers write.
FIRMS = {
    "banking": {
        "words": ["Alder", "ALDX", "alderbank", "020 914", "20 914 0"],
        "firm": "bank.name",
        "questions": [
            "hello", "What does a current account cost?",
            "How do I order a new card?", "What is your phone number?",
            "When are you open?", "my card was stolen", "person",
            "I want to complain", "what is the meaning of life",
            "How do I make a complaint?", "What does a transfer abroad cost?",
            "Ich habe meine Karte verloren, was soll ich tun?"],
    },
    "insurance": {
        "words": ["Rowan", "rowaninsurance", "020 914", "20 914 0"],
        "firm": "firm.name",
        "questions": [
            "hello", "How do I make a claim?", "What is my excess?",
            "What is your phone number?", "When are you open?",
            "I had an accident", "person", "I want to complain",
            "what is the meaning of life", "How do I cancel my policy?",
            "Can I pay in instalments?",
            "Ich hatte einen Unfall, was soll ich tun?"],
    },
}


def run(*words, cwd=None):
    """tellerctl with neither settings, state nor daemon: (code, document)."""
    done = subprocess.run([os.path.join(TOP, "tellerctl"), "--json", *words],
                          capture_output=True, cwd=cwd, timeout=120)
    return done.returncode, json.loads(done.stdout)


def rules(result):
    return sorted({f["rule"] for f in result["findings"]})


class Facts:
    """facts.yaml, line by line, as a person edits it."""

    LINE = re.compile(r"^(?P<indent> *)(?P<key>\w+):(?: (?P<value>[^#]*?))?"
                      r"(?P<mark> *# *fictional)?$")

    def __init__(self, path):
        self.path = path
        self.changed = {}  # name: (old, new)
        self.kept = {}
        with open(path, encoding="utf-8") as f:
            self.lines = f.read().split("\n")

    @staticmethod
    def new_value(name, old, n):
        """Another value of the same kind; no two are the same."""
        last = name.split(".")[-1]
        if last in ("name", "legal_name"):
            return "Heron Mutual"
        if "@" in old:
            return f"{last}@heron.ie"
        if "://" in old:
            return f"https://www.heron.ie/{last}"
        if re.fullmatch(r"[+0-9 ]{10,}", old):
            return f"{'+353 1' if old[0] == '+' else '01'} 700 {n:04}"
        if last == "address":
            return f"Heron Mutual, {n} Main Street, Cork"
        if re.fullmatch(r"[A-Z]{2}", old):  # how numbers begin
            return "H" + old[0]
        if last == "bic":
            return "HERNIE2DXXX"
        if re.search(r"[0-9]", old):
            return re.sub(r"[0-9][0-9,.]*", str(7000 + n), old, count=1)
        return f"{old} ({7000 + n})"

    def take_over(self, fictional):
        """Everything in the lines that are fictional, and below them."""
        section, is_below = "", False
        for i, line in enumerate(self.lines):
            match = self.LINE.match(line)
            if not match:
                continue
            is_fictional = i + 1 in fictional
            if not match["indent"]:
                section, is_below = match["key"], is_fictional
            if match["value"]:
                name = f"{section}.{match['key']}"
                self.edit(i, match, name, is_fictional or is_below)
            else:
                self.lines[i] = f"{match['indent']}{match['key']}:"
        with open(self.path, "w", encoding="utf-8") as f:
            f.write("\n".join(self.lines))

    def edit(self, i, match, name, is_fictional):
        old = match["value"]
        if not is_fictional:
            self.kept[name] = old
            return
        new = self.new_value(name, old, len(self.changed))
        _, home = self.changed.get(name.removesuffix("_abroad"), ("", ""))
        if home:  # the same number, as it is dialled from abroad
            new = f"+353 {home.removeprefix('0')}"
        self.changed[name] = (old, new)
        self.lines[i] = f"{match['indent']}{match['key']}: {new}"


def take_hours_over(path):
    with open(path, encoding="utf-8") as f:
        text = f.read()
    with open(path, "w", encoding="utf-8") as f:
        f.write(re.sub(" *# fictional$", "", text, flags=re.M))


def check_take_over(tap, pack, dir):
    """The facts of the new pack, edited."""
    code, result = run("intents", "new", "heron", "--from",
                       f"{SOURCE}/intents/{pack}", "--to", dir,
                       "--title", "Heron's desk")
    tap.equal((code, result), (0, {"pack": "heron", "title": "Heron's desk",
                                   "packs_dir": os.path.realpath(dir)}),
              f"{pack}: a pack is copied")
    code, result = run("intents", "check", f"{dir}/heron")
    tap.ok(code == 0 and rules(result) == ["fictional"],
           f"{pack}: all that is amiss with the copy is what is fictional",
           rules(result))
    code, _ = run("intents", "check", "--strict", f"{dir}/heron")
    tap.equal(code, 1, f"{pack}: with --strict that is enough to fail")
    facts = Facts(f"{dir}/heron/facts.yaml")
    facts.take_over({f["line"] for f in result["findings"]
                     if f["file"] == facts.path})
    code, result = run("intents", "check", f"{dir}/heron")
    tap.equal([(f["rule"], os.path.basename(f["file"]))
               for f in result["findings"]], [("fictional", "hours.yaml")],
              f"{pack}: with its facts edited, only the hours are left")
    take_hours_over(f"{dir}/heron/hours.yaml")
    code, result = run("intents", "check", "--strict", f"{dir}/heron")
    tap.ok(code == 0 and not result["findings"],
           f"{pack}: then nothing is fictional",
           result["findings"])
    code, result = run("faq", "lint", "--strict", f"{dir}/heron")
    tap.ok(code == 0 and not result["findings"],
           f"{pack}: nor is anything amiss with its entries",
           result["findings"])
    return facts


def entries_of(daemon):
    """(name, answer) of all that customers can get."""
    code, text, words = daemon.ctl("faq", "export", as_json=False)
    assert code == 0, words
    names = re.findall(r'^- id: "?([\w.-]+)"?$', text, re.M)
    for name in names:
        code, entry, words = daemon.ctl("faq", "show", name)
        assert code == 0, words
        yield name, "\n".join([entry["question"], *entry["paraphrases"],
                               entry["answer"]])


def old_values(facts, firm):
    """What would tell the old firm: amounts too, unless they are the law's or
    the new firm's as well."""
    new = "\n".join([*facts.kept.values(), *(n for _, n in facts.changed.values())])
    amounts = {old for old, _ in facts.changed.values()
               if re.search("[€%@:]", old)}
    return firm["words"] + [old for old in sorted(amounts) if old not in new]


def held(text, values):
    return [v for v in values
            if re.search(rf"(?<![\w.,]){re.escape(v)}(?![\w%])", text)
            or (v in text and not v[0].isdigit() and v[0] != "€")]


def check_desk(tap, pack, firm, facts, daemon):
    old = old_values(facts, firm)
    entries = dict(entries_of(daemon))
    left = {name: held(text, old) for name, text in entries.items()}
    left = {name: values for name, values in left.items() if values}
    tap.ok(len(entries) >= 120, f"{pack}: the desk has its entries", len(entries))
    tap.ok(not left, f"{pack}: no entry has an old fact", left)
    said = "\n".join(entries.values())
    missing = [name for name, (_, new) in facts.changed.items()
               if name.startswith("fee.") and new not in said]
    tap.ok(not missing, f"{pack}: its fees are the new ones", missing)
    replies = {}
    for question in firm["questions"]:
        status, answer = daemon.ask(question)
        assert status == 200, answer
        replies[question] = json.dumps(answer, ensure_ascii=False)
    left = {q: held(reply, old) for q, reply in replies.items()}
    tap.ok(not any(left.values()), f"{pack}: no reply has an old fact", left)
    heron = facts.changed[firm["firm"]][1]
    tap.ok(all(heron in reply for reply in replies.values()),
           f"{pack}: every first reply says who answers", replies)
    phones = [new for name, (_, new) in facts.changed.items()
              if name.startswith("phone.")]
    tap.ok(any(phone in reply for phone in phones
               for reply in replies.values()),
           f"{pack}: the telephone is the new one", replies)


def check_live(tap, pack, daemon):
    code, result, words = daemon.ctl("faq", "lint")
    tap.ok(code == 0 and not result["findings"],
           f"{pack}: nothing is amiss with the entries in force",
           result or words)
    daemon.ctl("faq", "add", "--id", "extra", "--question",
               "Please, what does a current account cost?", "--answer",
               "See [there](x.html).", "--approve")
    code, result, words = daemon.ctl("faq", "lint")
    places = {(f["rule"], f["file"], f["line"]) for f in result["findings"]}
    tap.ok(code == 1 and ("dead-link", "extra@1", None) in places,
           f"{pack}: an entry that was added is looked at, too", places)


def check_pack(tap, pack, firm):
    dir = tempfile.mkdtemp(prefix="tellerd-test-")
    try:
        facts = check_take_over(tap, pack, dir)
        with Daemon(["desk.pack=heron"]) as daemon:
            daemon.settings.append(f"desk.packs_dir={dir}")
            daemon.start()
            check_desk(tap, pack, firm, facts, daemon)
            check_live(tap, pack, daemon)
    finally:
        shutil.rmtree(dir)


def files(dir):
    return sorted(os.path.join(folder, name)[len(dir):]
                  for folder, _, names in os.walk(dir) for name in names)


def check_new(tap):
    dir = tempfile.mkdtemp(prefix="tellerd-test-")
    source = f"{SOURCE}/intents/banking"
    try:
        code, _ = run("intents", "new", "one", "--from", source, cwd=dir)
        tap.equal((code, files(f"{dir}/one")), (0, files(source)),
                  "a copy has all files, and is in the present directory")
        code, _ = run("intents", "new", "two", "--from", "one", "--to", "packs",
                      cwd=dir)
        tap.equal((code, files(f"{dir}/packs/two")), (0, files(source)),
                  "a directory for it is made")
        shutil.rmtree(f"{dir}/packs")
        before = files(dir)
        code, result = run("intents", "new", "one", "--from", "one", cwd=dir)
        tap.ok(code == 1 and "there already" in result["error"],
               "what is there stays", result)
        code, result = run("intents", "new", "../two", "--from", source, cwd=dir)
        tap.ok(code == 2 and "no name" in result["error"],
               "a name that is a path is refused", result)
        code, result = run("intents", "new", "two", "--from", "bankin", cwd=dir)
        tap.ok(code == 1 and "did you mean 'banking'" in result["error"],
               "a pack that is misspelt names the nearest", result)
        with open(f"{dir}/one/texts.yaml", "a") as f:
            f.write("waitin: x\n")
        code, result = run("intents", "new", "two", "--from", "one", cwd=dir)
        tap.ok(code == 1 and "texts.yaml:" in result["error"],
               "a pack that cannot be read is not copied", result)
        code, result = run("intents", "new", "two", "--from", "one",
                           "--to", "packs", cwd=dir)
        tap.equal(code, 1, "nor into a directory that would be made for it")
        tap.equal((files(dir), os.listdir(dir)), (before, ["one"]),
                  "nothing is left of what failed")
        code, result = run("intents", "check", "one", cwd=dir)
        tap.ok(code == 1 and [(f["severity"], f["rule"], f["file"])
                              for f in result["findings"]] ==
               [("error", "unreadable", "one/texts.yaml")] and
               result["findings"][0]["line"] > 1,
               "what keeps a pack from being read is a finding", result)
        check_all_unreadable(tap, dir)
        check_missing(tap, dir)
    finally:
        shutil.rmtree(dir)


def check_all_unreadable(tap, dir):
    """Not the first place alone; what misses one of them is no other."""
    shutil.copytree(f"{SOURCE}/intents/banking", f"{dir}/broken")
    due = []
    for file, old, new in (
            ("hours.yaml", "  monday: 8:00-20:00", "  monday: 8 to 20"),
            ("smalltalk.yaml", "      - how do you work",
             "      - how do ((you work"),
            ("triggers.yaml", "    priority: 30", "    priority: many"),
            ("intents.yaml", "  - name: fees", "  - nam: fees"),
            ("forms.yaml", "  - name: complaint", "  - name: Complaint"),
            ("faq/cards.yaml", "  - id: card-replace", "  - id: Card Replace"),
            ("faq/fees.yaml", "    question: What are your fees?",
             "    querstion: What are your fees?")):
        path = f"{dir}/broken/{file}"
        with open(path, encoding="utf-8") as f:
            lines = f.read().splitlines()
        i = lines.index(old)
        lines[i] = new
        with open(path, "w", encoding="utf-8") as f:
            f.write("\n".join(lines))
        due.append((f"broken/{file}", i + 1))
    code, result = run("intents", "check", "./broken", cwd=dir)
    found = [(f["file"].removeprefix("./"), f["line"])
             for f in result["findings"]]
    tap.ok(code == 1 and sorted(found) == sorted(due),
           "all that keeps it from being read is found at once", found)


def check_missing(tap, dir):
    """A whole file is no row that could be left out."""
    for file in ("pack.yaml", "texts.yaml", "triggers.yaml"):
        path = f"{dir}/without-{file}"
        shutil.copytree(f"{SOURCE}/intents/banking", path)
        os.unlink(f"{path}/{file}")
        code, result = run("intents", "check", path)
        tap.ok(code == 1 and result["errors"] == 1 and
               f"{path}/{file}: a pack must have" in
               result["findings"][0]["text"],
               f"a pack without {file} is an error", result)
    os.mkdir(f"{dir}/empty")
    code, result = run("intents", "check", f"{dir}/empty")
    tap.ok(code == 1 and result["errors"] == 1,
           "so is a directory that is no pack", result)


def insert(path, after, line):
    """Behind a line of a file; the number of the new one."""
    with open(path, encoding="utf-8") as f:
        lines = f.read().splitlines()
    at = lines.index(after) + 1
    lines.insert(at, line)
    with open(path, "w", encoding="utf-8") as f:
        f.write("\n".join(lines))
    return at + 1


def check_starters(tap):
    """What the page offers is asked, before a customer does, as of today."""
    dir = tempfile.mkdtemp(prefix="tellerd-test-")
    try:
        shutil.copytree(f"{SOURCE}/intents/banking", f"{dir}/one")
        path = f"{dir}/one/pack.yaml"
        weather = insert(path, "starters:",
                         "  - What is the weather like in Dublin?")
        insert(f"{dir}/one/faq/cards.yaml", "  - id: card-lost",
               "    valid_from: 2020-01-01")
        insert(f"{dir}/one/faq/payments.yaml", "  - id: transfer-time",
               "    valid_to: 2020-01-01")
        with open(path, encoding="utf-8") as f:
            topic = f.read().splitlines().index("  - title: Transfers") + 1
        _, result = run("intents", "check", f"{dir}/one")
        tap.equal([(f["severity"], f["file"], f["line"])
                   for f in result["findings"]
                   if f["rule"] == "starter-without-answer"],
                  [("warning", path, line)
                   for line in (weather, weather + 3, topic)],
                  "of what is offered only what has no answer is named")
    finally:
        shutil.rmtree(dir)


def check_files(tap):
    dir = tempfile.mkdtemp(prefix="tellerd-test-")
    path = f"{dir}/more.csv"
    try:
        with open(path, "w", encoding="utf-8") as f:
            f.write("id,question,answer,paraphrases\n"
                    "a,Is there a sauna?,See {{link.nowhere}},"
                    "sauna | steam bath | hot room\n")
        code, result = run("faq", "lint", path)
        tap.equal((code, rules(result)), (0, ["no-language"]),
                  "a file's facts are not looked for without a pack")
        code, result = run("faq", "lint", path, "--pack",
                           f"{SOURCE}/intents/banking")
        tap.equal((code, [(f["rule"], f["file"], f["line"])
                          for f in result["findings"]]),
                  (1, [("unknown-fact", path, 2)]),
                  "with one they are")
        pack = f"{SOURCE}/intents/banking"
        with open(path, "w", encoding="utf-8") as f:
            f.write("question,answer,paraphrases\n"
                    "How long does a transfer take?,Ten years.,"
                    "ten years | decade | so long\n")
        code, result = run("faq", "lint", path, "--pack", pack)
        clash = [f for f in result["findings"] if f["rule"] == "same-question"]
        tap.ok(code == 1 and len(clash) == 1 and
               (clash[0]["file"], clash[0]["line"]) == (path, 2) and
               f"'transfer-time' ({pack}/faq/payments.yaml:" in
               clash[0]["text"], "and its questions are held against the pack's",
               result)
        code, result = run("faq", "lint", f"{pack}/faq/payments.yaml",
                           "--pack", pack)
        tap.equal((code, result["findings"]), (0, []),
                  "a file of the pack does not clash with itself")
        code, result = run("faq", "lint", f"{dir}/none.csv")
        tap.ok(code == 1 and result["error"] ==
               f"there is no file or directory {dir}/none.csv",
               "a file must be there", result)
    finally:
        shutil.rmtree(dir)


def main():
    tap = Tap()
    check_new(tap)
    check_starters(tap)
    check_files(tap)
    for pack, firm in FIRMS.items():
        check_pack(tap, pack, firm)
    tap.done()


main()
