"""The whole story in a real browser: from the first start to a consent that is withdrawn, and seen to be."""

import pytest
from playwright.sync_api import expect

from emmaus.accounts import audit
from emmaus.types import Conversation, Rating, Review, Scope, Source
from parts import question_in, until, varied

expect.set_options(timeout=60_000)  # a busy machine takes its time
HOSTILE = '<script>window.harm = 1</script><img src=x onerror="window.harm = 1">"\'><svg onload=window.harm=1>'


@pytest.fixture
def viewport():
    return {"width": 1100, "height": 850}


def test_from_the_first_start_to_a_withdrawn_consent(open_home, served, page):
    home = open_home(varied, delay=0.002)
    home.background()
    address = served(home)

    page.goto(f"{address}/chat/ruth")  # nobody is known yet
    expect(page.get_by_role("heading", name="Open the link")).to_be_visible()
    page.goto(address.link)
    page.get_by_role("link", name="Ruth", exact=False).first.click()
    page.wait_for_load_state("networkidle")

    page.locator("#keeping summary").click()
    for switch in ("Keep", "Review", "Learn"):
        page.get_by_role("switch", name=switch).check()
    page.get_by_role("button", name="Save my choice").click()
    expect(page.get_by_text("You allow: Keep, Review, Learn")).to_be_visible()

    page.get_by_label("Your question to Ruth").fill("What did you carry on the road?")
    page.keyboard.press("Enter")
    turn = page.locator("article.turn:not(.pending)")
    expect(turn).to_have_count(1)
    turn.get_by_role("button", name="Poor answer").click()
    expect(turn.get_by_role("status")).to_have_text("Thank you, kept.")
    turn.get_by_text("Not how they would speak").click()
    turn.get_by_label("A better answer would be").fill("Bread, a skin of water, and a name that I would not leave.")
    turn.get_by_label("Flag it").check()
    turn.get_by_role("button", name="Send").click()
    until(lambda: len(home.store.find(Rating)) == 2)
    said = home.store.find(Rating)[-1]
    assert (said.value, said.flag, said.reasons) == (-1, True, ("voice",))

    page.get_by_role("link", name="Desk").click()
    page.get_by_role("link", name="Ruth", exact=True).click()
    page.get_by_label("a number of your own").check()
    page.get_by_label("Your own number").fill("20")
    page.get_by_role("button", name="Generate").click()
    expect(page.locator("#counts li").first.locator(".big")).to_have_text("21")
    expect(page.locator("#ended[role=status]")).to_contain_text("done, 20 of 20")
    assert home.store.count(Conversation, source=Source.SYNTHETIC) == 20

    page.get_by_role("link", name="Review:").click()
    page.wait_for_load_state("networkidle")
    expect(page.get_by_text("A reader flagged it.")).to_be_visible()
    for done, key in enumerate("aaraa", 1):
        page.keyboard.press(key)
        if key == "r":
            page.keyboard.press("1")
            page.keyboard.press("Enter")
        expect(page.locator("#place")).to_have_text(f"{done + 1} of 21")
    until(lambda: len(home.store.find(Review)) == 5)
    page.goto(f"{address}/desk/ruth")
    expect(page.get_by_text("Review: 16 waiting")).to_be_visible()
    assert {event.who for event in audit.read(home.store)} == {"local"}

    page.get_by_role("link", name="My data").click()
    page.get_by_role("button", name="Withdraw everything").click()
    expect(page.get_by_text("Withdrawn: nothing of yours is used")).to_be_visible()
    assert home.store.consent(home.parts.subject) == frozenset()
    page.goto(f"{address}/desk/review/ruth")
    page.wait_for_load_state("networkidle")
    expect(page.locator("main")).not_to_contain_text("What did you carry on the road?")
    page.goto(f"{address}/data")
    page.get_by_label("Yes, delete all of it").check()
    page.get_by_role("button", name="Delete all").click()
    expect(page.get_by_text("No conversation of yours is kept")).to_be_visible()
    assert home.store.count(Conversation, source=Source.PERSON) == 0


def test_no_script_runs_in_anything_that_people_write(open_home, served, page):
    home = open_home(lambda messages, adapter: f"You said {question_in(messages)[:20]} {HOSTILE}")
    home.consent({Scope.STORE, Scope.REVIEW, Scope.TRAIN})
    address = served(home)
    page.goto(address.link)
    page.goto(f"{address}/chat/david")
    page.wait_for_load_state("networkidle")
    page.get_by_label("Your question to David").fill(f"Why? {HOSTILE}")
    page.keyboard.press("Enter")
    turn = page.locator("article.turn:not(.pending)")
    expect(turn.locator(".words")).to_contain_text("<script>window.harm")
    turn.get_by_text("Say more").click()
    turn.get_by_label("Why?").fill(HOSTILE)
    turn.get_by_label("A better answer would be").fill(HOSTILE.replace('"', "").replace("'", ""))
    turn.get_by_label("Flag it").check()
    turn.get_by_role("button", name="Send").click()
    expect(turn.get_by_role("status")).to_have_text("Thank you, kept.")
    (talk,) = home.store.find(Conversation, source=Source.PERSON)
    home.store.rename(talk.id, HOSTILE)
    places = ["/conversations", "/data", f"/chat/david?talk={talk.id}", "/chat/david", "/desk/review", "/desk/david"]
    for path in (*places, "/desk/jobs", "/models", "/account", f"/conversations?q={HOSTILE}", f"/chat/{HOSTILE}"):
        page.goto(address + path)
        page.wait_for_load_state("networkidle")
        assert page.evaluate("window.harm") is None, path


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_has_a_serious_fault_for_those_who_cannot_see_it(open_home, served, browser, scheme):
    from axe_playwright_python.sync_playwright import Axe

    home = open_home()
    home.consent({Scope.STORE, Scope.REVIEW})
    talk = home.chat("david")
    list(talk.say("Were you never afraid?"))
    home.rate(talk.turns[0], -1, flag=True, reason="Too short.")
    address = served(home)
    context = browser.new_context(color_scheme=scheme)
    page = context.new_page()
    page.goto(address.link)
    faults = []
    for path in (
        "/",
        "/characters/david",
        f"/chat/david?talk={talk.id}",
        "/conversations",
        "/data",
        "/desk",
        "/desk/david",
        "/desk/jobs",
        "/desk/review",
        "/models",
        "/account",
        "/audit",
        "/problems/not-found",
        "/nowhere",
    ):
        page.goto(address + path)
        page.wait_for_load_state("networkidle")
        found = Axe().run(page).response["violations"]
        faults += [
            (path, one["id"], one["nodes"][0]["html"][:120])
            for one in found
            if one["impact"] in ("serious", "critical")
        ]
    context.close()
    assert faults == []
