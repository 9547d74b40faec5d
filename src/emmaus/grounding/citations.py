"""Pointers and quotations in an answer: found, checked, and turned into what a reader may see.

A model points at passages, `[Psalm 23:1]`; their words come from the corpus and from nowhere else.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from emmaus.errors import BadInput
from emmaus.grounding.marks import balanced
from emmaus.grounding.quotation import Kind, Quotation
from emmaus.grounding.quoted import quoted
from emmaus.grounding.verification import verify
from emmaus.packs.corpus import Corpus
from emmaus.packs.pointers import MOST_VERSES, OPENED, POINTER, pointed
from emmaus.packs.quotations import QUOTED, plain
from emmaus.packs.references import Reference
from emmaus.types import Passage

_Edit: TypeAlias = tuple[int, int, str]
_MARKS = '"\u201c\u201d\u201e'
_LOW = re.compile("\u201e([^\u201c-\u201e]*)[\u201c\u201d]")
"""A quotation whose first mark stands low, as in German."""
_LABEL = re.compile(r"[,;]? ?[A-Z]{2,5}(?=[)\]])")
"""The name of a translation after a reference."""
_JUST_QUOTED = re.compile('[\u201c"]([^\u201c\u201d"]+)[\u201d"][\\s.,:;]*$')
_EMPTY = re.compile(r"\(\s*\)|\[\s*\]")
_ELLIPSIS = re.compile(r"[\s.\u2026]+")
_LINK = re.compile(r"\((?:\w+:|www\.|[/#])")

_PASSES = 8
"""Times that a text is smoothed at most, beside once for each bracket in it."""
OWN_WORDS = "in my own words"
"""What stands behind words that were put as scripture and are not."""


@dataclass(frozen=True, slots=True)
class Mending:
    """Something about how an answer cites that a reader should know, and what was done about it."""

    kind: Kind
    """"altered", "wrong_reference", "nonexistent", or "paraphrase", which is no fault."""
    reference: str
    """Where the words that were meant truly stand; else the reference as given; "" where there is none."""
    text: str
    """The piece of the answer: the quoted words, or the reference to nowhere."""
    correction: str | None = None
    """The true words, or the true reference; None where it is not clear what was meant."""
    shown: str = ""
    """What a reader sees in its place; "" where it is taken away."""


@dataclass(frozen=True, slots=True)
class Repaired:
    """An answer that a reader may see, and what had to be mended in it."""

    text: str
    findings: tuple[Mending, ...]


def pointers(answer: str, corpus: Corpus) -> tuple[Reference, ...]:
    """List the passages that an answer points at, in order; pointers to nowhere are left out."""
    return tuple(place for match in _pointers(answer, corpus) for place in _places(match, corpus))


def insert(answer: str, corpus: Corpus) -> str:
    """Put the words of the corpus where the answer points: `[Psalm 23:1]` becomes \u201cwords\u201d (Psalm 23:1).

    A pointer to nowhere is removed. One at more than three verses is named without its words, and one that follows its
    own words is named only.
    """
    return _until_same(answer, lambda text: _smoothed(OPENED.sub("", _filled(text, corpus))))


def check(
    answer: str, corpus: Corpus, passages: Sequence[Passage] = (), others: Sequence[Corpus] = ()
) -> tuple[Mending, ...]:
    """Find what is wrong with an answer's references and quotations.

    `passages` are those that stood in the prompt: what comes without a reference is looked for there first. The words
    of `others` are as true as those of `corpus`.
    """
    return repair(answer, corpus, passages, others).findings


def repair(answer: str, corpus: Corpus, passages: Sequence[Passage] = (), others: Sequence[Corpus] = ()) -> Repaired:
    """Make an answer fit to be read, and say what was wrong with it.

    Words that are nearly a verse become its true words with its reference, and a wrong reference the true one. What is
    put as scripture and is none, or is a verse reworded, loses its marks and is said to be in the speaker's own words.
    Everyday words keep their marks. Pointers get their words; pointers and references to nowhere are removed.
    """
    places = pointers(answer, corpus)
    near = [*(found for passage in passages if (found := _parsed(passage.reference, corpus))), *places]
    known = {str(reference) for reference in places}
    findings: list[Mending] = []
    edits: list[_Edit] = []
    for one in verify(answer, [corpus, *others], near):
        if one.bad or one.kind == "paraphrase":
            finding, mended = _mended(answer, one, [corpus, *others], known)
            findings.append(finding)
            edits += mended
    findings += _astray(answer, corpus, edits)
    text = answer
    for start, end, words in sorted(edits, reverse=True):
        text = text[:start] + words + text[end:]
    # The marks once more, because an open bracket takes what follows it away, a closing mark with it.
    text = _until_same(text, lambda text: _lone_marks_gone(insert(_marked(text), corpus)))
    return Repaired(text, tuple(findings))


def _astray(answer: str, corpus: Corpus, edits: Sequence[_Edit]) -> Iterator[Mending]:
    """Find pointers to nowhere that stand apart from any quotation."""
    for match in _pointers(answer, corpus):
        if any(start < match.end() and match.start() < end for start, end, _ in edits):
            continue
        for one in pointed(match[1], corpus.canon):
            if not one.places:
                yield Mending("nonexistent", one.text, match[0])


def _mended(answer: str, one: Quotation, corpora: Sequence[Corpus], pointed: set[str]) -> tuple[Mending, list[_Edit]]:
    """Say what is wrong with one quotation and what to write instead."""
    start, end = _outer(answer, one)
    if not one.text:
        return Mending("nonexistent", one.reference, one.given), [(*_bracketed(answer, one.cited, "("), "")]
    words, place = f"\u201c{_inner(one.text)}\u201d", one.place
    if one.kind == "paraphrase" or not place:
        return _own(answer, one, start, end)
    if one.kind == "nonexistent":
        again = next(iter(verify(f"\u201c{one.text}\u201d ({place})", corpora)), one)
        if again.bad or again.kind == "paraphrase":
            true = again.correction if again.kind == "altered" and again.correction else _true_words(one, corpora)
            words = f"\u201c{_inner(true)}\u201d"
    elif one.kind == "altered" and one.correction:
        words = f"\u201c{_inner(one.correction)}\u201d"
    if not one.given and place not in pointed:
        words = f"{words} ({place})"
    edits = list(_recited(answer, one, corpora[0])) if one.given else []
    shown = words if one.kind != "wrong_reference" else place
    if one.kind != "wrong_reference":
        edits.append((start, end, words))
    return Mending(one.kind, place, one.text, one.correction, shown), edits


def _recited(answer: str, one: Quotation, corpus: Corpus) -> Iterator[_Edit]:
    """Put the true reference in the place of the one given, without the name of a translation that no longer fits."""
    wrong = one.reference != one.place and not _holds(corpus, one.reference, one.place)
    pointer = _bracketed(answer, one.cited, "[") if one.kind == "altered" else one.cited
    if pointer != one.cited:  # its words are shown already, maybe in another translation
        yield (*pointer, f"({one.place if wrong else one.given})")
        return
    if wrong:
        yield (*one.cited, one.place)
    label = _LABEL.match(answer, one.cited[1])
    if label and one.kind in ("nonexistent", "altered"):
        yield (*label.span(), "")


def _true_words(one: Quotation, corpora: Sequence[Corpus]) -> str:
    """Give the words of a place in the translation that it was found in."""
    known = sorted(corpora, key=lambda corpus: corpus.translation != one.translation)
    return next(passage.text for corpus in known for passage in corpus.found([one.place]))


def _own(answer: str, one: Quotation, start: int, end: int) -> tuple[Mending, list[_Edit]]:
    """Take the marks from words that are no scripture, and say whose they are."""
    words = _inner(one.text)
    exists = one.kind == "paraphrase" or (one.given and one.reference and one.osis != "")
    note = OWN_WORDS
    edits: list[_Edit] = []
    if one.given:
        around = _bracketed(answer, one.cited, "(")
        if around != one.cited and start <= around[0] - 3 <= end and exists:
            note = f"{OWN_WORDS}; compare {one.reference}"
            edits.append((*around, ""))
        elif not exists:
            edits.append((*_bracketed(answer, one.cited, "(["), ""))
    bare = words.rstrip(" .,;:")
    tail = words[len(bare) :].strip() or ""
    shown = f"{bare} ({note}){tail}"
    return Mending(one.kind, one.reference, one.text, None, shown), [*edits, (start, end, shown)]


def _holds(corpus: Corpus, reference: str, place: str) -> bool:
    """Tell whether a reference has something of a place."""
    try:
        return bool(set(corpus.expand(place)) & {v for part in reference.split(";") for v in corpus.expand(part)})
    except BadInput:
        return False


def _outer(answer: str, one: Quotation) -> tuple[int, int]:
    """Where quoted words stand with their marks."""
    opening = re.search(r"[\"\u201c\u2018'\u00ab\u201e`]{1,2}$", answer[: one.start])
    closing = re.match(r"[\"\u201d\u2019'\u00bb\u201c]{1,2}", answer[one.end :])
    if opening and closing:
        return opening.start(), one.end + closing.end()
    return one.start, one.end


def _bracketed(answer: str, span: tuple[int, int], brackets: str) -> tuple[int, int]:
    """A reference with the brackets right around it, if it has any of these."""
    before = re.search(rf"[{re.escape(brackets)}](?:see |cf\.? )?$", answer[: span[0]])
    after = re.match(r"(?:[,;]? ?[A-Z]{2,5})?[)\]]", answer[span[1] :])
    return (before.start(), span[1] + after.end()) if before and after else span


def _until_same(text: str, change: Callable[[str], str]) -> str:
    """Change a text until it stays as it is: brackets stand within brackets, and marks open anew where others went."""
    for _ in range(_PASSES + text.count("[")):
        before, text = text, change(text)
        if text == before:
            break
    return text


def _marked(text: str) -> str:
    """Write all quotations in one kind of marks, and lose those that have no partner."""
    high = _LOW.sub("\u201c\\1\u201d", text)
    return _lone_marks_gone(QUOTED.sub(lambda match: f"\u201c{(match[1] or match[2] or '').strip()}\u201d", high))


def _lone_marks_gone(text: str) -> str:
    """Remove quotation marks that have no partner: what an answer leaves that was cut short."""
    kept = {at for match in QUOTED.finditer(text) for at in (match.start(), match.end() - 1)}
    return "".join(mark for at, mark in enumerate(text) if at in kept or mark not in _MARKS)


def _pointers(answer: str, corpus: Corpus) -> Iterator[re.Match[str]]:
    """Find the brackets that are pointers: not those of an editor within a quotation, an ellipsis, or a link's name."""
    found = list(POINTER.finditer(answer))
    quotes = [one.outer for one in quoted(answer, ()) if one.style in ("marks", "single")] if found else []
    for match in found:
        inside = any(start < match.start() and match.end() < end for start, end in quotes)
        editors = _ELLIPSIS.fullmatch(match[1]) or (inside and not re.search(r"\d", match[1]))
        if not editors and not (_LINK.match(answer, match.end()) and not _places(match, corpus)):
            yield match


