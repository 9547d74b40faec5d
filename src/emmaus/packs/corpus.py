"""The text that characters stand on: verses by reference, in one translation."""

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from functools import cached_property
from pathlib import Path

from emmaus.errors import BadInput, PackError
from emmaus.packs.bibles import BIBLES, read
from emmaus.packs.concordance import Concordance
from emmaus.packs.quotations import Nearest, Words
from emmaus.packs.references import Canon, Reference, bible, of_verses
from emmaus.types import Passage

_LINE = re.compile(r"(\S(?:.*\S)?) +(\d+):(\d+)\t\s*(\S.*)")


class Corpus:
    """One translation. Its words are read when they are first asked for; references can be parsed without them."""

    def __init__(self, translation: str, canon: Canon, body: Callable[[], bytes], cache: Path | None = None) -> None:
        """`body` gives the text, one verse a line: canonical spelling, tab, words; `cache` keeps what is made of it."""
        self.translation = translation
        self.canon = canon
        self._cache = cache
        self._read = body

    @cached_property
    def _body(self) -> bytes:
        return self._read()

    @cached_property
    def _words(self) -> Mapping[str, str]:
        lines = self._body.decode().splitlines()
        return {verse: words for verse, _, words in (line.partition("\t") for line in lines)}

    @cached_property
    def _index(self) -> Words:
        return Words(self._words)

    @cached_property
    def concordance(self) -> Concordance:
        """Where each word stands."""
        return Concordance(self._words, self.hash, self._cache)

    @cached_property
    def hash(self) -> str:
        """Content hash: 16 hex digits over the translation's name and all its words."""
        return hashlib.sha256(self.translation.encode() + b"\n" + self._body).hexdigest()[:16]

    def parse(self, text: str) -> Reference:
        """Read a reference in any usual spelling; BadInput where there is no such place."""
        return self.canon.parse(text)

    def expand(self, reference: Reference | str) -> Iterator[str]:
        """List the verses of a reference in order, in canonical spelling; BadInput where there is no such place."""
        return self.canon.expand(reference)

    def get(self, reference: Reference | str) -> Passage:
        """Give the words of a reference, under its canonical spelling.

        A verse that this translation leaves out is passed over.

        Raises:
            BadInput: there is no such place, or this translation has no words there.
        """
        found = self.parse(reference) if isinstance(reference, str) else reference
        words = " ".join(self._words[verse] for verse in self.expand(found) if verse in self._words)
        if not words:
            raise BadInput(f"{self.translation} has no words at {str(found)!r}: take a neighbouring verse")
        return Passage(str(found), words, self.translation)

    def found(self, references: Iterable[Reference | str]) -> tuple[Passage, ...]:
        """Give the words of references, in their order; those that this translation lacks are passed over.

        What was stored under one translation or pack is so read under another.
        """
        passages = []
        for reference in references:
            with suppress(BadInput):
                passages.append(self.get(reference))
        return tuple(passages)

    def lines(self) -> Mapping[str, str]:
        """List every verse in order: canonical spelling -> words."""
        return self._words

    def says(self, text: str) -> bool:
        """Tell whether these words stand here one after another; marks, capitals and verse bounds do not count."""
        return self._index.says(text)

    def nearest(self, text: str) -> Nearest | None:
        """Find the verse that a quotation comes close to without being it, or None."""
        return self._index.nearest(text)


def from_pythonbible(translation: str, cache: Path | None) -> Corpus:
    """Open a Bible in the translation of an installed `pythonbible-*` package, its cleaned text kept in `cache`."""
    return Corpus(translation, bible(), lambda: read(translation, cache), cache)


def known_bibles(cache: Path | None) -> tuple[Corpus, ...]:
    """Give the translations whose words count as true wherever a text is checked, that of the characters first."""
    return tuple(from_pythonbible(translation, cache) for translation in BIBLES)


def from_text(translation: str, file: Path) -> Corpus:
    """Open a UTF-8 file with one passage a line, `Book chapter:verse<TAB>words`; `#` begins a comment line.

    Raises:
        PackError: the file is missing, not UTF-8, or has a line of another form or one that cannot be cited.
    """
    verses: dict[str, str] = {}
    lines: dict[str, int] = {}
    for number, line in enumerate(_text(file).splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        match = _LINE.fullmatch(line)
        if match is None:
            raise PackError(f"{file}:{number}: is not `Book chapter:verse<TAB>words`; put a tab before the words")
        spelling = f"{' '.join(match[1].split())} {int(match[2])}:{int(match[3])}"
        if spelling in verses:
            raise PackError(f"{file}:{number}: {spelling} is there twice; number the passages differently")
        verses[spelling] = " ".join(match[4].split())
        lines[spelling] = number
    if not verses:
        raise PackError(f"{file}:1: has no passage; write one a line as `Book chapter:verse<TAB>words`")
    canon = of_verses(verses)
    for name, book in canon.books.items():
        for chapter, numbers in book.chapters.items():  # where the greatest can be cited, the others can
            spelling = f"{name} {chapter}:{numbers[-1]}"
            _check_citable(spelling, canon, f"{file}:{lines[spelling]}")
    body = "".join(f"{spelling}\t{words}\n" for spelling, words in verses.items()).encode()
    return Corpus(translation, canon, lambda: body)


def _check_citable(spelling: str, canon: Canon, where: str) -> None:
    """Refuse a passage that no reference would find: its book ends in a number, say, or it is the thousandth."""
    fix = "name the book without digits but one to three before it, and number up to 999"
    try:
        found = str(canon.parse(spelling))
    except BadInput as error:
        raise PackError(f"{where}: {spelling} cannot be cited ({error}); {fix}") from None
    if found != spelling:
        raise PackError(f"{where}: {spelling} cannot be cited (it is read as {found}); {fix}")


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8-sig")  # the mark that some editors put before the first line is no letter
    except UnicodeDecodeError as error:
        raise PackError(f"{file}:1: is not UTF-8 (byte {error.start}); save it as UTF-8") from None
    except OSError as error:
        raise PackError(f"{file}:1: cannot be read ({error.strerror}); create it or correct its name") from None
