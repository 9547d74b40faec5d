"""The true words that are shown for a verse with changes: whole clauses, of the verse that was meant.

Which verse that is, and in which translation, `verification` says.
"""

from collections import Counter
from collections.abc import Set
from dataclasses import replace

from emmaus.grounding.comparing import Match, Stretch
from emmaus.grounding.marks import balanced
from emmaus.packs.concordance import Concordance

_SAME_VERSE = 0.6
_REST = 4
"""Words of a verse that are not left over."""
_FEW = 2
"""Words that agree by chance with a verse beside the one that was meant."""
_CLAUSE = 3
"""Words below which a clause says too little, and the verse is shown."""
_HANGING = frozenset(
    [
        "a", "an", "the", "and", "or", "but", "nor", "for", "of", "to", "in", "on", "at", "by", "with", "from", "into",
        "unto", "upon", "as", "than", "that", "which", "who", "whom", "whose", "is", "are", "was", "were", "be", "been",
        "am", "art", "shall", "will", "should", "would", "may", "might", "can", "could", "must", "do", "does", "did",
        "doth", "has", "have", "had", "hath", "hast", "shalt", "wilt", "my", "your", "our", "their", "its", "thy",
    ]
)  # fmt: skip
"""Words after which a sentence goes on."""


def within(match: Match, index: Concordance, cited: Set[int]) -> Match:
    """Keep to the verses that were meant: of those cited if any is among them, those with more than a few words."""
    many = Counter(match.verses)
    inside = [verse for verse in many if verse in cited] or list(many)
    meant = [v for v in inside if many[v] > _FEW or 2 * many[v] >= len(index.tokens(v))] or [max(inside, key=many.get)]  # type: ignore[arg-type]
    first, last = min(meant), max(meant)
    before = sum(len(index.tokens(verse)) for verse in range(match.first, first))
    most = sum(len(index.tokens(verse)) for verse in range(first, last + 1))
    start, end = max(0, match.span[0] - before), min(most, match.span[1] - before)
    return replace(match, first=first, last=last, span=(start, end))


def clause(match: Match, index: Concordance) -> str:
    """Give the words that agree as far as the clauses go that they are of, or the verse where little else is in it."""
    stretch = Stretch(index, match.first, match.last)
    start, end = match.span
    most = len(stretch.tokens)
    if not _nearly(end - start, most):
        while not stretch.pauses(start):
            start -= 1
        while end < most and (not stretch.pauses(end) or stretch.tokens[end - 1].folded in _HANGING):
            end += 1
    if end - start < _CLAUSE or _nearly(end - start, most):
        return stretch.words(0, most)
    return balanced(stretch.words(start, end))


def _nearly(many: int, most: int) -> bool:
    """Tell whether so many words are nearly all."""
    return many >= _SAME_VERSE * most or most - many <= _REST
