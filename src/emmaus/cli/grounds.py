"""Commands about the ground that answers stand on: search the texts, verify quotations, look for danger."""

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from emmaus.cli.commands import command
from emmaus.cli.invocation import Invocation, words_alone
from emmaus.cli.lines import Answers, answer_lines
from emmaus.errors import BadInput

if TYPE_CHECKING:
    from emmaus.chat import Crisis
    from emmaus.grounding import Quotation
    from emmaus.packs import Corpus
    from emmaus.texts import Hit

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

    A place that TEXT names, such as "John 3:16", comes before all else, and then the verses in which its very words
    stand.

    With --json and no TEXT, lines {"id": ..., "text": ...} from standard input are answered one line each, as they
    come. A line that cannot be answered gets {"id": ..., "error": ...}, and the exit code is 1 in the end.
    """
    with invocation.parts() as home:
        from emmaus import texts

        def found(asked: list[str]) -> Iterator[Mapping[str, Any]]:
            for hits in texts.search(home, asked, k, character):
                yield {"passages": [{"osis": hit.osis, "score": round(hit.score, 6)} for hit in hits]}

        code = 0
        if text is None:
            code = _lines(invocation, found, texts.refused)
        elif invocation.json:
            invocation.write(next(found([text])))
        else:
            print(_verses(next(texts.search(home, [text], k, character)), home.corpus))
        for place in texts.nowhere(home, text or ""):
            print(f"(there is no {place} here: it was looked for as words)", file=sys.stderr)
        if said := words_alone(home.index.meaning):
            print(said, file=sys.stderr, flush=True)
    return code


def verify(
    invocation: Invocation,
    file: Annotated[
        Path | None,
        typer.Argument(metavar="FILE", help="A text file, or - for standard input.", show_default=False),
    ] = None,
) -> int:
    """Check the quotations of any text against the translations.

    Each is exact, normalised, partial, a paraphrase, altered, of a wrong reference, or nonexistent. The exit code is 1
    where one of the last three was found in FILE. With --json and no FILE, lines {"id": ..., "text": ...} from standard
    input are answered one line each, as they come, and the exit code is 0 whatever was found in them. A line that
    cannot be answered gets {"id": ..., "error": ...}, and only then the exit code is 1 in the end.
    """
    with invocation.parts() as home:
        from emmaus.texts import quotations

        if file is None:
            return _lines(invocation, lambda texts: (_plain(quotations(home, text)) for text in texts))
        found = quotations(home, _read(file))
        if invocation.json:
            invocation.write(_plain(found))
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

    If it does, what the program would answer is printed. With --json that is "answer", beside "crisis" and "kind"; with
    no TEXT, lines {"id": ..., "text": ...} from standard input are answered one line each, as they come, by
    {"id": ..., "crisis": ..., "kind": ...} alone. A line that cannot be answered gets {"id": ..., "error": ...}, and
    the exit code is 1 in the end.
    """
    from emmaus.chat import crises, help_text
    from emmaus.types import sound

    def found(texts: list[str]) -> Iterable[Mapping[str, Any]]:
        return map(_seen, crises([sound(text) for text in texts]))

    if text is None:
        return _lines(invocation, found)
    (crisis,) = crises([sound(text)])
    answer = help_text(crisis, invocation.helplines()) if crisis else None
    if invocation.json:
        invocation.write({**_seen(crisis), "answer": answer})
    else:
        print(answer or "no sign of a crisis")
    return 0


def _lines(invocation: Invocation, answers: Answers, refused: Callable[[str], str] = lambda _: "") -> int:
    if not invocation.json:
        raise BadInput("no text was given: name it, or add --json to read lines from standard input")
    return answer_lines(invocation, answers, refused)


def _seen(crisis: "Crisis | None") -> Mapping[str, Any]:
    return {"crisis": crisis is not None, "kind": crisis.kind if crisis else None}


def _verses(hits: "Sequence[Hit]", corpus: "Corpus") -> str:
    words, name = corpus.lines(), corpus.translation
    return "\n".join(f"{hit.reference} ({name})\n  {words[hit.reference]}" for hit in hits) or "no verse was found"


def _plain(found: "Sequence[Quotation]") -> Mapping[str, Any]:
    return {"quotations": [_fields(quotation) for quotation in found]}


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
