"""A small pack, opened once, and homes on it; whoever needs the pack that ships asks for it by name."""

import shutil
import signal

import pytest

from emmaus.api import Emmaus
from emmaus.chat import Scene
from emmaus.config import Settings
from emmaus.grounding.recall import Recall
from emmaus.grounding.retrieval import Index
from emmaus.models.scripted import ScriptedModel
from emmaus.packs import load_pack
from emmaus.store import open_store
from parts import STOICS, WordVectors

# A shell that starts the tests in the background has them ignore Ctrl-C, and with them every command that they start.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def small_pack():
    return load_pack(STOICS)


@pytest.fixture(scope="session")
def stoa(small_pack, tmp_path_factory):
    """Epictetus, with everything an answer can stand on."""
    folder = tmp_path_factory.mktemp("stoa")
    starters, wordings = small_pack.starters("epictetus"), small_pack.wordings("epictetus")
    recall = Recall(starters, WordVectors(), folder / "cache", wordings=wordings)
    with Index.open(folder, small_pack) as index:
        yield Scene(small_pack, small_pack.character("epictetus"), small_pack.corpus(), index, recall)


@pytest.fixture(scope="session")
def shipped(tmp_path_factory, prepared):
    """A home with the pack that ships and the real embedder, for reading only."""
    home = tmp_path_factory.mktemp("shipped")
    shutil.copytree(prepared, home / "cache")
    with Emmaus(Settings(home=home), model=ScriptedModel()) as app:
        yield app


@pytest.fixture(scope="session")
def prepared(tmp_path_factory):
    """What a home makes once, made once for all homes: its cache, with the vectors of those who are talked to here."""
    home = tmp_path_factory.mktemp("prepared")
    with Emmaus(Settings(home=home), model=ScriptedModel()) as app:
        for slug in ("david", "ruth", "mary"):
            app.parts.scene(slug).recall.prepare()
    return home / "cache"


@pytest.fixture
def kept(tmp_path):
    """An empty store."""
    with open_store(tmp_path / "kept") as store:
        yield store


@pytest.fixture
def open_small(tmp_path):
    """Open a home of the small pack whose characters answer by a script."""
    opened = []

    def make(script="I hear you.", **options):
        settings = Settings(home=tmp_path / "home", pack=STOICS)
        opened.append(Emmaus(settings, model=ScriptedModel(script, **options), embedder=WordVectors()))
        return opened[-1]

    yield make
    for app in opened:
        app.close()
