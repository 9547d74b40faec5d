"""Many texts through one command: JSON lines in, one JSON line out for each, in their order."""

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Never

from emmaus.cli.invocation import Invocation
from emmaus.errors import BadInput

AT_ONCE = 256
"""Most lines that are worked on together: what a model does for many at once is cheaper than one by one."""
PIECE = 1 << 20
"""Most bytes that are read at once; a pipe gives what is in it, 64 KiB at most."""

Answers = Callable[[list[str]], Iterable[Mapping[str, Any]]]
"""From texts to the fields of their answers, in the same order."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of standard input: what it asks, or why it cannot be answered."""

    id: Any
    text: str
    fault: str = ""


def answer_lines(invocation: Invocation, answers: Answers, refused: Callable[[str], str] = lambda _: "") -> int:
    """Read `{"id": ..., "text": ...}` lines from standard input and write `{"id": ..., ...}` for each, as they come.

    A line that cannot be read, or whose text `refused` has something against, is answered by
    `{"id": ..., "error": ...}`, and the exit code is 1 at the end.
    """
    if sys.stdin.isatty():
        raise BadInput('no text was given: name it, or pipe lines like {"id": 1, "text": "..."} into this command')
    faulty = False
    for some in _together(sys.stdin.fileno(), refused):
        found = iter(answers([line.text for line in some if not line.fault]))
        for line in some:
            faulty |= bool(line.fault)
            invocation.write({"id": line.id, **({"error": line.fault} if line.fault else next(found))})
    return 1 if faulty else 0


def _together(source: int, refused: Callable[[str], str]) -> Iterator[list[Line]]:
    """Give the lines that are there now, `AT_ONCE` at most."""
    number = 0
    for arrived in _arriving(source):
        lines = [_read(at, raw, refused) for at, raw in enumerate(arrived, number + 1) if raw.strip()]
        number += len(arrived)
        for start in range(0, len(lines), AT_ONCE):
            yield lines[start : start + AT_ONCE]


def _arriving(source: int) -> Iterator[list[bytes]]:
    """Give whole lines as soon as they are there: a program may wait for an answer before it writes the next."""
    begun = bytearray()
    while piece := os.read(source, PIECE):
        whole, end, rest = piece.rpartition(b"\n")
        if end:
            yield (bytes(begun) + whole).split(b"\n")
            begun.clear()
        begun += rest
    if begun:
        yield [bytes(begun)]


def _no_number(name: str) -> Never:
    raise ValueError(f"{name} is no number")


def _read(number: int, raw: bytes, refused: Callable[[str], str]) -> Line:
    form = 'write it as {"id": 1, "text": "..."}'
    try:
        value = json.loads(raw.decode("utf-8-sig"), parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        return Line(None, "", f"line {number} is not JSON ({error}): {form}")
    if not isinstance(value, dict) or not isinstance(value.get("text"), str):
        given = value.get("id") if isinstance(value, dict) else None
        return Line(given, "", f"line {number} has no text: {form}")
    why = refused(value["text"])
    return Line(value.get("id"), value["text"], f"line {number}: {why}" if why else "")
