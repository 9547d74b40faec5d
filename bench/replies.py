"""Replies as they are delivered: how many misquote scripture, before and after the citations are mended.

    python bench/replies.py [--replies 3000] [--home FOLDER] [--output replies.jsonl] [--check replies.jsonl]

Asks every character held-out questions and topic questions, as readers do, and looks at each reply twice: as the model
wrote it, and as it is delivered. The check is not the one that mends: it takes every quotation in a text by its marks
and compares its words with those of the three translations, at the reference beside it or, without one, anywhere.
`--check` looks again at replies that were kept, and asks nothing.
"""

import argparse
import json
import re
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import cycle, islice
from pathlib import Path
from tempfile import TemporaryDirectory

from emmaus.api import Emmaus
from emmaus.chat import answer
from emmaus.config import load_settings
from emmaus.errors import BadInput
from emmaus.evals.answers import concurrently
from emmaus.models.protocols import Sampling
from emmaus.packs import Pack
from emmaus.types import digest

QUOTED = re.compile('[\u201c"]([^\u201c\u201d"]{3,600})[\u201d"](?:\\s*[(\\[]([^()\\[\\]]{3,40})[)\\]])?')
FEWEST = 5
"""Words of a quotation without a reference: fewer are everyday speech."""
NEAR = 0.6
"""Share of its word triples in one verse from which on such a quotation is taken for that verse."""


def main() -> None:
    """Print the misquotes in replies as written and as delivered."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--replies", type=int, default=3000)
    options.add_argument("--home", type=Path)
    options.add_argument("--output", type=Path)
    options.add_argument("--check", type=Path)
    given = options.parse_args()
    with TemporaryDirectory() as folder, Emmaus(load_settings(home=given.home or Path(folder))) as app:
        pack = app.parts.pack
        if given.check:
            rows = [json.loads(line) for line in given.check.read_text().splitlines()]
        else:
            rows = list(drawn(app, given.replies, given.output))
        counts = {"as written": 0, "as delivered": 0}
        quotations = 0
        for row in rows:
            delivered = app.parts.scene(row["character"]).delivered(row["answer"], row["passages"]).text
            quotations += len(QUOTED.findall(delivered))
            for name, text in (("as written", row["answer"]), ("as delivered", delivered)):
                faults = list(misquotes(text, pack))
                counts[name] += bool(faults)
                if faults and name == "as delivered":
                    print(f"{row['character']}: {faults[0]}")
    print(f"{len(rows)} replies, {quotations} quotations delivered")
    for name, count in counts.items():
        print(f"{name:<13} {count} replies misquote ({count / len(rows):.2%})")


def drawn(app: Emmaus, count: int, output: Path | None) -> Iterator[dict[str, object]]:
    """Replies, in turns over the characters; each is kept as soon as it is there, and none is drawn twice."""
    kept: dict[str, dict[str, object]] = {}
    if output and output.exists():
        kept = {row["id"]: row for row in map(json.loads, output.read_text().splitlines())}
    asked = list(islice(_questions(app.parts.pack), count))
    missing = [(slug, question, number) for slug, question, number in asked if f"{slug} {number}" not in kept]
    speakers = {slug: app.parts.speaker(slug) for slug in app.parts.pack.characters}

    def draw(item: tuple[str, str, int]) -> dict[str, object]:
        slug, question, number = item
        seed = int(digest([slug, question, number], 7), 16)
        turn = answer(speakers[slug], question, sampling=Sampling(seed=seed))
        row = {"id": f"{slug} {number}", "character": slug, "question": question}
        return {**row, "answer": turn.answer, "passages": list(turn.passages)}

    yield from (kept[f"{slug} {number}"] for slug, _, number in asked if f"{slug} {number}" in kept)
    for row in concurrently(draw, missing):
        if output:
            with output.open("a") as file:
                file.write(json.dumps(row, ensure_ascii=False) + "\n")
        yield row


def _questions(pack: Pack) -> Iterator[tuple[str, str, int]]:
    """Questions without end, the characters in turns: their probes and bounds, then what people ask of anybody."""
    common = [question for topic in pack.topics for question in topic.questions]
    own = {
        slug: cycle([*(p.ask for p in pack.probes(slug)), *(b.ask for b in pack.bounds(slug)), *common])
        for slug in pack.characters
    }
    for number, slug in enumerate(cycle(own)):
        yield slug, next(own[slug]), number


def misquotes(text: str, pack: Pack) -> Iterator[str]:
    """Quotations whose words are not those of scripture, each with its place."""
    for match in QUOTED.finditer(text):
        words = _plain(match[1])
        if not words:
            continue
        verses = _verses(match[2], pack)
        if verses is not None:
            if not any(f" {words} " in f" {text} " for text in verses):
                yield f"{match[0]!r} is not what {match[2]} says"
        elif len(words.split()) >= FEWEST and not any(f" {words} " in whole for whole in _whole(pack)):
            near, share = _nearest(words, pack)
            if share >= NEAR:
                yield f"{match[0]!r} is nearly {near}"


def _verses(reference: str | None, pack: Pack) -> list[str] | None:
    """Words of a reference in every translation; None where it is no reference."""
    if not reference:
        return None
    try:
        return [_plain(pack.corpus(name).get(reference).text) for name in pack.corpora]
    except BadInput:
        return None


@cache
def _whole(pack: Pack) -> Sequence[str]:
    return [" " + " ".join(map(_plain, pack.corpus(name).lines().values())) + " " for name in pack.corpora]


@cache
def _triples(pack: Pack) -> dict[tuple[str, ...], list[str]]:
    found: dict[tuple[str, ...], list[str]] = {}
    for name in pack.corpora:
        for verse, text in pack.corpus(name).lines().items():
            for triple in _threes(_plain(text)):
                found.setdefault(triple, []).append(verse)
    return found


def _nearest(words: str, pack: Pack) -> tuple[str, float]:
    """Find the verse that shares most word triples with these words, and the share; 0.0 where none shares any."""
    triples = _threes(words)
    counts: dict[str, int] = {}
    for triple in set(triples):
        for verse in set(_triples(pack).get(triple, ())):
            counts[verse] = counts.get(verse, 0) + 1
    best = max(counts, key=lambda verse: counts[verse], default="")
    return best, counts.get(best, 0) / max(1, len(set(triples)))


def _threes(words: str) -> list[tuple[str, ...]]:
    split = words.split()
    return [tuple(split[at : at + 3]) for at in range(len(split) - 2)]


def _plain(text: str) -> str:
    return " ".join(re.findall(r"[a-z]+", re.sub(r"['\u2019]", "", text.lower())))


if __name__ == "__main__":
    main()
