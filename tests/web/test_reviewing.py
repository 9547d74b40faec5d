"""The review at the desk: as JSON for programs, and one answer at a time for somebody with a keyboard."""

import pytest
from playwright.sync_api import expect

from emmaus.feedback import grant
from emmaus.types import Conversation, Rating, Review, Scope, Score, Source, Turn
from parts import until

expect.set_options(timeout=20_000)  # a busy machine takes its time
ANSWER = "I say it to myself each noon. [Handbook 1:1] Then I go back to my lamp."
BETTER = "I would say it shorter."
EVIL = "<script>document.title='taken'</script><img src=x onerror=\"document.title='taken'\">"


@pytest.fixture
def home(open_small):
    return open_small()


@pytest.fixture
def waits(home):
    """Let so many generated answers wait, the first the most doubtful."""

    def make(count, answer=ANSWER):
        for number in range(count):
            turn = Turn(f"t{number}", f"What of the {number} jars?", answer, ("Handbook 1:1",), model="m")
            home.store.add(Conversation(f"c{number}", "epictetus", Source.SYNTHETIC, (turn,), topic="jars"))
            criteria = {"fluent": 0.9, "true_life": 0.2}
            found = ("true_life: he never said so",)
            home.store.add(Score(f"s{number}", turn.id, "b", "checks", criteria, 0.7 + number / 50, findings=found))

    return make


@pytest.fixture
def flagged(home):
    """A person's answer that they flagged."""
    first = Turn("p0", "Who are you?", "A slave, and free.", model="m")
    turn = Turn("p1", "And who owns you?", ANSWER, ("Handbook 1:1",), model="m")
    home.store.add(Conversation("cp", "epictetus", Source.PERSON, (first, turn), subject="bob"))
    grant(home.store, "bob", [Scope.STORE, Scope.REVIEW])
    home.store.add(Rating("r1", "p1", "bob", -1, "He did not answer me.", True, "Nobody does.", 1.0))


def decisions(home):
    return [(one.turn, one.decision) for one in home.store.find(Review)]


def test_the_queue_is_listed_for_programs_without_anybodys_name(browse, home, waits, flagged):
    waits(3)
    client = browse(home)
    found = client.get("/api/reviews", params={"character": "epictetus", "limit": 3}).json()
    assert found["counts"] == [
        {"character": "epictetus", "waiting": 5, "flagged": 1, "accepted": 0, "edited": 0, "rejected": 0}
    ]
    assert [one["waiting"]["turn"]["id"] for one in found["items"]] == ["p1", "p0", "t0"]
    first = found["items"][0]
    assert first["waiting"]["why"] == "A reader flagged it."
    assert first["waiting"]["ratings"] == [
        {"value": -1, "flag": True, "reasons": ["He did not answer me."], "correction": "Nobody does."}
    ]
    assert [turn["id"] for turn in first["waiting"]["history"]] == ["p0"]
    assert [part["reference"] for part in first["shown"]["parts"]] == ["", "Handbook 1:1", ""]
    assert first["html"] == ""
    assert "bob" not in str(found)
    assert client.get("/api/reviews").json()["counts"][0]["waiting"] == 5
    assert client.get("/api/reviews?limit=0").status_code == 422
    assert client.get("/api/reviews?character=nobody").status_code == 404


def test_a_program_decides_and_is_told_when_somebody_was_faster(browse, home, waits):
    waits(1)
    client = browse(home)
    kept = client.post("/api/reviews/t0", json={"decision": "reject", "reasons": ["untrue"], "version": ""})
    assert kept.status_code == 200
    assert kept.json()["review"]["reviewer"] == "local"
    assert kept.json()["version"] == kept.json()["review"]["id"]
    home.reviews.decide("t0", "accept", reviewer="zoe")
    late = client.post(
        "/api/reviews/t0", json={"decision": "edit", "correction": BETTER, "version": kept.json()["version"]}
    )
    assert late.status_code == 409
    assert late.json()["detail"] == "zoe accepted this answer meanwhile: look at it again, then decide"
    now = client.get("/api/reviews/t0").json()["waiting"]
    again = client.post(
        "/api/reviews/t0", json={"decision": "edit", "correction": BETTER, "version": now["version"]}
    ).json()
    assert again["review"]["correction"] == BETTER
    assert client.get("/api/reviews").json()["counts"][0]["edited"] == 1


