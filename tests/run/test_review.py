"""What people say of replies, and what becomes of it: thumbs over HTTP, the
reviewer's verdicts, edits of entries, gaps, and looking back."""

import contextlib
import os
import pty
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from daemon import SOURCE, TOP, Daemon, Tap  # noqa: E402

CTL = os.path.join(TOP, "tellerctl")
ENTRY = "card-replace"
QUESTION = "How do I replace a damaged card?"
CARD = "4111 1111 1111 1111"
HOSTILE = "\x1b]0;title\x07 ' OR 1=1; -- \u202e\nbot  msg_9  answer"
END_S = 60
FAILED = 1
MISUSED = 2


def words(daemon, *arguments, stdin=None, env=None):
    """(exit code, what stands on the screen, errors)"""
    done = subprocess.run([CTL, "--config", daemon.config, "--state",
                           daemon.state, *arguments], input=stdin,
                          capture_output=True, env={**daemon.env, **(env or {})},
                          timeout=120)
    return (done.returncode, done.stdout.decode(),
            done.stderr.decode(errors="replace"))


def say(daemon, id, auth, text):
    """The reply to it."""
    sent = daemon.send(id, auth, text)[1]["id"]
    end = time.monotonic() + END_S
    while time.monotonic() < end:
        for entry in daemon.history(id, auth):
            if sent in entry.get("in_reply_to", []):
                return entry
        time.sleep(0.02)
    raise RuntimeError(f"nothing is said to {text}")


def query(daemon, sql):
    with contextlib.closing(sqlite3.connect(
            os.path.join(daemon.state, "store.db"))) as db:
        return db.execute(sql).fetchall()


def audit(daemon, *arguments):
    return [(row["action"], row["object"])
            for row in daemon.ctl("audit", "list", *arguments)[1]["audit"]]


# ---- Thumbs


def check_thumbs(tap, daemon):
    id, auth = daemon.conversation()
    reply = say(daemon, id, auth, QUESTION)
    path = f"/v1/conversations/{id}/messages/{reply['id']}/feedback"
    for body, status in [({"rating": "sideways"}, 400), ({}, 400), ([], 400),
                         ({"rating": 1}, 400), ({"rating": None}, 400),
                         ({"rating": "down", "reason": "because"}, 400),
                         ({"rating": "down", "reason": ["wrong"]}, 400),
                         ({"rating": "down", "comment": "x" * 4001}, 400),
                         ({"rating": "down", "actor": "root"}, 400)]:
        got = daemon.json("POST", path, body, auth)
        tap.equal(got[0], status, f"a thumb {str(body)[:50]} is refused")
    tap.equal(daemon.json("POST", path, {"rating": "up"})[0], 401,
              "so is one of whoever has no token")
    other, other_auth = daemon.conversation()
    theirs = say(daemon, other, other_auth, QUESTION)["id"]
    question = daemon.history(id, auth)[0]["id"]
    for target in (theirs, question, "msg_999999"):
        status, problem = daemon.json(
            "POST", f"/v1/conversations/{id}/messages/{target}/feedback",
            {"rating": "down"}, auth)
        tap.equal((status, problem["code"]), (404, "not_found"),
                  "what is no reply of the conversation is not rated")
    tap.equal(query(daemon, "select count(*) from feedback"), [(0,)],
              "nothing of that is kept")
    body = {"rating": "down", "reason": "wrong",
            "comment": f"{HOSTILE} my card {CARD}"}
    tap.equal([daemon.json("POST", path, body, auth)[0] for _ in range(2)],
              [202, 202], "a thumb with a reason and words is taken")
    tap.equal(query(daemon, "select rating, reason, actor from feedback"),
              [(-1, "wrong", "customer")], "what says the same is kept once")
    return id, auth, reply["id"], path


def check_rating_shows(tap, daemon, id, reply):
    _, found, _ = daemon.ctl("review", "list", "--down")
    tap.equal([(row["conversation"], row["question"], row["rating"],
                row["reason"], row["gaps"]) for row in found["turns"]],
              [(id, QUESTION, "down", "wrong", ["rated_down"])],
              "a reviewer finds what was rated down")
    turn = found["turns"][0]["turn"]
    _, shown, _ = daemon.ctl("review", "show", str(turn))
    rating = shown["ratings"][0]
    tap.ok(rating["reply"] == reply and CARD not in rating["comment"] and
           "[card ok ...1111]" in rating["comment"],
           "with the words, in which no card number is left", shown)
    tap.equal(shown["why"]["kind"], "answer", "and what it was decided upon")
    for command in (["review", "show", str(turn)],
                    ["conversations", "show", id]):
        code, out, _ = words(daemon, *command)
        tap.ok(code == 0 and "rated down by customer: wrong" in out and
               all(c == "\n" or c.isprintable() for c in out) and
               "\n    bot  msg_9" in out,
               f"'{command[0]} show' has it, harmless to the terminal", out)
    return turn


