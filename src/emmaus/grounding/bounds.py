"""Whether a question asks about something that the character cannot know, or only about what they can.

Two things tell that they cannot: a term of the pack's timeline or of the card, and a name that stands nowhere in what
the character could have lived through, heard or said. What an asker merely mentions of their own life ("my boss", "my
daughter Esther") is not asked about.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from emmaus.grounding.disclosure import asks_who_answers
from emmaus.grounding.english import roots, stop_words, words
from emmaus.grounding.names import known_names, names_in
from emmaus.grounding.timeline import places
from emmaus.packs import Pack
from emmaus.types import Character

_SENTENCE = re.compile(r"[^.!?\n]+[.!?]*\s*")
_ASKER = re.compile(r"\b(?:I|I'm|I've|I'd|i|i'm|im|me|my|mine|we|our|us)\b", re.I)
_ADDRESS = re.compile(r"\b(?:tell|show|explain|describe|teach|give|let|help)\b[^.!?]{0,60}?\b(?:me|us)\b", re.I)
"""Said to the character; the asker tells nothing of themselves by it."""
_COUNSEL = re.compile(r"^\W*(?:so |and |but )?(?:should|shall|may|can|could) (?:I|we|my|our)\b", re.I)
_TOLD = frozenset(("story", "stories", "tale", "tales"))
_ADDRESSED = re.compile(r"\b(?:you|your|yours|u|ur|did you|would you)\b", re.I)
_POINTS_BACK = re.compile(r"\b(?:it|one|ones|them|they|that|this|those|these)\b", re.I)
_OWN_FOLK = re.compile(
    r"(?:\b(?:my|our|his|her|their|a|the)\s+(?:\w+\s+){1,2}|\b(?:named|called|name is|name's|i am|i'm|im|this is|"
    r"meet|dear|friend|yours|thanks|love)[,]?\s+)$",
    re.I,
)
"""What stands before a name that the asker brings along."""
_ACQUAINTED = re.compile(
    r"^\W*(?:(?:so|and|but|well|now|please|tell me)[,:]? )*(?:"
    r"(?:(?:do|did|would|can|have) you (?:(?:still|ever|really|also|even|not) )*(?:know|known|remember|recall|heard?)"
    r"|what (?:do|can) you (?:know|remember|tell me)|tell (?:me|us))"
    r" (?!(?:that|how|why|when|where|if|whether|your)\b)"
    r"|(?:are|were|was|is) there (?!more\b|any(?:one|body)\b)|(?:do|did) (?:your )?people (?!treat|think|say)\b"
    r"|(?:do|did) you (?:have|use)\b|(?:had|have) you (?:any\b|\w+ of your own)"
    r"|(?:who|what) (?:is|was|are|were) (?!your\b|the \w+ of\b)(?!.*(?:\w['\u2019]s|\bname|\bcalled)\b)"
    r")[^.!?]*[.!?]*\s*$",
    re.I,
)
"""Asks whether they know somebody or something, who or what that is, or whether it was there at all in their days; not
for a detail, or what happens."""


def unknown(question: str, character: Character, pack: Pack) -> tuple[str, ...]:
    """List what a question asks about that lies beyond the character, as the question names it, in order."""
    found = sorted({*places(question, character, pack), *_strange_names(question, character, pack)})
    asked = [place for place in widest(found) if _is_asked(question, place[0])]
    return tuple(dict.fromkeys(question[start:end] for start, end in asked))


def within(question: str, character: Character, pack: Pack) -> bool:
    """Whether a question asks only if the character knows something that they can know, so that they need not deny it.

    False for all else: asked for a detail, a reason or what is to come, "I do not know" may be the truest answer.
    """
    if not _ACQUAINTED.search(question) or asks_who_answers(question) or unknown(question, character, pack):
        return False
    if _ASKER.search(_ADDRESS.sub("", question)):
        return False
    heard, told = _vocabulary(character, pack), [word.removesuffix("'s") for word in words(question)]
    meant = [word for word in told if word not in stop_words() and word not in _TOLD]
    return bool(meant) and all({*roots(word), f"{word}s"} & heard for word in meant)


def widest(found: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Drop spans that lie within longer ones: "Alexander" in "Alexander the Great"."""
    for start, end in found:
        if not any(other <= start and end <= last and (other, last) != (start, end) for other, last in found):
            yield start, end


def _is_asked(question: str, at: int) -> bool:
    """Whether what stands at `at` is what the question is about, and no mere circumstance of the asker."""
    sentences = [match for match in _SENTENCE.finditer(question) if match.end() > at]
    named, following = sentences[0][0], sentences[1][0] if len(sentences) > 1 else ""
    if asks_who_answers(named):
        return False
    if _ADDRESSED.search(named) or _COUNSEL.search(named) or not _ASKER.search(_ADDRESS.sub("", question)):
        return True
    return bool(_ADDRESSED.search(following) and _POINTS_BACK.search(following))


def _strange_names(question: str, character: Character, pack: Pack) -> Iterator[tuple[int, int]]:
    """Find names that stand in no text which the character can know."""
    named = names_in(question)
    for name in sorted(named - known_names(character, pack.corpus()) if named else named):
        if {*roots(name.lower()), f"{name.lower()}s"} & _vocabulary(character, pack):
            continue
        for match in re.finditer(rf"\b{re.escape(name)}\b", question):
            if not _OWN_FOLK.search(question[: match.start()]):
                yield match.span()


@lru_cache(maxsize=24)
def _vocabulary(character: Character, pack: Pack) -> frozenset[str]:
    """Words of everything that the character can know, in every translation."""
    spans = (*character.witnessed, *character.heard, *character.own_words)
    known = {verse for span in spans for verse in pack.corpus().expand(span)}
    texts = [character.card, character.title, character.place, *character.knew]
    for translation in pack.corpora:
        verses = pack.corpus(translation).lines()
        texts += (verses[verse] for verse in known if verse in verses)
    return frozenset(words("\n".join(texts)))
