"""Talking: the stream, what is kept of it, how it stops, and what is said when something goes wrong."""

import html
import json
import re
import shutil
import subprocess
import sys
import time
from contextlib import suppress
from threading import Thread

import httpx
import pytest
from playwright.sync_api import expect
from said import ANSWER, HOST, VERSE, events

from emmaus.api import Emmaus
from emmaus.config import Settings
from emmaus.errors import NotFound
from emmaus.feedback import LIKED
from emmaus.models.scripted import ScriptedModel
from emmaus.store import policy
from emmaus.types import ConsentEvent, Conversation, Draft, Rating, Scope, Source
from emmaus.web.talks import Talks
from parts import STOICS, Lost, WordVectors, go_live, until

expect.set_options(timeout=60_000)  # a busy machine takes its time


def ask(client, question="Were you never afraid?", talk=None):
    return client.post("/api/chat/david", json={"question": question, "talk": talk})


def stream(client, question="Were you never afraid?", talk=None):
    answer = client.post("/api/chat/david/stream", json={"question": question, "talk": talk})
    assert answer.status_code == 200
    return events(answer.text)


def test_an_answer_streams_with_its_verse_and_ends_whole(client):
    first, *texts, last = stream(client)
    assert first[0] == "talk"
    text = "".join(data["text"] for name, data in texts if name == "text")
    assert text == ANSWER.replace("[Psalm 56:3]", f"\u201c{VERSE}\u201d (Psalm 56:3)")
    assert last[0] == "turn"
    assert last[1]["turn"]["text"] == text
    assert f'<q class="verse">\u201c{VERSE}\u201d</q> <cite><button type="button" class="cite"' in last[1]["html"]
    assert "Checked: the words in the answer are those of the WEB." in last[1]["html"]


def test_the_stands_on_panel_names_the_passages_of_the_prompt(client):
    turn = stream(client)[-1][1]["turn"]
    pointed = [stand for stand in turn["stands_on"] if stand["pointed"]]
    assert [stand["text"] for stand in pointed] == [VERSE]
    assert sum(not stand["pointed"] for stand in turn["stands_on"]) >= 1


def test_a_pointer_at_a_whole_book_sends_its_name_and_not_the_book(open_home, browse):
    client = browse(open_home("I sang them all. [Psalms]"))
    last = stream(client)[-1][1]
    assert [(stand["reference"], stand["text"]) for stand in last["turn"]["stands_on"] if stand["pointed"]] == [
        ("Psalm", "")
    ]
    assert "too long to be shown here" in last["html"]
    assert len(last["html"]) < 20_000


def test_a_talk_goes_on_and_survives_a_reload(client, home):
    talk = stream(client)[0][1]["talk"]
    assert stream(client, "And then?", talk)[0][1]["talk"] == talk
    asked = [message.content for message in home.parts.model.calls[-1].messages]
    assert any("Were you never afraid?" in content for content in asked)
    page = client.get(f"/chat/david?talk={talk}").text
    assert page.count('<article class="turn"') == 2
    assert "And then?" in page


@pytest.mark.parametrize("end", ["\u2028", "\u2029", "\x85"])
def test_no_character_of_an_answer_ends_a_line_of_the_stream(open_small, browse, end):
    wrong = f"Some things are really up to us{end}and some are not."
    client = browse(open_small(f'I say: "{wrong}" (Handbook 1:1)'))
    answer = client.post("/api/chat/epictetus/stream", json={"question": "What is mine?"})
    assert all(line.startswith(("event: ", "data: ", ": ")) for line in answer.text.splitlines() if line)
    *_, (name, last) = events(answer.text)
    assert name == "turn"
    assert any(end in part["instead"] for part in last["turn"]["parts"])


def test_two_talks_know_nothing_of_each_other(client, home):
    stream(client, "My name is Ada.")
    stream(client, "Who am I?")
    assert not any("Ada" in message.content for message in home.parts.model.calls[-1].messages)


