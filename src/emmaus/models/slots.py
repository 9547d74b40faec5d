"""Who may use which slot of the server, and whether what the slot remembers can be trusted.

llama.cpp keeps the last prompt of a slot and reuses its longest common prefix, whatever adapter had computed it.
Here every request leases one slot; it may reuse the slot's memory only when the slot's last finished request spoke
through the same adapter.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from emmaus.models.stopping import Stop


@dataclass(slots=True)
class Slot:
    """What the server's slot `id` holds."""

    id: int
    adapter: str | None = None
    prompt: str = ""
    known: bool = False
    """False when its content is unknown: nothing yet, or a request that failed before it was surely computed."""
    used: int = 0
    """Tick of its last lease."""


class Lease:
    """The right to use one slot for one request. `warm`: its cache was computed with the same adapter."""

    def __init__(self, slot: Slot, adapter: str | None, prompt: str) -> None:
        self._slot = slot
        self._adapter = adapter
        self._prompt = prompt
        self.id = slot.id
        self.warm = slot.known and slot.adapter == adapter
        slot.known = False

    def confirm(self) -> None:
        """Say that the server has computed the prompt with this adapter (its first token has come)."""
        self._slot.adapter = self._adapter
        self._slot.prompt = self._prompt
        self._slot.known = True


class Slots:
    """A pool of slots; a lease waits until one is free."""

    def __init__(self, count: int, *, another: Callable[[], bool] = lambda: False) -> None:
        """`count` slots to begin with; `another` makes the next one and says whether it could.

        It is called from the threads that wait for a slot, from several at once too.
        """
        self._free = [Slot(number) for number in range(count)]
        self._count = count
        self._another = another
        self._changed = threading.Condition()
        self._tick = 0

    @contextmanager
    def lease(self, adapter: str | None, prompt: str, stop: Stop | None = None) -> Iterator[Lease]:
        """Lease the free slot that saves the most work (same adapter, longest common prefix), else the least used.

        Where none is free that is new or saves a good part of it, another one is made if that can be.

        Raises:
            Cancelled: it was stopped by `stop` while it waited.
        """
        stop = stop or Stop()
        with self._changed:
            fits = any(not slot.used or _saved(slot, adapter, prompt) for slot in self._free)
        if not fits and self._another():  # which takes a while, and meanwhile slots come back
            with self._changed:
                self._free.append(Slot(self._count))
                self._count += 1
                self._changed.notify()
        with stop.cutting(self._wake), self._changed:
            self._changed.wait_for(lambda: self._free or stop.asked)
            stop.require()
            slot = max(self._free, key=lambda slot: (_saved(slot, adapter, prompt), not slot.known, -slot.used))
            self._free.remove(slot)
            self._tick += 1
            slot.used = self._tick
        try:
            yield Lease(slot, adapter, prompt)
        finally:
            with self._changed:
                self._free.append(slot)
                self._changed.notify()

    def _wake(self) -> None:
        with self._changed:
            self._changed.notify_all()


def _saved(slot: Slot, adapter: str | None, prompt: str) -> int:
    """Characters of prompt that the slot need not compute again; none where they are under a third of the shorter one.

    So much is the same card. Less are the words that all cards begin with: for those nobody's talk is overwritten.
    """
    if not slot.known or slot.adapter != adapter:
        return 0
    shorter = min(len(slot.prompt), len(prompt))
    pairs = enumerate(zip(slot.prompt, prompt, strict=False))
    shared = next((place for place, (a, b) in pairs if a != b), shorter)
    return shared if 3 * shared >= shorter else 0
