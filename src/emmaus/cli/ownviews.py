"""How what is kept of a person looks to them: their conversations, and where those went."""

import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.text import Text

from emmaus.cli.chatting import allowed
from emmaus.cli.views import table
from emmaus.feedback import Kept as KeptOf
from emmaus.types import Scope

if TYPE_CHECKING:
    from emmaus.conversations import Kept, Said, Whole

VALUES = {1: "a good answer", 0: "", -1: "a bad answer"}


def conversations(found: "Sequence[Kept]") -> RenderableType:
    """One line a conversation."""
    if not found:
        return "No conversation of yours is kept, or none has these words."
    rows = [(c.id, _day(c.created_at), c.character, str(c.turns), c.title or _short(c.question)) for c in found]
    return table(("conversation", "begun", "with", "answers", "called, or began with"), rows)


def conversation(found: "Whole") -> RenderableType:
    """All that was said, and what its speaker said of it."""
    head = f"{found.title or 'A conversation'}, with {found.character}, {_day(found.created_at)}"
    return Group(Text(head, style="bold"), *(Text(line, style=style) for line, style in _lines(found)))


def kept(found: Sequence[KeptOf], scopes: frozenset[Scope]) -> RenderableType:
    """One line a conversation, with where it went; and what is allowed."""
    if not found:
        return f"{allowed(scopes)} No conversation of yours is kept here."
    rows = [
        (
            one.conversation.id,
            _day(one.conversation.created_at),
            one.conversation.character,
            one.conversation.title or _short(one.conversation.turns[0].question if one.conversation.turns else ""),
            ", ".join(one.datasets) or "none",
            ", ".join(one.adapters) or "none",
        )
        for one in found
    ]
    columns = ("conversation", "begun", "with", "called, or began with", "in datasets", "learned by")
    return Group(Text(allowed(scopes)), table(columns, rows))


def _lines(found: "Whole") -> Iterator[tuple[str, str]]:
    for said in found.turns:
        yield f"\n> {said.turn.question}", "dim"
        yield said.turn.text, ""
        if stands := "; ".join(stand.reference for stand in said.turn.stands_on):
            yield f"It stands on {stands}", "dim"
        yield f"answer {said.turn.id}{_judged(said)}", "dim"


def _judged(said: "Said") -> str:
    """What was said of an answer, as the end of a line."""
    parts = [VALUES[said.value], "flagged" if said.flag else ""]
    parts.append(f"better: {said.correction}" if said.correction else "")
    told = "; ".join(filter(None, parts))
    return f" - you said: {told}" if told else ""


def _short(text: str) -> str:
    return " ".join(text.split())[:60]


def _day(at: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(at))
