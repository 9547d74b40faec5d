"""Generation: exactly as many as were asked for, all good and new, and the same after any interruption."""

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from emmaus.chat import Speaker
from emmaus.data import Drawing, Spent, generate, generated
from emmaus.errors import BadInput, BudgetSpent, Cancelled, ModelError
from emmaus.feedback import grant
from emmaus.models.scripted import ScriptedModel
from emmaus.store import open_store
from emmaus.types import Conversation, Job, JobState, Rejection, Scope, Score, Source, Turn
from parts import BAD, WordVectors, good, varied

DRAWING = Drawing(k=2, workers=3, minimum=0.6)
SCRIPT = Path(__file__).parent / "generating.py"
N, SEED = 12, 5


def make(stoa, store, n=6, *, job="job", model=None, **options):
    options = {"drawing": DRAWING, **options}
    generate(Speaker(stoa, model or ScriptedModel(varied)), store, WordVectors(), job=job, n=n, **options)
    return store.find(Conversation, job=job)


def told(conversations):
    """What a generation came to, without when."""
    return [(c.id, c.topic, [(t.id, t.question, t.answer, t.passages) for t in c.turns]) for c in conversations]


def test_exactly_so_many_good_ones_are_accepted(stoa, kept):
    spent, seen = Spent(), []
    made = make(stoa, kept, 7, spent=spent, report=seen.append)
    assert len(made) == len({c.turns[0].question for c in made}) == 7
    assert all(c.source is Source.SYNTHETIC and c.subject is None and c.turns[0].answer not in BAD for c in made)
    scores = kept.scores([c.turns[0].id for c in made])
    assert all(scores[c.turns[0].id][0].value >= DRAWING.minimum for c in made)
    result = generated(kept, "job", spent)
    assert (result.accepted, result.questions) == (7, 7 + sum(result.dropped.values()))
    assert result.dropped
    assert result.tokens > 0
    assert [progress.done for progress in seen] == sorted(progress.done for progress in seen)
    assert (seen[-1].done, seen[-1].total) == (7, 7)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"k": 0}, "k is 0; it must lie in 1..64"),
        ({"workers": 0}, "workers is 0"),
        ({"workers": 100_000}, "workers is 100000"),
        ({"minimum": 5}, "minimum is 5; it must lie in 0..1"),
        ({"minimum": float("nan")}, "minimum is nan"),
        ({"temperature": -1.0}, "temperature is -1.0"),
        ({"max_tokens": 0}, "max_tokens is 0"),
        ({"patience": 0}, "patience is 0"),
    ],
)
def test_numbers_that_cannot_be_drawn_with_are_refused(given, said):
    with pytest.raises(BadInput, match=f"drawing: {said}"):
        Drawing(**given)


def test_no_more_questions_are_drawn_for_than_are_wanted(stoa, kept):
    model = ScriptedModel(lambda messages, adapter: good(len(messages[-1].content)))
    assert len(make(stoa, kept, 1, model=model, drawing=Drawing(k=2, workers=3, minimum=0.0))) == 1
    assert len(model.calls) == 2


def test_a_finished_one_asks_nothing_again(stoa, kept):
    made = make(stoa, kept)
    model = ScriptedModel("never asked")
    assert make(stoa, kept, model=model) == made
    assert model.calls == []


def test_the_same_seed_makes_the_same(stoa, tmp_path):
    runs = []
    for name, workers in (("a", 1), ("b", 4)):
        with open_store(tmp_path / name) as store:
            runs.append(told(make(stoa, store, drawing=Drawing(k=2, workers=workers, minimum=0.6))))
    assert runs[0] == runs[1]


def test_another_job_repeats_no_question(stoa, kept):
    first, second = make(stoa, kept), make(stoa, kept, job="other")
    asked = [c.turns[0].question for c in (*first, *second)]
    assert len(set(asked)) == len(asked) == 12


def test_what_people_said_changes_nothing(stoa, tmp_path):
    runs = []
    for name in ("alone", "talked"):
        with open_store(tmp_path / name) as store:
            if name == "talked":
                grant(store, "alice", [Scope.STORE])
                for number, (_, _, turns) in enumerate(runs[0]):
                    turn = Turn(f"t{number}", turns[0][1], turns[0][2])
                    store.add(Conversation(f"c{number}", "epictetus", Source.PERSON, (turn,), subject="alice"))
            runs.append(told(make(stoa, store)))
    assert runs[0] == runs[1]