def test_nothing_is_kept_without_consent(client, home):
    talk = ask(client).json()["talk"]
    turn = ask(client, "And then?", talk).json()["turn"]["id"]
    answer = client.post("/api/rate", json={"talk": talk, "turn": turn, "value": 1})
    assert answer.status_code == 403
    assert "not kept" in answer.json()["detail"]
    assert home.store.count(Conversation, source=Source.PERSON) == 0


def test_a_liked_answer_is_kept_at_once_with_what_led_to_it(client, home):
    talk = ask(client, "Were you never afraid?").json()["talk"]
    liked = ask(client, "And then?", talk).json()["turn"]["id"]
    client.put("/api/consent", json={"scopes": ["store", "train"]})
    assert ask(client, "And after that?", talk).json()["kept"]
    assert client.post("/api/rate", json={"talk": talk, "turn": liked, "value": 1, "reason": "true"}).status_code == 200
    first = next(c for c in home.store.find(Conversation) if any(t.id == liked for t in c.turns))
    assert [turn.question for turn in first.turns] == ["Were you never afraid?", "And then?"]
    assert [score.value for score in home.store.scores([liked])[liked]] == [LIKED]
    kept = [turn.question for c in home.store.find(Conversation) for turn in c.turns]
    assert sorted(kept) == ["And after that?", "And then?", "Were you never afraid?"]


def test_rating_again_keeps_nothing_twice(client, home):
    client.put("/api/consent", json={"scopes": ["store"]})
    answered = ask(client).json()
    body = {"talk": answered["talk"], "turn": answered["turn"]["id"]}
    for value in (1, -1, 0):
        client.post("/api/rate", json={**body, "value": value, "flag": value == -1, "correction": "No."})
    assert home.store.count(Conversation) == 1
    assert [rating.value for rating in home.store.find(Rating)] == [1, -1, 0]
    assert [rating.flag for rating in home.store.find(Rating)] == [False, True, False]


@pytest.mark.parametrize(
    ("judged", "words"),
    [
        ({}, "says nothing"),
        ({"value": 1, "reason": "a" * 4001}, "at most 4,000"),
        ({"value": 1, "correction": " "}, "is empty"),
        (
            {"correction": "I was afraid. [Psalm 999:3]"},
            "stands nowhere in WEB, KJV, ASV; point at a verse that exists",
        ),
        ({"correction": 'I said "The Lord is my taco." (Psalm 23:1)'}, "quote exactly, or without marks"),
        ({"correction": "I rest. [Romans 8:1]"}, "David cannot know Romans 8:1; point at another verse"),
    ],
)
def test_a_rating_that_is_refused_keeps_nothing(client, home, judged, words):
    answered = ask(client).json()
    client.put("/api/consent", json={"scopes": ["store"]})
    body = {"talk": answered["talk"], "turn": answered["turn"]["id"]}
    refused = client.post("/api/rate", json={**body, **judged})
    assert refused.status_code == 400
    assert words in refused.json()["detail"]
    assert home.store.count(Conversation, source=Source.PERSON) == 0


def test_a_thumb_can_be_taken_back(client, home):
    client.put("/api/consent", json={"scopes": ["store"]})
    answered = ask(client).json()
    body = {"talk": answered["talk"], "turn": answered["turn"]["id"]}
    given = [client.post("/api/rate", json={**body, "value": value}).status_code for value in (1, 0, 0)]
    assert given == [200, 200, 400]


def test_an_answer_that_ends_after_everything_was_deleted_is_not_kept(open_home, served):
    home = open_home("word " * 20, delay=0.05)
    home.consent([Scope.STORE])
    address = served(home)
    key, asked = address.key, {"question": "Who?"}
    with httpx.stream("POST", f"{address}/api/chat/david/stream", json=asked, headers=key, timeout=30) as answer:
        lines = answer.iter_lines()
        while "text" not in next(lines):
            pass
        deleted = httpx.delete(f"{address}/api/data", headers=key, timeout=30)
        assert deleted.status_code == 200
        rest = list(lines)
    assert '"kept":false' in "".join(rest).replace(" ", "")
    assert home.store.count(Conversation, source=Source.PERSON) == 0