def test_what_must_not_be_reviewed_is_refused_in_words(browse, home, waits, flagged):
    waits(1)
    client = browse(home)
    grant(home.store, "bob", [Scope.STORE])
    for asked in (client.get("/api/reviews/p1"), client.post("/api/reviews/p1", json={"decision": "accept"})):
        assert asked.status_code == 403
        assert "its speaker does not allow it" in asked.json()["detail"]
    assert client.post("/api/reviews/none", json={"decision": "accept"}).status_code == 404
    for body in ({"decision": "like"}, {"decision": "reject", "reasons": ["boring"]}, {"decision": "accept", "x": 1}):
        assert client.post("/api/reviews/t0", json=body).status_code == 422
    assert client.post("/api/reviews/t0", json={"decision": "edit"}).status_code == 400
    assert decisions(home) == []
    assert "owns you" not in client.get("/desk/review").text


def test_the_desk_says_how_much_waits(browse, home, waits):
    waits(2)
    client = browse(home)
    assert 'href="/desk/review"' in client.get("/desk").text
    assert "Review: 2 waiting" in client.get("/desk/epictetus").text
    assert "Nothing waits" in client.get("/desk/review/marcus").text
    assert client.get("/desk/review/nobody").status_code == 404


@pytest.fixture
def viewport():
    return {"width": 1000, "height": 800}


@pytest.fixture
def review(page, served, home):
    """Come in, and go to the queue when it is filled."""
    address = served(home)
    page.goto(address.link)

    def open_review(path="/desk/review/epictetus"):
        page.goto(address + path)
        page.wait_for_load_state("networkidle")
        return page

    return open_review


def settled(home, count):
    """Wait until so many decisions are kept."""
    until(lambda: len(decisions(home)) >= count)
    return decisions(home)


def test_the_keyboard_alone_goes_through_the_queue(home, waits, flagged, review):
    waits(5)
    walk = review()
    asked = walk.locator(".item .asked").last
    expect(walk.locator("#place")).to_have_text("1 of 7")
    expect(walk.get_by_text("A reader flagged it.")).to_be_visible()
    expect(walk.locator(".known")).to_contain_text("He did not answer me.")
    expect(walk.locator(".judged q.verse")).to_have_text("\u201cSome things are up to us and some are not.\u201d")

    walk.keyboard.press("a")
    expect(asked).to_contain_text("Who are you?")
    expect(walk.locator("#place")).to_have_text("2 of 7")
    expect(walk.get_by_role("status")).to_have_text("Accepted.")
    expect(walk.locator(".item h2")).to_be_focused()
    walk.keyboard.press("s")
    expect(asked).to_contain_text("0 jars")

    walk.keyboard.press("r")
    expect(walk.get_by_label("off topic")).to_be_focused()
    walk.keyboard.press("3")
    walk.keyboard.press("0")
    walk.get_by_label("In your own words").focus()
    walk.keyboard.type("as are all ears")  # letters of decisions, that decide nothing while somebody types
    walk.keyboard.press("Enter")
    expect(asked).to_contain_text("1 jars")

    walk.keyboard.press("e")
    expect(walk.get_by_label("The answer that should have been given")).to_have_value(ANSWER)
    walk.keyboard.press("Control+A")
    walk.keyboard.type(BETTER)
    walk.keyboard.press("Control+Enter")
    expect(asked).to_contain_text("2 jars")
    assert settled(home, 4) == [("p1", "accept"), ("p0", "skip"), ("t0", "reject"), ("t1", "edit")]
    reject, edit = home.store.find(Review)[2:]
    assert reject.reasons == ("untrue", "other", "as are all ears")
    assert edit.correction == BETTER

    walk.keyboard.press("u")
    expect(asked).to_contain_text("1 jars")
    expect(walk.get_by_role("status")).to_have_text("Taken back.")
    walk.keyboard.press("u")
    expect(asked).to_contain_text("0 jars")
    for wanted in ("1 jars", "2 jars", "3 jars", "4 jars", "Who are you?"):
        walk.keyboard.press("a")
        expect(asked).to_contain_text(wanted)
    walk.keyboard.press("a")  # what was skipped came again at the end
    expect(walk.get_by_role("heading", name="Nothing waits")).to_be_focused()
    settled(home, 12)
    assert home.reviews.counts("epictetus")[0].accepted == 7


