"""What is administered through pages and the API is written into the audit log, when it was done."""

from collections.abc import AsyncIterator
from typing import Any

from anyio import to_thread
from fastapi import Depends, Request

from emmaus.accounts import audit
from emmaus.web.door import Visitor
from emmaus.web.guard import READING


async def _noted(request: Request, person: Visitor) -> AsyncIterator[None]:
    yield
    if request.method in READING:
        return
    home = request.app.state.room.home
    act = request.scope["route"].name.replace("_", " ")
    object = " ".join(str(value) for value in request.path_params.values())

    def note() -> None:
        audit.record(home.store, person.name, act, object, clock=home.clock)

    await to_thread.run_sync(note)


def audited() -> Any:
    """Write down what a route of this router did, by the name of its function, and to what; what fails did nothing."""
    return Depends(_noted)
