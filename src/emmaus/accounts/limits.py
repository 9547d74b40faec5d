"""How often something may be done: a bucket of tokens for each person or address, filled again with time."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

MOST = 10_000
"""Buckets held at once. The one unused for longest goes first: by then it is mostly full, which is as good as none."""


@dataclass(frozen=True, slots=True)
class Pace:
    """What is let through: `burst` at once, and `each` seconds apart in the long run."""

    burst: int
    each: float


class Limiter:
    """Counts for everybody by one pace. It lives in memory alone: a restart fills all buckets."""

    def __init__(self, pace: Pace, clock: Callable[[], float], *, most: int = MOST) -> None:
        self.pace = pace
        self._clock = clock
        self._most = most
        self._full_at: OrderedDict[str, float] = OrderedDict()
        """When the bucket of each is full again: all that need be known of it (the generic cell rate algorithm)."""
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._full_at)

    def take(self, key: str) -> float:
        """Take a token of this one; 0.0 where there was one, else the seconds until there will be."""
        with self._lock:
            now, wait = self._standing(key)
            if wait <= 0:
                self._full_at[key] = max(self._full_at.get(key, now), now) + self.pace.each
                self._full_at.move_to_end(key)
                while len(self._full_at) > self._most:
                    self._full_at.popitem(last=False)
            return max(wait, 0.0)

    def wait(self, key: str) -> float:
        """Seconds until there will be a token of this one; takes none."""
        with self._lock:
            return max(self._standing(key)[1], 0.0)

    def _standing(self, key: str) -> tuple[float, float]:
        now = self._clock()
        # A clock that was set back must lock nobody out for longer than an empty bucket does.
        full_at = min(self._full_at.get(key, now), now + self.pace.burst * self.pace.each)
        if key in self._full_at:
            self._full_at[key] = full_at
        return now, full_at - now - (self.pace.burst - 1) * self.pace.each - 1e-9
