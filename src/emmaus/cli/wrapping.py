"""Lines of a terminal."""

from collections.abc import Iterable, Iterator


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
