import pytest

from emmaus.store import open_store


@pytest.fixture
def home(tmp_path):
    return tmp_path / "home"


@pytest.fixture
def store(home):
    with open_store(home) as opened:
        yield opened


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """One store for all examples of a property: what they add never collides."""
    with open_store(tmp_path_factory.mktemp("shared")) as opened:
        yield opened
