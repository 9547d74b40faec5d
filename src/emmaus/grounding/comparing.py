"""How the words of a quotation stand to the words of a place: the same, a part of them, changed, or others.

Compares with one stretch of verses at a time. Which stretches are worth comparing, `lookup` says. By modern forms of
words, and with what editors leave out; whether a pack's own files quote word for word, `packs.quotations` says.
"""

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal, TypeAlias

from emmaus.grounding.alignment import align
from emmaus.grounding.words import Quote, core
from emmaus.packs.concordance import Concordance
from emmaus.packs.spelling import Token, lovest

Likeness: TypeAlias = Literal["exact", "normalised", "partial", "altered", "other"]

ALTERED = 0.6
"""Share of a quotation's words that must stand in the verse, in order, to be that verse with changes."""
CLOSE = 0.78
"""The same, from which on the words may differ in any number of places: reworded ones differ nearly everywhere."""
LEAST = 0.4
"""Share of its words, in any order, below which a quotation is not from a place: no lower score counts."""
ELIDED = 4
"""Words in a row that may be left out at a pause without a mark, and the rest is still the verse in part."""
MOST_ALIGNED = 600
"""Words up to which a quotation is held against a place word by word; of longer ones whole phrases must stand there."""
_NEAR_NOT = 3
"""Words among which a "not" that is left out is missed by what follows them."""
_NOT = frozenset(["not", "no", "never", "neither", "nor", "none", "without"])
_RANK = {"exact": 4, "normalised": 3, "partial": 2, "altered": 1, "other": 0}
_PAUSE = re.compile(r"[,.;:!?\u2014)\u201d\u2019]")


@dataclass(frozen=True, slots=True)
class Match:
    """How a quotation stands to a stretch of a corpus."""

    likeness: Likeness
    score: float
    """Share of words that agree, in order, 0..1."""
    first: int
    """Number of the first verse that the words are of."""
    last: int
    span: tuple[int, int]
    """Tokens from the first of `first` that agree, counted through to `last`; the second is not included."""
    matched: tuple[str, ...] = ()
    """The words that agree."""
    verses: tuple[int, ...] = ()
    """The number of the verse of each."""

    @property
    def fine(self) -> bool:
        """Whether these are the true words."""
        return _RANK[self.likeness] > 1

    @property
    def order(self) -> tuple[int, float]:
        """What the better of two matches has more of."""
        return _RANK[self.likeness], self.score


class Stretch:
    """Verses of a corpus one after another, as words."""

    def __init__(self, corpus: Concordance, first: int, last: int) -> None:
        self.corpus, self.first, self.last = corpus, max(0, first), min(last, len(corpus) - 1)
        self.tokens: list[Token] = []
        self.verse: list[int] = []
        for number in range(self.first, self.last + 1):
            found = corpus.tokens(number)
            self.tokens += found
            self.verse += [number] * len(found)
        self._old = any(one.folded in ("thou", "thee") for one in self.tokens)
        self._flat = "".join(one.folded for one in self.tokens)
        self._at: dict[int, int] = {}
        at = 0
        for number, one in enumerate(self.tokens):
            self._at[at] = number
            at += len(one.folded)
        self._at[at] = len(self.tokens)
        self.keys = [key for one in self.tokens for key in one.keys]
        self.known = frozenset(self.keys)
        self.token_of = [number for number, one in enumerate(self.tokens) for _ in one.keys]

    def find(self, part: tuple[Token, ...], start: int = 0) -> tuple[int, int, bool] | None:
        """Find words one after another from token `start` on: first, end, whether only the old forms differ."""
        if len(part) > 2 and part[-1].folded == "the":  # before a name of God that was left out
            part = part[:-1]
        wanted = "".join(one.folded for one in part)
        offset = next((at for at, number in self._at.items() if number == start), len(self._flat))
        at = self._flat.find(wanted, offset)
        while at >= 0:
            if at in self._at and at + len(wanted) in self._at:
                return self._at[at], self._at[at + len(wanted)], False
            at = self._flat.find(wanted, at + 1)
        keys = self.adapted([key for one in part for key in one.keys])
        if not self.known.issuperset(keys):
            return None
        for place in range(len(self.keys) - len(keys) + 1):
            if self.token_of[place] >= start and self.keys[place : place + len(keys)] == keys:
                return self.token_of[place], self.token_of[place + len(keys) - 1] + 1, True
        return None

    def adapted(self, keys: list[str]) -> list[str]:
        """Write words in the old form that stands here, where only that differs: "love" for "lovest"."""
        here = self.known
        old = {lovest(key).removesuffix("e"): key for key in here if key.endswith("est")} if self._old else {}
        new = {key.removesuffix("e"): key for key in here} if "you" in here else {}
        return [
            key if key in here
            else old.get(key.removesuffix("e"), key) if not key.endswith("est")
            else new.get(lovest(key), key)
            for key in keys
        ]  # fmt: skip

    def words(self, start: int, end: int) -> str:
        """The text from token `start` up to token `end`, as it is printed."""
        pieces = []
        for number in range(self.verse[start], self.verse[end - 1] + 1):
            inside = [at for at in range(start, end) if self.verse[at] == number]
            text = self.corpus.texts[number]
            opening = 0 if inside and self._opens(inside[0]) else self.tokens[inside[0]].start if inside else 0
            closing = len(text) if inside and self._closes(inside[-1]) else self.tokens[inside[-1]].end if inside else 0
            pieces.append(text[opening:closing])
        return " ".join(pieces)

    def _opens(self, token: int) -> bool:
        return token == 0 or self.verse[token - 1] != self.verse[token]

    def _closes(self, token: int) -> bool:
        return token + 1 == len(self.tokens) or self.verse[token + 1] != self.verse[token]

    def whole(self, start: int, end: int) -> bool:
        """Tell whether tokens begin and end where verses do."""
        return self._opens(start) and self._closes(end - 1)

    def denied(self, end: int) -> bool:
        """Tell whether "not" ends what goes on at token `end`: "they die" is no part of "that they die not"."""
        return (
            end < len(self.tokens)
            and self.tokens[end].folded == "not"
            and not self.pauses(end)
            and self.pauses(end + 1)
        )

    def unsaid(self, first: int, after: int) -> bool:
        """Tell whether leaving out tokens `first` up to `after` takes a "not" away from what is kept around them.

        Any of up to three words does. Of more words only one of the last three does, where nothing parts it from what
        follows, or the first, where a pause follows it: a "not" further off denies what is left out itself.
        """
        nots = [at for at in range(first, after) if not _NOT.isdisjoint(self.tokens[at].keys)]
        if not nots or after - first <= _NEAR_NOT:
            return bool(nots)
        near = nots[-1] >= after - _NEAR_NOT and not any(map(self.pauses, range(nots[-1] + 1, after + 1)))
        return near or self.denied(first)

    def pauses(self, token: int) -> bool:
        """Tell whether there is a pause right before a token."""
        if token >= len(self.tokens) or self._opens(token):
            return True
        before, here = self.tokens[token - 1], self.tokens[token]
        return bool(_PAUSE.search(self.corpus.texts[self.verse[token]][before.end : here.start]))


