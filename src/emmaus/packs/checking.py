"""Check a whole pack: every file, every field, and what can only be seen from several files or the corpora's words."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import platformdirs

from emmaus.errors import BadInput, PackError
from emmaus.packs import reading
from emmaus.packs.card import FACTS
from emmaus.packs.card import character as read_card
from emmaus.packs.corpus import Corpus, from_pythonbible, from_text
from emmaus.packs.knowledge import knows
from emmaus.packs.load import character_slugs, pack_folder
from emmaus.packs.quotations import QUOTED, plain, quotations
from emmaus.packs.reading import Placed
from emmaus.packs.records import Asked, Manifest
from emmaus.packs.yamlfile import Report, Spot, read
from emmaus.types import Character

CARD_WORDS = (60, 130)
"""Fewest and most words of a card: less is no voice, more is slow to read for a small model at every question."""
NEARLY = 0.75
"""Share of words in common from which on two questions are nearly the same wording."""
_FILES = {"character.yaml", "starters.yaml", "probes.yaml", "bounds.yaml"}
_TOGETHER = {"starters.yaml", "probes.yaml"}


WORDINGS = 2
"""Other wordings of a question from which on a conversation is found again, and learned from, whoever asks."""


class Findings(NamedTuple):
    """What there is to say about a pack, each as "FILE:LINE: what it is; the fix"."""

    problems: tuple[str, ...]
    """Mistakes: the pack, or a part of it, cannot be used like this."""
    hints: tuple[str, ...]
    """What works, and would work better otherwise."""


def check_pack(folder: Path | str, *, cache: Path | None = None) -> tuple[str, ...]:
    """List everything that is wrong with a pack, each as "FILE:LINE: what is wrong; the fix"."""
    return examine_pack(folder, cache=cache).problems


def examine_pack(folder: Path | str, *, cache: Path | None = None) -> Findings:
    """List everything that is wrong with a pack (a folder, or the name of one that ships), and what could be better.

    A mistake is named once, where it is: what follows from it elsewhere is left out.
    """
    folder = pack_folder(folder)
    report = Report(keep=True)
    cache = Path(platformdirs.user_cache_dir("emmaus")) if cache is None else cache
    manifest = reading.manifest(folder / "pack.yaml", report)
    before = len(report.problems)
    asked = reading.asked(folder / "topics.yaml", report)
    topics = frozenset(topic.slug for topic in asked.topics) if len(report.problems) == before else None
    timeline = reading.timeline(folder / "timeline.yaml", report)
    if (folder / "synonyms.yaml").exists():
        reading.synonyms(folder / "synonyms.yaml", report)
    corpora = list(_corpora(folder, manifest, cache, report))
    try:
        slugs = character_slugs(folder)
    except PackError as error:
        report.problems.append(str(error))
        slugs = ()
    if corpora:
        terms = {name: term.start for term in timeline for name in (term.term, *term.aliases)}
        pack = _Around(manifest.name, asked, topics, terms, corpora)
        for slug in slugs:
            _check_character(folder / "characters" / slug, pack, report)
    return Findings(tuple(report.problems), tuple(report.hints))


class _Around(NamedTuple):
    """What of the pack a character's files are held against."""

    name: str
    asked: Asked
    topics: reading.Topics
    terms: dict[str, int]
    corpora: list[Corpus]


def _corpora(folder: Path, manifest: Manifest, cache: Path, report: Report) -> Iterator[Corpus]:
    """Give the corpora that have words, the default one first."""
    for translation in sorted(manifest.corpora, key=lambda name: name != manifest.default_translation):
        file = manifest.corpora[translation]
        try:
            corpus = from_text(translation, folder / file) if file else from_pythonbible(translation, cache)
            corpus.lines()
        except PackError as error:
            report.problems.append(str(error) if file else f"{folder / 'pack.yaml'}:1: {error}")
        else:
            yield corpus


def _check_character(folder: Path, pack: _Around, report: Report) -> None:
    corpora, before = pack.corpora, len(report.problems)
    character = read_card(folder, pack.name, corpora[0], report)
    card = read(folder / "character.yaml", report)
    readable = len(report.problems) == before
    _check_card(character, card, pack.terms)
    if readable:
        _check_facts(character, card, corpora[0])
    have = _check_files(folder, report)
    placed: list[Placed] = []
    if "starters.yaml" in have:
        placed = reading.starters(folder / "starters.yaml", character.slug, pack.topics, corpora[0], report)
    for one in placed:
        _check_answers(one, character if readable else None, corpora)
    _check_repeats(placed)
    _hint_at_wordings(placed, report)
    if have >= _TOGETHER and "bounds.yaml" not in have:
        fix = "write what lies beyond and what within what they know, so that it can be measured"
        report.hint(folder / "bounds.yaml", 1, "is not there", fix)
    _check_held_out(_held_out(folder, have, pack.topics, report), character, pack.asked, placed)


def _check_files(folder: Path, report: Report) -> set[str]:
    """Name the files that there are, and report those that should not or should be among them."""
    have = {file.name for file in folder.iterdir() if not file.name.startswith(".")}
    for name in sorted(have - _FILES):
        report.add(folder / name, 1, "is no file of a character", f"its files are {', '.join(sorted(_FILES))}")
    if len(have & _TOGETHER) == 1:
        (missing,) = _TOGETHER - have
        report.add(folder / missing, 1, "is missing", "starters and probes come together: one to teach, one to examine")
    return have


