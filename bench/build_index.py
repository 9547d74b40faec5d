"""Make the vectors of verses that ship with the Bible pack, from MiniLM and Nave's Topical Bible.

    python bench/build_index.py [--naves FOLDER] [--output FILE] [--threads 2]

A verse's vector is that of its words and its neighbours', moved toward the headings under which Nave lists it; its
prior grows with how often he does. Takes some 4 minutes. `retrieval.py` measures what comes of it.
"""

import argparse
import re
import time
from collections.abc import Collection, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from emmaus.grounding.retrieval import VECTORS, union
from emmaus.grounding.vectors import Floats, Vectors, in_context, save, unit
from emmaus.models.embedding import MiniLM
from emmaus.models.protocols import Embedder
from emmaus.packs import load_pack
from naves import FOLDER, Heading, read

RARE = 0.4
"""Power of the number of verses that a heading lists by which it counts less: the fewer, the more it says of each."""
DOUBT = 0.3
"""Headings of an average verse that are needed for half of their pull: a verse listed once is moved less."""
NEIGHBOURS = ((1, 0.3), (2, 0.1))
"""How much of the prior of verses one and two away goes into a verse's own."""
BOOK = 0.2
"""Weight of how often verses of the same book are listed."""


def main() -> None:
    """Embed, learn, write."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--naves", type=Path, default=FOLDER, help="folder of the SWORD module (nave.idx and others)")
    options.add_argument("--output", type=Path, default=None, help="default: into the pack that ships")
    options.add_argument("--threads", type=int, default=2)
    given = options.parse_args()
    pack = load_pack()
    lines, key = union(pack)
    embedder = MiniLM(threads=given.threads)
    began = time.perf_counter()
    headings = read(given.naves)
    base = in_context(embedded(embedder, list(lines.values())), list(lines))
    names = vectors_of(embedder, headings)
    rows, prior = learned(base, list(lines), headings, names, common_words(lines.values()))
    output = given.output or pack.folder / VECTORS
    save(output, Vectors(rows, prior, embedder.name, key))
    print(f"{output}: {len(rows)} verses, {len(headings)} headings, {time.perf_counter() - began:.0f} s")


def embedded(embedder: Embedder, texts: Sequence[str]) -> Floats:
    """Embed texts in portions, short ones first."""
    order = sorted(range(len(texts)), key=lambda row: len(texts[row]))
    portions = [order[start : start + 512] for start in range(0, len(order), 512)]
    found = np.concatenate([embedder.embed([texts[row] for row in portion]) for portion in portions])
    vectors = np.empty_like(found)
    vectors[order] = found
    return vectors


def vectors_of(embedder: Embedder, headings: Sequence[Heading]) -> dict[str, Floats]:
    """Embed the texts of headings and the names of their topics, each once."""
    texts = sorted({text for heading in headings for text in (heading.text, heading.topic)})
    return dict(zip(texts, embedded(embedder, texts), strict=True))


def common_words(texts: Collection[str]) -> frozenset[str]:
    """List the words that occur in lower case: no names."""
    return frozenset(word for text in texts for word in re.findall(r"(?<![A-Za-z])[a-z]+", text))


def learned(
    base: Floats, verses: Sequence[str], headings: Sequence[Heading], names: dict[str, Floats], common: frozenset[str]
) -> tuple[Floats, Floats]:
    """Move the vectors of verses toward their headings; give them, and the prior of each verse."""
    row = {verse: number for number, verse in enumerate(verses)}
    column = {text: number for number, text in enumerate(names)}
    entries: list[tuple[int, int, float]] = []
    listed = np.zeros(len(verses))
    for heading in headings:
        is_common = all(word in common for word in re.findall("[a-z]+", heading.topic))
        for verse, weight in heading.verses.items():
            if verse in row:
                entries += [(row[verse], column[text], weight) for text in (heading.text, heading.topic)]
                listed[row[verse]] += weight * is_common
    at, of, weights = map(np.array, zip(*entries, strict=True))
    table = sparse.csr_matrix((weights, (at, of)), shape=(len(verses), len(column)))
    size = np.asarray(table.sum(axis=0)).ravel()
    rare = table @ sparse.diags(1 / np.maximum(size, 1) ** RARE)
    count = np.asarray(rare.sum(axis=1)).ravel()
    pull = rare @ np.stack(list(names.values())) / (count + DOUBT * count[count > 0].mean())[:, None]
    return unit(base + pull), quoted(listed, verses)


def quoted(listed: NDArray[np.float64], verses: Sequence[str]) -> Floats:
    """Give the prior of each verse: log of how often it is listed, a little of its neighbours' and its book's."""
    own = np.log1p(listed)
    prior = own.copy()
    chapters = np.array([verse.rpartition(":")[0] for verse in verses])
    for distance, weight in NEIGHBOURS:
        same = chapters[distance:] == chapters[:-distance]
        prior[distance:] += weight * same * own[:-distance]
        prior[:-distance] += weight * same * own[distance:]
    _, book = np.unique([verse.rpartition(" ")[0] for verse in verses], return_inverse=True)
    mean = np.bincount(book, listed) / np.bincount(book)
    return np.asarray(prior + BOOK * np.log(0.02 + mean[book]), dtype=np.float32)


if __name__ == "__main__":
    main()
