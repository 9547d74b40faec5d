"""English as search sees it: words that carry meaning, spelled one way whether they come from 1611 or from today."""

import re
from functools import cache
from importlib.resources import files

_WORD = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)*")
_OLD = re.compile(r"(?<=..[a-z])(?:eth|edst|est)$")
_KEEP_OLD = frozenset(
    {
        "beneath",
        "teeth",
        "harvest",
        "forest",
        "honest",
        "modest",
        "tempest",
        "breadth",
        "behest",
        "conquest",
        "request",
        "priest",
        "interest",
        "manifest",
        "protest",
        "arrest",
        "invest",
        "guest",
        "quest",
        "greatest",
        "least",
        "highest",
        "lowest",
        "eldest",
        "youngest",
        "shortest",
        "longest",
        "strongest",
    }
)
_OUR = re.compile(r"(?<=[a-z]{3})our(?=$|s$|ed$|ing$|er|est|eth|able)")
_VOWELS = re.compile(r"[aeiouy]")


@cache
def stop_words() -> frozenset[str]:
    """Words that say nothing about what a text is about."""
    lines = files("emmaus.grounding").joinpath("stopwords.txt").read_text("utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


def words(text: str) -> list[str]:
    """List all words of a text in lower case, with straight apostrophes."""
    return [word.replace("\u2019", "'") for word in _WORD.findall(text.lower())]


def content_words(text: str) -> list[str]:
    """List the words of a text that carry meaning, in order, with old and British endings made plain."""
    stop = stop_words()
    return [form for word in words(text) if word not in stop and (form := modern(word)) not in stop and len(form) > 1]


def modern(word: str) -> str:
    """Give one spelling for "feareth" and "fear", "labour" and "labor", "father's" and "father"."""
    word = word.removesuffix("'s").replace("'", "")
    if word not in _KEEP_OLD and len(word) > 5:
        bare = _OLD.sub("", word)
        if bare != word and _VOWELS.search(bare):
            return _OUR.sub("or", _with_e(bare))
    return _OUR.sub("or", word)


def _with_e(bare: str) -> str:
    """Give "maketh" and "loveth" the e back that their ending took."""
    ends_in_e = re.search(r"(?:[aiou][kvzt]|[aiou]c|[aeiou]rs|[nr]c|[dlnr]g|[aiou]id|[aiou]r|uc|iv|[bcdgtp]l)$", bare)
    return bare + "e" if ends_in_e and not re.search(r"(?:[aeo][iaou]t|ear|air|our|ent)$", bare) else bare


def roots(word: str) -> set[str]:
    """Give a word and what it may be an inflection of: "worries" -> worry, "losing" -> lose, los."""
    found = {word}
    for ending, others in (("ies", ("y",)), ("ied", ("y",)), ("es", ("", "e")), ("s", ("",)), ("ed", ("", "e"))):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            found |= {word.removesuffix(ending) + other for other in others}
    if word.endswith("ing") and len(word) > 5:
        bare = word.removesuffix("ing")
        found |= {bare, bare + "e"}
        found |= {bare[:-1]} if bare[-1] == bare[-2] else set()
    return found