def test_consent_is_four_switches_and_all_are_off(client):
    told = client.get("/api/consent").json()
    assert (told["scopes"], told["lapsed"]) == ([], False)
    assert (told["text"], told["words"]) == policy()
    page = client.get("/chat/david").text
    assert page.count('role="switch"') == len(Scope)
    assert "checked" not in page


def test_new_words_are_agreed_to_anew(client, home):
    home.store.add(ConsentEvent("older", home.parts.subject, frozenset(Scope), "older words", 0.0))
    told = client.get("/api/consent").json()
    assert (told["scopes"], told["lapsed"]) == ([], True)
    for address in ("/chat/david", "/data"):
        page = client.get(address).text
        assert "These words have changed since you agreed to them" in page
        assert "checked" not in page
    assert '<details class="panel" id="keeping" open>' in client.get("/chat/david").text
    assert not ask(client).json()["kept"]
    client.put("/api/consent", json={"scopes": ["store"]})
    page = client.get("/chat/david").text
    assert "have changed" not in page
    assert '<details class="panel" id="keeping">' in page
    assert ask(client).json()["kept"]


def test_words_that_changed_since_they_were_shown_are_not_agreed_to(client, home):
    said = client.put("/api/consent", json={"scopes": ["store"], "words": "older words"})
    assert said.status_code == 409
    assert "the words have changed since you were shown them" in said.json()["detail"]
    page = client.post("/data/consent", data={"scope": "store", "words": "older words"})
    assert page.status_code == 409
    assert home.store.consent(home.parts.subject) == frozenset()
    shown = re.search(r'name="words" value="(\w+)"', client.get("/data").text)[1]
    assert shown == client.get("/api/consent").json()["words"]
    assert client.post("/data/consent", data={"scope": "store", "words": shown}).status_code == 303
    assert home.store.consent(home.parts.subject) == {Scope.STORE}


def test_training_cannot_be_allowed_without_keeping(client):
    answer = client.put("/api/consent", json={"scopes": ["train"]})
    assert answer.status_code == 403
    assert "'train'" in answer.json()["detail"]


def test_my_data_lists_what_is_kept_and_deletes_all_of_it(client, home):
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert client.post("/data/consent", content="scope=store&scope=train", headers=form).status_code == 303
    answered = ask(client, "Were you <b>never</b> afraid?").json()
    client.post(
        "/api/rate", json={"talk": answered["talk"], "turn": answered["turn"]["id"], "value": 1, "reason": "Yes!"}
    )
    page = client.get("/data").text
    assert page.count("checked") == 2
    assert "1 conversation." in page
    assert "Were you &lt;b&gt;never&lt;/b&gt; afraid?" in page
    assert "a good answer. Yes!" in page
    assert client.post("/data/delete", headers=form).status_code == 303
    assert home.store.count(Conversation) == home.store.count(Rating) == 0
    assert "Nothing." in client.get("/data").text
    assert ask(client, "Still there?", answered["talk"]).status_code == 404


def test_my_data_shows_all_that_counts_of_what_was_said(client):
    client.put("/api/consent", json={"scopes": ["store"]})
    answered = ask(client).json()
    body = {"talk": answered["talk"], "turn": answered["turn"]["id"]}
    for said in (
        {"flag": True, "reason": "It is false."},
        {"value": -1, "correction": "I hid in the cave.", "reason": "Too soft."},
        {"value": 1, "reason": "Too soft."},
    ):
        assert client.post("/api/rate", json={**body, **said}).status_code == 200
    page = client.get("/data").text
    assert "You said: a good answer, flagged. It is false.; Too soft.<" in page
    assert "Better: I hid in the cave." in page


def test_my_data_tells_my_words_from_those_of_others(client, home):
    client.put("/api/consent", json={"scopes": ["store"]})
    turn = ask(client).json()["turn"]["id"]
    home.store.add(Rating("r1", turn, "somebody else", -1, "I do not like it."))
    page = client.get("/data").text
    assert "You said" not in page
    assert "I do not like it." not in page


