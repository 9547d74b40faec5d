"""Commands about what is kept of a person: their conversations, what they say of answers, and taking it along."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from emmaus.cli.commands import Grouped, command, default
from emmaus.cli.invocation import Invocation
from emmaus.cli.talk import ConversationName
from emmaus.errors import BadInput, EmmausError

if TYPE_CHECKING:
    from rich.console import RenderableType

    from emmaus.feedback import Value

HEADING = "Talk"
ACTIONS = "Conversations"
LISTED = 20
"""Conversations that are listed, where nobody says how many."""
Output = Annotated[
    Path | None,
    typer.Option("--output", "-o", metavar="FILE", help="The file to write; without it, it is printed."),
]


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    group = typer.Typer(cls=Grouped, rich_markup_mode=None, no_args_is_help=False)
    default(group)(newest)
    command(group, ACTIONS, name="list")(listed)
    for one in (show, rename, delete, export):
        command(group, ACTIONS)(one)
    app.add_typer(group, name="conversations", rich_help_panel=HEADING)
    command(app, HEADING)(rate)
    command(app, HEADING)(mine)


def newest(invocation: Invocation) -> None:
    """List, read, name, take along or delete your conversations.

    Without a command: the newest ones. To go on with one: emmaus chat CHARACTER --conversation ID
    """
    listed(invocation)


def listed(
    invocation: Invocation,
    text: Annotated[
        str, typer.Argument(metavar="TEXT", help="Only those in whose name or words this stands.", show_default=False)
    ] = "",
    number: Annotated[int, typer.Option("-n", "--number", metavar="N", help="How many at most.", min=1)] = LISTED,
) -> None:
    """List your conversations that are kept, newest first."""
    with invocation.open() as home:
        from emmaus import conversations

        found = conversations.listed(home.parts, home.parts.subject, number, text=text)
        rows = [conversations.outline(one) for _, one in found]
        _show(invocation, "conversations", rows)


def show(invocation: Invocation, conversation: ConversationName) -> None:
    """Print a conversation, with what you said of each answer."""
    with invocation.open() as home:
        from emmaus import conversations

        found = conversations.begun_with(home.parts, conversation, home.parts.subject)
        _show(invocation, "conversation", conversations.whole(home.parts, found, home.parts.subject))


def rename(
    invocation: Invocation,
    conversation: ConversationName,
    title: Annotated[str, typer.Argument(metavar="TITLE", help='What to call it, in quotes; "" takes the name away.')],
) -> None:
    """Give a conversation a name."""
    with invocation.open() as home:
        from emmaus import conversations

        named = conversations.rename(
            home.parts,
            conversations.begun_with(home.parts, conversation, home.parts.subject).id,
            title,
            home.parts.subject,
        )
        said = f"It is called {named.title!r} now." if named.title else "It has no name now."
        invocation.show(named, lambda: said)


def delete(
    invocation: Invocation,
    conversation: ConversationName,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask whether you are sure.")] = False,
) -> None:
    """Delete a conversation with every trace of its words, from datasets too."""
    from emmaus.cli.talk import require_yes

    with invocation.open() as home:
        from emmaus import conversations

        found = conversations.begun_with(home.parts, conversation, home.parts.subject)
        require_yes(f"this deletes the conversation {found.id} with {found.character}", yes)
        number = conversations.delete(home.parts, found.id, home.parts.subject)
        invocation.show({"conversations": number}, lambda: f"Deleted: {found.id}, with every trace of its words.")


def export(
    invocation: Invocation,
    conversation: ConversationName,
    output: Output = None,
    format: Annotated[Literal["json", "markdown"], typer.Option(help="For programs, or to be read.")] = "json",
) -> None:
    """Take a conversation along, as JSON or as Markdown."""
    with invocation.open() as home:
        from emmaus import conversations
        from emmaus.types import plain

        whole = conversations.whole(
            home.parts, conversations.begun_with(home.parts, conversation, home.parts.subject), home.parts.subject
        )
        if format == "markdown":
            _give(invocation, output, whole, lambda: conversations.markdown(home.parts, whole))
        else:
            _give(invocation, output, whole, lambda: _pretty(plain(whole)))


def rate(
    invocation: Invocation,
    turn: Annotated[str, typer.Argument(metavar="TURN", help="Id of an answer of yours that is kept.")],
    up: Annotated[bool, typer.Option("--up", help="It is good.")] = False,
    down: Annotated[bool, typer.Option("--down", help="It is bad.")] = False,
    flag: Annotated[bool, typer.Option("--flag", help="A reviewer should see it.")] = False,
    reason: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="A usual reason; may be repeated: /reasons in a chat lists them."),
    ] = None,
    why: Annotated[str, typer.Option(metavar="TEXT", help="In your own words.", show_default=False)] = "",
    correction: Annotated[
        str | None, typer.Option(metavar="TEXT", help="The answer that should have been given.")
    ] = None,
    take_back: Annotated[bool, typer.Option("--take-back", help="Take back what you said of it.")] = False,
) -> None:
    """Say what you think of an answer that is kept.

    What you say stands instead of what you said of it before; --take-back alone takes that back. In a chat /up, /down,
    /flag and /edit do the same. The ids of answers stand in emmaus conversations show ID.
    """
    if up and down:
        raise BadInput("an answer is good or bad, not both: leave --up or --down out")
    says = up or down or flag or reason or why or correction is not None
    if take_back and says:
        raise BadInput("an answer is rated, or its rating is taken back: leave --take-back or the rest out")
    if not (take_back or says):
        raise BadInput("say what you think of it, as in: emmaus rate TURN --up; --take-back takes a rating back")
    value: Value = 1 if up else -1 if down else 0
    with invocation.open() as home:
        from emmaus.feedback import kept_answer, rate_kept

        found, answer = kept_answer(home.store, turn, home.parts.subject)
        rating = rate_kept(
            home.store,
            answer,
            home.parts.subject,
            value,
            scene=lambda: home.parts.scene(found.character),
            reason=why,
            reasons=reason or (),
            flag=flag,
            correction=correction,
            clock=home.clock,
        )
        invocation.show(rating, lambda: "Taken back." if take_back else "Thank you; kept.")


def mine(invocation: Invocation, output: Output = None) -> None:
    """Say what is kept of you and where it went, or take it along.

    For each conversation, the datasets that were frozen with it and the adapters that learned from those. With -o FILE,
    everything is written as JSON: what you allowed, said, rated and preferred.
    """
    with invocation.open() as home:
        from emmaus import feedback

        subject = home.parts.subject
        if output is not None or invocation.json:
            everything = feedback.everything(home.store, subject)
            _give(invocation, output, everything, lambda: _pretty(everything))
            return
        _show(invocation, "kept", feedback.mine(home.store, subject), home.store.consent(subject))


def _give(invocation: Invocation, output: Path | None, value: Any, text: Callable[[], str]) -> None:
    """Write a text to a file, or print it."""
    if output is None:
        if invocation.json:
            invocation.write(value)
        else:
            print(text(), end="")
        return
    from emmaus.data.export import write_whole

    try:
        write_whole(output, text())
    except OSError as error:
        raise EmmausError(f"cannot write {output}: {error.strerror or error}; choose another with --output") from error
    invocation.show({"path": str(output)}, lambda: f"Written: {output}")


def _pretty(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


def _show(invocation: Invocation, view: str, value: Any, *more: Any) -> None:
    def drawn() -> "RenderableType":
        from emmaus.cli import ownviews

        draw: Callable[..., RenderableType] = getattr(ownviews, view)
        return draw(value, *more)

    invocation.show(value, drawn)
