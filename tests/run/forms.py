"""A customer who fills in a form of the bank's pack, by the words that the bot
asks him with."""

import re

from daemon import until

QUESTION = "How do I change my address?"
ADDRESS = "12 New Road, Dublin 4, D04 X285"
# What he answers to a reply that says that.
ANSWERS = [("What is the new address", ADDRESS),
           ("From which day", "the 3rd of December"),
           ("for you alone", "for me alone"),
           ("Should letters go there", "yes"),
           ("Is that right", "yes"),
           ("Shall I take the new address down", "yes")]
REFERENCE = re.compile(r"\b[2-9A-Z]{5}-[2-9A-Z]{5}-[2-9A-Z]\b")


def answer_to(reply):
    """None: the reply asks for nothing that he knows."""
    return next((answer for asked, answer in ANSWERS if asked in reply), None)


def reply_to(daemon, conversation, auth, text):
    """The bot's words to what a customer writes."""
    status, document = daemon.send(conversation, auth, text)
    assert status == 202, (status, document)
    replies = until(lambda: [
        entry["text"] for entry in daemon.history(conversation, auth)
        if document["id"] in entry.get("in_reply_to", ())])
    if not replies:
        raise RuntimeError(f"no reply to {text!r}")
    return replies[0]


def fill_in(daemon, conversation, auth):
    """Talk until there is a reference: it, and all that was said."""
    said, text = [], QUESTION
    for _ in range(12):
        reply = reply_to(daemon, conversation, auth, text)
        said += [f"> {text}", reply]
        found = REFERENCE.search(reply)
        text = answer_to(reply)
        if found or not text:
            break
    return found and found.group(), "\n".join(said)
