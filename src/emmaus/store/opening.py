"""Opening the store of a home folder."""

from pathlib import Path

from emmaus.store.database import PATIENCE, connect
from emmaus.store.migrate import migrate
from emmaus.store.store import Store

FILE = "emmaus.db"


def open_store(home: Path, *, patience: float = PATIENCE) -> Store:
    """Open the store of a home folder, making both where they do not exist.

    Args:
        home: The data folder; a new one can be entered by its owner only.
        patience: Seconds to wait for another process that is writing.

    Raises:
        StoreError: the folder or the file cannot be used; the message says why and what mends it.
    """
    engine = connect(home / FILE, patience)
    try:
        migrate(engine, home, patience)
    except BaseException:
        engine.dispose()
        raise
    return Store(home, engine)
