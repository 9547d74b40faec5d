"""Models chosen for a role: they hold from the next question on, and nobody who is being answered is cut off."""

import gc
import json
import os
import shutil
import threading

import pytest

from emmaus import serving
from emmaus.api import Emmaus
from emmaus.config import Settings
from emmaus.errors import BadInput, ModelError, ModelFileError, NotFound
from emmaus.models.choice import EMBEDDED, Choice
from emmaus.models.files import default_model_file
from emmaus.models.protocols import Sampling
from emmaus.models.scripted import ScriptedModel
from emmaus.types import Adapter, plain
from hub import serving_files, write_gguf
from parts import STOICS, WordVectors, until, user
from programs import embeddings, ollama, running

FOUND = " the shepherd counts his sheep."


@pytest.fixture
def open_stoa(tmp_path, copied):
    """Open a home of the small pack, with no model given."""
    opened = []
    shutil.copytree(copied, tmp_path / "home" / "cache", copy_function=os.link)

    def make(**settings):
        settings = {"context": 1024, "threads": 2, "timeout": 20, **settings}
        opened.append(Emmaus(Settings(home=tmp_path / "home", pack=STOICS, **settings), embedder=WordVectors()))
        return opened[-1]

    yield make
    for app in opened:
        app.close()


def served(program, name="phi4:latest", key=""):
    return Choice("server", program.url, name, key)


def test_a_server_answers_from_the_next_question_on_and_the_embedded_model_again(open_stoa):
    app = open_stoa()
    assert app.parts.embedded
    with running(ollama()) as program:
        chosen = app.models.choose("chat", served(program))
        assert f"speak through phi4:latest at {program.url} from the next question on" in chosen.sentence
        turn = app.ask("epictetus", "What do you do at dawn?")
        assert (turn.answer, turn.model, turn.adapter) == (FOUND.strip(), "phi4:latest", None)
        assert not app.parts.embedded
    back = app.models.choose("chat", None)
    assert back.standing.words == "the embedded model"
    assert app.parts.embedded
    assert app.parts.speaker("epictetus").adapter == app.parts.starter.id


def test_the_engine_lets_go_of_its_memory_when_a_server_answers(open_stoa):
    app = open_stoa()
    app.parts.model.reply(user("Peace."), Sampling(max_tokens=1))
    child = app.parts.engine._supervisor._child
    assert child.alive
    with running(ollama()) as program:
        app.models.choose("chat", served(program))
        assert app.parts.model.name == "phi4:latest"
        until(lambda: not child.alive)


def test_an_answer_that_comes_while_another_is_chosen_comes_whole(open_stoa):
    app = open_stoa()
    with running(ollama()) as first, running(ollama({"other": (1, 1, False)})) as second:
        app.models.choose("chat", served(first))
        model = app.parts.model
        coming = model.stream(user("Go on."))
        said = next(coming)
        app.models.choose("chat", served(second, "other"))
        assert app.parts.model.name == "other"
        assert said + "".join(coming) == FOUND
        connections = model.server._client
        assert not connections.is_closed
        del model, coming
        gc.collect()
        assert connections.is_closed


def test_another_process_chooses_too(open_stoa):
    app, other = open_stoa(), open_stoa()
    assert app.parts.embedded
    with running(ollama()) as program:
        other.models.choose("chat", served(program))
        assert app.parts.model.name == "phi4:latest"


def test_a_setting_goes_before_a_choice_and_it_is_said(open_stoa):
    with running(ollama()) as set_here, running(ollama()) as chosen_here:
        app = open_stoa(model_url=set_here.url, model_name="phi4")
        chosen = app.models.choose("chat", served(chosen_here, "llama3.2:1b"))
        assert "kept, but EMMAUS_MODEL_URL is set" in chosen.sentence
        assert chosen.standing.setting == "EMMAUS_MODEL_URL"
        assert chosen.standing.chosen == f"llama3.2:1b at {chosen_here.url}"
        assert app.ask("epictetus", "What do you do at dawn?").model == "phi4"
        later = open_stoa()
        assert later.parts.model.name == "llama3.2:1b"


def test_a_model_that_was_given_goes_before_everything(tmp_path):
    with running(ollama()) as program, Emmaus(Settings(home=tmp_path, pack=STOICS), model=ScriptedModel()) as app:
        app.models.choose("chat", served(program))
        assert app.parts.model.name == "scripted"


