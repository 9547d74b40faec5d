"""A small pack, opened once, and homes on it; whoever needs the pack that ships asks for it by name."""

import os
import shutil
import signal
from dataclasses import replace

import hypothesis
import pytest

from emmaus.api import Emmaus
from emmaus.chat import Scene
from emmaus.config import Settings
from emmaus.grounding.recall import Recall
from emmaus.grounding.retrieval import Index
from emmaus.models.files import default_model_file
from emmaus.models.quick import quick
from emmaus.models.scripted import ScriptedModel
from emmaus.packs import load_pack
from emmaus.store import open_store
from emmaus.types import sources
from parts import STOICS, WordVectors
from thin import thin

# A shell that starts the tests in the background has them ignore Ctrl-C, and with them every command that they start.
signal.signal(signal.SIGINT, signal.default_int_handler)

# How long one example takes says nothing on a machine that runs other tests meanwhile.
hypothesis.settings.register_profile("unhurried", deadline=None)
hypothesis.settings.load_profile("unhurried")


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


@pytest.fixture(scope="session")
def model_file(tmp_path_factory):
    """The embedded model with its first layers only."""
    return thin(tmp_path_factory.mktemp("thin") / "thin.gguf")


@pytest.fixture(scope="session")
def copied(tmp_path_factory):
    """A cache with the embedded model's copy in 8 bits, which each home would make for itself."""
    cache = tmp_path_factory.mktemp("copied")
    quick(default_model_file(), cache)
    return cache


@pytest.fixture(scope="session")
def worded_twice(stoa, tmp_path_factory):
    """Epictetus with two translations: words of `Handbook 1:1` that are true, and are not those that are shown."""
    words = "Of all there is, a part obeys us and a part will never obey us."
    folder = tmp_path_factory.mktemp("two") / "stoics"
    shutil.copytree(STOICS, folder)
    (folder / "other.txt").write_text(f"Handbook 1:1\t{words}\n", encoding="utf-8")
    manifest = folder / "pack.yaml"
    line = "  - {kind: text, translation: Plain, file: plain.txt}\n"
    more = line.replace("Plain", "Other").replace("plain", "other")
    manifest.write_text(manifest.read_text(encoding="utf-8").replace(line, line + more), encoding="utf-8")
    return replace(stoa, pack=load_pack(folder)), words


@pytest.fixture
def kept(tmp_path):
    """An empty store."""
    with open_store(tmp_path / "kept") as store:
        yield store


@pytest.fixture
def rewritten(tmp_path, monkeypatch):
    """Give one file of the program other words, as another version may have them, to whoever hashes its files."""

    def rewrite(path):
        version = tmp_path / "version"
        shutil.copytree(sources.PACKAGE, version, copy_function=os.symlink, ignore=lambda *_: {"__pycache__"})
        file = version / path
        content = file.read_bytes()
        file.unlink()
        file.write_bytes(content + b"\n")
        monkeypatch.setattr(sources, "PACKAGE", version)

    return rewrite


@pytest.fixture
def open_small(tmp_path):
    """Open a home of the small pack whose characters answer by a script."""
    opened = []

    def make(script="I hear you.", *, model_file=None, **options):
        settings = Settings(home=tmp_path / "home", pack=STOICS, model_file=model_file)
        opened.append(Emmaus(settings, model=ScriptedModel(script, **options), embedder=WordVectors()))
        return opened[-1]

    yield make
    for app in opened:
        app.close()
