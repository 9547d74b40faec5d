"""The long steps of the wheel as jobs: each can be watched, cancelled and resumed, and is never done twice."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from pathlib import Path

from emmaus import data, evals, jobs, serving, training
from emmaus.chat import Speaker
from emmaus.home import Home
from emmaus.models.files import fingerprint
from emmaus.models.quick import copied
from emmaus.store import lock
from emmaus.types import Adapter, Dataset, Evaluation, Example, JobState, Json, Probe, Progress, Scope, digest, plain

Report = Callable[[Progress], None]


def generate(
    home: Home, character: str, n: int, *, seed: int, drawing: data.Drawing, bare: bool, report: Report
) -> data.Generated:
    """Generate exactly `n` conversations. Asked for in the same way of the same writer, it is the same job."""
    home.index.meaning.prepare()
    speaker = _writer(home, character, bare)
    request = {"n": n, "seed": seed, "model": speaker.model.name, "adapter": speaker.adapter, **plain(drawing)}
    job = jobs.begin(home.store, "generate", character, request, clock=home.clock)
    spent = data.Spent()

    def work(ticket: jobs.Ticket) -> None:
        data.generate(
            speaker,
            home.store,
            home.embedder,
            job=job.id,
            n=n,
            seed=seed,
            drawing=drawing,
            starters=home.pack.starters(character),
            report=_both(ticket.report, report),
            spent=spent,
        )

    jobs.run(home.store, home.path, job, work)
    return data.generated(home.store, job.id, spent)


def _writer(home: Home, character: str, bare: bool) -> Speaker:
    """Who writes synthetic answers: the teacher, or the character as they speak now (`bare`: without their adapter)."""
    if home.taught:
        return replace(home.speaker(character, bare=True, to_a_person=False), model=home.teacher)
    return home.speaker(character, bare=bare, to_a_person=False)


def train(home: Home, dataset: Dataset, recipe: training.Recipe, report: Report) -> Adapter:
    """Train an adapter of a dataset into the registry, on what may be learned of it now.

    A registered adapter whose files are missing or changed is trained again, and its record stands: what comes out must
    be the very file that was registered.

    Raises:
        EmmausError: it came out otherwise.
    """
    examples = data.still_allowed(home.store, dataset, Scope.TRAIN)
    name = training.adapter_id(dataset, examples, recipe, home.base_file)
    job = jobs.begin(home.store, "train", dataset.character, {"dataset": dataset.id, "adapter": name}, clock=home.clock)
    lost = [known for known in home.store.find(Adapter, id=name) if not training.intact(home.path, known)]
    if lost:
        gone = replace(job, state=JobState.FAILED, note="the adapter's files are missing or changed")
        home.store.update(gone, state=JobState.DONE)

    def work(ticket: jobs.Ticket) -> None:
        folder = home.path / training.adapter_folder(name)
        tell = _both(ticket.report, report)
        if lost:
            again = fit(home, examples, folder.with_name(f"{name}.again"), recipe, tell)
            training.reinstate(home.path, lost[0], again)
        else:
            training.register(home.store, name, dataset, fit(home, examples, folder, recipe, tell), clock=home.clock)

    jobs.run(home.store, home.path, job, work, alone="train")
    return home.store.get(Adapter, name)


def train_file(
    home: Home, file: Path, output: Path, recipe: training.Recipe, report: Report
) -> training.TrainingResult:
    """Train an adapter of a chat JSONL into a folder, outside the registry."""
    with lock(home.path, "train"):
        return fit(home, training.read_jsonl(file), output, recipe, report)


def evaluate(home: Home, candidate: Adapter, probes: tuple[Probe, ...], report: Report) -> Evaluation:
    """Evaluate an adapter against what is live, or, where it is live itself, against what it replaced.

    Raises:
        BadInput: there are too few probes to say anything.
    """
    evals.require_enough(probes)
    home.index.meaning.prepare()
    request = evaluation_request(home, candidate, probes)
    job = jobs.begin(home.store, "evaluate", candidate.character, request, clock=home.clock)
    name = f"e{job.id}"

    def work(ticket: jobs.Ticket) -> None:
        incumbent = _incumbent(home, candidate)
        home.store.add(replace(_compare(home, candidate, incumbent, probes, _both(ticket.report, report)), id=name))

    jobs.run(home.store, home.path, job, work)
    return home.store.get(Evaluation, name)


def evaluation_request(home: Home, candidate: Adapter, probes: tuple[Probe, ...]) -> dict[str, Json]:
    """Everything that an evaluation depends on: where one of these differs, it is another evaluation."""
    incumbent = _incumbent(home, candidate)
    return {
        "candidate": candidate.id,
        "incumbent": incumbent.id if incumbent else home.first,
        "starter": home.first,
        "probes": digest(probes),
        "others": {slug: live.id for slug, live in home.live().items() if slug != candidate.character},
        # Of a copy in 8 bits this names the way that it is made in, also where none is served.
        "base": copied(fingerprint(home.base_file)),
        "scene": home.scene(candidate.character).hash,
        "measure": digest([evals.metrics_hash(), evals.Rule()]),
    }


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


def fit(
    home: Home, examples: Sequence[Example], output: Path, recipe: training.Recipe, report: Report
) -> training.TrainingResult:
    """Train while the engine rests: both want all cores."""
    home.pause()
    return training.train(
        examples,
        output=output,
        base_file=home.base_file,
        cache=home.cache,
        recipe=recipe,
        progress=report,
        threads=home.settings.threads,
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


def _both(first: Report, second: Report) -> Report:
    def tell(progress: Progress) -> None:
        first(progress)
        second(progress)

    return tell
