"""What is said of an answer in the end. Whatever uses ratings and reviews goes by this one rule: learning, recalling.

Knows nothing of tables.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from emmaus.types import Rating, Review, Scope


@dataclass(frozen=True, slots=True)
class Said:
    """What readers and reviewers say of one answer in the end."""

    liked: bool
    """Whether somebody likes or corrects it, or a reviewer accepted or edited it."""
    correction: str | None
    """The answer that stands in place of the one that was given."""
    objections: tuple[Rating, ...]
    """What readers have against it, and nobody has answered."""
    rejected: Review | None
    """The review by which it is not to be used."""


def said_of(
    ratings: Iterable[Rating],
    reviews: Iterable[Review],
    consents: Mapping[str, frozenset[Scope]],
    needed: frozenset[Scope],
) -> Said:
    """Weigh all ratings and all reviews of one turn, each latest first.

    What a reviewer decided answers all that readers said before. After an acceptance they are heard again; an edited
    answer none of them has seen; a rejection holds until it is taken back. Corrections count as `allowed_standing`
    says, also where a reviewer took over a reader's very words.
    """
    every, holding = list(ratings), decision(reviews)
    if holding is not None and holding.decision != "accept":
        theirs = {r.correction for r in every if not consents.get(r.subject, frozenset()) >= needed}
        usable = holding.decision == "edit" and holding.correction not in theirs
        return Said(usable, holding.correction if usable else None, (), None if usable else holding)
    later = every if holding is None else [rating for rating in every if rating.at > holding.at]
    held = allowed_standing(later, consents, needed)
    correction = next((rating.correction for rating in held if rating.correction), None)
    liked = holding is not None or correction is not None or any(rating.value > 0 for rating in held)
    return Said(liked, correction, tuple(objections(held)), None)


def standing_reviews(reviews: Iterable[Review]) -> list[Review]:
    """What reviewers decided about one turn and did not take back, latest first, as the reviews are given.

    Each undo takes back the latest of its reviewer's decisions before it that still stands.
    """
    undone: Counter[str] = Counter()
    left = []
    for review in reviews:
        if review.decision == "undo":
            undone[review.reviewer] += 1
        elif undone[review.reviewer]:
            undone[review.reviewer] -= 1
        else:
            left.append(review)
    return left


def decision(reviews: Iterable[Review]) -> Review | None:
    """Return the decision that holds, of all reviews of one turn, latest first. To skip is to decide nothing."""
    return next((review for review in standing_reviews(reviews) if review.decision != "skip"), None)


def version_of(reviews: Iterable[Review]) -> str:
    """Return the id of the latest review, of all of one turn, latest first, that changed anything; "" for none."""
    return next((review.id for review in reviews if review.decision != "skip"), "")


def standing(ratings: Iterable[Rating]) -> list[Rating]:
    """What each person says of one turn in the end, from all ratings of it, latest first.

    The latest thumb and the latest correction hold, whichever of the two was given first, and a flag stays. A rating
    with no thumb, flag or correction takes the thumb back; one that also gives no reason takes the correction back too.
    """
    said: dict[str, list[Rating]] = {}
    for rating in ratings:
        said.setdefault(rating.subject, []).append(rating)
    return [_merged(given) for given in said.values()]


def allowed_standing(
    ratings: Iterable[Rating], consents: Mapping[str, frozenset[Scope]], needed: frozenset[Scope]
) -> list[Rating]:
    """What `standing` gives, without the corrections of people who do not allow all that is `needed` now.

    A correction is the words of the person who wrote it, whoever the conversation belongs to.
    """
    return [
        rating if consents.get(rating.subject, frozenset()) >= needed else replace(rating, correction=None)
        for rating in standing(ratings)
    ]


def objections(said: Sequence[Rating]) -> list[Rating]:
    """Those that speak against an answer, of what stands. A correction answers them all, also somebody else's."""
    return [] if any(r.correction for r in said) else [r for r in said if r.value == -1 or r.flag]


def says_nothing(rating: Rating) -> bool:
    """Whether a rating has no thumb, flag, reason or correction."""
    return not (rating.value or rating.flag or rating.reason or rating.reasons or rating.correction)


def _merged(given: Sequence[Rating]) -> Rating:
    thumbs = [rating.value for rating in given if rating.value or not (rating.flag or rating.correction)]
    corrections = [rating.correction for rating in given if rating.correction or says_nothing(rating)]
    return replace(
        given[0],
        value=thumbs[0] if thumbs else 0,
        flag=any(rating.flag for rating in given),
        correction=corrections[0] if corrections else None,
    )
