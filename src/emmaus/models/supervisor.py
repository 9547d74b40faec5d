"""Keeps one engine child at work: starts it late, again when it dies, and exchanges it without losing a request."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from emmaus.errors import ModelError
from emmaus.models import wire
from emmaus.models.child import Child, Launch
from emmaus.models.transport import Lost, Refused, Server, Silent

T = TypeVar("T")


class Supervisor:
    """The current child and those that still finish their requests. Thread-safe."""

    def __init__(self, launch: Launch) -> None:
        self.launch = launch
        self.restarts = 0
        """How often a child that had died was replaced."""
        self._lock = threading.Lock()
        self._switching = threading.Lock()
        self._child: Child | None = None
        self._closed = False

    @property
    def state(self) -> str:
        """How the child stands: `asleep`, `starting`, `restarting` after one that died, or `ready`."""
        with self._lock:
            child = self._child
            if child is None:
                return "asleep"
            if not child.alive:
                return "restarting"
            if child.serves:
                return "ready"
            return "restarting" if self.restarts else "starting"

    def start(self) -> None:
        """Start the child and return at once."""
        with self._lock:
            self._current()

    def close(self) -> None:
        """Stop the child; requests in flight end with a ModelError."""
        with self._lock:
            self._closed = True
            child, self._child = self._child, None
            if child and child.users:
                child.stop()
            self._retire(child)

    def rest(self) -> None:
        """Let the child end with its last request; the next one starts another."""
        with self._lock:
            child, self._child = self._child, None
            self._retire(child)

    def switch(self, adapters: Mapping[str, Path]) -> None:
        """Start a child with these adapters, send new requests to it, let the old one end with its last request.

        Raises:
            ModelFileError: an adapter cannot be loaded; the old child goes on.
        """
        with self._switching:
            launch = replace(self.launch, adapters=adapters)
            child = Child(launch)
            try:
                child.ready()
            except BaseException:
                child.close()
                raise
            with self._lock:
                if self._closed:
                    self._retire(child)
                    return
                self._retire(self._child)
                self._child, self.launch = child, launch

    def twice(self, ask: Callable[[], T]) -> T:
        """Ask, and once more when the child died over it."""
        try:
            return ask()
        except Lost:
            pass
        try:
            return ask()
        except Lost as error:
            raise self.died(error) from error

    def died(self, error: Lost) -> ModelError:
        """Say that asking twice was not enough."""
        return ModelError(
            f"the engine died twice in a row on the same request ({error}): is there memory left for "
            f"{self.launch.model.name}? A smaller EMMAUS_CONTEXT takes less"
        )

    @contextmanager
    def visit(self) -> Iterator[tuple[Child, Server]]:
        """Hold on to the current child, started if need be; Lost passes only when the child is really gone."""
        with self._lock:
            child = self._current()
            child.users += 1
        try:
            yield child, child.ready()
        except Refused as error:
            raise wire.overflow(error, child.launch.model.stem) or ModelError(
                f"the engine refused a request ({error.message}); {_tail(child)}"
            ) from error
        except Silent as error:
            raise ModelError(
                f"the engine was silent for {child.launch.timeout:g} seconds: set EMMAUS_TIMEOUT higher"
            ) from error
        except Lost as error:
            if self._closed:
                raise ModelError("the engine was closed while it answered") from error
            if not child.died():
                raise ModelError(f"the engine broke off an answer ({error}): ask again; {_tail(child)}") from error
            raise
        finally:
            with self._lock:
                child.users -= 1
                idle = child.retired and not child.users
            if idle:
                child.close()

    def _current(self) -> Child:
        """Give the child to use now; called with the lock held."""
        if self._closed:
            raise ModelError("the engine is closed: make a new one")
        if self._child is None or not self._child.alive:
            self.restarts += self._child is not None
            self._retire(self._child)
            self._child = Child(self.launch)
        return self._child

    def _retire(self, child: Child | None) -> None:
        """Let a child end with its last request; called with the lock held."""
        if child:
            child.retired = True
            if not child.users:
                child.close()


def _tail(child: Child) -> str:
    return "its log ends: " + (" / ".join(child.log[-3:]) or "(empty)")