def compare(quote: Quote, stretch: Stretch) -> Match:
    """Tell how a quotation stands to a stretch of verses."""
    spots: list[tuple[int, int, bool]] = []
    at = 0
    for part in quote.parts:
        spot = stretch.find(part, at)
        if spot is None and len(quote.keys) > MOST_ALIGNED:
            return Match("other", 0.0, stretch.first, stretch.first, (0, 1))
        if spot is None:
            return _aligned(quote, stretch)
        spots.append(spot)
        at = spot[1]
    start, end = spots[0][0], spots[-1][1]
    likeness: Likeness = "partial"
    if stretch.denied(end):
        likeness, end = "altered", end + 1
    elif any(stretch.unsaid(before[1], after[0]) for before, after in pairwise(spots)) or (
        len(spots) > 1 and not stretch.pauses(start) and stretch.unsaid(start - 1, start)
    ):  # "Let ... your heart be troubled" where it is "Don't let your heart be troubled"
        likeness = "altered"
    elif stretch.whole(start, end) and len(spots) == 1:
        same = core(stretch.words(start, end)) == quote.text
        likeness = "exact" if same else "normalised"
    verses = tuple(stretch.verse[token] for first, after, _ in spots for token in range(first, after))
    return _match(stretch, likeness, 1.0 if likeness != "altered" else 0.9, start, end, quote.keys, verses)


def _match(
    stretch: Stretch,
    likeness: Likeness,
    score: float,
    start: int,
    end: int,
    matched: tuple[str, ...],
    verses: tuple[int, ...],
) -> Match:
    first, last = stretch.verse[start], stretch.verse[end - 1]
    origin = stretch.verse.index(first)
    return Match(likeness, score, first, last, (start - origin, end - origin), matched, verses)


