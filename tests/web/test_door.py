"""One's own computer: the one-time link lets a browser in, a key a program, and nothing else lets anybody in."""

import pytest
from doors import Browser, at_home
from starlette.testclient import TestClient

from emmaus.accounts import accounts, audit, keys, links, sessions
from emmaus.accounts.limits import Pace
from emmaus.accounts.person import at_this_computer
from emmaus.api import Emmaus
from emmaus.config import Settings
from emmaus.models.scripted import ScriptedModel
from emmaus.store.database import driver
from emmaus.types import Post, Session
from emmaus.web import Door, create_app
from openid import clock
from parts import STOICS, WordVectors

__all__ = ["clock"]
PAGES = ["/", "/chat/epictetus", "/data", "/desk", "/account", "/people", "/audit", "/nowhere"]
HOST = "http://localhost:8000"


@pytest.fixture
def home(tmp_path, clock):
    settings = Settings(home=tmp_path / "home", pack=STOICS)
    with Emmaus(settings, model=ScriptedModel("I hear you."), embedder=WordVectors(), clock=clock) as app:
        yield app


@pytest.fixture
def browser(home):
    return at_home(home)[0]


def key(home, *rights):
    text, _ = keys.add(home.store, at_this_computer(home.parts.subject), "bot", rights, clock=home.clock)
    return {"Authorization": f"Bearer {text}"}


def program(home):
    return TestClient(create_app(home, Door(home)), base_url=HOST, follow_redirects=False)


@pytest.mark.parametrize("page", PAGES)
def test_without_a_session_every_page_says_how_to_come_in(home, page):
    answer = program(home).get(page)
    assert answer.status_code == 401
    assert "emmaus link" in answer.text
    assert "epictetus" not in answer.text.lower().replace(page, "")
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("address", ["/healthz", "/sign-in", "/static/emmaus.css"])
def test_some_things_are_for_everybody(home, address):
    assert program(home).get(address).status_code == 200


@pytest.mark.parametrize("address", ["/api/characters", "/api/account", "/api/keys", "/api/openapi.json", "/v1/models"])
def test_a_program_without_a_key_is_told_to_send_one(home, address):
    answer = program(home).get(address)
    assert answer.status_code == 401
    told = answer.json()
    assert "Authorization: Bearer emm_" in (told["error"]["message"] if address == "/v1/models" else told["detail"])
    assert answer.headers["www-authenticate"] == "Bearer"


def test_a_link_opens_one_browser_once_and_leaves_the_address(home):
    door = Door(home)
    first, second = (Browser(create_app(home, door), HOST) for _ in range(2))
    link = door.link()
    opened = first.get(link)
    assert (opened.status_code, opened.headers["location"]) == (303, "/")
    cookie = opened.headers["set-cookie"]
    assert cookie.startswith("emmaus-8000=")
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert "Secure" not in cookie
    assert first.get("/").status_code == 200
    replayed = second.get(link)
    assert replayed.status_code == 401
    assert "opened before" in replayed.text
    assert second.get("/").status_code == 401
    assert first.get(link).status_code == 303  # whoever is in stays in


def test_a_link_with_another_page_leads_there_and_never_elsewhere(home):
    door = Door(home)
    client = Browser(create_app(home, door), HOST)
    token = door.link().partition("?")[2]
    assert client.get(f"/desk/epictetus?{token}").headers["location"] == "/desk/epictetus"
    assert client.get(f"{HOST}//evil.example/?{token}").headers["location"] == "/"


def test_a_token_can_be_pasted_alone_or_with_its_link(home, clock):
    for paste in (lambda token: token, lambda token: f" http://localhost:8000/?token={token} "):
        client = Browser(create_app(home, Door(home)), HOST)
        token = links.new_link(home.store, only=False, clock=clock)
        answer = client.post("/sign-in", data={"token": paste(token), "next": "/desk"})
        assert (answer.status_code, answer.headers["location"]) == (303, "/desk")
        assert client.get("/desk").status_code == 200
        assert client.post("/sign-in", data={"token": token}).status_code == 401


@pytest.mark.parametrize("following", ["//evil.example", "/\\evil.example", "https://evil.example", "/\tx", ""])
def test_nobody_is_sent_elsewhere_after_signing_in(home, clock, following):
    client = Browser(create_app(home, Door(home)), HOST)
    token = links.new_link(home.store, only=False, clock=clock)
    answer = client.post("/sign-in", data={"token": token, "next": following})
    assert answer.headers["location"] == "/"


