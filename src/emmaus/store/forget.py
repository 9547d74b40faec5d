"""Forgetting a person: their words leave every table, and then the file."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Select, delete, select, update

from emmaus.errors import StoreError
from emmaus.store.conversations import in_portions
from emmaus.store.database import in_words, queued
from emmaus.store.ledger import names
from emmaus.store.schema import (
    conversations,
    datasets,
    drafts,
    preferences,
    ratings,
    rejections,
    reviews,
    turns,
    vectors,
)

LONG = 16
"""Characters from which a text is looked for inside longer ones; a shorter one ("Why?") must be the whole."""


@dataclass(frozen=True, slots=True)
class Words:
    """What a person said, and what was said to them: ids of conversations and turns, and the texts."""

    conversations: frozenset[str]
    ids: frozenset[str]
    """Of conversations and turns."""
    texts: frozenset[str]
    corrections: frozenset[str]
    """Answers that the person wrote, which stand in datasets in place of somebody else's."""
    heads: Mapping[str, Sequence[str]]
    """The long texts by their first `LONG` characters: a field is gone through once, however many texts there are."""

    def stand_in(self, *fields: str | None) -> bool:
        """Whether one of the texts is one of these, or a long one is part of one, up to spaces and capitals."""
        given = [_even(field) for field in fields if field]
        if not self.texts.isdisjoint(given):
            return True
        return any(map(self._within, given))

    def _within(self, field: str) -> bool:
        if not self.heads:
            return False
        places = range(len(field) - LONG + 1)
        return any(field.startswith(text, at) for at in places for text in self.heads.get(field[at : at + LONG], ()))


def words_of(
    texts: frozenset[str],
    conversations: frozenset[str] = frozenset(),
    ids: frozenset[str] = frozenset(),
    corrections: frozenset[str] = frozenset(),
) -> Words:
    """Make words that can be looked for quickly; texts and corrections are even already."""
    heads: dict[str, list[str]] = {}
    for text in texts:
        if len(text) >= LONG:
            heads.setdefault(text[:LONG], []).append(text)
    return Words(conversations, ids, texts, corrections, heads)


def forget(connection: Connection, subject: str) -> int:
    """Delete what this person said and every trace of its text; how many conversations went.

    Their conversations and what was derived from those (named as a parent), with turns, scores, ratings and reviews;
    the ratings that they gave, with the vectors that were made of their corrections; their words where a reviewer wrote
    them down of somebody else's turn; rejections that hold the text; the examples in datasets. Kept: the consent
    ledger, and the ids in the lineage of datasets, by which the adapters that learned from it are found.
    """
    words = _words(connection, subject)
    _clean(connection, words)
    rated = select(ratings.c.turn).where(ratings.c.subject == subject)
    connection.execute(delete(vectors).where(vectors.c.turn.in_(rated)))
    for given in (ratings, preferences, drafts):
        connection.execute(delete(given).where(given.c.subject == subject))
    return _delete(connection, words)


def forget_one(connection: Connection, conversation: str) -> int:
    """Delete one conversation, what was derived from it, and every trace of their text; how many conversations went.

    What is deleted and what is kept of it is as in `forget`. With its turns goes what anybody said of them.
    """
    found, ids, texts = _spoken(connection, conversations.c.id == conversation)
    corrections = set[str]()
    for portion in in_portions(ids):
        said = select(ratings.c.reason, ratings.c.correction).where(ratings.c.turn.in_(portion))
        corrections |= _written(connection, said, texts)
    words = _worded(found, ids, texts, corrections)
    _clean(connection, words)
    for portion in in_portions(found):
        connection.execute(delete(drafts).where(drafts.c.conversation.in_(portion)))
    return _delete(connection, words)


def _clean(connection: Connection, words: Words) -> None:
    _delete_rejections(connection, words)
    _clean_reviews(connection, words)
    _clean_datasets(connection, words)


def _delete(connection: Connection, words: Words) -> int:
    for ids in in_portions(words.conversations):
        connection.execute(delete(conversations).where(conversations.c.id.in_(ids)))
    return len(words.conversations)


def empty(folder: Path) -> None:
    """Delete the files of a folder, if it exists.

    Raises:
        StoreError: one of them cannot be deleted.
    """
    try:
        for file in folder.iterdir() if folder.is_dir() else ():
            file.unlink(missing_ok=True)
    except OSError as error:
        raise StoreError(
            f"what was forgotten may still stand in {folder} ({error.strerror}): delete the files there, "
            "then forget again"
        ) from error


