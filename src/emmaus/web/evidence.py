"""What a character's page tells beside the counts: quality in time, datasets, adapters, evaluations, deployments."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from emmaus.api import Emmaus
from emmaus.evals import Rule
from emmaus.evals.measures import MEASURES, gain, measure_of
from emmaus.serving import words
from emmaus.store import counting
from emmaus.types import Adapter, Dataset, Deployment, Difference, Evaluation, Source

DATASETS = 12
"""Most datasets on a page, the newest."""
COMPARED = 5
"""Most evaluations side by side, the newest."""
_GATE = Rule().main
_SHOWN = ("rank", "alpha", "epochs", "learning_rate", "batch", "seed")
"""What of a recipe a line tells."""


@dataclass(frozen=True, slots=True)
class Mark:
    """One value in the course of quality."""

    at: float
    kind: str
    """One of `drawing.SHAPES`."""
    what: str
    value: float
    n: int
    """Values that it is the mean of."""


@dataclass(frozen=True, slots=True)
class Frozen:
    """A dataset, in figures."""

    id: str
    character: str
    conversations: int
    examples: int
    splits: Mapping[str, int]
    quality: float | None
    """Mean quality of its examples, 0..1."""
    kept: int
    dropped: Mapping[str, int]
    """Conversations left out, by rule."""
    created_at: float


@dataclass(frozen=True, slots=True)
class Learned:
    """An adapter, and how it was trained."""

    id: str
    character: str
    version: int
    dataset: str
    recipe: Mapping[str, Any]
    loss: float | None
    """Of the best weights on the validation split; else the last of the training."""
    live: bool
    created_at: float


@dataclass(frozen=True, slots=True)
class Row:
    """One metric in all evaluations that stand side by side."""

    label: str
    meaning: str
    reach: float
    """How far its axis goes to either side."""
    cells: tuple[Difference | None, ...]
    """One for each evaluation; None where it does not measure this. Turned so that above zero is better."""


@dataclass(frozen=True, slots=True)
class Compared:
    """An evaluation, as its column is headed."""

    id: str
    character: str
    candidate: str
    """The adapter that it evaluated, in words."""
    against: str
    allowed: bool
    reasons: tuple[str, ...]
    created_at: float


@dataclass(frozen=True, slots=True)
class Served:
    """A deployment, in words."""

    id: str
    character: str
    through: str
    """What the character speaks through from then on."""
    rolled_back: bool
    evaluation: str | None
    by: str
    at: float


def quality(home: Emmaus, slug: str, frozen: Sequence[Frozen]) -> list[Mark]:
    """Give the mean scores of conversations and datasets, and what evaluations gave the candidate, oldest first."""
    marks = [Mark(found.at, *_named(found), found.value, found.n) for found in home.store.ask(counting.course, slug)]
    marks += [Mark(d.created_at, "dataset", f"dataset {d.id}", d.quality, d.examples) for d in frozen if d.quality]
    for one in home.store.ask(counting.outlines, Evaluation, character=slug):
        main = next((difference for difference in one.differences if difference.metric == _GATE), None)
        if main:
            what = f"evaluation of {words(home.store, one.candidate)}"
            marks.append(Mark(one.created_at, "evaluation", what, main.candidate, main.n))
    return sorted(marks, key=lambda mark: mark.at)


def page_of(home: Emmaus, evaluation: Evaluation) -> str:
    """Give the report of an evaluation, one HTML page that stands for itself."""
    with TemporaryDirectory() as folder:
        file = home.report(evaluation.character, Path(folder) / "report.html", evaluation=evaluation.id)
        return file.read_text(encoding="utf-8")


def rows_of(home: Emmaus, dataset: Dataset) -> str:
    """Give a dataset as the JSON lines that training reads."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "dataset.jsonl"
        home.export(dataset.id, file)
        return file.read_text(encoding="utf-8")


