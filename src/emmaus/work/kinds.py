"""The kinds of jobs: how each is planned and done. Another kind is another line of `KINDS`."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from emmaus import steps
from emmaus.errors import BadInput
from emmaus.home import Home
from emmaus.jobs import Ticket
from emmaus.types import Job, JobState


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of long work."""

    plan: Callable[..., Job]
    """Begins the job: takes a home, whom it is for, what is asked by name, and the `state` of a new one."""
    do: Callable[[Home, Ticket], None]
    """Does what the ticket's job asks for and is still missing; called again after any end."""
    heavy: bool = True
    """Whether it takes cores and memory: only one such job runs at a time, in a process of its own."""
    alone: str | None = None
    """Name of what only one job may use at a time, in the foreground too."""


KINDS: Mapping[str, Kind] = {
    "generate": Kind(steps.plan_generation, steps.do_generation),
    "score": Kind(steps.plan_scoring, steps.do_scoring),
    "freeze": Kind(steps.plan_freezing, steps.do_freezing),
    "train": Kind(steps.plan_training, steps.do_training, alone=steps.TRAINING),
    "evaluate": Kind(steps.plan_evaluation, steps.do_evaluation),
    "download": Kind(steps.plan_download, steps.do_download, heavy=False),
}


def plan(home: Home, kind: str, character: str, what: Mapping[str, Any]) -> Job:
    """Begin a job that waits for its turn in the background.

    Raises:
        BadInput: there is no such kind, or it does not take something of `what`.
        EmmausError: whatever the kind raises: what it needs is not there.
    """
    if kind not in KINDS:
        raise BadInput(f"there is no work of the kind {kind!r}: there is {', '.join(KINDS)}")
    taken = [name for name in list(inspect.signature(KINDS[kind].plan).parameters)[2:] if name != "state"]
    if unknown := sorted(what.keys() - set(taken)):
        raise BadInput(f"{kind} takes no {unknown[0]!r}: it takes {', '.join(taken)}")
    return KINDS[kind].plan(home, character, **what, state=JobState.QUEUED)
