"""The chat in a terminal, or through a pipe with a question on each line."""

import shutil
import sys
import threading
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing, suppress
from typing import TextIO

from emmaus.api import Emmaus
from emmaus.chat import Awaited, Prompt, Scene, Speaker, Talk, counsel_sought, judged, render
from emmaus.cli.invocation import words_alone
from emmaus.cli.wrapping import wrapped
from emmaus.errors import BadInput, EmmausError
from emmaus.feedback import asked_about, lapsed, policy
from emmaus.models.protocols import Sampling
from emmaus.types import CARE, ConsentEvent, Passage, Scope, Turn

LAPSED = "What you allowed holds no more, for the words that you agreed to have changed."
GREETING = "Peace be with you. Have you heard of Emmaus?"
"""Nobody's question: all that an answer needs is made ready with it, for a name that is not known to all too."""
WARMING = 10.0
"""Seconds that a first question waits for what is being made ready."""
WIDEST = 100
"""Columns of a line of an answer."""


class Chat:
    """One sitting: the talk, and the two streams it goes through."""

    def __init__(self, home: Emmaus, talk: Talk, out: TextIO) -> None:
        from rich.console import Console

        self.home = home
        self.talk = talk
        self.terminal = sys.stdin.isatty() and out.isatty()
        self.out = out
        wide = None if out.isatty() else 10_000
        self.console = Console(file=out, width=wide, highlight=False, markup=False, emoji=False)
        self.warming: threading.Thread | None = None
        """Makes ready what the first answer needs."""
        self.failed = 0
        """Exit code of the last question that was not answered; 0 when all were."""

    def greet(self) -> None:
        """Say who speaks, and that it is an AI; or what is broken of them, for somebody may need help all the same."""
        from rich.text import Text

        try:
            who = self.home.parts.pack.character(self.talk.speaker.slug)
        except EmmausError as error:
            self.complain(error)
            return
        says = f", {who.title}: an AI speaks in this voice; it can be wrong."
        self.console.print(Text.assemble((who.name, "bold"), says))
        self.dim("Ask, or /help." if self.terminal else "")

    def ask_consent(self) -> None:
        """Ask once for each version of the words that are agreed to; an empty line allows nothing."""
        text, version = policy()
        try:
            events = self.home.store.find(ConsentEvent, last=1, subject=self.home.parts.subject)
            before = lapsed(self.home.store, self.home.parts.subject)
        except EmmausError as error:
            self.complain(error)
            return
        if events and events[-1].policy == version:
            return
        self.dim(LAPSED if before else "")
        if not self.terminal:
            self.dim("Nothing is kept. To change that: emmaus consent store")
            return
        self.console.print(f"\n{text}\n", markup=False)
        while True:
            said = self.line("Allow (for example: store train; all; Enter for nothing)> ")
            try:
                scopes = parse_scopes((said or "").split())
                self.home.consent(scopes)
            except EmmausError as error:
                self.complain(error)
                continue
            self.dim(allowed(scopes))
            return

    def line(self, prompt: str) -> str | None:
        """Read what the person writes next; None at the end of the input."""
        if self.terminal:
            if not sys.stdout.isatty():  # where `input` would write the prompt, and something else is to go
                self.out.write(prompt)
                self.out.flush()
                prompt = ""
            with suppress(EOFError):
                return input(prompt)
            self.out.write("\n")
            return None
        read = sys.stdin.readline()
        return read.rstrip("\n") if read else None

    def edited(self, text: str) -> str:
        """Let a person change a line of theirs; without a terminal there is none to change."""
        if not self.terminal:
            return ""
        import readline

        readline.set_startup_hook(lambda: readline.insert_text(text))
        try:
            return self.line("> ") or ""
        finally:
            readline.set_startup_hook()

    def answer(self, question: str, *, instead: str | None = None) -> None:
        """Stream one answer. Ctrl-C stops it, a lost model ends it; the chat goes on after both.

        `instead` is what it takes the place of, as `Talk.say` has it.
        """
        turn = self._streamed(question, self.talk.deliver(question, instead=instead))
        if turn and turn.model != CARE:
            with suppress(EmmausError):  # who talks on is not stopped by what need not be asked
                if asked_about(self.talk.store, self.talk.subject, turn.id):
                    self.dim("Would another answer be better? /compare asks once more, and lets you say.")

    def another(self, turn: Turn) -> bool:
        """Stream another answer to the question of a turn; whether it came whole."""
        return self._streamed(turn.question, self.talk.another(turn.id)) is not None

    def recount(self, said: Iterable[tuple[str, str]]) -> None:
        """Print what was said before, questions and answers."""
        for question, answer in said:
            self.dim(f"> {question}")
            self.console.print(answer + "\n", soft_wrap=not self.terminal)

    def passages(self, turn: Turn) -> tuple[Passage, ...]:
        """Return what an answer stood on, with its words."""
        return self.talk.speaker.scene.corpus.found(turn.passages)

    def dim(self, text: str) -> None:
        """Print a line that is not the character's."""
        if text:
            self.console.print(text, style="dim")

    def complain(self, error: EmmausError) -> None:
        """Print what went wrong, in one line."""
        self.out.flush()
        print(f"emmaus: {error}", file=sys.stderr, flush=True)

    def _streamed(self, question: str, coming: Generator[str | Turn, None, None]) -> Turn | None:
        """Print an answer as it comes; None where it did not come to its end."""
        finished: list[Turn] = []
        try:
            self._stream(question, coming, finished)
        except KeyboardInterrupt:
            self.dim("\n(stopped; this answer is not part of the talk: /again asks once more)")
        except EmmausError as error:
            self.out.write("\n")
            self.complain(error)
            self.failed = error.code
        return next(iter(finished), None)

    def _stream(self, question: str, coming: Generator[str | Turn, None, None], finished: list[Turn]) -> None:
        # Nothing is made ready for what the program answers itself.
        if self.terminal and counsel_sought(question) is None and self.home.care(question) is None:
            if self.warming:  # a question beside it would have the persona read twice at once
                self.warming.join(WARMING)
            self.dim(preparing(self.talk.speaker.scene))
        shown = _pieces(coming, finished)
        if self.terminal:
            self.out.write("\n")
            shown = wrapped(shown, min(WIDEST, shutil.get_terminal_size().columns))
        for piece in shown:
            self.out.write(piece)
            self.out.flush()
        self.out.write("\n")
        for turn in finished:
            self.dim("It stands on " + "; ".join(turn.passages) if turn.passages else "")
        if self.terminal:
            self.out.write("\n")


