"""The counts of a wheel, what comes next, and what its page tells of datasets, adapters and evaluations."""

import json
import re
from dataclasses import replace

import pytest

from emmaus.feedback import grant
from emmaus.store import counting
from emmaus.types import (
    Adapter,
    Conversation,
    Dataset,
    Decision,
    Deployment,
    Difference,
    Evaluation,
    Example,
    Job,
    JobState,
    Message,
    Rating,
    Review,
    Scope,
    Score,
    Source,
    Turn,
)
from emmaus.web.progress import Work
from emmaus.web.wheel import Wheel, next_step, wheel, wheels
from parts import good, until

ALL = (Scope.STORE, Scope.REVIEW, Scope.TRAIN)
DAY = 86400.0


def said(store, name, *, source=Source.SYNTHETIC, subject=None, job=None, at=0.0, character="david"):
    turn = Turn(f"t-{name}", f"Question {name}?", f"Answer {name}.", created_at=at)
    return store.add(Conversation(f"c-{name}", character, source, (turn,), subject=subject, job=job, created_at=at))


def person(store, name, subject, **more):
    return said(store, name, source=Source.PERSON, subject=subject, **more)


@pytest.fixture
def talked(home):
    """Conversations of every kind with David."""
    store = home.store
    grant(store, "ann", ALL)
    grant(store, "bob", (Scope.STORE, Scope.REVIEW))
    grant(store, "eve", ALL)
    grant(store, "eve", ())
    for name, subject in (("ann1", "ann"), ("ann2", "ann"), ("bob1", "bob"), ("eve1", "eve")):
        person(store, name, subject)
    for number in range(3):
        said(store, f"made{number}", job="job-1")
    said(store, "written", source=Source.AUTHORED)
    said(store, "ruth", character="ruth")
    store.add(Rating("r1", "t-ann1", "ann", 1))
    store.add(Rating("r2", "t-ann2", "ann", 1))
    store.add(Rating("r3", "t-ann2", "ann", 0))  # taken back
    store.add(Rating("r4", "t-bob1", "bob", 0, flag=True))
    store.add(Rating("r5", "t-eve1", "eve", 0, flag=True))  # nobody may review it any more
    store.add(Score("s1", "t-made0", "rubric", "checks", {}, 0.8))
    store.add(Score("s2", "t-made1", "rubric", "checks", {}, None, unscored="too short"))
    store.add(Review("v1", "t-made0", "local", "accept"))
    store.add(Review("v2", "t-made1", "local", "accept"))
    store.add(Review("v3", "t-made1", "local", "undo"))
    return home


def test_every_count_is_that_of_the_store(talked):
    now = wheel(talked, "david")
    assert now.sources == {Source.AUTHORED: 1, Source.PERSON: 4, Source.SYNTHETIC: 3}
    counted = (now.conversations, now.consented, now.rated, now.scored, now.reviewed, now.learned)
    assert counted == (8, 2, 3, 1, 1, 0)
    assert now.unscored == 4  # ann's two, bob's, and one that was generated
    assert now.to_review == 1  # bob's
    assert now.fresh == 5
    both = {one.character: one for one in wheels(talked)}
    assert both["david"] == now
    assert both["ruth"].conversations == 1
    assert wheel(talked, "david", deep=False).conversations == 8


def test_the_desk_shows_the_counts_of_all(talked, browse):
    client = browse(talked)
    page = client.get("/desk").text
    line = page[page.index('href="/desk/david"') :]
    numbers = re.findall(r'<td class="number[^"]*">([^<]*)<', line)
    assert numbers[:6] == ["8", "2", "3", "1", "1", "0"]
    told = client.get("/api/status/david").json()
    assert (told["consented"], told["rated"], told["reviewed"]) == (2, 3, 1)


def test_a_turn_that_was_reviewed_waits_no_more(talked):
    talked.store.add(Review("v4", "t-bob1", "local", "reject"))
    assert wheel(talked, "david").to_review == 0


NOTHING = Wheel(
    character="david",
    name="David",
    sources={},
    conversations=0,
    consented=0,
    rated=0,
    scored=0,
    reviewed=0,
    unscored=0,
    to_review=0,
    dataset=None,
    learned=0,
    fresh=0,
    trained=False,
    adapters=0,
    adapter=None,
    evaluated=False,
    evaluation=None,
    candidate="",
    against="",
    allowed=False,
    reasons=(),
    difference=None,
    deployment=None,
    live="the adapter that ships",
    promotable=False,
    retractable=False,
    taken_back=False,
    jobs=(),
)
FROZEN = replace(NOTHING, dataset="d1", learned=40)
TRAINED = replace(FROZEN, trained=True, adapters=1, adapter="a1")
HELD = replace(TRAINED, evaluated=True, evaluation="e1", candidate="version 1 (a1)")
ALLOWED = replace(HELD, allowed=True, promotable=True)
LIVE = replace(ALLOWED, promotable=False, retractable=True)
BUSY = Work("j1", "train", "david", "running", 1, 9, "", {}, None, None, 0.0)


