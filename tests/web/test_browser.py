"""One walk through the pages in a real browser, as a reader takes it; and what only a browser can tell."""

import pytest
from playwright.sync_api import expect
from said import VERSE

from emmaus.feedback import set_comparing
from emmaus.types import Conversation, Preference, Rating, Scope, Source, Turn

expect.set_options(timeout=20_000)  # a busy machine takes its time
SCHEMES = ["light", "dark"]
PAGES = [
    "/",
    "/chat/david",
    "/characters/david",
    "/data",
    "/conversations",
    "/desk",
    "/desk/david",
    "/desk/review",
    "/models",
    "/account",
    "/people",
    "/audit",
    "/chat/nobody",
]


def test_a_reader_talks_allows_likes_looks_and_deletes(home, served, page):
    page.goto(served(home).link)
    page.get_by_role("link", name="What went through your mind").click()
    question = page.get_by_label("Your question to David")
    expect(question).to_have_value("What went through your mind when you first saw Goliath?")
    expect(page.get_by_text("This is an AI speaking in the voice of David")).to_be_visible()

    page.wait_for_load_state("networkidle")  # the page's script listens
    question.press("Enter")
    answer = page.locator("article.turn:not(.pending)")
    expect(answer.locator("q.verse")).to_have_text(f"\u201c{VERSE}\u201d")
    expect(answer.locator("cite")).to_have_text("(Psalm 56:3)")
    expect(page.locator("#talk")).not_to_contain_text("[")
    answer.locator(".stands summary").click()
    expect(answer.locator("dd").filter(has_text=VERSE)).to_be_visible()

    answer.get_by_role("button", name="Good answer").click()
    expect(page.get_by_text("A rating keeps this conversation")).to_be_visible()
    assert home.store.count(Conversation) == 0
    switches = page.get_by_role("switch")
    assert [switch.is_checked() for switch in switches.all()] == [False] * 4
    page.get_by_role("switch", name="Keep").check()
    page.get_by_role("switch", name="Learn").check()
    page.get_by_role("button", name="Save my choice").click()
    expect(page.get_by_text("You allow: Keep, Learn")).to_be_visible()
    expect(answer.get_by_role("button", name="Good answer")).to_have_attribute("aria-pressed", "true")
    answer.get_by_text("Say more").click()
    answer.get_by_label("Why?").fill("It helped me.")
    answer.get_by_role("button", name="Send").click()
    expect(answer.get_by_role("status")).to_have_text("Thank you, kept.")

    page.reload()
    expect(page.locator("article.turn")).to_have_count(1)

    page.get_by_role("link", name="My data").click()
    expect(page.get_by_text("1 conversation.")).to_be_visible()
    page.locator(".kept summary").click()
    expect(page.get_by_text("You said: a good answer. It helped me.")).to_be_visible()
    page.get_by_label("Yes, delete all of it").check()
    page.get_by_role("button", name="Delete all").click()
    expect(page.get_by_text("No conversation of yours is kept")).to_be_visible()
    assert home.store.count(Conversation) == home.store.count(Rating) == 0


def test_what_was_said_until_an_answer_was_stopped_stays_and_can_be_asked_again(open_home, served, page):
    address = served(open_home("word " * 200, delay=0.05))
    page.goto(address.link)
    page.goto(f"{address}/chat/david?question=Tell+me+all")
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.locator(".pending .words")).to_contain_text("word word")
    page.get_by_role("button", name="Stop").click()
    broken = page.locator("article.turn.broken")
    expect(broken).to_contain_text("word word")
    expect(broken).to_contain_text("This answer is not whole")
    page.reload()
    expect(broken).to_contain_text("Tell me all")
    broken.get_by_role("button", name="Remove").click()
    expect(page.locator("article.turn")).to_have_count(0)