def test_a_broken_card_takes_nobodys_data_away(tmp_path, browse):
    pack = shutil.copytree(STOICS, tmp_path / "pack")

    def opened():
        return Emmaus(
            Settings(home=tmp_path / "home", pack=pack), model=ScriptedModel("I rest."), embedder=WordVectors()
        )

    with opened() as home:
        home.consent([Scope.STORE])
        list(home.chat("epictetus").say("What is mine?"))
        (pack / "characters" / "marcus" / "character.yaml").write_text("name: [", encoding="utf-8")
        page = browse(home).get("/data")
        assert page.status_code == 200
        assert "<strong>Epictetus</strong> What is mine?" in page.text
    (pack / "characters" / "epictetus" / "character.yaml").write_text("name: [", encoding="utf-8")
    with opened() as home:
        page = browse(home).get("/data").text
        assert "<strong>epictetus</strong> What is mine?" in page
        assert 'action="/data/consent"' in page
        assert 'action="/data/delete"' in page
    (pack / "plain.txt").unlink()
    with opened() as home:
        assert "I rest." in browse(home).get("/data").text


def test_whatever_a_model_or_a_person_writes_is_text(open_home, browse):
    client = browse(open_home("<script>alert(1)</script> <img src=x onerror=alert(2)> & so"))
    last = stream(client, "<script>alert(3)</script>")[-1][1]
    assert "<script" not in last["html"]
    assert last["html"].count("<img") == last["html"].count('<img class="portrait"') == 1
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in last["html"]
    page = client.get('/chat/david?question="><script>alert(4)</script></textarea><script>').text
    assert page.count("<script") == 1


def test_a_person_in_danger_hears_the_program_and_rates_nothing(client, home):
    *_, (name, last) = stream(client, "I want to kill myself")
    assert name == "turn"
    assert last["turn"]["care"]
    assert "988" in last["html"]
    assert "rating" not in last["html"]
    assert "This is Emmaus, the program. David does not answer this." in last["html"]
    assert "/portraits/" not in last["html"]
    assert home.parts.model.calls == []


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("Will my wife come back to me?", "Nobody knows what will happen"),
        ("Should I refuse chemotherapy?", "a doctor or a pharmacist"),
        ("Is it legal to record my neighbor?", "a lawyer or a legal advice centre"),
        ("Do you absolve me?", "A pastor, a priest"),
    ],
)
def test_what_no_character_answers_is_shown_as_the_program_and_rates_nothing(client, home, question, words):
    *_, (name, last) = stream(client, question)
    assert name == "turn"
    assert last["turn"]["care"]
    assert words in last["html"]
    assert "This is Emmaus, the program. David does not answer this." in last["html"]
    assert "rating" not in last["html"]
    assert home.parts.model.calls == []


@pytest.mark.parametrize("broken", ["embedder", "adapter"])
def test_a_person_in_danger_is_answered_whatever_is_broken(open_home, browse, broken):
    home = open_home(embedder=Lost()) if broken == "embedder" else open_home(embedded=True)
    client = browse(home)
    talk = ask(client, "I want to die").json()["talk"]
    if broken == "adapter":
        go_live(home, "david").unlink()
    *_, (name, data) = stream(client, "Were you never afraid?")
    # Without the embedder words alone find the verses; without their adapter nobody speaks.
    assert name == {"embedder": "turn", "adapter": "failed"}[broken]
    assert broken == "embedder" or "emmaus rollback david" in data["error"]
    for begun in (None, talk):
        *_, (name, last) = stream(client, "I want to kill myself", begun)
        assert name == "turn"
        assert last["turn"]["care"]
    assert ask(client, "I want to kill myself").json()["turn"]["care"]


