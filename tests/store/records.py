"""Strategies that make any record, and a few plain ones for examples."""

import itertools
from collections.abc import Mapping

from hypothesis import strategies as st

from emmaus.store import policy
from emmaus.types import (
    Account,
    Adapter,
    ApiKey,
    AuditEvent,
    ConsentEvent,
    Conversation,
    Dataset,
    Decision,
    Deployment,
    Difference,
    Draft,
    Evaluation,
    Example,
    Invitation,
    Job,
    Message,
    Preference,
    Rating,
    Rejection,
    Review,
    Sample,
    Scope,
    Score,
    Session,
    Source,
    Turn,
)

count = itertools.count(10**9)
# Never the same twice, not even in a replay: the properties share one store.
ids = st.builds(lambda: f"id-{next(count)}")
numbers = st.floats(allow_nan=False, allow_infinity=False)
whole = st.integers(-(2**63), 2**63 - 1)
words = st.text(max_size=30)
maybe = st.none() | words
several = st.lists(words, max_size=3).map(tuple)
leaves = st.none() | st.booleans() | st.integers() | numbers | words
jsons = st.recursive(leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3))
reports: st.SearchStrategy[Mapping[str, object]] = st.dictionaries(words, jsons, max_size=3)
values = st.dictionaries(words, numbers, max_size=3)


def tuples(kind, **fields):
    return st.lists(st.builds(kind, **fields), max_size=3).map(tuple)


turns = st.lists(
    st.builds(Turn, id=ids, passages=several, created_at=numbers), max_size=4, unique_by=lambda turn: turn.id
).map(tuple)
conversations = st.builds(Conversation, id=ids, turns=turns, parents=several, created_at=numbers)
differences = tuples(Difference, n=whole, incumbent=numbers, candidate=numbers, mean=numbers, low=numbers, high=numbers)

free = st.one_of(
    conversations,
    st.builds(ConsentEvent, id=ids, scopes=st.frozensets(st.sampled_from(Scope)), at=numbers),
    st.builds(Rejection, id=ids),
    st.builds(
        Dataset,
        id=ids,
        examples=tuples(Example, messages=tuples(Message), quality_score=numbers),
        report=reports,
        seed=whole,
        parents=several,
        created_at=numbers,
    ),
    st.builds(
        Adapter,
        id=ids,
        character=ids,
        version=whole,
        recipe=reports,
        files=st.dictionaries(words, words),
        metrics=reports,
        created_at=numbers,
    ),
    st.builds(
        Evaluation,
        id=ids,
        samples=tuples(Sample, metrics=values),
        differences=differences,
        regressions=differences,
        decision=st.builds(Decision, reasons=several),
        created_at=numbers,
    ),
    st.builds(Deployment, id=ids, adapter=st.none(), evaluation=st.none(), replaced=st.none(), at=numbers),
    st.builds(Job, id=ids, request=reports, done=whole, total=whole, created_at=numbers, values=values),
    st.builds(Draft, id=ids, at=numbers),
    st.builds(Account, id=ids, name=ids, subject=ids, provider=st.none() | ids, created_at=numbers),
    st.builds(Session, id=ids, account=st.none(), created_at=numbers, seen_at=numbers, expires_at=numbers),
    st.builds(Invitation, id=ids, created_at=numbers, expires_at=numbers, used_by=st.none()),
    st.builds(ApiKey, id=ids, account=st.none(), created_at=numbers, used_at=st.none(), revoked_at=st.none()),
    st.builds(AuditEvent, id=ids, at=numbers),
)
"""Every kind that can stand alone."""


def said_of(turn):
    """Ratings and scores of one turn."""
    return st.one_of(
        st.builds(Rating, id=ids, turn=st.just(turn), at=numbers, reasons=several),
        st.builds(Score, id=ids, turn=st.just(turn), criteria=values, value=st.none() | numbers, findings=several),
        st.builds(Review, id=ids, turn=st.just(turn), reasons=several, at=numbers),
        st.builds(Preference, id=ids, turn=st.just(turn), other=st.just(turn), at=numbers),
    )


def turn(id="turn-1", question="Were you never afraid?", answer="More often than my songs admit.", **more):
    return Turn(id, question, answer, **more)


def conversation(id="conversation-1", *turns, subject=None, source=Source.SYNTHETIC, **more):
    return Conversation(id, "david", source, turns or (turn(f"{id}-turn"),), subject=subject, **more)


def dataset(id="dataset-1", conversations=(), report=None):
    examples = tuple(
        Example(
            item.id,
            "david",
            tuple(
                Message(role, text)
                for said in item.turns
                for role, text in (("user", said.question), ("assistant", said.answer))
            ),
            0.9,
            True,
            item.source,
            "train",
        )
        for item in conversations
    )
    return Dataset(id, "david", "hash", examples, report or {}, 0, tuple(item.id for item in conversations))


def adapter(id="adapter-1", version=1, dataset="dataset-1"):
    return Adapter(id, "david", version, "base", {"r": 16}, dataset, "hash", "folder", "a.gguf", {}, {"loss": 1.5})


def consent(id, subject, *scopes):
    return ConsentEvent(id, subject, frozenset(scopes), policy()[1], 0.0)
