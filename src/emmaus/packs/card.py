"""From a character's file to its record, and what is wrong with its form."""

from pathlib import Path

from emmaus.errors import BadInput
from emmaus.packs.corpus import Corpus
from emmaus.packs.looks import portrait
from emmaus.packs.reading import SLUG, items, listed, words
from emmaus.packs.yamlfile import Report, Spot, read
from emmaus.types import Character, Era, Event, Fact, VoiceTrait

SAMPLE_QUESTIONS = 12
RELATIONS = (
    *("father", "mother", "brother", "sister", "husband", "wife", "son", "daughter", "concubine"),
    *("grandfather", "grandmother", "grandson", "granddaughter", "uncle", "aunt", "nephew", "niece", "cousin"),
    *("father-in-law", "mother-in-law", "brother-in-law", "sister-in-law", "son-in-law", "daughter-in-law"),
    *("half-brother", "half-sister", "stepmother", "stepfather", "stepson", "stepdaughter"),
    *("ancestor", "descendant", "kinsman", "kinswoman"),
)
"""What somebody of the family can be to a character."""
_TEXT = ("name", "title", "place", "card")
_REFERENCES = ("witnessed", "heard", "own_words")
FACTS = ("kin", "companions", "places", "offices", "events")
"""Fields whose entries say something of the character's life, each with the passage that tells of it."""


def character(folder: Path, pack: str, corpus: Corpus, report: Report) -> Character:
    """Read characters/SLUG/character.yaml."""
    spot = read(folder / "character.yaml", report)
    required = (*_TEXT, "era", *_REFERENCES, *FACTS, "cannot_know", "voice", "sample_questions")
    found = spot.fields(required, ("peoples", "called", "portrait"))
    if not SLUG.fullmatch(folder.name):
        spot.wrong(
            f"the folder {folder.name!r} has other characters than [a-z0-9-]", "rename it, like `mary-magdalene`"
        )
    texts = {name: found[name].texts() if name in found else () for name in ("peoples", "called", "cannot_know")}
    passages = {name: _references(found, name, corpus) for name in _REFERENCES}
    return Character(
        pack=pack,
        slug=folder.name,
        name=words(found, "name"),
        title=words(found, "title"),
        place=words(found, "place"),
        card=words(found, "card"),
        era=_era(found["era"]) if "era" in found else Era(0, 0, ""),
        **passages,
        kin=_facts(found, "kin", corpus, RELATIONS),
        companions=_facts(found, "companions", corpus),
        places=_facts(found, "places", corpus),
        offices=tuple(_fact(item, item.fields(("name",), ("reference",)), corpus) for item in items(found, "offices")),
        events=tuple(_event(item, corpus) for item in items(found, "events")),
        **texts,
        voice=tuple(_trait(item) for item in items(found, "voice", 1)),
        sample_questions=found["sample_questions"].texts(SAMPLE_QUESTIONS) if "sample_questions" in found else (),
        portrait=portrait(found["portrait"]) if "portrait" in found else None,
    )


def _facts(found: dict[str, Spot], name: str, corpus: Corpus, relations: tuple[str, ...] = ()) -> tuple[Fact, ...]:
    facts = []
    for item in items(found, name):
        fields = item.fields(("name", "relation"), ("reference",))
        fact = _fact(item, fields, corpus)
        if relations and fact.relation not in relations:
            item.wrong(f"{name}: unknown relation {fact.relation!r}", f"take one of {listed(list(relations))}")
        facts.append(fact)
    return tuple(facts)


def _fact(item: Spot, fields: dict[str, Spot], corpus: Corpus) -> Fact:
    return Fact(words(fields, "name"), words(fields, "relation"), _reference(item, words(fields, "reference"), corpus))


def _event(item: Spot, corpus: Corpus) -> Event:
    fields = item.fields(("what",), ("reference",))
    return Event(words(fields, "what"), _reference(item, words(fields, "reference"), corpus))


def _references(found: dict[str, Spot], name: str, corpus: Corpus) -> tuple[str, ...]:
    return tuple(filter(None, (_reference(spot, spot.text(), corpus, f"{name}: ") for spot in items(found, name))))


def _reference(spot: Spot, text: str, corpus: Corpus, where: str = "") -> str:
    """Give a reference in canonical spelling; one to nowhere is reported and reads as ""."""
    if not text:
        return ""
    try:
        return str(corpus.parse(text))
    except BadInput as error:
        spot.wrong(f"{where}{error}", "correct the reference")
        return ""


def _era(spot: Spot) -> Era:
    found = spot.fields(("from", "to", "label"))
    start, end = (found[name].integer() if name in found else 0 for name in ("from", "to"))
    if end < start:
        spot.wrong(f"the era ends in {end}, before it begins in {start}", "years before Christ are negative")
    return Era(start, end, words(found, "label"))


def _trait(spot: Spot) -> VoiceTrait:
    found = spot.fields(("trait", "example"))
    return VoiceTrait(words(found, "trait"), words(found, "example"))
