"""tellerctl against a running daemon and without one: the same answers."""

import contextlib
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from daemon import SOURCE, TOP, Daemon, Tap  # noqa: E402

CSV = ("id,question,answer,tags\n"
       "parking-permit,Where can I get a parking permit?,"
       "\"At the town hall, window 3.\",town\n")
LARGE_BYTES = 100_000_000
ROW_BYTES = 100_000
SANITIZERS = os.environ.get("SANITIZERS", "no")
CHANGED = CSV.replace("window 3", "window 5")


def write(daemon, name, text):
    path = os.path.join(daemon.dir, name)
    with open(path, "w") as f:
        f.write(text)
    return path


def check_ask(tap, daemon, where):
    code, answer, words = daemon.ctl("ask", "How do I order a new card?")
    tap.equal(code, 0, f"{where}: ask is done")
    tap.equal(sorted(answer), ["confidence", "conversation", "kind", "message",
                               "options", "reply", "sources"],
              f"{where}: ask has every member")
    tap.ok(answer["kind"] == "answer" and answer["sources"],
           f"{where}: ask answers with a source", answer)
    code, again, _ = daemon.ctl("ask", "What does that cost?",
                                "--conversation", answer["conversation"])
    tap.equal(again["conversation"], answer["conversation"],
              f"{where}: ask goes on with a conversation")
    return answer["conversation"]


def check_knowledge(tap, daemon, where):
    path = write(daemon, "town.csv", CSV)
    question = "Where can I get a parking permit?"
    code, result, words = daemon.ctl("faq", "import", path)
    tap.ok(code == 0 and result["added"] == 1 and result["state"] == "draft",
           f"{where}: an import makes drafts", words or result)
    tap.ok(daemon.ctl("ask", question)[1]["kind"] != "answer",
           f"{where}: a draft answers nobody")
    code, result, words = daemon.ctl("faq", "approve", "parking-permit")
    tap.equal(code, 0, f"{where}: a draft is approved", )
    answer = daemon.ctl("ask", question)[1]
    tap.ok("window 3" in answer["reply"] and answer["sources"] == [
        {"id": "parking-permit", "version": 1, "title": question}],
        f"{where}: it answers from then on", answer)
    write(daemon, "town.csv", CHANGED)
    code, result, words = daemon.ctl("faq", "import", "--approve", path)
    tap.ok(code == 0 and result["changed"] == 1,
           f"{where}: a changed file makes a version", words or result)
    answer = daemon.ctl("ask", question)[1]
    tap.ok("window 5" in answer["reply"] and
           answer["sources"][0]["version"] == 2,
           f"{where}: the new version answers", answer)
    code, result, words = daemon.ctl("faq", "show", "parking-permit",
                                     "--version", "1")
    tap.ok(code == 0 and result["version"] == 1 and
           "window 3" in result["answer"],
           f"{where}: a version is shown", words or result)
    code, result, words = daemon.ctl("faq", "search", "parking")
    tap.equal([(e["id"], e["version"]) for e in result["entries"]],
              [("parking-permit", 2)], f"{where}: words find it")
    code, result, words = daemon.ctl("faq", "retire", "parking-permit")
    tap.ok(daemon.ctl("ask", question)[1]["kind"] != "answer",
           f"{where}: retired, it answers nobody", words)
    code, result, words = daemon.ctl(
        "faq", "add", "--question", "Is there a dress code?",
        "--answer", "No. Come as you are.", "--approve")
    tap.ok(code == 0 and result["id"], f"{where}: an entry is added", words)
    tap.equal(daemon.ctl("ask", "Is there a dress code?")[1]["kind"], "answer",
              f"{where}: and answers at once")
    daemon.ctl("faq", "retire", result["id"])


def check_export(tap, daemon, where):
    code, yaml, words = daemon.ctl("faq", "export", as_json=False)
    tap.ok(code == 0 and "card-replace" in yaml,
           f"{where}: the FAQ is exported to stdout", words)
    path = write(daemon, "out.yaml", "")
    code, _, words = daemon.ctl("faq", "export", path)
    tap.equal(code, 1, f"{where}: a file that is there stays")
    code, _, words = daemon.ctl("faq", "export", path, "--force")
    tap.equal(code, 0, f"{where}: --force overwrites it")
    code, lines, words = daemon.ctl("conversations", "export", as_json=False)
    rows = [json.loads(line) for line in lines.splitlines()]
    tap.ok(rows and all(
        sorted(row) == ["channel", "id", "lang", "messages"] and all(
            sorted(m) == ["approved", "at", "content", "rating", "role",
                          "state"]
            for m in row["messages"]) for row in rows),
        f"{where}: conversations are exported, one a line", words or lines[:500])