def check_change_of_mind(tap, daemon, id, auth, reply, path):
    daemon.json("POST", path, {"rating": "up"}, auth)
    _, found, _ = daemon.ctl("review", "list", "--down")
    tap.equal(found["turns"], [], "a change of mind replaces a rating")
    _, shown, _ = daemon.ctl("conversations", "show", id)
    ratings = next(m["ratings"] for m in shown["messages"] if m["id"] == reply)
    tap.equal([r["rating"] for r in ratings], ["down", "up"],
              "and what it was is kept")
    got = [daemon.json("POST", path, {"rating": ("down", "up")[i % 2]},
                       auth)[0] for i in range(49)]
    tap.ok(got[:48] == [202] * 48 and got[48] == 422,
           "but nobody fills the disk with that", got)
    daemon.json("POST", path, {"rating": "up"}, auth)
    # The old path and the new one lead to the same.
    tap.equal(daemon.json("POST", f"/v1/conversations/{id}/feedback",
                          {"message_id": reply, "rating": -1}, auth)[0], 422,
              "by whatever path")


# ---- Verdicts


def check_refused(tap, daemon, status, arguments, said):
    code, _, problem = words(daemon, *arguments)
    tap.ok(code == status and said in problem,
           f"'{' '.join(arguments)[:40]}' is refused", (code, problem))


def check_verdicts(tap, daemon, turn):
    for arguments, said in [
            (["approve", "999999"], "no turn 999999"),
            (["approve", "-1"], "no turn -1"),
            (["show", "0"], "no turn 0"),
            (["correct", str(turn), "--entry", "no'such"], "no entry no'such"),
            (["list", "--before", "999999"], "no turn 999999")]:
        check_refused(tap, daemon, FAILED, ["review", *arguments], said)
    for arguments, said in [
            (["correct", str(turn)], "--entry NAME, or --no-entry"),
            (["correct", str(turn), "--entry", ENTRY, "--no-entry"],
             "--entry NAME, or --no-entry"),
            (["reject", str(turn), "--note", "x" * 2001], "2000"),
            (["list", "--kind", "nonsense"], "answer, options"),
            (["list", "--below", "nan"], "from 0 to 1"),
            (["list", "--below", "2"], "from 0 to 1"),
            (["list", "--since", "yesterday"], "2026-05-03"),
            (["list", "--limit", "0"], "1000")]:
        check_refused(tap, daemon, MISUSED, ["review", *arguments], said)
    code, _, problem = words(daemon, "review", "approve", "one")
    tap.equal(code, 2, "a turn is a number")
    tap.equal(query(daemon, "select count(*) from review"), [(0,)],
              "nothing of that is kept")
    daemon.ctl("review", "approve", str(turn), "--note",
               f"good; he wrote {CARD}")
    _, found, _ = daemon.ctl("review", "list")
    tap.ok(turn not in [row["turn"] for row in found["turns"]],
           "what was judged waits no longer", found)
    daemon.ctl("review", "correct", str(turn), "--entry", "card-lost")
    daemon.ctl("review", "correct", str(turn), "--no-entry")
    _, shown, _ = daemon.ctl("review", "show", str(turn))
    tap.equal([(v["verdict"], v["right_entry"]) for v in shown["verdicts"]],
              [("approved", None), ("corrected", "card-lost"),
               ("corrected", "")], "every verdict is kept")
    tap.ok("[card ok ...1111]" in shown["verdicts"][0]["note"],
           "no note has a card number", shown["verdicts"])
    tap.equal((shown["verdict"], shown["right_entry"]), ("corrected", ""),
              "the newest counts")
    actor = shown["verdicts"][0]["actor"]
    tap.equal(audit(daemon, "--actor", actor, "--object", f"turn {turn}"),
              [("turn.correct", f"turn {turn}"),
               ("turn.correct", f"turn {turn}"),
               ("turn.approve", f"turn {turn}")],
              "and who gave each")


