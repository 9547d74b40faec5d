"""Commands of a reviewer: go through what waits, or decide about one answer from a script."""

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from emmaus.cli.commands import EPILOG, Grouped, command
from emmaus.cli.invocation import Invocation
from emmaus.data import LISTED, REASONS, Verdict

if TYPE_CHECKING:
    from rich.console import RenderableType

    from emmaus.api import Emmaus

HEADING = "Data"
DEFAULT = "queue"
"""The command that is meant where a character's name stands in place of one."""


class Defaulting(Grouped):
    """A group of which `emmaus review david` is short for `emmaus review queue david`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the name of the default command before what is none."""
        if not args or args[0] not in (*self.commands, "-h", "--help"):
            args = [DEFAULT, *args]
        return list(super().parse_args(ctx, args))


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    review = typer.Typer(cls=Defaulting, rich_markup_mode=None, no_args_is_help=False)
    command(review, HEADING)(queue)
    command(review, HEADING)(decide)
    about = "Go through what waits for review: emmaus review CHARACTER."
    app.add_typer(review, name="review", help=about, rich_help_panel=HEADING, epilog=EPILOG)


def queue(
    invocation: Invocation,
    character: Annotated[
        str | None, typer.Argument(metavar="CHARACTER", help="Who; else all of the pack.", show_default=False)
    ] = None,
    limit: Annotated[
        int, typer.Option("-n", "--number", metavar="N", help="How many to list, where no terminal shows them.", min=1)
    ] = LISTED,
) -> None:
    """Go through the answers that wait for review.

    Flagged ones come first, then those that are hardest to judge by their score. In a terminal each is shown, and one
    letter decides; otherwise, and with --json, they are listed. What a person said is shown only while they allow it.
    """
    with invocation.open() as home:
        if invocation.json or not (sys.stdin.isatty() and sys.stdout.isatty()):
            _list(invocation, home, character, limit)
            return
        import readline  # noqa: F401 - line editing for input()

        from emmaus.cli.sitting import sit

        sit(home, character)


def decide(
    invocation: Invocation,
    turn: Annotated[str, typer.Argument(metavar="TURN", help="Id of the answer's turn.")],
    decision: Annotated[Verdict, typer.Argument(metavar="DECISION", help="accept, edit, reject, skip or undo.")],
    reason: Annotated[
        list[str] | None,
        typer.Option(metavar="REASON", help=f"What is wrong; may be repeated: {', '.join(REASONS)}."),
    ] = None,
    note: Annotated[str, typer.Option(metavar="TEXT", help="What else is to be said.", show_default=False)] = "",
    correction: Annotated[
        str | None, typer.Option(metavar="TEXT", help="With edit: the answer that should have been given.")
    ] = None,
    seen: Annotated[
        str | None,
        typer.Option(metavar="VERSION", help="Refuse where somebody decided since this version, as --json gives it."),
    ] = None,
) -> None:
    """Decide about one answer.

    accept and edit let it be learned, edit with another answer in its place; reject keeps it out; skip puts it off;
    undo takes back what you decided last about it.
    """
    reasons = [one.replace("-", " ").lower() for one in reason or ()]
    with invocation.open() as home:
        kept = home.reviews.decide(turn, decision, reasons=reasons, note=note, correction=correction, version=seen)

    def drawn() -> "RenderableType":
        from emmaus.data import told

        return f"{told(kept, kept.reviewer)}: {turn}"

    invocation.show(kept, drawn)


def _list(invocation: Invocation, home: "Emmaus", character: str | None, limit: int) -> None:
    counts, found = home.reviews.counts(character), home.reviews.queue(character, limit=limit)

    def drawn() -> "RenderableType":
        from emmaus.cli import views

        return views.waiting(found, sum(one.waiting for one in counts))

    invocation.show({"counts": counts, "waiting": found}, drawn)
