"""What is said of an answer in the end. Whatever uses ratings goes by this one rule: what is learned, what is recalled.

Knows nothing of tables.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from emmaus.types import Rating, Scope


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
