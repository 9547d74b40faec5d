"""A shared Emmaus: who has an account comes in, each to what their post allows, and nobody finds out who else has."""

import re
import time
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait

import pytest
from doors import NAME, WORDS, Browser, shared
from playwright.sync_api import expect

from emmaus.accounts import accounts, audit, invitations, keys
from emmaus.accounts.person import at_this_computer
from emmaus.accounts.signing_in import SigningIn
from emmaus.api import Emmaus
from emmaus.config import Settings
from emmaus.models.scripted import ScriptedModel
from emmaus.store.database import driver
from emmaus.types import Post, Session
from emmaus.web import Door, Front, create_app
from openid import clock, openid
from parts import STOICS, WordVectors

__all__ = ["clock", "openid"]
ADMINS = ["/people", "/audit"]


@pytest.fixture
def open_home(tmp_path, clock):
    opened = []

    def make(**settings):
        settings = Settings(home=tmp_path / "home", pack=STOICS, **settings)
        opened.append(Emmaus(settings, model=ScriptedModel("I hear you."), embedder=WordVectors(), clock=clock))
        return opened[-1]

    yield make
    for home in opened:
        home.close()


@pytest.fixture
def home(open_home):
    return open_home()


@pytest.fixture
def browse(home):
    return shared(home)


def test_a_stranger_is_asked_to_sign_in_and_then_gets_the_page_they_wanted(browse):
    ruth = browse()
    answer = ruth.get("/data?done=deleted")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=%2Fdata%3Fdone%3Ddeleted")
    assert 'value="/data?done=deleted"' in ruth.get(answer.headers["location"]).text
    assert ruth.get("/api/characters").status_code == 401
    accounts.add(browse.door.store, "ruth", WORDS, Post.READER, by="local", clock=browse.door.clock)
    signed = ruth.post("/sign-in", data={"name": "Ruth", "password": WORDS, "next": "/data"})
    assert (signed.status_code, signed.headers["location"]) == (303, "/data")
    cookie = signed.headers["set-cookie"]
    assert cookie.startswith("__Host-emmaus-80=")
    assert all(word in cookie for word in ("Secure", "HttpOnly", "SameSite=strict", "Path=/"))
    assert ruth.get("/data").status_code == 200
    assert ruth.get("/sign-in").status_code == 303


def test_a_wrong_password_an_unknown_name_and_a_closed_account_look_the_same(home, browse):
    browse("ruth", Post.READER)
    browse("orpah", Post.READER)
    accounts.close(home.store, "orpah", by="local", clock=home.clock)
    pages = set()
    for name in ("ruth", "orpah", "nobody"):
        answer = browse().post(
            "/sign-in", data={"name": name, "password": WORDS if name == "orpah" else "not the words"}
        )
        assert answer.status_code == 401
        assert "set-cookie" not in answer.headers
        pages.add(answer.text)
    assert len(pages) == 1


def test_a_lockout_survives_a_restart(home, browse, clock):
    browse("ruth", Post.READER)
    clock.forward(1)
    for _ in range(5):
        assert browse().post("/sign-in", data={"name": "ruth", "password": "wrong"}).status_code == 401
    restarted = shared(home)()
    answer = restarted.post("/sign-in", data={"name": "ruth", "password": WORDS})
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "60")
    assert "in 1 minute" in answer.text
    clock.forward(60)
    assert restarted.post("/sign-in", data={"name": "ruth", "password": WORDS}).status_code == 303


def test_the_first_start_makes_an_admin_by_a_link(home, browse):
    link = browse.door.first()
    anna = browse()
    assert "You are the first one here" in anna.get(link).text
    fields = {"name": "Anna", "password": WORDS, "again": WORDS}
    mistaken = anna.post(link, data=fields | {"again": "something else"})
    assert (mistaken.status_code, "not the same" in mistaken.text) == (400, True)
    assert anna.post(link, data=fields | {"password": "short", "again": "short"}).status_code == 400
    assert anna.post(link, data=fields).status_code == 303
    assert anna.get("/people").status_code == 200
    assert browse().post(link, data=fields | {"name": "thief"}).status_code == 404
    assert browse.door.first() is None


