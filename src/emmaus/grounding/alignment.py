"""Pair the words of a quotation with those of a text, at least cost."""

import numpy as np

_INSERT, _CHANGE, _SKIP = 0.7, 1.0, 0.4


def align(wanted: list[str], have: list[str]) -> list[tuple[int | None, int | None]]:
    """Pair the words of a quotation with those of a text, at least cost; the text may begin and end anywhere.

    A pair without a first is a word left out, one without a second a word added.
    """
    numbers = {word: number for number, word in enumerate(dict.fromkeys(have))}
    text = np.array([numbers[word] for word in have])
    steps = np.arange(len(have) + 1) * _SKIP
    rows = [np.zeros(len(have) + 1)]
    for word in wanted:
        above = rows[-1]
        row = above + _INSERT
        row[1:] = np.minimum(row[1:], above[:-1] + np.where(text == numbers.get(word, -1), 0.0, _CHANGE))
        rows.append(np.minimum.accumulate(row - steps) + steps)
    q, t = len(wanted), int(rows[-1].argmin())
    pairs: list[tuple[int | None, int | None]] = []
    while q > 0:
        here = rows[q][t]
        if t > 0:
            cost = 0.0 if wanted[q - 1] == have[t - 1] else _CHANGE
            if abs(rows[q - 1][t - 1] + cost - here) < 1e-6:
                q, t = q - 1, t - 1
                pairs.append((q, t))
                continue
            if abs(rows[q][t - 1] + _SKIP - here) < 1e-6:
                t -= 1
                pairs.append((None, t))
                continue
        q -= 1
        pairs.append((q, None))
    return pairs[::-1]
