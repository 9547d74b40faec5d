"""Nave's Topical Bible as headings with the verses that they list. Knows nothing about retrieval.

Reads the SWORD module of the Debian package sword-dict-naves (public domain; Orville J. Nave, 1896). Nothing of it is
part of this repository; `build_index.py` learns from it, `retrieval.py` measures on it.
"""

import re
import struct
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from emmaus.packs.references import bible

FOLDER = Path("/usr/share/sword/modules/lexdict/zld/nave")
WIDE = 10
"""A reference to more verses than this says little about each."""
_OSIS = """
Gen Exod Lev Num Deut Josh Judg Ruth 1Sam 2Sam 1Kgs 2Kgs 1Chr 2Chr Ezra Neh Esth Job Ps Prov Eccl Song Isa Jer Lam Ezek
Dan Hos Joel Amos Obad Jonah Mic Nah Hab Zeph Hag Zech Mal Matt Mark Luke John Acts Rom 1Cor 2Cor Gal Eph Phil Col
1Thess 2Thess 1Tim 2Tim Titus Phlm Heb Jas 1Pet 2Pet 1John 2John 3John Jude Rev
"""
_BOOKS = _OSIS.split()
_UNFINISHED = re.compile(r"\b(of|by|to|in|for|from|on|with|at|against|the|concerning)$")
_GENERAL = re.compile(r"general scriptures|unclassified scriptures|^miscellany")


@dataclass(frozen=True, slots=True)
class Heading:
    """One line of the book."""

    topic: str
    """The entry that it stands in, in lower case: "forgiveness"."""
    text: str
    """What it is about, to be read by itself: "spirit of forgiveness"."""
    verses: Mapping[str, float]
    """Verses in canonical spelling, and how closely each is meant (1 for a single verse)."""


def read(folder: Path = FOLDER) -> list[Heading]:
    """Read all headings that list verses."""
    return [heading for entry, markup in _entries(folder) for heading in _headings(entry, markup)]


def osis(reference: str) -> list[str]:
    """Give the verses of an OSIS reference or range ("Ps.23.1-Ps.23.4", "Gen.24"); none where it is of no book."""
    first, _, last = reference.partition("-")
    begin, end = first.split("."), (last or first).split(".")
    if begin[0] not in _BOOKS or begin[0] != end[0] or len(begin) == 1:
        return []
    book = list(bible().books.values())[_BOOKS.index(begin[0])]
    start = tuple(map(int, begin[1:])) + (1,) * (3 - len(begin))
    stop = tuple(map(int, end[1:])) + (999,) * (3 - len(end))
    chapters = (chapter for chapter in range(start[0], stop[0] + 1) if chapter in book.chapters)
    places = ((chapter, verse) for chapter in chapters for verse in book.chapters[chapter])
    return [f"{book.name} {chapter}:{verse}" for chapter, verse in places if start <= (chapter, verse) <= stop]


def _entries(folder: Path) -> Iterator[tuple[str, str]]:
    """Give name and markup of every entry of a zLD module: two indexes of 8-byte pairs, texts in zlib blocks."""
    index, data, blocks, packed = ((folder / f"nave.{end}").read_bytes() for end in ("idx", "dat", "zdx", "zdt"))
    unpacked: dict[int, bytes] = {}
    for offset, size in struct.iter_unpack("<II", index):
        name, _, place = data[offset : offset + size].partition(b"\n")
        if place.startswith(b"@LINK"):
            continue
        block, entry = struct.unpack_from("<II", place)
        if block not in unpacked:
            begin, length = struct.unpack_from("<II", blocks, 8 * block)
            unpacked[block] = zlib.decompress(packed[begin : begin + length])
        begin, length = struct.unpack_from("<II", unpacked[block], 4 + 8 * entry)
        markup = unpacked[block][begin : begin + length].rstrip(b"\0").decode("utf-8", "replace")
        yield name.decode("latin-1").strip(), markup


def _headings(entry: str, markup: str) -> Iterator[Heading]:
    topic = re.sub(r"\s*\(.*?\)", "", entry).lower()
    above = ""
    for line in re.split(r"<lb/>|(?=<item>)|(?=</?list>)", re.sub(r"</?(?:entryFree|def)[^>]*>", "", markup)):
        verses: dict[str, float] = {}
        for reference in re.findall(r'osisRef="([^"]+)"', line):
            places = osis(reference)
            for verse in places:
                verses[verse] = verses.get(verse, 0.0) + len(places) ** (-0.5 if len(places) <= WIDE else -1.0)
        said = re.sub(r"<[^>]+>", "", re.sub(r"<ref .*?</ref>", "", line, flags=re.DOTALL)).replace("→", "")
        said = " ".join(said.split()).strip(" ;,:.-")
        above = said if said and "<item>" not in line else above
        if verses:
            path = (above, said) if "<item>" in line and above != said else (said,)
            yield Heading(topic, _text(topic, " ".join(filter(None, path))), verses)


def _text(topic: str, said: str) -> str:
    """Make one phrase of an entry's name and a heading in it."""
    said = re.sub(r"^\d+\.\s*", "", re.sub(r"\((?:A\. )?R\. V\.\)", "", said)).strip().lower()
    if not said or _GENERAL.search(said):
        return topic
    if _UNFINISHED.search(said):
        return f"{said} {topic}"
    return said if topic in said else f"{topic}: {said}"
