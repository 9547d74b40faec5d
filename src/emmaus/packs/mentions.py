"""References in running text: found in all usual spellings, and told from what only looks like one.

Knows books, chapters and verses. Knows nothing about quotations.
"""

import re
from dataclasses import dataclass
from functools import cache

from emmaus.errors import BadInput
from emmaus.packs.numerals import ORDINAL, WORDED, number
from emmaus.packs.references import Canon, Reference, bible

_VERSE = r"(?:verses?|vss?\.?|vv?\.?)\s*"
_CHAPTER = r"(?:chapters?|chap\.?|ch\.?)\s*"
_DASH = r"\s?(?:[-\u2010-\u2015\u2212]|to\b|through\b|thru\b)\s?"
_ROMAN_NUMBER = r"(?-i:[ivxlc]{1,8}|[IVXLC]{1,8})\b"
_MORE = (
    rf"(?:{_DASH}\d{{1,3}}(?!\d)(?:[:.]\d{{1,3}})?[a-c]?(?![\w%])"
    r"|(?:,|\s?&|,?\s+and)\s?\d{1,3}(?:-\d{1,3})?(?!\d|[:.]\d|\s?[a-z]|\s[A-Z])"
    r"|[,;]\s?\d{1,3}[:.]\d{1,3}(?!\d)(?:[-\u2010-\u2015]\d{1,3}(?![\d:]))?(?!\s?[ap]\.?m\b))"
)
_PLACE = rf"""
    (?P<said>,?\s*{_CHAPTER})? (?P<c>\d{{1,3}}(?!\d)|{WORDED}|{_ROMAN_NUMBER})
    (?: (?P<sep>\s?:\s?|[.;]\s+(?:in\s+)?verses?\s+|\.(?=\d)|,(?=\d)|,?\s*(?:and\s+)?{_VERSE}|\.\s(?=\d{{1,3}}\b))
        (?P<v>\d{{1,3}}(?!\d)|{WORDED}) (?:[a-c]\b|ff?\b\.?)? (?P<more>{_MORE}*)
      | (?P<span>{_DASH}\d{{1,3}}(?![\d:]))? )
"""
_BOOK = r"""(?<![\w\u2019'.-])
    (?:(?P<n>[1-4]\.?[ \u00a0]*|(?:I{1,3}|IV|(?:1st|2nd|3rd|First|Second|Third|Fourth)
        (?:[ ](?:letter|epistle|book)[ ](?:of|to)(?:[ ]the)?)?)[ \u00a0]+))?
    (?P<b>[A-Z][A-Za-z]+(?:\s+of\s+(?:the\s+)?[A-Za-z]+)?|[a-z]{3,})(?![A-Za-z])\.?
"""
_WRITTEN = re.compile(rf"{_BOOK}(?:\s*|,\s+|(?-i:'s|\u2019s)\s+){_PLACE}", re.VERBOSE | re.IGNORECASE)
_TOLD = re.compile(
    rf"""(?:\b(?:verse\s+(?P<v1>\d{{1,3}}|{WORDED})|(?:the\s+)?(?P<v2>{ORDINAL})\s+verse)\s+(?:of|in|from)\s+)?
    (?:\b(?:the\s+)?(?P<c2>{ORDINAL})\s+(?:chapter\s+(?:of|in)\s+(?:the\s+)?(?:(?:gospel|book|letter|epistle|prophecy)\s+
        (?:of|to|according\s+to)\s+(?:the\s+|saint\s+|st\.?\s+)?)?|(?=psalm\b))
     | \bchapter\s+(?P<c1>\d{{1,3}}|{WORDED})\s+(?:of|in)\s+
        (?:the\s+(?:gospel|book|letter|epistle)\s+(?:of|to)\s+(?:the\s+)?)?)
    (?P<n>(?:[1-3]|I{{1,3}}|First|Second|Third)\s+)?(?P<b>[A-Z][A-Za-z]+(?:\s+of\s+[A-Z][A-Za-z]+)?)
    (?:,?\s+(?:verse\s+(?P<v3>\d{{1,3}}|{WORDED})|(?:in\s+)?(?:the\s+)?(?P<v4>{ORDINAL})\s+verse))?""",
    re.VERBOSE | re.IGNORECASE,
)
_EVERYDAY = frozenset(
    [
        "Mark", "Acts", "Job", "Numbers", "Judges", "Ruth", "James", "John", "Luke", "Daniel", "Amos",
        "Joel", "Micah", "Romans", "Ezra", "Esther", "Titus", "Jude", "Hebrews", "Matthew", "Joshua",
        "Nahum", "Jonah", "Isaiah", "Jeremiah", "Philemon", "Revelation", "Proverbs",
        "Song of Songs",
        "Lamentations", "Hosea",
        "1 Kings",
        "2 Kings",
        "1 Samuel",
        "2 Samuel",
        "1 Peter",
        "2 Peter",
        "1 John",
        "2 John",
        "3 John",
        "1 Timothy",
        "2 Timothy",
        "Galatians",
    ]
)  # fmt: skip
"""Books whose names are also words or people: with a chapter alone they are references only where the text shows it."""
_LEADS = re.compile(
    r"(?:\b(?:in|see|read|reads|reading|from|cf|of|compare|to|and|through|study|studying|open|chapter|per|also|like|"
    r"by|is|with|on|bible|scripture)\.?,?|[(\[;\u2014\u2013-]|^)\s*$",
    re.IGNORECASE,
)
_GOES_ON = re.compile(
    r"\s*(?:[.,;:!?)\]\u201d\"'\u2019\u2014\u2013(-]|$|\s(?:says?|tells?|teach(?:es)?|speaks?|reads?|and|where|when|that|"
    r"as|with|for|to|is|about|describes?|reminds?|shows?|in|which|begins?|ends?|contains?|he|she|we|you|i|they|the|"
    r"again|too|today|tonight|this|every|records?|recounts?|or|but|has|gives?|promises|warns|before|after|together)\b)",
    re.IGNORECASE,
)
_CLOCK = re.compile(r"\s?(?:[ap]\.?m\b|o'clock|in the (?:morning|afternoon|evening)|hours|%|percent|kg|km|lb)", re.I)
_NO_BOOKS = frozenset(
    [
        "at", "by", "on", "room", "page", "pages", "figure", "fig", "section", "table", "ratio",
        "score", "around", "from", "until", "till", "since", "version", "chapter", "verse", "verses",
        "about", "before", "after", "between", "flight", "python", "item", "line", "step", "day",
        "week", "part", "the", "and", "in", "of", "to", "for", "with", "as", "was", "is", "is", "it",
        "be", "he", "see", "says", "said", "read", "or", "route", "unit", "lot", "gate", "platform",
        "aspect", "psalter", "note", "bus", "train", "odds", "won", "lost", "beat", "time", "times",
        "noon", "a", "an", "no", "level", "grade", "hymn", "act", "scene", "today", "tonight",
        "yesterday", "am", "pm",
    ]
)  # fmt: skip
_PLAYS_AND_POEMS = frozenset(
    [
        "hamlet", "macbeth", "othello", "lear", "juliet", "cymbeline", "coriolanus", "pericles", "cressida",
        "tempest", "andronicus", "caesar", "shakespeare", "milton", "homer", "virgil", "dante", "chaucer", "spenser",
        "goethe", "faust", "iliad", "odyssey", "aeneid", "inferno", "purgatorio", "paradiso", "metamorphoses",
        "beowulf", "marlowe", "faustus", "sonnet", "canto",
    ]
)  # fmt: skip
"""Works that are cited as books of scripture are, by act and scene or by canto and line, and nobody takes for one."""
UNKNOWN_BOOKS = frozenset(
    [
        "tobit", "judith", "wisdom", "sirach", "ecclesiasticus", "baruch", "maccabees", "esdras",
        "susanna", "bel", "enoch", "jubilees", "hezekiah", "hesitations", "thomas", "barnabas",
        "hermas", "manasseh", "azariah", "laodiceans", "clement", "didache", "nephi", "mormon", "quran",
    ]
)  # fmt: skip
"""Books that people cite as scripture and that are none of the 66."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A reference as it stands in a text."""

    text: str
    """As it is written."""
    start: int
    end: int
    places: tuple[Reference, ...]
    """The places that it names: several in "John 3:16-17, 36"; none where there is no such place."""
    spelling: str
    """Canonical where the place exists, else the written words tidied."""
    book: str
    """The book's name: the canon's where it knows the book, else as it is written."""
    known_book: bool
    """Whether the book is one of the canon's."""
    verse: bool
    """Whether it names verses, not only a chapter."""