def test_whoever_is_fast_decides_about_each_answer_once(home, waits, review):
    waits(16)
    walk = review()
    nothing = walk.get_by_role("heading", name="Nothing waits")
    for _ in range(100):
        walk.keyboard.press("a")  # as fast as the keys go, whether or not the next answer is there yet
        if nothing.is_visible():
            break
    expect(nothing).to_be_visible()
    assert sorted(settled(home, 16)) == sorted((f"t{number}", "accept") for number in range(16))


def test_help_opens_by_its_key_and_letters_can_be_switched_off(home, waits, review):
    waits(2)
    walk = review()
    walk.keyboard.press("?")
    expect(walk.get_by_role("dialog")).to_contain_text("accept: it is good as it is")
    walk.keyboard.press("a")
    walk.get_by_label("Letters decide").uncheck()
    walk.keyboard.press("Escape")
    walk.keyboard.press("a")
    walk.reload()
    walk.wait_for_load_state("networkidle")
    walk.keyboard.press("a")
    assert decisions(home) == []
    walk.get_by_role("button", name="Accept").click()
    assert settled(home, 1) == [("t0", "accept")]


def test_two_tabs_the_second_is_told_and_keeps_what_was_typed(home, waits, review):
    waits(3)
    walk = review()
    home.reviews.decide("t0", "reject", reviewer="zoe", reasons=["untrue"])
    walk.keyboard.press("e")
    walk.get_by_label("The answer that should have been given").fill(BETTER)
    walk.get_by_role("button", name="Save the edit").click()
    expect(walk.get_by_role("alert")).to_have_text(
        "Zoe rejected this answer (untrue) meanwhile: look at it again, then decide."
    )
    expect(walk.locator(".item .notice")).to_contain_text("Zoe rejected this answer (untrue).")
    expect(walk.get_by_label("The answer that should have been given")).to_have_value(BETTER)
    assert decisions(home) == [("t0", "reject")]
    walk.get_by_role("button", name="Save the edit").click()
    expect(walk.locator(".item .asked")).to_contain_text("1 jars")
    assert settled(home, 2)[-1] == ("t0", "edit")


def test_a_false_citation_is_told_and_the_edit_stands_there_again(home, waits, review):
    waits(3)
    walk = review()
    false = "I say: \u201cWhales sing at noon.\u201d (Handbook 1:1)"
    walk.keyboard.press("e")
    walk.get_by_label("The answer that should have been given").fill(false)
    walk.keyboard.press("Control+Enter")
    expect(walk.get_by_role("alert")).to_contain_text("stands nowhere in Plain")
    expect(walk.get_by_label("The answer that should have been given")).to_have_value(false)
    expect(walk.locator(".item .asked")).to_contain_text("0 jars")
    assert decisions(home) == []