def _aligned(quote: Quote, stretch: Stretch) -> Match:
    keys = stretch.adapted(list(quote.keys))
    if sum(key in stretch.known for key in keys) < LEAST * len(keys):
        return Match("other", 0.0, stretch.first, stretch.first, (0, 1))
    pairs = _elided(keys, stretch) or align(keys, stretch.keys)
    agreed = [(q, t) for q, t in pairs if t is not None and q is not None and keys[q] == stretch.keys[t]]
    if not agreed:
        return Match("other", 0.0, stretch.first, stretch.first, (0, 1))
    used = [t for _, t in pairs if t is not None]
    start, end = stretch.token_of[min(used)], stretch.token_of[max(used)] + 1
    gaps = _gaps(pairs, quote, stretch)
    changed = sum(1 for q, t in pairs if q is not None and (t is None or keys[q] != stretch.keys[t]))
    missing = sum(size for size, elided in gaps if not elided)
    score = len(agreed) / (len(keys) + missing)
    words = tuple(keys[q] for q, _ in agreed)
    verses = tuple(stretch.verse[stretch.token_of[t]] for _, t in agreed)
    if not changed and not missing:
        return _match(stretch, "partial", 1.0, start, end, words, verses)
    likeness: Likeness = "altered" if _altered(keys, pairs, agreed, score, stretch) else "other"
    return _match(stretch, likeness, score, start, end, words, verses)


def _altered(keys: list[str], pairs: Any, agreed: Any, score: float, stretch: Stretch) -> bool:
    if len(keys) < 4:
        return score >= 0.5 and len(stretch.keys) <= 12
    places = _changes(keys, pairs, stretch)
    if score >= ALTERED and (score >= CLOSE or places <= 2):
        return True
    longest = _longest_insertion(pairs)
    if len(agreed) >= 5 and len(agreed) >= 0.85 * (len(keys) - longest):  # a clause was added
        return score >= 0.45
    bag = len(stretch.known.intersection(keys)) / len(set(keys))
    run = _longest_run(agreed)  # clauses in another order
    return bag >= 0.92 and len(keys) >= 6 and score >= 0.4 and run >= 3


def _changes(keys: list[str], pairs: list[tuple[int | None, int | None]], stretch: Stretch) -> int:
    """In how many places words differ."""
    same = [q is not None and t is not None and keys[q] == stretch.keys[t] for q, t in pairs]
    return sum(1 for here, before in zip(same, [True, *same], strict=False) if before and not here)


def _longest_insertion(pairs: list[tuple[int | None, int | None]]) -> int:
    best = now = 0
    for q, t in pairs:
        now = now + 1 if q is not None and t is None else 0
        best = max(best, now)
    return best


def _longest_run(agreed: list[tuple[int, int]]) -> int:
    best = now = 1
    for (q, t), (p, s) in zip(agreed[1:], agreed, strict=False):
        now = now + 1 if q == p + 1 and t == s + 1 else 1
        best = max(best, now)
    return best


def _gaps(pairs: list[tuple[int | None, int | None]], quote: Quote, stretch: Stretch) -> list[tuple[int, bool]]:
    """List what the quotation leaves out within: how many words, and whether it may."""
    gaps: list[tuple[int, bool]] = []
    run: list[int] = []
    for q, t in pairs:
        if q is None and t is not None:
            run.append(t)
            continue
        if run and q is not None:
            marked = q in quote.breaks
            first, after = stretch.token_of[run[0]], stretch.token_of[run[-1]] + 1
            paused = len(run) >= ELIDED and (stretch.pauses(first) or stretch.pauses(after))
            gaps.append((len(run), (marked or paused) and not stretch.unsaid(first, after)))
        run = []
    return gaps


def _elided(wanted: list[str], stretch: Stretch) -> list[tuple[int | None, int | None]] | None:
    """Pair words as `align` does where they are the text without a piece of its middle, at pauses if it can be."""
    have = stretch.keys
    best: tuple[bool, int, int, int] | None = None
    fronts = [(place, _run(wanted, have, place, 1)) for place, word in enumerate(have) if word == wanted[0]]
    backs = [(place, _run(wanted, have, place, -1)) for place, word in enumerate(have) if word == wanted[-1]]
    for start, front in fronts:
        for end, back in backs:
            gap = end - start + 1 - len(wanted)
            verse = stretch.verse[stretch.token_of[start]]
            if front + back < len(wanted) or gap <= 0 or stretch.verse[stretch.token_of[end]] != verse:
                continue
            for cut in range(max(1, len(wanted) - back), min(front, len(wanted) - 1) + 1):
                edges = stretch.token_of[start + cut], stretch.token_of[start + cut + gap - 1] + 1
                option = (not all(map(stretch.pauses, edges)), gap, start, cut)
                best = option if best is None or option < best else best
    if best is None:
        return None
    _, gap, start, cut = best
    pairs: list[tuple[int | None, int | None]] = [(q, start + q) for q in range(cut)]
    pairs += [(None, start + cut + skipped) for skipped in range(gap)]
    return pairs + [(q, start + gap + q) for q in range(cut, len(wanted))]


def _run(wanted: list[str], have: list[str], place: int, step: int) -> int:
    """How many words agree from a place on, forwards from the first or backwards from the last."""
    q, many = (0, 0) if step > 0 else (len(wanted) - 1, 0)
    while 0 <= q < len(wanted) and 0 <= place < len(have) and wanted[q] == have[place]:
        q, place, many = q + step, place + step, many + 1
    return many
