"""How a function becomes a command: the options that every command has, one guard, and groups in the help."""

import inspect
import sys
from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from emmaus import __version__
from emmaus.cli.failing import guarded
from emmaus.cli.invocation import Invocation

Command = Callable[..., int | None]
"""Takes an Invocation and its own options; returns an exit code where it is not 0."""

EVERYWHERE: dict[str, Any] = {
    "home": Annotated[
        Path | None,
        typer.Option("--home", metavar="DIR", help="The data folder (EMMAUS_HOME).", show_default=False),
    ],
    "pack": Annotated[
        Path | None,
        typer.Option(
            "--pack", metavar="PACK", help="Another pack: a folder of your own, or stoics, which ships (EMMAUS_PACK)."
        ),
    ],
    "model_url": Annotated[
        str | None,
        typer.Option(
            "--model-url",
            metavar="URL",
            help="An OpenAI-compatible server that answers, instead of the embedded engine (EMMAUS_MODEL_URL).",
        ),
    ],
    "model": Annotated[
        str | None,
        typer.Option("--model", metavar="NAME", help="The model to ask for at that server (EMMAUS_MODEL_NAME)."),
    ],
    "model_file": Annotated[
        Path | None,
        typer.Option("--model-file", metavar="FILE", help="A GGUF file for the embedded engine (EMMAUS_MODEL_FILE)."),
    ],
    "json": Annotated[
        bool, typer.Option("--json", help="Print the result as one line of JSON; all else goes to standard error.")
    ],
}
EPILOG = "All commands also take --home, --pack, --json, --model, --model-url, --model-file: see emmaus --help."


class Grouped(TyperGroup):
    """A group whose help lists the commands under the headings that they were given, in the order of the code."""

    def list_commands(self, ctx: Any) -> list[str]:
        """All names, as they were added."""
        return list(self.commands)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write one section for each heading."""
        sections: dict[str, list[tuple[str, str]]] = {}
        longest = max(len(name) for name in self.commands)
        for name in self.list_commands(ctx):
            command: Any = self.get_command(ctx, name)
            heading = getattr(command, "rich_help_panel", None)
            heading = heading if isinstance(heading, str) else "Commands"
            line = command.get_short_help_str(formatter.width - longest - 6)
            sections.setdefault(heading, []).append((name.ljust(longest), line))
        for heading, rows in sections.items():
            with formatter.section(heading):
                formatter.write_dl(rows)


def _version(asked: bool) -> None:
    if asked:
        print(f"emmaus {__version__}")
        raise typer.Exit()


VERSION = Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")]


def begin(ctx: typer.Context, version: bool = False, **everywhere: Any) -> None:
    """Talk with characters, and let what you allow make them better.

    One wheel: chat, generate, freeze, train, evaluate, promote, and chat again.
    """
    for stream in (sys.stdout, sys.stderr, sys.stdin):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")  # a terminal that knows no dashes is no reason to fail
    ctx.obj = Invocation(**everywhere)


def command(app: typer.Typer, heading: str, *, name: str | None = None, kept: str = "") -> Callable[[Command], Command]:
    """Add a function to `app`. Its first parameter is the Invocation, the rest become options.

    `kept` says after Ctrl-C what remains, and that the same command goes on from there.
    """

    def add(function: Command) -> Command:
        def run(ctx: typer.Context, version: bool = False, **values: Any) -> int:
            given = {option: values.pop(option) for option in EVERYWHERE}
            before: Invocation = ctx.obj
            after = {option: value for option, value in given.items() if value}
            invocation = replace(before, **after)
            return guarded(lambda: function(invocation, **values) or 0, invocation, kept)

        own = list(inspect.signature(function, eval_str=True).parameters.values())[1:]
        _declare(run, [*own, *_everywhere(hidden=True)])
        run.__doc__ = function.__doc__
        app.command(name or function.__name__, rich_help_panel=heading, epilog=EPILOG)(run)
        return function

    return add


def default(app: typer.Typer) -> Callable[[Command], Command]:
    """Make a function what a group of commands does when none of them is named; its only parameter is the Invocation.

    The options that every command has may also stand between the group's name and the command's.
    """

    def add(function: Command) -> Command:
        def run(ctx: typer.Context, version: bool = False, **values: Any) -> int:
            ctx.obj = replace(ctx.obj, **{option: value for option, value in values.items() if value})
            if ctx.invoked_subcommand is not None:
                return 0
            invocation: Invocation = ctx.obj
            return guarded(lambda: function(invocation) or 0, invocation)

        _declare(run, _everywhere(hidden=True))
        run.__doc__ = function.__doc__
        app.callback(invoke_without_command=True, epilog=EPILOG)(run)
        return function

    return add


def root() -> typer.Typer:
    """Make the application, without its commands."""
    app = typer.Typer(
        cls=Grouped,
        add_completion=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80},
    )
    assert {field.name for field in fields(Invocation)} == set(EVERYWHERE)
    _declare(begin, _everywhere(hidden=False))
    app.callback()(begin)
    return app


def _everywhere(*, hidden: bool) -> list[inspect.Parameter]:
    parameters = []
    for name, annotation in {**EVERYWHERE, "version": VERSION}.items():
        kind, option = annotation.__origin__, annotation.__metadata__[0]
        default = False if kind is bool else None
        parameters.append(_parameter(name, Annotated[kind, _copy(option, hidden)], default))
    return parameters


def _copy(option: Any, hidden: bool) -> Any:
    from copy import copy

    twin = copy(option)
    twin.hidden = hidden
    return twin


def _parameter(name: str, annotation: Any, default: object) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)


def _declare(function: Callable[..., Any], parameters: Sequence[inspect.Parameter]) -> None:
    """Give a function with `**values` the signature that typer is to read."""
    context = inspect.Parameter("ctx", inspect.Parameter.KEYWORD_ONLY, annotation=typer.Context)
    own = [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in parameters]
    function.__signature__ = inspect.Signature([context, *own])  # type: ignore[attr-defined]
    function.__annotations__ = {parameter.name: parameter.annotation for parameter in (context, *own)}
