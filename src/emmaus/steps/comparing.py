"""Evaluation as a job, and the page that tells of it."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from emmaus import data, evals, jobs, serving
from emmaus.chat import Speaker
from emmaus.errors import BadInput, EmmausError, NotFound
from emmaus.home import Home
from emmaus.jobs import Report
from emmaus.models.files import fingerprint
from emmaus.models.quick import copied
from emmaus.types import Adapter, Dataset, Evaluation, Example, Job, JobState, Json, Probe, Scope, digest, plain


def evaluate(home: Home, candidate: Adapter, probes: tuple[Probe, ...], report: Report) -> Evaluation:
    """Evaluate an adapter against what is live, or, where it is live itself, against what it replaced.

    Raises:
        BadInput: there are too few probes to say anything.
    """
    job = begin_evaluation(home, candidate, probes)
    jobs.run(home.store, home.path, job, lambda ticket: _evaluation(home, ticket, candidate, probes), watch=report)
    return home.store.get(Evaluation, f"e{job.id}")


def plan_evaluation(
    home: Home,
    character: str,
    *,
    adapter: str | None = None,
    limit: int | None = None,
    state: JobState = JobState.RUNNING,
) -> Job:
    """Begin the job of evaluating an adapter. Raises as `to_evaluate` and `evaluate` do."""
    candidate, probes = to_evaluate(home, character, adapter, limit)
    return begin_evaluation(home, candidate, probes, state)


def to_evaluate(
    home: Home, character: str, adapter: str | None, limit: int | None
) -> tuple[Adapter, tuple[Probe, ...]]:
    """Give a character's newest adapter, or the one named, and the probes; with `limit` so many, spread over all.

    Raises:
        NotFound: there is no such adapter, or none yet.
        BadInput: the adapter is another character's, or `limit` is too low.
    """
    home.character(character)
    found = home.store.find(Adapter, character=character)
    if not found:
        raise NotFound(f"{character} has no adapter yet: emmaus train {character}")
    probes = home.pack.probes(character)
    if limit is not None:
        if limit < evals.FEWEST:
            least = f"take at least {evals.FEWEST}, the gate wants {evals.MINIMUM}"
            raise BadInput(f"cannot evaluate on {limit} probes: {least}")
        probes = evals.spread(probes, limit)
    return (_of(character, home.store.get(Adapter, adapter)) if adapter else found[-1]), probes


def begin_evaluation(
    home: Home, candidate: Adapter, probes: tuple[Probe, ...], state: JobState = JobState.RUNNING
) -> Job:
    """Begin an evaluation. Raises as `evaluate` does."""
    evals.require_enough(probes)
    request = evaluation_request(home, candidate, probes)
    return jobs.begin(home.store, "evaluate", candidate.character, request, state=state, clock=home.clock)


def do_evaluation(home: Home, ticket: jobs.Ticket) -> None:
    """Evaluate what a job asks for.

    Raises:
        EmmausError: something that the comparison depends on is not what it was when the job was begun.
    """
    job = ticket.job
    candidate = home.store.get(Adapter, str(job.request["candidate"]))
    every = home.pack.probes(job.character)
    probes = evals.spread(every, int(str(job.request["number"])))
    if evaluation_request(home, candidate, probes) != plain(job.request):
        raise EmmausError(
            f"what {job.character} is compared with, the probes or the measures are not what they were when this was "
            f"begun: compare anew with emmaus evaluate {job.character}"
        )
    _evaluation(home, ticket, candidate, probes)


def _evaluation(home: Home, ticket: jobs.Ticket, candidate: Adapter, probes: tuple[Probe, ...]) -> None:
    home.index.meaning.prepare()
    found = _compare(home, candidate, _incumbent(home, candidate), probes, ticket.report)
    home.store.add(replace(found, id=f"e{ticket.job.id}"))


def evaluation_request(home: Home, candidate: Adapter, probes: tuple[Probe, ...]) -> dict[str, Json]:
    """Everything that an evaluation depends on: where one of these differs, it is another evaluation."""
    incumbent = _incumbent(home, candidate)
    return {
        "candidate": candidate.id,
        "incumbent": incumbent.id if incumbent else home.first,
        "starter": home.first,
        "probes": digest(probes),
        "number": len(probes),
        "others": {slug: live.id for slug, live in home.live().items() if slug != candidate.character},
        # Of a copy in 8 bits this names the way that it is made in, also where none is served.
        "base": copied(fingerprint(home.base_file)),
        "scene": home.scene(candidate.character).hash,
        "measure": digest([evals.metrics_hash(), evals.Rule()]),
    }


def find_evaluation(home: Home, character: str, name: str | None = None) -> Evaluation:
    """Return the newest evaluation of a character, or the one with this id.

    Raises:
        NotFound: there is no such evaluation, or none yet.
        BadInput: it belongs to another character.
    """
    if name is None:
        home.character(character)
        if newest := home.store.find(Evaluation, last=1, character=character):
            return newest[0]
        raise NotFound(f"nothing of {character} was evaluated yet: emmaus evaluate {character}")
    return _of(character, home.store.get(Evaluation, name))


def write_report(home: Home, found: Evaluation, output: Path, command: str) -> Path:
    """Write an evaluation as one self-contained HTML page, its answers as a reader sees them."""
    adapter = home.store.get(Adapter, found.candidate)
    scene = home.scene(found.character)
    # What the program answered has no metrics, and is shown as it is.
    read = (scene.delivered(s.answer, s.passages).text if s.metrics else s.answer for s in found.samples)
    samples = tuple(replace(s, answer=answer) for s, answer in zip(found.samples, read, strict=True))
    return evals.write_report(
        evals.Report(
            evaluation=replace(found, samples=samples),
            character=home.pack.character(found.character),
            probes={probe.id: probe for probe in home.pack.probes(found.character)},
            dataset=home.store.get(Dataset, adapter.dataset),
            adapter=adapter,
            command=command,
            made_at=home.clock(),
            machine=evals.machine(),
            against=serving.words(home.store, found.incumbent),
        ),
        output,
    )


def _incumbent(home: Home, candidate: Adapter) -> Adapter | None:
    live = home.live().get(candidate.character)
    if live is None or live.id != candidate.id:
        return live
    replaced = serving.replaced(home.store, candidate.character)
    return home.store.get(Adapter, replaced) if replaced else None


def _compare(
    home: Home, candidate: Adapter, incumbent: Adapter | None, probes: tuple[Probe, ...], report: Report
) -> Evaluation:
    slugs = [slug for slug in home.pack.characters if slug != candidate.character]
    live = home.live()
    without = [adapter for adapter in live.values() if adapter.id != candidate.id]
    datasets = [home.store.get(Dataset, adapter.dataset) for adapter in (candidate, incumbent) if adapter]
    loaded = {adapter.id: adapter for adapter in (*without, *([incumbent] if incumbent else []), candidate)}
    with home.engine_with(loaded.values()) as engine, home.engine_with(without) as alone:
        through = {slug: live[slug].id if slug in live else home.first for slug in slugs}
        others = {slug: Speaker(home.scene(slug), alone, through[slug], home.clock) for slug in slugs}
        return evals.evaluate(
            evals.Comparison(
                scene=home.scene(candidate.character),
                model=engine,
                candidate=candidate,
                incumbent=incumbent,
                starter=home.first,
                probes=probes,
                held_out=_held_out(home, datasets, home.starter.learned if home.starter and not incumbent else ()),
                others=others,
                alone=alone.adapters,
            ),
            home.embedder,
            cache=home.cache / "answers",
            datasets=datasets,
            report=report,
            clock=home.clock,
        )


def _held_out(home: Home, datasets: Sequence[Dataset], learned: Collection[str]) -> tuple[Example, ...]:
    """The candidate's test split as it may be used now, without what the incumbent learned or was stopped on."""
    known = {e.conversation for dataset in datasets[1:] for e in dataset.examples if e.split != "test"} | set(learned)
    allowed = data.still_allowed(home.store, datasets[0], Scope.TRAIN)
    return tuple(e for e in allowed if e.split == "test" and e.conversation not in known)


Owned = TypeVar("Owned", Adapter, Evaluation)


def _of(character: str, record: Owned) -> Owned:
    """Refuse a record of another character."""
    if record.character != character:
        raise BadInput(f"{record.id} belongs to {record.character}, not to {character}")
    return record
