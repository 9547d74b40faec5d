"""From the files of a pack to records. Each function reads one file, and reports what is wrong with its form.

What takes a corpus's words to see is left to checking.py.
"""

import os
import re
from pathlib import Path
from typing import NamedTuple, TypeAlias

from emmaus.errors import BadInput
from emmaus.packs.corpus import Corpus
from emmaus.packs.pointers import MOST_VERSES, POINTER, pointed
from emmaus.packs.records import Asked, LaterTerm, Manifest, Topic
from emmaus.packs.references import Reference
from emmaus.packs.yamlfile import Report, Spot, read
from emmaus.types import Bound, Conversation, Probe, Source, Turn, digest

KINDS = ("life", "counsel", "faith", "timeline")
TOPIC_QUESTIONS = 6
SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
"""How packs, characters and topics are named in files and addresses."""
Topics: TypeAlias = frozenset[str] | None
"""The topics that a conversation or a probe can be about; any, where None: topics.yaml itself is wrong."""


class Placed(NamedTuple):
    """A conversation of starters.yaml with the places of its answers, to report mistakes at."""

    conversation: Conversation
    asks: tuple[Spot, ...]
    answers: tuple[Spot, ...]
    wordings: tuple[str, ...]
    """Other wordings of the first question."""


def manifest(file: Path, report: Report) -> Manifest:
    """Read pack.yaml."""
    found = read(file, report).fields(("name", "title", "licence", "corpora", "default_translation"))
    corpora: dict[str, str | None] = {}
    for spot in items(found, "corpora", 1):
        _corpus(spot, corpora)
    default = words(found, "default_translation")
    if default and corpora and default not in corpora:
        found["default_translation"].wrong(
            f"no corpus has the translation {default!r}", f"take one of {listed(corpora)}"
        )
    name = words(found, "name")
    if name and not SLUG.fullmatch(name):
        found["name"].wrong(f"the name {name!r} has other characters than [a-z0-9-]", "write it like `my-pack`")
    return Manifest(name, words(found, "title"), words(found, "licence"), corpora, default)


def _corpus(spot: Spot, corpora: dict[str, str | None]) -> None:
    found = spot.fields(("kind", "translation"), ("file",))
    kind, translation = words(found, "kind"), words(found, "translation")
    if kind not in ("pythonbible", "text"):
        spot.wrong(f"unknown kind of corpus {kind!r}", "the kinds are pythonbible and text")
        return
    if (kind == "text") != ("file" in found):
        without = "out" if kind == "text" else ""
        spot.wrong(f"a corpus of kind {kind!r} with{without} a file", "only kind text has a `file`")
        return
    if translation in corpora:
        spot.wrong(f"translation {translation!r} is there twice", "give each corpus a name of its own")
    file = words(found, "file") if kind == "text" and "file" in found else None
    if file and not _inside(file):
        found["file"].wrong(f"the corpus {file!r} lies outside the pack's folder", "put the file into it and name it")
        return
    corpora[translation] = file


def _inside(file: str) -> bool:
    """Whether a path leads to a place below the folder that it starts from; links are not followed."""
    within = Path(os.path.normpath(file))
    return not within.is_absolute() and ".." not in within.parts


def asked(file: Path, report: Report) -> Asked:
    """Read topics.yaml."""
    found = read(file, report).fields(("topics", "askers", "situations"))
    topics: dict[str, Topic] = {}
    for spot in items(found, "topics", 1):
        fields = spot.fields(("slug", "title", "questions"))
        slug = words(fields, "slug")
        if slug and not SLUG.fullmatch(slug):
            spot.wrong(f"the slug {slug!r} has other characters than [a-z0-9-]", "write it like `growing-old`")
        if slug in topics:
            spot.wrong(f"topic {slug!r} is there twice", "merge the two")
        questions = fields["questions"].texts(TOPIC_QUESTIONS) if "questions" in fields else ()
        topics[slug] = Topic(slug, words(fields, "title"), questions)
    askers, situations = (found[n].texts(1) if n in found else () for n in ("askers", "situations"))
    return Asked(tuple(topics.values()), askers, situations)


def timeline(file: Path, report: Report) -> tuple[LaterTerm, ...]:
    """Read timeline.yaml."""
    terms: list[LaterTerm] = []
    seen: dict[str, int] = {}
    for spot in read(file, report).items():
        found = spot.fields(("term", "from"), ("aliases",))
        aliases = found["aliases"].texts() if "aliases" in found else ()
        term = LaterTerm(words(found, "term"), aliases, found["from"].integer() if "from" in found else 0)
        for name in (term.term, *aliases):
            if name in seen:
                spot.wrong(f"{name!r} is already on line {seen[name]}", "keep one of them")
            seen.setdefault(name, spot.line)
        terms.append(term)
    return tuple(terms)


def synonyms(file: Path, report: Report) -> dict[str, tuple[str, ...]]:
    """Read synonyms.yaml."""
    found = read(file, report).entries()
    for word, spot in found.items():
        if word != word.lower():
            spot.wrong(f"{word!r} has capital letters", "write everyday words in lower case")
    return {word: spot.texts(1) for word, spot in found.items()}


