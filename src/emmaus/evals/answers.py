"""Answers of one speaker to all probes, as they would be served, kept so that no answer is drawn twice."""

import json
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from threading import Lock
from typing import TypeVar

from emmaus.chat import Speaker, answer
from emmaus.models.protocols import Sampling
from emmaus.store.codec import record
from emmaus.types import Probe, Turn, digest, plain

Given = TypeVar("Given")
Made = TypeVar("Made")
WORKERS = 4
"""Requests under way at once: as many as the engine has slots."""


def answers(
    speaker: Speaker,
    probes: Sequence[Probe],
    cache: Path,
    *,
    sampling: Sampling | None = None,
    report: Callable[[int], None] = lambda _: None,
) -> list[Turn]:
    """Answer every probe once, in the order of the probes. `report` is told how many are there.

    The seed of an answer depends on the probe alone, so both arms of a comparison draw with the same one. Answers are
    kept under `cache`, keyed by everything that they depend on: an interrupted run goes on where it stood. None is
    drawn before verses are found by their meaning.

    Raises:
        ModelError: the model or the embedder is missing or was lost; what was answered by then is kept.
    """
    sampling = sampling or Sampling()
    file = cache / f"{_key(speaker, sampling)}.jsonl"
    file.parent.mkdir(parents=True, exist_ok=True)
    known = _read(file)
    missing = [probe for probe in probes if probe.id not in known]
    report(len(probes) - len(missing))
    if missing:
        speaker.scene.index.meaning.prepare()

    writing = Lock()

    def draw(probe: Probe) -> Turn:
        turn = answer(speaker, probe.ask, sampling=replace(sampling, seed=int(digest(probe.id, 7), 16)))
        # Kept by the thread that drew it: when another probe's answer fails, this one is not lost with it. The line end
        # comes first, so that a line which a killed run left half written spoils no other.
        with writing:
            kept.write("\n" + json.dumps({"probe": probe.id, "turn": plain(turn)}, ensure_ascii=False))
            kept.flush()
        return turn

    with file.open("a", encoding="utf-8") as kept, closing(concurrently(draw, missing)) as drawn:
        for probe, turn in zip(missing, drawn, strict=True):
            known[probe.id] = turn
            report(sum(probe.id in known for probe in probes))
    return [known[probe.id] for probe in probes]


def concurrently(work: Callable[[Given], Made], items: Sequence[Given]) -> Generator[Made, None, None]:
    """Give each item's result, in the items' order, `WORKERS` at once; the first error drops what is not begun."""
    with ThreadPoolExecutor(WORKERS, thread_name_prefix="evaluate") as pool:
        try:
            yield from pool.map(work, items)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _key(speaker: Speaker, sampling: Sampling) -> str:
    return digest([speaker.model.name, speaker.adapter, speaker.scene.hash, sampling])


def _read(file: Path) -> dict[str, Turn]:
    turns: dict[str, Turn] = {}
    if not file.exists():
        return turns
    for line in file.read_text(encoding="utf-8", errors="replace").split("\n"):
        try:
            row = json.loads(line)
            turns[row["probe"]] = record(Turn, row["turn"])
        except (ValueError, KeyError, TypeError):
            continue  # A line that a killed run left half written: its probe is answered again.
    return turns
