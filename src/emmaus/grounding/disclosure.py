"""The one question that is answered out of character by the character: whether a program answers."""

import re

_IDENTITY = re.compile(
    r"\b(?:(?:are you|is this|is it|or|(?:talk|speak|chat|writ)(?:ing)? (?:to|with))(?: is this)? "
    r"(?:(?:an?|just|only|really|some|the|even|actually) )*"
    r"(?:computer|ai|bot|robot|machine|chatbot|program)"
    r"|are you (?:(?:an?|really|even|actually|just) )*(?:human|real|a (?:real|living) (?:person|human)))\b"
    r"(?! (?:king|queen|prophet|prophetess|apostle|judge|priest|shepherd)\b)",
    re.I,
)
"""Asks whether somebody or a program answers."""


def asks_who_answers(question: str) -> bool:
    """Whether a question asks if a person or a program answers: an honest answer says that it is a program."""
    return _IDENTITY.search(question) is not None