@pytest.mark.parametrize("post", list(Post))
def test_each_post_opens_what_is_its_own(browse, post):
    browser = browse("somebody", post)
    for address in ("/", "/data", "/account", "/api/account", "/api/keys"):
        assert browser.get(address).status_code == 200, address
    for address in ("/desk", "/desk/epictetus", "/api/status", "/api/status/epictetus", "/api/jobs"):
        assert browser.get(address).status_code == (200 if post.includes(Post.MAINTAINER) else 403), address
    for address in (*ADMINS, "/api/people", "/api/invitations", "/api/audit"):
        answer = browser.get(address)
        assert answer.status_code == (200 if post == Post.ADMIN else 403), address
        assert post == Post.ADMIN or f"yours is {post.value}" in answer.text
    assert ('href="/desk"' in browser.get("/").text) == post.includes(Post.MAINTAINER)
    assert ('href="/people"' in browser.get("/").text) == (post == Post.ADMIN)


def test_a_reader_administers_nothing(home, browse):
    browse("anna", Post.ADMIN)
    ruth = browse("ruth", Post.READER)
    fields = {"name": "ruth", "post": "admin"}
    for address in ("/people/post", "/people/close", "/people/open", "/people/invite", "/people/withdraw"):
        assert ruth.post(address, data=fields).status_code == 403
    assert ruth.patch("/api/people/ruth", json={"post": "admin"}).status_code == 403
    assert ruth.post("/api/invitations", json={"post": "admin"}).status_code == 403
    assert ruth.post("/desk/epictetus/promote", data={}).status_code == 403
    assert accounts.get(home.store, "ruth").post == Post.READER
    assert invitations.pending(home.store, clock=home.clock) == []


def test_an_admin_invites_changes_closes_and_opens_again(home, browse):
    anna = browse("anna", Post.ADMIN)
    page = anna.get(anna.post("/people/invite", data={"post": "reviewer"}).headers["location"]).text
    link = re.search(rf"https://{re.escape(NAME)}(/invitation/[\w-]{{43}})", page)[1]
    assert link not in anna.get("/people").text
    ruth = browse()
    assert ruth.post(link, data={"name": "ruth", "password": WORDS, "again": WORDS}).status_code == 303
    assert accounts.get(home.store, "ruth").post == Post.REVIEWER
    assert anna.post("/people/post", data={"name": "ruth", "post": "maintainer"}).status_code == 303
    assert ruth.get("/desk").status_code == 200
    assert anna.post("/people/post", data={"name": "ruth", "post": "king"}).status_code == 409
    assert anna.post("/people/close", data={"name": "ruth"}).status_code == 303
    assert ruth.get("/").status_code == 303
    refused = anna.post("/people/close", data={"name": "anna"})
    assert (refused.status_code, "last admin" in refused.text) == (409, True)
    assert anna.post("/people/open", data={"name": "ruth"}).status_code == 303
    assert ruth.get("/").status_code == 303  # she signs in anew
    acts = [(event.who, event.act) for event in audit.read(home.store)]
    assert acts[:4] == [
        ("anna", "reopen account"),
        ("anna", "close account"),
        ("anna", "change post"),
        ("ruth", "accept invitation"),
    ]


def test_the_same_in_json(home, browse):
    anna = browse("anna", Post.ADMIN)
    made = anna.post("/api/invitations", json={"post": "reader"})
    assert made.status_code == 201
    assert made.json()["link"].startswith(f"https://{NAME}/invitation/")
    assert [i["post"] for i in anna.get("/api/invitations").json()] == ["reader"]
    assert anna.delete(f"/api/invitations/{made.json()['id']}").json() == {"count": 1}
    assert anna.delete(f"/api/invitations/{made.json()['id']}").status_code == 404
    browse("ruth", Post.READER)
    assert anna.patch("/api/people/ruth", json={"post": "reviewer"}).json()["post"] == "reviewer"
    assert anna.patch("/api/people/ruth", json={"closed": True}).json()["closed"] is True
    assert anna.patch("/api/people/ruth", json={"closed": False, "post": "reader"}).status_code == 400
    assert anna.patch("/api/people/anna", json={"post": "reader"}).status_code == 409
    assert anna.patch("/api/people/nobody", json={"post": "reader"}).status_code == 404
    assert anna.patch("/api/people/ruth", json={"post": "king"}).status_code == 422
    listed = anna.get("/api/people")
    assert [account["name"] for account in listed.json()] == ["anna", "ruth"]
    assert not {"subject", "argon2"} & set(re.findall(r"\w+", listed.text))


