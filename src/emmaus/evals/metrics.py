"""What is measured of an answer: the checks, and what no check selected the training data by."""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from emmaus.chat import Scene
from emmaus.data.checks import rubric, score_turns
from emmaus.data.novelty import shingled
from emmaus.models.protocols import Embedder
from emmaus.types import Turn, digest, source_hash

DECIDING = (
    "data/novelty.py",
    "evals/answers.py",
    "evals/gate.py",
    "evals/general.txt",
    "evals/measures.py",
    "evals/metrics.py",
    "evals/runner.py",
    "evals/statistics.py",
    "models/likelihood.py",
)
"""What decides, beside the rubric, a metric's value, its interval, and what the gate makes of them."""
_WORD = re.compile(r"[a-z']+")


def metrics_hash() -> str:
    """Hash of everything in the program that decides what an evaluation says of given answers and a given model."""
    return digest([rubric(), source_hash(*DECIDING)])


def measure(turns: Sequence[Turn], scene: Scene, embedder: Embedder) -> list[dict[str, float]]:
    """Metrics of each answer of one arm: `composite`, every criterion of the checks, `distinct` and `retold`.

    `distinct` is the share of an answer's word pairs that no other answer of the arm holds (0..1): a model that has
    learned a handful of phrases and says them to everybody is low here, whatever the checks think of each answer.
    `retold` is the share of its word triples that stand in the past answer which the prompt recalled, 0 where none was:
    it tells saying a good answer again from making one. An answer of the program itself (care) has no metrics.
    """
    scores = score_turns(turns, scene, embedder)
    pairs = [_pairs(turn.answer) for turn in turns]
    holders = Counter(pair for answer in pairs for pair in answer)
    measured: list[dict[str, float]] = []
    for turn, score, answer in zip(turns, scores, pairs, strict=True):
        if score.value is None:
            measured.append({})
            continue
        own = sum(holders[pair] == 1 for pair in answer) / len(answer) if answer else 0.0
        metrics = {"composite": score.value, **score.criteria, "distinct": own, "retold": _retold(turn, scene)}
        measured.append(metrics)
    return measured


def _retold(turn: Turn, scene: Scene) -> float:
    recalled = scene.recall.get(turn.recalled) if turn.recalled else None
    if recalled is None:
        return 0.0
    said = shingled(turn.answer)
    return len(said & shingled(recalled.answer)) / len(said)


def _pairs(answer: str) -> frozenset[tuple[str, str]]:
    words = _WORD.findall(answer.lower())
    return frozenset(pairwise(words))
