"""What is begun from the desk: it runs in the background, is seen, paused, resumed, cancelled, and leaves a curve."""

import json
import re
from html import unescape

import pytest

from emmaus.accounts import audit
from emmaus.jobs import begin, curves
from emmaus.types import Conversation, Job, JobState, Progress, Source
from emmaus.web.asking import SECONDS_EACH, seconds_each
from emmaus.web.progress import about
from parts import until, varied


@pytest.fixture
def working(open_home, browse):
    """A home whose background work runs, and a client of its pages."""

    def start(**options):
        home = open_home(varied, **options)
        home.background()
        return home, browse(home)

    return start


def the_job(home):
    return home.store.find(Job)[-1]


def became(home, state):
    return lambda: the_job(home).state is state


def press(client, address, **fields):
    return client.post(address, data=fields)


def test_twenty_conversations_are_generated_from_the_page(working):
    home, client = working()
    page = client.get("/desk/david").text
    assert "<strong>Next:</strong> David has too little to learn from" in page
    assert 'hx-trigger="every 2s"' not in page
    seed = re.search(r'name="seed" id="seed" value="(\d+)"', page)[1]
    fields = {"number": "own", "own": "20", "seed": seed}
    begun = press(client, "/desk/david/generate", **fields)
    assert (begun.status_code, begun.headers["location"]) == (303, "/desk/david?done=begun")
    job = the_job(home)
    assert 'hx-trigger="every 2s"' in client.get("/desk/david").text
    assert press(client, "/desk/david/generate", **fields).status_code == 303  # a second click
    until(became(home, JobState.DONE), 60)
    assert home.store.find(Job) == [home.store.get(Job, job.id)]
    assert home.store.count(Conversation, character="david", source=Source.SYNTHETIC) == 20
    now = client.get(f"/desk/jobs/now?character=david&watched={job.id}").text
    assert "every 2s" not in now
    assert "20 synthetic" in now
    assert "Generation of David: done, 20 of 20." in now
    assert '<div id="ended" hx-swap-oob="innerHTML">' in now
    assert f'id="seed" value="{int(seed) + 1}"' in now  # the next ones are others
    assert "20 conversations wait for a person" in now
    page = client.get("/desk/david?done=begun").text
    assert "generated conversations (job" in page
    assert press(client, "/desk/david/generate", **fields).headers["location"].endswith("done=found")


def test_work_is_paused_resumed_and_cancelled_from_the_page(working):
    home, client = working(delay=0.02)
    press(client, "/desk/david/generate", number="1000")
    until(lambda: the_job(home).done > 0, 60)
    job = the_job(home)
    assert re.search(rf'action="/desk/jobs/{job.id}/pause"', client.get("/desk/jobs").text)
    paused = press(client, f"/desk/jobs/{job.id}/pause", back="/desk/david")
    assert paused.headers["location"] == "/desk/david"
    until(lambda: the_job(home).note == "paused on request")
    panel = client.get("/desk/jobs/now?character=david").text
    assert 'class="state paused"' in panel
    assert f"/desk/jobs/{job.id}/pause" not in panel
    press(client, f"/desk/jobs/{job.id}/resume")
    until(became(home, JobState.RUNNING))
    press(client, f"/desk/jobs/{job.id}/cancel")
    until(lambda: the_job(home).note == "cancelled on request")
    assert 0 < home.store.count(Conversation, job=job.id) < 1000
    assert "/cancel" not in client.get(f"/desk/jobs/{job.id}").text


def test_one_cannot_be_sent_away_by_a_button(working):
    home, client = working()
    job = begin(home.store, "train", "david", {}, state=JobState.PAUSED)
    gone = press(client, f"/desk/jobs/{job.id}/cancel", back="https://elsewhere.example/")
    assert gone.headers["location"] == f"/desk/jobs/{job.id}"


