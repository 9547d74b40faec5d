"""Claims that an answer makes about the character's own life, held against the facts of the card.

Finds what contradicts the card ("my father Amnon") and what goes beyond it ("my wife", where the card knows of none).
It sees claims of a known form only: kin by name, marriages, births and killings, offices, peoples, where they were
born, and the character spoken of as somebody else. What it does not see it does not vouch for.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from emmaus.grounding.english import stop_words
from emmaus.packs.quotations import QUOTED
from emmaus.types import Character, Fact

ClaimKind = Literal["kin", "marriage", "killing", "office", "people", "birthplace", "self"]

OFFICES = (
    *("king", "queen", "prince", "princess", "emperor", "empress", "governor", "ruler", "judge", "lawgiver"),
    *("prophet", "prophetess", "priest", "high priest", "apostle", "disciple", "pharisee", "scribe", "rabbi", "pastor"),
    *("preacher", "missionary", "monk", "nun", "bishop", "pope", "saint", "messiah"),
    *("shepherd", "fisherman", "carpenter", "tentmaker", "farmer", "soldier", "general", "centurion", "tax collector"),
    *("physician", "doctor", "lawyer", "merchant", "potter", "blacksmith", "cupbearer", "slave", "eunuch", "poet"),
    *("philosopher", "professor", "scientist", "sailor", "innkeeper", "executioner", "astrologer", "widow", "virgin"),
    *("captain", "spy", "outlaw", "overseer", "gleaner", "builder", "harpist", "singer", "seer", "elder", "herdsman"),
    *("armor bearer", "letter writer", "orphan", "prisoner", "persecutor", "matriarch", "interpreter of dreams"),
)
"""What people claim to have been. Anything else is taken for a manner of speaking."""
_LIKE = {
    "king": {"ruler", "prince"},
    "captain": {"soldier"},
    "queen": {"ruler", "princess"},
    "judge": {"ruler", "lawgiver"},
    "prophetess": {"prophet"},
    "apostle": {"disciple", "preacher", "missionary"},
    "emperor": {"ruler", "king"},
    "prophet": {"preacher"},
    "psalmist": {"poet"},
    "singer": {"poet"},
}
"""Offices that include others."""
_ANYBODY = frozenset(
    ("ruler", "preacher", "poet", "saint", "farmer", "virgin", "elder", "singer", "prisoner", "builder", "outlaw")
)
"""Said too loosely to be held against a card that does not name them."""

_RELATION = (
    r"(?:half-)?(?:brother|sister)(?:-in-law)?|(?:grand|step)?(?:father|mother|son|daughter)(?:-in-law)?"
    r"|husband|wife|uncle|aunt|nephew|niece|cousin|concubine|bride"
)
_WHICH = (
    r"(?:(?:own|dear|old|late|beloved|dead|only|good|poor|"
    r"eldest|youngest|older|younger|elder|first|second|firstborn|big|little) )*"
)
_NAME = r"(?P<name>[A-Z][a-z]+(?:-[a-z]+)?)"
_KIN = re.compile(
    rf"\b[Mm]y {_WHICH}(?P<relation>{_RELATION})(?:['’]s name)?"
    rf"(?:,? | was | is | was called | was named | is called | is named )(?:named |called |king |King |the )?{_NAME}\b"
)
_KIN_AFTER = re.compile(
    rf"\b{_NAME},? (?:(?:was |is |who was )?my {_WHICH}(?P<relation>{_RELATION})\b(?! of\b|['’]s| [A-Z])"
    rf"|the (?P<beloved>{_RELATION}) (?:that |whom )?I (?:loved|lost|had|buried|miss)\b)"
)
_CHILD_OF = re.compile(rf"\bI (?:am|was) (?:the |a )?(?:\w+ )?(?P<relation>son|daughter) of {_NAME}\b")
_SPOUSE = re.compile(
    r"(?<!for )\b(?:my (?:own |dear |late |first |second )*|I (?:have|had) (?:an?|two|three|many) (?:[a-z]+ )?)"
    r"(?P<relation>wife|wives|husband)\b(?!,? [A-Z]|[!?])"
)
_MARRIED = re.compile(rf"\bI (?:had )?(?:married|wed|took) {_NAME}(?P<as> (?:as|for|to be) my (?:wife|husband))?\b")
_BORE = re.compile(
    rf"\bI (?:bore|gave birth to|fathered|begot) (?:a (?:son|daughter)(?:, | named | called ))?{_NAME}\b"
)
_KILLED = re.compile(
    rf"\bI (?:had )?(?:killed|slew|murdered|struck down|beheaded|executed|put to death|stoned) "
    rf"(?:the giant |king |King )?{_NAME}\b"
)
_OFFICE = re.compile(
    r"\b(?:I (?:am|was|became|had become|served as|was made|am only|was only|was once) (?:the |an? )?"
    r"(?!no |not |never |like |with )(?:\w+ )?|\b[Aa]s an? |\b[Mm]y (?:\w+ )?(?:work|years|days|life|time) as an? )"
    rf"(?P<office>{'|'.join(sorted(OFFICES, key=len, reverse=True))})\b(?! of (?:my|men|souls)\b|['’]s)"
)
_AS = re.compile(r"^as\b", re.I)
_SPEAKER_NEAR = re.compile(r"^,? (?:I|my)\b")
_PEOPLE = re.compile(
    r"\bI (?:am|was) (?:an? |born an? )(?:[a-z]+ )?"
    r"(?P<people>[A-Z][a-z]+ites?s?|Jew|Hebrew|Gentile|Egyptian|Roman|Greek|Philistine|Persian|Babylonian|Chaldean|"
    r"Assyrian|Samaritan|Christian|Muslim|Catholic|Buddhist|American|Galilean|Syrian|Arab|Ethiopian|Benjamite|Judean)\b"
)
_BORN = re.compile(
    rf"\bI (?P<how>was born|was raised|grew up) (?:and raised )?(?:in|at) (?:the (?:town|village) of )?{_NAME}\b"
    rf"|\b(?P<other>[A-Z][a-z]+)(?:,| is| was) (?:the (?:town|city|village|place|land)) where I (?:was born|grew up)"
)
_KILLING = r"\b(?:kill|slew|slay|struck|stone|behead|murder|execut)"
_NOBODY = frozenset(("twice", "once", "when", "then", "long", "still", "even", "perhaps", "today", "tomorrow", "never"))
_ISRAEL = frozenset(("israel", "hebrew", "jew", "jews"))
_TRIBES = frozenset(("judah", "judea", "benjamin", "levi", "ephraim", "manasseh", "zebulun", "naphtali", "asher"))
_NO_NAME = frozenset(
    ("God", "Lord", "Almighty", "You", "Your", "He", "His", "The", "My", "We", "They", "She", "It", "In", "And", "But")
)
_TITLES = frozenset(("King", "Queen", "Most", "High", "Father", "Spirit", "Rock", "Shepherd"))
"""Capitalised words that are no name of kin: "my father David" of Solomon is one, "my father King" is not."""
_OF_THE_HEART = ("brother", "sister", "son", "daughter", "father", "mother")
"""What people call those, too, who are dear to them."""
_ENEMY = re.compile(r"enem|rival|king|giant|captor|accuser|traitor|persecutor|false")
_LEVELS = {"bride": "wife", "wives": "wife"}


@dataclass(frozen=True, slots=True)
class Claim:
    """Something that an answer says of the character's own life and that the card does not bear out."""

    kind: ClaimKind
    text: str
    """As the answer has it."""
    why: str
    """What the card says, or that it says nothing."""