@pytest.mark.parametrize(
    ("address", "body", "status", "words"),
    [
        ("/api/chat/david", {"question": "  "}, 400, "the question is empty"),
        ("/api/chat/david/stream", {"question": "x" * 6001}, 400, "shorten it"),
        ("/api/chat/zeus", {"question": "Who?"}, 404, "no character 'zeus'"),
        ("/api/chat/david", {"question": "Who?", "talk": "gone"}, 404, "reload the page"),
        ("/api/chat/david", {"quest": "Who?"}, 422, "body.question"),
        ("/api/rate", {"talk": "gone", "turn": "gone", "value": 1}, 404, "reload the page"),
    ],
)
def test_mistakes_are_told_in_a_sentence(client, address, body, status, words):
    answer = client.post(address, json=body)
    assert answer.status_code == status
    assert words in answer.json()["detail"]


def test_half_a_character_breaks_nothing(client):
    def post(address, body):
        return client.post(address, content=body, headers={"Content-Type": "application/json"})

    assert post("/api/chat/david", r'{"question": "\ud800"}').status_code == 400
    answered = post("/api/chat/david", r'{"question": "Were you \ud800 never afraid?"}').json()
    assert answered["turn"]["question"] == "Were you  never afraid?"
    assert post("/api/chat/david", r'{"question": "Who?", "\ud800": 1}').status_code == 422
    client.put("/api/consent", json={"scopes": ["store"]})
    body = f'{{"talk": "{answered["talk"]}", "turn": "{answered["turn"]["id"]}", "value": 1, '
    assert post("/api/rate", body + r'"reason": "\ud800 true", "correction": "I was. \udfff"}').status_code == 200


def test_a_model_that_fails_is_told_in_the_stream_and_the_talk_goes_on(open_home, browse):
    client = browse(open_home([ANSWER]))
    talk = stream(client)[0][1]["talk"]
    *_, (name, data) = stream(client, "And then?", talk)
    assert name == "failed"
    assert "no answer left" in data["error"]
    assert client.get(f"/chat/david?talk={talk}").text.count('<article class="turn"') == 1


def test_what_breaks_inside_is_not_shown_to_the_world(open_home, browse, caplog):
    def broken(messages, adapter):
        raise RuntimeError("/secret/path")

    *_, (name, data) = stream(browse(open_home(broken)))
    assert name == "failed"
    assert "/secret" not in data["error"]
    assert "secret" in caplog.text


def test_closing_the_stream_stops_the_model(open_home, served):
    pieces = 0

    def sleep(seconds):
        nonlocal pieces
        pieces += 1
        time.sleep(seconds)

    home = open_home("word " * 150, delay=0.05, sleep=sleep)
    address = served(home)
    body = {"question": "Tell me all of it."}
    with httpx.stream("POST", f"{address}/api/chat/david/stream", json=body, headers=address.key) as answer:
        lines = answer.iter_lines()
        while "text" not in next(lines):
            pass
    time.sleep(0.5)
    stopped = pieces
    time.sleep(0.5)
    assert 1 <= pieces == stopped < 15


def test_who_leaves_before_the_first_word_stops_the_model_too(open_home, served):
    home = open_home(delay=60.0)  # as long as a long prompt takes to read
    address, calls = served(home), home.parts.model.calls
    key = address.key

    def stopped(talk):
        time.sleep(1.5)
        return not httpx.post(f"{address}/api/stop", json={"talk": talk}, headers=key, timeout=60).json()["stopped"]

    chat, body = f"{address}/api/chat/david", {"question": "Tell me all of it."}
    with httpx.stream("POST", f"{chat}/stream", json=body, headers=key, timeout=60) as answer:
        lines = answer.iter_lines()
        assert next(lines) == "event: talk"
        talk = json.loads(next(lines).removeprefix("data: "))["talk"]
        until(lambda: len(calls) == 1)
    assert stopped(talk)
    with suppress(httpx.ReadTimeout):
        httpx.post(chat, json={**body, "talk": talk}, headers=key, timeout=4)
    assert len(calls) == 2
    assert stopped(talk)