def wipe(engine: Engine) -> None:
    """Write the file anew without what was deleted, and empty its write-ahead log.

    `secure_delete` overwrites a deleted row, but not the copies that stay behind where rows once moved between pages.

    Raises:
        StoreError: it did not come to an end; the rows are deleted all the same.
    """
    with queued(engine), in_words(engine):
        connection = engine.raw_connection()
        try:
            cursor = connection.cursor()
            cursor.execute("VACUUM")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            busy, *_ = cursor.fetchone() or (0,)
        finally:
            connection.close()
    if busy:
        raise StoreError(
            f"what was forgotten still stands in {engine.url.database}-wal, because another process is reading: "
            "end that process, then forget again"
        )


def _words(connection: Connection, subject: str) -> Words:
    found, ids, texts = _spoken(connection, conversations.c.subject == subject)
    written = select(ratings.c.reason, ratings.c.correction).where(ratings.c.subject == subject)
    return _worded(found, ids, texts, _written(connection, written, texts))


def _spoken(connection: Connection, which: ColumnElement[bool]) -> tuple[set[str], set[str], set[str]]:
    """Find the ids of these conversations and of those that were derived from them, their turns' too, and the texts."""
    found: set[str] = set()
    new = set(connection.scalars(select(conversations.c.id).where(which)))
    while new:
        found |= new
        new = set(_derived(connection, new)) - found
    ids, texts = set(found), set[str]()
    spoken = select(turns.c.id, turns.c.question, turns.c.answer).join(conversations)
    for portion in in_portions(found):
        for turn, question, answer in connection.execute(spoken.where(conversations.c.id.in_(portion))):
            ids.add(turn)
            texts |= {question, answer}
    return found, ids, texts


def _written(connection: Connection, written: Select[Any], texts: set[str]) -> set[str]:
    """Add reasons and corrections to the texts, and give the corrections."""
    corrections = set[str]()
    for reason, correction in connection.execute(written):
        texts |= {reason, correction or ""}
        corrections.add(_even(correction or ""))
    return corrections


def _worded(found: set[str], ids: set[str], texts: set[str], corrections: set[str]) -> Words:
    every = frozenset(filter(None, map(_even, texts)))
    return words_of(every, frozenset(found), frozenset(ids), frozenset(filter(None, corrections)))


def _derived(connection: Connection, parents: Iterable[str]) -> Iterator[str]:
    derived = select(conversations.c.id).where(conversations.c.parents.is_not(None))
    for ids in in_portions(parents):
        yield from connection.scalars(derived.where(names(conversations.c.parents, ids)))


def _delete_rejections(connection: Connection, words: Words) -> None:
    columns = rejections.c
    rows = connection.execute(select(columns.key, columns.twin, columns.question, columns.answer, columns.evidence))
    gone = [key for key, twin, *fields in rows if twin in words.ids or words.stand_in(*fields)]
    for keys in in_portions(gone):
        connection.execute(delete(rejections).where(columns.key.in_(keys)))


def _clean_reviews(connection: Connection, words: Words) -> None:
    """Let no reviewer's words hold the person's. An edited answer in them goes, and so its turn waits for review."""
    for key, correction, reasons in connection.execute(select(reviews.c.key, reviews.c.correction, reviews.c.reasons)):
        clean = _without(reasons, words)
        if words.stand_in(correction):
            connection.execute(delete(reviews).where(reviews.c.key == key))
        elif clean != reasons:
            connection.execute(update(reviews).where(reviews.c.key == key).values(reasons=clean))


def _clean_datasets(connection: Connection, words: Words) -> None:
    for key in connection.scalars(select(datasets.c.key)).all():
        statement = select(datasets.c.examples, datasets.c.report).where(datasets.c.key == key)
        examples, report = connection.execute(statement).one()
        left = [
            example
            for example in examples
            if example["conversation"] not in words.conversations
            and not any(_even(message["content"]) in words.corrections for message in example["messages"])
        ]
        clean = _without(report, words)
        if len(left) < len(examples) or clean != report:
            values = {"examples": left, "report": clean}
            connection.execute(update(datasets).where(datasets.c.key == key).values(values))


def _without(value: Any, words: Words) -> Any:
    """Return the same JSON with an empty string for each that holds the words."""
    if isinstance(value, str):
        return "" if words.stand_in(value) else value
    if isinstance(value, list):
        return [_without(item, words) for item in value]
    if isinstance(value, dict):
        return {key: _without(item, words) for key, item in value.items()}
    return value


def _even(text: str) -> str:
    return " ".join(text.casefold().split())
