"""Many texts through one command: JSON lines in, one JSON line out for each, in their order."""

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from emmaus.cli.invocation import Invocation
from emmaus.errors import BadInput

AT_ONCE = 256
"""Lines that are worked on together: what a model does for many at once is cheaper than one by one."""

Answers = Callable[[list[str]], Iterable[Mapping[str, Any]]]
"""From texts to the fields of their answers, in the same order."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of standard input: what it asks, or why it cannot be read."""

    id: Any
    text: str
    fault: str = ""


def answer_lines(invocation: Invocation, answers: Answers) -> int:
    """Read `{"id": ..., "text": ...}` lines from standard input and write `{"id": ..., ...}` for each.

    A line that cannot be read is answered by `{"id": ..., "error": ...}`, and the exit code is 1 at the end.
    """
    if sys.stdin.isatty():
        raise BadInput('no text was given: name it, or pipe lines like {"id": 1, "text": "..."} into this command')
    faulty = False
    lines = _lines(sys.stdin.buffer)
    while some := list(islice(lines, AT_ONCE)):
        found = iter(answers([line.text for line in some if not line.fault]))
        for line in some:
            faulty |= bool(line.fault)
            invocation.write({"id": line.id, **({"error": line.fault} if line.fault else next(found))})
    return 1 if faulty else 0


def _lines(raw: Iterable[bytes]) -> Iterator[Line]:
    for number, line in enumerate(raw, 1):
        if line.strip():
            yield _read(number, line)


def _read(number: int, raw: bytes) -> Line:
    form = 'write it as {"id": 1, "text": "..."}'
    try:
        value = json.loads(raw.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        return Line(None, "", f"line {number} is not JSON ({error}): {form}")
    if not isinstance(value, dict) or not isinstance(value.get("text"), str):
        given = value.get("id") if isinstance(value, dict) else None
        return Line(given, "", f"line {number} has no text: {form}")
    return Line(value.get("id"), value["text"])