def check_filters(tap, daemon):
    id, auth = daemon.conversation()
    say(daemon, id, auth, "zzyzx qwertz?")
    say(daemon, id, auth, "I want to talk to a person")

    def found(*arguments):
        rows = daemon.ctl("review", "list", *arguments)[1]["turns"]
        return [row["question"] for row in rows if row["conversation"] == id]

    tap.equal(found("--unanswered"), ["zzyzx qwertz?"], "what was unanswered")
    tap.equal(found("--handed-over"), ["I want to talk to a person"],
              "what called a person")
    tap.equal(found("--kind", "out_of_scope", "--below", "0.5"),
              ["zzyzx qwertz?"], "what was not sure")
    tap.equal(found("--since", "2099-01-01"), [], "what is to come")
    _, page, _ = daemon.ctl("review", "list", "--limit", "1")
    tap.ok(page["more"] and len(page["turns"]) == 1, "a page", page)
    _, rest, _ = daemon.ctl("review", "list", "--before",
                            str(page["turns"][0]["turn"]))
    tap.ok(page["turns"][0] not in rest["turns"] and rest["turns"],
           "goes on behind it", rest)
    tap.ok(("conversation.waiting", id) in audit(daemon, "--object", id),
           "the audit has a handover", audit(daemon))


# ---- Edits


def check_edit(tap, daemon):
    _, old, _ = daemon.ctl("faq", "show", ENTRY)
    code, text, _ = daemon.ctl("faq", "edit", ENTRY)
    tap.ok(code == 0 and f'id: "{ENTRY}"' in text["text"],
           "without an editor the text is shown", text)
    _, seen, _ = daemon.ctl("faq", "edit", ENTRY, "--preview", "--set",
                            "answer=Ask in the app.")
    tap.ok("+   answer: \"Ask in the app.\"" in seen["diff"] and
           seen["version"] == old["version"], "a preview changes nothing", seen)
    code, done, _ = daemon.ctl("faq", "edit", ENTRY, "--set",
                               "answer=Ask in the app.", "--set",
                               "paraphrases=new card please | a | b\\|c")
    tap.equal((code, done["state"], done["version"]),
              (0, "draft", old["version"] + 1), "an edit is a draft")
    _, answer = daemon.ask(QUESTION)
    tap.ok("Ask in the app." not in answer["reply"], "which nobody sees",
           answer)
    daemon.ctl("faq", "approve", ENTRY)
    _, answer = daemon.ask(QUESTION)
    tap.ok("Ask in the app." in answer["reply"], "until it is approved",
           answer)
    _, shown, _ = daemon.ctl("faq", "show", ENTRY)
    tap.equal(shown["paraphrases"], ["new card please", "a", "b|c"],
              "a list is set as in CSV")
    start = time.monotonic()
    daemon.ctl("faq", "edit", ENTRY, "--approve", "--set",
               "answer=Call {{phone.desk}}.")
    _, answer = daemon.ask(QUESTION)
    tap.ok("Call " in answer["reply"] and "{{" not in answer["reply"],
           "one that is approved is live when the command is over", answer)
    print(f"# live after {time.monotonic() - start:.2f} s")
    _, same, _ = daemon.ctl("faq", "edit", ENTRY, "--set",
                            "answer=Call {{phone.desk}}.")
    tap.ok(not same["changed"] and not same["diff"], "the same is no change",
           same)


def check_bad_edits(tap, daemon):
    def file(text):
        path = os.path.join(tempfile.mkdtemp(dir=daemon.dir), "edited.yaml")
        with open(path, "wb") as f:
            f.write(text)
        return ["--file", path]

    before = query(daemon, "select count(*) from faq_version")
    good = f'faq:\n- id: {ENTRY}\n  question: q\n  answer: a\n'.encode()
    for arguments, said in [
            (file(b""), "edited.yaml"), (file(b"\xff\xfe"), "UTF-8"),
            (file(b"faq: [" * 1000), "edited.yaml"),
            (file(good.replace(ENTRY.encode(), b"other")), "stays"),
            (file(good + good[5:].replace(ENTRY.encode(), b"b")), "not one"),
            (file(b"faq:\n- &a {id: x}\n- *a\n"), "edited.yaml"),
            (file(good.replace(b"answer: a", b"answer: '{{nothing}}'")),
             "nothing"),
            (["--set", "answer="], "answer"),
            (["--set", "valid_from=soon"], "no time"),
            (["--set", "answer=" + "x" * 9000], "answer"),
            (["--version", "1", "--set", "answer=b"], "meanwhile")]:
        code, _, problem = words(daemon, "faq", "edit", ENTRY, *arguments)
        tap.ok(code == FAILED and said in problem,
               f"'faq edit {str(arguments[-1])[-30:]}' is refused", problem)
    for arguments, said in [
            ([*file(good), "--set", "answer=b"], "either"),
            (["--set", "id=other"], "--set id"),
            (["--set", "nonsense"], "--set nonsense")]:
        check_refused(tap, daemon, MISUSED, ["faq", "edit", ENTRY, *arguments],
                      said)
    code, _, problem = words(daemon, "faq", "edit", "no-such", "--set",
                             "answer=b")
    tap.ok(code == 1 and "no entry" in problem, "so is what is not there",
           problem)
    tap.equal(query(daemon, "select count(*) from faq_version"), before,
              "nothing of that is kept")