def untrue(answer: str, character: Character) -> tuple[Claim, ...]:
    """List claims about the character's own life that contradict the card or go beyond it, in order.

    Words in quotation marks are not the character's claims. A negated claim ("I was no priest") is none.
    """
    text = QUOTED.sub(lambda match: " " * len(match[0]), answer)
    found = [(at, claim) for check in _CHECKS for at, claim in check(text, character)]
    unique = {(claim.kind, claim.text): claim for _, claim in sorted(found, key=lambda pair: pair[0])}
    return tuple(unique.values())


_Found = Iterator[tuple[int, Claim]]


def _kin(text: str, character: Character) -> _Found:
    for pattern in (_KIN, _KIN_AFTER, _CHILD_OF):
        for match in pattern.finditer(text):
            name = match["name"]
            relation = match["relation"] or match["beloved"]
            if pattern is _CHILD_OF:
                relation = "parent"
            if name in _NO_NAME or name in _TITLES or name.lower() in _NOBODY | stop_words():
                continue
            facts = [fact for fact in (*character.kin, *character.companions) if _same(fact.name, name)]
            if any(_fits(fact, relation) for fact in facts):
                continue
            if relation in _OF_THE_HEART and any(_dear(fact) for fact in facts if fact in character.companions):
                continue
            yield match.start(), Claim("kin", match[0], _what_is_known(name, facts, character))