def test_programs_begin_and_stop_work_too(working):
    home, client = working(delay=0.02)
    asked = {"kind": "generate", "character": "david", "what": {"n": 500, "drawing": {"k": 2}}}
    begun = client.post("/api/jobs", json=asked)
    assert begun.status_code == 202
    name = begun.json()["id"]
    assert home.store.get(Job, name).request["k"] == 2
    assert client.post("/api/jobs", json=asked).json()["id"] == name
    until(lambda: the_job(home).done > 1, 60)
    assert client.post(f"/api/jobs/{name}/pause").json()["state"] == "paused"
    until(lambda: the_job(home).note == "paused on request")
    curve = client.get(f"/api/jobs/{name}/curve").json()
    assert (curve["job"], curve["live"]) == (name, False)
    assert curve["points"][-1]["total"] == 500
    assert curve["points"][-1]["values"]["tokens_per_second"] > 0
    assert client.post(f"/api/jobs/{name}/resume").json()["state"] == "queued"
    assert client.post(f"/api/jobs/{name}/cancel").json()["state"] == "cancelled"
    done = [(event.act, event.object, event.detail) for event in audit.read(home.store, last=5)]
    assert done[:3] == [("cancel", name, ""), ("resume", name, ""), ("pause", name, "")]
    assert done[3:] == [("start", "generate david", name)] * 2


WRONG = [
    ("/desk/david/generate", {"number": "0"}, 400, "'0' is no number of conversations: give a whole number from 1 to"),
    ("/desk/david/generate", {"number": "own", "own": "many"}, 400, "'many' is no number of conversations"),
    ("/desk/david/generate", {"number": "100", "minutes": "0"}, 400, "'0' is no number of minutes"),
    ("/desk/david/generate", {"number": "100", "own": "many"}, 400, "'many' is no number of conversations"),
    ("/desk/david/generate", {"number": "own"}, 400, "say how many conversations to generate: for example 100"),
    ("/desk/david/freeze", {"minimum": "nan"}, 400, "give a number from 0 to 1"),
    ("/desk/david/train", {"epochs": "0"}, 400, "no number of epochs"),
    ("/desk/david/train", {}, 404, "david has no dataset yet"),
    ("/desk/david/evaluate", {"limit": "1"}, 400, "give a whole number of at least 2"),
    ("/desk/david/evaluate", {}, 404, "david has no adapter yet"),
    ("/desk/jobs/nonesuch/pause", {}, 404, "there is no job"),
    ("/desk/nobody/generate", {"number": "100"}, 404, "nobody"),
]


@pytest.mark.parametrize(("address", "fields", "status", "words"), WRONG)
def test_what_is_wrong_is_said_in_a_sentence(client, home, address, fields, status, words):
    answer = client.post(address, data=fields)
    assert answer.status_code == status
    assert words.lower() in unescape(answer.text).lower()
    assert home.store.count(Job) == 0


@pytest.mark.parametrize(
    ("address", "body"),
    [
        ("/api/jobs", {"kind": "generate", "character": "david", "what": {"n": 0}}),
        ("/api/jobs", {"kind": "generate", "character": "david", "what": {"drawing": {"k": 0}}}),
        ("/api/jobs", {"kind": "generate", "character": "david", "what": {"minutes": 0}}),
        ("/api/jobs", {"kind": "generate", "character": "david", "what": {"drawing": {"workers": 100000}}}),
        ("/api/jobs", {"kind": "dance", "character": "david"}),
        ("/api/jobs", {"kind": "train", "character": "david", "what": {"recipe": {"epochs": 0}}}),
        ("/api/jobs", {"kind": "freeze", "character": "david", "what": {"minimum": 2}}),
        ("/api/jobs", {"kind": "score", "character": "nobody"}),
    ],
)
def test_programs_are_told_as_well(client, home, address, body):
    answer = client.post(address, json=body)
    assert 400 <= answer.status_code < 500
    assert answer.json()
    assert home.store.count(Job) == 0
    assert client.get("/api/jobs/nonesuch/curve").status_code == 404
    assert client.get("/desk/jobs/nonesuch").status_code == 404


def test_a_preview_is_drawn_in_place_and_kept_nowhere(open_home, browse):
    home = open_home(varied)
    client = browse(home)
    part = client.post("/desk/david/preview", data={"seed": "3"}, headers={"HX-Request": "true"}).text
    assert part.startswith('<div id="preview"')
    assert "A preview, kept nowhere." in part
    assert "It would be " in part
    question = re.search(r'<p class="asked">(.*?)</p>', part)[1]
    whole = client.post("/desk/david/preview", data={"seed": "3"}).text
    assert question in whole
    assert "<h1>David</h1>" in whole
    assert home.store.count(Conversation) == home.store.count(Job) == 0


