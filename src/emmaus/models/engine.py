"""The embedded engine: llama.cpp in a supervised child process, with LoRA adapters chosen per request."""

import os
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from emmaus.errors import ModelError, ModelFileError
from emmaus.models import wire
from emmaus.models.child import Launch
from emmaus.models.files import check_gguf, default_model_file, fingerprint
from emmaus.models.likelihood import NextToken, forced_logprob
from emmaus.models.protocols import DEFAULT_SAMPLING, End, Likelihood, Reply, Sampling
from emmaus.models.quick import copied, quick
from emmaus.models.slots import Lease
from emmaus.models.stopping import Stop
from emmaus.models.supervisor import Supervisor
from emmaus.models.transport import Lost, Server
from emmaus.types import Message

SAMPLERS: dict[str, Any] = {"top_k": 40, "min_p": 0.05, "repeat_penalty": 1.0}
"""What `Sampling` leaves open, pinned to llama.cpp's defaults of today so that an upgrade changes no answers."""
ENDPOINT = "/v1" + wire.CHAT
SHORTEST_TOKEN = 2
"""Bytes of a token in the densest text that is met: a prompt that fits also then need not be counted, which takes some
milliseconds. (English has 4, Chinese 2 to 3.)"""
SMALL = 512 * 2**20
"""Bytes of a model file below which threads that share the drawing of a token mostly wait for one another."""


@dataclass(frozen=True, slots=True)
class _Seat:
    """A server to talk with for one request, and the fields that pin slot, cache and adapter."""

    server: Server
    lease: Lease
    fields: dict[str, Any]