@pytest.mark.parametrize("status", [401, 429, 500, 503])
def test_an_edit_that_cannot_be_kept_now_stands_there_again(home, waits, review, status):
    waits(3)
    walk = review()
    busy = {"status": status, "json": {"detail": "the store is busy: try again"}}
    walk.route("**/api/reviews/t0*", lambda route: route.fulfill(**busy))
    walk.keyboard.press("e")
    walk.get_by_label("The answer that should have been given").fill(BETTER)
    walk.keyboard.press("Control+Enter")
    expect(walk.get_by_role("alert")).to_have_text("The store is busy: try again.")
    expect(walk.locator(".item .asked")).to_contain_text("0 jars")
    expect(walk.get_by_label("The answer that should have been given")).to_have_value(BETTER)
    walk.unroute("**/api/reviews/t0*")
    walk.get_by_role("button", name="Save the edit").click()
    assert settled(home, 1) == [("t0", "edit")]


def test_the_page_is_not_left_without_a_word_while_decisions_are_on_their_way(home, waits, review):
    waits(3)
    walk = review()
    held, asked = [], []
    walk.route("**/api/reviews/t*", lambda route: held.append(route))
    walk.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    walk.keyboard.press("a")
    walk.keyboard.press("a")
    expect(walk.locator(".item .asked")).to_contain_text("2 jars")
    walk.evaluate("location.href = '/desk'")
    walk.wait_for_timeout(500)
    assert asked == ["beforeunload"]
    assert walk.url.endswith("/desk/review/epictetus")
    with walk.expect_request("**/api/reviews/t1"):
        held.pop(0).continue_()
    walk.wait_for_timeout(100)
    with walk.expect_response("**/api/reviews/t1"):
        held.pop(0).continue_()
    assert settled(home, 2) == [("t0", "accept"), ("t1", "accept")]
    walk.wait_for_timeout(100)
    walk.evaluate("location.href = '/desk'")
    walk.wait_for_url("**/desk")
    assert asked == ["beforeunload"]


def test_an_answer_whose_speaker_withdrew_leaves_the_page(home, waits, flagged, review):
    waits(2)
    walk = review()
    grant(home.store, "bob", [Scope.STORE])
    walk.keyboard.press("a")
    expect(walk.get_by_role("alert")).to_contain_text("does not allow it")
    walk.keyboard.press("s")
    expect(walk.locator(".item .asked").last).to_contain_text("0 jars")
    assert all(turn.startswith("t") for turn, _ in settled(home, 0))


def test_nothing_that_a_person_or_a_model_wrote_runs(home, waits, review):
    waits(2, EVIL)
    home.store.add(Conversation("ce", "epictetus", Source.PERSON, (Turn("e", EVIL, EVIL),), EVIL, EVIL, title=EVIL))
    grant(home.store, EVIL, [Scope.STORE, Scope.REVIEW])
    home.store.add(Rating("re", "e", EVIL, 0, EVIL, True, EVIL, 1.0))
    home.reviews.decide("t1", "reject", reviewer=EVIL, note=EVIL)
    home.reviews.decide("t1", "undo", reviewer=EVIL)
    walk = review()
    for _ in range(3):
        expect(walk.locator(".item")).to_contain_text("<script>")
        assert walk.title() == "Review of Epictetus - Desk - Emmaus"
        walk.keyboard.press("s")
    settled(home, 5)
    assert walk.locator(".item img").count() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_is_sound_for_those_who_cannot_see_it_and_on_a_phone(home, waits, flagged, served, browser, scheme):
    from axe_playwright_python.sync_playwright import Axe

    waits(2)
    context = browser.new_context(viewport={"width": 390, "height": 844}, color_scheme=scheme)
    page = context.new_page()
    address = served(home)
    page.goto(address.link)
    for path, key in [("/desk/review", ""), ("/desk/review", "r"), ("/desk/review", "e"), ("/desk/review/marcus", "")]:
        page.goto(address + path)
        page.wait_for_load_state("networkidle")
        if key:
            page.keyboard.press(key)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        found = Axe().run(page).response["violations"]
        assert [one["id"] for one in found if one["impact"] in ("serious", "critical")] == [], (path, key)
        assert page.locator("main").count() == page.locator("h1").count() == 1
    context.close()
