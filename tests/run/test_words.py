"""What a customer says, and what is made of it, stands in rows of message and
of cases and in the memory of his conversation, and nowhere else: whoever
deletes these has deleted it.  All of it is still shown, delivered and decided
again, from the store of an older program too."""

import contextlib
import datetime
import glob
import json
import os
import sqlite3
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from daemon import Tap  # noqa: E402
from peer import PeerDaemon  # noqa: E402

# A day that the pack's form of a lost card takes, and how it is noted.
DAY = datetime.date.today() - datetime.timedelta(days=17)
DAY_SAID = f"{DAY.day} {DAY.strftime('%B %Y')}"
PLACE = "Quixelmere Halt"
ADDRESS = "77 Zanzifer Road, Dublin 4, D04 X285"
# What is looked for, without regard to case, wherever it may not stand: words,
# and what is made of them.
CANARIES = [DAY.isoformat(), DAY_SAID, "...7391", "quixelmere", "731 9042",
            "877319042", "736 2215", "877362215", "zanzifer", "flumoxian",
            "brindlewick"]

LOST = [f"I lost my Visa on {DAY_SAID}, please call me on 087 731 9042",
        "the one ending 7391", PLACE]
MOVED = ["How do I change my address?", "yes", ADDRESS,
         "the 3rd of December", "for me alone", "yes"]
# Some of them leave out what they are about.
ASKED = ["How do I make a transfer?", "and to Switzerland?",
         "and what does it cost?", "and how long does it take?",
         "How do I make a transfer and what are your opening hours, flumoxian?",
         "zyx flumoxian", "I want to talk to a person", "087 736 2215"]

# Where his words may stand: whole tables, and a column of one.
HIS = {"message": None, "form_case": None, "conversation": "memory"}


class Customer:
    def __init__(self, daemon):
        self.daemon = daemon
        self.id, self.auth = daemon.conversation()

    def says(self, *texts):
        for text in texts:
            status, document = self.daemon.send(self.id, self.auth, text)
            assert status == 202, (status, document)
            assert self.daemon.settle()

    def heard(self):
        return [m["text"] for m in self.daemon.history(self.id, self.auth)
                if m["author"] != "customer"]


def path_of(daemon):
    return os.path.join(daemon.state, "store.db")


@contextlib.contextmanager
def database(daemon):
    """Of a daemon that does not run."""
    with contextlib.closing(sqlite3.connect(path_of(daemon))) as db, db:
        db.row_factory = sqlite3.Row
        yield db


def found_in(value):
    if isinstance(value, bytes):
        value = value.decode(errors="replace")
    text = str(value).lower()
    return [c for c in CANARIES if c.lower() in text]


