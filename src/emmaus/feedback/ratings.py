"""What people say of an answer: thumbs, reasons, flags, corrected answers."""

import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Literal, TypeAlias, get_args

from emmaus.chat import Scene
from emmaus.chat.talk import Talk, require_store
from emmaus.errors import BadInput, NotFound
from emmaus.feedback.corrections import check_correction, check_length
from emmaus.store import Store
from emmaus.store.standing import says_nothing, standing
from emmaus.types import Conversation, Rating, Score, Turn, digest, sound

Value: TypeAlias = Literal[-1, 0, 1]
"""A thumb down, none, or up."""

LIKED = 0.9
"""Quality of a conversation whose answer a person liked: human-validated, below an expert's 1.0."""
BY_RATING = "rating"
"""Stands in `Score.rubric` when a person liked the answer."""
REASONS = {
    "off_topic": "Not what I asked",
    "voice": "Not how they would speak",
    "untrue": "Not true",
    "verse": "Wrong verse, or none",
    "unkind": "Unkind or preachy",
    "length": "Too long or too short",
    "helpful": "It helped me",
    "true_voice": "Just like them",
    "grounded": "Well grounded in the text",
}
"""The usual reasons: their names in a rating, and how a page puts them."""


def rate(
    store: Store,
    turn: Turn,
    subject: str,
    value: Value,
    *,
    reason: str = "",
    flag: bool = False,
    correction: str | None = None,
    reasons: Iterable[str] = (),
    clock: Callable[[], float] = time.time,
) -> Rating:
    """Keep a rating of a stored turn. A thumbs-up also scores it `LIKED`, by a human judge.

    Who says the same again as last, as when a request is sent twice, is given the rating that is kept.

    Raises:
        NotConsented: the person does not allow to store anything.
        BadInput: a rating that says nothing and takes nothing back, a value that is no thumb, a correction that is
            empty, a text over `corrections.LONGEST`, a reason that is none of `REASONS`, or a turn that is not stored.
    """
    rating = _rating(turn, subject, value, reason, flag, correction, reasons, clock())
    _check(store, rating)
    return _add(store, rating)


def keep_and_rate(
    talk: Talk,
    turn: Turn,
    value: Value,
    *,
    reason: str = "",
    flag: bool = False,
    correction: str | None = None,
    reasons: Iterable[str] = (),
) -> Rating:
    """Rate a turn of a talk, which is kept for that with all that led to it: both, or, if it cannot be rated, neither.

    Raises as `rate` and `Talk.keep` do, and BadInput for a correction that cites what is not there or not to be known.
    """
    rating = _rating(turn, talk.subject, value, reason, flag, correction, reasons, talk.speaker.clock())
    _check(talk.store, rating)
    check_correction(talk.speaker.scene, turn, rating.correction or "")
    talk.keep(turn)
    return _add(talk.store, rating)


def rate_kept(
    store: Store,
    turn: Turn,
    subject: str,
    value: Value,
    *,
    scene: Callable[[], Scene],
    reason: str = "",
    flag: bool = False,
    correction: str | None = None,
    reasons: Iterable[str] = (),
    key: str = "",
    clock: Callable[[], float] = time.time,
) -> Rating:
    """Keep a rating of a stored turn, whose `scene` is looked at where a correction is given.

    A request with the same `key` is the same rating, whatever was said of the turn meanwhile.

    Raises as `keep_and_rate` does, and BadInput where the key was given with another rating.
    """
    rating = _rating(turn, subject, value, reason, flag, correction, reasons, clock())
    name = "r" + digest([subject, key]) if key else ""
    kept = next(iter(store.find(Rating, id=name)), None) if name else None
    if kept is None:
        _check(store, rating)
        if rating.correction:
            check_correction(scene(), turn, rating.correction)
        kept = _add(store, rating, name)
    if _said(kept) != _said(rating):
        raise BadInput("this Idempotency-Key came with another rating before: give each rating a key of its own")
    return kept


def kept_answer(store: Store, turn: str, subject: str) -> tuple[Conversation, Turn]:
    """Find an answer that a person may rate by its id alone, and the conversation that it was given in.

    Raises:
        NotConsented: the person does not allow to store anything.
        NotFound: no answer of theirs that is kept has this id.
    """
    require_store(store, subject)
    found = store.conversation_of(sound(turn))
    answer = next((one for one in found.turns if one.id == turn), None) if found else None
    if found is None or answer is None or found.subject != subject:
        raise NotFound(f"there is no answer '{turn}' of yours that is kept: only those can be rated")
    return found, answer


def _rating(
    turn: Turn,
    subject: str,
    value: Value,
    reason: str,
    flag: bool,
    correction: str | None,
    reasons: Iterable[str],
    at: float,
) -> Rating:
    given = None if correction is None else sound(correction).strip()
    return Rating("", turn.id, subject, value, sound(reason).strip(), flag, given, at, tuple(dict.fromkeys(reasons)))


def _said(rating: Rating) -> Rating:
    """What a rating says, of which turn, whenever that was."""
    return replace(rating, id="", at=0.0)


def _check(store: Store, rating: Rating) -> None:
    require_store(store, rating.subject)
    if rating.value not in get_args(Value):
        raise BadInput(f"an answer cannot be rated {rating.value!r}: give 1 (good), -1 (bad) or 0 (neither)")
    if unknown := [name for name in rating.reasons if name not in REASONS]:
        raise BadInput(f"{unknown[0]!r} is none of the usual reasons: {', '.join(REASONS)}; others go into the text")
    if rating.correction == "":
        raise BadInput("the corrected answer is empty: write the answer that should have been given")
    for text in (rating.reason, rating.correction or ""):
        check_length(text)
    if says_nothing(rating) and not any(said.value or said.correction for said in standing(_own(store, rating))):
        raise BadInput("this says nothing of the answer: rate it up or down, flag it, say why, or correct it")


def _own(store: Store, rating: Rating) -> list[Rating]:
    """What this person said of this turn so far, latest first."""
    return [given for given in store.ratings([rating.turn])[rating.turn] if given.subject == rating.subject]


def _add(store: Store, unnamed: Rating, name: str = "") -> Rating:
    if not store.holds(unnamed.turn):
        raise BadInput(
            "this answer is not kept (any more), so it cannot be rated: keep it first with Talk.keep, or ask again"
        )
    last = next(iter(_own(store, unnamed)), None)
    if last and not name and _said(last) == _said(unnamed):
        return last
    # Named by what is said, and after what: two copies of one request that come at once are one rating as well.
    rating = replace(unnamed, id=name or "r" + digest([_said(unnamed), last and last.id]))
    liked = [Score("s" + rating.id, rating.turn, BY_RATING, "human", {"liked": 1.0}, LIKED)]
    store.add_all([rating, *(liked if rating.value == 1 else [])])
    return next(iter(store.find(Rating, id=rating.id)), rating)
