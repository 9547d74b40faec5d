"""Scoring and freezing as jobs."""

from typing import Any

from emmaus import data, jobs
from emmaus.errors import BadInput
from emmaus.home import Home
from emmaus.jobs import Report
from emmaus.types import Dataset, Job, JobState, Json


def score(home: Home, character: str, report: Report) -> data.Scored:
    """Score what has no score yet."""
    return data.score(home.store, home.scene(character), home.embedder, report=report)


def plan_scoring(home: Home, character: str, *, state: JobState = JobState.RUNNING) -> Job:
    """Begin the job of scoring what has no score yet; one that was begun and not ended is gone on with.

    Raises:
        NotFound: there is no such character.
    """
    home.character(character)
    return _begin(home, "score", character, {"rubric": data.rubric()}, state)


def do_scoring(home: Home, ticket: jobs.Ticket) -> None:
    """Score what has no score yet."""
    found = score(home, ticket.job.character, ticket.report)
    ticket.note(str(found))


def freeze(
    home: Home,
    character: str,
    report: Report,
    *,
    minimum: float,
    synthetic: float,
    most: int | None,
    wordings: int,
    seed: int,
) -> Dataset:
    """Freeze the usable conversations of a character into a dataset."""
    home.own(character)
    home.index.meaning.prepare()
    return data.freeze(
        home.store,
        home.scene(character),
        minimum=minimum,
        synthetic=synthetic,
        most=most,
        wordings=wordings,
        seed=seed,
        clock=home.clock,
        report=report,
    )


def plan_freezing(
    home: Home,
    character: str,
    *,
    minimum: float = 0.7,
    synthetic: float = 1.0,
    most: int | None = None,
    wordings: int = 1,
    seed: int = 0,
    state: JobState = JobState.RUNNING,
) -> Job:
    """Begin the job of freezing a dataset; one that was begun in this way and not ended is gone on with.

    Raises:
        BadInput: `synthetic` or `wordings` is below 0, or `most` below 1.
        NotFound: there is no such character.
    """
    data.require_mixture(synthetic, wordings)
    if most is not None and most < 1:
        raise BadInput(f"cannot freeze a sample of {most} conversations: give at least {data.MINIMUM_EXAMPLES}")
    home.own(character)
    asked: dict[str, Json] = {
        "minimum": minimum,
        "synthetic": synthetic,
        "most": most,
        "wordings": wordings,
        "seed": seed,
    }
    return _begin(home, "freeze", character, asked, state)


def do_freezing(home: Home, ticket: jobs.Ticket) -> None:
    """Freeze what may be learned now, in the way that a job asks for."""
    began = home.clock()
    asked: dict[str, Any] = {name: value for name, value in ticket.job.request.items() if name != "time"}
    dataset = freeze(home, ticket.job.character, ticket.report, **asked)
    ticket.note(data.unchanged(dataset, began) or f"dataset {dataset.id}: {len(dataset.parents)} conversations")


def _begin(home: Home, kind: str, character: str, asked: dict[str, Json], state: JobState) -> Job:
    """Begin a job that may be asked for again in the same words: what there is to do will be something else by then.

    It is numbered by those that are done, so that one that was stopped, or that failed, is the one that goes on.
    """
    before = home.store.find(Job, character=character, state=JobState.DONE.value)
    time = sum(job.kind == kind for job in before)
    return jobs.begin(home.store, kind, character, {**asked, "time": time}, state=state, clock=home.clock)
