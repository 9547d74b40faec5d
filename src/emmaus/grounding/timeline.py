"""What a character cannot know: terms from after their days, named in a question or used in an answer.

A term with a capital letter is found as it is written, any other in any case; all as whole words, singular or plural.
"""

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

from emmaus.grounding.disclosure import asks_who_answers
from emmaus.grounding.spotting import Spotter, caseless, spaced
from emmaus.packs import Pack
from emmaus.packs.quotations import plain
from emmaus.types import Character

_IRREGULAR = {"man": "men", "woman": "women", "child": "children", "knife": "knives", "person": "people"}

OPENING = 2
"""Sentences in which an answer denies knowing of something, where it does; later on it may be about a detail."""
_SENTENCE = re.compile(r"[^.!?]+[.!?]*")


def beyond(text: str, character: Character, pack: Pack) -> tuple[str, ...]:
    """List the terms named in a text that the character cannot know, each by its first name in the pack, in order."""
    names = _terms(character, pack).names
    spelt = (text[start:end] for start, end in places(text, character, pack))
    return tuple(dict.fromkeys(names.get(spaced(word)) or names[caseless(word)] for word in spelt))


def places(text: str, character: Character, pack: Pack) -> list[tuple[int, int]]:
    """Find where a text names what the character cannot know: start and end, in order.

    Who writes without any capital letter writes names so too.
    """
    terms = _terms(character, pack)
    proper = terms.proper_in_any_case if text == text.lower() else terms.proper
    return sorted((*proper.spans(text), *terms.common.spans(text)))


def out_of_time(question: str, answer: str, character: Character, pack: Pack) -> tuple[str, ...]:
    """List the terms that an answer uses as if the character knew them.

    A term is allowed where the question named it and the answer says that it is beyond what the character knows. An
    answer to the question whether a program answers may name any: it says what answers, not what the character knows.
    """
    used = () if asks_who_answers(question) else beyond(answer, character, pack)
    if not used or not disclaims(answer):
        return used
    asked = set(beyond(question, character, pack))
    return tuple(term for term in used if term not in asked)


def disclaims(answer: str) -> bool:
    """Whether an answer says that something is beyond what the character knows."""
    return _disclaimers().search(plain(answer)) is not None


def opening(answer: str) -> str:
    """The sentences in which an answer denies knowing of what it was asked about, where it does."""
    return " ".join(_SENTENCE.findall(answer)[:OPENING])


def denies(answer: str) -> bool:
    """Whether an answer opens by saying that what it was asked about is beyond what the character knows."""
    return disclaims(opening(answer))


@cache
def _disclaimers() -> re.Pattern[str]:
    lines = files("emmaus.grounding").joinpath("disclaimers.md").read_text("utf-8").splitlines()
    phrases = [line[2:].strip() for line in lines if line.startswith("- ")]
    patterns = [r" (?:\w+ ){0,4}".join(re.escape(part.strip()) for part in phrase.split("...")) for phrase in phrases]
    return re.compile(rf"\b(?:{'|'.join(patterns)})\b")


@dataclass(frozen=True, slots=True)
class _Terms:
    """What one character cannot know."""

    proper: Spotter
    """Terms with a capital letter."""
    proper_in_any_case: Spotter
    """The same, for a text without any."""
    common: Spotter
    """Terms without, in any case."""
    names: dict[str, str]
    """From each spelling to the name of its term."""


@lru_cache(maxsize=64)
def _terms(character: Character, pack: Pack) -> _Terms:
    spellings = {term: term for term in character.cannot_know}
    for later in pack.timeline:
        if later.start > character.era.end:
            # Somebody of their own life may have a later one's name.
            spellings.update({name: later.term for name in (later.term, *later.aliases) if name not in character.knew})
    names = {spaced(form): name for term, name in spellings.items() for form in _forms(term)}
    names = {caseless(form): name for form, name in names.items()} | names
    proper = [form for term in spellings if term != term.lower() for form in _forms(term)]
    common = [form for term in spellings if term == term.lower() for form in _forms(term)]
    return _Terms(Spotter(proper, cased=True), Spotter(proper, cased=False), Spotter(common, cased=False), names)


def _forms(term: str) -> tuple[str, ...]:
    """Give a term in the singular and the plural of its last word."""
    for one, many in _IRREGULAR.items():
        if term.endswith(one):
            return term, term.removesuffix(one) + many
    if re.search(r"(?:s|x|z|ch|sh|o)$", term):
        return term, term + "es", term + "s"
    if re.search(r"[^aeiou]y$", term):
        return term, term[:-1] + "ies", term + "s"
    return term, term + "s"
