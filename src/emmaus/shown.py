"""How an answer is shown: true words where it points, and beside it the passages that it stands on."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from emmaus.errors import BadInput
from emmaus.grounding.citations import Mending, pointers, repair
from emmaus.packs import Corpus
from emmaus.packs.quotations import plain
from emmaus.types import Passage, Turn

LONGEST_SHOWN = 8
"""Verses of a passage whose words are shown beside what stands on it; of a longer one the place alone is named."""
_CITED = re.compile("(\u201c[^\u201c\u201d]+\u201d) \\(([^()]{2,60})\\)")


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of an answer: the character's words, or a verse with its reference."""

    text: str
    reference: str = ""
    instead: str = ""
    """What the model had written where a verse's true words stand now; "" where nothing was set right."""
    own: bool = False
    """Whether the model had put these words as a quotation, and no verse says them."""
    whole: str = ""
    """The words of the whole passage, where there is a reference and the passage is not long."""
    translation: str = ""


@dataclass(frozen=True, slots=True)
class Stand:
    """A passage that stood before the character when they answered."""

    reference: str
    text: str
    """Empty where the passage is longer than `LONGEST_SHOWN` verses."""
    translation: str
    pointed: bool
    """Whether the answer points at it."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A turn as a reader sees it."""

    id: str
    question: str
    text: str
    """The whole answer as plain text."""
    parts: tuple[Part, ...]
    """The same in pieces, verses apart."""
    stands_on: tuple[Stand, ...]
    care: bool
    """Whether the program itself spoke, out of character."""


def helped(turn: Turn) -> Shown:
    """Show what the program itself said, word for word; no translation is needed."""
    return Shown(turn.id, turn.question, turn.answer, (Part(turn.answer),), (), True)


def bare(turn: Turn) -> Shown:
    """Show the words as they were written, where no translation can be read to check them by."""
    return Shown(turn.id, turn.question, turn.answer, (Part(turn.answer),), (), False)


def show(turn: Turn, corpus: Corpus, others: Sequence[Corpus] = ()) -> Shown:
    """Make a character's turn fit to be read: pointers get their words, misquotations are mended."""
    repaired = repair(turn.answer, corpus, corpus.found(turn.passages), others)
    pointed = list(dict.fromkeys(str(reference) for reference in pointers(turn.answer, corpus)))
    passages = [found for one in (*turn.passages, *pointed) if (found := passage(one, corpus))]
    wanted = {found.reference: found for found in passages}
    stands = (Stand(p.reference, p.text, p.translation, p.reference in pointed) for p in wanted.values())
    pieces = (piece for part in _parts(repaired.text) for piece in _told_apart(part, repaired.findings))
    parts = tuple(_with_passage(part, corpus) for part in pieces)
    return Shown(turn.id, turn.question, repaired.text, parts, tuple(stands), False)


def passage(reference: str, corpus: Corpus) -> Passage | None:
    """Give a passage as it is shown: a long one without its words; None where the corpus has none there."""
    try:
        place = corpus.parse(reference)
        if sum(1 for _ in corpus.expand(place)) > LONGEST_SHOWN:
            return Passage(str(place), "", corpus.translation)
        return corpus.get(place)
    except BadInput:
        return None


def _with_passage(part: Part, corpus: Corpus) -> Part:
    found = passage(part.reference, corpus) if part.reference else None
    return replace(part, whole=found.text, translation=found.translation) if found else part


def _parts(text: str) -> Iterable[Part]:
    end = 0
    for match in _CITED.finditer(text):
        if match.start() > end:
            yield Part(text[end : match.start()])
        yield Part(match[1], match[2])
        end = match.end()
    if end < len(text):
        yield Part(text[end:])


def _told_apart(part: Part, findings: Sequence[Mending]) -> Iterable[Part]:
    """Mark a verse whose words were set right, and words that were put as scripture and are none."""
    if part.reference:
        wrong = (f.text for f in findings if f.correction and plain(f.correction) == plain(part.text))
        yield replace(part, instead=next(wrong, ""))
        return
    text = part.text
    for finding in findings:
        words = finding.text.strip(_AROUND)
        before, found, after = text.partition(words)
        if finding.kind == "nonexistent" and finding.correction is None and words and found:
            yield from filter(lambda piece: piece.text, (Part(before), Part(found, own=True)))
            text = after
    if text:
        yield Part(text)


_AROUND = ' .,;:!?"\u201c\u201d'
