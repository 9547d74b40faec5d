"""A model on a server, tried out: does it stream, does it give log-probabilities, how much does it hold, how fast."""

import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace

from emmaus.errors import EmmausError, ModelError
from emmaus.models.choice import address
from emmaus.models.client import OpenAICompatible
from emmaus.models.discovery import Model, probe
from emmaus.models.embedding import ServedEmbedder
from emmaus.models.protocols import Sampling
from emmaus.types import Message

TOKENS = 48
"""Most tokens of the answer that is timed: a processor that draws four a second takes twelve seconds."""
QUESTION = "Tell in four sentences how a shepherd counts his sheep in the evening."
TEXTS = 32
"""Texts that an embedder is timed with: one request."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What a model showed; None is what was not tried or not told."""

    url: str
    name: str
    kind: str
    """`chat` or `embedding`."""
    streams: bool | None = None
    logprobs: bool | None = None
    """Whether it gives log-probabilities with its answers, by which a judge is read exactly."""
    context: int | None = None
    """Tokens that it holds at once, where its server tells."""
    first_token: float | None = None
    """Seconds until the first word, the model loaded and the question new."""
    tokens_per_second: float | None = None
    dimensions: int | None = None
    """Numbers in a vector."""
    texts_per_second: float | None = None
    error: str = ""
    """Why it cannot be used, and what mends it; empty where it can."""

    @property
    def words(self) -> str:
        """All of it in a sentence."""
        if self.error:
            return f"{self.name} cannot be used: {self.error}"
        if self.kind == "embedding":
            rate = f", {self.texts_per_second:,.0f} texts a second" if self.texts_per_second else ""
            return f"{self.name} gives vectors of {self.dimensions} numbers{rate}"
        parts = [
            "streams" if self.streams else "gives its answers in one piece",
            "gives log-probabilities" if self.logprobs else "gives no log-probabilities",
        ]
        if self.context:
            parts.append(f"holds {self.context:,} tokens")
        if self.first_token is not None:
            parts.append(f"first word after {self.first_token:.2f} s")
        if self.tokens_per_second:
            parts.append(f"{self.tokens_per_second:.0f} tokens a second")
        return f"{self.name} {', '.join(parts)}"


def try_out(
    url: str,
    model: str,
    key: str = "",
    *,
    embeds: bool | None = None,
    timeout: float = 120.0,
    clock: Callable[[], float] = time.perf_counter,
    sleep: Callable[[float], None] = time.sleep,
) -> Trial:
    """Try a model out; it is loaded where it is not. What goes wrong is told in `error`.

    `embeds` says whether it is an embedder; where it is None its server is asked. `timeout` is how long the server
    may stay silent.

    Raises:
        BadInput: `url` is no address of a server.
    """
    server = address(url)
    told = _told(server, model, key)
    if embeds is None:
        embeds = told is not None and told.kind == "embedding"
    trial = Trial(server, model, "embedding" if embeds else "chat", context=told.context if told else None)
    try:
        if embeds:
            return _embedded(trial, key, timeout, clock, sleep)
        return _answered(trial, key, timeout, clock, sleep)
    except EmmausError as error:
        return replace(trial, error=str(error))


def _told(url: str, model: str, key: str) -> Model | None:
    """What its server says of a model; Ollama takes `phi4` for `phi4:latest`."""
    found = probe(url, key)
    names = {model, f"{model}:latest"}
    return next((one for one in found.models if one.name in names), None) if found else None


def _answered(
    trial: Trial, key: str, timeout: float, clock: Callable[[], float], sleep: Callable[[float], None]
) -> Trial:
    with OpenAICompatible(trial.url, trial.name, key or "none", timeout, setting="", sleep=sleep) as client:
        logprobs = _logprobs(client)
        begun = clock()
        times = []
        sampling = Sampling(temperature=0.0, max_tokens=TOKENS)
        with closing(client.stream([Message("user", QUESTION)], sampling)) as coming:
            times = [clock() for _ in coming]
    if not times:
        raise ModelError(
            f"{trial.name} gave no word within {TOKENS} tokens: a model that thinks before it speaks is none to talk "
            "with, choose another"
        )
    spent = times[-1] - times[0]
    # A piece of the stream counts as a token: all four servers send them so.
    rate = (len(times) - 1) / spent if len(times) > 1 and spent > 0 else None
    return replace(
        trial,
        streams=len(times) > 1,
        logprobs=logprobs,
        first_token=round(times[0] - begun, 3),
        tokens_per_second=round(rate, 1) if rate else None,
    )


def _logprobs(client: OpenAICompatible) -> bool:
    """Whether log-probabilities come with an answer. Asked first, for it loads the model too."""
    asked = [Message("user", "Say yes.")]
    try:
        return bool(client.reply(asked, Sampling(temperature=0.0, max_tokens=1, top_logprobs=5)).logprobs)
    except ModelError:
        client.reply(asked, Sampling(temperature=0.0, max_tokens=1))  # whether it answers without them
        return False


def _embedded(
    trial: Trial, key: str, timeout: float, clock: Callable[[], float], sleep: Callable[[float], None]
) -> Trial:
    served = ServedEmbedder(trial.url, trial.name, key or "none", timeout, setting="", sleep=sleep)
    with closing(served):
        dimensions = served.embed(["The Lord is my shepherd."]).shape[1]
        begun = clock()
        served.embed([f"In the evening I counted {number} sheep and led them in." for number in range(TEXTS)])
        spent = clock() - begun
    rate = round(TEXTS / spent, 1) if spent > 0 else None
    return replace(trial, dimensions=dimensions, texts_per_second=rate)