def test_programs_are_given_a_preview_and_an_estimate(open_home, browse):
    home = open_home(varied)
    client = browse(home)
    drawn = client.post("/api/preview/david", json={"seed": 3}).json()
    assert drawn["turn"]["question"]
    assert bool(drawn["score"]) is not bool(drawn["dropped"])
    assert home.store.count(Conversation) == home.store.count(Job) == 0
    missing = client.get("/api/estimate/david")
    assert (missing.status_code, "emmaus freeze david" in missing.text) == (404, True)


def test_a_preview_says_in_place_why_there_is_none(open_home, browse):
    client = browse(open_home([]))
    told = client.post("/desk/david/preview", data={}, headers={"HX-Request": "true"})
    assert told.status_code == 200
    assert '<p class="notice">' in told.text


def keep(home, job, losses, *, since=0.0):
    """Keep a curve as a training does, a second a step."""
    clock = iter(since + second for second in range(len(losses) + 1))
    curve = curves.Curve(home.parts.path, job.id, lambda: next(clock))
    for step, loss in losses:
        curve.add(Progress(step, 100, "", {"loss": loss, "tokens_per_second": 190.0}))


def test_a_curve_survives_a_reload_and_goes_on_after_a_pause(client, home):
    job = begin(home.store, "train", "david", {"dataset": "d1"}, state=JobState.PAUSED)
    keep(home, job, [(step, 3.0 / step) for step in range(1, 11)])
    page = client.get(f"/desk/jobs/{job.id}").text
    assert f'data-from="/api/jobs/{job.id}/curve"' in page
    assert '<th scope="col" class="number">loss</th>' in page
    before = client.get(f"/api/jobs/{job.id}/curve").json()["points"]
    assert client.get(f"/api/jobs/{job.id}/curve").json()["points"] == before
    assert [point["done"] for point in before] == list(range(1, 11))
    keep(home, job, [(step, 0.2) for step in range(8, 13)], since=1000.0)  # from its last checkpoint
    after = client.get(f"/api/jobs/{job.id}/curve").json()["points"]
    assert [point["done"] for point in after] == list(range(1, 13))
    assert after[7]["values"]["loss"] == 0.2
    assert curves.rate(curves.read(home.parts.path, job.id)) == pytest.approx(1.0)


def test_a_long_curve_stays_small_and_keeps_its_course(tmp_path):
    curve = curves.Curve(tmp_path, "long")
    for step in range(1, 10_001):
        curve.add(Progress(step, 10_000, "", {"loss": float("nan") if step == 5 else 1 / step}))
    points = curves.read(tmp_path, "long")
    assert 400 < len(points) <= curves.MOST
    assert points[-1].done == 10_000
    assert [point.done for point in points] == sorted(point.done for point in points)
    json.dumps([dict(point.values) for point in points], allow_nan=False)


def test_a_torn_line_costs_a_point(tmp_path):
    curve = curves.Curve(tmp_path, "torn")
    curve.add(Progress(1, 3))
    file = tmp_path / "cache" / "curves" / "torn.jsonl"
    file.write_text(file.read_text() + '{"at": 3, "si', encoding="utf-8")
    assert [point.done for point in curves.read(tmp_path, "torn")] == [1]
    assert curves.read(tmp_path, "none") == []


def test_what_cannot_be_kept_of_a_curve_stops_nothing(tmp_path):
    (tmp_path / "cache").write_text("a file where a folder should be")
    curves.Curve(tmp_path, "job").add(Progress(1, 2))
    assert curves.read(tmp_path, "job") == []


def test_the_time_is_estimated_from_the_last_generation(home, client):
    assert seconds_each(home) == SECONDS_EACH
    assert "about 50 min" in client.get("/desk/david").text
    job = begin(home.store, "generate", "ruth", {"n": 40, "seed": 4}, state=JobState.DONE)
    clock = iter(range(0, 1000, 6))
    curve = curves.Curve(home.parts.path, job.id, lambda: next(clock))
    for done in range(1, 41):
        curve.add(Progress(done, 40))
    assert seconds_each(home) == 6
    assert "about 10 min" in client.get("/desk/david").text


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (3, "less than a minute"),
        (50, "about 1 min"),
        (3000, "about 50 min"),
        (12_000, "about 3 h 20 min"),
        (90_000, "about 25 h"),
    ],
)
def test_a_length_of_time_in_words(seconds, words):
    assert about(seconds) == words
