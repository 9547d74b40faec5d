"""An answer as it comes, in the form a reader may see: what a pointer or a quotation says is shown when it is whole."""

import re
from collections.abc import Callable, Generator, Iterable

from emmaus.packs.pointers import LONGEST

LONGEST_QUOTATION = 300
"""Characters after which an open quotation mark is not waited for any more."""
NEARBY = 90
"""Characters within which a reference and the words that it is of can stand apart."""
_CITING = re.compile(
    r"[\"\u201c\u201d\u00ab\u00bb]|\d[:.]\d|(?<!\w)['\u2018]\w|\w['\u2019](?!\w)|\]|\d\b|^>", re.MULTILINE
)
_WORD = r"[^\W\d_]+(?:['\u2019-][^\W\d_]+)*[,.;:!?]?"
_PLAIN = re.compile(rf"{_WORD}(?: {_WORD})*")
"""Words and blanks: nothing that quotes, points or counts, so nothing that is shown otherwise than it was said."""
_DOUBLE = re.compile('["\u201c\u201d]')
_NAME = re.compile(r"[(\[]?(?:[^\s(\[]+\s+){0,4}[^\s(\[]*$")


def readable(pieces: Iterable[str], read: Callable[[str], str]) -> Generator[str, None, None]:
    """Pass pieces on as `read` (insertion, repair) shows them; what is still open is held back until it closes."""
    raw = told = ready = ""
    for piece in pieces:
        raw += piece
        if piece.strip():
            before, ready = ready, settled(raw)
            now = told if ready == before else _read(ready.lstrip(), read)
            if now.startswith(told) and now != told:
                yield now[len(told) :]
                told = now
    whole = read(raw)
    yield whole[_common(told, whole) :]


def _read(text: str, read: Callable[[str], str]) -> str:
    return text if _PLAIN.fullmatch(text) else read(text)


def settled(raw: str) -> str:
    """Return the beginning of an unfinished answer that what comes can no longer change."""
    end = len(raw)
    bracket = raw.rfind("[")
    if bracket > raw.rfind("]") and end - bracket <= LONGEST + 1:
        end = bracket
    quote = _open_quote(raw[:end])
    if quote is not None and end - quote <= LONGEST_QUOTATION:
        end = quote
    end = min(end, _clear(raw))
    # The last word may still grow, and a blank before a pointer to nowhere goes with it.
    words = raw[:end].rstrip() if end < len(raw) else raw[:end].rstrip().rpartition(" ")[0]
    return words.rstrip()


def _clear(raw: str) -> int:
    """Where the quotations and references begin that may still change with what comes; else the end."""
    end = len(raw)
    while True:
        recent = next(_CITING.finditer(raw, max(0, end - NEARBY), end), None)
        if recent is None:
            return end
        start = recent.start()
        if recent[0][0].isdigit():  # the name of the book stands before it
            start = _NAME.search(raw[: start + 1]).start()  # type: ignore[union-attr]
        opened = _open_quote(raw[:start])
        start = start if opened is None else min(start, opened)
        if start >= end or len(raw) - start > LONGEST_QUOTATION + 2 * NEARBY:
            return end
        end = start


def _open_quote(text: str) -> int | None:
    opened: int | None = None
    for mark in _DOUBLE.finditer(text):
        opens = mark[0] == "\u201c" or (mark[0] == '"' and opened is None)
        opened = mark.start() if opens else None
    return opened


def _common(first: str, second: str) -> int:
    return next((at for at, pair in enumerate(zip(first, second, strict=False)) if len(set(pair)) > 1), len(first))
