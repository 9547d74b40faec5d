"""What each page weighs, when its first words are painted, and what moves while an answer comes.

    python bench/pages.py

A real Chromium on the same computer, with an empty cache for each visit. The weight is of everything that the page
fetches, by gzip; the peer is the same without it. Layout shift is Chromium's own count over a whole streamed answer:
what moves a page under its reader, 0 where nothing does.
"""

import argparse
import gzip
import shutil
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

from playwright.sync_api import Browser, Page, Response, sync_playwright

from served import elsewhere

PAGES = (
    *("/", "/characters/david", "/chat/david", "/conversations", "/data", "/account"),
    *("/desk", "/desk/david", "/desk/review", "/models"),
)
VISITS = 5
EACH = 0.05
"""Seconds between two words of an answer."""
SHIFTS = """
window.shifted = []
new PerformanceObserver(found => {
  for (const entry of found.getEntries()) {
    if (!entry.hadRecentInput) window.shifted.push([entry.value, String(entry.sources[0]?.node?.className)])
  }
}).observe({type: 'layout-shift', buffered: true})
"""
PAINTED = """() => new Promise(known => new PerformanceObserver(found => found.getEntries().forEach(entry => {
  if (entry.name === 'first-contentful-paint') known(entry.startTime)
})).observe({type: 'paint', buffered: true}))"""


def main() -> None:
    """Print a line for each page, and what moved during an answer."""
    argparse.ArgumentParser(description=__doc__.splitlines()[0]).parse_args()
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    with (
        tempfile.TemporaryDirectory() as folder,
        elsewhere(Path(folder), EACH) as served,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        state = entered(browser, served["link"])
        for path in PAGES:
            print(visited(browser, state, served["address"], path))
        print(f"layout shift while an answer comes: {shifted(browser, state, served['address'])}")
        browser.close()


def entered(browser: Browser, link: str) -> Any:
    """Open the one-time link; gives what a browser keeps."""
    context = browser.new_context()
    context.new_page().goto(link)
    state = context.storage_state()
    context.close()
    return state


def visited(browser: Browser, state: Any, address: str, path: str) -> str:
    """Visit a page some times, each with an empty cache."""
    painted = []
    for _ in range(VISITS):
        context = browser.new_context(storage_state=state)
        page = context.new_page()
        fetched = fetches(page)
        page.goto(address + path)
        painted.append(float(page.evaluate(PAINTED)))
        bodies = [answer.body() for answer in fetched if answer.status == 200]
        context.close()
    whole = sum(map(len, bodies)) / 1000
    packed = sum(len(gzip.compress(body)) for body in bodies) / 1000
    return f"{path:20} {packed:6.1f} KB by gzip, {whole:6.1f} KB without   first paint {median(painted):5.0f} ms"


def fetches(page: Page) -> list[Response]:
    """All that a page fetches from now on."""
    fetched: list[Response] = []
    page.on("response", lambda answer: fetched.append(answer))
    return fetched


def shifted(browser: Browser, state: Any, address: str) -> float:
    """Ask twice, and sum up what moved from the question to the end of its answer."""
    context = browser.new_context(storage_state=state, viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.add_init_script(SHIFTS)
    page.goto(address + "/chat/david")
    page.wait_for_load_state("networkidle")
    for count in (1, 2):
        ask(page, count)
    found = page.evaluate("window.shifted")
    context.close()
    print(*(f"  moved: {value:.4f} {name}" for value, name in found), sep="\n")
    return float(sum(value for value, _ in found))


def ask(page: Page, count: int) -> None:
    """Ask, and wait for the whole answer."""
    page.get_by_role("textbox", name="Your question to").fill("Were you ever afraid?")
    page.keyboard.press("Enter")
    page.locator(".turn:not(.pending)").nth(count - 1).wait_for()
    page.wait_for_timeout(500)


if __name__ == "__main__":
    main()