def test_a_password_is_changed_and_every_other_browser_is_out_but_no_key(browse):
    first, other, program = browse("ruth", Post.READER), browse("ruth"), browse()
    key = first.post("/api/keys", json={"name": "mine", "rights": ["chat"]}).json()["key"]
    program.headers["Authorization"] = f"Bearer {key}"
    fields = {"old": WORDS, "password": "whither thou goest", "again": "whither thou goest"}
    assert first.post("/account/password", data=fields | {"old": "wrong"}).status_code == 400
    assert first.post("/account/password", data=fields | {"again": "else"}).status_code == 400
    assert other.get("/").status_code == 200
    assert first.post("/account/password", data=fields).status_code == 303
    assert first.get("/").status_code == 200
    assert other.get("/").status_code == 303
    with pytest.raises(AssertionError):
        browse("ruth")
    browse("ruth", password="whither thou goest")
    assert program.get("/api/characters").status_code == 200
    assert "Keys go on working: revoke those" in first.get("/account?done=password").text
    changed = first.put("/api/account/password", json={"old": "whither thou goest", "new": WORDS})
    assert changed.status_code == 200
    assert first.get("/").status_code == 303


def test_guessing_the_old_password_locks_the_name(browse, clock):
    ruth = browse("ruth", Post.READER)
    clock.forward(1)
    fields = {"old": "wrong", "password": "whither thou goest", "again": "whither thou goest"}
    for _ in range(4):
        assert ruth.post("/account/password", data=fields).status_code == 400
    guess = {"old": "wrong", "new": "whither thou goest"}
    assert ruth.put("/api/account/password", json=guess).status_code == 401
    for late in (
        ruth.post("/account/password", data=fields | {"old": WORDS}),
        ruth.put("/api/account/password", json=guess | {"old": WORDS}),
        browse().post("/sign-in", data={"name": "ruth", "password": WORDS}),
    ):
        assert (late.status_code, late.headers["retry-after"]) == (429, "60")
        assert "in 1 minute" in late.text


def test_who_cannot_be_let_in_just_now_is_told_when_to_come_again(home, browse):
    accounts.add(home.store, "ruth", WORDS, Post.READER, by="local", clock=home.clock)
    browse.door.signing = SigningIn(home.store, home.clock, patience=0.05)
    raw = driver.connect(home.parts.path / "emmaus.db", isolation_level=None)
    raw.execute("BEGIN IMMEDIATE")  # another process writes, so that the first sign-in hangs
    with ThreadPoolExecutor(2) as pool:
        asked = [pool.submit(browse().post, "/sign-in", data={"name": "ruth", "password": WORDS}) for _ in range(2)]
        refused = wait(asked, return_when=FIRST_COMPLETED).done.pop().result()
        raw.execute("ROLLBACK")
    raw.close()
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "5")
    assert "Too many people are signing in at this moment" in refused.text
    assert sorted(answer.result().status_code for answer in asked) == [303, 503]


def test_somebody_ends_their_own_sessions_and_keys_and_nobody_elses(home, browse):
    ruth, orpah = browse("ruth", Post.READER), browse("orpah", Post.READER)
    key = orpah.post("/api/keys", json={"name": "mine", "rights": ["chat"]}).json()["id"]
    theirs = orpah.get("/api/account/sessions").json()
    assert [session["current"] for session in theirs] == [True]
    assert ruth.delete(f"/api/account/sessions/{theirs[0]['id']}").status_code == 404
    assert ruth.delete(f"/api/keys/{key}").status_code == 404
    assert ruth.post("/account/keys/revoke", data={"key": key}).status_code == 404
    assert ruth.post("/account/sessions/end", data={"session": theirs[0]["id"]}).status_code == 303
    assert orpah.get("/").status_code == 200
    assert ruth.get("/api/keys").json() == []
    assert ruth.post("/api/keys", json={"name": "more", "rights": ["admin"]}).status_code == 403
    again = browse("ruth")
    assert ruth.delete("/api/account/sessions").json() == {"count": 1}
    assert again.get("/").status_code == 303
    assert ruth.get("/").status_code == 200
    assert home.store.count(Session) == 2


