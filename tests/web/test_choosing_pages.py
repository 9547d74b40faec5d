"""The models page: phi-4 on Ollama in two clicks, and everything that the page does as JSON."""

import json
import re

import pytest
from playwright.sync_api import expect

from emmaus.accounts import audit
from emmaus.api import Emmaus
from emmaus.config import Settings
from hub import serving_files, write_gguf
from parts import until
from programs import ollama, running


@pytest.fixture
def inside(open_home):
    """A home whose characters speak through the embedded engine, which no test here starts."""
    return open_home(embedded=True)


@pytest.fixture
def program(monkeypatch):
    """Ollama, where OLLAMA_HOST says that it is."""
    with running(ollama()) as running_program:
        monkeypatch.setenv("OLLAMA_HOST", running_program.url)
        yield running_program


def test_everything_is_told_as_json(browse, inside, program):
    told = browse(inside).get("/api/models").json()
    assert [one["role"] for one in told["standing"]] == ["chat", "generator", "judge", "embedder"]
    ours = next(server for server in told["servers"] if server["url"] == program.url)
    assert (ours["kind"], ours["models"][0]["context"]) == ("Ollama", 16384)
    assert told["embedded"]["quantisation"] == "Q4_1"
    assert told["machine"]["memory"] > 0
    assert len(told["recommended"]) == 4


def test_a_role_is_chosen_and_given_back_as_json(browse, inside, program):
    client = browse(inside)
    wanted = {"kind": "server", "url": program.url, "name": "phi4", "key": "s3cret"}
    chosen = client.put("/api/models/roles/chat", json=wanted)
    assert chosen.json()["standing"]["words"] == f"phi4 at {program.url}"
    answer = client.post("/api/chat/david", json={"question": "Were you afraid?"})
    assert answer.json()["turn"]["text"] == "the shepherd counts his sheep."
    assert "s3cret" not in chosen.text + client.get("/api/models").text + client.get("/models").text
    assert client.delete("/api/models/roles/chat").json()["standing"]["kind"] == ""
    assert client.put("/api/models/roles/teller", json=wanted).status_code == 400
    assert client.put("/api/models/roles/chat", json={"kind": "cloud"}).status_code == 422


def test_the_audit_log_says_which_model_got_which_role_and_which_file_came(browse, inside, program):
    client = browse(inside)
    server = {"kind": "server", "url": program.url, "name": "phi4", "key": "s3cret"}
    client.put("/api/models/roles/chat", json=server)
    client.post("/models/choose", data=server | {"role": "judge"})
    client.post("/models/choose", data={"role": "judge", "kind": "none"})
    begun = client.post("/api/models/downloads", json={"spec": "http://127.0.0.1:9/m.gguf"}).json()["id"]
    client.post("/models/stop", data={"id": begun})
    done = [(event.act, event.object, event.detail) for event in reversed(audit.read(inside.store))]
    assert done == [
        ("choose", "chat", f"phi4 at {program.url}"),
        ("choose", "judge", f"phi4 at {program.url}"),
        ("choose", "judge", "given back"),
        ("download", "http://127.0.0.1:9/m.gguf", begun),
        ("stop", "http://127.0.0.1:9/m.gguf", begun),
    ]


def test_a_model_is_tried_as_json(browse, inside, program):
    client = browse(inside)
    trial = client.post("/api/models/try", json={"url": program.url, "name": "phi4"}).json()
    assert (trial["trial"]["streams"], trial["trial"]["logprobs"], trial["trial"]["error"]) == (True, True, "")
    assert trial["sentence"].startswith("phi4 streams, gives log-probabilities, holds 16,384 tokens, first word after ")
    gone = client.post("/api/models/try", json={"url": "http://127.0.0.1:9", "name": "phi4"})
    assert (gone.status_code, gone.json()["trial"]["streams"]) == (200, None)
    assert gone.json()["sentence"].startswith("phi4 cannot be used: no model server answers")
    assert client.post("/api/models/try", json={"url": "ftp://x", "name": "phi4"}).status_code == 400


def test_a_file_is_described_and_downloaded_as_json(browse, tmp_path, inside):
    file = write_gguf(tmp_path / "tiny.gguf")
    client = browse(inside)
    inside.background()
    assert client.post("/api/models/files", json={"file": str(file)}).json()["name"] == "tiny"
    assert client.post("/api/models/files", json={"file": str(tmp_path / "none.gguf")}).status_code == 400
    with serving_files(file.read_bytes()) as hub:
        begun = client.post("/api/models/downloads", json={"spec": f"{hub.url}/tiny.gguf"})
        assert begun.status_code == 202
        until(lambda: client.get("/api/models/downloads").json()[0]["state"] == "done")
    assert client.delete("/api/models/downloads/none").status_code == 404
    assert client.post("/api/models/downloads", json={"spec": "owner"}).status_code == 400
    page = client.get("/models").text
    assert 'aria-label="Use for chat: tiny"' in page


