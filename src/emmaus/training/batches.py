"""How conversations are laid out for the model: no padding, and what they share is computed once.

A pack is one row: `[prefix][rest of 1][rest of 2]...`. All conversations of one character begin with the same system
prompt, so its tokens are the same, stand at the same positions and see the same past in each of them: their hidden
states are the same too. One copy is enough, forward and (since gradients add up) backward.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from emmaus.training.tokens import Tokens


@dataclass(frozen=True, slots=True)
class Pack:
    """Conversations that go through the model at once."""

    ids: tuple[int, ...]
    positions: tuple[int, ...]
    """Position of each token within its own conversation."""
    prefix: int
    """Length of the beginning that all share."""
    rests: tuple[int, ...]
    """Length of what follows it, per conversation."""
    sources: tuple[int, ...]
    """Indexes of the tokens whose next token is learned."""
    targets: tuple[int, ...]
    """The token to learn at each source."""
    full: int
    """Tokens of the conversations, each counted whole."""


def pack(group: Sequence[Tokens]) -> Pack:
    """Lay conversations out behind their longest common beginning.

    The beginning ends before anything that is learned, and before the last token, so that every learned token's source
    belongs to one conversation alone (the last shared token may be the source of several first answer tokens).
    """
    prefix = shared(group)
    ids = list(group[0].ids[:prefix])
    positions = list(range(prefix))
    sources: list[int] = []
    targets: list[int] = []
    for tokens in group:
        offset = len(ids) - prefix
        for place in range(prefix, len(tokens.ids)):
            if tokens.learn[place]:
                sources.append(place - 1 if place == prefix else offset + place - 1)
                targets.append(tokens.ids[place])
        ids.extend(tokens.ids[prefix:])
        positions.extend(range(prefix, len(tokens.ids)))
    rests = tuple(len(tokens.ids) - prefix for tokens in group)
    full = sum(len(tokens.ids) for tokens in group)
    return Pack(tuple(ids), tuple(positions), prefix, rests, tuple(sources), tuple(targets), full)


def shared(group: Sequence[Tokens]) -> int:
    """Length of the longest beginning that all have in common and in which nothing is learned."""
    first = group[0]
    limit = min(*(len(tokens.ids) - 1 for tokens in group), *(tokens.learn.index(True) for tokens in group))
    low = 0
    while low < limit and all(tokens.ids[low] == first.ids[low] for tokens in group):
        low += 1
    return low


def split(group: Sequence[Tokens], budget: int) -> list[Pack]:
    """Cut one batch into packs of at most `budget` tokens (a conversation longer than that goes alone).

    Conversations with the same beginning are laid side by side first, the longest before the shorter ones.
    """
    packs: list[Pack] = []
    waiting: list[Tokens] = []
    common = total = 0
    for tokens in sorted(group, key=_order):
        prefix = min(common, shared([waiting[0], tokens])) if waiting else shared([tokens])
        size = total + len(tokens.ids) - prefix * len(waiting)
        if waiting and size > budget:
            packs.append(pack(waiting))
            waiting, total, prefix = [], 0, shared([tokens])
        waiting.append(tokens)
        total += len(tokens.ids)
        common = prefix
    return [*packs, pack(waiting)]


def epoch(count: int, batch: int, seed: int, number: int) -> Iterator[list[int]]:
    """Yield the batches of one epoch as indexes, in an order that the seed and the epoch's number decide."""
    order = list(range(count))
    random.Random(f"{seed}/{number}").shuffle(order)
    for start in range(0, count, batch):
        yield order[start : start + batch]


def _opening(tokens: Tokens) -> tuple[int, ...]:
    return tokens.ids[: min(32, tokens.learn.index(True))]


def _order(tokens: Tokens) -> tuple[tuple[int, ...], int, tuple[int, ...]]:
    return _opening(tokens), -len(tokens.ids), tokens.ids
