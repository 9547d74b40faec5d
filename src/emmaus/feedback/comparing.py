"""Whether a person agreed to be asked, now and then, which of two answers is better."""

from emmaus.store import Store
from emmaus.types import digest

ONE_IN = 4
"""Answers of which one is followed by the question, to somebody who agreed."""
_KEY = "compares "


def compares(store: Store, subject: str) -> bool:
    """Whether this person agreed."""
    return store.meta(_KEY + subject) == "yes"


def set_comparing(store: Store, subject: str, on: bool) -> None:
    """Note what a person wants."""
    store.settle(_KEY + subject, "yes" if on else "no")


def asked_about(store: Store, subject: str, turn_id: str) -> bool:
    """Whether to ask about this answer; it depends on nothing but its id and what the person wants."""
    return compares(store, subject) and int(digest(turn_id, 8), 16) % ONE_IN == 0
