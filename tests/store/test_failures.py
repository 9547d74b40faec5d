"""Whatever is wrong with the file is said in one sentence that names it and the fix."""

import os
import shutil
import stat
import subprocess
import sys
import tempfile
import traceback
from pathlib import Path

import pytest
from sqlalchemy.exc import StatementError

from emmaus.errors import StoreError
from emmaus.store import open_store
from emmaus.store.database import driver
from emmaus.types import Conversation, Dataset, Rating

from .records import conversation, turn

NOBODY = 65534
SECRET = "my quetzal is ill"


def use(home, patience):
    with open_store(home, patience=patience) as store:
        store.add(conversation("one"))
        store.find(Conversation)


def refused(home, patience=0.2):
    """The sentence with which opening or using this home is refused."""
    with pytest.raises(StoreError) as caught:
        use(home, patience)
    sentence = str(caught.value)
    assert str(home) in sentence
    assert "\n" not in sentence
    assert "sqlalche" not in sentence
    return sentence


def test_a_new_home_belongs_to_its_owner_only(home):
    before = os.umask(0)
    try:
        open_store(home).close()
    finally:
        os.umask(before)
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert stat.S_IMODE((home / "emmaus.db").stat().st_mode) == 0o600


def test_a_newer_database_asks_for_an_upgrade(home):
    open_store(home).close()
    with driver.connect(home / "emmaus.db") as raw:
        raw.execute("UPDATE alembic_version SET version_num = '9001'")
    raw.close()
    assert "was written by a newer Emmaus (schema 9001, this one knows" in refused(home)
    assert "pip install -U emmaus" in refused(home)


def test_something_else_is_left_alone(home):
    home.mkdir()
    file = home / "emmaus.db"
    file.write_text("a letter to my mother, and no database\n" * 100)
    before = file.read_bytes()
    assert "is not a database of Emmaus: move it away" in refused(home)
    assert file.read_bytes() == before


def test_the_database_of_another_program_is_left_alone(home):
    home.mkdir()
    with driver.connect(home / "emmaus.db") as raw:
        raw.execute("CREATE TABLE recipes (name TEXT)")
    raw.close()
    assert "is a database of another program: move it away" in refused(home)


def test_a_damaged_file_asks_for_the_backup(home):
    with open_store(home) as store:
        store.add_all(conversation(f"c{n}", turn(f"t{n}", "why? " * 99)) for n in range(200))
    file = home / "emmaus.db"
    whole = file.read_bytes()
    file.write_bytes(whole[:4096] + os.urandom(len(whole) - 4096))
    assert "is damaged" in refused(home)
    assert "backup" in refused(home)


def test_a_home_that_is_a_file_is_refused(tmp_path):
    (tmp_path / "home").write_text("")
    assert "is not a folder: choose another home" in refused(tmp_path / "home")
    assert "is not a folder: choose another home" in refused(tmp_path / "home" / "deeper")


def test_a_locked_file_names_the_lock_after_the_wait(home):
    open_store(home).close()
    raw = driver.connect(home / "emmaus.db", isolation_level=None)
    raw.execute("BEGIN IMMEDIATE")
    try:
        assert "is locked by another process" in refused(home)
    finally:
        raw.close()


def test_a_full_disk_keeps_what_was_stored_before(home):
    with open_store(home) as store:
        store.add(conversation("before"))
    # SQLite is told that the disk ends here, by the only connection that is open.
    with open_store(home) as store:
        with store._engine.connect() as connection:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
            connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(StoreError, match="is full: free some space"):
            store.add(conversation("large", turn("large", "why? " * 99_999)))
        assert [item.id for item in store.find(Conversation)] == ["before"]


@pytest.mark.parametrize(
    "record",
    [
        Rating("r", "no-turn", "me", 0, reason=SECRET),
        conversation("c", turn("t", SECRET), turn("t", SECRET)),
        Dataset("d", SECRET, "hash", (), {"a": SECRET, "b": object()}, 0, ()),
    ],
)
def test_what_a_failure_logs_does_not_hold_the_words(store, record):
    with pytest.raises((StoreError, StatementError)) as caught:
        store.add(record)
    assert SECRET not in "".join(traceback.format_exception(caught.value))


AS_NOBODY = f"""
import os, sys
from pathlib import Path
from emmaus.errors import StoreError
from emmaus.store import open_store
from emmaus.types import Conversation, Source
home = Path(sys.argv[1])
open_store(home.parent / "first").close()  # loads what nobody else may be allowed to read
os.setuid({NOBODY})
try:
    with open_store(home) as store:
        store.add(Conversation("c", "david", Source.SYNTHETIC, ()))
except StoreError as error:
    print(error)
"""


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs root to become somebody else")
@pytest.mark.parametrize("exists", [False, True])
def test_a_home_that_may_not_be_written_says_so(exists):
    home = Path(tempfile.mkdtemp(dir="/tmp")) / "home"
    home.parent.chmod(0o755)
    try:
        home.mkdir()
        if exists:
            open_store(home).close()
            shutil.rmtree(home / "locks")
            (home / "emmaus.db").chmod(0o444)
        home.chmod(0o555)
        done = subprocess.run([sys.executable, "-c", AS_NOBODY, str(home)], capture_output=True, text=True, check=True)
        assert str(home / "emmaus.db") in done.stdout
        assert "writable" in done.stdout
    finally:
        shutil.rmtree(home.parent)