def find_references(text: str, canon: Canon | None = None) -> tuple[Mention, ...]:
    """List the references in a text in order, those to places and books that do not exist too.

    "Mark 5 people", "Acts 2 scenes" and "at 3:16 pm" are none. Books that no canon knows count with chapter and verse.
    """
    known = canon or bible()
    found: list[Mention] = []
    if not re.search(r"\d|chapter|psalm|verse|[IVXivx]{2}", text, re.IGNORECASE):
        return ()
    found += [one for told in _TOLD.finditer(text) if (one := _told(told, known))]
    at = 0
    pattern = _pattern(tuple(name for name in known.books if " " in name)) if canon else _WRITTEN
    while match := pattern.search(text, at):
        mention = _written(match, text, known)
        at = mention.end if mention else max(match.start() + 1, match.start("b") + 1)
        at = at if mention else _word_end(text, at)
        if mention and not any(one.start < mention.end and mention.start < one.end for one in found):
            found.append(mention)
    return tuple(sorted(found, key=lambda one: one.start))


@cache
def _pattern(names: tuple[str, ...]) -> re.Pattern[str]:
    """The pattern for a canon, with its names of several words."""
    several = "|".join(re.escape(name) for name in names if not re.match(r"[1-4] |.* of ", name))
    source = _WRITTEN.pattern.replace("(?P<b>", f"(?P<b>{several}|") if several else None
    return re.compile(source, re.VERBOSE | re.IGNORECASE) if source else _WRITTEN