def check_conversations(tap, daemon, conversation, where):
    code, result, words = daemon.ctl("conversations", "list")
    tap.ok(conversation in [c["id"] for c in result["conversations"]],
           f"{where}: the conversation is listed", words)
    listed = [[c["id"] for c in daemon.ctl(
        "conversations", "list", "--in", state)[1]["conversations"]]
        for state in ("bot", "closed")]
    tap.ok(conversation in listed[0] and not listed[1],
           f"{where}: those of one state are listed", listed)
    code, result, words = daemon.ctl("conversations", "show", conversation,
                                     "--why")
    tap.ok(code == 0 and len(result["messages"]) == 4 and
           result["turns"][0]["candidates"] and
           result["turns"][0]["decide_us"] > 0,
           f"{where}: it is shown with its reasons", words or result)
    code, result, words = daemon.ctl("replay", conversation)
    tap.ok(code == 0 and result["turns"] == result["equal"] == 2,
           f"{where}: it is decided again as it was", words or result)
    code, _, words = daemon.ctl("conversations", "show", "cnv_nobody")
    tap.ok(code == 1 and "cnv_nobody" in words,
           f"{where}: one that is not there is named", words)


def check_backup(tap, daemon, conversation, where):
    path = os.path.join(daemon.dir, where.replace(" ", "-") + ".backup")
    code, _, words = daemon.ctl("backup", path)
    tap.ok(code == 0 and os.path.getsize(path) > 0,
           f"{where}: a backup is written", words)
    return path