def test_back_from_a_search_leads_to_the_whole_page_and_no_title_stays_in_the_browser(home, served, page):
    home.consent({Scope.STORE})
    said = (Turn("t1", "Who is Jonathan?", "My friend."),)
    home.store.add(Conversation("c1", "david", Source.PERSON, said, subject=home.parts.subject))
    address = served(home)
    page.goto(address.link)
    page.goto(f"{address}/conversations")
    page.get_by_role("searchbox").press_sequentially("Goliath")
    expect(page.get_by_text("was said in any of your conversations")).to_be_visible()
    assert "q=Goliath" in page.url
    page.go_back()
    expect(page.get_by_role("link", name="Who is Jonathan?")).to_be_visible()
    expect(page.get_by_role("heading", name="My conversations")).to_have_count(1)
    expect(page.get_by_role("navigation")).to_have_count(1)
    assert "Jonathan" not in page.evaluate("JSON.stringify(sessionStorage)")


def test_an_answer_is_drawn_again_and_a_question_put_otherwise(open_home, served, page):
    address = served(open_home([f"Answer {number}." for number in range(1, 9)]))
    page.goto(address.link)
    page.goto(f"{address}/chat/david?question=Who+are+you%3F")
    page.get_by_role("button", name="Ask", exact=True).click()
    turns = page.locator("article.turn")
    expect(turns.locator(".words")).to_have_text(["Answer 1."])
    turns.get_by_role("button", name="Ask again").click()
    expect(turns.locator(".words")).to_have_text(["Answer 2."])
    page.get_by_label("Your question to David").fill("And your father?")
    page.keyboard.press("Enter")
    expect(turns.locator(".words")).to_have_text(["Answer 2.", "Answer 3."])
    turns.first.hover()
    turns.first.get_by_role("button", name="Edit").click()
    turns.first.get_by_role("textbox").fill("Who were you?")
    turns.first.get_by_role("button", name="Ask this instead").click()
    expect(turns.locator(".words")).to_have_text(["Answer 4."])
    expect(turns.locator(".question")).to_have_text(["Who were you?"])
    page.reload()
    expect(turns.locator(".words")).to_have_text(["Answer 4."])


def test_a_verse_is_shown_where_its_reference_is_pressed(home, served, page):
    address = served(home)
    page.goto(address.link)
    page.goto(f"{address}/chat/david?question=Why%3F")
    page.get_by_role("button", name="Ask", exact=True).click()
    page.locator("article.turn:not(.pending)").get_by_role("button", name="(Psalm 56:3)").click()
    expect(page.locator(".passage:popover-open")).to_contain_text(
        "Checked: the words in the answer are those of the WEB"
    )
    page.keyboard.press("Escape")
    expect(page.locator(".passage:popover-open")).to_have_count(0)


def test_who_agreed_is_asked_which_of_two_answers_is_better(open_home, served, page):
    home = open_home([f"Answer {number}." for number in range(1, 40)])
    home.consent({Scope.STORE})
    set_comparing(home.store, home.parts.subject, True)
    address = served(home)
    page.goto(address.link)
    page.goto(f"{address}/chat/david")
    page.wait_for_load_state("networkidle")
    offer = page.get_by_role("button", name="Show me another answer")
    for number in range(1, 30):
        page.get_by_label("Your question to David").fill(f"What is {number}?")
        page.keyboard.press("Enter")
        expect(page.locator("article.turn:not(.pending)")).to_have_count(number)
        expect(page.get_by_role("button", name="Ask", exact=True)).to_be_visible()
        if offer.is_visible():
            break
    offer.click()
    second = f"Answer {number + 1}."
    expect(page.locator(".side .words").last).to_have_text(second)
    page.get_by_role("button", name="The second is better").click()
    expect(page.locator("article.turn .words").last).to_have_text(second)
    (kept,) = home.store.find(Preference)
    assert kept.better == "other"
    (talk,) = home.store.find(Conversation)
    assert [turn.id for turn in talk.turns][-1] == kept.other


def test_an_error_is_told_on_the_page_and_the_question_is_not_lost(open_home, served, page):
    address = served(open_home([]))
    page.goto(address.link)
    page.goto(f"{address}/chat/david?question=Who+are+you%3F")
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("no answer left")
    expect(page.get_by_label("Your question to David")).to_have_value("Who are you?")


