"""Commands of a reader: talk, ask, allow, forget."""

import sys
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated

import typer

from emmaus.cli.commands import command
from emmaus.cli.invocation import Invocation, words_alone
from emmaus.errors import BadInput, EmmausError

if TYPE_CHECKING:
    from rich.console import RenderableType

    from emmaus.api import Emmaus
    from emmaus.cli.chatting import Chat
    from emmaus.types import Conversation

CharacterName = Annotated[str, typer.Argument(metavar="CHARACTER", help="Who, for example david.")]
ConversationName = Annotated[str, typer.Argument(metavar="ID", help="Its id, or the beginning.")]
HEADING = "Talk"


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    command(app, HEADING)(chat)
    command(app, HEADING)(ask)
    command(app, HEADING)(characters)
    command(app, HEADING)(consent)
    command(app, HEADING)(forget)


def chat(
    invocation: Invocation,
    character: CharacterName,
    conversation: Annotated[
        str | None,
        typer.Option(metavar="ID", help="Go on with this one: emmaus conversations lists them.", show_default=False),
    ] = None,
) -> int:
    """Talk with a character.

    Answers come as they are written. Nothing is kept unless you allow it. /help lists what else can be said. From a
    pipe each line is a question.
    """
    with invocation.open() as home:
        kept = _gone_on_with(home, character, conversation) if conversation else None
        _wake(home, character)
        from emmaus.cli.chatting import Chat, warm
        from emmaus.cli.slash import obey

        talk = home.chat(character, kept=kept)
        sitting = Chat(home, talk, sys.stderr if invocation.json else sys.stdout)
        if sitting.terminal:
            import readline  # noqa: F401 - line editing and history for input()

            if home.parts.embedded:
                sitting.warming = warm(talk.speaker)
        sitting.greet()
        if kept:
            from emmaus.conversations import kept_turn

            shown = [kept_turn(home.parts, turn) for turn in kept.turns]
            broken = ((draft.question, f"{draft.text} (it broke off: /again asks once more)") for draft in talk.drafts)
            sitting.recount((*((one.question, one.text) for one in shown), *broken))
        sitting.ask_consent()
        code = _converse(sitting, obey)
        if invocation.json:
            id = talk.kept.id if talk.kept else None
            invocation.write({"character": character, "conversation": id, "turns": talk.turns})
        return code


def _gone_on_with(home: "Emmaus", character: str, id: str) -> "Conversation":
    """Find the conversation to go on with.

    Raises:
        NotFound: there is none of this id.
        BadInput: it was with somebody else.
    """
    from emmaus.conversations import begun_with

    found = begun_with(home.parts, id, home.parts.subject)
    if (whose := found.character) != character:
        raise BadInput(f"this conversation is with {whose}: emmaus chat {whose} --conversation {id}")
    return found


def _wake(home: "Emmaus", character: str) -> None:
    """Start the embedded engine, first of all: it loads while the rest is imported and the person reads.

    Raises:
        NotFound: there is no such character, for whom nothing need be started.
    """
    home.parts.pack.known(character)
    if home.parts.embedded:
        with suppress(EmmausError):  # whoever asks is told
            home.parts.engine.start()


def _converse(sitting: "Chat", obey: "Callable[[Chat, str], bool]") -> int:
    interrupted = False
    while True:
        try:
            line = sitting.line("> ")
            interrupted = False
            if line is None or (line.startswith("/") and not obey(sitting, line)):
                return 0 if sitting.terminal else sitting.failed
        except KeyboardInterrupt:
            if interrupted or not sitting.terminal:
                raise
            interrupted = True
            sitting.dim("\n(/quit or Ctrl-C once more ends the talk)")
            continue
        if line.strip() and not line.startswith("/"):
            sitting.answer(line)


