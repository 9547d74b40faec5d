"""Commands of the house: packs, the web room, and what works here."""

import shlex
import sys
from contextlib import ExitStack, redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from emmaus.cli.commands import EPILOG, Grouped, command
from emmaus.cli.invocation import Invocation
from emmaus.errors import BadInput

if TYPE_CHECKING:
    from rich.console import RenderableType

HEADING = "House"


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    command(app, HEADING, kept="what the wheel has made so far is kept, run the same command to go on from there")(demo)
    command(app, HEADING)(up)
    command(app, HEADING)(doctor)
    packs = typer.Typer(cls=Grouped, rich_markup_mode=None, no_args_is_help=False)
    command(packs, HEADING)(new)
    command(packs, HEADING)(check)
    app.add_typer(packs, name="pack", help="Begin or check a pack of your own.", rich_help_panel=HEADING, epilog=EPILOG)


def demo(
    invocation: Invocation,
    character: Annotated[str, typer.Argument(metavar="CHARACTER", help="Who.")] = "david",
    quick: Annotated[
        bool, typer.Option("--quick", help="Fewer conversations and probes, rarely enough to promote: some minutes.")
    ] = False,
    full: Annotated[
        bool, typer.Option("--full", help="More of both, and all probes: the better part of an hour.")
    ] = False,
) -> None:
    """Turn the wheel once before your eyes, in eight steps.

    Ask, generate, score, freeze, train, evaluate, let the gate decide, and ask again.
    """
    if quick and full:
        raise BadInput("the demo is quick or full, not both: leave one out")
    from emmaus import wheel
    from emmaus.cli.stage import shown

    size: wheel.Size = "quick" if quick else "full" if full else "normal"
    with invocation.open() as home, shown() as view:
        turned = wheel.demo(home, character, size, view, command=shlex.join(["emmaus", *sys.argv[1:]]))

    def drawn() -> "RenderableType":
        from emmaus.cli import views

        return views.turned(turned)

    invocation.show(turned, drawn)


def up(
    invocation: Invocation,
    port: Annotated[int, typer.Option(metavar="PORT", help="Port on this computer.", min=0, max=65535)] = 8000,
    host: Annotated[
        str, typer.Option(metavar="HOST", help="Address to listen at; without accounts only 127.0.0.1 or ::1.")
    ] = "127.0.0.1",
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Do not open a browser.")] = False,
    no_jobs: Annotated[
        bool, typer.Option("--no-jobs", help="Leave background work to emmaus worker, or for later.")
    ] = False,
    shared: Annotated[bool, typer.Option("--shared", help="For people with accounts: see emmaus account.")] = False,
    name: Annotated[
        list[str] | None,
        typer.Option(metavar="HOST.NAME", help="With --shared: a name people reach it under.", show_default=False),
    ] = None,
) -> None:
    """Open the web room.

    Talk, see what is kept, read the reports, promote and roll back in a browser. Only this computer can reach it, by
    the link that is printed; or, shared, everybody who has an account.
    """
    with invocation.open() as home, ExitStack() as stack:
        from emmaus.web import serve
        from emmaus.web.lines import log_lines

        if home.settings.log == "json":
            log_lines()
        if invocation.json:
            stack.enter_context(redirect_stdout(sys.stderr))
        serve(
            home,
            host=host,
            port=port,
            open_browser=not no_browser,
            jobs=not no_jobs,
            shared=shared,
            names=name or (),
        )
    if invocation.json:
        invocation.write({"host": host, "port": port})


def doctor(invocation: Invocation) -> int:
    """Say what works here, one line each."""
    from emmaus.cli import diagnosis

    found = diagnosis.examine(invocation)
    invocation.show(found, lambda: diagnosis.lines(found))
    return 0 if all(check.ok or not check.needed for check in found) else 1


def new(
    invocation: Invocation,
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Where; made where it is missing.")],
    name: Annotated[
        str | None, typer.Option("--name", metavar="NAME", help="Its short name; else that of the folder.")
    ] = None,
) -> None:
    """Begin a pack: a small one that is whole, to be written over.

    One character, a text to stand on, conversations and questions, with comments that say what each file is for.
    Nothing is written over.
    """
    from emmaus.packs import load_pack, new_pack

    files = new_pack(folder, name)
    pack = load_pack(folder)
    slug = next(iter(pack.characters))
    here = shlex.quote(str(folder))
    following = (f"emmaus pack check {here}", f"emmaus --pack {here} chat {slug}")
    made = {"folder": str(folder), "name": pack.name, "files": [str(file) for file in files], "characters": [slug]}
    invocation.show(made, lambda: "\n".join((*map(str, files), "", "Now:", *(f"  {line}" for line in following))))


def check(
    invocation: Invocation,
    folder: Annotated[
        Path | None,
        typer.Argument(metavar="PACK", help="The folder with pack.yaml; else --pack.", show_default=False),
    ] = None,
) -> int:
    """Check every file of a pack, and name file, line and fix of each mistake.

    Hints say what works and would work better otherwise; they are no mistakes.
    """
    from emmaus.packs import examine_pack, pack_folder

    path = pack_folder(folder or invocation.settings().pack)
    problems, hints = examine_pack(path)
    mistakes = f"{len(problems)} mistake{'' if len(problems) == 1 else 's'}" if problems else "all is well"
    lines = (*problems, *(f"hint: {hint}" for hint in hints), f"{path}: {mistakes}")
    invocation.show({"folder": str(path), "problems": problems, "hints": hints}, lambda: "\n".join(lines))
    return 2 if problems else 0
