"""An open home: who can speak when an adapter's file is broken, and what is let go of at the end."""

import os
import shutil
from pathlib import Path

import pytest

from emmaus.api import Emmaus
from emmaus.config import Settings
from emmaus.errors import EmmausError, ModelError
from emmaus.feedback import grant, rate
from emmaus.models.protocols import Sampling
from emmaus.models.scripted import ScriptedModel
from emmaus.types import CARE, Conversation, Scope, Source, Turn
from parts import STOICS, WHOLE, WordVectors, go_live, user


@pytest.fixture
def open_stoa(tmp_path, copied):
    """Open a home whose characters speak through the models that its settings name."""
    opened = []
    shutil.copytree(copied, tmp_path / "home" / "cache", copy_function=os.link)

    def make(**settings):
        opened.append(Emmaus(Settings(home=tmp_path / "home", pack=STOICS, **settings), embedder=WordVectors()))
        return opened[-1]

    yield make
    for app in opened:
        app.close()


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (Path.unlink, "is missing"),
        (lambda file: file.write_bytes(b"PK" + bytes(102)), "is no GGUF file"),
        (lambda file: file.write_bytes(WHOLE[:80]), "is torn or was changed"),
    ],
)
def test_a_broken_adapter_silences_its_own_character_only(open_stoa, harm, said):
    app = open_stoa()
    go_live(app, "epictetus")
    harm(go_live(app, "marcus"))
    parts = app.parts
    assert parts.engine.adapters == ("epictetus-1", parts.starter.id)
    assert parts.speaker("epictetus").adapter == "epictetus-1"
    for asked in (lambda: app.ask("marcus", "Who are you?"), lambda: parts.speaker("marcus", to_a_person=False)):
        with pytest.raises(EmmausError, match=rf"marcus's adapter marcus-1 .* {said}: emmaus rollback marcus$"):
            asked()
    assert app.ask("marcus", "I want to kill myself.").model == CARE
    assert parts.speaker("marcus", bare=True).adapter is None
    with pytest.raises(EmmausError, match="emmaus rollback marcus"):
        parts.engine_with(parts.live().values())
    app.rollback("marcus")
    assert parts.speaker("marcus").adapter == parts.starter.id


def test_an_adapter_lost_under_a_running_engine_is_left_out(open_stoa):
    app = open_stoa(context=1024, threads=2)
    file = go_live(app, "marcus")
    assert app.parts.engine.adapters == ("marcus-1", app.parts.starter.id)
    file.unlink()
    assert app.parts.speaker("epictetus").model.reply(user("Peace."), Sampling(max_tokens=1)).text
    assert app.parts.engine.adapters == (app.parts.starter.id,)


def test_the_timeout_reaches_the_engine(open_stoa):
    app = open_stoa(context=1024, timeout=0.05)
    with pytest.raises(ModelError, match=r"the engine was silent for 0.05 seconds: set EMMAUS_TIMEOUT higher"):
        app.parts.model.reply(user("Tell me everything."), Sampling(max_tokens=400))


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="open files are listed on Linux only")
def test_a_closed_home_holds_no_file(open_stoa):
    app = open_stoa()
    app.parts.scene("epictetus")
    app.store.meta("subject")

    def held():
        names = []
        for handle in Path("/proc/self/fd").iterdir():
            if handle.is_symlink():
                names.append(os.readlink(handle))
        return [name for name in names if name.startswith(str(app.parts.path))]

    assert any("search-" in name for name in held())
    app.close()
    assert held() == []


def test_a_closed_home_asks_no_server(open_stoa):
    app = open_stoa(model_url="http://127.0.0.1:9", teacher_url="http://127.0.0.1:9")
    models = app.parts.model, app.parts.teacher
    with pytest.raises(ModelError, match="set EMMAUS_TEACHER_URL to where one runs"):
        app.parts.teacher.reply(user("Peace."))
    app.close()
    for model in models:
        with pytest.raises(RuntimeError, match="client has been closed"):
            model.reply(user("Peace."))


HINT = "I have written them all letters. By Sunday I will be no trouble to anyone."


@pytest.mark.parametrize(("question", "fit"), [("Will I get the job?", False), ("What do you do at dawn?", True)])
def test_what_the_program_answers_today_is_not_recalled_from_before(tmp_path, question, fit):
    said = Turn("t1", question, "You will. I sweep the floor.", model="m")
    with Emmaus(Settings(home=tmp_path, pack=STOICS), model=ScriptedModel(), embedder=WordVectors()) as app:
        grant(app.parts.store, "ann", Scope)
        app.parts.store.add(Conversation("c1", "epictetus", Source.PERSON, (said,), subject="ann"))
        rate(app.parts.store, said, "ann", 1)
        assert (app.parts.speaker("epictetus").scene.past.found(question) is not None) == fit


@pytest.mark.parametrize(("question", "fit"), [(HINT, False), ("What do you do on a quiet morning?", True)])
def test_what_the_care_check_cannot_weigh_is_not_recalled_for_others_until_it_can(tmp_path, monkeypatch, question, fit):
    def away():
        raise ModelError("the embedding model is not installed")

    said = Turn("t1", question, "I sweep the floor.", model="m")
    settings = Settings(home=tmp_path, pack=STOICS)
    with Emmaus(settings, model=ScriptedModel(), embedder=WordVectors()) as app:
        grant(app.parts.store, "ann", Scope)
        app.parts.store.add(Conversation("c1", "epictetus", Source.PERSON, (said,), subject="ann"))
        rate(app.parts.store, said, "ann", 1)
        past = app.parts.speaker("epictetus").scene.past
        with monkeypatch.context() as patch:
            patch.setattr("emmaus.chat.care.ears", away)
            assert past.found(question) is None
        assert (past.found(question) is not None) == fit