def _pieces(coming: Generator[str | Turn, None, None], finished: list[Turn]) -> Iterator[str]:
    """Give the pieces of an answer; the turn that they make goes into `finished`."""
    with closing(coming):
        for piece in coming:
            if isinstance(piece, Turn):
                finished.append(piece)
            else:
                yield piece


def preparing(scene: Scene) -> str:
    """Say what the first question to a character waits for, or what is still being made; nothing when all is there."""
    if not scene.recall.is_ready:
        return f"(getting to know the {len(scene.recall)} past conversations of {scene.character.name}, only this once)"
    return words_alone(scene.index.meaning)


def warm(speaker: Speaker | Awaited) -> threading.Thread:
    """Prepare the first answer while the person still reads the greeting: care, what is recalled, the persona."""

    def read() -> None:
        with suppress(Exception):  # whatever fails here is told to whoever asks; the home may be closed meanwhile
            judged([GREETING])
            counsel_sought(GREETING)
            messages = render(speaker.character, (), Prompt(GREETING))
            speaker.model.reply(messages, Sampling(max_tokens=1), adapter=speaker.adapter)
            speaker.scene.recall.prepare()
            speaker.scene.prompt(GREETING)

    thread = threading.Thread(target=read, name="warm", daemon=True)
    thread.start()
    return thread


def parse_scopes(words: list[str]) -> frozenset[Scope]:
    """Return the scopes that a person named: names of scopes, `all`, or `none`.

    Raises:
        BadInput: a word that is no scope.
    """
    names = [name for word in words for name in word.lower().replace(",", " ").split()]
    if names in (["none"], []):
        return frozenset()
    if names == ["all"]:
        return frozenset(Scope)
    for name in names:
        if name not in {scope.value for scope in Scope}:
            known = ", ".join(scope.value for scope in Scope)
            raise BadInput(f"'{name}' is nothing that can be allowed: choose from {known}, or all, or none")
    return frozenset(Scope(name) for name in names)


def allowed(scopes: frozenset[Scope]) -> str:
    """Say what holds now, in a line."""
    if not scopes:
        return "Nothing you write is kept."
    return "You allow: " + ", ".join(scope.value for scope in Scope if scope in scopes) + "."