@pytest.mark.parametrize(
    ("stand", "kind"),
    [
        (NOTHING, "generate"),
        (replace(NOTHING, fresh=30, unscored=2, to_review=30), "score"),
        (replace(NOTHING, fresh=30, to_review=30), "review"),
        (replace(NOTHING, fresh=30), "freeze"),
        (replace(NOTHING, fresh=19), "generate"),
        (FROZEN, "train"),
        (replace(FROZEN, fresh=30, unscored=5), "train"),
        (TRAINED, "evaluate"),
        (HELD, "generate"),
        (replace(HELD, fresh=20), "freeze"),
        (ALLOWED, "promote"),
        (LIVE, "nothing"),
        (replace(LIVE, fresh=20), "freeze"),
        (replace(ALLOWED, taken_back=True), "generate"),
        (replace(ALLOWED, jobs=(BUSY,)), "nothing"),
        (replace(ALLOWED, jobs=(replace(BUSY, state="done"),)), "promote"),
    ],
)
def test_the_next_sensible_step(stand, kind):
    step = next_step(stand)
    assert step.kind == kind
    assert step.words.endswith((".", "!"))
    assert bool(step.button) == (kind != "nothing")


@pytest.fixture
def turned(home):
    """David's wheel after two turns: the first adapter was promoted, and the second held."""
    store = home.store
    for number in range(4):
        said(store, f"one{number}", job="job-1", at=DAY)
        store.add(Score(f"s{number}", f"t-one{number}", "rubric", "checks", {}, 0.5 + number / 10))
    messages = (Message("user", 'What does "split":"train" mean?'), Message("assistant", '"quality_score":0.1 of it.'))
    splits = ["train", "train", "validation", "test"]
    examples = tuple(
        Example(f"c-one{n}", "david", messages, 0.75, False, Source.SYNTHETIC, split) for n, split in enumerate(splits)
    )
    report = {"kept": 4, "dropped": {"scored": 3, "distinct": 1}, "drops": []}
    ids = tuple(f"c-one{n}" for n in range(4))
    store.add(Dataset("dataset-1", "david", "hash", examples, report, 0, ids, 2 * DAY))
    for number, allowed in ((1, True), (2, False)):
        name = f"adapter-{number}"
        metrics = {"loss": 2.0, "best_validation_loss": 1.25}
        where = (f"adapters/{name}", f"adapters/{name}/lora.gguf")
        recipe = {"rank": 16, "epochs": 2}
        store.add(Adapter(name, "david", number, "base", recipe, "dataset-1", "hash", *where, {}, metrics, 3 * DAY))
        change = (
            Difference("composite", 130, 0.5, 0.6, 0.1, 0.05, 0.15),
            Difference("general_loss", 20, 3.0, 3.1, 0.1, 0.05, 0.15),
        )
        decision = Decision(allowed, ("it <rises>" if allowed else "it falls",))
        incumbent = home.parts.first if number == 1 else "adapter-1"
        store.add(
            Evaluation(f"e{number}", "david", name, incumbent, "b", "p", (), change[:1], change[1:], decision, 4 * DAY)
        )
    store.add(Deployment("y1", "david", "adapter-1", "embedded", "e1", None, "local", 5 * DAY))
    return home


def test_the_page_tells_of_everything_that_was_made(turned, browse):
    client = browse(turned)
    page = client.get("/desk/david").text
    assert "2 train, 1 validation, 1 test" in page
    assert "3 scored, 1 distinct" in page
    assert "rank 16, epochs 2" in page
    assert "1.250" in page
    assert "The gate holds the newest" in page
    assert page.count('<svg class="interval"') == 5  # of the newest in the evidence, and two metrics of two
    assert "it &lt;rises&gt;" in page
    assert "-0.150 to -0.050" in page  # a loss that rises stands left of the middle
    assert "/desk/david/report?evaluation=e1" in page
    assert "promoted on" in page
    assert '<svg class="course"' in page
    assert "generated conversations (job job-1)" in page
    assert "evaluation of version 2 (adapter-2)" in page


