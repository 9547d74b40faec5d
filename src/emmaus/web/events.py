"""Server-sent events from a blocking generator: closing the connection closes the generator."""

import json
from collections.abc import Generator
from typing import Any, TypeAlias

import anyio
from anyio import to_thread
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

Event: TypeAlias = tuple[str, Any]
"""Name and what JSON can carry."""


class Events(Response):
    """Sends each event as it comes. Each runs in a thread; when the reader is gone, no further one is asked for."""

    media_type = "text/event-stream"

    def __init__(self, events: Generator[Event, None, None]) -> None:
        super().__init__(headers={"X-Accel-Buffering": "no"})
        del self.headers["content-length"]
        self.events = events

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send until the events or the connection end, and then, in either case, close the generator."""
        async with anyio.create_task_group() as both:

            async def watch() -> None:
                while (await receive())["type"] != "http.disconnect":
                    pass
                both.cancel_scope.cancel()

            both.start_soon(watch)
            try:
                await self._send(send)
            except OSError:
                pass  # the reader is gone, which `watch` sees as well
            finally:
                with anyio.CancelScope(shield=True):
                    await to_thread.run_sync(self.events.close)
            both.cancel_scope.cancel()

    async def _send(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        while (event := await to_thread.run_sync(next, self.events, None)) is not None:
            name, data = event
            # In ASCII: many readers take U+2028 and its like for the end of a line.
            body = f"event: {name}\ndata: {json.dumps(data)}\n\n".encode()
            await send({"type": "http.response.body", "body": body, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})
