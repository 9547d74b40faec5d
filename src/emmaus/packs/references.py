"""References: how people write them, and the one way they are written here.

Knows which books, chapters and verses exist (a `Canon`). Knows nothing about words of the verses.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import Literal, TypeAlias

from emmaus.errors import BadInput

Place: TypeAlias = tuple[int, int]
Width: TypeAlias = Literal["book", "chapters", "verses"]

_ORDINALS = {"first": "1", "1st": "1", "i": "1", "second": "2", "2nd": "2", "ii": "2"}
_ORDINALS |= {"third": "3", "3rd": "3", "iii": "3"}
_NUMBERS = re.compile(
    r"""(?P<a>\d{1,3}) (?: [:.] (?P<b>\d{1,3}) [ab]? )?
        (?: - (?P<c>\d{1,3}) (?: [:.] (?P<d>\d{1,3}) )? [ab]? )?""",
    re.VERBOSE,
)
_BOOK = re.compile(r"^((?:[1-3]\s*|(?:first|second|third|1st|2nd|3rd|i{1,3})\s+)?[^\d:]+?)\s*(\d.*)?$", re.IGNORECASE)
_SAID_VERSE = re.compile(r"\s*,?\s*\b(?:verses|verse|vv|vs|v)\b\.?\s*", re.IGNORECASE)
_SAID_CHAPTER = re.compile(r"\b(?:chapters|chapter|chap|ch)\b\.?\s*(?=\d)", re.IGNORECASE)
_DASHES = re.compile(r"\s*(?:[-\u2010-\u2015\u2212]|\bto\b)\s*(?=\d)")
_OSIS = dict(
    pair.split("=")
    for pair in [
        "Genesis=Gen", "Exodus=Exod", "Leviticus=Lev", "Numbers=Num", "Deuteronomy=Deut", "Joshua=Josh",
        "Judges=Judg",
        "1 Samuel=1Sam",
        "2 Samuel=2Sam",
        "1 Kings=1Kgs",
        "2 Kings=2Kgs",
        "1 Chronicles=1Chr",
        "2 Chronicles=2Chr",
        "Nehemiah=Neh", "Esther=Esth", "Psalm=Ps", "Proverbs=Prov", "Ecclesiastes=Eccl",
        "Song of Songs=Song",
        "Isaiah=Isa", "Jeremiah=Jer", "Lamentations=Lam", "Ezekiel=Ezek", "Daniel=Dan", "Hosea=Hos",
        "Obadiah=Obad", "Micah=Mic", "Nahum=Nah", "Habakkuk=Hab", "Zephaniah=Zeph", "Haggai=Hag",
        "Zechariah=Zech", "Malachi=Mal", "Matthew=Matt", "Romans=Rom",
        "1 Corinthians=1Cor",
        "2 Corinthians=2Cor",
        "Galatians=Gal", "Ephesians=Eph", "Philippians=Phil", "Colossians=Col",
        "1 Thessalonians=1Thess",
        "2 Thessalonians=2Thess",
        "1 Timothy=1Tim",
        "2 Timothy=2Tim",
        "Titus=Titus", "Philemon=Phlm", "Hebrews=Heb", "James=Jas",
        "1 Peter=1Pet",
        "2 Peter=2Pet",
        "Revelation=Rev",
    ]
)  # fmt: skip
"""Names of books in OSIS (https://crosswire.org/osis) where they are not the English name without its spaces."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A verse or a range of one book. `str()` is the canonical spelling, and parsing that gives an equal reference."""

    book: str
    start: Place
    """First chapter and verse."""
    end: Place
    """Last chapter and verse, included."""
    width: Width = "verses"
    """Tell whether it was given as a whole book, as whole chapters or as verses."""

    def __str__(self) -> str:
        """Write "Ruth", "Ruth 1", "Ruth 1-2", "Ruth 1:3", "Ruth 1:3-5" or "Ruth 1:3-2:4"."""
        (first, opening), (last, closing) = self.start, self.end
        if self.width == "book":
            return self.book
        if self.width == "chapters":
            return f"{self.book} {first}" if first == last else f"{self.book} {first}-{last}"
        tail = "" if self.start == self.end else f"-{closing}" if first == last else f"-{last}:{closing}"
        return f"{self.book} {first}:{opening}{tail}"


@dataclass(frozen=True, slots=True)
class Book:
    """One book: its name as it is cited, other spellings, and the verses of each chapter in order."""

    name: str
    aliases: tuple[str, ...]
    chapters: Mapping[int, Sequence[int]]
    osis: str = ""
    """Its short name in OSIS, "1Cor"; "" where the books are not those of the Bible."""


class Canon:
    """The books of one corpus, in order, and the spellings they go by."""

    def __init__(self, books: Iterable[Book]) -> None:
        self.books: Mapping[str, Book] = {book.name: book for book in books}
        self._spellings: dict[str, str] = {}
        for book in self.books.values():
            for spelling in (book.name, *book.aliases):
                self._spellings.setdefault(_plain(spelling), book.name)

    def parse(self, text: str) -> Reference:
        """Read one reference in any usual spelling.

        Raises:
            BadInput: it is no reference, or names a book, chapter or verse that does not exist.
        """
        match = _BOOK.match(_tidy(text))
        if match is None:
            raise BadInput(f"{text!r} is no reference: write it like {self._sample()!r}")
        book = self.books[self._book(match[1], text)]
        if match[2] is None:
            chapters = list(book.chapters)
            return Reference(book.name, _first(book, chapters[0]), _last(book, chapters[-1]), "book")
        numbers = _NUMBERS.fullmatch(match[2])
        if numbers is None:
            raise BadInput(f"{text!r} is no reference: {match[2]!r} is not chapter and verse, as in {self._sample()!r}")
        return self._checked(book, _range(book, numbers), text)

    def expand(self, reference: Reference | str) -> Iterator[str]:
        """List every verse of a reference in order, each in its canonical spelling."""
        found = self.parse(reference) if isinstance(reference, str) else reference
        book = self.books[found.book]
        for chapter, verses in book.chapters.items():
            if found.start[0] <= chapter <= found.end[0]:
                yield from (
                    f"{book.name} {chapter}:{verse}" for verse in verses if found.start <= (chapter, verse) <= found.end
                )

    def osis(self, reference: Reference | str) -> str:
        """Write a reference as OSIS does: "Ps.23.1", "1Cor.13.4-1Cor.13.7", "Ruth.1"."""
        found = self.parse(reference) if isinstance(reference, str) else reference
        name = self.books[found.book].osis or found.book.replace(" ", "")
        if found.width == "book":
            return name
        places = [
            ".".join(map(str, place[: 1 if found.width == "chapters" else 2])) for place in (found.start, found.end)
        ]
        return "-".join(dict.fromkeys(f"{name}.{place}" for place in places))

    def named(self, spelling: str) -> str | None:
        """Give the name of the book that these words name, in full or in a usual abbreviation, or None."""
        return self._spellings.get(_plain(spelling))

    def _book(self, spelling: str, text: str) -> str:
        name = _plain(spelling)
        if name in self._spellings:
            return self._spellings[name]
        begun = {book for known, book in self._spellings.items() if len(name) >= 3 and known.startswith(name)}
        if len(begun) == 1:
            return begun.pop()
        near = get_close_matches(name, self._spellings, n=1)
        hint = (
            f"did you mean {self._spellings[near[0]]!r}?" if near else f"the first book is {next(iter(self.books))!r}"
        )
        raise BadInput(f"{text!r} names a book that does not exist: {hint}")

    def _checked(self, book: Book, found: Reference, text: str) -> Reference:
        for chapter, verse in (found.start, found.end):
            if chapter not in book.chapters:
                have = f"{min(book.chapters)} to {max(book.chapters)}"
                raise BadInput(f"{text!r} does not exist: {book.name} has chapters {have}")
            verses = book.chapters[chapter]
            if verse not in verses:
                raise BadInput(f"{text!r} does not exist: {book.name} {chapter} has verses {verses[0]} to {verses[-1]}")
        if found.end < found.start:
            raise BadInput(f"{text!r} ends before it begins: write the smaller number first")
        return found

    def _sample(self) -> str:
        book = next(iter(self.books.values()))
        chapter, verses = next(iter(book.chapters.items()))
        return f"{book.name} {chapter}:{verses[0]}"


@cache
def bible() -> Canon:
    """Give the 66 books with the verse numbers of the King James Version (31,102 verses)."""
    books = []
    for line in files("emmaus.packs").joinpath("canon/bible.tsv").read_text("utf-8").splitlines():
        if not line.startswith("#"):
            name, aliases, lengths = line.split("\t")
            chapters = {n: range(1, int(last) + 1) for n, last in enumerate(lengths.split(","), 1)}
            books.append(Book(name, tuple(aliases.split(",")), chapters, _OSIS.get(name, name.replace(" ", ""))))
    return Canon(books)


def of_verses(verses: Iterable[str]) -> Canon:
    """Make the canon of a corpus from the spellings of its verses ("Book 3:16"), in the order they come."""
    found: dict[str, dict[int, list[int]]] = {}
    for verse in verses:
        book, _, place = verse.rpartition(" ")
        chapter, _, number = place.partition(":")
        found.setdefault(book, {}).setdefault(int(chapter), []).append(int(number))
    return Canon(Book(name, (), {c: tuple(sorted(v)) for c, v in sorted(found[name].items())}) for name in found)


def _plain(spelling: str) -> str:
    words = spelling.lower().replace(".", " ").split()
    if len(words) == 1 and (joined := re.fullmatch(r"([1-3])([a-z]+)", words[0])):
        words = [joined[1], joined[2]]
    if len(words) > 1:
        words[0] = _ORDINALS.get(words[0], words[0])
    return " ".join(words)


def _tidy(text: str) -> str:
    text = _DASHES.sub("-", " ".join(text.split()).strip(" .,;()[]"))
    text = _SAID_CHAPTER.sub("", text)
    text = re.sub(r"(?<=\d)" + _SAID_VERSE.pattern + r"(?=\d)", ":", text, flags=re.IGNORECASE)
    text = re.sub(r"(?<=[^\d:.,]\d)(\d{0,2}),(?=\d)", r"\1:", text)  # "Jn 3,16", as it is written on the Continent
    return re.sub(r"(?<=\d)\s*([:.])\s*(?=\d)", r"\1", text)


def _range(book: Book, numbers: re.Match[str]) -> Reference:
    a, b, c, d = (int(n) if n else None for n in numbers.group("a", "b", "c", "d"))
    assert a is not None  # the pattern has no match without it
    only = next(iter(book.chapters)) if len(book.chapters) == 1 else None
    if b is None and d is None and only is not None and (a, c) not in ((only, None), (only, only)):
        return Reference(book.name, (only, a), (only, c or a))  # "Jude 3" is a verse
    if b is None and d is None:
        return Reference(book.name, _first(book, a), _last(book, c or a), "chapters")
    start = _first(book, a) if b is None else (a, b)
    if c is None:
        return Reference(book.name, start, start)
    return Reference(book.name, start, (start[0], c) if d is None else (c, d))


def _first(book: Book, chapter: int) -> Place:
    return chapter, (book.chapters.get(chapter) or (1,))[0]


def _last(book: Book, chapter: int) -> Place:
    return chapter, (book.chapters.get(chapter) or (1,))[-1]
