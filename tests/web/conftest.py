"""A home with a scripted model, a client that behaves as a browser does, a server, and a real browser."""

import shutil
from contextlib import ExitStack
from pathlib import Path

import pytest
from said import ANSWER, HOST
from starlette.testclient import TestClient

from emmaus.accounts import keys
from emmaus.accounts.person import at_this_computer
from emmaus.api import Emmaus
from emmaus.config import Settings
from emmaus.models.scripted import ScriptedModel
from emmaus.web import Door, create_app, serving


@pytest.fixture
def open_home(tmp_path, prepared):
    """Open a home whose characters answer by a script."""
    opened = []

    def make(script=ANSWER, *, embedder=None, embedded=False, **options):
        folder: Path = tmp_path / f"home{len(opened)}"
        shutil.copytree(prepared, folder / "cache")
        model = None if embedded else ScriptedModel(script, **options)
        opened.append(Emmaus(Settings(home=folder), model=model, embedder=embedder))
        return opened[-1]

    yield make
    for home in opened:
        home.close()


@pytest.fixture
def home(open_home):
    return open_home()


@pytest.fixture
def browse():
    """A client with the cookie and the headers of a browser that opened the one-time link."""

    def make(home):
        door = Door(home)
        client = TestClient(create_app(home, door), base_url=HOST, follow_redirects=False)
        client.get(door.link())
        client.headers.update({"Origin": HOST, "Sec-Fetch-Site": "same-origin"})
        return client

    return make


@pytest.fixture
def client(browse, home):
    return browse(home)


class Address(str):
    """Where a home is served."""

    door: Door

    @property
    def link(self):
        """A one-time link, for one browser."""
        return self + self.door.link()

    @property
    def secret(self):
        """A key that opens everything."""
        person, clock = at_this_computer(self.door.subject), self.door.clock
        text, _ = keys.add(self.door.store, person, "test", keys.ALL, clock=clock)
        return text

    @property
    def key(self):
        """The headers of a program that may do everything."""
        return {"Authorization": f"Bearer {self.secret}"}


@pytest.fixture
def served():
    """Serve a home as `serve` does, on a free port; gives the address."""
    with ExitStack() as running:

        def start(home, front=None):
            at, door = running.enter_context(serving(home, front))
            address = Address(at)
            address.door = door
            return address

        yield start


@pytest.fixture(scope="session")
def browser():
    from playwright.sync_api import sync_playwright

    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        pytest.fail("no Chromium to walk the pages with: apt-get install -y chromium")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        yield chromium
        chromium.close()


@pytest.fixture
def viewport():
    """A phone's; a module of tests may have its own."""
    return {"width": 390, "height": 844}


@pytest.fixture
def page(browser, viewport):
    """A page of a browser of its own, in which no script may break and nothing may be against the pages' policy."""
    context = browser.new_context(viewport=viewport)
    page = context.new_page()
    page.set_default_timeout(30_000)
    complaints = []

    def said(message):
        if message.type == "error" and "Failed to load resource" not in message.text:  # a refusal is no fault
            complaints.append(message.text)

    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", said)
    yield page
    context.close()
    assert complaints == []
