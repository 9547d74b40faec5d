"""What every language model and every embedder looks like to the rest of the house."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from emmaus.models.stopping import Stop
from emmaus.types import Message

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Sampling:
    """How to draw tokens. The defaults are those of a chat; `temperature=0` is greedy."""

    temperature: float = 0.7
    top_p: float = 0.9
    max_tokens: int = 160
    seed: int | None = None
    stop: tuple[str, ...] = ()
    top_logprobs: int = 0
    """How many alternatives to report for each token; 0 reports none (most 20)."""

    def reserve(self, context: int) -> int:
        """Tokens of a window of `context` that are kept free for the answer: `max_tokens`, at most a quarter of it."""
        return min(self.max_tokens, context // 4)


DEFAULT_SAMPLING = Sampling()
"""What a chat draws with when nothing else is said."""


@dataclass(frozen=True, slots=True)
class TokenLogprob:
    """A generated token with its natural-log probability and the likeliest alternatives."""

    token: str
    logprob: float
    top: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole answer of a model."""

    text: str
    finish: str
    """`stop`, or `length` when it was cut at `max_tokens`."""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    logprobs: tuple[TokenLogprob, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class End:
    """How a streamed answer ended, as far as the model says."""

    finish: str = "stop"
    """`stop`, or `length` when it was cut at `max_tokens`."""
    prompt_tokens: int = 0
    """0 where it is not said."""
    completion_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Likelihood:
    """How likely a model finds a given answer: sum of natural-log probabilities over its tokens."""

    logprob: float
    tokens: int

    @property
    def loss(self) -> float:
        """Mean negative log-likelihood per token, in nats."""
        return -self.logprob / self.tokens


class ChatModel(Protocol):
    """A model that answers messages. Calls block; any number of threads may call at once."""

    @property
    def name(self) -> str:
        """What is stored with everything it produces: model name, and hash of the file where there is one."""
        ...

    def reply(self, messages: Sequence[Message], sampling: Sampling = ..., *, adapter: str | None = None) -> Reply:
        """Answer in one piece, speaking through `adapter` (the bare base model when None).

        Raises:
            ModelError: the server is missing, refused, or was lost and did not come back.
            ContextOverflow: the messages do not fit the model's context window, or, as far as its size is known, leave
                no room for an answer there (`Sampling.reserve`).
        """
        ...

    def stream(
        self,
        messages: Sequence[Message],
        sampling: Sampling = ...,
        *,
        adapter: str | None = None,
        stop: Stop | None = None,
    ) -> Generator[str, None, End | None]:
        """Answer piece by piece; how it ended is returned.

        Closing the iterator stops it; so does another thread with `stop`, also before the first piece has come. Raises
        as `reply` does.

        Raises:
            Cancelled: it was stopped by `stop`.
        """
        ...


def only_english(model: ChatModel) -> bool:
    """Whether a model says of itself, as `english_only`, that it can answer in English alone; most say nothing."""
    return bool(getattr(model, "english_only", False))


class Embedder(Protocol):
    """A model that maps texts to unit vectors."""

    @property
    def name(self) -> str:
        """Name and version: vectors of different names are never compared."""
        ...

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Give unit vectors, shape (len(texts), dimensions)."""
        ...


class LikelihoodModel(ChatModel, Protocol):
    """A chat model that can also say how likely it finds a given answer."""

    def score(self, messages: Sequence[Message], answer: str, adapter: str | None = None) -> Likelihood:
        """Say how likely the model finds `answer` after `messages`."""
        ...