def test_the_best_of_the_answers_is_kept(stoa, kept):
    answers = [BAD[0], good(7), BAD[1]]
    model = ScriptedModel([*answers, *(BAD[0] for _ in range(20))])
    (made,) = make(stoa, kept, 1, model=model, drawing=Drawing(k=3, workers=1, minimum=0.6))
    assert made.turns[0].answer == good(7)
    assert len({call.sampling.seed for call in model.calls[:3]}) == 3


def test_what_is_dropped_says_why(stoa, kept):
    with pytest.raises(ModelError, match=r"only 0 of 2 .* good enough after 6 questions \(first_person \d"):
        make(stoa, kept, 2, model=ScriptedModel(BAD[0]), drawing=Drawing(k=1, workers=1, patience=3))
    drops = kept.find(Rejection, job="job")
    assert len(drops) == 6
    assert all("steps out of the character" in drop.evidence for drop in drops)
    assert kept.find(Conversation) == kept.find(Score) == []


def test_a_twin_is_dropped_and_named(stoa, kept):
    long = f"{good(7)} {good(100)} {good(300)}"
    with pytest.raises(ModelError, match="twin"):
        make(stoa, kept, 2, model=ScriptedModel(long), drawing=Drawing(k=1, workers=1, patience=4, minimum=0.5))
    (only,) = kept.find(Conversation)
    assert {drop.twin for drop in kept.find(Rejection) if drop.rule == "twin"} == {only.id}


def test_a_pack_without_more_questions_says_so(stoa, kept):
    with pytest.raises(BadInput, match=r"the pack has no more questions: \d+ of 500 .*topics.yaml"):
        make(stoa, kept, 500)


def test_a_cancelled_one_goes_on(stoa, kept, tmp_path):
    def stop(progress):
        if progress.done == 3:
            raise Cancelled("enough")

    with pytest.raises(Cancelled):
        make(stoa, kept, report=stop)
    assert kept.count(Conversation) == 3
    made = told(make(stoa, kept))
    with open_store(tmp_path / "undisturbed") as store:
        assert made == told(make(stoa, store))


def test_after_so_many_minutes_it_is_told_what_they_came_to(stoa, kept, tmp_path):
    with pytest.raises(BudgetSpent, match=r"the 1e-06 min that were given are over: \d of 6 conversations were good"):
        make(stoa, kept, minutes=1e-6)
    assert kept.count(Conversation) + kept.count(Rejection) == 1
    made = told(make(stoa, kept, minutes=60))
    with open_store(tmp_path / "undisturbed") as store:
        assert made == told(make(stoa, store))


def test_a_lost_model_loses_nothing(stoa, kept):
    calls = iter(range(9))

    def lost(messages, adapter):
        if next(calls, None) is None:
            raise ModelError("the model stopped answering: start it again")
        return varied(messages, adapter)

    with pytest.raises(ModelError, match="stopped answering"):
        make(stoa, kept, 20, model=ScriptedModel(lost))
    before = kept.find(Conversation)
    assert make(stoa, kept, 20)[: len(before)] == before


def start(home, delay):
    command = [sys.executable, str(SCRIPT), str(home), str(N), str(SEED), str(delay)]
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parent.parent)}
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)


def finish(home):
    with start(home, 0) as process:
        output = process.stdout.read()
    assert process.returncode == 0
    assert output.splitlines()[-1].startswith(f"made {N} ")
    with open_store(home) as store:
        return store.find(Conversation, source=Source.SYNTHETIC), store.find(Rejection), store.find(Job)


def test_a_killed_one_ends_with_the_set_of_an_undisturbed_one(tmp_path):
    draw = random.Random(2)
    killed_at = []
    for reports in (1, 3, 6):
        with start(tmp_path / "killed", 0.3) as process:
            for _ in range(reports):
                process.stdout.readline()
            time.sleep(draw.uniform(0, 0.06))
            process.kill()
        assert process.returncode == -9
        with open_store(tmp_path / "killed") as store:
            killed_at.append(store.count(Conversation, source=Source.SYNTHETIC))
    assert 0 < killed_at[-1] < N
    made, dropped, jobs = finish(tmp_path / "killed")
    assert len(made) == len({c.id for c in made}) == len({c.turns[0].question for c in made}) == N
    assert len({c.turns[0].id for c in made}) == N
    assert not {c.turns[0].question for c in made} & {drop.question for drop in dropped}
    assert [job.state for job in jobs] == [JobState.DONE]
    undisturbed, also_dropped, _ = finish(tmp_path / "undisturbed")
    assert told(made) == told(undisturbed)
    assert [(d.id, d.rule, d.question) for d in dropped] == [(d.id, d.rule, d.question) for d in also_dropped]
