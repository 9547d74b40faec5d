"""A reviewer's sitting in a terminal: one answer after the other, and a letter for each decision."""

import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Literal, get_args

from rich.console import Console
from rich.text import Text

from emmaus.api import Emmaus
from emmaus.data import REASONS, Verdict, Waiting
from emmaus.errors import BadInput, Conflict, EmmausError
from emmaus.grounding import repair
from emmaus.types import CARE, Review, Turn

PROMPT = "accept, edit, reject, skip, undo, quit> "
DID = {"accept": "Accepted.", "edit": "Edited.", "reject": "Rejected.", "skip": "Skipped: it comes again at the end."}


@dataclass
class Sitting:
    """What a reviewer has decided here, so that it can be taken back."""

    home: Emmaus
    character: str | None
    console: Console
    done: list[Review] = field(default_factory=list)


def sit(home: Emmaus, character: str | None) -> None:
    """Show what waits, one by one, until nothing does or the reviewer leaves."""
    sitting = Sitting(home, character, Console(highlight=False, markup=False, emoji=False))
    again: Waiting | None = None
    while (item := again or next(iter(home.reviews.queue(character, limit=1)), None)) is not None:
        _show(sitting, item)
        again = item
        while again is item:
            try:
                word = understood(input(PROMPT))
                if word == "quit":
                    return _leave(sitting)
                again = _undo(sitting) if word == "undo" else _decide(sitting, item, word)
            except EOFError:
                return _leave(sitting)
            except BadInput as error:
                _complain(error)
            except EmmausError as error:  # somebody decided meanwhile, or it may not be read any more
                _complain(error)
                again = _anew(home, item) if isinstance(error, Conflict) else None
    sitting.console.print("Nothing waits for review.")
    _leave(sitting)
    return None


def understood(line: str) -> Verdict | Literal["quit"]:
    """Find the word that a line begins: "a" is accept.

    Raises:
        BadInput: it begins none.
    """
    words: tuple[Verdict | Literal["quit"], ...] = (*get_args(Verdict), "quit")
    for word in words:
        if line.strip() and word.startswith(line.strip().lower()):
            return word
    raise BadInput("type a, e, r, s, u or q: accept, edit, reject, skip, undo, quit")


def _anew(home: Emmaus, item: Waiting) -> Waiting | None:
    with suppress(EmmausError):
        return home.reviews.get(item.turn.id)
    return None


def _decide(sitting: Sitting, item: Waiting, word: Verdict) -> Waiting | None:
    reasons: tuple[str, ...] = ()
    note, correction = "", None
    if word == "reject":
        reasons, note = _reasons(sitting)
    elif word == "edit":
        correction = _written(sitting)
    kept = sitting.home.reviews.decide(
        item.turn.id, word, reasons=reasons, note=note, correction=correction, version=item.version
    )
    sitting.done.append(kept)
    sitting.console.print(DID[word], style="dim")
    return None


def _undo(sitting: Sitting) -> Waiting:
    """Take back what was decided last in this sitting, and show it again."""
    if not sitting.done:
        raise BadInput("nothing was decided here yet: there is nothing to take back")
    last = sitting.done[-1]
    sitting.home.reviews.decide(last.turn, "undo")
    sitting.done.pop()
    sitting.console.print("Taken back.", style="dim")
    return sitting.home.reviews.get(last.turn)


def _reasons(sitting: Sitting) -> tuple[tuple[str, ...], str]:
    """Ask what is wrong: numbers of the list, words of one's own, both, or nothing."""
    listed = ", ".join(f"{number} {reason}" for number, reason in enumerate(REASONS, 1))
    sitting.console.print(listed, style="dim")
    words = input("Why (numbers, words, or nothing)> ").replace(",", " ").split()
    numbers = [word for word in words if word.isdecimal() and 1 <= int(word) <= len(REASONS)]
    return tuple(REASONS[int(number) - 1] for number in numbers), " ".join(w for w in words if w not in numbers)


def _written(sitting: Sitting) -> str:
    sitting.console.print("The answer that should have been given; a single dot ends it.", style="dim")
    lines: list[str] = []
    while (line := input("| ")) != ".":
        lines.append(line)
    return "\n".join(lines)


def _show(sitting: Sitting, item: Waiting) -> None:
    (counts,) = sitting.home.reviews.counts(item.character)
    head = Text.assemble((item.character, "bold"), f", {item.source}; {counts.waiting} wait, {counts.flagged} flagged")
    sitting.console.print()
    sitting.console.print(head)
    sitting.console.print(item.why, style="bold" if item.flagged else "")
    for turn in (*item.history, item.turn):
        said = f"\n> {_clean(turn.question)}\n{_clean(_delivered(sitting.home, turn))}"
        sitting.console.print(said, style="" if turn is item.turn else "dim")
    sitting.console.print()
    for line in _known(item):
        sitting.console.print(_clean(line), style="dim")


def _known(item: Waiting) -> Iterator[str]:
    """What helps to judge an answer, line by line."""
    if item.score:
        criteria = ", ".join(f"{name.replace('_', ' ')} {value:.2f}" for name, value in item.score.criteria.items())
        yield f"score {item.score.value:.2f}: {criteria}"
    yield from (f"- {finding}" for finding in item.findings)
    for heard in item.ratings:
        said = [{1: "liked it", 0: "", -1: "did not like it"}[heard.value], "flagged it" if heard.flag else ""]
        yield f"a reader: {'; '.join(filter(None, [*said, *heard.reasons]))}"
        if heard.correction:
            yield f"a reader would rather read: {heard.correction}"


def _clean(text: str) -> str:
    """Without what would move the cursor or colour the terminal of who reads somebody else's words."""
    return "".join(letter if letter.isprintable() or letter == "\n" else " " for letter in text)


def _delivered(home: Emmaus, turn: Turn) -> str:
    """Give an answer as its reader saw it: the true words stand where it points."""
    if turn.model == CARE:
        return turn.answer
    corpus = home.parts.corpus
    return repair(turn.answer, corpus, corpus.found(turn.passages), home.parts.pack.beside(corpus)).text


def _leave(sitting: Sitting) -> None:
    count = len(sitting.done)
    sitting.console.print(f"{count} answer{'' if count == 1 else 's'} decided.", style="dim")


def _complain(error: EmmausError) -> None:
    print(f"emmaus: {error}", file=sys.stderr, flush=True)
