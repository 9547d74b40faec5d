"""One call of the command: the options that every command has, where its result goes, and how it tells its progress."""

import json
import os
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emmaus.errors import EmmausError
from emmaus.types import Progress, plain

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from emmaus.api import Emmaus
    from emmaus.chat import Helplines
    from emmaus.config import Settings
    from emmaus.grounding.meaning import Meaning
    from emmaus.home import Home

PIPE_WIDTH = 160
"""Columns of a table that no terminal shows, so that a line stays a line for grep."""


@dataclass(frozen=True, slots=True)
class Invocation:
    """What was said before or after the command's name."""

    home: Path | None = None
    pack: Path | None = None
    model_url: str | None = None
    model: str | None = None
    model_file: Path | None = None
    json: bool = False

    def settings(self) -> "Settings":
        """Return the settings of the environment, with the options over them."""
        from emmaus.config import load_settings

        given = {
            "home": self.home,
            "pack": self.pack,
            "model_url": self.model_url,
            "model_name": self.model,
            "model_file": self.model_file,
        }
        return load_settings(**{name: value for name, value in given.items() if value is not None})

    def open(self) -> "Emmaus":
        """Open the home; close it when done."""
        settings = self.settings()
        from emmaus.api import Emmaus

        return Emmaus(settings)

    def parts(self) -> AbstractContextManager["Home"]:
        """Open what stands without the store: the pack, its texts and their index; closed in the end."""
        settings = self.settings()
        from emmaus.home import Home

        return closing(Home(settings, model=None, embedder=None, clock=time.time))

    def helplines(self) -> "Helplines":
        """Return whom to call, as far as the settings and the file that they name can be read: never an error."""
        from emmaus.chat import helplines

        there = helplines()
        with suppress(EmmausError):
            settings = self.settings()
            there = helplines(settings.country)
            there = helplines(settings.country, settings.helplines)
        return there

    def home_folder(self) -> Path:
        """Return the data folder, even when the settings are wrong."""
        import platformdirs

        named = self.home or os.environ.get("EMMAUS_HOME") or platformdirs.user_data_dir("emmaus")
        return Path(named).expanduser()

    def show(self, value: Any, view: "Callable[[], RenderableType]") -> None:
        """Print a result: as one line of JSON with `--json`, else as `view` draws it."""
        if self.json:
            self.write(value)
        else:
            try:
                self.console().print(view(), highlight=False)
            except SystemExit:  # rich's way to say that the reader of the output left
                raise BrokenPipeError from None

    def write(self, value: Any) -> None:
        """Print one line of JSON."""
        line = json.dumps(plain(value), ensure_ascii=False, default=str)
        try:
            line.encode(sys.stdout.encoding or "ascii")
        except UnicodeEncodeError:  # a letter that this terminal cannot print, or half of one: its escape instead
            line = json.dumps(plain(value), default=str)
        print(line, flush=True)

    def console(self) -> "Console":
        """Where results for people go."""
        from rich.console import Console

        terminal = sys.stdout.isatty()
        # Names, paths and messages hold brackets of their own: nothing in a text is markup.
        return Console(width=None if terminal else PIPE_WIDTH, soft_wrap=not terminal, markup=False, emoji=False)

    def progress(self, label: str) -> AbstractContextManager[Callable[[Progress], None]]:
        """Something to report long work to; it shows on standard error."""
        from emmaus.cli.progress import shown

        return shown(label)


def words_alone(meaning: "Meaning") -> str:
    """Say why verses are found by their words alone; nothing where they are found by their meaning too."""
    if made := meaning.made:
        return f"(verses are found by their words alone so far: {made[0]:,} of {made[1]:,} are read, only this once)"
    return f"(verses are found by their words alone: {meaning.fault})" if meaning.fault else ""