def test_each_role_is_chosen_by_itself(open_stoa):
    app = open_stoa()
    with running(ollama()) as program:
        assert app.parts.judge is None
        app.models.choose("generator", served(program))
        assert app.parts.taught
        assert (app.parts.teacher.name, app.parts.embedded) == ("phi4:latest", True)
        app.models.choose("judge", served(program, "llama3.2:1b"))
        assert app.parts.judge.reply(user("Is it good?"), Sampling(top_logprobs=5)).logprobs
        words = {one.role: one.words for one in app.models.standing()}
        assert words["generator"].startswith("phi4:latest at ")
        assert (words["chat"], words["embedder"]) == ("the embedded model", "MiniLM inside")
        app.models.choose("generator", EMBEDDED)
        assert not app.parts.taught
        app.models.choose("judge", None)
        assert app.parts.judge is None


def test_a_key_is_sent_and_never_told(open_stoa):
    app = open_stoa()
    with running(ollama(), key="s3cret-key") as program:
        told = [app.models.choose("judge", served(program, key="s3cret-key")), *app.models.standing()]
        assert app.parts.judge.reply(user("Well?")).text == "Yes"
        told.append(app.models.choose("chat", served(program)))  # the same server: its key need not be given again
        assert app.parts.model.reply(user("Well?")).text == "Yes"
        assert app.models.try_out(program.url, "phi4").error == ""
        assert "Bearer s3cret-key" in program.keys
    assert "s3cret" not in json.dumps(plain(told)) + repr(told) + repr(app.parts.roles.choice("judge"))
    assert app.models.standing()[0].keyed


def test_a_server_that_is_gone_is_told_with_the_way_out(open_stoa):
    app = open_stoa()
    app.models.choose("chat", Choice("server", "127.0.0.1:9", "phi4"))
    with pytest.raises(ModelError, match=r"no model server answers at .*choose another \(Models page") as raised:
        app.ask("epictetus", "What do you do at dawn?")
    assert "EMMAUS_" not in str(raised.value)


@pytest.mark.parametrize(
    ("role", "choice", "said"),
    [
        ("teller", EMBEDDED, "one of chat, generator, judge, embedder"),
        ("chat", Choice("server", "", "phi4"), "is no address"),
        ("chat", Choice("server", "http://me:word@h", "phi4"), "no password may stand"),
        ("chat", Choice("server", "http://h", " "), "no model was named"),
        ("chat", Choice("gguf"), "no file was named"),
        ("embedder", Choice("gguf", file="x.gguf"), "cannot find verses"),
        ("chat", Choice("cloud"), "no kind of model"),
    ],
)
def test_what_cannot_be_chosen_is_said(open_stoa, role, choice, said):
    app = open_stoa()
    with pytest.raises(BadInput, match=said):
        app.models.choose(role, choice)
    assert all(not one.kind for one in app.models.standing())


def test_a_file_by_its_path_speaks_without_adapters_of_another_base(open_stoa, tmp_path):
    app = open_stoa()
    file = tmp_path / "other.gguf"
    os.link(default_model_file(), file)
    assert app.models.header(file).talks
    app.models.choose("chat", Choice("gguf", file=str(file)))
    assert (app.parts.base_file, app.parts.starter) == (file, None)
    speaker = app.parts.speaker("epictetus")
    assert speaker.adapter is None
    assert speaker.model.name.startswith("other@")
    assert speaker.model.reply(user("Peace."), Sampling(max_tokens=1)).text
    before = app.parts.engine
    app.models.choose("chat", None)
    assert app.parts.engine is not before
    assert app.parts.speaker("epictetus").adapter == app.parts.starter.id


def test_a_file_for_the_judge_runs_beside(open_stoa, tmp_path):
    app = open_stoa()
    os.link(default_model_file(), tmp_path / "judge.gguf")
    app.models.choose("judge", Choice("gguf", file=str(tmp_path / "judge.gguf")))
    assert app.parts.judge.name.startswith("judge@")
    assert app.parts.base_file == default_model_file()
    assert app.parts.judge is app.parts.judge


def test_a_file_that_is_none_or_cannot_talk_is_refused(open_stoa, tmp_path):
    app = open_stoa()
    with pytest.raises(ModelFileError, match="does not exist"):
        app.models.choose("chat", Choice("gguf", file=str(tmp_path / "none.gguf")))
    mute = write_gguf(tmp_path / "mute.gguf", template="")
    with pytest.raises(ModelError, match="brings no chat template"):
        app.models.choose("chat", Choice("gguf", file=str(mute)))
    assert app.parts.embedded


