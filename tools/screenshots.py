"""Take a picture of every page, in light, dark and on a phone: python tools/screenshots.py docs/screenshots.

A home is filled as a few weeks of use fill one; the answers are hand-written ones of the pack, so that the pictures
are the same each time.
"""

import shutil
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn
from playwright.sync_api import Browser, Page, sync_playwright

from emmaus.api import Emmaus
from emmaus.config import Settings
from emmaus.models.scripted import ScriptedModel
from emmaus.types import Message, Scope
from emmaus.web import Door, create_app
from emmaus.web.run import listening

LOOKS: dict[str, dict[str, Any]] = {
    "light": {"color_scheme": "light", "viewport": {"width": 1200, "height": 900}},
    "dark": {"color_scheme": "dark", "viewport": {"width": 1200, "height": 900}},
    "phone": {"color_scheme": "light", "viewport": {"width": 390, "height": 844}, "device_scale_factor": 2},
}
PAGES = {
    "gallery": "/",
    "life": "/characters/ruth",
    "chat": "/chat/ruth",
    "conversations": "/conversations",
    "data": "/data",
    "review": "/desk/review",
    "desk": "/desk",
    "wheel": "/desk/david",
    "models": "/models",
    "account": "/account",
}
TALK = ("Why did you go with her?", "Were you not afraid of a strange land?")
TALLEST = 2400
"""Pixels of a page that a picture shows."""


def main() -> None:
    """Write the pictures into the folder that is named."""
    if len(sys.argv) != 2:
        sys.exit("usage: python tools/screenshots.py FOLDER")
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as home,
        filled(Path(home)) as app,
        served(app) as (address, door),
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        for look, options in LOOKS.items():
            take(browser, look, options, address, door.link(), folder)
        browser.close()


def chromium() -> str | None:
    """Path of the installed browser; None takes Playwright's own."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@contextmanager
def filled(path: Path) -> Iterator[Emmaus]:
    """Open a home in which something was said, liked and corrected."""
    with Emmaus(Settings(home=path)) as plain:
        starters = {slug: plain.parts.pack.starters(slug) for slug in ("ruth", "david")}
    answers = {turn.question: turn.answer for found in starters.values() for talk in found for turn in talk.turns}

    def answer(messages: Sequence[Message], adapter: str | None) -> str:
        asked = messages[-1].content
        return next((said for question, said in answers.items() if question in asked), STORY)

    with Emmaus(Settings(home=path), model=ScriptedModel(answer)) as app:
        app.consent({Scope.STORE, Scope.REVIEW, Scope.TRAIN})
        for slug, found in starters.items():
            talk = app.chat(slug)
            for one in found[:3]:
                list(talk.say(one.turns[0].question))
            app.rate(talk.turns[0], 1, reasons=("helpful",), reason="I had never seen it so.")
        yield app


STORY = (
    "I had buried a husband in Moab, and she had buried two sons. There was nothing to keep me but the road, "
    "and she was on it. So I said it to her once and never took it back. [Ruth 1:16] She did not answer me; "
    "we simply walked on."
)


@contextmanager
def served(app: Emmaus) -> Iterator[tuple[str, Door]]:
    """Serve the home at a free port; gives the address, and the door that makes links into it."""
    door, listener = Door(app), listening("127.0.0.1", 0)
    server = uvicorn.Server(uvicorn.Config(create_app(app, door), log_level="warning", lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield f"http://localhost:{listener.getsockname()[1]}", door
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


def take(browser: Browser, look: str, options: dict[str, Any], address: str, link: str, folder: Path) -> None:
    """Take the pictures of one look."""
    context = browser.new_context(**options)
    page = context.new_page()
    page.goto(address + link)
    for name, path in PAGES.items():
        page.goto(address + path)
        if name == "chat":
            talk(page)
        page.wait_for_load_state("networkidle")
        tall = min(TALLEST, page.evaluate("document.documentElement.scrollHeight"))
        width = options["viewport"]["width"]
        clip: Any = {"x": 0, "y": 0, "width": width, "height": tall}
        page.screenshot(path=folder / f"{name}-{look}.png", full_page=True, clip=clip)
    context.close()


def talk(page: Page) -> None:
    """Ask, and wait for the answers."""
    for number, question in enumerate(TALK, 1):
        page.get_by_role("textbox", name="Your question to").fill(question)
        page.keyboard.press("Enter")
        page.locator(".turn:not(.pending)").nth(number - 1).wait_for()


if __name__ == "__main__":
    main()