def test_a_session_outlives_the_program_and_ends_a_month_after_its_last_use(home, clock, browser):
    again = Browser(create_app(home, Door(home)), HOST)
    again.cookies = browser.cookies
    clock.forward(29 * 86400)
    assert again.get("/").status_code == 200
    clock.forward(29 * 86400)
    assert again.get("/").status_code == 200
    clock.forward(31 * 86400)
    assert again.get("/").status_code == 401


@pytest.mark.parametrize("value", ["", "x", "a" * 43, "a" * 5000, "\xff", '"; drop'])
def test_a_forged_session_opens_nothing(home, browser, value):
    client = program(home)
    answer = client.get("/", headers={"Cookie": f"emmaus-8000={value}".encode("latin-1")})
    assert answer.status_code == 401
    stolen = home.store.find(Session)[0].id  # what a thief of the database has
    assert client.get("/", headers={"Cookie": f"emmaus-8000={stolen}"}).status_code == 401


def test_signing_out_ends_the_session_in_the_store_too(home, browser):
    token = browser.session
    assert browser.post("/sign-out").status_code == 303
    assert browser.get("/").status_code == 401
    assert program(home).get("/", headers={"Cookie": f"emmaus-8000={token}"}).status_code == 401
    assert home.store.count(Session) == 0


def test_a_page_of_an_account_opens_nothing_at_ones_own_computer(home, clock):
    ruth = accounts.add(home.store, "ruth", "a stone was rolled away", Post.ADMIN, by="local", clock=clock)
    token, _ = sessions.begin(home.store, ruth.id, clock=clock)
    client = program(home)
    assert client.get("/", headers={"Cookie": f"emmaus-8000={token}"}).status_code == 401
    assert client.get("/invitation/whatever").status_code == 404


def test_a_form_that_does_not_say_where_it_comes_from_must_carry_its_token(home, browser):
    page = browser.get("/account").text
    csrf = page.split('name="csrf" value="', 1)[1].split('"')[0]
    assert len(csrf) == 64
    for name in ("origin", "sec-fetch-site"):
        del browser.headers[name]
    fields = {"name": "bot", "right": "chat"}
    for wrong in ({}, {"csrf": ""}, {"csrf": "a" * 64}, {"csrf": "ä"}):
        answer = browser.post("/account/keys", data=fields | wrong)
        assert answer.status_code == 403
        assert "reload the page" in answer.text
    assert keys.of(home.store, None) == []
    assert browser.post("/account/keys", data=fields | {"csrf": csrf}).status_code == 303
    assert browser.put("/api/consent", json={"scopes": []}).status_code == 200  # another site cannot send JSON
    for kind in ("text/plain", "multipart/form-data; boundary=x", "application/jsonp", ""):
        headers = {"Content-Type": kind} if kind else {}
        assert browser.put("/api/consent", content='{"scopes": []}', headers=headers).status_code == 403


def test_the_token_of_a_form_is_good_in_its_own_session_only(home, browser):
    other, _ = at_home(home)
    csrf = other.get("/account").text.split('name="csrf" value="', 1)[1].split('"')[0]
    for name in ("origin", "sec-fetch-site"):
        del browser.headers[name]
    assert browser.post("/account/keys", data={"name": "bot", "right": "chat", "csrf": csrf}).status_code == 403


def test_a_long_form_is_refused_before_it_is_read_whole(home, browser):
    for name in ("origin", "sec-fetch-site"):
        del browser.headers[name]

    def pieces():
        for _ in range(9):
            yield b"a" * 8192

    answer = browser.post(
        "/account/keys", content=pieces(), headers={"Content-Type": "application/x-www-form-urlencoded"}
    )
    assert answer.status_code == 413


def test_a_key_lets_a_program_in_without_cookie_and_without_headers_of_a_browser(home):
    client = program(home)
    assert client.get("/api/characters", headers=key(home, "chat")).status_code == 200
    asked = client.post("/api/chat/epictetus", json={"question": "What is mine?"}, headers=key(home, "chat"))
    assert asked.status_code == 200
    from_elsewhere = key(home, "feedback") | {"Origin": "http://another.example", "Sec-Fetch-Site": "cross-site"}
    assert client.put("/api/consent", json={"scopes": []}, headers=from_elsewhere).status_code == 200


