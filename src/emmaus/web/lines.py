"""What the program says of itself, as lines of JSON for whoever collects them: what broke and where, in no one's words.

A line holds no argument of a message and no text of an error: either may be what a person said.
"""

import json
import logging
from collections.abc import Iterator
from traceback import extract_tb

from uvicorn.config import LOGGING_CONFIG


class Lines(logging.Formatter):
    """Writes each record as one object of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """Write a record: when, how bad, who says it, the message as it stands in the code, and what broke."""
        line: dict[str, object] = {
            "time": round(record.created, 3),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": str(record.msg).strip(),
        }
        if record.exc_info and record.exc_info[1]:
            line["errors"] = list(_errors(record.exc_info[1]))
        return json.dumps(line)


def log_lines() -> None:
    """Let everything that this process logs to standard error be such lines. Called before uvicorn sets up its own."""
    handler = logging.StreamHandler()
    handler.setFormatter(Lines())
    logging.basicConfig(handlers=[handler], force=True)
    LOGGING_CONFIG["formatters"]["default"] = {"()": Lines}


def _errors(error: BaseException | None) -> Iterator[dict[str, object]]:
    """What was raised, then what it was raised from: its kind, and where, the innermost call last."""
    while error is not None:
        kind = type(error)
        frames = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in extract_tb(error.__traceback__)]
        yield {"kind": f"{kind.__module__}.{kind.__qualname__}", "where": frames}
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