def starters(file: Path, slug: str, topics: Topics, corpus: Corpus, report: Report) -> list[Placed]:
    """Read starters.yaml. Conversation and turn ids are hashes of what they say."""
    placed: list[Placed] = []
    seen: dict[str, int] = {}
    for spot in read(file, report).items():
        found = spot.fields(("topic", "turns"), ("asker", "also"))
        topic = _topic(found, topics)
        words(found, "asker")
        wordings = found["also"].texts(1) if "also" in found else ()
        turns, asks, answers = [], [], []
        for item in items(found, "turns", 1):
            fields = item.fields(("ask", "answer"))
            asks.append(fields.get("ask", item))
            answers.append(fields.get("answer", item))
            turns.append((words(fields, "ask"), words(fields, "answer")))
        identity = digest([slug, turns])
        if identity in seen:
            spot.wrong(f"the same conversation is on line {seen[identity]}", "remove one of them")
        seen.setdefault(identity, spot.line)
        records = tuple(
            Turn(f"{identity}-{number}", ask, answer, passages=_passages(answer, answers[number], corpus))
            for number, (ask, answer) in enumerate(turns)
        )
        conversation = Conversation(identity, slug, Source.AUTHORED, records, topic=topic)
        placed.append(Placed(conversation, tuple(asks), tuple(answers), wordings))
    return placed


def probes(file: Path, slug: str, topics: Topics, report: Report) -> list[tuple[Probe, Spot]]:
    """Read probes.yaml."""
    found: list[tuple[Probe, Spot]] = []
    seen: dict[str, int] = {}
    for spot in read(file, report).items():
        fields = spot.fields(("topic", "ask", "kind"))
        topic, ask, kind = _topic(fields, topics), words(fields, "ask"), words(fields, "kind")
        if kind and kind not in KINDS:
            fields["kind"].wrong(f"unknown kind {kind!r}", f"the kinds are {', '.join(KINDS)}")
        probe = Probe(digest([slug, ask.lower()]), slug, topic, kind, ask)
        if probe.id in seen:
            spot.wrong(f"the same question is on line {seen[probe.id]}", "remove one of them")
        seen.setdefault(probe.id, spot.line)
        found.append((probe, spot))
    return found


def bounds(file: Path, slug: str, report: Report) -> list[tuple[Bound, Spot]]:
    """Read bounds.yaml: first what lies beyond the character, then what lies within."""
    found: list[tuple[Bound, Spot]] = []
    seen: dict[str, int] = {}
    sides = read(file, report).fields(("beyond", "within"))
    asked: list[tuple[Spot, tuple[str, ...]]] = [(spot, ("ask", "about")) for spot in items(sides, "beyond", 1)]
    asked += [(spot, ("ask",)) for spot in items(sides, "within", 1)]
    for spot, names in asked:
        fields = spot.fields(names)
        ask, about = words(fields, "ask"), words(fields, "about")
        if about.lower() not in ask.lower():
            spot.wrong(f"the question does not name {about!r}", "write `about` as it stands in the question")
        bound = Bound(digest([slug, ask.lower()]), slug, ask, about or None)
        if bound.id in seen:
            spot.wrong(f"the same question is on line {seen[bound.id]}", "remove one of them")
        seen.setdefault(bound.id, spot.line)
        found.append((bound, spot))
    return found


def _passages(answer: str, spot: Spot, corpus: Corpus) -> tuple[str, ...]:
    """List the passages an answer points at, in canonical spelling; pointers to nowhere and long ones are reported."""
    references: list[Reference] = []
    for match in POINTER.finditer(answer):
        found = list(pointed(match[1], corpus.canon))
        for astray in [one.text for one in found if not one.places] or ([] if found else [match[1]]):
            why = _nowhere(astray, corpus)
            spot.wrong(f"the answer points at nowhere: {why}", "correct the reference or take the brackets away")
        places = [place for one in found for place in one.places]
        if any(sum(1 for _ in corpus.expand(place)) > MOST_VERSES for place in places):
            spot.wrong(f"[{match[1]}] points at more than {MOST_VERSES} verses", "point at the verse that says it")
        references += places
    return tuple(dict.fromkeys(map(str, references)))


def _nowhere(text: str, corpus: Corpus) -> str:
    try:
        return f"{str(corpus.parse(text))!r} is not what is written"
    except BadInput as error:
        return str(error)


def _topic(found: dict[str, Spot], topics: Topics) -> str:
    topic = words(found, "topic")
    if topic and topics is not None and topic not in topics:
        found["topic"].wrong(f"unknown topic {topic!r}", f"take one of topics.yaml: {listed(sorted(topics))}")
    return topic


def words(found: dict[str, Spot], name: str) -> str:
    """Give the words of a field, "" where it is missing."""
    return found[name].text() if name in found else ""


def items(found: dict[str, Spot], name: str, least: int = 0) -> list[Spot]:
    """Give the entries of a field that is a list, none where it is missing."""
    return found[name].items(least) if name in found else []


def listed(names: object) -> str:
    """Write names as a sentence has them."""
    return ", ".join(names) if isinstance(names, list | dict) else str(names)
