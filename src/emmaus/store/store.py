"""The store: what every room reads from and writes to."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import Any, Concatenate, ParamSpec, Self, TypeVar

from sqlalchemy import Connection, Engine, delete, func, select, update

from emmaus.errors import BadInput, NotFound
from emmaus.store import drafting, facts, forget, ledger, listing, past, reviewing
from emmaus.store.codec import Changing, Record, RecordT, name_of, table_of
from emmaus.store.conversations import append, replace_turns
from emmaus.store.database import in_words, noting, reading, writing
from emmaus.store.rows import add_record, change, conditions, insert_records, missing, select_records
from emmaus.store.schema import turns
from emmaus.types import Conversation, Dataset, Deployment, Draft, Rating, Review, Scope, Score, Turn

Asked = ParamSpec("Asked")
Answer = TypeVar("Answer")
_PACK_OF = "pack of "
"""Before a character's name: the key of the pack that it is of, here."""
SHORTEST_PREFIX = 6
"""Characters of an id that are enough to name it, where nothing else begins with them."""


class Store:
    """All records of one home. Threads and processes may share it; each call is one transaction.

    Every method raises StoreError, in one sentence with the fix, when the file cannot be read or written.
    """

    def __init__(self, home: Path, engine: Engine) -> None:
        self.home = home
        self._engine = engine

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; a closed store opens it again when it is used."""
        with in_words(self._engine):
            self._engine.dispose()

    def add(self, record: RecordT) -> RecordT:
        """Keep a record. One whose id is known already is left as it was stored, and returned so."""
        with self._writing() as connection:
            return add_record(connection, record)

    def freeze(self, dataset: Dataset, since: str | None) -> Dataset:
        """Keep a dataset as `add` does, made of what was read after `meta(FORGOTTEN)` was `since`.

        Raises:
            NotConsented: somebody deleted their words meanwhile, which may stand in it.
        """
        with self._writing() as connection:
            facts.require_unforgotten(connection, since)
            return add_record(connection, dataset)

    def add_all(self, records: Iterable[Record]) -> None:
        """Keep all of these records, or, when one cannot be kept, none. They may come in any order."""
        given = list(records)
        if given:
            with self._writing() as connection:
                insert_records(connection, given)

    def get(self, kind: type[RecordT], id: str) -> RecordT:
        """Return the record with this id, or the only one whose id begins with it (6 characters or more).

        Raises:
            NotFound: there is none.
            BadInput: several ids begin so.
        """
        column = table_of(kind).c.id
        with self._reading() as connection:
            found = select_records(connection, kind, column == id)
            if not found and len(id) >= SHORTEST_PREFIX:
                ids = connection.scalars(select(column).where(column >= id, column < id + "\U0010ffff").limit(3)).all()
                if len(ids) > 1:
                    raise BadInput(
                        f"several {name_of(kind)}s begin with {id!r} ({', '.join(ids)}): give more of the id"
                    )
                found = select_records(connection, kind, column == ids[0]) if ids else []
            if not found:
                raise NotFound(missing(connection, kind, id))
        return found[0]

    def find(self, kind: type[RecordT], *, last: int | None = None, **equals: Any) -> list[RecordT]:
        """Return the records whose fields equal these, in the order in which they were added.

        Args:
            kind: The record's class.
            last: Only so many, the newest.
            equals: Field names and values; None finds records without a value there.

        Raises:
            TypeError: a field by which this kind cannot be found.
        """
        with self._reading() as connection:
            return select_records(connection, kind, *conditions(kind, equals), last=last)

    def count(self, kind: type[Record], **equals: Any) -> int:
        """How many records `find` would return."""
        statement = select(func.count()).select_from(table_of(kind)).where(*conditions(kind, equals))
        with self._reading() as connection:
            return connection.scalar(statement) or 0

    def ask(
        self, question: Callable[Concatenate[Connection, Asked], Answer], *given: Asked.args, **named: Asked.kwargs
    ) -> Answer:
        """Ask one of the questions of `counting`, `reviewing` or `ledger`, in one transaction."""
        with self._reading() as connection:
            return question(connection, *given, **named)

    def holds(self, turn_id: str) -> bool:
        """Whether this turn is stored, in whichever conversation."""
        with self._reading() as connection:
            return connection.scalar(select(turns.c.key).where(turns.c.id == turn_id)) is not None

    def conversation_of(self, turn_id: str) -> Conversation | None:
        """Return the conversation that this turn is stored in."""
        with self._reading() as connection:
            return listing.conversation_of(connection, turn_id)

    def listed(
        self, kind: type[RecordT], last: int, *, before: int | None = None, text: str = "", **equals: Any
    ) -> list[tuple[int, RecordT]]:
        """Return a page of what `find` finds, newest first, each with its place, `before` which the next page begins.

        With a `text` only conversations in whose name or words it stands; small and capital ASCII letters are one.
        """
        with self._reading() as connection:
            return listing.listed(connection, kind, last, before, text, *conditions(kind, equals))

    def scores(self, turn_ids: Iterable[str]) -> dict[str, list[Score]]:
        """Return the scores of each of these turns, latest first."""
        with self._reading() as connection:
            return ledger.verdicts(connection, Score, turn_ids)

    def ratings(self, turn_ids: Iterable[str]) -> dict[str, list[Rating]]:
        """Return the ratings of each of these turns, latest first."""
        with self._reading() as connection:
            return ledger.verdicts(connection, Rating, turn_ids)

    def reviews(self, turn_ids: Iterable[str]) -> dict[str, list[Review]]:
        """Return what reviewers decided about each of these turns, latest first; the latest holds."""
        with self._reading() as connection:
            return ledger.verdicts(connection, Review, turn_ids)

    def decide(self, review: Review, version: str) -> bool:
        """Keep a review, if its turn may be reviewed now and nobody decided since this version (the latest review)."""
        with self._writing() as connection:
            return reviewing.decide(connection, review, version)

    def consent(self, subject: str) -> frozenset[Scope]:
        """Return what this person allows now: nothing who never answered, or agreed to other words than today's."""
        with self._reading() as connection:
            return ledger.consent(connection, subject)

    def consents(self) -> dict[str, frozenset[Scope]]:
        """Return what everybody who ever answered allows now."""
        with self._reading() as connection:
            return ledger.consents(connection)

    def liked(self, character: str, embedder: str, after: int = 0) -> list[past.Liked]:
        """Return the turns of people with a character that ratings after this one liked or corrected, in that order."""
        with self._reading() as connection:
            return past.liked(connection, character, embedder, after)

    def usable(self, turn_ids: Iterable[str]) -> dict[str, past.PastTurn]:
        """Return those of these turns that may be an example for others now: allowed, liked or corrected."""
        with self._reading() as connection:
            return past.usable(connection, turn_ids)

    def keep_vectors(self, embedder: str, packed: Mapping[past.PastTurn, bytes]) -> frozenset[str]:
        """Keep vectors of turns that are still as `usable` gave them, and say of which; they go with their turn."""
        with self._writing() as connection:
            return past.keep_vectors(connection, embedder, packed)

    def deploy(self, deployment: Deployment, *beside: Record) -> Deployment | None:
        """Keep a deployment and what is beside it; None, and nothing is, where another than it replaces is in force."""
        with self._writing() as connection:
            theirs = conditions(Deployment, {"character": deployment.character})
            newest = select_records(connection, Deployment, *theirs, last=1)
            if (newest[0].id if newest else None) not in (deployment.replaced, deployment.id):
                return None
            insert_records(connection, [deployment, *beside])
            return select_records(connection, Deployment, table_of(Deployment).c.id == deployment.id)[0]

    def append_turn(
        self, conversation_id: str, turn: Turn, *, instead_of: Iterable[str] = (), replaced_by: str | None = None
    ) -> Conversation:
        """Add a turn to a conversation, and return the whole of it.

        Args:
            conversation_id: Where it goes.
            turn: A turn that the conversation has already is left as it is.
            instead_of: Turns whose place it takes; they stay for what was said of them.
            replaced_by: The turn that stands in its place from the start: it is kept to be compared with that one.

        Raises:
            NotFound: there is no such conversation.
        """
        with self._writing() as connection:
            append(connection, conversation_id, turn)
            replace_turns(connection, instead_of, turn.id)
            replace_turns(connection, [turn.id] if replaced_by else [], replaced_by or "")
            return select_records(connection, Conversation, table_of(Conversation).c.id == conversation_id)[0]

    def update(self, record: Changing, *beside: Record, **expected: Any) -> bool:
        """Write how something stands now over what is stored under its id: a job, a draft, an account or its keys.

        Args:
            record: As it stands now. What a job is (kind, character, request) and when anything was made stays.
            beside: Records that are kept in the same breath, if it is written; what the audit log says of it, say.
            expected: Fields of the stored record, and what they must still be; where another process was faster,
                nothing is written.

        Returns:
            Whether it was written.
        """
        with self._writing() as connection:
            return change(connection, record, beside, expected)

    def note(self, record: Changing, **expected: Any) -> bool:
        """Write as `update` does what nobody misses (when a session was last seen, say), and wait for nobody.

        Raises:
            StoreError: somebody else writes at this moment, or nothing can be written.
        """
        with noting(self._engine) as connection:
            return change(connection, record, (), expected)

    def draft(self, drafts: Sequence[Draft], written: Collection[str]) -> frozenset[str]:
        """Keep answers on their way as they stand now; see `drafting.keep`."""
        with self._writing() as connection:
            return drafting.keep(connection, drafts, written)

    def remove(self, kind: type[Changing], **equals: Any) -> int:
        """Delete the records whose fields equal these, at least one of them; how many there were."""
        where = conditions(kind, equals)
        assert where, "this would delete everything of the kind"
        with self._writing() as connection:
            return connection.execute(delete(table_of(kind)).where(*where)).rowcount

    def rename(self, conversation_id: str, title: str) -> None:
        """Give a conversation the name that its speaker wants; "" is told by its first question again."""
        table = table_of(Conversation)
        statement = update(table).where(table.c.id == conversation_id).values(title=title or None)
        with self._writing() as connection:
            connection.execute(statement)

    def forget(self, subject: str) -> int:
        """Delete a person's conversations and every trace of their text, from the file too; how many there were.

        With them go turns, scores, ratings, rejections and dataset examples that hold the text. The consent ledger
        stays, and so do the ids in the lineage of datasets. The whole file is written anew, which needs as much free
        disk as it has bytes. The error logs of this home, which may hold words, are deleted.
        """
        return self._forgotten(lambda connection: forget.forget(connection, subject))

    def forget_one(self, conversation_id: str) -> int:
        """Delete one conversation with every trace of its text, as `forget` does; how many went, of it and out of it.

        What its speaker said of other conversations stays.
        """
        return self._forgotten(lambda connection: forget.forget_one(connection, conversation_id))

    def _forgotten(self, forgetting: Callable[[Connection], int]) -> int:
        with self._writing() as connection:
            forgotten = forgetting(connection)
            facts.note_forgotten(connection)
        forget.empty(self.home / "logs")
        forget.wipe(self._engine)
        return forgotten

    def meta(self, key: str) -> str | None:
        """Return a small fact about this installation; None where it was never settled."""
        with self._reading() as connection:
            return facts.fact(connection, key)

    def settle(self, key: str, value: str) -> None:
        """Settle a small fact about this installation, whatever it was before."""
        with self._writing() as connection:
            facts.settle(connection, key, value)

    def once(self, key: str, value: str) -> str:
        """Settle a small fact about this installation: `value`, unless it is settled already; what holds now."""
        if (settled := self.meta(key)) is not None:
            return settled
        with self._writing() as connection:
            return facts.once(connection, key, value)

    def claim(self, character: str, pack: str) -> None:
        """Note that what is kept of a character here is that of this pack, unless another's is."""
        self.once(_PACK_OF + character, pack)

    def pack_of(self, character: str) -> str | None:
        """Return the pack whose character of this name is kept here; None where nothing was kept yet."""
        return self.meta(_PACK_OF + character)

    def datasets_with(self, conversation_id: str) -> list[Dataset]:
        """Return the datasets that were frozen with this conversation, oldest first, whether or not it still exists."""
        with self._reading() as connection:
            ids = ledger.dataset_ids_with(connection, conversation_id)
            return [found for id in ids for found in select_records(connection, Dataset, table_of(Dataset).c.id == id)]

    def _reading(self) -> AbstractContextManager[Connection]:
        return reading(self._engine)

    def _writing(self) -> AbstractContextManager[Connection]:
        return writing(self._engine)
