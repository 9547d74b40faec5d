"""Is a question asked in another language than English? Said only where it is plain, by letters and by small words."""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import yaml

from emmaus.chat.care import folded, spoken
from emmaus.grounding.english import stop_words

FEWEST_WORDS = 4
"""Below, a text in Latin letters may be a name, a greeting or what somebody quotes."""
FEWEST_SIGNS = 4
"""Letters of a script without blanks below which a text may be a name."""
OTHER_LETTERS = 0.7
"""Share of letters that are not Latin from which a text is in another language, whatever else stands in it."""
MOST_ENGLISH = 0.2
"""Share of English words in Latin letters up to which a text can be in another language."""
KNOWN = 0.4
"""Share of words of the other language from which two that say something are enough; else it takes three."""
SAYS = (
    "This is the program speaking, not the character. The small model that answers here only understands English, "
    "so please ask again in English. For other languages a larger model can be set: EMMAUS_MODEL_URL and "
    "EMMAUS_MODEL_NAME name one on a server, as Ollama, and EMMAUS_MODEL_FILE a GGUF file of your own."
)
"""What a person is told instead of an answer."""
_BLANKLESS = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
_WORD = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*")


@dataclass(frozen=True, slots=True)
class _Words:
    english: frozenset[str]
    particles: frozenset[str]
    others: tuple[frozenset[str], ...]


def foreign(text: str) -> bool:
    """Whether a text is plainly not English. Names, greetings, single words and short quotations are no such text."""
    words = _WORD.findall(spoken(text))
    plain = [folded(word) for word in words]
    other = [word for word in words if not unicodedata.name(word[0], "").startswith("LATIN")]
    if len(other) > 1 or len("".join(_BLANKLESS.findall("".join(other)))) >= FEWEST_SIGNS:
        share = sum(map(len, other)) / sum(map(len, words))
        return share > OTHER_LETTERS or _words().english.isdisjoint(plain)
    accented = {bare for word, bare in zip(words, plain, strict=True) if not word.isascii()}
    return len(words) >= FEWEST_WORDS and any(_is_of(plain, accented, language) for language in _words().others)


def _is_of(words: list[str], accented: set[str], language: frozenset[str]) -> bool:
    """Whether these words are of this language rather than English."""
    if language.isdisjoint(words):
        return False
    known = [word for word in words if word in language or word in accented]
    english = [word for word in words if word not in language and word in _words().english]
    if len(english) > MOST_ENGLISH * len(words):
        return False
    telling = set(known) - _words().particles - _words().english
    return bool(telling & language) and (len(telling) >= 3 or (len(telling) == 2 and len(known) >= KNOWN * len(words)))


@cache
def _words() -> _Words:
    read = yaml.safe_load((files("emmaus.chat") / "language.yaml").read_text(encoding="utf-8"))
    lists = {name: frozenset(folded(listed).split()) for name, listed in read.items()}
    english, particles = lists.pop("english") | stop_words(), lists.pop("particles")
    return _Words(english, particles, tuple(lists.values()))
