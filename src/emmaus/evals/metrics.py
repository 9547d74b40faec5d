"""What is measured of an answer: the checks, and what no check selected the training data by."""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from emmaus.chat import Scene
from emmaus.data.checks import score_turns
from emmaus.models.protocols import Embedder
from emmaus.types import Turn

_WORD = re.compile(r"[a-z']+")


def measure(turns: Sequence[Turn], scene: Scene, embedder: Embedder) -> list[dict[str, float]]:
    """Metrics of each answer of one arm: `composite`, every criterion of the checks, and `distinct`.

    `distinct` is the share of an answer's word pairs that no other answer of the arm holds (0..1): a model that has
    learned a handful of phrases and says them to everybody is low here, whatever the checks think of each answer.
    An answer of the program itself (care) has no metrics.
    """
    scores = score_turns(turns, scene, embedder)
    pairs = [_pairs(turn.answer) for turn in turns]
    holders = Counter(pair for answer in pairs for pair in answer)
    measured: list[dict[str, float]] = []
    for score, answer in zip(scores, pairs, strict=True):
        if score.value is None:
            measured.append({})
            continue
        own = sum(holders[pair] == 1 for pair in answer) / len(answer) if answer else 0.0
        measured.append({"composite": score.value, **score.criteria, "distinct": own})
    return measured


def _pairs(answer: str) -> frozenset[tuple[str, str]]:
    words = _WORD.findall(answer.lower())
    return frozenset(pairwise(words))
