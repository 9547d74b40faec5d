"""An evaluation: a candidate adapter against what it would replace, on probes that no dataset contains.

Both arms answer through the server that will serve them, with the same prompt, sampling and seeds. Everything is
paired: by probe, by held-out answer, by text.
"""

import math
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from importlib.resources import files
from itertools import islice
from pathlib import Path
from typing import Literal, TypeVar

from emmaus.chat import Scene, Speaker, checked_question, counsel_sought, crisis
from emmaus.data.filters import ProbeGuard
from emmaus.errors import BadInput
from emmaus.evals.answers import answers, concurrently
from emmaus.evals.gate import MINIMUM, Rule, decide
from emmaus.evals.measures import measure_of
from emmaus.evals.metrics import measure
from emmaus.evals.statistics import paired_difference
from emmaus.models.protocols import Embedder, LikelihoodModel, Sampling
from emmaus.types import Adapter, Dataset, Difference, Evaluation, Example, Message, Probe, Progress, Sample, digest

Item = TypeVar("Item")
Arm = Literal["incumbent", "candidate"]
FEWEST = 2
"""Probes that are answered in character: one difference has no interval."""
OTHER_SHARE = 15
"""For so many probes one of each other character is asked, to see whether a loaded adapter leaks into them,"""
FEWEST_OTHERS = 4
"""but no fewer than these,"""
MOST_CHARACTERS = 4
"""and of so many other characters, evenly over the pack: in a large one the rest would take longer than the probes."""
LEAK_TOKENS = 80
"""A foreign voice shows in the first sentences; a bare model would fill any length."""
OTHERS = "other_characters"


@dataclass(frozen=True, slots=True)
class Comparison:
    """What is compared, and on what."""

    scene: Scene
    model: LikelihoodModel
    candidate: Adapter
    incumbent: Adapter | None
    """None is the base model with the adapter that ships."""
    probes: tuple[Probe, ...]
    held_out: tuple[Example, ...]
    """Conversations whose answers neither arm learned from."""
    others: Mapping[str, Speaker]
    """How the other characters speak without the candidate, by slug."""
    starter: str | None = None
    """Id of the adapter that ships; None where there is none for this model."""
    alone: Collection[str] = ()
    """Ids of the adapters that are loaded where the others speak without the candidate."""

    def speaks_through(self, adapter: Adapter | None) -> str | None:
        """Name the adapter of an arm to the model."""
        return adapter.id if adapter else self.starter


def evaluate(
    comparison: Comparison,
    embedder: Embedder,
    *,
    cache: Path,
    datasets: Sequence[Dataset] = (),
    rule: Rule | None = None,
    report: Callable[[Progress], None] = lambda _: None,
    clock: Callable[[], float] = time.time,
) -> Evaluation:
    """Answer all probes in both arms, measure, and let the gate decide.

    `datasets` are those that either arm learned from: an evaluation on anything that they contain is refused.

    Raises:
        BadInput: there are too few probes, or a dataset contains one.
        ModelError: the model is missing or was lost; what was answered is kept, the same call goes on from there.
    """
    require_enough(comparison.probes)
    _refuse_overlap(comparison.probes, datasets)
    work = _Work(comparison, report)
    before, incumbent = _arm("incumbent", comparison, comparison.incumbent, embedder, cache, work)
    after, candidate = _arm("candidate", comparison, comparison.candidate, embedder, cache, work)
    samples = (*incumbent, *candidate)
    differences = _differences(before, after)
    if len(comparison.held_out) > 1:  # one is no sample: the gate says that it was not measured
        held_out = [(example.messages[:-1], example.messages[-1]) for example in comparison.held_out]
        differences.append(_loss("answer_loss", comparison, held_out, work))
    # No more texts than probes: a short evaluation is short in all its parts.
    regressions = [_loss("general_loss", comparison, _general()[: len(comparison.probes)], work)]
    work.note("answers of the other characters")
    regressions += _leak(comparison, embedder, cache)
    work.note("deciding")
    content = Evaluation(
        id="",
        character=comparison.scene.character.slug,
        candidate=comparison.candidate.id,
        incumbent=comparison.speaks_through(comparison.incumbent),
        base=comparison.model.name,
        probes=digest(comparison.probes),
        samples=samples,
        differences=tuple(differences),
        regressions=tuple(regressions),
        decision=decide(differences, regressions, _applicable(rule or Rule(), regressions)),
    )
    return replace(content, id="e" + digest(content), created_at=clock())


class _Work:
    """Counts answers of both arms as one piece of work."""

    def __init__(self, comparison: Comparison, report: Callable[[Progress], None]) -> None:
        self._total = 2 * len(comparison.probes)
        self._done: dict[str, int] = {}
        self._report = report

    def answered(self, arm: str) -> Callable[[int], None]:
        def tell(count: int) -> None:
            self._done[arm] = count
            self._report(Progress(sum(self._done.values()), self._total, f"{arm} answers"))

        return tell

    def note(self, note: str) -> None:
        self._report(Progress(self._total, self._total, note))