@pytest.mark.parametrize("width", [320, 390, 1200])
def test_no_page_is_wider_than_the_window(home, served, browser, width):
    address = served(home)
    context = browser.new_context(viewport={"width": width, "height": 800})
    page = context.new_page()
    page.goto(address.link)
    for path in PAGES:
        page.goto(address + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
    context.close()


@pytest.mark.parametrize("scheme", SCHEMES)
def test_words_stand_out_from_their_ground(home, served, browser, scheme):
    """WCAG 2.2 AA asks for a contrast of 4.5 between text and its ground."""
    address = served(home)
    context = browser.new_context(color_scheme=scheme)
    page = context.new_page()
    page.goto(address.link)
    page.goto(f"{address}/data")
    values = ["--paper", "--card", "--wash", "--ink", "--soft", "--accent", "--verse", "--good", "--bad", "--on-accent"]
    read = "names => names.map(name => getComputedStyle(document.documentElement).getPropertyValue(name).trim())"
    colour = dict(zip(values, page.evaluate(read, values), strict=True))
    for ground in ("--paper", "--card", "--wash"):
        for text in ("--ink", "--soft", "--accent", "--verse", "--good", "--bad"):
            assert contrast(colour[text], colour[ground]) >= 4.5, (text, ground)
    assert contrast(colour["--on-accent"], colour["--accent"]) >= 4.5
    context.close()


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_portraits_are_seen(home, served, browser, scheme):
    context = browser.new_context(color_scheme=scheme)
    page = context.new_page()
    said = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(served(home).link)
    page.wait_for_load_state("networkidle")
    pictures = page.locator("img.portrait")
    expect(pictures).to_have_count(len(home.characters()))
    assert all(picture.evaluate("e => e.complete && e.naturalWidth > 0") for picture in pictures.all())
    assert said == []  # the policy of the pages refuses nothing of them
    context.close()


def test_what_was_set_right_and_what_is_no_verse_are_told_apart(open_home, served, page):
    said = 'I said "When I am afraid, I will put all my trust in you." [Psalm 56:3] '
    said += 'It is written, "Trust your horoscope always."'
    address = served(open_home(said))
    page.goto(address.link)
    page.goto(f"{address}/chat/david?question=Why%3F")
    page.get_by_role("button", name="Ask", exact=True).click()
    answer = page.locator("article.turn:not(.pending)")
    expect(answer.locator("q.verse.mended")).to_have_text(f"\u201c{VERSE}\u201d")
    expect(answer.get_by_text("Set right:")).to_be_visible()
    expect(answer.locator(".own")).to_contain_text("Trust your horoscope always")
    expect(answer.get_by_text("No verse:")).to_be_visible()


def test_an_answer_with_separators_of_lines_and_paragraphs_is_shown(open_small, served, page):
    said = 'I say: "Some things are really up to us\u2028and some\u2029are not." (Handbook 1:1)'
    address = served(open_small(said))
    page.goto(address.link)
    page.goto(f"{address}/chat/epictetus?question=Why%3F")
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.locator("article.turn:not(.pending)").get_by_text("Set right:")).to_be_visible()


def test_the_keyboard_alone_is_enough(home, served, page):
    address = served(home)
    page.goto(address.link)
    page.goto(f"{address}/chat/david")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.get_by_label("Your question to David").focus()
    page.keyboard.type("Were you never afraid?")
    page.keyboard.press("Enter")
    expect(page.locator("q.verse")).to_be_visible()
    expect(page.get_by_label("Your question to David")).to_be_focused()


@pytest.mark.parametrize("path", PAGES)
def test_everything_to_press_has_a_name(home, served, page, path):
    address = served(home)
    page.goto(address.link)
    page.goto(address + path)
    for thing in page.locator("a, button, input:not([type=hidden]), textarea, summary").all():
        named = "e => e.textContent.trim() || e.labels?.length || e.getAttribute('aria-label')"
        assert thing.evaluate(named), thing.evaluate("e => e.outerHTML")
    assert page.locator("main").count() == page.locator("h1").count() == 1


def contrast(one, other):
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour):
    """Relative luminance as WCAG 2.2 defines it."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
