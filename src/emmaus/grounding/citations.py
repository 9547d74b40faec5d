"""Pointers and quotations in an answer: found, checked, and turned into what a reader may see.

A model points at passages, `[Psalm 23:1]`; their words come from the corpus and from nowhere else.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from emmaus.errors import BadInput
from emmaus.packs.corpus import Corpus
from emmaus.packs.quotations import QUOTED, Nearest, nearest_in, plain
from emmaus.packs.reading import LONGEST_POINTER, POINTER
from emmaus.packs.references import Reference
from emmaus.types import Passage

_PROSE = re.compile(
    r"\b((?:[1-3] |First |Second |Third |I{1,3} )?[A-Z][a-z]+(?: of [A-Z][a-z]+)?\.?)"
    r" (\d{1,3}:\d{1,3}(?:[-\u2013]\d{1,3})?)"
)
_MARKS = '"\u201c\u201d'
_JUST_QUOTED = re.compile('[\u201c"]([^\u201c\u201d"]+)[\u201d"][\\s.,:;]*$')
_OPENED = re.compile(r"\[[^\[\]]{0,60}$")


FAULTS = frozenset({"nowhere", "misquoted", "invented"})
"""Kinds of findings that count against an answer."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong with how an answer cites."""

    kind: Literal["nowhere", "misquoted", "invented"]
    """A reference that does not exist; words nearly those of a verse; words in quotation marks that no verse has."""
    reference: str
    """The reference as written, or that of the passage which was probably meant; "" where there is none."""
    text: str
    """The piece of the answer that is wrong."""
    correction: str | None = None
    """What a reader sees in its place; None where it is taken away, or loses its quotation marks."""


@dataclass(frozen=True, slots=True)
class Repaired:
    """An answer that a reader may see, and what had to be mended in it."""

    text: str
    findings: tuple[Finding, ...]


def pointers(answer: str, corpus: Corpus) -> tuple[Reference, ...]:
    """List the passages that an answer points at, in order; pointers to nowhere are left out."""
    inside = (part for match in POINTER.finditer(answer) for part in match[1].split(";"))
    return tuple(found for part in inside if (found := _parsed(part, corpus)))


def insert(answer: str, corpus: Corpus) -> str:
    """Put the words of the corpus where the answer points: `[Psalm 23:1]` becomes \u201cwords\u201d (Psalm 23:1).

    A pointer to nowhere is removed. One at more than three verses is named without its words, and one that follows its
    own words is named only.
    """
    text = POINTER.sub(lambda match: _shown(match, answer, corpus), answer)
    return _smoothed(_OPENED.sub("", text))


def check(answer: str, corpus: Corpus, passages: Sequence[Passage] = ()) -> tuple[Finding, ...]:
    """Find what is wrong with an answer's references and quotations.

    `passages` are those that stood in the prompt: a misquotation is looked for there first, then in the whole corpus.
    """
    found = [*_nowhere(answer, corpus)]
    near = [*passages, *corpus.found(pointers(answer, corpus))]
    for match in QUOTED.finditer(answer):
        if finding := _quotation((match[1] or match[2] or "").strip(), corpus, near):
            found.append(finding)
    return tuple(found)


def repair(answer: str, corpus: Corpus, passages: Sequence[Passage] = ()) -> Repaired:
    """Make an answer fit to be read, and say what was wrong with it.

    Words in quotation marks that are nearly a verse become its true words with their reference; others lose their
    marks. Pointers get their words; pointers and references to nowhere are removed.
    """
    findings = check(answer, corpus, passages)
    wrong = {finding.text: finding for finding in findings if finding.kind != "nowhere"}

    pointed = {str(reference) for reference in pointers(answer, corpus)}

    def mended(match: re.Match[str]) -> str:
        words = (match[1] or match[2] or "").strip()
        if words not in wrong:
            return f"\u201c{words}\u201d"
        finding = wrong[words]
        if finding.correction is None:
            return words
        shown = f"\u201c{_inner(finding.correction)}\u201d"
        return shown if finding.reference in pointed else f"{shown} ({finding.reference})"

    text = _lone_marks_gone(QUOTED.sub(mended, answer))
    for finding in findings:
        if finding.kind == "nowhere" and not finding.text.startswith("["):
            text = re.sub(rf"\(?\b{re.escape(finding.text)}\b\)?", "", text)
    # Once more, because an open bracket takes what follows it away, a closing mark with it.
    return Repaired(_lone_marks_gone(insert(text, corpus)), findings)


def _lone_marks_gone(text: str) -> str:
    """Remove quotation marks that have no partner: what an answer leaves that was cut short."""
    kept = {at for match in QUOTED.finditer(text) for at in (match.start(), match.end() - 1)}
    return "".join(mark for at, mark in enumerate(text) if at in kept or mark not in _MARKS)


def _nowhere(answer: str, corpus: Corpus) -> Iterable[Finding]:
    for match in POINTER.finditer(answer):
        for part in match[1].split(";"):
            if not _parsed(part, corpus):
                yield Finding("nowhere", part.strip(), match[0])
    for match in _PROSE.finditer(POINTER.sub("", answer)):
        book = match[1] if corpus.canon.knows_book(match[1]) else match[1].split()[-1]
        if corpus.canon.knows_book(book) and not _parsed(f"{book} {match[2]}", corpus):
            yield Finding("nowhere", f"{book} {match[2]}", f"{book} {match[2]}")


def _quotation(words: str, corpus: Corpus, near: Sequence[Passage]) -> Finding | None:
    wanted = plain(words).split()
    if not wanted or any(f" {plain(words)} " in f" {plain(passage.text)} " for passage in near) or corpus.says(words):
        return None
    meant: Nearest | None = None
    for passage in near:
        one = nearest_in(wanted, passage.reference, passage.text) if len(wanted) > 2 else None
        meant = max(filter(None, (meant, one)), key=lambda found: found.closeness, default=None)
    meant = meant or corpus.nearest(words)
    if meant is None:
        return Finding("invented", "", words)
    return Finding("misquoted", meant.reference, words, meant.words)


def _shown(match: re.Match[str], answer: str, corpus: Corpus) -> str:
    before = answer[: match.start()]
    references = filter(None, (_parsed(part, corpus) for part in match[1].split(";")))
    return " ".join(one for reference in references if (one := _cited(reference, before, corpus)))


def _cited(reference: Reference, before: str, corpus: Corpus) -> str:
    """Give what stands in place of a pointer: the words with their reference, or that alone."""
    if sum(1 for _ in corpus.expand(reference)) > LONGEST_POINTER:
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
    return re.sub('[\u201c\u201d"]', "", words).strip().rstrip(",;:")


def _parsed(text: str, corpus: Corpus) -> Reference | None:
    try:
        return corpus.parse(text)
    except BadInput:
        return None


def _smoothed(text: str) -> str:
    """Take out the gaps that removed pointers leave."""
    lines = [" ".join(line.split()) for line in text.splitlines()]
    text = "\n".join(lines).strip()
    text = re.sub(r"\(\s*\)|\[\s*\]", "", text)
    return re.sub(r" +([.,;:?!])", r"\1", re.sub(r" {2,}", " ", text)).strip()