def test_help_waits_for_no_answer_that_is_still_coming(open_home, served):
    home = open_home(delay=60.0)
    address, calls = served(home), home.parts.model.calls
    chat, key, body = f"{address}/api/chat/david", address.key, {"question": "Tell me all of it."}
    with httpx.stream("POST", f"{chat}/stream", json=body, headers=key, timeout=60) as answer:
        lines = answer.iter_lines()
        next(lines)
        talk = json.loads(next(lines).removeprefix("data: "))["talk"]
        until(lambda: calls)
        helped = httpx.post(chat, json={"question": "I want to die", "talk": talk}, headers=key, timeout=60)
        assert (helped.status_code, helped.json()["turn"]["care"]) == (200, True)
        assert "event: stopped" in list(lines)


def test_a_second_question_waits_until_the_first_is_answered(open_home, served):
    address = served(open_home("word " * 20, delay=0.05))
    key, first = address.key, {"question": "First?"}
    with httpx.stream("POST", f"{address}/api/chat/david/stream", json=first, headers=key) as answer:
        blocks = answer.iter_text()
        talk = events(next(blocks).split("\n\n")[0])[0][1]["talk"]
        second = httpx.post(f"{address}/api/chat/david", json={"question": "Second?", "talk": talk}, headers=key)
        assert second.status_code == 400
        assert "still being answered" in second.json()["detail"]


def test_the_oldest_talk_goes_when_there_are_too_many(home):
    talks = Talks(home, most=2)
    first, second, third = (talks.begin("david", "me") for _ in range(3))
    assert len(talks) == 2
    assert talks.get(second.id, "me") is second
    fourth = talks.begin("ruth", "me")
    assert talks.get(second.id, "me") is second
    assert talks.get(fourth.id, "me") is fourth
    for gone in (first, third):
        with pytest.raises(NotFound, match="no longer in memory"):
            talks.get(gone.id, "me")
    with pytest.raises(NotFound, match="no longer in memory"):
        talks.get(fourth.id, "somebody else")


def test_a_question_in_the_address_is_filled_in_and_not_sent(client, home):
    page = client.get("/chat/david?question=Were+you+never+afraid%3F").text
    assert ">Were you never afraid?</textarea>" in page
    assert home.parts.model.calls == []


def test_every_page_says_that_an_ai_speaks(client):
    for page in ("/", "/chat/david", "/characters/david", "/data", "/desk"):
        assert "an AI" in client.get(page).text
    for page in ("/", "/chat/david", "/characters/david"):
        assert "It can be wrong" in client.get(page).text


def test_the_gallery_shows_everybody_with_questions_to_begin_with(client, home):
    page = client.get("/").text
    for character in home.characters():
        assert f'href="/chat/{character.slug}"' in page
        assert f'href="/chat/{character.slug}?question=' in page
        assert character.era.label in page
        assert f'href="/characters/{character.slug}"' in page
        assert f'src="/portraits/{character.slug}.svg"' in page
    listed = client.get("/api/characters").json()
    assert [one["slug"] for one in listed] == [character.slug for character in home.characters()]


def test_the_gallery_is_in_the_order_of_their_time(client):
    page = client.get("/").text
    some = [page.index(f"<strong>{name}</strong>") for name in ("Abraham", "Moses", "Ruth", "David", "Esther", "Paul")]
    assert some == sorted(some)


def test_the_page_of_a_character_tells_their_life(client, home):
    page = client.get("/characters/david").text
    david = home.parts.pack.character("david")
    for event in david.events:
        assert event.reference in page
    for word in ("Jesse", "wives", "brothers-in-law", "Bethlehem", "Goliath"):
        assert word in page
    for question in david.sample_questions:
        assert question in html.unescape(page)
    assert client.get("/characters/zeus").status_code == 404


def test_the_api_tells_a_life(client):
    one = client.get("/api/characters/ruth").json()
    assert one["title"] == "a Moabite widow, gleaner, wife of Boaz"
    assert one["years"][0] < one["years"][1] < 0
    assert ("Naomi", "mother-in-law") in [(fact["name"], fact["relation"]) for fact in one["life"]["kin"]]
    assert client.get(one["portrait"]).headers["content-type"] == "image/svg+xml"
    assert client.get(one["page"]).status_code == 200


