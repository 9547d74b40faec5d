"""One answer on its way: what the model says is counted and timed, and it can be stopped from another thread.

Nothing that is said is kept here: numbers only.
"""

import time
from collections.abc import Callable, Generator, Sequence
from contextlib import closing, nullcontext
from dataclasses import dataclass, field, replace

from emmaus.chat import Awaited, Speaker
from emmaus.home import Home
from emmaus.models.protocols import DEFAULT_SAMPLING, ChatModel, End, Reply, Sampling, only_english
from emmaus.models.stopping import Stop
from emmaus.types import Message

LETTERS = 4
"""Letters of English in a token, about: what is told of a prompt whose server does not count."""


@dataclass(slots=True)
class Drawing:
    """One time that the model was asked. Times are Unix nanoseconds."""

    model: str
    adapter: str | None
    sampling: Sampling
    letters: int
    """Of the prompt."""
    began: int
    first: int | None = None
    """When the first piece came."""
    ended: int | None = None
    pieces: int = 0
    end: End | None = None
    """None where it was stopped, or broke, or the model does not say."""

    @property
    def prompt_tokens(self) -> int:
        """As the model says, else a guess."""
        return (self.end and self.end.prompt_tokens) or -(-self.letters // LETTERS)

    @property
    def completion_tokens(self) -> int:
        """As the model says, else how many pieces came."""
        return (self.end and self.end.completion_tokens) or self.pieces

    @property
    def finish(self) -> str:
        """`stop` or `length`."""
        cut = self.end.finish == "length" if self.end else self.pieces >= self.sampling.max_tokens
        return "length" if cut else "stop"


@dataclass(slots=True)
class Watch:
    """One answer: when it was asked for, and each time that the model was asked for it."""

    clock: Callable[[], int] = time.time_ns
    drawn: list[Drawing] = field(default_factory=list)
    stopped: Stop = field(default_factory=Stop)
    began: int = field(init=False)
    ended: int | None = None
    broken: str = ""
    """Name of the error that ended it."""

    def __post_init__(self) -> None:
        self.began = self.clock()

    def stop(self) -> None:
        """Let the model say nothing more; the answer then ends with Cancelled. Any thread may ask so."""
        self.stopped.ask()

    def end(self, error: BaseException | None) -> None:
        """Note that it is over."""
        self.ended = self.clock()
        self.broken = type(error).__name__ if error else ""

    @property
    def begun(self) -> list[Drawing]:
        """The times that the model said something; it refuses a talk that is too long, and is asked again."""
        return [drawing for drawing in self.drawn if drawing.first is not None]

    @property
    def finish(self) -> str:
        """How the answer ended: `stop` also where the program answered itself."""
        return self.drawn[-1].finish if self.drawn else "stop"


class Watched:
    """A chat model whose answers are watched."""

    def __init__(self, model: ChatModel, watch: Watch) -> None:
        self._model = model
        self._watch = watch

    @property
    def name(self) -> str:
        """Name of the model that is watched."""
        return self._model.name

    @property
    def english_only(self) -> bool:
        """What the model that is watched says of itself."""
        return only_english(self._model)

    def reply(
        self, messages: Sequence[Message], sampling: Sampling = DEFAULT_SAMPLING, *, adapter: str | None = None
    ) -> Reply:
        """Answer in one piece; see `ChatModel.reply`. It cannot be stopped."""
        return self._model.reply(messages, sampling, adapter=adapter)

    def stream(
        self,
        messages: Sequence[Message],
        sampling: Sampling = DEFAULT_SAMPLING,
        *,
        adapter: str | None = None,
        stop: Stop | None = None,
    ) -> Generator[str, None, End | None]:
        """Answer piece by piece; see `ChatModel.stream`. The watch stops it too.

        Raises:
            Cancelled: the answer was stopped; its words may still be held back from the reader then.
        """
        clock = self._watch.clock
        letters = sum(len(message.content) for message in messages)
        drawing = Drawing(self._model.name, adapter, sampling, letters, clock())
        self._watch.drawn.append(drawing)
        try:
            stopped = self._watch.stopped
            with (
                stop.cutting(self._watch.stop) if stop else nullcontext(),
                closing(self._model.stream(messages, sampling, adapter=adapter, stop=stopped)) as coming,
            ):
                while True:
                    stopped.require()
                    try:
                        piece = next(coming)
                    except StopIteration as whole:
                        drawing.end = whole.value
                        return drawing.end
                    drawing.pieces += 1
                    drawing.first = drawing.first or clock()
                    yield piece
        finally:
            drawing.ended = clock()


def watched(parts: Home, slug: str, watch: Watch) -> Awaited:
    """A character to talk with, as `Home.awaited` makes them, whose answers are watched."""

    def speaker() -> Speaker:
        made = parts.speaker(slug)
        return replace(made, model=Watched(made.model, watch))

    return Awaited(slug, lambda: parts.character(slug), speaker, clock=parts.clock, help=parts.help)