def on_terminal(daemon, editor, answers, *arguments):
    """tellerctl with a terminal: (exit code, what it shows)."""
    path = os.path.join(daemon.dir, "editor")
    with open(path, "w") as f:
        f.write("#!/bin/sh\n" + editor)
    os.chmod(path, 0o700)
    main, side = pty.openpty()
    process = subprocess.Popen(
        [CTL, "--config", daemon.config, "--state", daemon.state, *arguments],
        stdin=side, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        env={**daemon.env, "VISUAL": "", "EDITOR": path,
             "TMPDIR": daemon.dir})
    os.close(side)
    os.write(main, answers.encode())
    out, _ = process.communicate(timeout=120)
    os.close(main)
    return process.returncode, out.decode()


def check_editor(tap, daemon):
    def left():
        return [n for n in os.listdir(daemon.dir) if n.startswith("tellerctl-")]

    change = 'sed -i "s/answer: .*/answer: Ask Ann./" "$1"\n'
    code, out = on_terminal(daemon, change, "n\n", "faq", "edit", ENTRY)
    _, shown, _ = daemon.ctl("faq", "show", ENTRY)
    tap.ok(code == 0 and '+   answer: "Ask Ann."' in out and
           shown["answer"] != "Ask Ann.",
           "what an editor changed is shown, and not kept without a yes", out)
    code, out = on_terminal(daemon, change, "y\n", "faq", "edit", ENTRY)
    _, shown, _ = daemon.ctl("faq", "show", ENTRY)
    tap.equal((code, shown["answer"], shown["state"]),
              (0, "Ask Ann.", "draft"), "with one it is a draft")
    code, out = on_terminal(daemon, "exit 0\n", "", "faq", "edit", ENTRY)
    tap.ok(code == 0 and "Nothing is changed." in out, "nothing is nothing",
           out)
    code, out = on_terminal(daemon, "exit 3\n", "", "faq", "edit", ENTRY)
    tap.ok(code == 1 and "the editor failed" in out, "an editor may fail", out)
    once = ('if [ -e "$1.once" ]; then rm "$1.once"; ' +
            'sed -i "s/answr: .*/answer: Ask Bob./" "$1"; ' +
            'else touch "$1.once"; ' +
            'sed -i "s/answer: .*/answr: x/" "$1"; fi\n')
    code, out = on_terminal(daemon, once, "y\ny\n", "faq", "edit", ENTRY)
    _, shown, _ = daemon.ctl("faq", "show", ENTRY)
    tap.ok(code == 0 and "answr" in out and shown["answer"] == "Ask Bob.",
           "what is wrong can be mended", out)
    meanwhile = change.replace("Ann", "Cleo") + (
        f"{CTL} --config {daemon.config} --state {daemon.state} faq edit "
        f"{ENTRY} --set 'answer=Ask Dan.' >/dev/null\n")
    code, out = on_terminal(daemon, meanwhile, "n\n", "faq", "edit", ENTRY)
    _, shown, _ = daemon.ctl("faq", "show", ENTRY)
    tap.ok(code == 1 and "was changed meanwhile" in out and
           shown["answer"] == "Ask Dan.",
           "what somebody else did meanwhile stays", out)
    kept = left()
    with open(os.path.join(daemon.dir, kept[0])) as f:
        tap.ok(len(kept) == 1 and kept[0] in out and "Ask Cleo." in f.read(),
               "and what was written is kept where it says", (kept, out))


def check_conflict(tap, packs, daemon):
    path = os.path.join(packs, "banking", "faq", "cards.yaml")
    with open(path) as f:
        text = f.read()
    with open(path, "w") as f:
        f.write(text.replace(QUESTION, "My card is damaged, what now?"))
    code, out, problem = words(daemon, "reload")
    tap.ok(code == 0 and f"{ENTRY} was edited here" in daemon.log(),
           "a pack's later word on an edited entry is named, and left",
           (out, problem, daemon.log()[-2000:]))


