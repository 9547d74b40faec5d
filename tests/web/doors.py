"""Homes that are quickly opened, and browsers that behave as browsers do."""

from starlette.testclient import TestClient

from emmaus.accounts import accounts
from emmaus.web import Door, Front, create_app

WORDS = "a stone was rolled away"
NAME = "emmaus.example.org"
SHARED = Front(shared=True, names=frozenset({NAME, "localhost", "127.0.0.1"}), url=f"https://{NAME}")
OWN = {"Sec-Fetch-Site": "same-origin"}


class Browser(TestClient):
    """Sends what a browser sends with every request of a page's own."""

    def __init__(self, app, host):
        super().__init__(app, base_url=host, follow_redirects=False)
        self.headers.update({"Origin": host, **OWN})

    @property
    def session(self):
        """The value of the session's cookie."""
        return next((cookie.value for cookie in self.cookies.jar if not cookie.name.endswith("-away")), None)


def at_home(home, **door):
    """A browser that opened the one-time link, and the door."""
    own = Door(home, **door)
    browser = Browser(create_app(home, own), "http://localhost:8000")
    browser.get(own.link())
    return browser, own


def shared(home, **more):
    """What makes browsers of a shared Emmaus: one call, one browser, signed in with a name or with none."""
    door = Door(home, SHARED, **more)
    app = create_app(home, door)

    def browser(name=None, post=None, password=WORDS):
        made = Browser(app, f"https://{NAME}")
        if name and post:
            accounts.add(home.store, name, password, post, by="local", clock=home.clock)
        if name:
            answer = made.post("/sign-in", data={"name": name, "password": password})
            assert answer.status_code == 303, answer.text
        return made

    browser.door, browser.app = door, app
    return browser