def datasets(home: Emmaus, slug: str, last: int | None = DATASETS) -> list[Frozen]:
    """Tell the `last` datasets of a character, newest first."""
    contents = {one.dataset: one for one in home.store.ask(counting.contents, slug, last)}
    found = home.store.ask(counting.outlines, Dataset, character=slug)
    return [_frozen(one, contents[one.id]) for one in reversed(found) if one.id in contents]


def adapters(home: Emmaus, slug: str) -> list[Learned]:
    """Tell the adapters of a character, newest first."""
    live = home.parts.live().get(slug)
    return [_learned(one, live) for one in reversed(home.store.find(Adapter, character=slug))]


def evaluations(home: Emmaus, slug: str, last: int | None = None) -> tuple[list[Compared], list[Row]]:
    """Set the `last` evaluations of a character side by side, newest first: columns, and a row for each metric."""
    found = home.store.ask(counting.outlines, Evaluation, character=slug)[::-1][:last]
    columns = [
        Compared(
            one.id,
            slug,
            words(home.store, one.candidate),
            words(home.store, one.incumbent),
            one.decision.promote,
            one.decision.reasons,
            one.created_at,
        )
        for one in found
    ]
    measured = [{d.metric: d for d in (*one.differences, *one.regressions)} for one in found]
    names = dict.fromkeys([*MEASURES, *(name for each in measured for name in each)])
    rows = (_row(name, [each.get(name) for each in measured]) for name in names)
    return columns, [row for row in rows if any(row.cells)]


def deployments(home: Emmaus, slug: str) -> list[Served]:
    """Tell what a character spoke through, newest first."""
    return [_served(home, one) for one in reversed(home.store.find(Deployment, character=slug))]


def recipe(told: Learned) -> str:
    """Say in a line how an adapter was trained."""
    return ", ".join(f"{name.replace('_', ' ')} {told.recipe[name]}" for name in _SHOWN if name in told.recipe)


def _named(found: counting.Mean) -> tuple[str, str]:
    if found.source is Source.SYNTHETIC:
        return "synthetic", f"generated conversations{f' (job {found.job[:8]})' if found.job else ''}"
    whose = {Source.PERSON: "conversations of people", Source.AUTHORED: "hand-written conversations"}
    return "others", whose.get(found.source, f"{found.source.value} conversations")


def _frozen(found: Dataset, content: counting.Content) -> Frozen:
    kept, dropped = found.report.get("kept"), found.report.get("dropped")
    return Frozen(
        id=found.id,
        character=found.character,
        conversations=len(found.parents),
        examples=content.examples,
        splits=content.splits,
        quality=content.quality,
        kept=kept if isinstance(kept, int) else len(found.parents),
        dropped={rule: int(str(n)) for rule, n in dropped.items()} if isinstance(dropped, Mapping) else {},
        created_at=found.created_at,
    )


def _learned(found: Adapter, live: Adapter | None) -> Learned:
    losses = (found.metrics.get(name) for name in ("best_validation_loss", "loss"))
    loss = next((value for value in losses if isinstance(value, int | float)), None)
    is_live = live is not None and live.id == found.id
    at = found.created_at
    return Learned(found.id, found.character, found.version, found.dataset, found.recipe, loss, is_live, at)


def _row(metric: str, cells: Sequence[Difference | None]) -> Row:
    measure = measure_of(metric)
    turned = tuple(_turned(cell) if cell else None for cell in cells)
    reach = max((abs(end) for cell in turned if cell for end in (cell.low, cell.high)), default=0.0)
    lower = " (lower is better)" if measure.better == "lower" else ""
    return Row(measure.label + lower, measure.meaning, reach, turned)


def _turned(found: Difference) -> Difference:
    mean, low, high = gain(found)
    return Difference(found.metric, found.n, found.incumbent, found.candidate, mean, low, high)


def _served(home: Emmaus, found: Deployment) -> Served:
    through = words(home.store, found.adapter or home.parts.first)
    back = found.evaluation is None
    return Served(found.id, found.character, through, back, found.evaluation, found.by, found.at)
