"""Bring a database to the newest schema. Forward only; a database that is up to date costs one SELECT."""

from pathlib import Path

from sqlalchemy import Connection, Engine

from emmaus.errors import StoreError
from emmaus.store.database import in_words, reading, writing
from emmaus.store.lock import lock
from emmaus.store.schema import SCHEMA

MIGRATIONS = Path(__file__).parent / "migrations"


def migrate(engine: Engine, home: Path, patience: float) -> None:
    """Bring the database to `SCHEMA`, one process at a time; all of it happens or nothing.

    Raises:
        StoreError: the file is not a database of Emmaus, or a newer Emmaus wrote it.
        HomeBusy: another process has been migrating it for longer than `patience` seconds.
    """
    if _version(engine) == SCHEMA:
        return
    with lock(home, "migrate", wait=patience):
        version = _version(engine)
        if version > SCHEMA:
            raise StoreError(
                f"{engine.url.database} was written by a newer Emmaus (schema {version}, this one knows {SCHEMA}): "
                "upgrade with pip install -U emmaus"
            )
        with in_words(engine):
            connection = engine.raw_connection()
            try:
                connection.cursor().execute("PRAGMA journal_mode=WAL")
            finally:
                connection.close()
        with writing(engine) as transaction:
            _upgrade(transaction)


def _version(engine: Engine) -> str:
    """Return the schema that the file has; empty for a new file."""
    with reading(engine) as connection:
        tables = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'").scalars().all()
        if "alembic_version" in tables:
            return str(connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() or "")
    if tables:
        raise StoreError(
            f"{engine.url.database} is a database of another program: move it away, or choose another with --home"
        )
    return ""


def _upgrade(connection: Connection) -> None:
    # Alembic costs as much to import as all the rest of the store: only those who migrate pay for it.
    from alembic.config import Config
    from alembic.runtime.environment import EnvironmentContext
    from alembic.script import ScriptDirectory

    scripts = ScriptDirectory(MIGRATIONS)
    with EnvironmentContext(
        Config(), scripts, fn=lambda version, _: scripts._upgrade_revs(SCHEMA, version)
    ) as environment:
        environment.configure(connection=connection, transactional_ddl=True)
        environment.run_migrations()
