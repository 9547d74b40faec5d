"""The desk in a real browser: counts that move while a page is open, and curves drawn under the pages' policy."""

from playwright.sync_api import expect

from emmaus.jobs import begin, curves
from emmaus.types import JobState, Progress
from parts import varied

expect.set_options(timeout=60_000)  # a busy machine takes its time


def test_twenty_are_generated_and_the_count_moves_without_a_reload(open_home, served, page):
    home = open_home(varied, delay=0.02)
    home.background()
    address = served(home)
    page.goto(address.link)
    page.goto(f"{address}/desk/david")
    page.get_by_label("a number of your own").check()
    page.get_by_label("Your own number").fill("20")
    page.get_by_role("button", name="Generate").click()
    page.evaluate("window.stayed = true")
    expect(page.locator("#work").get_by_role("button", name="Pause generation")).to_be_visible()
    expect(page.locator("#counts li").first.locator(".big")).to_have_text("20")
    expect(page.locator("#ended[role=status]")).to_contain_text("Generation of David: done, 20 of 20.")
    expect(page.locator("#step")).to_contain_text("20 conversations wait")
    expect(page.locator("#work")).not_to_have_attribute("hx-trigger", "every 2s")
    assert page.evaluate("window.stayed") is True
    page.get_by_role("button", name="Preview").click()
    expect(page.locator("#preview")).to_contain_text("A preview, kept nowhere.")


def test_a_curve_is_drawn_and_told_in_numbers(home, served, page):
    job = begin(home.store, "train", "david", {"dataset": "d1"}, state=JobState.PAUSED)
    curve = curves.Curve(home.parts.path, job.id)
    for step in range(1, 31):
        curve.add(Progress(step, 30, "", {"loss": 3 / step, "tokens_per_second": 190.0 + step}))
    address = served(home)
    page.goto(address.link)
    page.goto(f"{address}/desk/jobs/{job.id}")
    figures = page.locator("#curves figure")
    expect(figures.locator("figcaption")).to_have_text(["loss", "tokens per second"])
    box = figures.first.locator("canvas").bounding_box()
    assert 200 < box["width"] <= 390
    inked = "c => c.getContext('2d').getImageData(0, 0, c.width, c.height).data.some(byte => byte)"
    assert figures.first.locator("canvas").evaluate(inked)
    page.reload()
    expect(figures).to_have_count(2)
    page.get_by_text("In numbers").click()
    expect(page.get_by_role("rowheader", name="30", exact=True)).to_be_visible()