def test_a_portrait_is_kept_by_the_browser_until_it_changes(client):
    answer = client.get("/portraits/david.svg")
    assert answer.headers["cache-control"].startswith("max-age=")
    again = client.get("/portraits/david.svg", headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert client.get("/portraits/ruth.svg").headers["etag"] != answer.headers["etag"]
    assert client.get("/portraits/zeus.svg").status_code == 404


def test_the_api_describes_itself(client):
    paths = client.get("/api/openapi.json").json()["paths"]
    assert "/api/chat/{character}/stream" in paths
    assert all(path.startswith(("/api/", "/v1/")) for path in paths)
    stream = paths["/api/chat/{character}/stream"]["post"]["responses"]["200"]["content"]["text/event-stream"]
    assert {"turn", "stopped", "failed"} < set(stream["schema"]["properties"]["event"]["enum"])
    assert client.get(f"{HOST}/docs").status_code == 404


@pytest.fixture
def program(open_home):
    """A program that answers slowly, and the one-time link that it says."""
    home = open_home()
    command = [sys.executable, "-c", SERVES, str(home.parts.path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        try:
            yield running, re.search(r"http://\S+", running.stdout.readline())[0]
        finally:
            running.kill()


@pytest.mark.parametrize("following", ["", "And then?"])
def test_what_a_reader_saw_before_the_program_was_killed_stays_on_the_page(program, page, following):
    running, link = program
    page.goto(link)
    page.goto(f"{link.partition('/?')[0]}/chat/david?question=Tell+me+all")
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.locator(".pending .words")).to_contain_text("word word")
    page.get_by_label("Your question to David").fill(following)
    running.kill()
    expect(page.get_by_role("alert")).to_have_text(
        "Emmaus cannot be reached: see whether it still runs in its terminal, then try again."
    )
    expect(page.locator("article.turn.broken")).to_contain_text("word word")
    expect(page.locator("article.turn.broken")).to_contain_text("This answer is not whole")
    expect(page.locator(".pending")).to_have_count(0)
    expect(page.get_by_label("Your question to David")).to_have_value(following or "Tell me all")


@pytest.mark.parametrize(
    ("following", "told", "left"),
    [("And then?", "Stopped.", "And then?"), ("", "Stopped. Your question is back in the box.", "Tell me all")],
)
def test_a_question_that_was_stopped_never_takes_the_place_of_the_next(open_home, served, page, following, told, left):
    address = served(open_home("word " * 3, delay=1))
    page.goto(address.link)
    page.goto(f"{address}/chat/david?question=Tell+me+all")
    page.get_by_role("button", name="Ask", exact=True).click()
    page.get_by_label("Your question to David").fill(following)
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_role("alert")).to_have_text(told)
    expect(page.get_by_label("Your question to David")).to_have_value(left)


def test_an_answer_takes_the_place_of_another_with_all_that_followed(open_home, browse):
    home = open_home([f"Answer {number}." for number in range(1, 9)])
    client = browse(home)
    client.put("/api/consent", json={"scopes": ["store"]})
    first = ask(client, "One?").json()
    talk, old = first["talk"], first["turn"]["id"]
    ask(client, "Two?", talk)
    body = {"question": "One, in other words?", "talk": talk, "instead": old}
    turn = client.post("/api/chat/david", json=body).json()["turn"]
    (kept,) = home.store.find(Conversation)
    assert [said.id for said in kept.turns] == [turn["id"]]
    assert kept.id == talk
    assert not any("Two?" in message.content for message in home.parts.model.calls[-1].messages)
    assert client.post("/api/chat/david", json=body).status_code == 404
    assert home.store.holds(old)
    mine = client.get("/api/data").json()["conversations"][0]
    assert [said["question"] for said in mine["replaced"]] == ["One?", "Two?"]
    data = client.get("/data").text
    places = [data.index(words) for words in ("One, in other words?", "Replaced by what stands above", "Two?")]
    assert places == sorted(places)


def test_a_kept_conversation_goes_on_after_a_restart(open_home, browse):
    home = open_home()
    client = browse(home)
    client.put("/api/consent", json={"scopes": ["store"]})
    talk = ask(client, "My name is Ada.").json()["talk"]
    client = browse(home)
    assert "My name is Ada." in client.get(f"/chat/david?talk={talk}").text
    assert ask(client, "Who am I?", talk).status_code == 200
    assert any("Ada" in message.content for message in home.parts.model.calls[-1].messages)
    (kept,) = home.store.find(Conversation)
    assert [turn.question for turn in kept.turns] == ["My name is Ada.", "Who am I?"]


def test_an_answer_that_was_stopped_is_kept_and_marked_and_is_no_turn(open_home, served):
    home = open_home("word " * 100, delay=0.05)
    home.consent({Scope.STORE, Scope.TRAIN})
    address = served(home)
    key = address.key
    with httpx.stream(
        "POST", f"{address}/api/chat/david/stream", json={"question": "Tell me all."}, headers=key, timeout=60
    ) as answer:
        talk, said = None, []
        for line in answer.iter_lines():
            if line.startswith("data: "):
                data = json.loads(line.removeprefix("data: "))
                said.append(data)
                talk = talk or data.get("talk")
                if len(said) == 4:
                    assert httpx.post(f"{address}/api/stop", json={"talk": talk}, headers=key).json() == {
                        "stopped": True
                    }
    assert "This answer is not whole" in said[-1]["html"]
    (draft,) = home.store.find(Draft)
    assert draft.text.startswith("word word")
    assert home.store.find(Conversation) == []
    with httpx.stream(
        "POST",
        f"{address}/api/chat/david/stream",
        json={"question": "Tell me all.", "talk": talk, "instead": draft.id},
        headers=key,
        timeout=60,
    ) as answer:
        assert "event: turn" in answer.read().decode()
    assert home.store.find(Draft) == []
    (kept,) = home.store.find(Conversation)
    assert len(kept.turns) == 1


def test_nothing_of_a_stopped_answer_is_kept_without_consent(open_home, served):
    home = open_home("word " * 100, delay=0.05)
    address = served(home)
    body = {"question": "Tell me all."}
    with httpx.stream("POST", f"{address}/api/chat/david/stream", json=body, headers=address.key, timeout=60) as answer:
        lines = answer.iter_lines()
        while "word" not in next(lines):
            pass
    time.sleep(1.5)
    assert home.store.find(Draft) == []


def test_how_the_model_stands_is_told(client):
    assert client.get("/api/model").json() == {"state": "elsewhere"}


def tell_all(link):
    address, _, _ = link.partition("/?token=")
    with suppress(httpx.HTTPError), httpx.Client(timeout=60) as client:
        client.get(link)
        client.post(f"{address}/api/chat/david/stream", json={"question": "Tell me all."})


SERVES = """
import sys
from pathlib import Path
from emmaus.api import Emmaus
from emmaus.config import Settings
from emmaus.models.scripted import ScriptedModel
from emmaus.web.run import serve
with Emmaus(Settings(home=Path(sys.argv[1])), model=ScriptedModel("word " * 400, delay=0.05)) as home:
    serve(home, port=0, open_browser=False, jobs=False)
"""


def test_what_was_said_before_the_program_was_killed_is_kept_and_marked(open_home, browse):
    home = open_home()
    home.consent({Scope.STORE})
    command = [sys.executable, "-c", SERVES, str(home.parts.path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as program:
        try:
            link = re.search(r"http://\S+", program.stdout.readline())[0]
            asking = Thread(target=tell_all, args=(link,), daemon=True)
            asking.start()
            until(lambda: home.store.find(Draft), 60)
        finally:
            program.kill()
    asking.join(10)
    (draft,) = home.store.find(Draft)
    assert draft.text.startswith("word")
    page = browse(home).get("/chat/david").text
    assert "This answer is not whole" in page
    assert "Tell me all." in page
    data = browse(home).get("/data").text
    assert "1 answer that is not finished" in data
    assert "Download all" in data
    again = browse(home).post("/api/chat/david", json={"question": "Tell me all.", "instead": draft.id})
    assert again.status_code == 200
    assert home.store.find(Draft) == []
