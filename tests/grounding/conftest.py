"""The pack that ships and the second one, opened once."""

from pathlib import Path

import pytest

from emmaus.packs import load_pack


@pytest.fixture(scope="session")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="session")
def bible(home):
    return load_pack(cache=home / "cache")


@pytest.fixture(scope="session")
def stoics():
    return load_pack(Path(__file__).parent.parent / "packs" / "stoics")