def _word_end(text: str, at: int) -> int:
    while at < len(text) and text[at].isalnum():
        at += 1
    return at


def _told(match: re.Match[str], canon: Canon) -> Mention | None:
    """Read "the third chapter of John" and its kin."""
    chapter = number(match["c1"] or match["c2"] or "")
    name = f"{match['n'] or ''}{match['b']}"
    end = match.end("b") if canon.named(name) is None and " of " in match["b"] else match.end()
    name = name if canon.named(name) else name.split(" of ")[0]
    book = canon.named(name)
    if book is None or chapter is None:
        return None
    said = next((match[group] for group in ("v1", "v2", "v3", "v4") if match[group]), "")
    verse = number(said) if said else None
    spelling = f"{book} {chapter}" + (f":{verse}" if verse else "")
    start = match.start() + len(match[0]) - len(match[0].lstrip())
    return _mention(match.string, start, end, [spelling], canon, book, True)


def _written(match: re.Match[str], text: str, canon: Canon) -> Mention | None:
    """Read "Ps. 23:1" and its kin, or tell that it is none."""
    start, volume, book = _book(match, canon)
    known = canon.named(f"{volume} {book}".strip())
    end = match.end()
    numbered = known is None and (canon.named(f"1 {book}") is not None)
    verse = match["v"] is not None
    if known is None and not numbered and (not verse or not _may_be_book(match, book)):
        return None
    if known is None and numbered and not volume:
        known = canon.named(f"1 {book}")
    if not _shown(match, known or book, text, start, book):
        return None
    name = known or " ".join(f"{volume} {book}".split())
    return _mention(text, start, end, _spellings(match, name), canon, name, known is not None)


def _book(match: re.Match[str], canon: Canon) -> tuple[int, str, str]:
    """Tell where the book's name begins, its number and its name; words before it ("gospel of") are left out."""
    book, start = " ".join(match["b"].split()), match.start()
    volume = _volume(match["n"])
    if canon.named(f"{volume} {book}".strip()) or (not volume and canon.named(f"1 {book}")):
        return start, volume, book
    last = book.split()[-1]
    if " of " in book.lower() and (canon.named(last) or canon.named(f"1 {last}")):
        return match.end("b") - len(last), "", last
    if volume and canon.named(book) and not canon.named(f"1 {book}"):
        before = match.string[: match.start()].rstrip(" ")
        if "." not in match["n"] and (not before or before[-1] in '(["\u201c\u2014\n' or match["n"][0].isupper()):
            return start, volume, book
        return match.start("b"), "", book
    return start, volume, book


