"""The long steps: what an evaluation loads into which engine, and how its answers are shown."""

import pytest

from emmaus import evals, steps
from emmaus.api import Emmaus
from emmaus.config import Settings
from emmaus.models.scripted import ScriptedModel
from emmaus.types import Adapter, Evaluation, Probe, Sample
from parts import STOICS, WordVectors, go_live

VERSE = "Handbook 5:1"


@pytest.fixture
def app(tmp_path):
    settings = Settings(home=tmp_path / "home", pack=STOICS)
    with Emmaus(settings, model=ScriptedModel(), embedder=WordVectors()) as opened:
        for slug in ("epictetus", "marcus"):
            go_live(opened, slug)
        yield opened


@pytest.mark.parametrize("candidate", ["epictetus-1", "epictetus-2"])
def test_where_others_speak_alone_the_candidate_is_not_loaded(app, monkeypatch, candidate):
    parts, seen = app.parts, []
    live = app.store.get(Adapter, "epictetus-1")
    if candidate != live.id:
        files = (live.folder, live.gguf, live.files, {})
        app.store.add(Adapter(candidate, "epictetus", 2, "base", {}, live.dataset, live.dataset_hash, *files))

    def evaluate(comparison, *_, **__):
        marcus = comparison.others["marcus"]
        seen.append((set(comparison.model.adapters), set(marcus.model.adapters), set(comparison.alone), marcus.adapter))
        return Evaluation("", "epictetus", candidate, None, "base", "p", (), (), (), evals.decide([], [], evals.Rule()))

    monkeypatch.setattr(steps.evals, "evaluate", evaluate)
    probes = (Probe("p", "epictetus", "fear", "life", "What frightens you?"),)
    steps.evaluate(parts, app.store.get(Adapter, candidate), probes, lambda progress: None)
    ((beside, alone, named, through),) = seen
    assert {candidate, "marcus-1"} <= beside
    assert candidate not in alone
    assert alone == named
    assert through == "marcus-1"
    assert ("epictetus-1" in alone) == (candidate == "epictetus-2")


def test_a_report_shows_answers_as_readers_saw_them(app, tmp_path):
    words = app.parts.corpus.get(VERSE).text
    near = words.replace("but", "and", 1)
    assert near != words
    said = f"I say: \u201c{near}\u201d"
    samples = [
        Sample("p", arm, "What troubles people?", said, {"composite": 0.5}, (VERSE,))
        for arm in ("incumbent", "candidate")
    ]
    decision = evals.decide([], [], evals.Rule())
    app.store.add(Evaluation("e1", "epictetus", "epictetus-1", None, "base", "p", tuple(samples), (), (), decision))
    page = app.report("epictetus", tmp_path / "report.html", evaluation="e1").read_text("utf-8")
    shown = app.parts.scene("epictetus").delivered(said, (VERSE,)).text
    assert f"({VERSE})" in shown
    assert shown in page
    assert near not in page
    assert "the bare base model" in page