def test_programs_are_told_of_it_too(turned, browse):
    client = browse(turned)
    frozen = client.get("/api/datasets?character=david").json()
    assert frozen[0]["splits"] == {"train": 2, "validation": 1, "test": 1}
    assert frozen[0]["quality"] == 0.75
    assert client.get("/api/datasets").json() == frozen
    assert [one["version"] for one in client.get("/api/adapters").json()] == [2, 1]
    assert [one["live"] for one in client.get("/api/adapters?character=david").json()] == [False, True]
    side = client.get("/api/evaluations?character=david").json()
    assert [one["id"] for one in side["evaluations"]] == ["e2", "e1"]
    assert [row["cells"][0]["mean"] for row in side["metrics"]] == [0.1, -0.1]
    assert [one["through"] for one in client.get("/api/deployments").json()] == ["version 1 (adapter-1)"]
    assert client.get("/api/adapters?character=nobody").status_code == 404
    assert client.post("/api/promote/david").status_code == 409
    back = client.post("/api/rollback/david", json={"deployment": "y1"}).json()
    assert back["adapter"] is None
    assert client.post("/api/rollback/david").status_code == 404


def test_a_dataset_is_downloaded_as_the_file_that_training_reads(turned, browse):
    client = browse(turned)
    file = client.get("/desk/david/datasets/dataset-1")
    assert file.headers["content-disposition"] == 'attachment; filename="david-dataset-1.jsonl"'
    rows = [json.loads(line) for line in file.text.splitlines()]
    assert [row["split"] for row in rows] == ["train", "train", "validation", "test"]
    assert client.get("/desk/ruth/datasets/dataset-1").status_code == 404
    same = client.get("/api/datasets/dataset-1/export")
    assert (same.headers["content-type"], same.text) == (file.headers["content-type"], file.text)
    assert client.get("/api/datasets/nothing/export").status_code == 404


def test_what_the_page_of_a_wheel_tells_is_told_to_programs(turned, browse):
    client = browse(turned)
    report = client.get("/api/evaluations/e2/report")
    assert report.headers["content-type"].startswith("text/html")
    assert report.text == client.get("/desk/david/report?evaluation=e2").text
    assert client.get("/api/evaluations/nothing/report").status_code == 404
    marks = client.get("/api/quality/david").json()
    assert {mark["kind"] for mark in marks} == {"synthetic", "dataset", "evaluation"}
    assert [mark["at"] for mark in marks] == sorted(mark["at"] for mark in marks)
    assert client.get("/api/next/david").json()["words"] in client.get("/desk/david").text.replace("&#39;", "'")


def test_a_wheel_is_scored_and_frozen_from_the_page_and_by_programs(open_small, browse):
    home = open_small()
    client = browse(home)
    for number in range(30):
        turn = Turn(f"t-{number}", f"What do I do with thought {number}?", good(37 * number))
        home.store.add(Conversation(f"c-{number}", "epictetus", Source.IMPORTED, (turn,)))
    assert "30 conversations wait for a score" in client.get("/desk/epictetus").text
    home.background()

    def ended(kind):
        until(lambda: home.store.find(Job)[-1].state is JobState.DONE, 60)
        (*_, job) = home.store.find(Job)
        assert job.kind == kind
        return job.note

    assert client.post("/desk/epictetus/score").headers["location"] == "/desk/epictetus?done=begun"
    assert ended("score").startswith("30 scored, 0 had a score")
    assert client.post("/api/jobs", json={"kind": "score", "character": "epictetus"}).json()["kind"] == "score"
    assert ended("score").startswith("0 scored, 30 had a score")
    assert wheel(home, "epictetus").unscored == 0
    assert client.post("/desk/epictetus/freeze", data={"minimum": "0", "seed": "1"}).status_code == 303
    assert ended("freeze").startswith("dataset d")
    page = client.get("/desk/epictetus").text
    assert "No adapter has learned from dataset" in page
    assert "of memory" in client.get("/desk/epictetus/estimate").text
    asked = {"kind": "freeze", "character": "epictetus", "what": {"seed": 1, "minimum": 0}}
    again = client.post("/api/jobs", json=asked).json()
    note = ended("freeze")
    assert note.startswith(f"nothing changed since dataset {home.dataset('epictetus').id} of ")
    assert home.store.count(Dataset) == 1
    assert (
        "Nothing changed since dataset" in client.get(f"/desk/jobs/now?character=epictetus&watched={again['id']}").text
    )
    assert client.get(f"/api/jobs/{again['id']}").json()["note"] == note


def test_quality_is_a_mean_for_each_generation_and_each_other_day(home):
    store = home.store
    for number, (job, at) in enumerate([("a", 0.0), ("a", 9 * DAY), ("b", DAY), (None, DAY), (None, DAY + 5)]):
        source = Source.SYNTHETIC if job else Source.IMPORTED
        said(store, str(number), job=job, source=source, at=at)
        store.add(Score(f"s{number}", f"t-{number}", "rubric", "checks", {}, number / 10))
    found = store.ask(counting.course, "david")
    told = sorted((one.job or "", one.n, round(one.value, 3)) for one in found)
    assert told == [("", 2, 0.35), ("a", 2, 0.05), ("b", 1, 0.2)]
    assert found[-1].job == "a"
