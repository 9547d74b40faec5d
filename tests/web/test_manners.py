"""Manners of the API: problems in one shape, pages, ETags, one's own conversations, feedback, and the contract."""

import json

import pytest

from emmaus.types import Conversation, Job, JobState, Rating, Scope, Source, Turn

JSON = {"Content-Type": "application/json"}


@pytest.fixture
def home(open_small):
    return open_small('I say: "Some things are really up to us and some are not." (Handbook 1:1) Rest.')


@pytest.fixture
def client(browse, home):
    return browse(home)


@pytest.fixture
def talked(client, home):
    """Three conversations that are kept, the last of two turns."""
    home.consent([Scope.STORE])
    for question in ("What is mine?", "Why do I fear the sea?", "Who are you?"):
        last = client.post("/api/chat/epictetus", json={"question": question}).json()
    client.post("/api/chat/epictetus", json={"question": "And who taught you?", "talk": last["talk"]})
    return client.get("/api/conversations").json()["items"]


def test_every_problem_has_one_shape_and_a_page_that_explains_it(client):
    for answer, status, slug in (
        (client.get("/api/characters/zeus"), 404, "not-found"),
        (client.get("/api/nowhere"), 404, "not-found"),
        (client.get("/api/rate"), 405, "method-not-allowed"),
        (client.post("/api/chat/epictetus", json={"question": " "}), 400, "bad-input"),
        (client.post("/api/chat/epictetus", content=b'{"quest', headers=JSON), 400, "malformed"),
        (client.post("/api/chat/epictetus", json={"quest": 1}), 422, "invalid"),
        (client.put("/api/consent", json={"scopes": ["train"]}), 403, "not-consented"),
        (client.put("/api/consent", json={}, headers={"Origin": "http://evil.example"}), 403, "forbidden"),
        (client.post("/api/chat/epictetus", content=b"x" * 70_000), 413, "too-large"),
        (client.get("/api/characters", headers={"Host": "evil.example"}), 421, "misdirected"),
    ):
        problem = answer.json()
        assert answer.status_code == problem["status"] == status
        assert answer.headers["content-type"] == "application/problem+json"
        assert problem["type"] == f"/problems/{slug}"
        assert problem["title"]
        assert problem["detail"]
        assert problem["instance"] == answer.request.url.path
        assert problem["title"] in client.get(problem["type"]).text
    assert client.get("/problems/none").status_code == 404
    assert client.get("/api/rate").headers["allow"] == "POST"


def test_what_is_invalid_is_listed_whole(client):
    problem = client.post("/api/chat/epictetus", json={"talk": 7, "more": 1}).json()
    assert {error["where"] for error in problem["errors"]} == {"body.question", "body.talk", "body.more"}


def test_what_has_not_changed_is_not_sent_again(client, home):
    for address in ("/api/characters", "/api/characters/epictetus", "/api/status", "/api/jobs", "/api/conversations"):
        first = client.get(address)
        again = client.get(address, headers={"If-None-Match": f'"other", W/{first.headers["etag"]}'})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == first.headers["etag"]
    assert client.get("/api/characters").headers["cache-control"] == "no-cache"
    assert client.get("/api/conversations").headers["cache-control"] == "no-store"
    before = client.get("/api/jobs").headers["etag"]
    home.store.add(Job("j", "train", "epictetus", {}, JobState.DONE))
    assert client.get("/api/jobs", headers={"If-None-Match": before}).status_code == 200


def test_jobs_come_in_pages(client, home):
    for number in range(5):
        home.store.add(Job(f"job-{number}", "train", "epictetus", {}, JobState.DONE, done=number, total=9))
    home.store.add(Job("lost", "train", "epictetus", {}, JobState.RUNNING))
    address, seen = "/api/jobs?limit=4", []
    while address:
        answer = client.get(address)
        seen += answer.json()["items"]
        link = answer.headers.get("link")
        assert bool(link) == bool(answer.json()["next"])
        address = link and link.partition("<")[2].partition(">")[0]
        assert link is None or link.endswith('; rel="next"')
        assert address is None or "limit=4" in address
    assert [job["id"] for job in seen] == ["lost", "job-4", "job-3", "job-2", "job-1", "job-0"]
    assert seen[0]["state"] == "interrupted"
    assert client.get("/api/jobs/job-3").json()["done"] == 3
    assert client.get("/api/jobs/none").status_code == 404
    for wrong in ("limit=0", "limit=101", "cursor=x y", "limit=many"):
        assert client.get(f"/api/jobs?{wrong}").status_code == 422


def test_own_conversations_are_listed_found_named_and_read(client, talked, home):
    assert [one["question"] for one in talked] == ["Who are you?", "Why do I fear the sea?", "What is mine?"]
    assert talked[0]["turns"] == 2
    sea = talked[1]["id"]
    assert [one["id"] for one in client.get("/api/conversations?q=SEA").json()["items"]] == [sea]
    named = client.patch(f"/api/conversations/{sea}", json={"title": " Of  fear "}).json()
    assert named["title"] == "Of fear"
    assert [one["id"] for one in client.get("/api/conversations?q=of fear").json()["items"]] == [sea]
    assert client.patch(f"/api/conversations/{sea}", json={"title": "a" * 201}).status_code == 422
    whole = client.get(f"/api/conversations/{sea}").json()
    assert "really" not in whole["turns"][0]["turn"]["text"]
    assert whole["turns"][0]["value"] == 0


