"""Finding a past good answer among many: milliseconds at the 95th percentile, beside one product of the bare matrix.

    python bench/past.py [--turns 200000] [--questions 200]

Fills a store with so many liked turns of one character (questions of the pack put together anew, vectors made up around
them), then asks questions. The peer is what any exact search must do at least: embed the question, and multiply.
"""

import argparse
import resource
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from emmaus.grounding.past import Past
from emmaus.models.embedding import MiniLM
from emmaus.packs import load_pack
from emmaus.store import Store, open_store, policy
from emmaus.store.past import PastTurn
from emmaus.types import ConsentEvent, Conversation, Rating, Scope, Source, Turn

AT_ONCE = 10_000


def main() -> None:
    """Print both latencies, their ratio and the memory."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--turns", type=int, default=200_000)
    options.add_argument("--questions", type=int, default=200)
    given = options.parse_args()
    embedder = MiniLM()
    pack = load_pack()
    asked = [probe.ask for slug in pack.characters for probe in pack.probes(slug)][: given.questions]
    with TemporaryDirectory() as folder, open_store(Path(folder)) as store:
        vectors = fill(store, embedder, asked, given.turns)
        past = Past(store, "david", embedder)
        began = time.perf_counter()
        past.prepare()
        print(f"{given.turns:,} turns read in {time.perf_counter() - began:.1f} s")

        def bare(question: str) -> None:
            np.argmax(vectors @ embedder.embed([question])[0])

        times = {"matrix alone": _timed(bare, asked), "emmaus": _timed(past.found, asked)}
        size = (Path(folder) / "emmaus.db").stat().st_size / 1e6
    for name, taken in times.items():
        p50, p95 = np.percentile(taken, [50, 95])
        print(f"{name:<14} p50 {p50:6.1f} ms   p95 {p95:6.1f} ms")
    print(f"ratio          p95 {np.percentile(times['emmaus'], 95) / np.percentile(times['matrix alone'], 95):6.2f}")
    print(f"file {size:.0f} MB, peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3:.0f} MB")


def fill(store: Store, embedder: MiniLM, asked: list[str], count: int) -> NDArray[np.float32]:
    """Keep `count` liked turns, with vectors scattered around those of the questions; gives the vectors."""
    store.add(ConsentEvent("e", "ann", frozenset(Scope), policy()[1], 0.0))
    base = embedder.embed(asked)
    draw = np.random.default_rng(0)
    every = np.empty((count, base.shape[1]), dtype=np.float32)
    for start in range(0, count, AT_ONCE):
        numbers = range(start, min(start + AT_ONCE, count))
        turns = [Turn(f"t{n}", f"{asked[n % len(asked)]} ({n})", f"I said this, {n}.", model="m") for n in numbers]
        store.add_all(Conversation(f"c{t.id}", "david", Source.PERSON, (t,), subject="ann") for t in turns)
        store.add_all(Rating(f"r{t.id}", t.id, "ann", 1) for t in turns)
        noisy = base[[n % len(asked) for n in numbers]] + draw.normal(0, 0.05, (len(turns), base.shape[1]))
        unit = noisy / np.linalg.norm(noisy, axis=1, keepdims=True)
        every[start : start + len(turns)] = unit
        rounded = np.rint(unit * 127).astype(np.int8)
        past = (PastTurn(turn.id, turn.question, turn.answer, turn.passages) for turn in turns)
        store.keep_vectors(embedder.name, {turn: row.tobytes() for turn, row in zip(past, rounded, strict=True)})
    return every


def _timed(work: Callable[[str], object], questions: list[str]) -> list[float]:
    taken = []
    for question in questions:
        began = time.perf_counter()
        work(question)
        taken.append(1000 * (time.perf_counter() - began))
    return taken


if __name__ == "__main__":
    main()