def _arm(
    arm: Arm, comparison: Comparison, adapter: Adapter | None, embedder: Embedder, cache: Path, work: "_Work"
) -> tuple[list[dict[str, float]], list[Sample]]:
    """Answer all probes in one arm: the metrics of each answer, and the samples to keep."""
    speaker = Speaker(comparison.scene, comparison.model, comparison.speaks_through(adapter))
    turns = answers(speaker, comparison.probes, cache, report=work.answered(arm))
    metrics = measure(turns, comparison.scene, embedder)
    samples = [
        Sample(probe.id, arm, turn.question, turn.answer, values, turn.passages)
        for probe, turn, values in zip(comparison.probes, turns, metrics, strict=True)
    ]
    return metrics, samples


def require_enough(probes: Sequence[Probe]) -> None:
    """Refuse probes of which fewer than `FEWEST` are answered in character; the program answers the others itself.

    Raises:
        BadInput: there are too few of them.
    """
    if not probes:
        raise BadInput("there are no probes for this character: add held-out questions to its probes.yaml")
    asked = ((probe, checked_question(probe.ask)) for probe in probes)
    in_character = (probe for probe, text in asked if counsel_sought(text) is None and crisis(text) is None)
    count = len(list(islice(in_character, FEWEST)))
    if count < FEWEST:
        raise BadInput(
            f"{count} of {len(probes)} probes would be answered in character, at least {FEWEST} are needed, and the "
            f"gate wants {MINIMUM}: take more of them, or add held-out questions to the character's probes.yaml"
        )


def _refuse_overlap(probes: Sequence[Probe], datasets: Sequence[Dataset]) -> None:
    guard = ProbeGuard(probes)
    for dataset in datasets:
        for example in dataset.examples:
            for message in example.messages:
                # The last paragraph of a user message is the question; passages stand before it.
                question = message.content.rsplit("\n\n", 1)[-1]
                if message.role == "user" and (probe := guard.overlaps(question)):
                    raise BadInput(
                        f"dataset {dataset.id} contains the held-out question {probe.ask!r} "
                        f"(in {example.conversation}): freeze again and train on that"
                    )


def _applicable(rule: Rule, regressions: Sequence[Difference]) -> Rule:
    """Ask nothing about other characters of a pack that has none to ask."""
    if any(difference.metric == OTHERS for difference in regressions):
        return rule
    return replace(rule, regressions={metric: bound for metric, bound in rule.regressions.items() if metric != OTHERS})


def _differences(before: Sequence[Mapping[str, float]], after: Sequence[Mapping[str, float]]) -> list[Difference]:
    """One difference for each metric, over the probes that both arms answered in character."""
    both = [(old, new) for old, new in zip(before, after, strict=True) if old and new]
    return [
        paired_difference(metric, [old[metric] for old, _ in both], [new[metric] for _, new in both])
        for metric in both[0][0]
    ]


def _loss(
    metric: str, comparison: Comparison, texts: Sequence[tuple[Sequence[Message], Message]], work: _Work
) -> Difference:
    """Negative log-likelihood per token of given answers on the served artifact, in nats; lower is better."""

    def losses(adapter: Adapter | None) -> list[float]:
        def loss(text: tuple[Sequence[Message], Message]) -> float:
            return comparison.model.score(text[0], text[1].content, adapter=comparison.speaks_through(adapter)).loss

        values = []
        with closing(concurrently(loss, texts)) as scored:
            for value in scored:
                values.append(value)
                work.note(f"{measure_of(metric).label}, {len(values)} of {len(texts)}")
        return values

    return paired_difference(metric, losses(comparison.incumbent), losses(comparison.candidate))


def _general() -> list[tuple[Sequence[Message], Message]]:
    """Plain prose about everyday things, each paragraph after its own first sentence."""
    text = (files("emmaus.evals") / "general.txt").read_text(encoding="utf-8")
    pairs = [line.split(". ", 1) for line in text.splitlines() if line]
    return [((Message("user", f"Go on: {first}."),), Message("assistant", rest)) for first, rest in pairs]


def _leak(comparison: Comparison, embedder: Embedder, cache: Path) -> list[Difference]:
    """Composite of the other characters, with the candidate loaded but not asked for, against without it.

    Nothing where they have fewer than two probes: that is no sample.
    """
    before: list[float] = []
    after: list[float] = []
    loaded = digest(sorted(comparison.alone))
    count = max(FEWEST_OTHERS, math.ceil(len(comparison.probes) / OTHER_SHARE))
    asked = [speaker for speaker in comparison.others.values() if speaker.scene.pack.probes(_slug(speaker))]
    for speaker in spread(asked, MOST_CHARACTERS):
        slug = _slug(speaker)
        probes = spread(speaker.scene.pack.probes(slug), count)
        greedy = Sampling(temperature=0, max_tokens=LEAK_TOKENS)
        alone = answers(speaker, probes, cache / "alone" / loaded, sampling=greedy)
        beside = answers(
            replace(speaker, model=comparison.model), probes, cache / comparison.candidate.id / loaded, sampling=greedy
        )
        before += [values["composite"] for values in measure(alone, speaker.scene, embedder) if values]
        after += [values["composite"] for values in measure(beside, speaker.scene, embedder) if values]
    return [paired_difference(OTHERS, before, after)] if len(before) > 1 else []


def _slug(speaker: Speaker) -> str:
    return speaker.scene.character.slug


def spread(items: Sequence[Item], count: int) -> tuple[Item, ...]:
    """At most `count` of them, evenly over all: neighbours in a pack are of one kind."""
    taken = min(count, len(items))
    return tuple(items[place * len(items) // taken] for place in range(taken))
