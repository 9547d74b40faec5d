"""Commands about models: find, try, choose, download."""

import getpass
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from emmaus.cli.background import InBackground, queue
from emmaus.cli.commands import Grouped, command, default
from emmaus.cli.invocation import Invocation
from emmaus.errors import BadInput, NotFound

if TYPE_CHECKING:
    from rich.console import RenderableType

    from emmaus.choosing import Models
    from emmaus.models.choice import Choice
    from emmaus.models.discovery import Server

HEADING = "House"
ACTIONS = "Models"

Key = Annotated[
    str,
    typer.Option(
        "--key", metavar="KEY", help="API key of the server; - asks for it, so that no list of processes shows it."
    ),
]


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    again = "what came so far is kept, run the same command to go on from there"
    group = typer.Typer(cls=Grouped, rich_markup_mode=None, no_args_is_help=False)
    default(group)(found)
    command(group, ACTIONS, name="try")(tried)
    command(group, ACTIONS)(use)
    command(group, ACTIONS, kept=again)(download)
    command(group, ACTIONS)(look)
    app.add_typer(group, name="models", rich_help_panel=HEADING)


def found(invocation: Invocation) -> None:
    """Find model servers, recommend, choose, download.

    Without a command: what has each role now, what runs on this computer (Ollama, LM Studio, llama-server, vLLM), and
    what is recommended for its memory.
    """
    with invocation.open() as home:
        servers, machine = home.models.find(), home.models.machine()
        standing, recommended = home.models.standing(), home.models.recommended(servers)
        files = home.models.files()
        value = {
            "standing": standing,
            "machine": machine,
            "servers": servers,
            "recommended": recommended,
            "files": files,
        }

        def drawn() -> "RenderableType":
            from emmaus.cli import modelviews

            return modelviews.found(standing, machine, servers, recommended, files)

        invocation.show(value, drawn)


def tried(
    invocation: Invocation,
    url: Annotated[str, typer.Argument(metavar="URL", help="The server's address, as http://127.0.0.1:11434.")],
    name: Annotated[str, typer.Argument(metavar="NAME", help="The model to ask for.")],
    key: Key = "",
) -> int:
    """Try a model out.

    Says whether it streams and gives log-probabilities, how much it holds, and how fast it is; of an embedder, the
    length of its vectors.
    """
    with invocation.open() as home:
        trial = home.models.try_out(url, name, _asked(key))
        invocation.show(trial, lambda: trial.words)
    return 1 if trial.error else 0


def use(
    invocation: Invocation,
    role: Annotated[str, typer.Argument(metavar="ROLE", help="chat, generator, judge or embedder.")],
    name: Annotated[str, typer.Argument(metavar="NAME", help="A model that a server offers.", show_default=False)] = "",
    url: Annotated[
        str, typer.Option("--url", metavar="URL", help="Its server; without it, the one here that has the model.")
    ] = "",
    key: Key = "",
    file: Annotated[
        Path | None, typer.Option("--file", metavar="FILE", help="A GGUF file for the embedded engine.")
    ] = None,
    embedded: Annotated[bool, typer.Option("--embedded", help="The model inside.")] = False,
    none: Annotated[bool, typer.Option("--none", help="Nothing of your own: what has the role by itself.")] = False,
) -> None:
    """Choose a model for a role, from the next question on.

    Each role by itself: chat answers people, generator writes synthetic answers, judge is to judge them (no step asks
    it yet, the checks alone score), embedder finds verses by their meaning: their vectors are made at once. A setting
    (EMMAUS_MODEL_URL and the like) goes before what is chosen.
    """
    ways = [bool(name), file is not None, embedded, none]
    if sum(ways) != 1:
        raise BadInput("name one of: a model, --file FILE, --embedded or --none, as in: emmaus models use chat phi4")
    with invocation.open() as home:
        chosen = home.models.choose(role, _choice(home.models, name, url, _asked(key), file, embedded))
        invocation.show(chosen, lambda: chosen.sentence[:1].upper() + chosen.sentence[1:] + ".")
        if role == "embedder" and not chosen.standing.setting:
            with invocation.progress("vectors of verses") as report:
                home.models.prepare(report)


def download(
    invocation: Invocation,
    spec: Annotated[
        str,
        typer.Argument(metavar="SPEC", help="OWNER/REPOSITORY/FILE.gguf at the hub (EMMAUS_HUB_URL), or an address."),
    ],
    sha256: Annotated[
        str | None, typer.Option("--sha256", metavar="HASH", help="What its SHA-256 must be; a hub may name it itself.")
    ] = None,
    background: InBackground = False,
) -> None:
    """Download a GGUF file into the home.

    The same command again goes on where it broke off. What does not come whole, or has another hash, is not kept.
    """
    if background:
        queue(invocation, "download", "", spec=spec, sha256=sha256)
        return
    with invocation.open() as home, invocation.progress("downloading") as report:
        file = home.models.download(spec, sha256, report=report)
        header = home.models.header(file)

        def drawn() -> "RenderableType":
            from emmaus.cli import modelviews

            return modelviews.downloaded(header)

        invocation.show(header, drawn)


def look(
    invocation: Invocation,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A GGUF file of this computer.")],
) -> None:
    """Say what a model file says of itself."""
    with invocation.open() as home:
        header = home.models.header(file)

        def drawn() -> "RenderableType":
            from emmaus.cli import modelviews

            return modelviews.downloaded(header)

        invocation.show(header, drawn)


def _choice(models: "Models", name: str, url: str, key: str, file: Path | None, embedded: bool) -> "Choice | None":
    from emmaus.models.choice import EMBEDDED, Choice

    if embedded:
        return EMBEDDED
    if file is not None:
        return Choice("gguf", file=str(file))
    return Choice("server", url or _server_of(models.find(), name), name, key) if name else None


def _server_of(servers: "tuple[Server, ...]", name: str) -> str:
    """Find the server of this computer that offers a model.

    Raises:
        NotFound: none does.
        BadInput: several do.
    """
    having = [server for server in servers if {name, f"{name}:latest"} & {model.name for model in server.models}]
    if not having:
        offered = [model.name for server in servers for model in server.models]
        known = f"there are {', '.join(offered[:12])}" if offered else "no server was found; name one with --url"
        raise NotFound(f"no model server of this computer offers {name!r}: {known}")
    if len(having) > 1:
        where = " or ".join(f"--url {server.url} ({server.kind})" for server in having)
        raise BadInput(f"several servers offer {name!r}: add {where}")
    return having[0].url


def _asked(key: str) -> str:
    """The key, asked for where it is `-`: on a terminal without showing it, else the first line of the input."""
    if key != "-":
        return key
    return getpass.getpass("API key: ") if sys.stdin.isatty() else sys.stdin.readline().strip()