def _spouse(text: str, character: Character) -> _Found:
    """A wife or husband, unnamed, of somebody whose card has none. Sons may be sons in the faith."""
    have = {fact.relation for fact in character.kin}
    for match in _SPOUSE.finditer(text):
        relation = _LEVELS.get(match["relation"], match["relation"])
        if not have & ({"wife", "concubine"} if relation == "wife" else {relation}):
            yield match.start(), Claim("marriage", match[0], f"the card of {character.name} knows of no {relation}")


def _deeds(text: str, character: Character) -> _Found:
    married = {fact.name for fact in character.kin if fact.relation in ("wife", "husband", "concubine")}
    children = {fact.name for fact in character.kin if fact.relation in ("son", "daughter")}
    for match in _MARRIED.finditer(text):
        is_plain = not match[0].split()[1].startswith("took") or match["as"]
        if is_plain and match["name"] not in _NO_NAME and not any(_same(name, match["name"]) for name in married):
            yield match.start(), Claim("marriage", match[0], _listed("married", married, character))
    for match in _BORE.finditer(text):
        if match["name"] not in _NO_NAME and not any(_same(name, match["name"]) for name in children):
            yield match.start(), Claim("kin", match[0], _listed("had the children", children, character))
    for match in _KILLED.finditer(text):
        name = match["name"]
        told = rf"{_KILLING}\w*\b (?:\w+ ){{0,4}}{name}\b"
        if name not in _NO_NAME and not any(re.search(told, event.what) for event in character.events):
            yield match.start(), Claim("killing", match[0], f"no event of {character.name}'s card tells of it")


def _offices(text: str, character: Character) -> _Found:
    held = _held(character)
    for match in _OFFICE.finditer(text):
        office = match["office"].lower()
        if office in held or office in _ANYBODY:
            continue
        if _AS.match(match[0]) and not _SPEAKER_NEAR.match(text[match.end() :]):
            continue  # "like sheep as a shepherd leads them": not said of oneself
        offices = ", ".join(fact.name for fact in character.offices) or "nothing"
        yield match.start(), Claim("office", match[0], f"{character.name} was: {offices}")


@lru_cache(maxsize=64)
def _held(character: Character) -> frozenset[str]:
    said = " ".join([character.title, *(fact.name for fact in character.offices)]).lower()
    own = {office for office in (*OFFICES, *_LIKE) if re.search(rf"\b{office}\b", said)}
    return frozenset(own.union(*(_LIKE.get(office, set()) for office in own)))


