"""Whatever is broken, and whichever way somebody in danger comes in: they are told whom to call."""

import io
import json
import os
import shutil
import sys
from contextlib import closing
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from emmaus.api import Emmaus
from emmaus.chat import crisis, help_text, helplines
from emmaus.cli.chatting import Chat
from emmaus.cli.main import run
from emmaus.config import load_settings
from emmaus.errors import EmmausError, StoreError
from emmaus.models.scripted import ScriptedModel
from emmaus.store.database import driver
from emmaus.types import CARE, Conversation, Scope, Turn
from emmaus.web import Door, create_app
from parts import STOICS, WordVectors

DANGER = "I want to die"
OWN = 'lines: {GR: {emergency: "112", self-harm: ["Line [24/7]: 1018 \\"here\\""], abuse: ["Line [24/7]: 1056"]}}'
HELP = help_text(crisis(DANGER))
UNUSABLE = "http://["
NOWHERE = "http://127.0.0.1:9"


@pytest.fixture
def settings(tmp_path, monkeypatch):
    """Set what a home is opened with, for programs and commands alike."""
    for name in [name for name in os.environ if name.startswith("EMMAUS_")]:
        monkeypatch.delenv(name)

    def make(**given):
        for name, value in ({"home": tmp_path / "home", "pack": STOICS, "model_url": NOWHERE} | given).items():
            monkeypatch.setenv(f"EMMAUS_{name.upper()}", str(value))

    make()
    return make


@pytest.fixture
def open_home(settings):
    """Open the home that is set."""
    opened = []

    def make(**given):
        settings(**given)
        opened.append(Emmaus(load_settings(), model=ScriptedModel(), embedder=WordVectors()))
        return opened[-1]

    yield make
    for app in opened:
        app.close()


def browser(app):
    door = Door(app)
    headers = {"Content-Type": "application/json"}
    client = TestClient(create_app(app, door), base_url="http://localhost:8000", headers=headers)
    client.get(door.link())
    return client


def asked(app):
    return app.ask("epictetus", DANGER).answer


def said(app):
    *_, turn = app.chat("epictetus").say(DANGER)
    return turn.answer


def delivered(app):
    *pieces, turn = app.chat("epictetus").deliver(DANGER)
    assert "".join(pieces) == turn.answer
    return turn.answer


def posted(app):
    answered = browser(app).post("/api/chat/epictetus", json={"question": DANGER}).json()
    assert answered["turn"]["care"], answered
    return answered["turn"]["text"]


def streamed(app):
    text = browser(app).post("/api/chat/epictetus/stream", json={"question": DANGER}).text
    events = [json.loads(line.removeprefix("data: ")) for line in text.splitlines() if line.startswith("data: ")]
    pieces = "".join(event.get("text", "") for event in events)
    assert pieces == events[-1]["turn"]["text"]
    assert "Epictetus does not answer this." in events[-1]["html"]
    return pieces


WAYS = [asked, said, delivered, posted, streamed]


def another_pack(folder, corpus):
    """A copy of the small pack whose default translation is this text."""
    shutil.copytree(STOICS, folder)
    (folder / "plain.txt").write_text(corpus)
    return folder


def unreadable(tmp_path):
    return {"pack": another_pack(tmp_path / "pack", "no passage at all\n")}


BROKEN = [
    lambda _: {"embedder_url": UNUSABLE},
    lambda _: {"translation": "NIV"},
    unreadable,
]
NAMES = ["embedder", "translation not there", "translation unreadable"]
NO_MODEL = {"model_url": "", "model_file": "/nowhere.gguf"}


def commanded(monkeypatch, capsys, *arguments, stdin=""):
    monkeypatch.setattr(sys, "argv", ["emmaus", *arguments])
    monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
    code = run()
    return code, *capsys.readouterr()


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("broken", BROKEN, ids=NAMES)
def test_what_an_answer_stands_on_is_broken(open_home, tmp_path, broken, way):
    app = open_home(**broken(tmp_path))
    with pytest.raises(EmmausError):
        app.ask("epictetus", "What is mine?")
    assert way(app) == HELP


@pytest.mark.parametrize("broken", [*BROKEN, lambda _: NO_MODEL], ids=[*NAMES, "model"])
def test_commands_name_help_too(settings, tmp_path, monkeypatch, capsys, broken):
    settings(**broken(tmp_path))
    assert commanded(monkeypatch, capsys, "ask", "epictetus", DANGER) == (0, HELP + "\n", "")
    talk = f"{DANGER}\nWhat is mine?\n"
    code, out, err = commanded(monkeypatch, capsys, "chat", "epictetus", stdin=talk)
    assert HELP in out
    assert code != 0  # the other question was not answered
    assert err.startswith("emmaus: ")