@pytest.mark.parametrize("bad", ["emm_", "emm_0123456789ab_" + "a" * 43, "sk-other", "", "ä" * 20])
def test_a_bad_key_is_told_even_with_a_good_cookie(browser, bad):
    answer = browser.get("/api/characters", headers={"Authorization": f"Bearer {bad}".encode()})
    assert answer.status_code == 401
    assert "this key opens nothing" in answer.json()["detail"]


def test_a_key_opens_no_page(home):
    assert program(home).get("/", headers=key(home, *keys.ALL)).status_code == 401


def test_a_key_without_the_right_is_told_which_it_lacks(home):
    client = program(home)
    for address in ("/api/status", "/api/status/epictetus"):
        answer = client.get(address, headers=key(home, "chat", "feedback"))
        assert answer.status_code == 403
        assert "'desk'" in answer.json()["detail"]
        assert client.get(address, headers=key(home, "desk")).status_code == 200
    for address in ("/api/audit", "/api/people", "/api/invitations"):
        answer = client.get(address, headers=key(home, "chat", "desk"))
        assert answer.status_code == 403
        assert "'admin'" in answer.json()["detail"]
        assert client.get(address, headers=key(home, "admin")).status_code == 200


@pytest.mark.parametrize(
    ("method", "address", "given"),
    [
        ("PUT", "/api/consent", {"scopes": []}),
        ("PUT", "/api/comparing", {"on": True}),
        ("GET", "/api/data", None),
        ("DELETE", "/api/data", None),
        ("POST", "/api/rate", {"talk": "p0", "turn": "t0", "value": 1}),
        ("POST", "/api/prefer", {"talk": "p0", "turn": "t0", "better": "turn"}),
        ("POST", "/api/feedback", {"turn": "t0", "value": 1}),
        ("DELETE", "/api/conversations/p0", None),
        ("PATCH", "/api/conversations/p0", {"title": "Mine"}),
        ("DELETE", "/api/drafts/f0", None),
    ],
)
def test_a_key_that_may_only_talk_decides_nothing_about_what_is_kept(home, method, address, given):
    client = program(home)
    answer = client.request(method, address, json=given, headers=key(home, "chat"))
    assert answer.status_code == 403
    assert "'feedback'" in answer.json()["detail"]
    allowed = client.request(method, address, json=given, headers=key(home, "chat", "feedback"))
    assert allowed.status_code == 204 or "right" not in allowed.json().get("detail", "")


@pytest.mark.parametrize(
    ("method", "address"),
    [
        ("GET", "/data/download"),
        ("POST", "/data/consent"),
        ("POST", "/data/withdraw"),
        ("POST", "/data/delete"),
        ("POST", "/conversations/p0/rename"),
        ("POST", "/conversations/p0/delete"),
    ],
)
def test_a_page_takes_no_key(home, method, address):
    headers = key(home, "chat", "feedback", "review", "desk", "admin")
    assert program(home).request(method, address, headers=headers).status_code == 401


def test_everything_of_ones_own_is_taken_along_by_a_program_too(home):
    taken = program(home).get("/api/data", headers=key(home, "feedback")).json()
    assert taken["format"] == "emmaus-person-1"
    assert taken["subject"] == home.parts.subject


def test_a_key_cannot_make_sure_that_it_lives_on(home):
    client, headers = program(home), key(home, "chat", "desk")
    wanted = {"name": "heir", "rights": ["chat"]}
    assert client.post("/api/keys", json=wanted, headers=headers).status_code == 403
    assert client.post("/api/keys", json=wanted, headers=key(home, "admin")).status_code == 403  # it may not chat
    both = key(home, "admin", "chat")
    made = client.post("/api/keys", json=wanted, headers=both)
    assert made.status_code == 201
    assert client.get("/api/account", headers={"Authorization": f"bearer {made.json()['key']}"}).json() == {
        "name": "local",
        "post": "admin",
        "rights": ["chat"],
        "via": "key",
    }
    assert client.delete(f"/api/keys/{made.json()['id']}", headers=both).status_code == 200
    assert client.get("/api/account", headers={"Authorization": f"Bearer {made.json()['key']}"}).status_code == 401


