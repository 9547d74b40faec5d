"""Retrieval against BM25, MiniLM and their fusion, on the same topics and verses, in the same process.

    python bench/retrieval.py [OPENBIBLE.tsv] [--naves FOLDER] [--translation WEB] [--cache FOLDER] [--threads 1]

OPENBIBLE.tsv (columns topic, OSIS reference, score) is OpenBible.info's Topical Bible (CC BY 4.0): nDCG@10 over all
verses, gain log2(1 + score), ranges expanded to at most 10 verses, topics of which at least 5 verses score 5 or more.
With --naves (SWORD module of the Debian package sword-dict-naves) also P@10 on Nave's topics of at least 10 verses, in
five folds: nothing is learned from topics whose names begin like those that are asked. `--cache` keeps MiniLM's vectors
of verses and headings, which take minutes to make.
"""

import argparse
import csv
import re
import resource
import sqlite3
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from build_index import common_words, embedded, learned, vectors_of
from emmaus.grounding import Index
from emmaus.grounding.retrieval import VECTORS, union
from emmaus.grounding.vectors import Floats, Vectors, in_context, save
from emmaus.models.embedding import MiniLM
from emmaus.models.kept import kept
from emmaus.packs import Corpus, Pack, load_pack
from emmaus.types import digest
from naves import Heading, osis, read

K = 10
FOLDS = 5
ENOUGH_VERSES, ENOUGH_SCORE, WIDEST = 5, 5, 10
FUSION = 60
"""Constant of reciprocal rank fusion (Cormack et al., 2009)."""
DEEP = 100
"""Ranks of each list that are fused."""

Ranking = Callable[[Sequence[str]], list[list[str]]]
Graded = Mapping[str, Mapping[str, float]]
Values = NDArray[np.float64]


def main() -> None:
    """Print the tables."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("openbible", type=Path, nargs="?")
    options.add_argument("--naves", type=Path)
    options.add_argument("--translation", default=None, help="whose words the peers search (default: the pack's)")
    options.add_argument("--cache", type=Path, default=None)
    options.add_argument("--threads", type=int, default=1)
    given = options.parse_args()
    pack = load_pack()
    with tempfile.TemporaryDirectory() as home:
        embedder = MiniLM(threads=given.threads)
        with Index.open(Path(home), pack, embedder=embedder) as index:
            speed(index, pack)
            cache = given.cache or Path(home)
            corpus = pack.corpus(given.translation)
            vectors = kept(
                cache / f"verses-{corpus.hash}-{embedder.name}.npy",
                (len(corpus.lines()), None),
                lambda: verses_of(corpus, given.threads),
            )
            peers = rankings(corpus, vectors, given.threads)
            if given.openbible:
                topics = openbible(given.openbible)
                systems = peers | {"Emmaus": searching(index)}
                table(f"OpenBible, {len(topics)} topics, nDCG@10", systems, topics, ndcg)
        if given.naves:
            topics, ours = held_out(pack, read(given.naves), Path(home), cache, given.threads)
            table(f"Nave's, {len(topics)} topics held out, P@10", peers | {"Emmaus": ours}, topics, precision)


def speed(index: Index, pack: Pack) -> None:
    """Print how long a question takes, and how much memory a process has that has asked some."""
    index.meaning.prepare()
    times: list[float] = []
    for slug, character in pack.characters.items():
        for question in [probe.ask for probe in pack.probes(slug)]:
            began = time.perf_counter()
            index.retrieve(question, character)
            times.append(1000 * (time.perf_counter() - began))
    began = time.perf_counter()
    index.search_many([question for topic in pack.topics for question in topic.questions] * 5, K)
    each = (time.perf_counter() - began) / (5 * sum(len(topic.questions) for topic in pack.topics))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    half, most = np.percentile(times, [50, 95])
    print(f"{len(times)} questions: p50 {half:.1f} ms, p95 {most:.1f} ms, worst {max(times):.1f} ms; ", end="")
    print(f"in a batch {1000 * each:.1f} ms each; peak memory {memory:.0f} MB\n")


def table(title: str, systems: Mapping[str, Ranking], topics: Graded, measure: Callable[..., float]) -> None:
    """Print the mean of each system with its 95 % interval, and the last one's ratio to the best of the others."""
    values = {
        name: np.array([measure(found, topics[topic]) for topic, found in zip(topics, rank(list(topics)), strict=True)])
        for name, rank in systems.items()
    }
    draws = np.random.default_rng(0).integers(0, len(topics), (2000, len(topics)))
    print(title)
    for name, each in values.items():
        low, high = np.percentile(each[draws].mean(axis=1), [2.5, 97.5])
        print(f"  {name:<14} {each.mean():.4f}  [{low:.4f}, {high:.4f}]")
    *others, ours = values
    best = max(others, key=lambda name: float(values[name].mean()))
    low, high = np.percentile(values[ours][draws].mean(axis=1) / values[best][draws].mean(axis=1), [2.5, 97.5])
    print(f"  {ours} / {best}: {values[ours].mean() / values[best].mean():.3f}  [{low:.3f}, {high:.3f}]\n")


def openbible(file: Path) -> Graded:
    """Read topics with the score of each verse."""
    topics: dict[str, dict[str, float]] = {}
    with file.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
            grades = topics.setdefault(row["topic"], {})
            for verse in osis(row["osis"])[:WIDEST]:
                grades[verse] = max(grades.get(verse, 0.0), float(row["quality_score"]))
    return {
        topic: grades
        for topic, grades in topics.items()
        if sum(score >= ENOUGH_SCORE for score in grades.values()) >= ENOUGH_VERSES
    }


