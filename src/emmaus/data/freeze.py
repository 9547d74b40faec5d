"""Freeze: from everything that may be learned, an immutable dataset with the reason for each conversation left out."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Literal

from emmaus.chat import Scene, render_whole
from emmaus.data.filters import (
    Candidate,
    Filtered,
    consented,
    distinct,
    in_character,
    run_filters,
    scored,
    unseen,
    wanted,
)
from emmaus.errors import TooFewExamples
from emmaus.feedback import LIKED, allows
from emmaus.store import Store
from emmaus.types import Conversation, Dataset, Example, Json, Rating, Scope, Score, Source, Turn, digest

MINIMUM_EXAMPLES = 20
"""Fewer teach a voice nothing that a prompt does not say, and leave no validation split to stop on."""
VALIDATION = 0.1
"""Share of the conversations that is held out to stop the training in time."""


def freeze(
    store: Store,
    scene: Scene,
    *,
    minimum: float = 0.7,
    synthetic: float = 1.0,
    seed: int = 0,
    clock: Callable[[], float] = time.time,
) -> Dataset:
    """Freeze the usable conversations of one character into an immutable dataset.

    Only conversations whose speaker consents to training *now*, scored at least `minimum` (0..1) or validated by a
    person, and sharing no question with any probe of the pack. At most `synthetic` synthetic conversations enter for
    each one that people wrote, the best first, so that a character is never learned mainly from itself.
    The report keeps every rejection with its rule. The same content frozen again is the same dataset.

    Raises:
        TooFewExamples: fewer than `MINIMUM_EXAMPLES` remain.
    """
    slug = scene.character.slug
    store.add_all(scene.pack.starters(slug))
    kept = run_filters(
        _candidates(store, slug),
        [
            consented(store.consents()),
            in_character(),
            wanted(),
            scored(minimum),
            unseen(probe for other in scene.pack.characters for probe in scene.pack.probes(other)),
            distinct(),
        ],
    )
    chosen = _mixed(kept.selected, synthetic)
    if len(chosen) < MINIMUM_EXAMPLES:
        raise TooFewExamples(
            f"only {len(chosen)} conversations of {slug} can be learned from, training needs at least "
            f"{MINIMUM_EXAMPLES}: generate more with: emmaus generate {slug} -n 100"
        )
    held = _held_out(chosen, seed)
    examples = tuple(_example(scene, c, "validation" if c.conversation.id in held else "train") for c in chosen)
    content = digest(examples)
    report = _report(kept, chosen, examples)
    parents = tuple(candidate.conversation.id for candidate in chosen)
    return store.add(Dataset(f"d{content}", slug, content, examples, report, seed, parents, clock()))


def still_allowed(store: Store, dataset: Dataset, scope: Scope) -> tuple[Example, ...]:
    """The examples of a frozen dataset that may be used for `scope` now: consent can have been withdrawn since."""
    consents = store.consents()
    people = store.find(Conversation, character=dataset.character, source=Source.PERSON)
    allowed = {conversation.id for conversation in people if allows(conversation, scope, consents)}
    return tuple(e for e in dataset.examples if e.source is not Source.PERSON or e.conversation in allowed)


def _candidates(store: Store, slug: str) -> list[Candidate]:
    """Conversations of a character, the ones that people wrote first: they are the twins that others repeat."""
    conversations = store.find(Conversation, character=slug)
    turns = [turn.id for conversation in conversations for turn in conversation.turns]
    scores, ratings = store.scores(turns), store.ratings(turns)
    order = [Source.AUTHORED, Source.PERSON, Source.IMPORTED, Source.SCRIPTURE, Source.SYNTHETIC]
    conversations.sort(key=lambda conversation: order.index(conversation.source))
    return [_candidate(conversation, scores, ratings) for conversation in conversations]


def _candidate(
    conversation: Conversation, scores: dict[str, list[Score]], ratings: dict[str, list[Rating]]
) -> Candidate:
    if conversation.source is Source.AUTHORED:
        return Candidate(conversation, 1.0, validated=True)
    latest = {turn.id: ratings[turn.id][0] for turn in conversation.turns if ratings.get(turn.id)}
    corrected = replace(conversation, turns=tuple(_corrected(turn, latest.get(turn.id)) for turn in conversation.turns))
    values = [_quality(turn, scores.get(turn.id, []), latest.get(turn.id)) for turn in conversation.turns]
    known = [value for value in values if value is not None]
    quality = min(known) if len(known) == len(values) else None
    liked = [r for r in latest.values() if r.value == 1 or r.correction]
    objections = [r for r in latest.values() if (r.value == -1 or r.flag) and not r.correction]
    objection = f"its speaker {'flagged' if objections[0].flag else 'disliked'} an answer" if objections else ""
    if liked and not objections:
        quality = max(quality or 0.0, LIKED)
    return Candidate(corrected, quality, bool(liked) and not objections, objection)


def _corrected(turn: Turn, rating: Rating | None) -> Turn:
    return replace(turn, answer=rating.correction) if rating and rating.correction else turn


def _quality(turn: Turn, scores: Sequence[Score], rating: Rating | None) -> float | None:
    if rating and (rating.value == 1 or rating.correction):
        return LIKED
    return next((score.value for score in scores if score.value is not None), None)


def _mixed(selected: Sequence[Candidate], share: float) -> list[Candidate]:
    people = [c for c in selected if c.conversation.source is not Source.SYNTHETIC]
    machine = [c for c in selected if c.conversation.source is Source.SYNTHETIC]
    machine.sort(key=lambda candidate: (-(candidate.quality or 0.0), candidate.conversation.id))
    most = round(share * len(people)) if people else len(machine)
    return people + machine[:most]


def _held_out(chosen: Sequence[Candidate], seed: int) -> set[str]:
    """Ids of the validation split, drawn from what people wrote: the voice that is to be met."""
    people = [c.conversation.id for c in chosen if c.conversation.source is not Source.SYNTHETIC]
    pool = people if len(people) >= MINIMUM_EXAMPLES else [c.conversation.id for c in chosen]
    return set(sorted(pool, key=lambda key: digest([seed, key]))[: max(2, round(VALIDATION * len(pool)))])


def _example(scene: Scene, candidate: Candidate, split: Literal["train", "validation"]) -> Example:
    conversation = candidate.conversation
    messages = render_whole(scene.character, scene.staged(conversation))
    quality = round(candidate.quality if candidate.quality is not None else 0.0, 4)
    slug = conversation.character
    return Example(conversation.id, slug, messages, quality, candidate.validated, conversation.source, split)


def _report(kept: Filtered, chosen: Sequence[Candidate], examples: Sequence[Example]) -> dict[str, Json]:
    counts: dict[str, int] = {}
    for example in examples:
        counts[example.source] = counts.get(example.source, 0) + 1
    left = len(kept.selected) - len(chosen)
    return {**kept.report(), "sources": counts, "left_out_by_mix": left}
