"""Commands of background work: what there is, how far it is, stop and go on, and a process that does it."""

import sys
import time
from typing import TYPE_CHECKING, Annotated, Any

import typer

from emmaus.cli.commands import command
from emmaus.cli.invocation import Invocation
from emmaus.cli.progress import amount
from emmaus.types import Job, JobState, Progress, plain

if TYPE_CHECKING:
    from rich.console import RenderableType

    from emmaus.api import Emmaus
    from emmaus.jobs.background import Background

HEADING = "Background"
JobName = Annotated[str, typer.Argument(metavar="JOB", help="Its id, or the beginning.")]
InBackground = Annotated[
    bool,
    typer.Option("--background", help="Queue it, and return at once: emmaus up does it meanwhile, or emmaus worker."),
]
EVERY = 1.0
"""Seconds between two looks at the jobs."""


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    command(app, HEADING)(jobs)
    command(app, HEADING)(pause)
    command(app, HEADING)(resume)
    command(app, HEADING)(cancel)
    command(app, HEADING, kept="what was under way is laid down, and goes on with the next worker")(worker)


def jobs(
    invocation: Invocation,
    job: Annotated[
        str | None, typer.Argument(metavar="JOB", help="Only this one, with its curve.", show_default=False)
    ] = None,
) -> None:
    """List long work, and how far it is."""
    with invocation.open() as home:
        if job is not None:
            _tell_one(invocation, home, job)
            return
        found = home.jobs()
        from emmaus.cli import views
        from emmaus.jobs import state_of

        states = [state_of(home.parts.path, job) for job in found]
        rows = [{**plain(job), "state": state} for job, state in zip(found, states, strict=True)]
        invocation.show(rows, lambda: views.jobs(found, states))


def pause(invocation: Invocation, job: JobName) -> None:
    """Stop a job until it is resumed. What it has done is kept."""
    with invocation.open() as home:
        show(invocation, home.pause(job))


def resume(invocation: Invocation, job: JobName) -> None:
    """Queue a job that was paused or has stopped.

    One that was cancelled or interrupted, or that failed, goes on where it was, too: in the background.
    """
    with invocation.open() as home:
        show(invocation, home.resume(job))


def cancel(invocation: Invocation, job: JobName) -> None:
    """Ask a job to stop. What it has done is kept."""
    with invocation.open() as home:
        show(invocation, home.cancel(job))


def worker(
    invocation: Invocation,
    until_done: Annotated[
        bool,
        typer.Option("--until-done", help="End when nothing is queued or under way: with code 1 if some of it failed."),
    ] = False,
) -> int:
    """Do what is queued, until Ctrl-C.

    emmaus up does the same beside its pages; of several at once in a home one works, and the others stand by. Work goes
    last on the cores, after whoever talks. A worker that is killed loses nothing: the next one goes on where it was.
    """
    with invocation.open() as home:
        background = home.background()
        print("Waiting for work (Ctrl-C ends it)", file=sys.stderr, flush=True)
        told = {job.id: job.state.value for job in home.jobs() if job.state not in _OPEN}
        before = dict(told)
        while (under_way := _tell(home, background, told)) or not until_done:
            for id in under_way:
                before.pop(id, None)
            time.sleep(EVERY)
        ended = [job for job in home.jobs() if job.state not in _OPEN and job.state != before.get(job.id)]
    if invocation.json:
        invocation.write(ended)
    return int(any(job.state is JobState.FAILED for job in ended))


def queue(invocation: Invocation, kind: str, character: str, **what: Any) -> None:
    """Queue a job, and print how it stands."""
    with invocation.open() as home:
        show(invocation, home.start(kind, character, **what))


def show(invocation: Invocation, job: Job) -> None:
    """Print how a job stands."""
    invocation.show(job, lambda: _line(job, job.state))


def _tell_one(invocation: Invocation, home: "Emmaus", id: str) -> None:
    """Say how one job stands, and how it went."""
    from emmaus.jobs import curves, state_of

    found = home.store.get(Job, id)
    points = curves.read(home.parts.path, found.id)
    state = state_of(home.parts.path, found)
    value = {**plain(found), "state": state, "points": plain(points)}

    def drawn() -> "RenderableType":
        from rich.console import Group

        from emmaus.cli import deskviews

        return Group(_line(found, state), deskviews.curve(points))

    invocation.show(value, drawn)


_OPEN = ("queued", "running")


def _tell(home: "Emmaus", background: "Background", told: dict[str, str]) -> set[str]:
    """Print what has changed since it was told; returns which jobs are queued or under way."""
    from emmaus.jobs import state_of

    under_way = set()
    for job in home.jobs():
        state = state_of(home.parts.path, job)
        if told.get(job.id) != state:
            print(_line(job, state), file=sys.stderr, flush=True)
        told[job.id] = state
        if state in _OPEN or (state == "interrupted" and background.takes_up(job)):
            under_way.add(job.id)
    return under_way


def _line(job: Job, state: str) -> str:
    note = f" ({job.note})" if state == JobState.FAILED else ""
    if state == "interrupted":
        note = f": go on with emmaus resume {job.id[:8]}"
    of = amount(Progress(job.done, job.total, values=job.values), " of ")
    whose = f" of {job.character}" if job.character else ""
    return f"{job.id[:8]} {job.kind}{whose}: {state} at {of}{note}"
