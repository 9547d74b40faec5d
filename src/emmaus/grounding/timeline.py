"""What a character cannot know: terms from after their days, named in a question or used in an answer.

A term with a capital letter is found as it is written, any other in any case; all as whole words, singular or plural.
"""

import re
from functools import cache, lru_cache
from importlib.resources import files

from emmaus.grounding.disclosure import asks_who_answers
from emmaus.packs import LaterTerm, Pack
from emmaus.packs.quotations import plain
from emmaus.types import Character

_IRREGULAR = {"man": "men", "woman": "women", "child": "children", "knife": "knives", "person": "people"}

OPENING = 2
"""Sentences in which an answer denies knowing of something, where it does; later on it may be about a detail."""
_SENTENCE = re.compile(r"[^.!?]+[.!?]*")
_DOTS = str.maketrans({"\u0130": "i", "\u0131": "i"})
"""The dotted capital and the dotless small I of Turkish, which stand for an I in any case."""


def beyond(text: str, character: Character, pack: Pack) -> tuple[str, ...]:
    """List the terms named in a text that the character cannot know, each by its first name in the pack, in order."""
    names = _terms(character, pack)[2]
    spelt = (text[start:end] for start, end in places(text, character, pack))
    return tuple(dict.fromkeys(names.get(_key(word)) or names[_folded(word)] for word in spelt))


def places(text: str, character: Character, pack: Pack) -> list[tuple[int, int]]:
    """Find where a text names what the character cannot know: start and end, in order.

    Who writes without any capital letter writes names so too.
    """
    cased, uncased, _ = _terms(character, pack)
    if text == text.lower():
        cased = re.compile(cased.pattern, re.IGNORECASE)
    return sorted(match.span() for pattern in (cased, uncased) for match in pattern.finditer(text))


def _terms(character: Character, pack: Pack) -> tuple[re.Pattern[str], re.Pattern[str], dict[str, str]]:
    return _patterns(pack.timeline, character.cannot_know, character.era.end, frozenset(character.knew))


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


@lru_cache(maxsize=64)
def _patterns(
    timeline: tuple[LaterTerm, ...], cannot_know: tuple[str, ...], end: int, knew: frozenset[str]
) -> tuple[re.Pattern[str], re.Pattern[str], dict[str, str]]:
    """Patterns of the terms with and without capitals, and from each spelling to the name of its term."""
    spellings = {term: term for term in cannot_know}
    for later in timeline:
        if later.start > end:
            # Somebody of their own life may have a later one's name.
            spellings.update({name: later.term for name in (later.term, *later.aliases) if name not in knew})
    names = {_key(form): name for term, name in spellings.items() for form in _forms(term)}
    names = {_folded(form): name for form, name in names.items()} | names
    groups: dict[bool, list[str]] = {True: [], False: []}
    for term in spellings:
        groups[term != term.lower()].extend(_forms(term))
    return _any_of(groups[True]), _any_of(groups[False], re.IGNORECASE), names


def _any_of(forms: list[str], flags: int = 0) -> re.Pattern[str]:
    if not forms:
        return re.compile(r"(?!)")
    longest = sorted(set(forms), key=lambda form: (-len(form), form))
    escaped = (r"[\s-]+".join(map(re.escape, re.split(r"[\s-]+", form))) for form in longest)
    return re.compile(rf"(?<!\w)(?:{'|'.join(escaped)})(?!\w)", flags)


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


def _key(form: str) -> str:
    return " ".join(re.split(r"[\s-]+", form))


def _folded(form: str) -> str:
    """One key for all that a pattern in any case takes for the same: its letters are more than `lower` brings back."""
    return _key(form.translate(_DOTS).casefold())
