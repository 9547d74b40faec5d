"""What a reviewer decides about an answer: accept it, write it better, reject it, skip it, or take that back."""

import time
from collections.abc import Callable, Collection, Sequence
from typing import Literal, TypeAlias, get_args

from emmaus.chat import Scene
from emmaus.errors import BadInput, Conflict, NotConsented, NotFound
from emmaus.feedback import check_correction, check_length
from emmaus.store import Store, reviewing
from emmaus.store.standing import standing_reviews, version_of
from emmaus.types import Conversation, Review, Turn, digest, sound

Verdict: TypeAlias = Literal["accept", "edit", "reject", "skip", "undo"]
Reason: TypeAlias = Literal[
    "off topic",
    "not in voice",
    "untrue",
    "misquoted",
    "beyond their time",
    "harmful",
    "preachy",
    "too long",
    "too short",
    "other",
]
REASONS: tuple[Reason, ...] = get_args(Reason)
"""What can be wrong with an answer. Beside these a review keeps a note in the reviewer's own words."""
_DID = {
    "accept": "accepted this answer",
    "edit": "edited this answer",
    "reject": "rejected this answer",
    "skip": "skipped this answer",
    "undo": "took back what was decided about this answer",
}


def decide(
    store: Store,
    scenes: Callable[[str], Scene],
    turn: str,
    reviewer: str,
    decision: Verdict,
    *,
    reasons: Collection[str] = (),
    note: str = "",
    correction: str | None = None,
    version: str | None = None,
    clock: Callable[[], float] = time.time,
) -> Review:
    """Keep what a reviewer decided about a turn. Sent again, the same decision is kept once.

    Args:
        store: Where it is kept.
        scenes: Gives the scene of a character; asked only where an answer was edited.
        turn: Its id.
        reviewer: Name of who decides.
        decision: `undo` takes back the reviewer's own latest one about this turn.
        reasons: Some of `REASONS`.
        note: What else is to be said.
        correction: The answer that should have been given, with `edit`; what it cites is checked.
        version: `Waiting.version` of what the reviewer saw; None decides about the turn as it stands.
        clock: What time it is.

    Raises:
        BadInput: an unknown reason, `edit` without another answer or any other with one, a text that is too long, a
            correction that cites what is not there or not to be known, or nothing of one's own to take back.
        Conflict: somebody decided about this turn since that version.
        NotConsented: the turn may not be reviewed (any more).
        NotFound: it is not kept (any more).
    """
    conversation = readable(store, turn)
    said = next(one for one in conversation.turns if one.id == turn)
    given = None if correction is None else sound(correction).strip()
    _check(decision, reasons, note, given, said)
    if decision == "edit":
        check_correction(scenes(conversation.character), said, given or "")
    before = store.reviews([turn])[turn]
    seen = version_of(before) if version is None else version
    at = clock()
    whole = (*(known for known in REASONS if known in reasons), *filter(None, [sound(note).strip()]))
    # To skip twice is to put it off twice; all else that is sent again is the same review.
    key = digest([turn, reviewer, decision, whole, given, seen, *([at] if decision == "skip" else [])])
    review = Review(f"v{key}", turn, reviewer, decision, whole, given, at)
    if decision == "undo" and review.id not in {one.id for one in before}:
        _check_own(before, reviewer)
    if not store.decide(review, seen):
        raise _conflict(store, turn, reviewer)
    return next(one for one in store.reviews([turn])[turn] if one.id == review.id)


def readable(store: Store, turn: str) -> Conversation:
    """The conversation of a turn that a reviewer may read now.

    Raises:
        NotConsented: they may not, for its speaker does not allow it.
        NotFound: it is not kept.
    """
    if found := store.ask(reviewing.under_review, [turn]).get(turn):
        return found
    if store.holds(turn):
        raise NotConsented("this answer is not up for review: its speaker does not allow it (any more), or asked again")
    raise NotFound(f"there is no answer {turn!r} here (any more): emmaus review --json lists those that wait")


def told(review: Review, reviewer: str = "") -> str:
    """Say in words who decided what, to this reviewer."""
    who = "you" if review.reviewer == reviewer else review.reviewer
    why = f" ({'; '.join(review.reasons)})" if review.reasons else ""
    return f"{who} {_DID[review.decision]}{why}"


def named(review: Review) -> str:
    """The reasons of the closed list, in words that hold nobody's text: they outlive what is forgotten."""
    return ", ".join(reason for reason in review.reasons if reason in REASONS)


def _check(decision: str, reasons: Collection[str], note: str, correction: str | None, turn: Turn) -> None:
    if decision not in _DID:
        raise BadInput(f"nothing can be decided as {decision!r}: choose from {', '.join(_DID)}")
    if unknown := sorted(set(reasons) - set(REASONS)):
        raise BadInput(f"{unknown[0]!r} is no reason: choose from {', '.join(REASONS)}, or say it as a note")
    if decision != "edit" and correction is not None:
        raise BadInput(f"an answer is written anew only to edit: leave it out, or decide 'edit', not {decision!r}")
    if decision == "edit" and not correction:
        raise BadInput("the edited answer is empty: write the answer that should have been given")
    if correction == turn.answer.strip():
        raise BadInput("the edited answer is the one that was given: change it, or accept it")
    for text in (note, correction or ""):
        check_length(text)


def _check_own(before: Sequence[Review], reviewer: str) -> None:
    """Refuse to take back what is not one's own, or what somebody else decided upon since."""
    left = standing_reviews(before)
    own = next((review for review in left if review.reviewer == reviewer), None)
    if own is None:
        raise BadInput("there is nothing of yours to take back here: decide about it")
    last = next((review for review in left if review.decision != "skip"), own)
    if own.decision != "skip" and last.id != own.id:
        raise Conflict(f"{told(last)} after you: only they can take that back, but you can decide anew")


def _conflict(store: Store, turn: str, reviewer: str) -> Conflict:
    latest = next((one for one in store.reviews([turn]).get(turn, ()) if one.decision != "skip"), None)
    if latest is None:
        return Conflict("what was decided about this answer is gone: look at it again, then decide")
    where = " in another window" if latest.reviewer == reviewer else " meanwhile"
    return Conflict(f"{told(latest, reviewer)}{where}: look at it again, then decide")