@pytest.mark.parametrize(
    "given",
    [{"home": __file__}, {"pack": "/nowhere"}, {"threads": "many"}, {"helplines": "/nowhere"}],
    ids=["home", "pack", "setting", "helplines"],
)
def test_a_question_is_heard_before_anything_is_opened(settings, monkeypatch, capsys, given):
    settings(country="GB", **given)
    assert commanded(monkeypatch, capsys, "ask", "epictetus", "What is mine?")[0] != 0
    code, out, err = commanded(monkeypatch, capsys, "ask", "epictetus", DANGER)
    assert (code, err) == (0, "")
    assert ("Samaritans" in out) == ("threads" not in given)
    assert json.loads(commanded(monkeypatch, capsys, "ask", "epictetus", DANGER, "--json")[1])["model"] == CARE


@pytest.mark.parametrize("way", WAYS)
def test_a_store_that_breaks_after_it_was_opened(open_home, way):
    app = open_home()
    app.consent([Scope.STORE])
    break_store(app)
    with pytest.raises(StoreError):
        app.store.consent(app.parts.subject)
    assert way(app) == HELP


def test_a_store_that_breaks_in_the_middle_of_a_talk(open_home):
    app = open_home()
    app.consent([Scope.STORE])
    talk = app.chat("epictetus")
    *_, first = talk.say("What is mine?")
    break_store(app)
    *_, turn = talk.say(DANGER)
    assert (turn.model, talk.turns) == (CARE, [first, turn])
    assert not talk.is_kept(turn)
    with pytest.raises(StoreError):
        list(talk.say("And what else?"))


def test_a_chat_begins_although_consent_cannot_be_read(open_home, capsys):
    app = open_home()
    break_store(app)
    out = io.StringIO()
    sitting = Chat(app, app.chat("epictetus"), out)
    sitting.ask_consent()
    sitting.answer(DANGER)
    assert HELP in out.getvalue()
    assert capsys.readouterr().err.count("emmaus: ") == 1


def test_a_terminal_makes_nothing_ready_before_help(open_home, capsys):
    app = open_home(embedder_url=UNUSABLE)
    out = io.StringIO()
    sitting = Chat(app, app.chat("epictetus"), out)
    sitting.terminal = True
    sitting.answer(DANGER)
    assert " ".join(out.getvalue().split()) == " ".join(HELP.split())
    assert capsys.readouterr().err == ""


def test_help_is_kept_where_only_the_embedder_is_broken(open_home):
    app = open_home(embedder_url=UNUSABLE)
    app.consent([Scope.STORE])
    *_, turn = app.chat("epictetus").say(DANGER)
    assert [c.turns for c in app.store.find(Conversation)] == [(turn,)]


def test_lines_of_ones_own_are_shown_letter_by_letter(open_home, tmp_path, monkeypatch, capsys):
    file = tmp_path / "ours.yaml"
    file.write_text(OWN)
    app = open_home(country="GR", helplines=file)
    (line,) = helplines("GR", file).by_kind["self-harm"]
    for way in WAYS:
        assert line in way(app)
    assert line in commanded(monkeypatch, capsys, "ask", "epictetus", DANGER)[1]
    assert line in commanded(monkeypatch, capsys, "chat", "epictetus", stdin=DANGER)[1]


def test_a_talk_is_begun_only_with_somebody_who_is_there(open_home):
    answer = browser(open_home(embedder_url=UNUSABLE)).post("/api/chat/zeus/stream", json={"question": "Who?"})
    assert answer.status_code == 404


def break_store(app):
    """Take the tables away that a talk needs, as another program might."""
    with closing(driver.connect(Path(app.parts.path) / "emmaus.db")) as raw:
        raw.execute("PRAGMA foreign_keys=OFF")
        for table in ("consent_events", "deployments", "meta"):
            raw.execute(f"DROP TABLE {table}")
        raw.commit()


def test_a_turn_of_help_is_no_characters(open_home):
    turn = open_home().ask("epictetus", DANGER)
    assert isinstance(turn, Turn)
    assert (turn.model, turn.adapter, turn.passages) == (CARE, None, ())