def _places(match: re.Match[str], corpus: Corpus) -> list[Reference]:
    return [place for one in pointed(match[1], corpus.canon) for place in one.places]


def _filled(answer: str, corpus: Corpus) -> str:
    """Put words where an answer points, and nothing where it points at nowhere."""
    text, end = "", 0
    for match in _pointers(answer, corpus):
        before = answer[: match.start()]
        words = " ".join(one for place in _places(match, corpus) if (one := _cited(place, before, corpus)))
        text, end = text + answer[end : match.start()] + words, match.end()
    return text + answer[end:]


def _cited(reference: Reference, before: str, corpus: Corpus) -> str:
    """Give what stands in place of a pointer: the words with their reference, or that alone."""
    if sum(1 for _ in corpus.expand(reference)) > MOST_VERSES:
        return f"({reference})"
    try:
        words = corpus.get(reference).text
    except BadInput:  # a verse that this translation leaves out
        return ""
    said = f" {plain(words)} "
    just = _JUST_QUOTED.search(before)
    if said in f" {plain(before)} " or (just and f" {plain(just[1])} " in said):
        return f"({reference})"
    return f"\u201c{_inner(words)}\u201d ({reference})"


def _inner(words: str) -> str:
    """Words as they stand within quotation marks: their own double marks become single ones, lone ones go."""
    words = re.sub("\u201c([^\u201c\u201d]*)\u201d", "\u2018\\1\u2019", words)
    return balanced(re.sub('[\u201c\u201d"]', "", words)).strip().rstrip(",;:")


def _parsed(text: str, corpus: Corpus) -> Reference | None:
    try:
        return corpus.parse(text)
    except BadInput:
        return None


def _smoothed(text: str) -> str:
    """Take out the gaps that removed pointers leave."""
    lines = [" ".join(line.split()) for line in _EMPTY.sub("", text).splitlines()]
    return re.sub(r" +([.,;:?!])", r"\1", "\n".join(lines).strip())
