"""Answers on their way, written down for the case that the program is killed: those of many readers in one breath."""

from collections.abc import Collection, Sequence

from sqlalchemy import Connection, bindparam, delete, select, update

from emmaus.store.codec import row
from emmaus.store.ledger import consent
from emmaus.store.rows import insert_records
from emmaus.store.schema import conversations, drafts
from emmaus.types import Draft, Scope


def keep(connection: Connection, given: Sequence[Draft], written: Collection[str]) -> frozenset[str]:
    """Keep drafts as they stand now; returns the ids of those that are kept.

    Those in `written` were kept before; one that was deleted meanwhile stays deleted. Of a person who does not allow to
    store anything (any more), and of a conversation that was deleted, none is kept, and what was kept goes.
    """
    allowed = {who for who in {draft.subject for draft in given} if Scope.STORE in consent(connection, who)}
    going_on = {draft.conversation for draft in given if draft.conversation}
    there = set(connection.scalars(select(conversations.c.id).where(conversations.c.id.in_(going_on))))
    kept = [
        draft for draft in given if draft.subject in allowed and (not draft.conversation or draft.conversation in there)
    ]
    standing = {draft.id for draft in kept}
    if lost := [draft.id for draft in given if draft.id not in standing and draft.id in written]:
        connection.execute(delete(drafts).where(drafts.c.id.in_(lost)))
    insert_records(connection, [draft for draft in kept if draft.id not in written])
    if again := [row(draft) for draft in kept if draft.id in written]:
        here = update(drafts).where(drafts.c.id == bindparam("its")).values(text=bindparam("now"), at=bindparam("then"))
        connection.execute(here, [{"its": one["id"], "now": one["text"], "then": one["at"]} for one in again])
    return frozenset(standing)
