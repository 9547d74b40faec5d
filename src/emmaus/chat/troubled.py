"""What the program itself answers: such a question is no example for others."""

from emmaus.chat.care import judged
from emmaus.chat.counsel import counsel_sought


def troubled(question: str) -> bool:
    """Whether the program itself answers a question now: it may have been asked before there was a check that saw it.

    Raises:
        ModelError: the check is away, so that this is not known.
    """
    return counsel_sought(question) is not None or judged([question])[0] is not None
