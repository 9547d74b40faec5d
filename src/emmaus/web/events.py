"""Answers on their way to a reader: each in a thread of its own, apart from those of pages, stopped with its reader.

An answer may take minutes where many wait for one model. Were it given one of the threads that pages and ratings
share, forty of them would shut everybody out.
"""

import asyncio
import json
from collections import deque
from collections.abc import Callable, Generator
from contextlib import closing
from threading import Event as Flag
from typing import Any, Generic, TypeAlias, TypeVar

import anyio
from anyio import to_thread
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from emmaus.web.pressing import in_danger
from emmaus.web.watching import Watch

MOST = 256
"""Answers on their way at once; each takes a thread, which is some 100 KB."""
BEAT = 5.0
"""Seconds of silence after which a stream says that it lives: proxies close those that say nothing for 30 to 60."""
EVENT = {
    "description": "An event: its name, where it has one, and JSON as text.",
    "type": "object",
    "required": ["data"],
    "properties": {"event": {"enum": ["talk", "text", "turn", "stopped", "failed"]}, "data": {"type": "string"}},
}
"""How an event is described in the OpenAPI document."""
SILENCE = b": still at it\n\n"

Event: TypeAlias = tuple[str, Any]
"""Name and what JSON can carry."""
T = TypeVar("T")


def named(event: Event) -> bytes:
    """Write an event with its name. In ASCII: many readers take U+2028 and its like for the end of a line."""
    name, data = event
    return f"event: {name}\ndata: {json.dumps(data)}\n\n".encode()


class Answers:
    """Those on their way now; `finished` is told of each when it is over."""

    def __init__(self, finished: Callable[[Watch], None] = lambda _: None, most: int = MOST) -> None:
        self._finished = finished
        self._most = most
        self.open = 0

    async def run(self, watch: Watch, work: Callable[[], T], question: str = "") -> T:
        """Run this in a thread of its own; its watch is stopped where this is cancelled.

        Raises:
            HTTPException: 503, there are too many already, and the question shows nobody in danger.
        """
        if self.open >= self._most and not await to_thread.run_sync(in_danger, question):
            raise HTTPException(503, "too many answers are on their way: try again soon", {"Retry-After": "5"})
        self.open += 1
        error: BaseException | None = None
        try:
            return await to_thread.run_sync(work, limiter=anyio.CapacityLimiter(1))
        except BaseException as raised:
            error = raised
            raise
        finally:
            self.open -= 1
            watch.end(error)
            self._finished(watch)

    async def whole(self, request: Request, watch: Watch, work: Callable[[], T], question: str = "") -> T:
        """Run this as `run` does, and stop its watch when who asked is gone."""
        found: list[T] = []
        failed: list[Exception] = []
        async with anyio.create_task_group() as both:

            async def asked() -> None:
                try:
                    found.append(await self.run(watch, work, question))
                except Exception as error:
                    failed.append(error)  # by itself, not in the group's
                both.cancel_scope.cancel()

            both.start_soon(asked)
            await gone(request.receive)
            watch.stop()
        if failed:
            raise failed[0]
        return found[0]


async def gone(receive: Receive) -> None:
    """Wait until who asked is gone."""
    while (await receive())["type"] != "http.disconnect":
        pass


class _Pulse:
    """Calls `quiet` after each `beat` seconds in which nothing was told; one timer for all of them."""

    def __init__(self, beat: float, quiet: Callable[[], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._beat, self._quiet = beat, quiet
        self._last = self._loop.time()
        self._timer = self._loop.call_later(beat, self._look)

    def told(self) -> None:
        self._last = self._loop.time()

    def stop(self) -> None:
        self._timer.cancel()

    def _look(self) -> None:
        left = self._last + self._beat - self._loop.time()
        if left <= 0:
            self._quiet()
            left = self._beat
        self._timer = self._loop.call_later(left, self._look)


class Events(Response, Generic[T]):
    """Sends each event of a generator as it comes; when the reader is gone, its watch is stopped and it is closed.

    What is raised before anything was sent is raised here, and told with its status; what is raised later is told as
    `broken` writes it.
    """

    media_type = "text/event-stream"

    def __init__(
        self,
        events: Generator[T, None, None],
        answers: Answers,
        watch: Watch,
        question: str = "",
        *,
        written: Callable[[T], bytes],
        broken: Callable[[Exception], bytes] = lambda _: b"",
        beat: float = BEAT,
    ) -> None:
        super().__init__(headers={"X-Accel-Buffering": "no"})
        del self.headers["content-length"]
        self._events = events
        self._answers = answers
        self._watch = watch
        self._question = question
        self._written = written
        self._broken = broken
        self._beat = beat
        self._begun = False
        self._gone = Flag()

    def _leave(self) -> None:
        """Nobody reads any more."""
        self._gone.set()
        self._watch.stop()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send until the events or the connection end."""
        failed: list[Exception] = []
        async with anyio.create_task_group() as both:

            async def sent() -> None:
                try:
                    await self._send(send)
                except OSError:
                    pass  # the reader is gone, which `gone` sees as well
                except Exception as error:
                    failed.append(error)  # by itself, not in the group's
                both.cancel_scope.cancel()

            both.start_soon(sent)
            try:
                await gone(receive)
            finally:
                self._leave()
            both.cancel_scope.cancel()
        if failed:
            raise failed[0]

    async def _send(self, send: Send) -> None:
        waiting: deque[bytes] = deque()
        news = asyncio.Event()
        loop = asyncio.get_running_loop()

        def come(block: bytes) -> None:
            waiting.append(block)
            news.set()

        def work() -> None:
            with closing(self._events):
                for event in self._events:
                    if self._gone.is_set():  # an answer that its reader stopped still tells that it was
                        return
                    loop.call_soon_threadsafe(come, self._written(event))

        async def answer() -> None:
            try:
                await self._answers.run(self._watch, work, self._question)
            finally:
                news.set()

        self._pulse = _Pulse(self._beat, lambda: come(SILENCE))
        answering = asyncio.ensure_future(answer())
        try:
            while not answering.done() or waiting:
                news.clear()
                if not waiting and not answering.done():
                    await news.wait()
                if waiting:
                    blocks = b"".join(waiting)
                    waiting.clear()
                    await self._block(send, blocks)
            await self._end(send, answering)
        finally:
            self._pulse.stop()
            self._leave()
            with anyio.CancelScope(shield=True):
                await asyncio.wait([answering])
            if not answering.cancelled():
                answering.exception()

    async def _end(self, send: Send, answering: "asyncio.Future[None]") -> None:
        error = answering.exception()
        if error is not None and (not self._begun or not isinstance(error, Exception)):
            raise error
        last = self._broken(error) if isinstance(error, Exception) else b""
        if not self._begun:
            await self._begin(send)
        await send({"type": "http.response.body", "body": last, "more_body": False})

    async def _block(self, send: Send, body: bytes) -> None:
        self._pulse.told()
        if not self._begun:
            await self._begin(send)
        await send({"type": "http.response.body", "body": body, "more_body": True})

    async def _begin(self, send: Send) -> None:
        self._begun = True
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
