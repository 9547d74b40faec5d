"""Synthetic conversations as a job."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from emmaus import data, jobs
from emmaus.chat import Speaker
from emmaus.errors import BadInput, EmmausError
from emmaus.home import Home
from emmaus.jobs import Report
from emmaus.types import Adapter, Job, JobState, plain


def generate(
    home: Home,
    character: str,
    n: int,
    *,
    seed: int,
    drawing: data.Drawing,
    bare: bool,
    minutes: float | None,
    report: Report,
) -> data.Generated:
    """Generate exactly `n` conversations. Asked for in the same way of the same writer, it is the same job."""
    job = plan_generation(home, character, n=n, seed=seed, drawing=drawing, bare=bare, minutes=minutes)
    spent = data.Spent()
    jobs.run(home.store, home.path, job, lambda ticket: do_generation(home, ticket, spent), watch=report)
    return data.generated(home.store, job.id, spent)


def plan_generation(
    home: Home,
    character: str,
    *,
    n: int = 100,
    seed: int = 0,
    drawing: data.Drawing | None = None,
    bare: bool = False,
    minutes: float | None = None,
    state: JobState = JobState.RUNNING,
) -> Job:
    """Begin the job of generating `n` conversations, by who writes them now. What it takes is in its request.

    With `minutes`, each run of it pauses after so many.

    Raises:
        BadInput: `n` is below 1, or `minutes` is no time.
    """
    if minutes is not None and not 0 < minutes < math.inf:
        raise BadInput(f"cannot generate for {minutes} minutes: give more than 0, or leave them out")
    if n < 1:
        raise BadInput(f"cannot generate {n} conversations: ask for at least 1, for example -n 100")
    home.own(character)
    speaker = _writer(home, character, bare)
    asked = {"n": n, "seed": seed, **plain(drawing or data.Drawing())}
    if minutes is not None:
        asked["minutes"] = minutes
    request = {**asked, "model": speaker.model.name, "adapter": speaker.adapter}
    return jobs.begin(home.store, "generate", character, request, total=n, state=state, clock=home.clock)


def do_generation(home: Home, ticket: jobs.Ticket, spent: data.Spent | None = None) -> None:
    """Generate what a job asks for and is still missing. `spent` counts what this run uses.

    Raises:
        EmmausError: the model that it was asked of is not the one that answers here.
    """
    job = ticket.job
    asked: dict[str, Any] = dict(job.request)
    home.index.meaning.prepare()
    with _asked_writer(home, job.character, asked.pop("model"), asked.pop("adapter")) as speaker:
        data.generate(
            speaker,
            home.store,
            home.embedder,
            job=job.id,
            n=asked.pop("n"),
            seed=asked.pop("seed"),
            minutes=asked.pop("minutes", None),
            drawing=data.Drawing(**asked),
            starters=home.pack.starters(job.character),
            report=ticket.report,
            spent=spent,
        )


def preview(home: Home, character: str, *, seed: int = 0, drawing: data.Drawing | None = None) -> data.Preview:
    """Draw one question and its answer as a generation would, and keep nothing."""
    starters, speaker = home.pack.starters(character), _writer(home, character, bare=False)
    return data.preview(speaker, home.store, home.embedder, seed=seed, drawing=drawing, starters=starters)


def _writer(home: Home, character: str, bare: bool) -> Speaker:
    """Who writes synthetic answers: the teacher, or the character as they speak now (`bare`: without their adapter)."""
    if home.taught:
        return replace(home.speaker(character, bare=True, to_a_person=False), model=home.teacher)
    return home.speaker(character, bare=bare, to_a_person=False)


@contextmanager
def _asked_writer(home: Home, character: str, model: str, adapter: str | None) -> Iterator[Speaker]:
    """Who was to write when a job was begun, though another adapter may be live by now."""
    speaker = _writer(home, character, bare=adapter is None)
    if speaker.model.name != model:
        raise EmmausError(
            f"this was asked of the model {model}, and {speaker.model.name} answers here: set the model as it was, or "
            f"ask this one with: emmaus generate {character}"
        )
    if adapter in (speaker.adapter, home.first):  # the one that ships is always served
        yield replace(speaker, adapter=adapter)
        return
    with home.engine_with([home.store.get(Adapter, str(adapter))]) as engine:
        yield replace(speaker, model=engine, adapter=adapter)
