"""Bible texts from the pythonbible packages, cleaned once into the plain form every corpus has.

Reads `pythonbible_<translation>`. Writes one line a verse, "Psalm 23:1<TAB>words".
"""

import re
from collections.abc import Iterator, Mapping
from importlib import import_module, metadata
from pathlib import Path

from emmaus.errors import PackError
from emmaus.packs.kept import keep_bytes, kept_bytes
from emmaus.packs.references import bible

BIBLES = ("WEB", "KJV", "ASV")
"""Translations that are installed with the program; all are in the public domain."""
CLEANING = 1
"""Counted up when the cleaning changes, so that files cleaned before are made again."""

_PSALM_HEADING = re.compile(r"\s{3,}(?:BOOK [IV]+\s+)?Psalm \d+\b.*$", re.DOTALL)
_BOOK_HEADING = re.compile(r"\s{3,}BOOK [IV]+\s.*$", re.DOTALL)
_ACROSTIC = re.compile(r"\s{2,}[A-Z]{2,}(?: [A-Z]+)?\s*$")
_SPEAKER = re.compile(r"\s(?:Lover|Beloved|Friends)\s*$|^\s*(?:Lover|Beloved|Friends)\s(?=\s*[A-Z])")
_MID_SPEAKER = re.compile(r"\s{2,}(?:Lover|Beloved|Friends)\s+(?=[A-Z])")
_PLACEHOLDER = re.compile(r"^(?:dummy|empty) verses\b")
_SPACE_BEFORE = re.compile(r"\s+([,.;:?!)])")
_OPENS = r"(^|[\s(\"`\u201c\u2018\u2014-])"
_PSALMS, _PSALM_119, _SONG = 19, (19, 119), 22


def read(translation: str, cache: Path | None) -> bytes:
    """Read the text of a translation ("KJV", "WEB", "ASV") as UTF-8, from `cache` where it was cleaned before.

    Raises:
        PackError: there is no such translation, or its package is not installed.
    """
    package = f"pythonbible_{translation.lower()}"
    try:
        version = metadata.version(package.replace("_", "-"))
    except metadata.PackageNotFoundError:
        if translation.upper() not in BIBLES:
            raise PackError(
                f"there is no translation {translation!r}; take one of {', '.join(BIBLES)}, or a text of your own"
            ) from None
        raise PackError(
            f"translation {translation!r} is not installed; add it with: pip install {package.replace('_', '-')}"
        ) from None
    file = cache / f"{translation.lower()}-{version}-{CLEANING}.txt" if cache else None
    if file and (kept := kept_bytes(file)) is not None:
        return kept
    body = "".join(f"{verse}\t{words}\n" for verse, words in clean(raw(package))).encode()
    if file:
        keep_bytes(file, body)
    return body


def raw(package: str) -> dict[tuple[int, int, int], str]:
    """Read the verses of a pythonbible package as it stores them, by number of book, chapter and verse."""
    text = import_module(f"{package}.plain_text_readers_bible").bible
    return {
        (code // 1_000_000, code // 1000 % 1000, code % 1000): text.scripture_content[start:end]
        for code, start in text.verse_start_indices.items()
        for end in [text.verse_end_indices[code]]
    }


def clean(verses: Mapping[tuple[int, int, int], str]) -> Iterator[tuple[str, str]]:
    """Give canonical spelling and clean words of every verse that has words, in the order and numbering of the KJV."""
    names = list(bible().books)
    moved = {_kjv_place(place): words for place, words in verses.items()}
    for (book, chapter, verse), words in sorted(moved.items()):
        if text := clean_words(words, book, chapter):
            yield f"{names[book - 1]} {chapter}:{verse}", text


def clean_words(words: str, book: int, chapter: int) -> str:
    """Clean one verse of brackets, headings of what follows, speakers' names and stray spaces; "" for a dummy."""
    if book == _PSALMS or book == _PSALMS - 1:
        words = _BOOK_HEADING.sub("", _PSALM_HEADING.sub("", words))
    if (book, chapter) == _PSALM_119:
        words = _ACROSTIC.sub("", words)
    if book == _SONG:
        words = _SPEAKER.sub("", _MID_SPEAKER.sub(" ", words))
    if "[" in words or "]" in words:
        words = re.sub(r"(?<=\w)\s?-\s?(?=\[)", "-", re.sub(r"\.\[Selah\b", ". Selah.", words))
        words = re.sub(r"[\[\]]", "", words)
    words = " ".join(words.replace("--", " \u2014 ").split())
    if _PLACEHOLDER.match(words):
        return ""
    words = _SPACE_BEFORE.sub(r"\1", words).replace("( ", "(").replace("first- fruits", "first-fruits")
    return _curl(words) if '"' in words or "`" in words else words


def _curl(words: str) -> str:
    """Turn backticks and straight marks into opening and closing quotation marks."""
    words = re.sub(_OPENS + r"\"\s?(?=[\w`'(])", "\\1\u201c", words).replace('"', "\u201d")
    words = re.sub(_OPENS + r"`(?=[\w(\u201c])", "\\1\u2018", words).replace("`", "\u2019")
    return re.sub(r"\s+\u201d", "\u201d", words)


def _kjv_place(place: tuple[int, int, int]) -> tuple[int, int, int]:
    """Move the close of Romans, which the WEB prints as 14:24 to 26, to where everyone else has it, 16:25 to 27."""
    book, chapter, verse = place
    return (45, 16, verse + 1) if (book, chapter) == (45, 14) and verse > 23 else place
