"""What is kept of one person, and where it went: for the person alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from emmaus.store import Store, conversations, ledger
from emmaus.store.standing import standing
from emmaus.types import Adapter, ConsentEvent, Conversation, Draft, Json, Preference, Rating, Turn, plain


@dataclass(frozen=True, slots=True)
class Said:
    """What a person says of one answer in the end."""

    rating: Rating
    reasons: tuple[str, ...]
    """Each text that is kept of them, oldest first."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A conversation of a person, and what came of it."""

    conversation: Conversation
    replaced: tuple[Turn, ...]
    """Turns in whose place others stand: asked again, or in other words, or set beside another answer."""
    said: Mapping[str, Said]
    """What they say of its turns, by the turn's id."""
    datasets: tuple[str, ...]
    """Ids of the datasets that were frozen with it."""
    adapters: tuple[str, ...]
    """Ids of the adapters that learned from those."""


def mine(store: Store, subject: str, *, last: int | None = None) -> list[Kept]:
    """Return a person's conversations, newest first; `last` only so many."""
    kept = store.find(Conversation, last=last, subject=subject)[::-1]
    replaced = store.ask(conversations.replaced, [conversation.id for conversation in kept])
    turns = {c.id: (*c.turns, *replaced[c.id]) for c in kept}
    ratings = store.ratings(turn.id for every in turns.values() for turn in every)
    datasets = store.ask(ledger.lineage, [conversation.id for conversation in kept])
    learned = {id: [a.id for a in store.find(Adapter, dataset=id)] for found in datasets.values() for id in found}
    return [
        Kept(
            conversation,
            replaced[conversation.id],
            {t.id: said for t in turns[conversation.id] if (said := _said(ratings[t.id], subject))},
            tuple(datasets[conversation.id]),
            tuple(dict.fromkeys(adapter for id in datasets[conversation.id] for adapter in learned[id])),
        )
        for conversation in kept
    ]


def everything(store: Store, subject: str) -> dict[str, Json]:
    """Return all that is kept of a person as plain JSON, to be taken along."""
    return {
        "format": "emmaus-person-1",
        "subject": subject,
        "consent": plain(store.find(ConsentEvent, subject=subject)),
        "conversations": [
            {
                "conversation": plain(kept.conversation),
                "replaced": plain(kept.replaced),
                "datasets": list(kept.datasets),
                "adapters": list(kept.adapters),
            }
            for kept in mine(store, subject)
        ],
        "ratings": plain(store.find(Rating, subject=subject)),
        "preferences": plain(store.find(Preference, subject=subject)),
        "unfinished_answers": plain(store.find(Draft, subject=subject)),
    }


def _said(given: Sequence[Rating], subject: str) -> Said | None:
    """Merge a person's ratings of one turn, from all ratings of it, latest first."""
    own = [rating for rating in given if rating.subject == subject]
    reasons = dict.fromkeys(rating.reason for rating in reversed(own) if rating.reason)
    return next((Said(held, tuple(reasons)) for held in standing(own)), None)