@pytest.mark.parametrize(
    ("method", "address"),
    [
        ("GET", "/api/account/sessions"),
        ("DELETE", "/api/account/sessions"),
        ("DELETE", "/api/account/sessions/{session}"),
        ("GET", "/api/keys"),
        ("DELETE", "/api/keys/{key}"),
    ],
)
def test_a_key_ends_no_browser_and_no_other_key(home, browser, method, address):
    session, other = home.store.find(Session)[0].id, key(home, "feedback")
    named = address.format(session=session, key=other["Authorization"].split("_")[1])
    refused = program(home).request(method, named, headers=key(home, "chat", "feedback", "review", "desk"))
    assert refused.status_code == 403
    assert "a browser that is signed in" in refused.json()["detail"]
    assert browser.get("/api/account").status_code == 200
    assert program(home).get("/api/account", headers=other).status_code == 200
    assert browser.request(method, named).status_code == 200


def test_a_key_takes_itself_back(home):
    client, headers = program(home), key(home, "chat")
    own = headers["Authorization"].split("_")[1]
    assert client.delete(f"/api/keys/{own}", headers=headers).json()["id"] == own
    assert client.get("/api/account", headers=headers).status_code == 401


def test_the_metrics_are_for_this_computer_and_for_a_key_of_the_desk(home):
    app = create_app(home, Door(home))
    here = TestClient(app, base_url=HOST, client=("127.0.0.1", 5000))
    assert here.get("/metrics").status_code == 200
    assert here.get("/metrics", headers={"X-Forwarded-For": "203.0.113.9"}).status_code == 401
    there = TestClient(app, base_url=HOST, client=("203.0.113.9", 5000))
    assert there.get("/metrics").status_code == 401
    assert there.get("/metrics", headers=key(home, "chat")).status_code == 403
    assert there.get("/metrics", headers=key(home, "desk")).status_code == 200


def test_a_link_from_another_site_comes_in_by_a_page_of_ours(browser):
    """The cookie is SameSite=Strict, so a browser keeps it back at first."""
    cookies = dict(browser.cookies)
    browser.cookies.clear()
    elsewhere = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    answer = browser.get('/chat/epictetus?question=a"b', headers=elsewhere)
    assert answer.status_code == 200
    assert 'url=/chat/epictetus?question=a%22b"' in answer.text
    assert "<form" not in answer.text
    assert browser.get(f"{HOST}//evil.example/x", headers=elsewhere).text.count('url=/"') == 1
    browser.cookies.update(cookies)
    assert browser.get("/chat/epictetus", headers=OWN_SITE).status_code == 200


OWN_SITE = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "navigate"}


def test_who_was_in_is_still_known_when_the_store_breaks(home, browser):
    browser.get("/")
    with driver.connect(home.parts.path / "emmaus.db") as raw:
        raw.execute("DROP TABLE sessions")
    raw.close()
    danger = browser.post("/api/chat/epictetus", json={"question": "I want to die"})
    assert danger.json()["turn"]["care"]
    stranger = program(home)
    assert stranger.get("/", headers={"Cookie": "emmaus-8000=x"}).status_code == 503


def test_what_is_done_too_often_waits(home, clock):
    browser, _ = at_home(home, paces={"chat": Pace(2, 10.0), "api": Pace(3, 1.0)})
    asked = [browser.post("/api/chat/epictetus", json={"question": "What is mine?"}) for _ in range(3)]
    assert [answer.status_code for answer in asked] == [200, 200, 429]
    assert asked[-1].headers["retry-after"] == "10"
    assert "try again in 10 seconds" in asked[-1].json()["detail"]
    assert [browser.get("/api/characters").status_code for _ in range(4)] == [200, 200, 200, 429]
    assert browser.get("/").status_code == 200
    clock.forward(10)
    assert browser.post("/api/chat/epictetus", json={"question": "What is mine?"}).status_code == 200


