"""What is administered through pages and the API is written into the audit log, when it was done."""

from collections.abc import AsyncIterator
from typing import Any

from anyio import to_thread
from fastapi import Depends, Request

from emmaus.accounts import audit
from emmaus.web.door import Visitor
from emmaus.web.guard import READING

TOLD_BY_THEMSELVES = frozenset({"promote", "rollback"})
"""Acts that write their own event, with what they do: they are done from the terminal too."""


def done_to(request: Request, object: str, detail: str = "") -> None:
    """Let the audit log say to what a route did what it did, where its address does not say it."""
    request.state.done_to = object, detail


async def _noted(request: Request, person: Visitor) -> AsyncIterator[None]:
    yield
    act = request.scope["route"].name.replace("_", " ")
    if request.method in READING or act in TOLD_BY_THEMSELVES:
        return
    home = request.app.state.room.home
    named = " ".join(str(value) for value in request.path_params.values())
    object, detail = getattr(request.state, "done_to", (named, ""))

    def note() -> None:
        audit.record(home.store, person.name, act, object, detail, clock=home.clock)

    await to_thread.run_sync(note)


def audited() -> Any:
    """Write down what a route of this router did, by the name of its function, and to what; what fails did nothing."""
    return Depends(_noted)
