from emmaus.types import Message


def ask(question: str, card: str = "You are David, king of Israel.") -> list[Message]:
    return [Message("system", card), Message("user", question)]


SHARED: set[int] = set()
"""Process ids of the engines that tests share."""
