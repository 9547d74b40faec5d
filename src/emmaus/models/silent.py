"""A ChatModel in the place of one that cannot be had: a conversation is opened all the same, and help can be named."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass

from emmaus.errors import EmmausError
from emmaus.models.protocols import DEFAULT_SAMPLING, End, Reply, Sampling
from emmaus.models.stopping import Stop
from emmaus.types import Message


@dataclass(frozen=True, slots=True)
class Silent:
    """Tells whoever asks it why nobody answers."""

    error: EmmausError
    """What is broken, and what mends it."""
    name: str = "silent"

    def reply(
        self, messages: Sequence[Message], sampling: Sampling = DEFAULT_SAMPLING, *, adapter: str | None = None
    ) -> Reply:
        """Raise the error."""
        raise self.error.with_traceback(None)

    def stream(
        self,
        messages: Sequence[Message],
        sampling: Sampling = DEFAULT_SAMPLING,
        *,
        adapter: str | None = None,
        stop: Stop | None = None,
    ) -> Generator[str, None, End | None]:
        """Raise the error."""
        raise self.error.with_traceback(None)