def test_signing_in_makes_another_session_and_ends_the_one_before(home, browse):
    ruth = browse("ruth", Post.READER)
    before = ruth.session
    ruth.post("/sign-in", data={"name": "ruth", "password": WORDS})
    assert ruth.session != before
    assert home.store.count(Session) == 1


def test_a_key_comes_as_its_maker_and_goes_with_them(home, browse):
    browse("anna", Post.ADMIN)
    ruth = browse("ruth", Post.REVIEWER)
    text = ruth.post("/api/keys", json={"name": "bot", "rights": ["chat", "review"]}).json()["key"]
    headers, program = {"Authorization": f"Bearer {text}"}, browse()
    assert program.get("/api/account", headers=headers).json()["rights"] == ["chat", "review"]
    accounts.change_post(home.store, "ruth", Post.READER, by="anna", clock=home.clock)
    assert program.get("/api/account", headers=headers).json() == {
        "name": "ruth",
        "post": "reader",
        "rights": ["chat"],
        "via": "key",
    }
    accounts.close(home.store, "ruth", by="anna", clock=home.clock)
    assert program.get("/api/account", headers=headers).status_code == 401


def test_a_key_of_the_command_line_is_good_in_a_shared_room_too(home, browse):
    text, _ = keys.add(home.store, at_this_computer(home.parts.subject), "scraper", ["desk"], clock=home.clock)
    headers = {"Authorization": f"Bearer {text}"}
    assert browse().get("/api/account", headers=headers).json()["name"] == "local"
    assert browse().get("/metrics", headers=headers).status_code == 200  # let through


@pytest.mark.parametrize("host", ["evil.example", f"{NAME}.evil.example", "", "192.168.0.7"])
def test_other_names_are_refused(browse, host):
    answer = browse().get("/sign-in", headers={"Host": host})
    assert answer.status_code == 421
    assert "--name" in answer.text


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": f"http://{NAME}"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_other_sites_sign_nobody_in_or_out(browse, headers):
    ruth = browse("ruth", Post.READER)
    for address in ("/sign-in", "/sign-out", "/account/password", "/people/invite"):
        assert ruth.post(address, data={"name": "x", "password": "y"}, headers=headers).status_code == 403
    assert ruth.get("/").status_code == 200


def test_a_form_without_session_must_say_where_it_comes_from(browse):
    stranger = browse()
    for name in ("origin", "sec-fetch-site"):
        del stranger.headers[name]
    assert stranger.post("/sign-in", data={"name": "x", "password": "y"}).status_code == 403


def test_a_proxy_in_clear_text_changes_nothing_about_where_people_are(home):
    """The proxy speaks http to us, and people https to it."""
    app = create_app(home, Door(home, Front(shared=True, names=frozenset({NAME}), url=f"https://{NAME}")))
    accounts.add(home.store, "ruth", WORDS, Post.READER, by="local", clock=home.clock)
    behind = Browser(app, f"http://{NAME}")
    behind.headers["Origin"] = f"https://{NAME}"
    answer = behind.post("/sign-in", data={"name": "ruth", "password": WORDS})
    assert answer.status_code == 303
    assert "Secure" in answer.headers["set-cookie"]


@pytest.fixture
def vouching(open_home, openid):
    def make(**more):
        settings = {"oidc_issuer": openid.issuer, "oidc_client_secret": "a secret"} | more
        return shared(open_home(**settings))

    return make


def go_and_come_back(browser, openid, fields=None):
    """Let a browser go to the provider, agree there, and come back as from another site: without Strict cookies."""
    left = browser.post("/sign-in/away", data=fields or {})
    assert left.status_code == 200
    assert "SameSite=lax" in left.headers["set-cookie"]
    address = re.search(r'url=([^"]+)"', left.text)[1].replace("&amp;", "&")
    back = openid.visit(address)
    assert back.startswith(f"https://{NAME}/sign-in/back?")
    for name in ("origin", "sec-fetch-site"):
        browser.headers.pop(name)
    answer = browser.get(back, headers={"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"})
    browser.headers.update({"Origin": f"https://{NAME}", "Sec-Fetch-Site": "same-origin"})
    return answer, back


