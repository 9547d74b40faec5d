"""Any OpenAI-compatible server as a ChatModel: Ollama, llama-server, vLLM, LM Studio."""

import random
import re
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from typing import Any, TypeVar

from emmaus.errors import BadInput, ModelError
from emmaus.models import wire
from emmaus.models.protocols import DEFAULT_SAMPLING, End, Reply, Sampling
from emmaus.models.stopping import Stop
from emmaus.models.transport import Lost, Refused, Server, Silent
from emmaus.types import Message

T = TypeVar("T")

RETRIES = 4
FIRST_WAIT = 0.5
LONGEST_WAIT = 60.0
RETRIED = {429, 500, 502, 503, 504}
_KEY = re.compile(r"[!-~]+")


def base_url(url: str) -> str:
    """Normalise a server's address to its `/v1` base: scheme added, known endpoints cut off."""
    url = url.strip().rstrip("/").removesuffix(wire.CHAT)
    url = url if "://" in url else f"http://{url}"
    return url if url.endswith("/v1") else f"{url}/v1"


class OpenAICompatible:
    """A model on a server that speaks the chat completions protocol.

    Overload (429), server errors (5xx) and lost connections are retried with exponential backoff and full jitter; a
    `Retry-After` is honoured up to a minute. After the first streamed piece nothing is retried. An `adapter` is asked
    for as a model name of its own, as vLLM serves LoRA adapters and Ollama serves merged models.
    """

    def __init__(
        self,
        url: str,
        name: str,
        key: str = "none",
        timeout: float = 120.0,
        *,
        setting: str = "EMMAUS_MODEL",
        sleep: Callable[[float], None] = time.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        """Prepare a client; nothing is sent yet.

        `timeout` is how long, in seconds, the server may stay silent; `setting` is how the settings begin (`_URL`,
        `_NAME`, `_KEY`) that errors name, "" where the server was chosen, not set; `sleep` and `jitter` (0..1) are
        passed in so that tests need not wait.

        Raises:
            BadInput: `url` is no address, or `key` holds what no HTTP header can carry.
        """
        self.url = base_url(url)
        self._setting = setting
        self._name = name
        self._key = key
        self._timeout = timeout
        self._sleep = sleep
        self._jitter = jitter
        if not _KEY.fullmatch(key):
            named = f"{setting}_KEY" if setting else f"the key for {url}"
            raise BadInput(f"{named} is empty or holds a blank or a letter outside ASCII: copy the key once more")
        try:
            self.server = Server(self.url, key, timeout=timeout)
            """The connections."""
        except ValueError as error:
            raise BadInput(
                f"{f'{setting}_URL: ' if setting else ''}'{url}' is no address of a model server ({error}), expected "
                "for example http://localhost:11434"
            ) from error

    @property
    def name(self) -> str:
        """The model asked for."""
        return self._name

    def close(self) -> None:
        """Close the connections."""
        self.server.close()

    def __enter__(self) -> "OpenAICompatible":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def reply(
        self, messages: Sequence[Message], sampling: Sampling = DEFAULT_SAMPLING, *, adapter: str | None = None
    ) -> Reply:
        """Answer in one piece; see `ChatModel.reply`."""
        model = adapter or self._name
        body = wire.body(messages, sampling, model)
        return wire.reply(self._retrying(model, lambda: self.server.post(wire.CHAT, body)))

    def stream(
        self,
        messages: Sequence[Message],
        sampling: Sampling = DEFAULT_SAMPLING,
        *,
        adapter: str | None = None,
        stop: Stop | None = None,
    ) -> Generator[str, None, End | None]:
        """Answer piece by piece; see `ChatModel.stream`."""
        model = adapter or self._name
        body = wire.body(messages, sampling, model) | {"stream": True}

        def begin() -> tuple[Generator[dict[str, Any], None, None], str | None]:
            events = self.server.stream(wire.CHAT, body, stop)
            return events, next(wire.texts(events), None)

        events, first = self._retrying(model, begin, stop)
        with closing(events):
            if first is None:
                return None
            yield first
            try:
                return (yield from wire.texts(events))
            except (Lost, Silent, Refused) as error:
                raise ModelError(
                    f"the model server at {self.url} was lost in the middle of an answer ({error}): ask again"
                ) from error

    def check(self, seconds: float) -> None:
        """See whether the server can be reached now, within so many seconds.

        Raises:
            ModelError: it cannot, or refuses the key.
        """
        with closing(Server(self.url, self._key, timeout=seconds)) as server:
            try:
                server.get("/models")
            except Lost as error:
                raise self._gone(error) from error
            except Silent as error:
                raise ModelError(f"{self.url} stayed silent for {seconds:g} seconds: see whether it works") from error
            except Refused as error:
                if error.status in {401, 403}:
                    raise self._explained(error, self._name) from error

    def _retrying(self, model: str, attempt: Callable[[], T], stop: Stop | None = None) -> T:
        for tried in range(RETRIES + 1):
            try:
                return attempt()
            except Silent as error:
                raise ModelError(
                    f"{self.url} stayed silent for {self._timeout:g} seconds: "
                    "is the model still loading? Set EMMAUS_TIMEOUT higher, or take a smaller model"
                ) from error
            except Lost as error:
                if tried == RETRIES or not error.reached:
                    raise self._gone(error) from error
                wait = None
            except Refused as error:
                too_long = wire.overflow(error, model)
                if too_long or tried == RETRIES or error.status not in RETRIED:
                    raise too_long or self._explained(error, model) from error
                wait = error.retry_after
            seconds = min(wait, LONGEST_WAIT) if wait is not None else self._backoff(tried)
            if stop is None:
                self._sleep(seconds)
            elif stop.wait(seconds):
                stop.require()
        raise AssertionError("the loop above returns or raises")

    def _backoff(self, tried: int) -> float:
        return min(LONGEST_WAIT, FIRST_WAIT * 2.0**tried) * self._jitter()

    def _gone(self, error: Lost) -> ModelError:
        if error.reached:
            return ModelError(f"{self.url} closed the connection {RETRIES + 1} times without an answer: see its log")
        start = "`ollama serve`" if ":11434" in self.url else "the model server (Ollama: `ollama serve`)"
        return ModelError(
            f"no model server answers at {self.url}: start {start}, or {self._mending('_URL to where one runs')}"
        )

    def _mending(self, setting: str) -> str:
        """Say which setting to change; where the server was chosen, that another can be."""
        return f"set {self._setting}{setting}" if self._setting else "choose another (Models page, or: emmaus models)"

    def _explained(self, error: Refused, model: str) -> ModelError:
        if error.status in {401, 403}:
            return ModelError(f"{self.url} refused the API key ({error.message}): {self._mending('_KEY')}")
        if error.status == 404 and "model" in error.message.lower():
            known = self._known()
            offers = f"it offers {', '.join(known)}" if known else "it names none"
            return ModelError(
                f"{self.url} has no model '{model}' ({offers}): fetch it with `ollama pull {model}`, "
                f"or {self._mending('_NAME to one that it has')}"
            )
        if error.status == 404:
            where = f"{self._setting}_URL" if self._setting else "what was chosen"
            return ModelError(f"{self.url}{wire.CHAT} does not exist: {where} is no OpenAI-compatible server")
        if error.status == 429:
            return ModelError(f"{self.url} is overloaded ({error.message}): try again later, or send fewer at once")
        return ModelError(f"{self.url} could not answer (HTTP {error.status}): {error.message}")

    def _known(self) -> list[str]:
        try:
            return [str(model["id"]) for model in self.server.get("/models")["data"]][:8]
        except (Lost, Silent, Refused, KeyError, TypeError):
            return []
