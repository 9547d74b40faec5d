"""The migrations lead to the schema, the driver is sound, and the file is small."""

import json
from dataclasses import replace

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import select

from emmaus.store import open_store, schema
from emmaus.store.database import connect, driver, writing
from emmaus.store.doors import audit_events
from emmaus.store.migrate import MIGRATIONS, migrate
from emmaus.store.rows import conditions
from emmaus.types import AuditEvent, Conversation, Rating, Source, Turn, plain

from .records import conversation, turn


def test_the_migrations_make_the_tables_of_the_schema(store):
    with store._engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), schema.metadata) == []


def test_the_schema_is_that_of_the_last_migration():
    scripts = ScriptDirectory(MIGRATIONS)
    assert scripts.get_current_head() == schema.SCHEMA
    assert [script.revision for script in scripts.walk_revisions()] == ["0005", "0004", "0003", "0002", "0001"]
    assert not any(hasattr(script.module, "downgrade") for script in scripts.walk_revisions())


def test_a_store_of_the_first_schema_is_brought_up_with_all_it_holds(tmp_path, monkeypatch):
    monkeypatch.setattr("emmaus.store.migrate.SCHEMA", "0001")
    engine = connect(tmp_path / "emmaus.db")
    migrate(engine, tmp_path, 5)
    with writing(engine) as connection:
        for row in (
            "origins VALUES (1, 'm', NULL, 'p')",
            "conversations (key, id, character, source, topic, created_at) VALUES (1, 'c1', 'ruth', 'person', '', 2.0)",
            "turns VALUES (1, 't1', 1, 1, 'Why?', 'Because.', '[\"Psalm 23:1\"]', 3.0)",
            "ratings VALUES (7, 'r1', 't1', 'ann', 1, 'plain', 0, NULL, 4.0)",
        ):
            connection.exec_driver_sql(f"INSERT INTO {row}")
    engine.dispose()
    monkeypatch.undo()
    old = Turn("t1", "Why?", "Because.", ("Psalm 23:1",), None, "m", None, "p", created_at=3.0)
    new = replace(old, id="t2", recalled="c0")
    with open_store(tmp_path) as store:
        assert store.get(Conversation, "c1") == Conversation("c1", "ruth", Source.PERSON, (old,), created_at=2.0)
        assert store.ratings(["t1"]) == {"t1": [Rating("r1", "t1", "ann", 1, "plain", at=4.0)]}
        store.add(Rating("r2", "t1", "bob", 1))
        store.forget("bob")
        store.add(Rating("r3", "t1", "eve", 1))
        assert [rated.key for rated in store.liked("ruth", "words")] == [7, 9]
        store.append_turn("c1", new)
    with open_store(tmp_path) as store:
        assert store.get(Conversation, "c1").turns == (old, new)


def test_whoever_signs_in_does_not_wait_for_the_whole_audit_log(store):
    failed = conditions(AuditEvent, {"act": "sign-in failed", "object": "ann"})
    statement = select(audit_events).where(*failed).order_by(audit_events.c.key.desc()).limit(13)
    with store._engine.connect() as connection:
        text = str(statement.compile(store._engine, compile_kwargs={"literal_binds": True}))
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", ("sign-in failed", "ann"))
        steps = [row.detail for row in plan]
    assert steps == ["SEARCH audit_events USING INDEX ix_audit_events_object_act (object=? AND act=?)"]


def test_the_driver_has_no_wal_reset_bug(store):
    assert driver.sqlite_version_info >= (3, 51, 3)
    with store._engine.connect() as connection:
        settings = [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "foreign_keys", "synchronous", "busy_timeout", "secure_delete")
        ]
    assert settings == ["wal", 1, 1, 15000, 1]


def test_conversations_take_no_more_room_than_twice_their_lines(store, home):
    talks = [
        conversation(
            f"{n:016x}",
            turn(
                f"{n + 7:016x}",
                f"What did you do when you were afraid of number {n}?",
                f"I counted my sheep until I came to {n}, and then I remembered whose they were. " * 3,
                passages=("Psalm 56:3", "Psalm 23:4"),
                model="SmolLM2-135M-Instruct:0123456789abcdef",
                prompt="0123456789abcdef",
                created_at=1.7e9 + n,
            ),
            topic="fear",
            job="0123456789abcdef",
            created_at=1.7e9 + n,
        )
        for n in range(3000)
    ]
    store.add_all(talks)
    store.close()
    lines = sum(len(json.dumps(plain(talk))) + 1 for talk in talks)
    assert (home / "emmaus.db").stat().st_size < lines