def test_somebody_who_was_invited_signs_in_at_another_provider(vouching, openid):
    browse = vouching()
    anna = browse("anna", Post.ADMIN)
    link = anna.post("/api/invitations", json={"post": "reviewer"}).json()["link"]
    lydia = browse()
    assert "Come in with 127.0.0.1 instead" in lydia.get(link).text
    answer, back = go_and_come_back(lydia, openid, {"invitation": link.rpartition("/")[2]})
    assert answer.status_code == 200
    assert 'http-equiv="refresh" content="0;url=/"' in answer.text
    assert lydia.get("/api/account").json()["name"] == "lydiapurple"
    assert lydia.get("/api/account").json()["post"] == "reviewer"
    lydia.post("/sign-out")
    assert "Sign in with 127.0.0.1" in lydia.get("/sign-in").text
    assert lydia.get(back).status_code == 401  # a replay
    answer, _ = go_and_come_back(lydia, openid, {"next": "/data"})
    assert "url=/data" in answer.text
    assert lydia.get("/api/account").json()["name"] == "lydiapurple"
    entered = audit.read(browse.door.store, who="lydiapurple", act="sign in")
    assert [event.detail for event in entered] == ["from testclient, by the word of 127.0.0.1"] * 2


def test_somebody_who_was_not_invited_stays_outside_unless_all_may_come(vouching, openid):
    stranger = vouching()()
    answer, _ = go_and_come_back(stranger, openid)
    assert answer.status_code == 401
    assert "ask an admin" in answer.text
    assert stranger.get("/").status_code == 303


def test_where_all_may_come_they_become_readers(vouching, openid):
    stranger = vouching(oidc_open=True)()
    go_and_come_back(stranger, openid)
    assert stranger.get("/api/account").json()["post"] == "reader"


@pytest.mark.parametrize("says", [{"nonce": "another"}, {"aud": "another"}, {"iat": 1_000, "exp": 2_000}])
def test_a_providers_wrong_word_lets_nobody_in(vouching, openid, says):
    openid.says = says
    stranger = vouching(oidc_open=True)()
    answer, _ = go_and_come_back(stranger, openid)
    assert answer.status_code == 401
    assert stranger.get("/").status_code == 303


def test_an_answer_of_the_provider_is_good_in_the_browser_that_asked_only(vouching, openid):
    browse = vouching(oidc_open=True)
    thief, victim = browse(), browse()
    left = thief.post("/sign-in/away", data={})
    back = openid.visit(re.search(r'url=([^"]+)"', left.text)[1].replace("&amp;", "&"))
    assert victim.get(back).status_code == 401
    assert victim.get("/").status_code == 303


def test_an_account_is_linked_from_its_own_page(vouching, openid):
    ruth = vouching()("ruth", Post.READER)
    assert "Also sign in with 127.0.0.1" in ruth.get("/account").text
    answer, _ = go_and_come_back(ruth, openid)
    assert "url=/account" in answer.text
    ruth.post("/sign-out")
    go_and_come_back(ruth, openid)
    assert ruth.get("/api/account").json()["name"] == "ruth"


def test_in_a_real_browser_one_goes_to_the_provider_and_comes_back_signed_in(tmp_path, clock, openid, served, browser):
    """Cookies of this site only, redirects of another, and a policy that forbids forms to lead elsewhere."""
    clock.now = time.time()
    settings = {"oidc_issuer": openid.issuer, "oidc_client_secret": "a secret", "oidc_open": True}
    settings = Settings(home=tmp_path / "home", pack=STOICS, **settings)
    with Emmaus(settings, model=ScriptedModel("I hear you."), embedder=WordVectors()) as home:
        address = served(home, Front(shared=True)).replace("127.0.0.1", "localhost")  # another site than the provider
        context = browser.new_context()
        page = context.new_page()
        page.goto(f"{address}/data")
        page.get_by_role("button", name="Sign in with 127.0.0.1").click()
        page.wait_for_url(f"{address}/data")
        page.get_by_role("link", name="Account").click()
        expect(page.get_by_role("heading", name="lydiapurple")).to_be_visible()
        page.goto(f"{openid.issuer}/keys")
        page.evaluate("address => { location.href = address }", f"{address}/data")  # a link on another site
        page.wait_for_url(f"{address}/data")
        expect(page.get_by_role("heading", name="My data")).to_be_visible()
        page.goto(f"{address}/account")
        page.get_by_role("button", name="Sign out of this browser").click()
        page.wait_for_url(f"{address}/sign-in")
        context.close()