def _held_out(folder: Path, have: set[str], topics: reading.Topics, report: Report) -> Iterator[tuple[str, Spot]]:
    """Read the questions that examine, from those of their files that are there."""
    if "probes.yaml" in have:
        for probe, spot in reading.probes(folder / "probes.yaml", folder.name, topics, report):
            yield probe.ask, spot
    if "bounds.yaml" in have:
        for bound, spot in reading.bounds(folder / "bounds.yaml", folder.name, report):
            yield bound.ask, spot


def _hint_at_wordings(placed: list[Placed], report: Report) -> None:
    few = [one for one in placed if len(one.wordings) < WORDINGS]
    if few:
        spot, share = few[0].asks[0], f"{len(few)} of {len(placed)} conversations"
        what = f"{share} have fewer than {WORDINGS} other wordings, the first of them here"
        report.hint(spot.file, spot.line, what, "write two under `also`, with few words in common")


def _check_facts(character: Character, card: Spot, corpus: Corpus) -> None:
    """A fact stands on a passage that the character can know; one that stands on another gives away its source."""
    found = card.entries()
    for name in FACTS:
        for item in found[name].items():
            spot = item.entries().get("reference")
            if spot and not knows(character, spot.text(), corpus):
                what = f"{name}: stands on {spot.text()}, which {character.name} cannot know"
                spot.wrong(what, "leave the reference out, or widen witnessed, heard or own_words")


def _check_card(character: Character, card: Spot, terms: dict[str, int]) -> None:
    length = len(character.card.split())
    if character.card and not CARD_WORDS[0] <= length <= CARD_WORDS[1]:
        card.wrong(f"the card of {character.slug} has {length} words", f"write {CARD_WORDS[0]} to {CARD_WORDS[1]}")
    known = set(character.knew)
    for term in character.cannot_know:
        if term in known:
            card.wrong(
                f"{term!r} is both known (kin, companions, places, peoples) and in cannot_know",
                "take it out of one of them",
            )
        if terms.get(term, character.era.end) > character.era.end:
            card.wrong(f"cannot_know holds {term!r}, which timeline.yaml says already", "remove it here")


def _check_answers(placed: Placed, character: Character | None, corpora: list[Corpus]) -> None:
    """Check pointers and quotations; whether the character can know them, where the card could be read."""
    for turn, spot in zip(placed.conversation.turns, placed.answers, strict=True):
        for reference in turn.passages:
            if character and not knows(character, reference, corpora[0]):
                fix = "point at one they witnessed, heard or said, or add it there"
                spot.wrong(f"points at {reference}, which {character.name} cannot know", fix)
            _check_words(reference, spot, corpora[0])
        for words in quotations(turn.answer):
            if not any(corpus.says(words) for corpus in corpora):
                near = next((found for corpus in corpora if (found := corpus.nearest(words))), None)
                fix = f"{near.reference} says: {near.words}" if near else "take the quotation marks away"
                spot.wrong(f"quotes what no corpus says: {words}", fix)
        if any(mark in QUOTED.sub("", turn.answer) for mark in '"\u201c\u201d'):
            spot.wrong("a quotation mark stands alone", "close the quotation or remove the mark")


def _check_words(reference: str, spot: Spot, corpus: Corpus) -> None:
    try:
        corpus.get(reference)
    except BadInput as error:
        spot.wrong(str(error), "point at another verse")


def _check_repeats(placed: list[Placed]) -> None:
    asks: dict[str, Spot] = {}
    answers: dict[str, Spot] = {}
    for one in placed:
        ask, answer = one.asks[0], one.answers[0]
        first = one.conversation.turns[0]
        said = [(first.question, ask, asks, "question"), (first.answer, answer, answers, "answer")]
        said += [(wording, ask, asks, "question") for wording in one.wordings]
        for words, spot, seen, what in said:
            if plain(words) in seen:
                spot.wrong(f"repeats the {what} of line {seen[plain(words)].line}: {words}", "write another")
            seen.setdefault(plain(words), spot)


def _check_held_out(
    held_out: Iterable[tuple[str, Spot]], character: Character, asked: Asked, placed: list[Placed]
) -> None:
    known = [("a starter", turn.question) for one in placed for turn in one.conversation.turns]
    known += [("a wording of a starter", wording) for one in placed for wording in one.wordings]
    known += [("a sample question", question) for question in character.sample_questions]
    known += [(f"a question of topic {topic.slug}", q) for topic in asked.topics for q in topic.questions]
    sets = [(where, words, frozenset(plain(words).split())) for where, words in known]
    for ask, spot in held_out:
        if twin := _twin(frozenset(plain(ask).split()), sets):
            spot.wrong(f"repeats {twin[0]}: {twin[1]}", "ask something else; what is trained on cannot examine")


def _twin(words: frozenset[str], known: Iterable[tuple[str, str, frozenset[str]]]) -> tuple[str, str] | None:
    for where, text, other in known:
        if words and len(words & other) >= NEARLY * len(words | other):
            return where, text
    return None
