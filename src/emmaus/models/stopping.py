"""The wish that an answer ends, also while its model still reads the prompt and has said nothing."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Lock

from emmaus.errors import Cancelled


class Stop:
    """A wish that an answer ends. Any thread may make it; whatever blocks for the answer is cut off."""

    def __init__(self) -> None:
        self._asked = Event()
        self._cuts: list[Callable[[], None]] = []
        self._lock = Lock()

    @property
    def asked(self) -> bool:
        """Whether it was made."""
        return self._asked.is_set()

    def ask(self) -> None:
        """Make it."""
        with self._lock:  # what is cut later may be somebody else's by then
            self._asked.set()
            for cut in self._cuts:
                cut()

    def wait(self, seconds: float) -> bool:
        """Wait so long, or until it is made; whether it was."""
        return self._asked.wait(seconds)

    def require(self) -> None:
        """Go no further where it was made.

        Raises:
            Cancelled: it was.
        """
        if self.asked:
            raise Cancelled("the answer was stopped: ask again")

    @contextmanager
    def cutting(self, cut: Callable[[], None]) -> Iterator[None]:
        """Call this, in whichever thread, when the wish is made meanwhile, or was before; it may be called twice."""
        with self._lock:
            self._cuts.append(cut)
        if self.asked:
            cut()
        try:
            yield
        finally:
            with self._lock:
                self._cuts.remove(cut)