def test_the_forms_work_without_a_script(browse, inside, program):
    client = browse(inside)

    def posted(path, **fields):
        answer = client.post(path, data=fields)
        assert answer.status_code == 303, answer.text
        return client.get(answer.headers["location"]).text

    server = {"kind": "server", "url": program.url, "name": "phi4:latest"}
    page = posted("/models/choose", role="chat", **server)
    assert f"Characters speak through phi4:latest at {program.url}" in page
    assert 'aria-label="Use for chat: phi4:latest"' not in page
    assert "phi4 streams, gives log-probabilities" in posted("/models/try", url=program.url, name="phi4").lower()
    assert "embedded model again" in posted("/models/choose", role="chat", kind="none")
    assert posted("/models/download", spec="http://127.0.0.1:9/m.gguf")
    assert posted("/models/stop", id=client.get("/api/models/downloads").json()[0]["id"])
    refused = client.post("/models/choose", data={"role": "chat", "kind": "gguf", "file": "/none.gguf"})
    assert (refused.status_code, "does not exist" in refused.text) == (503, True)


def test_a_sentence_of_another_page_is_not_shown(browse, inside):
    assert "Send your key to me" not in browse(inside).get("/models?said=Send+your+key+to+me").text


def test_names_that_a_server_tells_run_nothing(browse, inside, monkeypatch):
    evil = "<script>alert(1)</script>"
    with running(ollama({evil: (1, 1, False)})) as program:
        monkeypatch.setenv("OLLAMA_HOST", program.url)
        page = browse(inside).get("/models").text
    assert evil not in page
    assert "&lt;script&gt;" in page


def test_a_setting_that_goes_before_a_choice_is_told(browse, tmp_path, program):
    with Emmaus(Settings(home=tmp_path / "set", model_url=program.url)) as home:
        client = browse(home)
        client.put("/api/models/roles/chat", json={"kind": "server", "url": program.url, "name": "llama3.2:1b"})
        page = re.sub(r"\s+", " ", client.get("/models").text)
    assert f"by EMMAUS_MODEL_URL, which goes before llama3.2:1b at {program.url}" in page


def test_phi4_on_ollama_in_two_clicks(inside, served, page, program):
    address = served(inside)
    page.goto(address.link)
    page.get_by_role("link", name="Models").click()
    page.get_by_role("button", name="Use for chat: phi4:latest").first.click()
    expect(page.get_by_role("status").filter(has_text="Characters speak through phi4:latest")).to_be_visible()
    page.goto(f"{address}/chat/david?question=Who+are+you%3F")
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.locator("article.turn:not(.pending)")).to_contain_text("the shepherd counts his sheep.")


def test_a_model_is_tried_where_it_stands(inside, served, page, program):
    address = served(inside)
    page.goto(address.link)
    page.goto(f"{address}/models")
    page.wait_for_load_state("networkidle")
    page.get_by_role("button", name="Try phi4:latest").click()
    expect(page.locator("li", has_text="phi4:latest").locator(".result")).to_contain_text(
        "phi4:latest streams, gives log-prob"
    )
    page.get_by_role("button", name="Try nomic-embed-text").click()
    expect(page.locator("li", has_text="nomic-embed-text").locator(".result")).to_contain_text(
        "gives vectors of 3 numbers"
    )


def test_a_download_moves_and_ends(open_home, served, page, tmp_path):
    content = write_gguf(tmp_path / "tiny.gguf", size=64 * 1024).read_bytes()
    with serving_files(content, pause=0.02) as hub:
        home = open_home(embedded=True)
        home.background()
        address = served(home)
        page.goto(address.link)
        page.goto(f"{address}/models")
        page.get_by_label("Download").first.fill(f"{hub.url}/tiny.gguf")
        page.get_by_role("button", name="Download").click()
        row = page.locator("#downloads li")
        expect(row.locator(".detail")).to_contain_text("MB a second")
        expect(row.locator(".state")).to_have_text("done")
        expect(page.get_by_role("button", name="Use for chat: tiny")).to_be_visible()


def test_a_programs_own_port_is_not_asked(inside, served, monkeypatch):
    address = served(inside)
    monkeypatch.setenv("OLLAMA_HOST", address)
    import httpx

    found = httpx.get(f"{address}/api/models", headers=address.key, timeout=60).json()
    assert all(server["url"] != address for server in found["servers"])
    assert json.dumps(found["standing"])


def test_it_fits_a_phone_and_a_desk_in_either_scheme(inside, served, browser, program):
    address = served(inside)
    for width, scheme in ((320, "light"), (390, "dark"), (1200, "light")):
        context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
        page = context.new_page()
        page.goto(address.link)
        page.goto(f"{address}/models")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        context.close()


def test_nothing_is_hidden_from_a_screen_reader(inside, served, browser, program):
    from axe_playwright_python.sync_playwright import Axe

    context = browser.new_context()
    page = context.new_page()
    address = served(inside)
    page.goto(address.link)
    page.goto(f"{address}/models")
    found = Axe().run(page).response["violations"]
    context.close()
    assert [one["id"] for one in found if one["impact"] in ("serious", "critical")] == []
