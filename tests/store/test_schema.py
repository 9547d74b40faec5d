"""The migrations lead to the schema, the driver is sound, and the file is small."""

import json

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from emmaus.store import schema
from emmaus.store.database import driver
from emmaus.store.migrate import MIGRATIONS
from emmaus.types import plain

from .records import conversation, turn


def test_the_migrations_make_the_tables_of_the_schema(store):
    with store._engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), schema.metadata) == []


def test_the_schema_is_that_of_the_last_migration():
    scripts = ScriptDirectory(MIGRATIONS)
    assert scripts.get_current_head() == schema.SCHEMA
    assert [script.revision for script in scripts.walk_revisions()] == ["0001"]
    assert not any(hasattr(script.module, "downgrade") for script in scripts.walk_revisions())


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