def ask(
    invocation: Invocation,
    character: CharacterName,
    question: Annotated[str, typer.Argument(metavar="QUESTION", help="What to ask, in quotes.")],
    show_sources: Annotated[
        bool, typer.Option("--show-sources", help="Print the verses that the answer stands on, with their words.")
    ] = False,
) -> None:
    """Ask one question. Nothing is kept."""
    from emmaus.chat import cared, checked_question, counsel_sought, help_text
    from emmaus.types import CARE

    asked = checked_question(question)  # before anything is made for it
    # Before the home is opened, too: whatever is broken, help is named.
    if helped := cared(character, asked, lambda crisis: help_text(crisis, invocation.helplines())):
        invocation.write(helped) if invocation.json else print(helped.answer)
        return
    with invocation.open() as home:
        from emmaus.cli.chatting import preparing

        if counsel_sought(asked) is None:
            _wake(home, character)
            if note := preparing(home.parts.scene(character)):
                print(note, file=sys.stderr, flush=True)
        turn = home.ask(character, question)
        if said := words_alone(home.parts.index.meaning):
            print(said, file=sys.stderr, flush=True)
        if invocation.json:
            invocation.write(turn)
            return
        if turn.model == CARE:
            print(turn.answer)
            return
        scene = home.parts.scene(character)
        print(scene.delivered(turn.answer, turn.passages).text)
        for passage in scene.corpus.found(turn.passages) if show_sources else ():
            print(f"\n{passage.reference} ({passage.translation})\n  {passage.text}")


def characters(invocation: Invocation) -> None:
    """List the characters."""
    with invocation.open() as home:
        found = home.characters()
        live = home.parts.live()

        def view() -> "RenderableType":
            from emmaus.cli import views
            from emmaus.serving import words

            ids = {one.slug: live[one.slug].id if one.slug in live else home.parts.first for one in found}
            return views.characters(found, {slug: words(home.store, adapter) for slug, adapter in ids.items()})

        invocation.show(found, view)


def consent(
    invocation: Invocation,
    scopes: Annotated[
        list[str] | None,
        typer.Argument(metavar="SCOPES", help="store, review, train, share; all; or none.", show_default=False),
    ] = None,
    comparing: Annotated[
        bool | None,
        typer.Option(
            "--comparing/--no-comparing",
            help="Whether you are asked, now and then, which of two answers is better.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Show or change what may be done with your words.

    What you name holds from now on, and nothing else. Without a name it shows what holds.
    """
    from emmaus.cli.chatting import LAPSED, allowed, parse_scopes
    from emmaus.feedback import compares, lapsed, policy, set_comparing

    with invocation.open() as home:
        if comparing is not None:
            set_comparing(home.store, home.parts.subject, comparing)
        if scopes:
            event = home.consent(parse_scopes(scopes))
            invocation.show(event, lambda: allowed(event.scopes))
            return
        holding = home.store.consent(home.parts.subject)
        text, version = policy()
        lines = [text, "", allowed(holding)]
        if lapsed(home.store, home.parts.subject):
            lines.append(LAPSED)
        asked = compares(home.store, home.parts.subject)
        if asked:
            lines.append("You are asked, now and then, which of two answers is better.")
        invocation.show({"scopes": holding, "policy": version, "comparing": asked}, lambda: "\n".join(lines))


def forget(
    invocation: Invocation,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask whether you are sure.")] = False,
) -> None:
    """Delete every conversation you had here.

    Your conversations, ratings and corrections are deleted, in datasets too. What you allow stays as it is.
    """
    require_yes("this deletes every conversation you had here", yes)
    with invocation.open() as home:
        number = home.forget()
        invocation.show({"forgotten": number}, lambda: f"Deleted: {number} conversation{'' if number == 1 else 's'}.")


def require_yes(what: str, yes: bool) -> None:
    """Ask whether somebody is sure.

    Raises:
        BadInput: they are not, or there is no terminal to ask at.
    """
    if yes:
        return
    if not sys.stdin.isatty():
        raise BadInput(f"{what}: add --yes to do it")
    sys.stderr.write(f"{what[:1].upper()}{what[1:]}. Type yes to do it> ")
    sys.stderr.flush()
    if sys.stdin.readline().strip().lower() != "yes":
        raise BadInput("nothing was deleted")