def _volume(written: str | None) -> str:
    if not written:
        return ""
    first = written.split()[0].lower().rstrip(".")
    return {"i": "1", "ii": "2", "iii": "3", "iv": "4"}.get(first) or str(number(first) or "")


def _may_be_book(match: re.Match[str], book: str) -> bool:
    return (
        book[0].isupper()
        and (match["sep"] or "").strip() in (":", ".")
        and match["c"].isdigit()
        and book.lower() not in _NO_BOOKS | _PLAYS_AND_POEMS
        and len(book) > 2
        and not _CLOCK.match(match.string, match.end())
    )


def _shown(match: re.Match[str], name: str, text: str, start: int, book: str) -> bool:
    """Tell whether the text around shows that a book with numbers is meant as a reference."""
    capital, digits = text[match.start("b")].isupper() or book[0].isupper(), match["c"].isdigit()
    after = text[match.end() :]
    if _CLOCK.match(after):
        return False
    if match["v"] is not None:
        spaced = bool(re.match(r"\.\s+(?!in\b|v)", match["sep"], re.IGNORECASE))
        if spaced and digits:  # "in John 3. 16 people": only a Roman chapter has a full stop and a blank after it
            return False
        if not digits and len(match["c"]) < 3 and match["c"].lower() in ("i", "c", "l", "v", "x") and not match["said"]:
            return capital and bool((match["sep"] or "").strip())
        return capital or (len(book) > 2 and match["sep"].strip() == ":" and name.lower().split()[-1] not in _NO_BOOKS)
    if match["said"]:
        return capital
    if not capital or len(book) < 3 or re.match(r"\s?[:.,]\d|\d|\s?%|(?:st|nd|rd|th)\b", after):
        return book.lower().startswith("psalm") and digits
    if not digits:
        return (name == "Psalm" or (match["c"].isupper() and len(match["c"]) > 1)) and bool(_GOES_ON.match(after))
    if name in _EVERYDAY or name not in bible().books:
        leads = _LEADS.search(text[max(0, start - 14) : start])
        return bool(leads) and bool(_GOES_ON.match(after)) and not re.match(r"\s+(?:was|were)\b", after)
    return True


def _spellings(match: re.Match[str], name: str) -> list[str]:
    """Write each of the places in a form that a canon parses."""
    chapter = number(match["c"])
    if match["v"] is None:
        return [f"{name} {chapter}{_dashed(match['span'] or '')}"]
    found = [f"{name} {chapter}:{number(match['v'])}"]
    for piece in re.finditer(_MORE, match["more"] or "", re.IGNORECASE):
        part = piece[0].strip()
        if re.match(_DASH, piece[0], re.IGNORECASE) and not part[0].isdigit():
            found[-1] += _dashed(piece[0])
            continue
        numbers = re.sub(r"^[^\d]+", "", part).replace(".", ":")
        if ":" in numbers:
            chapter = int(numbers.split(":")[0])
            found.append(f"{name} {numbers}")
        else:
            found.append(f"{name} {chapter}:{numbers}")
    return found


def _dashed(text: str) -> str:
    numbers = re.search(r"\d{1,3}(?:[:.]\d{1,3})?", text)
    return "-" + numbers[0].replace(".", ":") if numbers else ""


def _mention(text: str, start: int, end: int, spellings: list[str], canon: Canon, book: str, known: bool) -> Mention:
    places: list[Reference] = []
    written = text[start:end].rstrip(" ,;&")
    for spelling in spellings:
        try:
            places.append(canon.parse(spelling))
        except BadInput:
            places.clear()
            break
    shown = (
        "; ".join(map(str, places)) if places else spellings[0] if len(spellings) == 1 else " ".join(written.split())
    )
    verse = any(":" in spelling for spelling in spellings) or any(place.width == "verses" for place in places)
    return Mention(written, start, start + len(written), tuple(places), shown, book, known, verse)
