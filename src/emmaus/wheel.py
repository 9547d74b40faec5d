"""One whole turn of the wheel: from a bare model's answer to a character who speaks through what it learned.

Every step finds what an earlier run has done and does only the rest, so an interrupted turn goes on where it stood and
a finished one is told again without repeating anything.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

from emmaus.api import Emmaus
from emmaus.data import Drawing
from emmaus.errors import GateHeld
from emmaus.evals import Rule
from emmaus.training import Recipe
from emmaus.types import Dataset, Deployment, Difference, Evaluation, Progress

Size = Literal["quick", "normal", "full"]
Step = Literal["chat", "generate", "score", "freeze", "train", "evaluate", "gate", "chat again"]
STEPS: tuple[Step, ...] = ("chat", "generate", "score", "freeze", "train", "evaluate", "gate", "chat again")


@dataclass(frozen=True, slots=True)
class Plan:
    """How much of everything a turn does."""

    conversations: int
    """Synthetic conversations to generate."""
    examples: int | None
    """Conversations to freeze; None takes all."""
    recipe: Recipe
    probes: int | None
    """Probes to evaluate on; None takes all."""


PLANS: dict[Size, Plan] = {
    "quick": Plan(conversations=1, examples=24, recipe=Recipe(epochs=1), probes=30),
    "normal": Plan(conversations=3, examples=150, recipe=Recipe(epochs=1), probes=70),
    "full": Plan(conversations=20, examples=None, recipe=Recipe(epochs=1), probes=None),
}


@dataclass(frozen=True, slots=True)
class Stage:
    """One step as it goes: what a live view shows."""

    step: Step
    done: bool
    text: str = ""
    """What came of it, or what it is at."""
    progress: Progress | None = None
    seconds: float = 0.0


View = Callable[[Stage], None]


@dataclass(frozen=True, slots=True)
class Turned:
    """What a turn of the wheel came to."""

    character: str
    size: Size
    question: str
    before: str
    """Answer to `question` of the bare base model."""
    after: str
    """Answer to `question` of what is live now."""
    dataset: str
    examples: int
    adapter: str
    evaluation: str
    promoted: bool
    reasons: tuple[str, ...]
    """Of the gate, for its decision."""
    differences: tuple[Difference, ...]
    regressions: tuple[Difference, ...]
    report: str
    """The HTML page."""
    seconds: float


def demo(
    app: Emmaus, character: str, size: Size = "normal", view: View = lambda _: None, *, command: str = ""
) -> Turned:
    """Turn the wheel once for a character. Raises whatever a step raises; what was done by then is kept."""
    plan = PLANS[size]
    began = time.monotonic()
    question = app.parts.pack.character(character).sample_questions[0]
    with _step("chat", view) as say:
        before = app.ask(character, question, bare=True).answer
        say(before)
    with _step("generate", view) as say:
        made = app.generate(character, plan.conversations, drawing=Drawing(), bare=True, report=say.progress)
        say(f"{made.accepted} accepted of {made.questions} questions, mean value {made.mean:.2f}")
    with _step("score", view) as say:
        scored = app.score(character, report=say.progress)
        say(f"{scored.scored + scored.already} answers scored" + (f", mean {scored.mean:.2f}" if scored.mean else ""))
    with _step("freeze", view) as say:
        dataset = app.freeze(character, most=plan.examples)
        say(_frozen(dataset))
    with _step("train", view) as say:
        adapter = app.train(dataset.id, recipe=plan.recipe, report=say.progress)
        say(f"{adapter.id}: version {adapter.version}, validation loss {adapter.metrics['best_validation_loss']:.3f}")
    with _step("evaluate", view) as say:
        evaluation = app.evaluate(character, adapter=adapter.id, limit=plan.probes, report=say.progress)
        say(_measured(evaluation))
    with _step("gate", view) as say:
        deployment = _promoted(app, evaluation)
        say(f"{'promoted' if deployment else 'held'}: {evaluation.decision.reasons[0]}")
    page = app.parts.path / "reports" / f"{evaluation.id}.html"
    report = app.report(character, page, evaluation=evaluation.id, command=command)
    with _step("chat again", view) as say:
        after = app.ask(character, question).answer
        say(after)
    return Turned(
        character,
        size,
        question,
        before,
        after,
        dataset.id,
        len(dataset.examples),
        adapter.id,
        evaluation.id,
        deployment is not None,
        evaluation.decision.reasons,
        evaluation.differences,
        evaluation.regressions,
        str(report),
        time.monotonic() - began,
    )


class _Teller:
    """Tells the view how a step goes."""

    def __init__(self, step: Step, view: View) -> None:
        self.text = ""
        self._step: Step = step
        self._view = view
        self._began = time.monotonic()

    def __call__(self, text: str) -> None:
        self.text = text

    def progress(self, progress: Progress) -> None:
        self._view(Stage(self._step, False, progress.note, progress, time.monotonic() - self._began))


@contextmanager
def _step(name: Step, view: View) -> Iterator[_Teller]:
    teller = _Teller(name, view)
    began = time.monotonic()
    view(Stage(name, False))
    yield teller
    view(Stage(name, True, teller.text, None, time.monotonic() - began))


def _promoted(app: Emmaus, evaluation: Evaluation) -> Deployment | None:
    try:
        return app.promote(evaluation.character, evaluation=evaluation.id, by="demo")
    except GateHeld:
        return None


def _frozen(dataset: Dataset) -> str:
    sources = dataset.report["sources"]
    counts = ", ".join(f"{count} {source}" for source, count in sources.items()) if isinstance(sources, dict) else ""
    return f"{dataset.id}: {len(dataset.parents)} conversations ({counts}), {len(dataset.examples)} examples"


def _measured(evaluation: Evaluation) -> str:
    main = next(d for d in evaluation.differences if d.metric == Rule().main)
    return (
        f"composite {main.incumbent:.2f} -> {main.candidate:.2f}, "
        f"difference {main.mean:+.2f} [{main.low:+.2f}, {main.high:+.2f}] on {main.n} probes"
    )
