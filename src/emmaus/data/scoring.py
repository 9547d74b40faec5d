"""Score what is stored and not yet scored by this version of the checks."""

from collections.abc import Callable
from dataclasses import dataclass

from emmaus.chat import Scene
from emmaus.data.checks import rubric, score_turns
from emmaus.feedback import allows
from emmaus.models.protocols import Embedder
from emmaus.store import Store
from emmaus.types import Conversation, Progress, Scope, Turn

BATCH = 64


@dataclass(frozen=True, slots=True)
class Scored:
    """What a scoring came to."""

    rubric: str
    scored: int
    """Turns scored by this run."""
    already: int
    """Turns that had a score of this rubric."""
    unscored: int
    """Turns that no check can judge."""
    mean: float | None
    """Mean value of all scored turns of the character, 0..1."""

    def __str__(self) -> str:
        mean = "" if self.mean is None else f"; mean value {self.mean:.2f}"
        return f"{self.scored} scored, {self.already} had a score, {self.unscored} cannot be scored{mean}"


def score(
    store: Store, scene: Scene, embedder: Embedder, *, report: Callable[[Progress], None] = lambda _: None
) -> Scored:
    """Score every turn of a character that may be read for review or training and has no score of this rubric yet."""
    consents = store.consents()
    turns = [
        turn
        for conversation in store.find(Conversation, character=scene.character.slug)
        if any(allows(conversation, scope, consents) for scope in (Scope.REVIEW, Scope.TRAIN))
        for turn in conversation.turns
    ]
    name = rubric()
    known = store.scores([turn.id for turn in turns])
    have = {turn: [s for s in scores if s.rubric == name] for turn, scores in known.items()}
    waiting: list[Turn] = [turn for turn in turns if not have.get(turn.id)]
    fresh = []
    for start in range(0, len(waiting), BATCH):
        scores = score_turns(waiting[start : start + BATCH], scene, embedder)
        store.add_all(scores)
        fresh += scores
        report(Progress(len(turns) - len(waiting) + len(fresh), len(turns)))
    values = [s.value for s in [*fresh, *(s for group in have.values() for s in group)] if s.value is not None]
    mean = sum(values) / len(values) if values else None
    return Scored(name, len(fresh), len(turns) - len(waiting), sum(s.value is None for s in fresh), mean)
