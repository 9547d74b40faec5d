"""Commands about the ground that answers stand on: search the texts, verify quotations, look for danger."""

import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from emmaus.cli.commands import command
from emmaus.cli.invocation import Invocation
from emmaus.cli.lines import answer_lines
from emmaus.errors import BadInput

if TYPE_CHECKING:
    from emmaus.api import Emmaus
    from emmaus.grounding import Quotation

HEADING = "Texts"


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    command(app, HEADING)(search)
    command(app, HEADING)(verify)
    command(app, HEADING)(care)


def search(
    invocation: Invocation,
    text: Annotated[str | None, typer.Argument(metavar="TEXT", help="What to look for.", show_default=False)] = None,
    k: Annotated[int, typer.Option("-k", metavar="K", help="How many verses.", min=1, max=1000)] = 10,
    character: Annotated[
        str | None,
        typer.Option("--character", metavar="CHARACTER", help="Only what this character can know, their own first."),
    ] = None,
) -> int:
    """Find verses by what they say and mean, best first.

    With --json and no TEXT, lines {"id": ..., "text": ...} from standard input are answered one line each.
    """
    with invocation.open() as home:

        def found(texts: list[str]) -> Iterator[Mapping[str, Any]]:
            from emmaus.texts import search

            for hits in search(home.parts, texts, k, character):
                yield {"passages": [{"osis": hit.osis, "score": round(hit.score, 6)} for hit in hits]}

        if text is None:
            return _lines(invocation, found)
        if invocation.json:
            invocation.write(next(found([text])))
            return 0
        corpus = home.parts.corpus
        for hit in home.search(text, k, character=character):
            print(f"{hit.reference} ({corpus.translation})\n  {corpus.lines().get(hit.reference, '')}")
    return 0


def verify(
    invocation: Invocation,
    file: Annotated[
        Path | None,
        typer.Argument(metavar="FILE", help="A text file, or - for standard input.", show_default=False),
    ] = None,
) -> int:
    """Check the quotations of any text against the translations.

    Each is exact, normalised, partial, a paraphrase, altered, of a wrong reference, or nonexistent. The exit code is 1
    where one of the last three was found. With --json and no FILE, lines {"id": ..., "text": ...} from standard input
    are answered one line each.
    """
    with invocation.open() as home:
        if file is None:
            return _lines(invocation, lambda texts: ({"quotations": _plain(home, text)} for text in texts))
        found = home.verify(_read(file))
        if invocation.json:
            invocation.write({"quotations": [_fields(quotation) for quotation in found]})
        else:
            for quotation in found:
                print(_said(quotation))
            print(f"{len(found)} quotation{'' if len(found) == 1 else 's'}, {sum(one.bad for one in found)} to mend")
        return 1 if any(quotation.bad for quotation in found) else 0


def care(
    invocation: Invocation,
    text: Annotated[str | None, typer.Argument(metavar="TEXT", help="A message.", show_default=False)] = None,
) -> int:
    """Say whether a message shows its writer in danger.

    If it does, what the program would answer is printed. With --json and no TEXT, lines {"id": ..., "text": ...}
    from standard input are answered one line each.
    """
    with invocation.open() as home:

        def found(texts: list[str]) -> Iterable[Mapping[str, Any]]:
            from emmaus.chat import crises
            from emmaus.types import sound

            seen = crises([sound(text) for text in texts])
            return ({"crisis": one is not None, "kind": one.kind if one else None} for one in seen)

        if text is None:
            return _lines(invocation, found)
        if invocation.json:
            (answer,) = found([text])
            invocation.write(answer)
            return 0
        crisis = home.care(text)
        print(home.parts.help(crisis) if crisis else "no sign of a crisis")
    return 0


def _lines(invocation: Invocation, answers: Any) -> int:
    if not invocation.json:
        raise BadInput("no text was given: name it, or add --json to read lines from standard input")
    return answer_lines(invocation, answers)


def _plain(home: "Emmaus", text: str) -> list[Mapping[str, Any]]:
    return [_fields(quotation) for quotation in home.verify(text)]


def _fields(one: "Quotation") -> Mapping[str, Any]:
    return {
        "kind": one.kind,
        "reference": one.reference,
        "text": one.text,
        "correction": one.correction,
        "translation": one.translation,
        "place": one.place,
        "osis": one.osis,
    }


def _said(one: "Quotation") -> str:
    where = f"{one.reference} ({one.translation})" if one.translation and not one.bad else one.reference
    lines = [f"{one.kind.replace('_', ' '):<16} {where}".rstrip(), f"  {' '.join(one.text.split())}"]
    if one.correction:
        lines.append(f"  -> {one.correction}")
    return "\n".join(line for line in lines if line.strip())


def _read(file: Path) -> str:
    try:
        raw = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as error:
        raise BadInput(
            f"{file} cannot be read ({error.strerror}): name a text file, or - for standard input"
        ) from error
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput(f"{file} is not UTF-8 text (byte {error.start}): save it as UTF-8") from None
