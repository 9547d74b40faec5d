"""The long steps: what an evaluation loads into which engine, and how its answers are shown."""

import pytest

from emmaus import evals, steps
from emmaus.api import Emmaus
from emmaus.config import Settings
from emmaus.errors import BadInput
from emmaus.models import quick
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

    monkeypatch.setattr(evals, "evaluate", evaluate)
    asked = ("What frightens you?", "What do you own?")
    probes = tuple(Probe(f"p{n}", "epictetus", "fear", "life", ask) for n, ask in enumerate(asked))
    steps.evaluate(parts, app.store.get(Adapter, candidate), probes, lambda progress: None)
    ((beside, alone, named, through),) = seen
    assert {candidate, "marcus-1"} <= beside
    assert candidate not in alone
    assert alone == named
    assert through == "marcus-1"
    assert ("epictetus-1" in alone) == (candidate == "epictetus-2")


@pytest.mark.parametrize("limit", [0, 1])
def test_too_few_probes_are_refused_before_a_job_begins(app, limit):
    with pytest.raises(BadInput, match=f"cannot evaluate on {limit} probes: take at least 2, the gate wants 30"):
        app.evaluate("epictetus", limit=limit)
    probes = (Probe("p", "epictetus", "fear", "life", "I want to die."), *app.parts.pack.probes("epictetus")[:1])
    with pytest.raises(BadInput, match="1 of 2 probes would be answered in character"):
        steps.evaluate(app.parts, app.store.get(Adapter, "epictetus-1"), probes, lambda progress: None)
    assert app.jobs() == []


def test_other_finders_other_weights_and_another_version_make_another_evaluation(app, tmp_path, monkeypatch, rewritten):
    candidate = app.store.get(Adapter, "epictetus-1")
    probes = app.parts.pack.probes("epictetus")

    def asked(**served):
        settings = Settings(home=tmp_path / "home", pack=STOICS, **served)
        with Emmaus(settings, model=ScriptedModel(), embedder=WordVectors()) as other:
            return steps.evaluation_request(other.parts, candidate, probes)

    before = asked()
    assert asked() == before
    assert asked(embedder_url="http://localhost:1", embedder_name="other") != before
    with monkeypatch.context() as mended:
        mended.setattr(quick, "FORMAT", quick.FORMAT + 1)
        assert asked() != before
    assert asked() == before
    rewritten("grounding/index.py")
    assert asked() != before


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
