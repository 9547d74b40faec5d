"""An answer as it comes, in the form a reader may see: what a pointer or a quotation says is shown when it is whole."""

from collections.abc import Callable, Iterable, Iterator

LONGEST_POINTER = 64
"""Characters after which an open bracket is no pointer any more."""
LONGEST_QUOTATION = 300
"""Characters after which an open quotation mark is not waited for any more."""


def readable(pieces: Iterable[str], read: Callable[[str], str]) -> Iterator[str]:
    """Pass pieces on as `read` (insertion, repair) shows them; what is still open is held back until it closes."""
    raw = told = ""
    for piece in pieces:
        raw += piece
        if piece.strip():
            now = read(settled(raw))
            if now.startswith(told) and now != told:
                yield now[len(told) :]
                told = now
    whole = read(raw)
    yield whole[_common(told, whole) :]


def settled(raw: str) -> str:
    """Return the beginning of an unfinished answer that what comes can no longer change."""
    end = len(raw)
    bracket = raw.rfind("[")
    if bracket > raw.rfind("]") and end - bracket <= LONGEST_POINTER:
        end = bracket
    quote = _open_quote(raw[:end])
    if quote is not None and end - quote <= LONGEST_QUOTATION:
        end = quote
    # The last word may still grow, and a blank before a pointer to nowhere goes with it.
    words = raw[:end].rstrip() if end < len(raw) else raw[:end].rstrip().rpartition(" ")[0]
    return words.rstrip()


def wrapped(pieces: Iterable[str], width: int) -> Iterator[str]:
    """Break lines between words, as they come, so that a terminal does not break them within."""
    column, word = 0, ""

    def placed() -> str:
        nonlocal column, word
        text = word
        if column and column + len(word.rstrip("\n")) >= width:
            text, column = "\n" + word.lstrip(" "), 0
        column = 0 if word.endswith("\n") else column + len(text.lstrip("\n"))
        word = ""
        return text

    for piece in pieces:
        for letter in piece:
            if letter == " " and word:
                yield placed()
            word += letter
            if letter == "\n":
                yield placed()
    if word:
        yield placed()


def _open_quote(text: str) -> int | None:
    opened: int | None = None
    for at, letter in enumerate(text):
        if letter == "\u201c" or (letter == '"' and opened is None):
            opened = at
        elif letter in '"\u201d':
            opened = None
    return opened


def _common(first: str, second: str) -> int:
    return next((at for at, pair in enumerate(zip(first, second, strict=False)) if len(set(pair)) > 1), len(first))
