"""Training as a job."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from emmaus import data, jobs, training
from emmaus.errors import BadInput, EmmausError
from emmaus.home import Home
from emmaus.jobs import Report
from emmaus.store import lock
from emmaus.types import Adapter, Dataset, Example, Job, JobState, Scope, plain

TRAINING = "train"
"""Name of what only one training may use at a time: all cores and the memory of the model."""


def train(home: Home, dataset: Dataset, recipe: training.Recipe, report: Report) -> Adapter:
    """Train an adapter of a dataset into the registry, on what may be learned of it now.

    A registered adapter whose files are missing or changed is trained again, and its record stands: what comes out must
    be the very file that was registered.

    Raises:
        EmmausError: it came out otherwise.
    """
    job = begin_training(home, dataset, recipe)
    jobs.run(home.store, home.path, job, lambda ticket: do_training(home, ticket), alone=TRAINING, watch=report)
    return home.store.get(Adapter, str(job.request["adapter"]))


def plan_training(
    home: Home,
    character: str,
    *,
    dataset: str | None = None,
    recipe: training.Recipe | None = None,
    state: JobState = JobState.RUNNING,
) -> Job:
    """Begin the job of training on a character's newest dataset, or on the one with this id.

    Raises:
        NotFound: there is no such dataset, or none yet.
        BadInput: it belongs to another character.
    """
    found = find_dataset(home, dataset or character)
    if found.character != character:
        raise BadInput(f"{found.id} belongs to {found.character}, not to {character}")
    return begin_training(home, found, recipe or training.Recipe(), state)


def begin_training(home: Home, dataset: Dataset, recipe: training.Recipe, state: JobState = JobState.RUNNING) -> Job:
    """Begin a training. One that is done, and whose files are lost, is to be done again."""
    examples = data.still_allowed(home.store, dataset, Scope.TRAIN)
    name = training.adapter_id(dataset, examples, recipe, home.base_file)
    request = {"dataset": dataset.id, "adapter": name, "recipe": plain(recipe)}
    job = jobs.begin(home.store, "train", dataset.character, request, state=state, clock=home.clock)
    if _lost(home, name):
        gone = replace(job, state=JobState.FAILED, note="the adapter's files are missing or changed")
        home.store.update(gone, state=JobState.DONE)
        return home.store.get(Job, job.id)
    return job


def do_training(home: Home, ticket: jobs.Ticket) -> None:
    """Train what a job asks for, from its last checkpoint.

    Raises:
        EmmausError: what may be learned is not what it was when the job was begun.
    """
    asked: dict[str, Any] = dict(ticket.job.request)
    name, recipe = asked["adapter"], training.Recipe(**asked["recipe"])
    dataset = home.store.get(Dataset, asked["dataset"])
    examples = data.still_allowed(home.store, dataset, Scope.TRAIN)
    if training.adapter_id(dataset, examples, recipe, home.base_file) != name:
        raise EmmausError(
            f"what may be learned of dataset {dataset.id}, or the base model, is not what it was when this was begun: "
            f"train anew with emmaus train {dataset.id}"
        )
    folder = home.path / training.adapter_folder(name)
    if lost := _lost(home, name):
        again = fit(home, examples, folder.with_name(f"{name}.again"), recipe, ticket.report)
        training.reinstate(home.path, lost[0], again)
    else:
        made = fit(home, examples, folder, recipe, ticket.report)
        training.register(home.store, name, dataset, made, clock=home.clock)


def find_dataset(home: Home, name: str) -> Dataset:
    """Return the dataset of a character that was frozen last, or the one with this id."""
    if name not in home.pack.characters:
        return home.store.get(Dataset, name)
    return data.newest(home.store, home.character(name).slug)


def train_file(
    home: Home, file: Path, output: Path, recipe: training.Recipe, report: Report
) -> training.TrainingResult:
    """Train an adapter of a chat JSONL into a folder, outside the registry."""
    with lock(home.path, TRAINING):
        return fit(home, training.read_jsonl(file), output, recipe, report)


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


def estimate(home: Home, what: str | Path, recipe: training.Recipe) -> training.Estimate:
    """What training takes from its start: on a file, or on what `find_dataset` finds."""
    if isinstance(what, Path):
        examples = training.read_jsonl(what)
    else:
        examples = data.still_allowed(home.store, find_dataset(home, what), Scope.TRAIN)
    return training.estimate(examples, recipe, home.settings.threads)


def _lost(home: Home, name: str) -> list[Adapter]:
    """Return the registered adapter of this name, if its files are missing or changed."""
    return [known for known in home.store.find(Adapter, id=name) if not training.intact(home.path, known)]
