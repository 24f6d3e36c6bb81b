"""A customer who fills in a form of the bank's pack, by the words that the bot
asks him with."""

import re

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