def test_a_conversation_is_taken_along(client, talked):
    address = f"/api/conversations/{talked[0]['id']}/export"
    taken = client.get(address)
    assert taken.headers["content-disposition"].endswith('.json"')
    assert [said["turn"]["question"] for said in taken.json()["turns"]] == ["Who are you?", "And who taught you?"]
    written = client.get(f"{address}?format=markdown")
    assert written.headers["content-type"].startswith("text/markdown")
    assert "# A conversation with Epictetus" in written.text
    assert "> And who taught you?" in written.text
    assert "**Epictetus:** I say: \u201cSome things are up to us" in written.text
    assert client.get(f"{address}?format=pdf").status_code == 422


def test_one_conversation_is_deleted_and_the_talk_goes_on_anew(client, talked, home):
    address = f"/api/conversations/{talked[0]['id']}"
    assert client.delete(address).json() == {"conversations": 1}
    for gone in (client.get(address), client.delete(address), client.patch(address, json={"title": "x"})):
        assert gone.status_code == 404
        assert "of yours" in gone.json()["detail"]
    assert [one["id"] for one in client.get("/api/conversations").json()["items"]] == [one["id"] for one in talked[1:]]


def test_conversations_of_others_are_nobodys_business(client, talked, home):
    turn = Turn("their-turn", "My secret?", "I keep it.")
    home.store.add(Conversation("theirs-000", "epictetus", Source.PERSON, (turn,), subject="somebody-else"))
    assert len(client.get("/api/conversations").json()["items"]) == 3
    assert client.get("/api/conversations?q=secret").json()["items"] == []
    for id in ("theirs-000", "theirs-0"):
        for answer in (
            client.get(f"/api/conversations/{id}"),
            client.get(f"/api/conversations/{id}/export"),
            client.patch(f"/api/conversations/{id}", json={"title": "mine"}),
            client.delete(f"/api/conversations/{id}"),
        ):
            assert answer.status_code == 404
            assert "secret" not in answer.text
    assert client.post("/api/feedback", json={"turn": "their-turn", "value": 1}).status_code == 404
    assert home.store.get(Conversation, "theirs-000").title == ""


def test_feedback_is_told_by_the_turn_alone_and_kept_once(client, talked, home):
    turn = client.get(f"/api/conversations/{talked[0]['id']}").json()["turns"][0]["turn"]["id"]
    said = {"turn": turn, "value": -1, "reasons": ["length"], "reason": "He said nothing.", "flag": True}
    first = client.post("/api/feedback", json=said, headers={"Idempotency-Key": "k"}).json()
    assert client.post("/api/feedback", json={"turn": turn, "value": 1}).status_code == 200
    assert client.post("/api/feedback", json=said, headers={"Idempotency-Key": "k"}).json() == first
    other = client.post("/api/feedback", json={**said, "value": 1}, headers={"Idempotency-Key": "k"})
    assert (other.status_code, "key of its own" in other.json()["detail"]) == (400, True)
    for _ in range(3):
        client.post("/api/feedback", json={"turn": turn, "value": 1})
    assert [(r.value, r.reason, r.reasons) for r in home.store.find(Rating)] == [
        (-1, "He said nothing.", ("length",)),
        (1, "", ()),
    ]
    now = client.get(f"/api/conversations/{talked[0]['id']}").json()["turns"][0]
    assert (now["value"], now["flag"]) == (1, True)


def test_feedback_that_cannot_be_kept_says_why(client, talked, home):
    turn = client.get(f"/api/conversations/{talked[0]['id']}").json()["turns"][0]["turn"]["id"]
    wrong = client.post("/api/feedback", json={"turn": turn, "correction": "I rest. [Handbook 99:1]"})
    assert (wrong.status_code, "stands nowhere" in wrong.json()["detail"]) == (400, True)
    assert client.post("/api/feedback", json={"turn": "none", "value": 1}).status_code == 404
    assert client.post("/api/feedback", json={"turn": turn, "value": 2}).status_code == 422
    home.consent([])
    assert client.post("/api/feedback", json={"turn": turn, "value": 1}).status_code == 403
    assert home.store.count(Rating) == 0


def test_half_a_character_in_an_address_or_a_body_breaks_nothing(client, talked):
    address = f"/api/conversations/{talked[0]['id']}"
    assert client.patch(address, content=rb'{"title": "\udfff x"}', headers=JSON).status_code == 422
    assert client.post("/api/feedback", content=rb'{"turn": "\ud800", "value": 1}', headers=JSON).status_code == 404
    assert client.get("/api/conversations?q=%ED%A0%80").status_code == 200
    assert client.get("/api/conversations/%ED%A0%80").status_code == 404


def test_the_document_says_how_a_program_is_let_in(client, home):
    document = client.get("/api/openapi.json").json()
    (name,) = document["security"][0]
    scheme = document["components"]["securitySchemes"][name]
    assert (scheme["type"], scheme["scheme"]) == ("http", "bearer")
    made = client.post("/api/keys", json={"name": "generated client", "rights": ["chat"]}).json()["key"]
    client.cookies.clear()
    for path in ("/api/characters", "/v1/models"):
        assert client.get(path).status_code == 401
        assert client.get(path, headers={"Authorization": f"{scheme['scheme']} {made}"}).status_code == 200


def test_every_route_names_its_problems(client):
    document = client.get("/api/openapi.json").json()
    for path, methods in document["paths"].items():
        for operation in methods.values():
            assert {"400", "404", "405", "413", "422", "429", "503"} <= set(operation["responses"])
            media = "application/problem+json" if path.startswith("/api/") else "application/json"
            assert all(media in answer["content"] for code, answer in operation["responses"].items() if code >= "4")
    assert "HTTPValidationError" not in json.dumps(document)