class EmbeddedEngine:
    """A ChatModel that runs a GGUF file on this machine's processor.

    Starts at the first request, or at `start`. When the child dies it is started again, and a request of which
    nothing was streamed yet is asked once more. Any number of threads may call; `slots` requests run at once.

    A small model draws each token in one thread, and each slot apart from the others; reading a prompt takes all
    threads. Measured on SmolLM2 with an adapter and two cores: 61 tokens a second instead of 20, and twice as many in
    all for four requests at once. A larger model shares its threads and draws for all slots in one batch.

    Numbers depend a little on company: a prompt computed on top of a cached prefix, or in a batch with others, takes
    other kernels than alone. Measured on SmolLM2 Q4_1, log-probabilities move by up to 0.15, so long greedy answers may
    part ways; alone and uncached they repeat exactly.
    """

    def __init__(
        self,
        model_file: Path | None = None,
        *,
        adapters: Mapping[str, Path] = MappingProxyType({}),
        threads: int | None = None,
        context: int = 4096,
        slots: int = 4,
        apart: bool | None = None,
        timeout: float = 120.0,
        cache: Path | None = None,
    ) -> None:
        """Check the files; nothing is started yet.

        `adapters` maps names to LoRA files in GGUF, `context` is the window of one conversation in tokens, `apart`
        whether every slot draws by itself (None: where the model is below `SMALL`), `timeout` the seconds that a
        request may stay without a byte. `cache` is a folder for the copy of a small model that is read quicker; without
        it the file itself is served.

        Raises:
            ModelFileError: a file is missing or not a GGUF.
        """
        model = check_gguf(model_file or default_model_file())
        self.base_file = model
        """The GGUF file of the base model."""
        launch = Launch(
            model=quick(model, cache) if cache else model,
            adapters=_checked(adapters),
            threads=threads or os.cpu_count() or 2,
            context=context,
            slots=slots,
            apart=model.stat().st_size < SMALL if apart is None else apart,
            timeout=timeout,
        )
        self._supervisor = Supervisor(launch)
        self._hash = ""

    @property
    def adapters(self) -> tuple[str, ...]:
        """Names of the adapters that can be spoken through now."""
        return tuple(self._supervisor.launch.adapters)

    @property
    def context(self) -> int:
        """The window of one conversation, in tokens."""
        return self._supervisor.launch.context

    @property
    def name(self) -> str:
        """File stem, and the first twelve hex digits of the SHA-256: `SmolLM2-135M-Instruct.Q4_1@0123456789ab`.

        `+q8-1` follows where a copy of it in 8 bits is served: those are other weights, and other answers.
        """
        if not self._hash:
            self._hash = fingerprint(self.base_file)[:12]
        name = f"{self.base_file.stem}@{self._hash}"
        return name if self._supervisor.launch.model == self.base_file else copied(name)

    @property
    def english_only(self) -> bool:
        """Whether it serves the model that ships, which was taught English alone; of another file nothing is known."""
        try:
            return self.base_file == default_model_file()
        except ModelFileError:  # none is installed here
            return False

    @property
    def state(self) -> str:
        """How it stands: `asleep`, `starting`, `restarting` after it died, or `ready`."""
        return self._supervisor.state

    @property
    def restarts(self) -> int:
        """How often the child died and another was started in its place."""
        return self._supervisor.restarts

    def start(self) -> None:
        """Start the child and return at once; the first request waits until it serves."""
        self._supervisor.start()

    def close(self) -> None:
        """Stop the child; requests in flight end with a ModelError."""
        self._supervisor.close()

    def rest(self) -> None:
        """Free its memory as soon as nobody is being answered; the next request starts it again."""
        self._supervisor.rest()

    def use(self, adapters: Mapping[str, Path]) -> None:
        """Serve these adapters from now on: a new child is started, requests move over, the old one ends when idle.

        Raises:
            ModelFileError: an adapter cannot be loaded; the engine goes on as it was.
        """
        self._supervisor.switch(_checked(adapters))

    def __enter__(self) -> "EmbeddedEngine":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def reply(
        self, messages: Sequence[Message], sampling: Sampling = DEFAULT_SAMPLING, *, adapter: str | None = None
    ) -> Reply:
        """Answer in one piece; see `ChatModel.reply`."""
        body = wire.body(messages, sampling, self.base_file.stem) | SAMPLERS
        self._require_room(messages, sampling)

        def ask() -> Reply:
            with self._seat(adapter, _key(messages)) as seat:
                answer = wire.reply(seat.server.post(ENDPOINT, body | seat.fields))
                seat.lease.confirm()
                return answer

        return self._supervisor.twice(ask)

    def stream(
        self,
        messages: Sequence[Message],
        sampling: Sampling = DEFAULT_SAMPLING,
        *,
        adapter: str | None = None,
        stop: Stop | None = None,
    ) -> Generator[str, None, End | None]:
        """Answer piece by piece; see `ChatModel.stream`."""
        body = wire.body(messages, sampling, self.base_file.stem) | SAMPLERS
        body |= {"stream": True, "stream_options": {"include_usage": True}}
        self._require_room(messages, sampling)
        streamed = False

        def pieces() -> Generator[str, None, End]:
            nonlocal streamed
            with (
                self._seat(adapter, _key(messages), stop) as seat,
                closing(seat.server.stream(ENDPOINT, body | seat.fields, stop)) as events,
            ):
                texts = wire.texts(events)
                while True:
                    try:
                        piece = next(texts)
                    except StopIteration as whole:
                        end: End = whole.value
                        return end
                    streamed = True
                    seat.lease.confirm()
                    yield piece

        try:
            return (yield from pieces())
        except Lost as error:
            if streamed:
                raise ModelError(f"the engine was lost in the middle of an answer ({error}): ask again") from error
            try:
                return (yield from pieces())
            except Lost as again:
                raise self._supervisor.died(again) from again

    def prompt_text(self, messages: Sequence[Message]) -> str:
        """Give the exact prompt: the messages in the model's chat template, up to where the answer begins."""
        return str(self._ask("/apply-template", {"messages": wire.plain_messages(messages)})["prompt"])

    def tokenize(self, text: str, *, special: bool = True) -> tuple[int, ...]:
        """Token ids of a text.

        With `special`, as of a prompt: special tokens written out in it count as such, and a model that begins every
        prompt with one gets it. Without, as of an answer: plain words, nothing added.
        """
        body = {"content": text, "add_special": special, "parse_special": special}
        return tuple(self._ask("/tokenize", body)["tokens"])

    def count(self, messages: Sequence[Message]) -> int:
        """Tokens that the messages take in the context window, with the template around them."""
        return len(self.tokenize(self.prompt_text(messages)))

    def next_token_logprobs(
        self, prompt: Sequence[Message] | str, adapter: str | None = None, top: int = 20
    ) -> tuple[NextToken, ...]:
        """Give the `top` likeliest next tokens, likeliest first, after messages or after a raw prompt text.

        Computed without the slot's cache, so that the same call alone gives the same numbers.
        """
        text = prompt if isinstance(prompt, str) else self.prompt_text(prompt)
        body: dict[str, Any] = {"prompt": text, "n_predict": 1, "n_probs": top, "temperature": 0.0}

        def ask() -> tuple[NextToken, ...]:
            with self._seat(adapter, text) as seat:
                answer = seat.server.post("/completion", body | seat.fields | {"cache_prompt": False})
                seat.lease.confirm()
                found = answer["completion_probabilities"][0]["top_logprobs"]
                return tuple(NextToken(token["id"], token["token"], token["logprob"]) for token in found)

        return self._supervisor.twice(ask)

    def score(self, messages: Sequence[Message], answer: str, adapter: str | None = None) -> Likelihood:
        """How likely the model finds `answer` after `messages`, its end-of-text token included.

        llama.cpp's server gives no log-probabilities of a prompt. So each token of the answer is asked for in turn,
        made certain by a logit bias, on top of the cached tokens before it; the reported value is the one without
        the bias. Costs about as much time as generating the answer. Differences under 0.02 nats a token are noise.
        """
        prompt = self.prompt_text(messages)
        given = self.tokenize(prompt)
        end = self.tokenize(str(self._ask("/props")["eos_token"]))[-1]
        forced = (*self.tokenize(answer, special=False), end)

        def ask() -> Likelihood:
            with self._seat(adapter, prompt) as seat:
                total = 0.0
                for index, token in enumerate(forced):
                    fields = seat.fields | {"cache_prompt": index > 0}
                    total += forced_logprob(seat.server, (*given, *forced[:index]), token, fields)
                seat.lease.confirm()
                return Likelihood(total, len(forced))

        return self._supervisor.twice(ask)

    def _require_room(self, messages: Sequence[Message], sampling: Sampling) -> None:
        """Refuse messages after which no room is left for an answer: llama.cpp takes them, and cuts it short."""
        room = self.context - sampling.reserve(self.context)
        if sum(len(message.content.encode()) for message in messages) > room * SHORTEST_TOKEN:
            wire.require_room(self.count(messages), self.context, sampling, self.base_file.stem)

    def _ask(self, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Ask the child something that needs no slot."""

        def ask() -> Any:
            with self._supervisor.visit() as (_, server):
                return server.get(path) if body is None else server.post(path, body)

        return self._supervisor.twice(ask)

    @contextmanager
    def _seat(self, adapter: str | None, prompt: str, stop: Stop | None = None) -> Iterator[_Seat]:
        with self._supervisor.visit() as (child, _):
            names = tuple(child.launch.adapters)
            if adapter is not None and adapter not in names:
                raise ModelError(f"adapter '{adapter}' is not loaded (loaded: {', '.join(names) or 'none'})")
            with child.slots.lease(adapter, prompt, stop) as lease:
                # llama.cpp: an adapter that a request does not name keeps its scale, so every one is named every time.
                scales = [{"id": number, "scale": float(name == adapter)} for number, name in enumerate(names)]
                server, number = child.seat(lease.id)
                yield _Seat(server, lease, {"id_slot": number, "cache_prompt": lease.warm, "lora": scales})


def _checked(adapters: Mapping[str, Path]) -> Mapping[str, Path]:
    return MappingProxyType({name: check_gguf(Path(file)) for name, file in adapters.items()})


def _key(messages: Sequence[Message]) -> str:
    """Stand in for the prompt text when prefixes are compared."""
    return "\x1e".join(f"{message.role}\x1f{message.content}" for message in messages)
