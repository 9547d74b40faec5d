"""Commands that look at the desk: where wheels stand, and what was frozen, trained and evaluated."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from emmaus.cli.commands import command
from emmaus.cli.invocation import Invocation
from emmaus.cli.talk import CharacterName

if TYPE_CHECKING:
    from rich.console import RenderableType

    from emmaus.api import Emmaus

HEADING = "Adapters"
Whose = Annotated[
    str | None, typer.Argument(metavar="CHARACTER", help="Who; else all of the pack.", show_default=False)
]


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    command(app, HEADING)(status)
    command(app, HEADING)(datasets)
    command(app, HEADING)(adapters)
    command(app, HEADING)(evaluations)


def status(invocation: Invocation, character: Whose = None) -> None:
    """Say where wheels stand, and the next sensible step.

    With --json one character's wheel also tells its quality in time.
    """
    with invocation.open() as home:
        from emmaus.types import plain
        from emmaus.web import evidence
        from emmaus.web.wheel import next_step, wheel, wheels

        found = [(one, next_step(one)) for one in ([wheel(home, character)] if character else wheels(home))]
        rows = [{**plain(one), "next": plain(step)} for one, step in found]
        for row in rows if character else ():
            frozen = evidence.datasets(home, row["character"], last=None)
            row["quality"] = plain(evidence.quality(home, row["character"], frozen))
        _show(invocation, "status", found, rows)


def datasets(invocation: Invocation, character: Whose = None) -> None:
    """List what was frozen, newest first of each character."""
    with invocation.open() as home:
        from emmaus.web import evidence

        found = [one for slug in _named(home, character) for one in evidence.datasets(home, slug, last=None)]
        _show(invocation, "datasets", found)


def adapters(invocation: Invocation, character: Whose = None) -> None:
    """List what was trained, newest first of each character."""
    with invocation.open() as home:
        from emmaus.web import evidence

        found = [one for slug in _named(home, character) for one in evidence.adapters(home, slug)]
        _show(invocation, "adapters", found)


def evaluations(invocation: Invocation, character: CharacterName) -> None:
    """Set the evaluations of a character side by side.

    The newest comes first. Differences are turned so that above zero is better.
    """
    with invocation.open() as home:
        from emmaus.web import evidence

        columns, rows = evidence.evaluations(home, home.parts.pack.character(character).slug)
        _show(invocation, "evaluations", (columns, rows), {"evaluations": columns, "metrics": rows})


def _named(home: "Emmaus", character: str | None) -> list[str]:
    return [home.parts.pack.character(character).slug] if character else list(home.parts.pack.characters)


def _show(invocation: Invocation, view: str, value: Any, written: Any = None) -> None:
    def drawn() -> "RenderableType":
        from emmaus.cli import deskviews

        draw: Callable[..., RenderableType] = getattr(deskviews, view)
        return draw(value)

    invocation.show(value if written is None else written, drawn)