def ndcg(found: Sequence[str], grades: Mapping[str, float]) -> float:
    """Normalised discounted cumulative gain of the first ten."""
    discounts = 1 / np.log2(np.arange(2, K + 2))
    gains = np.log2([1 + max(0.0, grades.get(verse, 0.0)) for verse in found[:K]])
    ideal = np.sort(np.log2([1 + max(0.0, score) for score in grades.values()]))[::-1][:K]
    return float(gains @ discounts[: len(gains)] / (ideal @ discounts[: len(ideal)]))


def precision(found: Sequence[str], listed: Mapping[str, float]) -> float:
    """Share of the first ten that are listed."""
    return sum(verse in listed for verse in found[:K]) / K


def searching(index: Index) -> Ranking:
    """Rank as the product does."""
    return lambda texts: [[verse for verse, _ in found] for found in index.search_many(texts, K)]


def rankings(corpus: Corpus, vectors: Floats, threads: int) -> dict[str, Ranking]:
    """Give the peers: SQLite's BM25 with Porter stems, cosine of MiniLM, and both fused by reciprocal rank."""
    verses = list(corpus.lines())
    table = sqlite3.connect(":memory:", check_same_thread=False)
    table.execute("CREATE VIRTUAL TABLE t USING fts5(words, tokenize='porter unicode61')")
    table.executemany("INSERT INTO t(rowid, words) VALUES (?, ?)", enumerate(corpus.lines().values()))
    embedder = MiniLM(threads=threads)

    def by_words(texts: Sequence[str], depth: int = K) -> list[list[str]]:
        sql = "SELECT rowid FROM t WHERE t MATCH ? ORDER BY rank LIMIT ?"
        asked = (" OR ".join(f'"{word}"' for word in re.findall(r"\w+", text)) for text in texts)
        return [[verses[row] for (row,) in table.execute(sql, (words, depth))] for words in asked]

    def by_meaning(texts: Sequence[str], depth: int = K) -> list[list[str]]:
        cosines = embedder.embed(texts) @ vectors.T
        return [[verses[row] for row in np.argsort(-each, kind="stable")[:depth]] for each in cosines]

    def fused(texts: Sequence[str]) -> list[list[str]]:
        return [fuse(pair) for pair in zip(by_words(texts, DEEP), by_meaning(texts, DEEP), strict=True)]

    return {"BM25": by_words, "MiniLM": by_meaning, "fusion (RRF)": fused}


def fuse(lists: Sequence[Sequence[str]]) -> list[str]:
    """Fuse ranked lists by reciprocal rank."""
    scores: dict[str, float] = {}
    for found in lists:
        for rank, verse in enumerate(found, 1):
            scores[verse] = scores.get(verse, 0.0) + 1 / (FUSION + rank)
    return sorted(scores, key=lambda verse: -scores[verse])[:K]


def held_out(pack: Pack, headings: Sequence[Heading], home: Path, cache: Path, threads: int) -> tuple[Graded, Ranking]:
    """Give Nave's topics, and a ranking that has learned from the other folds only."""
    topics: dict[str, dict[str, float]] = {}
    for heading in headings:
        topics.setdefault(heading.topic, {}).update(heading.verses)
    topics = {topic: verses for topic, verses in topics.items() if len(verses) >= K and len(topic) > 1}
    lines, key = union(pack)
    embedder = MiniLM(threads=threads)
    verses = cache / f"verses-{key}-{embedder.name}.npy"
    base = in_context(kept(verses, (len(lines), None), lambda: embedded(embedder, list(lines.values()))), list(lines))
    texts = sorted({text for heading in headings for text in (heading.text, heading.topic)})
    headed = cache / f"headings-{digest([texts, embedder.name])}.npy"
    names = kept(headed, (len(texts), None), lambda: np.stack(list(vectors_of(embedder, headings).values())))
    common = common_words(lines.values())

    def folds() -> Iterator[tuple[list[str], list[list[str]]]]:
        for part in range(FOLDS):
            others = [heading for heading in headings if fold(heading.topic) != part]
            rows, prior = learned(base, list(lines), others, dict(zip(texts, names, strict=True)), common)
            copy = home / f"pack-{part}"
            (copy / VECTORS.parent).mkdir(parents=True)
            for file in pack.folder.iterdir():
                if file.name != VECTORS.parts[0]:
                    (copy / file.name).symlink_to(file)
            save(copy / VECTORS, Vectors(rows, prior, embedder.name, key))
            with Index.open(home, load_pack(copy), embedder=embedder) as index:
                asked = [topic for topic in topics if fold(topic) == part]
                yield asked, searching(index)(asked)

    found = {topic: verses for asked, answers in folds() for topic, verses in zip(asked, answers, strict=True)}
    return topics, lambda asked: [found[topic] for topic in asked]


def fold(topic: str) -> int:
    """Put topics whose names begin alike into one fold: "ant" and "ants", "forgive" and "forgiveness"."""
    return zlib.crc32(re.sub(r"[^a-z]", "", topic)[:5].encode()) % FOLDS


def verses_of(corpus: Corpus, threads: int) -> Floats:
    """Embed all verses as they are."""
    return embedded(MiniLM(threads=threads), list(corpus.lines().values()))


if __name__ == "__main__":
    main()