def check_large_restore(tap, daemon, backup):
    """Whatever its size, a backup is not read into memory."""
    large = os.path.join(daemon.dir, "large.backup")
    shutil.copy(backup, large)
    with contextlib.closing(sqlite3.connect(large)) as database:
        database.execute("CREATE TABLE padding (bytes)")
        database.executemany("INSERT INTO padding VALUES (zeroblob(?))",
                             [(ROW_BYTES,)] * (LARGE_BYTES // ROW_BYTES))
        database.commit()
    for words, path in (("a file", large), ("standard input", "-")):
        state = os.path.join(daemon.dir, words.replace(" ", "-"))
        with open(large, "rb") as stdin:
            process = subprocess.Popen(
                [os.path.join(TOP, "tellerctl"), "--config", daemon.config,
                 "--state", state, "restore", path], stdin=stdin,
                stdout=subprocess.DEVNULL, env=daemon.env)
            _, status, used = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        tap.ok(process.returncode == 0 and
               os.path.getsize(os.path.join(state, "store.db")) > LARGE_BYTES,
               f"a large backup is restored from {words}", process.returncode)
        if SANITIZERS != "no":
            tap.skip(f"its memory, from {words}", "a sanitizer needs more")
        else:
            tap.ok(used.ru_maxrss < LARGE_BYTES / 1024 / 2,
                   f"without its being in memory, from {words}",
                   f"{used.ru_maxrss} KiB")
        shutil.rmtree(state)
    os.unlink(large)


def check_edits(tap, daemon):
    path = write(daemon, "one.yaml", "id: fees\nquestion: What?\n"
                 "answer: That.\n")
    code, _, words = daemon.ctl("faq", "edit", "card-replace", "--file", path)
    tap.ok(code == 1 and "begin the file with 'faq:'" in words,
           "an entry that is in no list is told where it belongs", words)
    daemon.ctl("faq", "add", "--id", "old-offer", "--question",
               "Is there an offer for the zeppelin?", "--answer", "Yes.",
               "--approve")
    code, out, words = daemon.ctl(
        "faq", "edit", "old-offer", "--set", "valid_to=2020-01-01",
        "--approve", as_json=False)
    tap.ok(code == 0 and "no customer gets it" in out and "live" not in out,
           "what is approved and over is not called live", out + words)
    daemon.ctl("faq", "retire", "old-offer")


def check_misuse(tap, daemon):
    for words, code, part in [
            (["frobnicate"], 2, "frobnicate"),
            (["statsu"], 2, "did you mean 'status'"),
            (["faq", "exprot"], 2, "did you mean 'export'"),
            (["faq"], 2, "needs a verb"),
            (["faq", "imprt", "x"], 2, "no verb 'imprt'"),
            (["faq", "import"], 2, "needs FILE"),
            (["ask"], 2, "needs TEXT"),
            (["ask", "one", "two"], 2, "one word too many"),
            (["ask", "one", "--id", "x" * 201], 2, "1 to 200 bytes"),
            (["ask", "one", "--id", ""], 2, "1 to 200 bytes"),
            (["ask", "one", "--id", "my pin 1234"], 2, "hold a secret"),
            (["ask", "one", "--conversation", "x" * 201], 2, "1 to 200 bytes"),
            (["desk", "claim", "cnv_x", "--id", "a\nb"], 2, "line breaks"),
            (["status", "--nonsense"], 2, "--nonsense"),
            (["faq", "search", "x", "--limit", "many"], 2, "whole number"),
            (["faq", "search", "x", "--limit", "0"], 2, "--limit"),
            (["review", "list", "--kind", "foo"], 2, "--kind: one of"),
            (["review", "list", "--since", "yesterday"], 2, "2026-05-03"),
            (["review", "show", "abc"], 2, "whole number"),
            (["review", "correct", "1"], 2, "--no-entry"),
            (["faq", "search", "x", "--at", "yesterday"], 2, "2026-05-03"),
            (["desk", "claim", "cnv_x", "--actor", "a b;c"], 2, "letters"),
            (["desk", "claim", "cnv_x", "--actor", "Ann\u2028Bank"], 2,
             "letters"),
            (["desk", "claim", "cnv_x", "--actor", "\u00c1ine"], 1,
             "there is no conversation cnv_x\n"),
            (["cases", "list", "--in", "foo"], 2, "open, closed or all"),
            (["cases", "list", "--form", "nope"], 1, "no such case has a form"),
            (["ask", "hi", "--conversation", "cnv_nope"], 1,
             "there is no conversation cnv_nope"),
            (["conversations", "show", "maria"], 1, "its id is wanted, cnv_"),
            (["test", SOURCE], 2, "there is no conversation to play"),
            (["faq", "import", "/nowhere.csv"], 1, "/nowhere.csv"),
            (["faq", "approve"], 2, "which: NAME"),
            (["faq", "approve", "nothing-like-it"], 1, "nothing-like-it"),
            (["replay"], 2, "which conversation")]:
        got, _, said = daemon.ctl(*words, as_json=False)
        tap.ok(got == code and part in said,
               f"'{' '.join(words)}' exits {code} and says why",
               f"exit {got}\n{said}")


def check_chat(tap, daemon):
    code, out, words = daemon.ctl("chat", as_json=False,
                                  stdin=b"hello\nwhat does an overdraft cost\n")
    tap.ok(code == 0 and "overdraft" in out.lower(),
           "chat answers line by line", words or out)


def main():
    tap = Tap()
    with Daemon() as daemon:
        daemon.start()
        conversation = check_ask(tap, daemon, "daemon")
        check_conversations(tap, daemon, conversation, "daemon")
        check_knowledge(tap, daemon, "daemon")
        check_export(tap, daemon, "daemon")
        backup = check_backup(tap, daemon, conversation, "daemon")
        check_chat(tap, daemon)
        check_readme(tap, daemon)
        check_edits(tap, daemon)
        check_misuse(tap, daemon)
        code, _, words = daemon.ctl("restore", backup)
        tap.ok(code == 1 and words, "nothing is restored under a daemon", words)
        code, status, words = daemon.ctl("status")
        tap.ok(code == 0 and status["daemon"] and status["ready"],
               "status says that the daemon is ready", words)
        code, _, words = daemon.ctl("reload")
        tap.equal(code, 0, "reload is done")
        tap.equal(daemon.stop(), 0, "the daemon ends cleanly")

        code, _, words = daemon.ctl("desk", "list")
        tap.ok(code == 3 and "start tellerd" in words and
               "TELLERD_STATE" in words,
               "without a daemon it is said what to do", words)
        code, _, words = daemon.ctl("review", "correct", "1")
        tap.equal(code, 2, "misuse is misuse without a daemon, too")
        code, _, words = daemon.ctl("reload")
        tap.ok(code == 3 and "no daemon" in words, "reload needs a daemon: 3",
               words)
        conversation = check_ask(tap, daemon, "no daemon")
        check_conversations(tap, daemon, conversation, "no daemon")
        check_knowledge_again(tap, daemon)
        check_export(tap, daemon, "no daemon")
        before = daemon.ctl("status")[1]["totals"]
        code, _, words = daemon.ctl("ask", "this is not in the backup")
        code, _, words = daemon.ctl("restore", backup)
        tap.equal(code, 0, "a backup is restored")
        totals = daemon.ctl("status")[1]["totals"]
        tap.ok(totals["messages"] < before["messages"],
               "all is as the backup was", totals)
        code, _, words = daemon.ctl("restore", daemon.config)
        tap.ok(code == 1 and words, "what is no backup is not restored", words)
        check_large_restore(tap, daemon, backup)
        daemon.start()
        tap.equal(daemon.ask("How do I order a new card?")[1]["kind"],
                  "answer", "the daemon answers on it")
    check_plain(tap)
    tap.done()


def check_knowledge_again(tap, daemon):
    path = write(daemon, "more.csv",
                 "question,answer\nWhere is the lift?,Behind the stairs.\n")
    code, result, words = daemon.ctl("faq", "import", "--approve", path)
    tap.ok(code == 0 and result["added"] == 1,
           "no daemon: a file is imported", words or result)
    tap.equal(daemon.ctl("ask", "Where is the lift?")[1]["kind"], "answer",
              "no daemon: it answers")
    clash = "How long does a transfer take?"
    write(daemon, "more.csv", f"question,answer\n{clash},Ten years.\n")
    name = "how-long-does-a-transfer-take"
    code, result, words = daemon.ctl("faq", "import", path)
    tap.ok(code == 0 and result["n_same_questions"] == 1 and
           result["same_questions"] == [{"question": clash, "name": name,
                                         "other": "transfer-time"}],
           "a question that another entry has is told of", words or result)
    code, said, _ = daemon.ctl("faq", "import", "--approve", path,
                               as_json=False)
    tap.ok(code == 0 and f"'{clash}' of {name} is a question of "
           "transfer-time, too." in said, "in words, too", said)
    daemon.ctl("faq", "retire", name)


def commands_of_table(text):
    """Those of the table of commands: `noun verb`, `verb`, ... in a row."""
    table = text.split("| `tellerctl` | |\n", 1)[1].split("\n\n", 1)[0]
    found = []
    for row in table.splitlines()[1:]:
        noun = None
        for words in re.findall(r"`([a-z ]+)`", row.split(" | ")[0]):
            words = words.split()
            noun = words[0] if len(words) > 1 else noun
            found.append([noun, *words] if noun and len(words) == 1 else words)
    return found


def commands_of_readme():
    """[[word, ...], ...]: what README.md tells to type."""
    with open(os.path.join(SOURCE, "README.md")) as f:
        text = f.read()
    lines = re.findall(r"^    (?:\./)?tellerctl +(.*)", text, re.M)
    found = commands_of_table(text)
    for line in lines:
        line = re.split(r" {2}", line)[0]
        for part in line.split(", "):
            noun, *verbs = part.split()
            verbs = verbs[:1] if verbs and re.match(r"[a-z|]+$", verbs[0]) \
                else [""]
            found += [[word for word in (noun, verb) if word]
                      for verb in verbs[0].split("|")]
    return found


def check_readme(tap, daemon):
    """Its commands are there, and ask the desk of its `export`."""
    env = dict(daemon.env, TELLERD_STATE=daemon.state)

    def run(*words):
        return subprocess.run([os.path.join(TOP, "tellerctl"), *words],
                              capture_output=True, timeout=120, env=env,
                              stdin=subprocess.DEVNULL)
    commands = commands_of_readme()
    tap.ok(len(commands) > 30 and ["desk", "watch"] in commands,
           "README has commands", commands)
    wrong = [words for words in commands
             if words[0] not in run("help", *words).stdout.decode()]
    tap.equal(wrong, [], "each of them is there")
    for words in (["ask", "hi"], ["chat"], ["desk", "list"], ["faq", "gaps"],
                  ["faq", "list"], ["conversations", "list"], ["status"],
                  ["cases", "list"], ["review", "list"], ["audit", "list"]):
        done = run(*words)
        tap.ok(words in commands or words[:1] in commands,
               f"README has '{' '.join(words)}'", commands)
        tap.equal((done.returncode, done.stderr), (0, b""),
                  "and it asks the desk that TELLERD_STATE names")


def check_plain(tap):
    """What needs no state."""
    for words in (["options"], ["options", "--json"], ["help"], ["--version"],
                  ["faq", "--help"]):
        run = subprocess.run([os.path.join(TOP, "tellerctl"), *words],
                             capture_output=True, timeout=60)
        tap.ok(run.returncode == 0 and run.stdout,
               f"'{' '.join(words)}' needs nothing", run.stderr.decode())


main()