# ---- Gaps, and looking back


def check_gaps(tap, daemon):
    start = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 1))
    while time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()) < start:
        time.sleep(0.05)
    for text in ["Do you sell bitcoin mining rigs?", "bitcoin mining rig",
                 "bitcoin minning rigs", "=cmd|'/c calc'!A1 zebra racing",
                 "???"]:
        daemon.ask(text)
    code, found, _ = daemon.ctl("faq", "gaps", "--since", start)
    tap.equal((code, [(gap["count"], sorted(gap["examples"]))
                      for gap in found["gaps"]]),
              (0, [(3, ["Do you sell bitcoin mining rigs?",
                        "bitcoin mining rig", "bitcoin minning rigs"]),
                   (1, ["=cmd|'/c calc'!A1 zebra racing"])]),
              "questions without an answer stand together, most asked first")
    tap.equal(daemon.ctl("faq", "gaps", "--since", start)[1], found,
              "each time in the same way")
    tap.equal(len(daemon.ctl("faq", "gaps", "--limit", "1")[1]["gaps"]), 1,
              "no more than are wanted")
    _, out, _ = words(daemon, "faq", "gaps", "--csv", "--since", start)
    tap.ok(out.startswith("count,question,nearest,confidence,") and
           "\n1,\"'=cmd" in out and len(out.splitlines()) == 3,
           "CSV has no formula of a customer's", out)
    _, everything, _ = daemon.ctl("faq", "gaps", "--limit", "1000")
    tap.ok(any(gap["reasons"]["rejected"] and QUESTION in gap["examples"]
               for gap in everything["gaps"]),
           "so do answers that a reviewer rejected", everything)
    daemon.ctl("review", "approve", str(found["gaps"][0]["turn"]))
    _, left, _ = daemon.ctl("faq", "gaps", "--since", start)
    tap.equal([gap["count"] for gap in left["gaps"]], [2, 1],
              "what a reviewer found right is none any more")


def check_looking_back(tap, daemon, id, before):
    _, equal, _ = daemon.ctl("replay", id)
    tap.equal((equal["turns"], equal["equal"]), (1, 1),
              "a turn is decided as it was")
    turns = query(daemon, "select count(*) from turn")
    _, now, _ = daemon.ctl("replay", id, "--now")
    told = {row["what"]: row for row in now["different"][0]["differences"]}
    tap.ok(now["equal"] == 0 and told["entry"]["was"] == f"{ENTRY}@1" and
           told["entry"]["is"] != f"{ENTRY}@1" and "reply" in told,
           "and what would be said today is another thing", now)
    tap.equal(query(daemon, "select count(*) from turn"), turns,
              "which is not written")
    _, then, _ = daemon.ctl("faq", "show", ENTRY, "--at", before)
    _, listed, _ = daemon.ctl("faq", "list", "--at", before)
    _, searched, _ = daemon.ctl("faq", "search", "replace damaged card", "--at",
                                before)
    tap.ok(then["version"] == 1 and
           [e["version"] for e in listed["entries"] if e["id"] == ENTRY] == [1],
           "what was in force at a time is known", then)
    tap.ok(any((e["id"], e["version"]) == (ENTRY, 1)
               for e in searched["entries"]), "and found", searched)
    for arguments, status, said in [
            (["--at", "2001-01-01"], FAILED, "in force then"),
            (["--at", "soon"], MISUSED, "2026-05-03"),
            (["--at", before, "--version", "1"], MISUSED, "either")]:
        check_refused(tap, daemon, status, ["faq", "show", ENTRY, *arguments],
                      said)
    tap.equal(daemon.ctl("faq", "list", "--at", "2001-01-01")[1]["entries"],
              [], "before the first day there was nothing")


