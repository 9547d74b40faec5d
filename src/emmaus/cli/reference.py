"""The help page and the reference page, written by the program itself.

`python -m emmaus.cli.reference` writes both into the checkout that it runs in; a test says when they are not current.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from emmaus.cli.app import app
from emmaus.config import Settings

HEAD = """\
# Commands and settings

Written by the program itself: `python -m emmaus.cli.reference`. Every command exits with 0 when it did what was asked,
1 when it could not, 2 when it was asked wrongly, 130 after Ctrl-C, and 70 when something happened that nobody foresaw;
the line on standard error says what, and what mends it. With `--json`, standard output is one line of JSON: the result,
or `{"error": ..., "code": ...}`; `search`, `verify` and `care` also answer lines of JSON, one line each.
"""
SETTINGS = """\
## Settings

Each can be set in the environment; an option on the command line goes before it.

| variable | default | says |
|---|---|---|
"""


def help_page() -> str:
    """Return what `emmaus --help` prints."""
    return _help(typer.main.get_command(app()), "emmaus", None)


def reference() -> str:
    """docs/cli.md."""
    root = typer.main.get_command(app())
    pages = [f"## {name}\n\n```text\n{text.rstrip()}\n```\n" for name, text in _pages(root, "emmaus", None)]
    return "\n".join([HEAD, *pages, SETTINGS.rstrip("\n")]) + "\n" + "".join(_settings())


def write(root: Path) -> None:
    """Write both pages into a checkout."""
    (root / "src/emmaus/cli/help.txt").write_text(help_page(), encoding="utf-8")
    (root / "docs/cli.md").write_text(reference(), encoding="utf-8")


def _pages(command: Any, name: str, parent: Any) -> Iterator[tuple[str, str]]:
    yield name, _help(command, name, parent)
    context = _context(command, name, parent)
    for child, found in getattr(command, "commands", {}).items():
        for below, text in _pages(found, child, context):
            yield f"{name} {below}", text


def _help(command: Any, name: str, parent: Any) -> str:
    return str(command.get_help(_context(command, name, parent))).rstrip() + "\n"


def _context(command: Any, name: str, parent: Any) -> Any:
    kind = command.context_class
    return kind(command, info_name=name, parent=parent, terminal_width=80, help_option_names=["-h", "--help"])


def _settings() -> Iterator[str]:
    for name, field in Settings.model_fields.items():
        default = "depends on the computer" if field.default_factory else f"`{field.default}`"
        yield f"| `EMMAUS_{name.upper()}` | {default} | {' '.join((field.description or '').split())} |\n"


if __name__ == "__main__":
    write(Path(sys.argv[1]) if len(sys.argv) > 1 else Path.cwd())
