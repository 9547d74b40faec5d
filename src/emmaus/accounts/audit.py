"""The audit log: who did what to what, and when. Nothing in it is ever changed."""

import uuid
from collections.abc import Callable

from emmaus.store import Store
from emmaus.types import AuditEvent

SHOWN = 200
"""Events that are read at once."""

Clock = Callable[[], float]


def event(who: str, act: str, object: str, detail: str = "", *, clock: Clock) -> AuditEvent:
    """Describe an act that is about to be done, to be kept together with it. No secret may stand in `detail`."""
    return AuditEvent(uuid.uuid4().hex, clock(), who, act, object, detail)


def record(store: Store, who: str, act: str, object: str, detail: str = "", *, clock: Clock) -> AuditEvent:
    """Write down an act that was done."""
    return store.add(event(who, act, object, detail, clock=clock))


def read(store: Store, *, who: str | None = None, act: str | None = None, last: int = SHOWN) -> list[AuditEvent]:
    """Return what was done, newest first: at most so many, by one account or of one kind where these are given."""
    wanted = {name: value for name, value in (("who", who), ("act", act)) if value}
    return store.find(AuditEvent, last=last, **wanted)[::-1]