def search(daemon):
    """What stands where it may, and where it may not: {place: canaries}"""
    good, bad = {}, {}
    with database(daemon) as db:
        names = [r[0] for r in db.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'table'")]
        for name in names:
            for row in db.execute(f'SELECT * FROM "{name}"'):
                for column in row.keys():
                    found = found_in(row[column])
                    is_his = name in HIS and HIS[name] in (None, column)
                    places = good if is_his else bad
                    if found:
                        places.setdefault(f"{name}.{column}",
                                          set()).update(found)
    return good, bad


def check_places(tap, daemon, when):
    good, bad = search(daemon)
    tap.equal(sorted(set().union(*good.values())), sorted(CANARIES),
              f"{when} each word is looked for, and found, in the store")
    tap.equal(bad, {}, f"{when} none is anywhere else")


def check_replay(tap, daemon, when):
    code, replay, words = daemon.ctl("replay", "--all")
    tap.ok(code == 0 and replay["turns"] == replay["equal"] > 0,
           f"{when} every turn is decided again as it was", words or replay)


def talk(tap, daemon):
    lost, moved, asking = (Customer(daemon) for _ in range(3))
    lost.says(*LOST)
    moved.says(*MOVED)
    asking.says(*ASKED)
    tap.ok(all(any(word in text for text in lost.heard())
               for word in (DAY_SAID, "...7391", "877319042")),
           "what was noted is said to the customer", lost.heard())
    tap.ok("Zanzifer" in moved.heard()[-1] and
           "Is that right?" in moved.heard()[-1],
           "and all of it before he agrees", moved.heard()[-1])
    card = daemon.desk.job(kind="desk_card", conversation_id=lost.id)
    tap.ok(card and DAY.isoformat() in card["text"] and
           "877319042" in card["text"],
           "a card has what he answered and his number", card)
    daemon.desk.act(lost.id, "claim", "anna")
    daemon.settle()
    daemon.desk.act(lost.id, "agent", "anna", text="From Brindlewick?")
    daemon.settle()
    tap.equal(lost.heard()[-1], "From Brindlewick?",
              "he reads what an agent writes")
    return lost, moved, asking


def check_why(tap, daemon, asking):
    code, shown, words = daemon.ctl("conversations", "show", "--why", asking.id)
    searched = [part["searched"] for turn in shown["turns"]
                for part in (turn, turn.get("second", {})) if "searched" in part]
    said = [text for text in searched if "flumoxian" in text.lower()]
    tap.ok(code == 0 and said, "what was searched is shown in words",
           words or searched)
    tap.ok(any(not any(text in asked for asked in ASKED) for text in searched),
           "with the words of what it is about", searched)


def check_filled(tap, daemon, lost):
    """What filled a slot, by the message that it stands in."""
    code, shown, words = daemon.ctl("conversations", "show", "--why", lost.id)
    said = {m["id"] for m in daemon.history(lost.id, lost.auth)
            if m["author"] == "customer"}
    filled = [row for turn in shown["turns"]
              for row in turn.get("form", {}).get("filled", [])]
    texts = {row["slot"]: row.get("text") for row in filled}
    tap.ok(code == 0 and texts.get("place") == PLACE and
           texts.get("card") == "7391" and
           DAY_SAID in (texts.get("day") or ""),
           "what filled a slot is shown in words", words or filled)
    tap.ok(filled and all(row["message"] in said for row in filled),
           "and in which message they are", (filled, said))


# ---- A store of before ------------------------------------------------------


def without_messages(memory, own, derived):
    """A memory as it was written once: its values in it, from no message."""
    def recall(message, *keys):
        at = derived[message]
        for key in (*(["before"] if message in own else []), *keys):
            at = at[key]
        return at

    for value in memory.get("form", {}).get("values", []):
        if len(value) > 3:
            message = value.pop()
            value[1] = value[1] or recall(message, "values", value[0])
    message = memory.pop("call_back_id", None)
    if message and not memory.get("call_back"):
        memory["call_back"] = recall(message, "call_back")
    return json.dumps(memory, separators=(",", ":"), ensure_ascii=False)


def record_of_before(record, words, own, derived):
    record["v"] = 1
    before = record["before"]
    before["memory"] = without_messages(json.loads(before["memory"]), own,
                                        derived)
    for part in (record, record.get("second", {})):
        if "searched" in part:
            begin, end = part["searched"]["span"]
            text = words.encode()[begin:end].decode()
            part["searched"] = " ".join([text, part["searched"].get("with", "")
                                         ]).strip()
    return json.dumps(record, separators=(",", ":"), ensure_ascii=False)


def make_old(daemon):
    """The store becomes what the schema before this would have of it."""
    with database(daemon) as db:
        derived = {r["id"]: json.loads(r["derived"] or "{}")
                   for r in db.execute("SELECT id, derived FROM message")}
        for turn in db.execute("SELECT id, record FROM turn").fetchall():
            messages = db.execute("SELECT id, text FROM message WHERE turn_id"
                                  " = ? ORDER BY id", (turn["id"],)).fetchall()
            words = "\n".join(m["text"] for m in messages if m["text"])
            record = record_of_before(json.loads(turn["record"]), words,
                                      {m["id"] for m in messages}, derived)
            db.execute("UPDATE turn SET record = ? WHERE id = ?",
                       (record, turn["id"]))
        for c in db.execute("SELECT id, memory FROM conversation").fetchall():
            db.execute("UPDATE conversation SET memory = ? WHERE id = ?",
                       (without_messages(json.loads(c["memory"]), set(),
                                         derived), c["id"]))
        for r in db.execute("SELECT id, job, words_id FROM reply WHERE words_id"
                            " IS NOT NULL").fetchall():
            db.execute("UPDATE reply SET text = ? WHERE id = ?", (
                derived[r["words_id"]]["replies"][r["job"]], r["id"]))
        db.execute("ALTER TABLE faq_version DROP COLUMN origin")
        db.execute("ALTER TABLE message DROP COLUMN derived")
        db.execute("ALTER TABLE reply DROP COLUMN words_id")
        db.execute("DROP TABLE api_key")
        db.execute("DROP INDEX message_origin")
        db.execute("ALTER TABLE message DROP COLUMN private_key")
        db.execute("ALTER TABLE message DROP COLUMN origin_id")
        db.execute("PRAGMA user_version = 4")


def check_old(tap, daemon, customers):
    before = [c.heard() for c in customers]
    daemon.stop()
    make_old(daemon)
    _, bad = search(daemon)
    tap.ok({"turn.record", "reply.text"} <= set(bad),
           "an older store has his words in records and replies", bad)
    daemon.start()
    tap.equal([c.heard() for c in customers], before,
              "what was said before reads as it did")
    check_replay(tap, daemon, "from that store")
    moved = customers[1]
    moved.says("the date is the 4th of December")
    tap.ok("Zanzifer" in moved.heard()[-1],
           "a form that was open goes on", moved.heard()[-1])
    check_replay(tap, daemon, "with turns of both")
    daemon.stop()
    check_places(tap, daemon, "from that store")
    daemon.start()
    moved.says("yes")
    tap.ok(moved.daemon.ctl("cases", "list")[1]["cases"],
           "and ends as a case")
    check_replay(tap, daemon, "at the end")


def check_basis(tap, daemon):
    """With another file of the time zone than there was."""
    with database(daemon) as db:
        turn, record = db.execute(
            "SELECT id, record FROM turn ORDER BY id LIMIT 1").fetchone()
        zone = json.loads(record)["basis"]["zone"]
        db.execute("UPDATE turn SET record = ? WHERE id = ?",
                   (record.replace(zone, "0" * len(zone)), turn))
    code, replay, words = daemon.ctl("replay", "--all")
    tap.equal((code, replay and replay["different"]),
              (0, [{"turn": turn, "differences": [
                  {"what": "basis.zone", "was": "0" * len(zone),
                   "is": zone}]}]),
              "replay names what a turn was decided from and is no more")
    with database(daemon) as db:
        db.execute("UPDATE turn SET record = ? WHERE id = ?", (record, turn))


# ---- Erasing ----------------------------------------------------------------


def check_erased(tap, daemon, customers):
    n = [len(c.heard()) for c in customers]
    daemon.stop()
    with database(daemon) as db:
        # Who waits long is told something, by a turn that no words led to.
        n_turns = db.execute("SELECT count(DISTINCT turn_id) "
                             "FROM message").fetchone()[0]
        db.execute("DELETE FROM feedback")
        db.execute("DELETE FROM message")
        db.execute("DELETE FROM form_case")
        db.execute("UPDATE conversation SET memory = ''")
    with contextlib.closing(sqlite3.connect(path_of(daemon))) as db:
        db.execute("VACUUM")
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    kept = glob.glob(path_of(daemon) + ".before-*")
    tap.equal(len(kept), 1, "a copy of the older store was kept")
    os.remove(kept[0])
    left = {}
    for name in os.listdir(daemon.state):
        with contextlib.suppress(IsADirectoryError, OSError):
            with open(os.path.join(daemon.state, name), "rb") as f:
                if found := found_in(f.read()):
                    left[name] = found
    tap.equal(left, {}, "no byte of his words is left in the state")
    daemon.start()
    heard = [c.heard() for c in customers]
    tap.equal([len(h) for h in heard], n, "what the bot said is still there")
    tap.ok(any("[...]" in text for h in heard for text in h) and
           not found_in(heard), "without his words", heard)
    code, replay, words = daemon.ctl("replay", "--all")
    tap.ok(replay and replay["failed"] == n_turns > 0,
           "and no turn is decided again", words or replay)


def main():
    tap = Tap()
    with PeerDaemon() as daemon:
        daemon.start()
        customers = talk(tap, daemon)
        check_why(tap, daemon, customers[2])
        check_filled(tap, daemon, customers[0])
        check_replay(tap, daemon, "as they were written")
        daemon.stop()
        check_places(tap, daemon, "as they were written")
        check_basis(tap, daemon)
        daemon.start()
        check_old(tap, daemon, customers)
        check_erased(tap, daemon, customers)
        tap.equal(daemon.stop(), 0, "it ends cleanly")
    tap.done()


main()