def test_no_limit_withholds_help(home):
    browser, _ = at_home(home, paces={"chat": Pace(1, 60.0)})
    danger, other = {"question": "I want to die"}, {"question": "What is mine?"}
    assert browser.post("/api/chat/epictetus", json=other).status_code == 200
    assert browser.post("/api/chat/epictetus", json=other).status_code == 429
    helped = browser.post("/api/chat/epictetus", json=danger)
    assert (helped.status_code, helped.json()["turn"]["care"]) == (200, True)
    streamed = browser.post("/api/chat/epictetus/stream", json=danger)
    assert (streamed.status_code, "event: turn" in streamed.text) == (200, True)
    said = [{"role": "user", "content": "I want to die"}]
    asked = browser.post("/v1/chat/completions", json={"model": "epictetus", "messages": said})
    assert (asked.status_code, asked.json()["emmaus"]["care"]) == (200, True)
    # Neither what was said before, nor what cannot be read, goes through with it.
    after = [*said, {"role": "assistant", "content": "Here is help."}, {"role": "user", "content": "What is mine?"}]
    assert browser.post("/v1/chat/completions", json={"model": "epictetus", "messages": after}).status_code == 429
    for body in (b"[1]", b'{"question": 1}', b"\xff", b'{"question": "I want to die"'):
        assert browser.post("/api/chat/epictetus", content=body).status_code == 429
        assert browser.post("/v1/chat/completions", content=body).status_code == 429
    assert browser.post("/api/chat/epictetus", content=b"x" * 70_000).status_code == 413


@pytest.mark.parametrize("kind", ["application/x+json", "application/problem+json", "Application/JSON", "text/plain"])
def test_no_kind_of_body_evades_the_pace(home, kind):
    browser, _ = at_home(home, paces={"chat": Pace(1, 60.0)})
    csrf = browser.get("/account").text.split('name="csrf" value="', 1)[1].split('"')[0]
    for name in ("origin", "sec-fetch-site"):
        del browser.headers[name]
    body = f"csrf={csrf}" if kind == "text/plain" else '{"question": "What is mine?"}'

    def ask():
        return browser.post("/api/chat/epictetus", content=body, headers={"Content-Type": kind})

    assert ask().status_code == (422 if kind == "text/plain" else 200)
    assert ask().status_code == 429


@pytest.mark.parametrize("address", ["/api/rate", "/api/feedback"])
def test_ratings_have_a_pace_of_their_own_wherever_they_are_given(home, address):
    browser, _ = at_home(home, paces={"rating": Pace(1, 60.0)})
    rating = {"turn": "t0", "value": 1} | ({"talk": "p0"} if address == "/api/rate" else {})
    assert browser.post(address, json=rating).status_code in (403, 404)  # nothing is kept here
    late = browser.post(address, json=rating)
    assert (late.status_code, "too many ratings" in late.json()["detail"]) == (429, True)


def test_the_account_page_lists_browsers_and_ends_them(home, browser):
    other, _ = at_home(home)
    page = browser.get("/account").text
    assert page.count("Another one") == 1
    assert page.count("This one") == 1
    assert "Password" not in page
    assert browser.post("/account/sessions/end", data={"session": "others"}).status_code == 303
    assert other.get("/").status_code == 401
    assert browser.get("/").status_code == 200


def test_a_key_is_shown_on_the_page_once_and_revoked_there(home, browser):
    made = browser.post("/account/keys", data={"name": "<b>bot", "right": ["chat", "feedback"]})
    assert made.status_code == 303  # loaded again, the page makes no second one
    page = browser.get(made.headers["location"]).text
    assert "The key &lt;b&gt;bot" in page
    text = page.split('<p class="secret"><code>', 1)[1].split("<")[0]
    headers = {"Authorization": f"Bearer {text}"}
    assert browser.get("/api/account", headers=headers).json()["rights"] == ["chat", "feedback"]
    page = browser.get(made.headers["location"]).text
    assert text not in page
    assert "&lt;b&gt;bot" in page
    assert browser.post("/account/keys/revoke", data={"key": text.split("_")[1]}).status_code == 303
    assert browser.get("/api/account", headers=headers).status_code == 401
    assert [event.act for event in audit.read(home.store)] == ["revoke key", "add key"]
    assert browser.post("/account/keys", data={"name": "bot"}).status_code == 400


def test_the_audit_log_is_a_page_and_json(home, browser):
    for _ in range(3):
        browser.post("/account/keys", data={"name": "bot", "right": "chat"})
    assert browser.get("/audit?last=2").text.count("<td>add key</td>") == 2
    assert "last=202" in browser.get("/audit?last=2").text
    assert "Person(" not in browser.get("/audit").text
    assert 'name="who" value=""' in browser.get("/audit").text
    assert "Nothing of this kind" in browser.get("/audit?who=nobody").text
    events = browser.get("/api/audit?act=add key&last=2").json()
    assert [event["who"] for event in events] == ["local", "local"]
    assert browser.get("/api/audit?last=0").status_code == 422