def _peoples(text: str, character: Character) -> _Found:
    own = {people.lower() for people in character.peoples}
    own |= _ISRAEL if own & (_ISRAEL | _TRIBES) else set()
    said = f"{character.title} {character.card}"
    for match in _PEOPLE.finditer(text):
        people = match["people"]
        stem = people.lower()[:4]
        if people in said or any(one.startswith(stem) or stem.startswith(one[:4]) for one in own):
            continue
        if any(fact.name.lower().startswith(stem) for fact in character.places if fact.relation in _HOMES):
            continue
        yield match.start(), Claim("people", match[0], f"{character.name} is of {', '.join(character.peoples)}")


_HOMES = frozenset(("born", "lived", "ruled", "raised", "home"))


def _birthplace(text: str, character: Character) -> _Found:
    born = [fact.name for fact in character.places if fact.relation == "born"]
    lived = [fact.name for fact in character.places if fact.relation in _HOMES]
    for match in _BORN.finditer(text):
        name = match["name"] or match["other"]
        homes = (born or lived) if match[0].endswith("was born") or match["how"] == "was born" else lived
        if name in _NO_NAME or any(name in home or home in name for home in (*homes, *character.peoples)):
            continue
        yield match.start(), Claim("birthplace", match[0], f"{character.name}'s home was {', '.join(homes)}")


def _as_another(text: str, character: Character) -> _Found:
    """The character spoken of as somebody else: "as the Psalmist said"."""
    for name in character.called:
        pattern = rf"(?<!I, )(?<!am )(?<!was )(?<!call me )(?<!called me )\b{re.escape(name)} (?:\w+ )?(?:{_SAYS})\b"
        for match in re.finditer(pattern, text, re.I):
            yield match.start(), Claim("self", match[0], f"{name} is {character.name}")
    titled = rf"(?:King |Queen |Saint |the prophet )?{re.escape(character.name)}"
    of_whom = rf"\b(?:[Aa]s|[Ll]ike|[Ww]hat|[Ww]hen) {titled} (?:\w+ )?(?:{_SAYS})\b"
    for match in re.finditer(of_whom, text):
        yield match.start(), Claim("self", match[0], f"{character.name} is speaking")


_SAYS = "says|said|wrote|writes|sang|sings|sought|put it|tells|told|declares|declared|once said|reminds|teaches|taught"

_CHECKS: tuple[Callable[[str, Character], _Found], ...] = (
    *(_kin, _spouse, _deeds, _offices, _peoples, _birthplace, _as_another),
)


def _dear(fact: Fact) -> bool:
    return not _ENEMY.search(fact.relation.lower())


def _same(known: str, said: str) -> bool:
    return said == known or said in known.split() or known.startswith(said + "-")


def _fits(fact: Fact, relation: str) -> bool:
    """Whether a fact bears out a relation; a half-brother is a brother, an ancestor a father."""
    relation = _LEVELS.get(relation, relation)
    wider = {
        "parent": ("father", "mother", "stepfather", "ancestor", "grandfather"),
        "father": ("ancestor", "father-in-law", "stepfather"),
        "mother": ("ancestor", "mother-in-law", "stepmother"),
        "brother": ("half-brother", "brother-in-law", "kinsman"),
        "sister": ("half-sister", "sister-in-law", "kinswoman"),
        "son": ("stepson", "son-in-law", "descendant"),
        "daughter": ("stepdaughter", "daughter-in-law", "descendant"),
        "wife": ("concubine",),
        "cousin": ("kinsman", "kinswoman", "nephew"),
        "uncle": ("kinsman",),
        "nephew": ("kinsman",),
    }
    said = fact.relation.lower()
    return said == relation or said in wider.get(relation, ()) or relation in said.split()


def _what_is_known(name: str, facts: list[Fact], character: Character) -> str:
    if facts:
        return f"{name} is {character.name}'s {' and '.join(fact.relation for fact in facts)}"
    return f"the card of {character.name} knows of no {name}"


def _listed(what: str, names: set[str], character: Character) -> str:
    return f"{character.name} {what} {', '.join(sorted(names)) or 'none'}"
