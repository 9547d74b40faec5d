"""A turn of the wheel, as its view sees it. Training and evaluating are found done, as in a turn that is told again."""

import hashlib
from pathlib import Path

import pytest

from emmaus import data, jobs, steps, training
from emmaus.api import Emmaus
from emmaus.config import Settings
from emmaus.errors import EmmausError
from emmaus.evals import spread
from emmaus.models.scripted import ScriptedModel
from emmaus.training import TrainingResult
from emmaus.types import Conversation, Decision, Difference, Evaluation, JobState, Scope, Score, Source, Turn, digest
from emmaus.wheel import PLANS, STEPS, demo
from parts import STOICS, WordVectors, good, question_in, varied

MAIN = Difference("composite", 40, 0.4, 0.6, 0.2, 0.15, 0.25)


@pytest.fixture
def app(tmp_path):
    model = ScriptedModel(varied)
    with Emmaus(Settings(home=tmp_path / "home", pack=STOICS), model=model, embedder=WordVectors()) as opened:
        turns = [Turn(f"t{n}", f"What of the {n} jars that broke?", good(31 * n + 5)) for n in range(70)]
        opened.store.add_all(
            Conversation(f"c{n}", "epictetus", Source.IMPORTED, (turn,)) for n, turn in enumerate(turns)
        )
        opened.store.add_all(Score(f"s{n}", turn.id, "book", "checks", {}, 0.9) for n, turn in enumerate(turns))
        yield opened


def walk(app, size="quick"):
    stages = []
    try:
        return demo(app, "epictetus", size, stages.append), stages
    except EmmausError as error:
        return error, stages


def order(stages):
    seen = []
    for stage in stages:
        if not seen or seen[-1] != (stage.step, stage.done):
            seen.append((stage.step, stage.done))
    return seen


def done_already(app, *, allowed):
    """What training and evaluating leave behind, for the dataset that this turn is going to freeze."""
    plan, store = PLANS["quick"], app.store
    app.generate("epictetus", plan.conversations, drawing=data.Drawing())
    app.score("epictetus")
    dataset = app.freeze("epictetus", most=plan.examples)
    examples = data.still_allowed(store, dataset, Scope.TRAIN)
    name = training.adapter_id(dataset, examples, plan.recipe, app.parts.base_file)
    folder = app.parts.path / training.adapter_folder(name)
    folder.mkdir(parents=True)
    gguf = folder / "lora.gguf"
    gguf.write_bytes(b"weights")
    files = {gguf.name: hashlib.sha256(b"weights").hexdigest()}
    result = TrainingResult(
        **{
            **{field: None for field in TrainingResult.__dataclass_fields__},
            "folder": folder,
            "gguf": gguf,
            "files": files,
            "metrics": {"best_validation_loss": 2.5},
            "base": "base",
            "recipe": plan.recipe,
        }
    )
    adapter = training.register(store, name, dataset, result)
    begun = steps.begin_training(app.parts, dataset, plan.recipe)
    finished(app, "train", begun.request)
    every = app.parts.pack.probes("epictetus")
    probes = spread(every, plan.probes or len(every))
    decision = Decision(allowed, ("composite rises" if allowed else "composite does not rise",))
    asked = steps.evaluation_request(app.parts, adapter, probes)
    name = "e" + jobs.begin(store, "evaluate", "epictetus", asked).id
    evaluation = Evaluation(
        name, "epictetus", adapter.id, app.parts.first, "base", digest(probes), (), (MAIN,), (), decision, 7.0
    )
    store.add(evaluation)
    finished(app, "evaluate", asked)
    return adapter


def finished(app, kind, request):
    job = jobs.begin(app.store, kind, "epictetus", request)
    jobs.run(app.store, app.parts.path, job, lambda ticket: None)
    assert app.jobs()[-1].state is JobState.DONE


@pytest.mark.parametrize("allowed", [True, False])
def test_every_step_begins_and_ends_in_its_order(app, allowed):
    adapter = done_already(app, allowed=allowed)
    turned, stages = walk(app)
    assert order(stages) == [(step, done) for step in STEPS for done in (False, True)]
    said = {stage.step: stage.text for stage in stages if stage.done}
    assert all(said.values())
    assert said["generate"].startswith(f"{PLANS['quick'].conversations} accepted of ")
    assert "composite 0.40 -> 0.60, difference +0.20 [+0.15, +0.25] on 40 probes" in said["evaluate"]
    assert said["gate"] == ("promoted: composite rises" if allowed else "held: composite does not rise")
    assert turned.promoted == allowed
    assert turned.adapter == adapter.id
    assert turned.before == said["chat"]
    assert turned.after == said["chat again"]
    assert [d.adapter for d in app.deployments()] == ([adapter.id] if allowed else [])
    assert "composite" in Path(turned.report).read_text("utf-8")


def test_a_turn_that_is_told_again_repeats_nothing(app):
    done_already(app, allowed=True)
    first, _ = walk(app)
    assert app.freeze("epictetus", most=25).id != first.dataset
    asked = len(app.parts.model.calls)
    second, _ = walk(app)
    question = app.parts.pack.character("epictetus").sample_questions[0]
    assert [question_in(call.messages) for call in app.parts.model.calls[asked:]] == [question, question]
    assert (first.dataset, first.adapter, first.evaluation) == (second.dataset, second.adapter, second.evaluation)
    assert len(app.deployments()) == 1


def test_a_step_that_fails_is_begun_and_not_ended(tmp_path, app):
    broken = tmp_path / "model.gguf"
    broken.write_bytes(b"not a model")
    app.close()
    settings = Settings(home=tmp_path / "home", pack=STOICS, model_file=broken)
    with Emmaus(settings, model=ScriptedModel(varied), embedder=WordVectors()) as other:
        error, stages = walk(other)
    assert isinstance(error, EmmausError)
    assert "model.gguf" in str(error)
    ended = [step for step, done in order(stages) if done]
    assert ended == ["chat", "generate", "score", "freeze"]
    assert order(stages)[-1] == ("train", False)


def test_progress_is_told_while_a_step_goes_on(app):
    done_already(app, allowed=True)
    fresh = [stage for stage in walk(app)[1] if stage.step == "generate"]
    assert all(stage.seconds >= 0 for stage in fresh)
    assert [stage.done for stage in fresh] == [False, True]
