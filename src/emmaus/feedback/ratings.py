"""What people say of an answer: thumbs, reasons, flags, corrected answers."""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Literal, TypeAlias, get_args

from emmaus.chat.talk import Talk, require_store
from emmaus.errors import BadInput
from emmaus.feedback.corrections import check_correction, check_length
from emmaus.store import Store
from emmaus.store.standing import says_nothing, standing
from emmaus.types import Rating, Score, Turn, digest, sound

Value: TypeAlias = Literal[-1, 0, 1]
"""A thumb down, none, or up."""

LIKED = 0.9
"""Quality of a conversation whose answer a person liked: human-validated, below an expert's 1.0."""
BY_RATING = "rating"
"""Stands in `Score.rubric` when a person liked the answer."""


def rate(
    store: Store,
    turn: Turn,
    subject: str,
    value: Value,
    *,
    reason: str = "",
    flag: bool = False,
    correction: str | None = None,
    clock: Callable[[], float] = time.time,
) -> Rating:
    """Keep a rating of a stored turn. A thumbs-up also scores it `LIKED`, by a human judge.

    Raises:
        NotConsented: the person does not allow to store anything.
        BadInput: a rating that says nothing and takes nothing back, a value that is no thumb, a correction that is
            empty, a text over `corrections.LONGEST`, or a turn that is not stored.
    """
    rating = _rating(turn, subject, value, reason, flag, correction, clock())
    _check(store, rating)
    return _add(store, rating)


def keep_and_rate(
    talk: Talk, turn: Turn, value: Value, *, reason: str = "", flag: bool = False, correction: str | None = None
) -> Rating:
    """Rate a turn of a talk, which is kept for that with all that led to it: both, or, if it cannot be rated, neither.

    Raises as `rate` and `Talk.keep` do, and BadInput for a correction that cites what is not there or not to be known.
    """
    rating = _rating(turn, talk.subject, value, reason, flag, correction, talk.speaker.clock())
    _check(talk.store, rating)
    check_correction(talk.speaker.scene, turn, rating.correction or "")
    talk.keep(turn)
    return _add(talk.store, rating)


def _rating(
    turn: Turn, subject: str, value: Value, reason: str, flag: bool, correction: str | None, at: float
) -> Rating:
    given = None if correction is None else sound(correction).strip()
    unnamed = Rating("", turn.id, subject, value, sound(reason).strip(), flag, given, at)
    return replace(unnamed, id="r" + digest(unnamed))


def _check(store: Store, rating: Rating) -> None:
    require_store(store, rating.subject)
    if rating.value not in get_args(Value):
        raise BadInput(f"an answer cannot be rated {rating.value!r}: give 1 (good), -1 (bad) or 0 (neither)")
    if rating.correction == "":
        raise BadInput("the corrected answer is empty: write the answer that should have been given")
    for text in (rating.reason, rating.correction or ""):
        check_length(text)
    if says_nothing(rating):
        before = standing(
            given for given in store.ratings([rating.turn])[rating.turn] if given.subject == rating.subject
        )
        if not any(said.value or said.correction for said in before):
            raise BadInput("this says nothing of the answer: rate it up or down, flag it, say why, or correct it")


def _add(store: Store, rating: Rating) -> Rating:
    if not store.holds(rating.turn):
        raise BadInput(
            "this answer is not kept (any more), so it cannot be rated: keep it first with Talk.keep, or ask again"
        )
    liked = [Score("s" + rating.id, rating.turn, BY_RATING, "human", {"liked": 1.0}, LIKED)]
    store.add_all([rating, *(liked if rating.value == 1 else [])])
    return rating