def test_an_adapter_of_another_base_model_is_left_out():
    def adapter(base):
        return Adapter("a", "ann", 1, base, {}, "d", "h", "f", "a.gguf", {}, {})

    base = default_model_file()
    assert serving.fits(adapter("whatever"), base)
    assert not serving.fits(adapter("other@0123456789ab"), base)


def test_verses_are_found_by_another_embedder_made_in_the_background(open_stoa):
    app = open_stoa()
    index, corpus = app.parts.index, app.parts.corpus
    before = index.meaning
    with running(ollama()) as program:
        chosen = app.models.choose("embedder", served(program, "nomic-embed-text"))
        assert "its vectors have 3 numbers" in chosen.sentence
        assert f"{len(corpus.lines()):,} verses" in chosen.sentence
        assert app.parts.index is index
        assert index.meaning is not before
        assert index.meaning.embedder.name == "nomic-embed-text"
        index.meaning.prepare()
        assert index.meaning.likeness(["dawn"]).shape[1] == len(corpus.lines())
    app.models.choose("embedder", None)
    assert app.parts.index.meaning.embedder.name == "words"


def test_an_embedder_that_gives_no_vectors_is_not_chosen(open_stoa):
    def broken(body):
        answer = embeddings(body)
        answer["data"][0]["embedding"] = [float("nan")] * 3
        return answer

    app = open_stoa()
    with running({**ollama(), "/v1/embeddings": broken}) as program, pytest.raises(ModelError, match="NaN"):
        app.models.choose("embedder", served(program, "nomic-embed-text"))
    with pytest.raises(ModelError, match="does not answer"):
        app.models.choose("embedder", Choice("server", "http://127.0.0.1:9", "x"))
    assert app.parts.roles.choice("embedder") is None


def test_what_is_found_is_recommended(open_stoa):
    app = open_stoa()
    with running(ollama({"tiny:latest": (10**6, 10**6, False)})) as program:
        servers = app.models.find([program.url])
        assert app.models.recommended(servers)[0].name == "tiny:latest"
        assert app.models.find([program.url], without={program.port}) == ()
    assert app.models.embedded().quantisation == "Q4_1"


def test_a_download_in_the_background_tells_its_progress_and_can_be_stopped(open_stoa, tmp_path):
    content = write_gguf(tmp_path / "tiny.gguf", size=64 * 1024).read_bytes()
    with serving_files(content, pause=0.01) as hub:
        app = open_stoa(hub_url=hub.url)
        app.background()
        begun = app.models.begin_download("owner/repo/tiny.gguf")
        assert app.models.begin_download("owner/repo/tiny.gguf").id == begun.id

        def now():
            return app.models.downloads()[0]

        until(lambda: now().done)
        app.models.stop_download(begun.id)
        until(lambda: now().state == "stopped")
        until(lambda: now().error == "cancelled on request")
        assert app.models.files() == ()
        hub.pause = 0
        app.models.begin_download("owner/repo/tiny.gguf")
        until(lambda: now().state == "done")
        assert now().file == str(app.parts.path / "models" / "tiny.gguf")
        assert [header.name for header in app.models.files()] == ["tiny"]
        app.models.begin_download(f"{hub.url}/x/other.gguf", "0" * 64)
        until(lambda: now().state == "failed")
        assert "SHA-256" in now().error
        with pytest.raises(NotFound):
            app.models.stop_download("none")
        with pytest.raises(BadInput, match="names no file"):
            app.models.begin_download("owner")


def test_a_closed_home_downloads_no_further(open_stoa, tmp_path):
    content = write_gguf(tmp_path / "tiny.gguf", size=64 * 1024).read_bytes()
    with serving_files(content, pause=0.05) as hub:
        app = open_stoa(hub_url=hub.url)
        app.background()
        app.models.begin_download("owner/repo/tiny.gguf")
        until(lambda: app.models.downloads()[0].done)
        before = threading.active_count()
        app.close()
        assert app.models.downloads()[0].state == "waiting"
        assert threading.active_count() < before


def test_a_closed_home_asks_no_chosen_server(open_stoa):
    app = open_stoa()
    with running(ollama()) as program:
        app.models.choose("judge", served(program))
        judge = app.parts.judge
        app.close()
        with pytest.raises(RuntimeError, match="client has been closed"):
            judge.reply(user("Peace."))
