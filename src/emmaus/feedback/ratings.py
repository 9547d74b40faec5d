"""What people say of an answer: thumbs, reasons, flags, corrected answers."""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Literal

from emmaus.errors import BadInput, NotConsented
from emmaus.store import Store
from emmaus.types import Rating, Scope, Score, Turn, digest

LIKED = 0.9
"""Quality of a conversation whose answer a person liked: human-validated, below an expert's 1.0."""
BY_RATING = "rating"
"""Stands in `Score.rubric` when a person liked the answer."""
LONGEST = 4000
"""Characters of a reason or a corrected answer."""


def rate(
    store: Store,
    turn: Turn,
    subject: str,
    value: Literal[-1, 0, 1],
    *,
    reason: str = "",
    flag: bool = False,
    correction: str | None = None,
    clock: Callable[[], float] = time.time,
) -> Rating:
    """Keep a rating of a stored turn. A thumbs-up also scores it `LIKED`, by a human judge.

    Raises:
        NotConsented: the person does not allow to store anything.
        BadInput: a correction that is empty, or a text over `LONGEST`.
    """
    if Scope.STORE not in store.consent(subject):
        raise NotConsented("this conversation is not kept, so it cannot be rated: allow it with /consent store")
    if correction is not None and not correction.strip():
        raise BadInput("the corrected answer is empty: write the answer that should have been given after /edit")
    for text in (reason, correction or ""):
        if len(text) > LONGEST:
            raise BadInput(f"the text has {len(text):,} characters, at most {LONGEST:,} are kept: shorten it")
    at = clock()
    unnamed = Rating("", turn.id, subject, value, reason.strip(), flag, correction and correction.strip(), at)
    rating = store.add(replace(unnamed, id="r" + digest(unnamed)))
    if value == 1:
        store.add(Score("s" + rating.id, turn.id, BY_RATING, "human", {"liked": 1.0}, LIKED))
    return rating
