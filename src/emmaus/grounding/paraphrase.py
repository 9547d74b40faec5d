"""Whether words mean what a verse says, though in other words: a rough measure, by the stems that both have."""

from collections.abc import Iterable
from functools import cache, lru_cache
from importlib.resources import files

from emmaus.grounding.english import stop_words
from emmaus.packs.spelling import WORD, folded

_ENDINGS: tuple[str, ...] = tuple(
    [
        "ations", "ation", "ingly", "ities", "ness", "ings", "eth", "edst", "est", "ing", "ies", "ied",
        "ity", "ful", "ed", "es", "er", "ly", "s", "e", "y",
    ]
)  # fmt: skip


_EVERYWHERE = frozenset({"lord", "god", "jesus", "christ", "king", "israel", "said"})


@cache
def _groups() -> dict[str, int]:
    lines = files("emmaus.grounding").joinpath("meanings.txt").read_text("utf-8").splitlines()
    found: dict[str, int] = {}
    for number, line in enumerate(line for line in lines if not line.startswith("#")):
        for word in line.split():
            found.setdefault(_stem(word), number)
    return found


def _stem(word: str) -> str:
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word[: -len(ending)]
            break
    return word[:-1] if len(word) > 3 and word[-1] == word[-2] else word


@lru_cache(maxsize=50_000)
def _read(word: str) -> tuple[str, int] | None:
    """The stem of a word, and the number of its meaning; None where it says nothing."""
    lower = word.lower().replace("\u2019", "'")
    if (lower in stop_words() and lower not in _SAYING) or len(lower) < 2:
        return None
    stem = _stem(folded(word))
    return stem, _groups().get(stem, -1)


_SAYING = frozenset(
    [
        "all", "every", "everything", "nothing", "man", "men", "people", "person", "begin", "began",
        "beginning", "good", "well", "give", "gave", "make", "made", "near", "last", "keep", "help",
        "find", "found", "need", "want", "work", "life", "live", "time", "day", "right", "word",
        "words", "know", "speak", "say", "heart", "time", "one", "once",
    ]
)  # fmt: skip


def contents(text: str) -> frozenset[tuple[str, int]]:
    """The words of a text that say something: stem and number of meaning."""
    return frozenset(one for match in WORD.finditer(text) if (one := _read(match[0])))


def overlap(quote: Iterable[tuple[str, int]], verse: Iterable[tuple[str, int]]) -> tuple[float, float]:
    """Share of what a quotation says that a verse says too, 0..1, and how many words that is.

    The same word counts one, another of the same meaning seven tenths.
    """
    wanted, have = set(quote), set(verse)
    stems, meanings = {stem for stem, _ in have}, {number for _, number in have if number >= 0}
    weights = {one: 0.4 if one[0] in _EVERYWHERE else 1.0 for one in wanted}
    shared = sum(
        weight * (1.0 if stem in stems else 0.7 if number in meanings else 0.0)
        for (stem, number), weight in weights.items()
    )
    return (shared / sum(weights.values()) if wanted else 0.0), shared
