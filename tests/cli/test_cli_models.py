"""Models in a terminal: found, tried, chosen and downloaded, each in one command."""

import hashlib
import json

import pytest

from hub import serving_files, write_gguf
from programs import ollama, running


@pytest.fixture
def program():
    with running(ollama()) as running_program:
        yield running_program


@pytest.fixture
def bare(emmaus):
    """The command without a server in its environment; OLLAMA_HOST names one that runs."""

    def run(*arguments, **environment):
        return emmaus(*arguments, EMMAUS_MODEL_URL="", **environment)

    return run


def test_what_runs_here_is_listed_and_recommended(bare, program):
    listed = bare("models", OLLAMA_HOST=program.url)
    assert listed.code == 0
    for said in ("Ollama 0.12.11 at", "phi4:latest", "9.1 GB", "14.7B", "16,384", "Recommended", "memory free"):
        assert said in listed.out
    found = bare("models", "--json", OLLAMA_HOST=program.url).json
    ours = next(server for server in found["servers"] if server["url"] == program.url)
    assert ours["models"][0]["name"] == "phi4:latest"
    assert [one["role"] for one in found["standing"]] == ["chat", "generator", "judge", "embedder"]


def test_a_model_is_chosen_by_its_name_and_answers(bare, program):
    chosen = bare("models", "use", "chat", "phi4:latest", OLLAMA_HOST=program.url)
    assert chosen.out.startswith(f"Characters speak through phi4:latest at {program.url} from the next question on")
    asked = bare("ask", "david", "Were you afraid?", "--json")
    assert (asked.json["answer"], asked.json["model"]) == ("the shepherd counts his sheep.", "phi4:latest")
    assert f"phi4:latest answers at {program.url}/v1" in bare("doctor").out
    assert "through the embedded model again" in bare("models", "use", "chat", "--none").out


def test_the_vectors_of_another_embedder_are_waited_for(small, program, tmp_path):
    chosen = small("models", "use", "embedder", "nomic-embed-text", "--url", program.url)
    assert chosen.code == 0, chosen.err
    assert chosen.out.startswith(f"Verses are found by nomic-embed-text at {program.url}")
    assert list((tmp_path / "home" / "cache").glob("vectors-*.npz"))
    assert small("search", "What is in our power?").err == ""


def test_a_setting_goes_before_it(emmaus, program):
    chosen = emmaus("models", "use", "chat", "phi4", "--url", program.url, "--json").json
    assert chosen["standing"]["setting"] == "EMMAUS_MODEL_URL"
    assert "kept, but EMMAUS_MODEL_URL is set" in chosen["sentence"]


def test_a_key_is_asked_for_and_never_printed(bare):
    with running(ollama(), key="s3cret") as program:
        chosen = bare("models", "use", "judge", "phi4", "--url", program.url, "--key", "-", "--json", stdin="s3cret\n")
        assert chosen.json["standing"]["keyed"] is True
        tried = bare("models", "try", program.url, "phi4", "--json")
        assert (tried.code, tried.json["error"]) == (0, "")
    everything = bare("models", "--json")
    assert "s3cret" not in chosen.out + chosen.err + tried.out + everything.out


def test_a_model_is_tried(bare, program):
    tried = bare("models", "try", program.url, "phi4")
    assert tried.out.startswith("phi4 streams, gives log-probabilities, holds 16,384 tokens, first word after ")
    assert "vectors of 3 numbers" in bare("models", "try", program.url, "nomic-embed-text").out
    gone = bare("models", "try", "http://127.0.0.1:9", "phi4")
    assert gone.code == 1
    assert gone.out.startswith("phi4 cannot be used: no model server answers")


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("use", "chat"), 2, "name one of: a model"),
        (("use", "chat", "phi4", "--embedded"), 2, "name one of: a model"),
        (("use", "teller", "--none"), 2, "there is no role 'teller'"),
        (("use", "chat", "nobody:1b"), 1, "no model server of this computer offers 'nobody:1b'"),
        (("use", "chat", "--file", "none.gguf"), 1, "does not exist"),
        (("use", "embedder", "--file", "none.gguf"), 2, "cannot find verses"),
        (("try", "ftp://x", "phi4"), 2, "is no address of a model server"),
        (("download", "owner/repo"), 2, "names no file"),
        (("download", "http://127.0.0.1:9/m.gguf"), 1, "cannot be reached"),
    ],
)
def test_what_is_wrong_is_one_line(bare, arguments, code, said):
    ran = bare("models", *arguments)
    assert ran.code == code
    assert said in ran.err
    assert ran.err.count("\n") == 1


def test_a_file_is_downloaded_and_used(bare, emmaus, tmp_path):
    content = write_gguf(tmp_path / "tiny.gguf").read_bytes()
    hashed = hashlib.sha256(content).hexdigest()
    with serving_files(content) as hub:
        made = bare("models", "download", "owner/repo/tiny.gguf", "--sha256", hashed, EMMAUS_HUB_URL=hub.url)
    assert made.code == 0
    assert "tiny: llama, 0M parameters, Q8_0, 2,048 tokens" in made.out
    file = emmaus.home / "models" / "tiny.gguf"
    assert f"emmaus models use chat --file {file}" in made.out
    assert "downloading: " in made.err
    assert json.loads(bare("models", "use", "judge", "--file", str(file), "--json").out)["standing"]["kind"] == "gguf"
