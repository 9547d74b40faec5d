import pytest

from emmaus.store import open_store


@pytest.fixture
def home(tmp_path):
    return tmp_path / "home"


@pytest.fixture
def store(home):
    with open_store(home) as opened:
        yield opened
