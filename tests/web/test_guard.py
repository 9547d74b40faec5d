"""Who may call: this computer's own name, from the program's own pages, with bounded bodies, and no foreign code."""

import re
from importlib.resources import files

import pytest
from said import HOST
from starlette.testclient import TestClient

from emmaus.types import Job, JobState, Scope
from emmaus.web.guard import LARGEST_BODY

PAGES = ["/", "/chat/david", "/characters/david", "/data", "/desk", "/desk/david", "/chat/nobody"]


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1:8000", "[::1]:8000", "LOCALHOST"])
def test_this_computer_has_three_names(client, host):
    assert client.get("/healthz", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example:8000", "192.168.0.7:8000", "", "[::1", "a@evil"]
)
def test_any_other_name_is_refused(client, host):
    answer = client.get("/", headers={"Host": host})
    assert answer.status_code == 421
    assert "http://localhost" in answer.text
    assert "David" not in answer.text


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:3000"},
        {"Origin": "https://localhost:8000"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
    ],
)
@pytest.mark.parametrize("address", ["/data/delete", "/data/consent", "/desk/david/promote", "/api/rate"])
def test_other_sites_change_nothing(client, address, headers):
    assert client.post(address, headers=headers).status_code == 403


@pytest.mark.parametrize("neighbour", ['theme={"a":1}', "lonely", "name=", "a b=c", "emmaus-3000=other"])
def test_cookies_of_other_programs_lock_nobody_out(client, neighbour):
    own = f"emmaus-8000={client.cookies['emmaus-8000']}"
    client.cookies.clear()
    for cookies in (f"{neighbour}; {own}", f"{own}; {neighbour}"):
        assert client.put("/api/consent", json={"scopes": []}, headers={"Cookie": cookies}).status_code == 200
    assert client.put("/api/consent", json={"scopes": []}, headers={"Cookie": neighbour}).status_code == 401


def test_a_long_body_is_refused_whether_or_not_it_says_so(client):
    assert client.post("/api/chat/david", content=b"x" * (LARGEST_BODY + 1)).status_code == 413

    def pieces():
        for _ in range(9):
            yield b" " * (LARGEST_BODY // 8)

    answer = client.post("/api/chat/david", content=pieces(), headers={"Content-Type": "application/json"})
    assert answer.status_code == 413
    assert "64 KiB" in answer.json()["detail"]


@pytest.mark.parametrize("page", [*PAGES, "/api/characters", "/static/chat.js", "/nowhere"])
def test_every_answer_forbids_foreign_code(client, page):
    headers = client.get(page).headers
    assert headers["content-security-policy"].startswith("default-src 'self';")
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("path", ["/broken", "/api/broken"])
def test_an_answer_that_broke_is_as_guarded_as_all_others(client, path):
    client.app.add_api_route(path, lambda: 1 / 0)
    told = TestClient(client.app, base_url=HOST, cookies=client.cookies, raise_server_exceptions=False)
    answer = told.get(path)
    assert answer.status_code == 500
    assert "ZeroDivisionError" not in answer.text
    assert answer.headers["content-security-policy"].startswith("default-src 'self';")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-request-id"]


FORM = re.compile(r'<form[^>]*method="post".*?</form>', re.DOTALL)
CSRF = re.compile(r'<input type="hidden" name="csrf" value="([0-9a-f]{64})">')


def test_every_form_of_every_page_says_by_its_token_that_it_is_ours(client, home):
    home.consent({Scope.STORE})
    client.post("/api/chat/david", json={"question": "Were you never afraid?"})
    home.store.add(Job("j1", "generate", "david", {"character": "david", "n": 9}, state=JobState.PAUSED, total=9))
    forms = {}
    for page in (*PAGES, "/conversations", "/desk/jobs", "/desk/jobs/j1", "/models", "/account", "/people"):
        forms |= {form.split('action="')[1].split('"')[0]: form for form in FORM.findall(client.get(page).text)}
    assert forms.keys() > {
        "/data/consent",
        "/data/delete",
        "/desk/david/generate",
        "/desk/david/rollback",
        "/desk/jobs/j1/resume",
        "/models/choose",
        "/account/keys",
    }
    assert [action for action, form in forms.items() if not CSRF.search(form)] == []
    for name in ("origin", "sec-fetch-site"):
        del client.headers[name]
    token = CSRF.search(forms["/data/consent"])[1]
    assert client.post("/data/consent", data={"scope": "store"}).status_code == 403
    assert client.post("/data/consent", data={"scope": "store", "csrf": token}).status_code == 303


def test_no_form_is_written_without_its_token_but_those_of_strangers():
    texts = {file.name: file.read_text() for file in (files("emmaus.web") / "templates").iterdir()}
    bare = [name for name, text in texts.items() if text.count('method="post"') > text.count("{{ csrf() }}")]
    assert sorted(bare) == ["invitation.html", "sign-in.html"]


@pytest.mark.parametrize("page", PAGES)
def test_no_page_has_inline_code_or_foreign_files(client, page):
    text = client.get(page).text
    assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:", text)
    assert not re.search(r"<script(?![^>]*\ssrc=)", text)
    assert not re.search(r"(src|href|action)=\"(?!/|#)", text)
    assert "://" not in text


def test_nothing_of_other_origins_may_read(client):
    answer = client.get("/api/characters", headers={"Origin": "http://evil.example"})
    assert "access-control-allow-origin" not in answer.headers
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"
