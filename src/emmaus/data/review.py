"""The review queue: what waits for a reviewer's eyes, the most doubtful first, and never what they may not read."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from emmaus.data.decisions import readable
from emmaus.data.generate import Drawing
from emmaus.feedback import BY_RATING
from emmaus.store import Store, reviewing
from emmaus.store.reviewing import Reviewable
from emmaus.store.standing import decision, standing, standing_reviews, version_of
from emmaus.types import Conversation, Finding, Rating, Review, Scope, Score, Source, Turn

THRESHOLD = Drawing().minimum
"""The score from which an answer is learned: close to it a score decides, and can be wrong, most easily."""
LISTED = 20
"""Answers that are listed where nobody says how many."""
NEAR = 0.1
"""Distance from the threshold within which a score is said to be close to it."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What one reader said of an answer, without who they are."""

    value: int
    flag: bool
    reasons: tuple[str, ...]
    """Their words, oldest first; empty where they do not allow review."""
    correction: str | None
    """The answer that they wanted; None also where they do not allow review."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """An answer as a reviewer gets it, with all that helps to judge it."""

    conversation: str
    character: str
    source: Source
    topic: str
    history: tuple[Turn, ...]
    """What was said before, oldest first."""
    turn: Turn
    score: Score | None
    """The latest, with its criteria."""
    ratings: tuple[Heard, ...]
    findings: tuple[str, ...]
    """What checks found against the answer."""
    flagged: bool
    """Whether a reader flagged it, and nobody has decided since."""
    why: str
    """Why it is in the queue, in a sentence."""
    decided: Review | None
    """What holds now, if it was decided."""
    version: str
    """Id of the latest review that changed anything; "" for none. Who decides says which one they saw."""


@dataclass(frozen=True, slots=True)
class Reviewed:
    """How far the review of one character is, in answers."""

    character: str
    waiting: int
    flagged: int
    """How many of those that wait."""
    accepted: int
    edited: int
    rejected: int


def queue(store: Store, characters: Collection[str], reviewer: str, *, limit: int | None = None) -> tuple[Waiting, ...]:
    """List what waits for review, at most `limit` of it.

    Flagged answers come first, then by doubt: how close the score is to `THRESHOLD`, and how far a reader's thumb is
    from it. What this reviewer skipped comes last. A decided answer waits no more, until that is taken back or a
    reader flags it anew. One that was flagged waits also where it was asked again since.
    """
    # Of what nobody spoke of, only its score decides its place: the store sorts that, however much there is.
    found = store.ask(reviewing.reviewable, characters, without=BY_RATING, near=THRESHOLD, most=limit)
    waiting = [one for one in found if _waits(one)]
    waiting.sort(key=lambda one: _place(one, reviewer))
    return _told(store, waiting[:limit])


def waiting(store: Store, turn: str) -> Waiting:
    """One answer as it stands now, whether or not it waits.

    Raises:
        NotConsented: a reviewer may not read it.
        NotFound: it is not kept.
    """
    spoken = readable(store, turn)
    score = _latest(store.scores([turn])[turn])
    ratings, reviews = store.ratings([turn])[turn], store.reviews([turn])[turn]
    value = score.value if score else None
    held = store.conversation_of(turn)
    replaced = held is None or all(one.id != turn for one in held.turns)
    one = Reviewable(turn, spoken.character, spoken.source, value, tuple(ratings), tuple(reviews), replaced)
    return _waiting(one, spoken, score, store.consents())


def reviewed(store: Store, characters: Collection[str]) -> tuple[Reviewed, ...]:
    """Count what waits and what was decided, of each of these characters."""
    counts: dict[str, Counter[str]] = {slug: Counter() for slug in characters}
    for one in store.ask(reviewing.reviewable, characters, without=BY_RATING, most=0):
        count, holding = counts[one.character], decision(one.reviews)
        count[holding.decision if holding else "none"] += 1
        count["done"] += not _waits(one)
        count["flagged"] += _flags(one) > 0
    every = store.ask(reviewing.readable_turns, characters)
    return tuple(
        Reviewed(slug, every[slug] - n["done"], n["flagged"], n["accept"], n["edit"], n["reject"])
        for slug, n in counts.items()
    )


def _waits(one: Reviewable) -> bool:
    return not one.reviews or decision(one.reviews) is None or _flags(one) > 0


def _flags(one: Reviewable) -> int:
    """How many flags nobody has decided upon."""
    holding = decision(one.reviews)
    return sum(rating.flag for rating in one.ratings if holding is None or rating.at > holding.at)


def _place(one: Reviewable, reviewer: str) -> tuple[float, ...]:
    """Where it comes in the queue: the smallest first."""
    mine = next((review for review in standing_reviews(one.reviews) if review.reviewer == reviewer), None)
    if mine and mine.decision == "skip" and not any(r.flag and r.at > mine.at for r in one.ratings):
        return (1, mine.at)
    return (0, not _flags(one), -_doubt(one))


def _doubt(one: Reviewable) -> float:
    """How little is known of an answer, 0..2.

    A score counts by its distance from the threshold, and no score is as open as one at it. A thumb counts by its
    distance from the score; whoever wrote another answer did not like this one. Readers who disagree are as far apart
    as can be.
    """
    likes, dislikes = _thumbs(one.ratings)
    closeness = 1.0 if one.value is None else 1 - abs(one.value - THRESHOLD)
    if likes and dislikes:
        return closeness + 1
    if one.value is None or not (likes or dislikes):
        return closeness
    return closeness + (1 - one.value if likes else one.value)


def _thumbs(ratings: Iterable[Rating]) -> tuple[int, int]:
    """How many readers like an answer, and how many do not."""
    held = standing(ratings)
    against = sum(rating.value == -1 or rating.correction is not None for rating in held)
    return sum(rating.value == 1 and rating.correction is None for rating in held), against


def _told(store: Store, chosen: Sequence[Reviewable]) -> tuple[Waiting, ...]:
    """Read what was chosen; what may not be read since is left out."""
    conversations = store.ask(reviewing.under_review, [one.turn for one in chosen])
    scores, consents = store.scores(conversations), store.consents()
    return tuple(
        _waiting(one, conversations[one.turn], _latest(scores[one.turn]), consents)
        for one in chosen
        if one.turn in conversations
    )


def _waiting(
    one: Reviewable, spoken: Conversation, score: Score | None, consents: Mapping[str, frozenset[Scope]]
) -> Waiting:
    place = next(number for number, turn in enumerate(spoken.turns) if turn.id == one.turn)
    turn = spoken.turns[place]
    return Waiting(
        conversation=spoken.id,
        character=one.character,
        source=one.source,
        topic=spoken.topic,
        history=spoken.turns[:place],
        turn=turn,
        score=score,
        ratings=_heard(one.ratings, consents),
        findings=score.findings if score else tuple(map(_sentence, turn.findings)),
        flagged=_flags(one) > 0,
        why=_why(one),
        decided=decision(one.reviews),
        version=version_of(one.reviews),
    )


def _latest(scores: Iterable[Score]) -> Score | None:
    """The latest score that is no thumb."""
    return next((score for score in scores if score.value is not None and score.rubric != BY_RATING), None)


def _heard(ratings: Sequence[Rating], consents: Mapping[str, frozenset[Scope]]) -> tuple[Heard, ...]:
    """What each reader says in the end. What they wrote is theirs, whoever the conversation belongs to."""
    heard = []
    for held in standing(ratings):
        words = [rating.reason for rating in reversed(ratings) if rating.subject == held.subject and rating.reason]
        if Scope.REVIEW in consents.get(held.subject, frozenset()):
            heard.append(Heard(held.value, held.flag, tuple(dict.fromkeys(words)), held.correction))
        elif held.value or held.flag:
            heard.append(Heard(held.value, held.flag, (), None))
    return tuple(heard)


def _sentence(finding: Finding) -> str:
    return f"{finding.check}: {finding.text}{f' ({finding.detail})' if finding.detail else ''}"


def _why(one: Reviewable) -> str:
    holding = decision(one.reviews)
    if _flags(one):
        reviewed, again = " after it was reviewed" * bool(holding), ", and it was asked again since" * one.replaced
        return f"A reader flagged it{reviewed}{again}."
    if holding:
        return "It was reviewed."
    likes, dislikes = _thumbs(one.ratings)
    if likes and dislikes:
        return "Readers disagree about it."
    if one.value is None:
        return "Nothing has scored it yet."
    said = f"its score is {one.value:.2f}"
    if dislikes and one.value >= THRESHOLD:
        return f"A reader did not like it, but {said}."
    if likes and one.value < THRESHOLD:
        return f"A reader liked it, but {said}."
    if abs(one.value - THRESHOLD) <= NEAR:
        return f"Its score of {one.value:.2f} is close to the {THRESHOLD:.2f} that decides."
    return f"{'It was generated' if one.source is Source.SYNTHETIC else 'Nobody has reviewed it yet'}; {said}."