def check_validity(tap, daemon):
    daemon.ctl("faq", "add", "--approve", "--id", "may-offer", "--question",
               "What is the offer of May?", "--answer", "Two for one.")
    daemon.ctl("faq", "edit", "may-offer", "--approve", "--set",
               "valid_from=2099-05-01", "--set", "valid_to=2099-05-31")
    code, _, problem = words(daemon, "faq", "show", "may-offer", "--at",
                             "2099-06-01")
    tap.ok(code == 1 and "not valid" in problem,
           "who had an end has ended", problem)
    for date, there in [("2099-04-30", False), ("2099-05-01", True),
                        ("2099-05-31T23:59:59Z", True), ("2099-06-01", False)]:
        got = ["may-offer" in [e["id"] for e in entries] for entries in (
            daemon.ctl("faq", "list", "--at", date)[1]["entries"],
            daemon.ctl("faq", "search", "offer of May", "--at",
                       date)[1]["entries"])]
        tap.equal(got, [there, there], f"what is valid on {date}")
    _, rows, _ = daemon.ctl("faq", "list", "--in", "draft")
    tap.ok(all(e["state"] == "draft" for e in rows["entries"]),
           "a list of drafts", rows)
    tap.equal(words(daemon, "faq", "list", "--in", "limbo")[0], 2,
              "in states that there are")


# ---- Four eyes


def check_four_eyes(tap):
    with Daemon(["knowledge.four_eyes=true"]) as daemon:
        daemon.start()
        _, status, _ = daemon.ctl("faq", "list", "--in", "approved")
        tap.equal(status["entries"], [], "with four eyes a pack brings drafts")
        tap.ok("faq approve --from pack:banking" in daemon.log(),
               "which is said", daemon.log())
        for arguments in (["add", "--question", "Is it?", "--answer", "Yes."],
                          ["edit", ENTRY, "--set", "answer=Yes."],
                          ["import", "-"]):
            code, _, problem = words(daemon, "faq", *arguments, "--approve",
                                     stdin=b"question,answer\nIs it?,Yes.\n")
            tap.ok(code == 1 and ("four_eyes" in problem or
                                  "entries come from files" in problem),
                   f"'faq {arguments[0]} --approve' is refused", problem)
        daemon.ctl("faq", "edit", ENTRY, "--set", "answer=Yes.")
        code, _, problem = words(daemon, "faq", "approve", ENTRY)
        tap.ok(code == 1 and "was written by you" in problem,
               "who wrote a version does not approve it", problem)
        code, done, _ = daemon.ctl("faq", "approve", "--from", "pack:banking")
        tap.ok(code == 0 and done["approved"] > 100 and not done["refused"],
               "what the pack wrote anybody may approve", done)
        code, done, _ = daemon.ctl("faq", "approve", "--from", "hand")
        tap.ok(code == 0 and done["approved"] == 0 and
               "was written by you" in done["refused"][0],
               "his own are left, and named", done)
        tap.equal(daemon.ask("What does a current account cost?")[1]["kind"],
                  "answer", "and customers get them at once")
        code, _, _ = words(daemon, "faq", "retire", ENTRY)
        tap.equal(code, 0, "who wrote a version may take it back")


def main():
    tap = Tap()
    with Daemon() as daemon:
        packs = os.path.join(daemon.dir, "packs")
        shutil.copytree(os.path.join(SOURCE, "intents"), packs)
        daemon.settings.append(f"desk.packs_dir={packs}")
        daemon.start()
        id, auth, reply, path = check_thumbs(tap, daemon)
        before = time.strftime("%Y-%m-%dT%H:%M:%SZ",
                               time.gmtime(time.time() + 1))
        turn = check_rating_shows(tap, daemon, id, reply)
        check_change_of_mind(tap, daemon, id, auth, reply, path)
        check_verdicts(tap, daemon, turn)
        check_filters(tap, daemon)
        check_edit(tap, daemon)
        check_bad_edits(tap, daemon)
        check_editor(tap, daemon)
        check_conflict(tap, packs, daemon)
        check_gaps(tap, daemon)
        check_looking_back(tap, daemon, id, before)
        check_validity(tap, daemon)
        tap.ok(("reply.rate_down", reply) in audit(daemon, "--limit", "10000"),
               "the audit has ratings")
        code, _, problem = words(daemon, "audit", "list", "--since", "x")
        tap.ok(code == 2 and "2026-05-03" in problem, "of a date", problem)
        tap.equal(audit(daemon, "--actor", "' or '1'='1"), [],
                  "a name is a name")
        _, all_turns, _ = daemon.ctl("replay", "--all")
        tap.ok(all_turns["turns"] > 10 and
               all_turns["equal"] == all_turns["turns"],
               "whatever was edited, every turn is decided as it was",
               all_turns)
        tap.equal(daemon.kill(signal.SIGTERM), 0, "the daemon ends cleanly")
        code, found, _ = daemon.ctl("review", "list", "--all")
        tap.ok(code == 0 and found["turns"],
               "without a daemon it is all there, too")
    check_four_eyes(tap)
    tap.done()


main()
