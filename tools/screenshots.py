"""Take a picture of every page, in light, dark and on a phone: python tools/screenshots.py FOLDER [--home HOME].

Of a home of one's own, which is copied and not touched; else of one that is filled as a few talks fill one. The answers
are hand-written ones of the pack, so that the pictures are the same each time.
"""

import argparse
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Page, sync_playwright

from emmaus.accounts import accounts, invitations
from emmaus.api import Emmaus
from emmaus.config import Settings
from emmaus.models.scripted import ScriptedModel
from emmaus.types import Job, Message, Post, Scope
from emmaus.web import Front, serving

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
    "work": "/desk/jobs",
    "models": "/models",
    "account": "/account",
}
ADMIN, WORDS = "anna", "a lamp in the window"
TALK = ("Why did you go with her?", "Were you not afraid of a strange land?")
TALLEST = 2400
"""Pixels of a page that a picture shows."""


def main() -> None:
    """Write the pictures into the folder that is named."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("folder", type=Path)
    options.add_argument("--home", type=Path, help="A home to take the pictures of.")
    given = options.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory()), "home")
        if given.home:
            shutil.copytree(given.home, home)
        app = stack.enter_context(filled(home))
        browser = stack.enter_context(sync_playwright()).chromium.launch(
            executable_path=chromium(), args=["--no-sandbox"]
        )
        with serving(app) as (address, door):
            for look, seen in LOOKS.items():
                alone(browser.new_context(base_url=address, **seen), door.link(), given.folder, look, newest(app))
        accounts.add(app.store, ADMIN, WORDS, Post.ADMIN, by="local", clock=app.clock)
        with serving(app, Front(shared=True)) as (address, door):
            token, _ = invitations.invite(door.store, Post.REVIEWER, by=ADMIN, clock=door.clock)
            for look, seen in LOOKS.items():
                together(browser.new_context(base_url=address, **seen), token, given.folder, look)
        browser.close()


def chromium() -> str | None:
    """Path of the installed browser; None takes Playwright's own."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@contextmanager
def filled(path: Path) -> Iterator[Emmaus]:
    """Open a home in which something was said, liked and corrected."""
    with Emmaus(Settings(home=path)) as plain:
        starters = {slug: plain.parts.pack.starters(slug) for slug in ("ruth", "david")}
        cards = {slug: plain.parts.pack.character(slug).card.strip() for slug in starters}

    def answer(messages: Sequence[Message], adapter: str | None) -> str:
        persona, asked = messages[0].content, messages[-1].content
        own = [turn for slug, card in cards.items() if card in persona for one in starters[slug] for turn in one.turns]
        return next((turn.answer for turn in own if turn.question in asked), STORY)

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


def newest(app: Emmaus) -> dict[str, str]:
    """The page of the newest job, where there is one."""
    jobs = sorted(app.store.find(Job), key=lambda job: job.created_at)
    return {"job": f"/desk/jobs/{jobs[-1].id}"} if jobs else {}


def alone(context: BrowserContext, link: str, folder: Path, look: str, more: dict[str, str]) -> None:
    """Take the pictures of what one person at their own computer sees."""
    page = context.new_page()
    page.goto(link)
    for name, path in (PAGES | more).items():
        take(page, path, folder / f"{name}-{look}.png")
    context.close()


def together(context: BrowserContext, token: str, folder: Path, look: str) -> None:
    """Take the pictures of what only people with accounts see."""
    page = context.new_page()
    take(page, "/sign-in", folder / f"sign-in-{look}.png")
    take(page, f"/invitation/{token}", folder / f"invitation-{look}.png")
    page.goto("/sign-in")
    page.get_by_label("Name").fill(ADMIN)
    page.get_by_label("Password").fill(WORDS)
    page.keyboard.press("Enter")
    page.wait_for_url("**/")
    take(page, "/people", folder / f"people-{look}.png")
    take(page, "/audit", folder / f"audit-{look}.png")
    context.close()


def take(page: Page, path: str, file: Path) -> None:
    """Take the picture of one page."""
    page.goto(path)
    if path.startswith("/chat/"):
        talk(page)
    page.wait_for_load_state("networkidle" if not path.startswith("/desk/jobs") else "load")
    tall = min(TALLEST, page.evaluate("document.documentElement.scrollHeight"))
    width = page.evaluate("document.documentElement.clientWidth")
    clip: Any = {"x": 0, "y": 0, "width": width, "height": tall}
    page.screenshot(path=file, full_page=True, clip=clip)


def talk(page: Page) -> None:
    """Ask, and wait for the answers."""
    for number, question in enumerate(TALK, 1):
        page.get_by_role("textbox", name="Your question to").fill(question)
        page.keyboard.press("Enter")
        page.locator(".turn:not(.pending)").nth(number - 1).wait_for()


if __name__ == "__main__":
    main()
