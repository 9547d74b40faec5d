"""Settings: what is refused, and with which words."""

from pathlib import Path

import pytest

from emmaus.config import load_settings
from emmaus.errors import BadInput


@pytest.mark.parametrize("name", ["threads", "timeout"])
@pytest.mark.parametrize("value", ["0", "-1"])
def test_what_must_be_above_zero_is(monkeypatch, name, value):
    monkeypatch.setenv(f"EMMAUS_{name.upper()}", value)
    with pytest.raises(BadInput, match=rf"setting {name} \(EMMAUS_{name.upper()}\): .*greater than 0, got '{value}'"):
        load_settings()


def test_a_character_fits_the_context_window(monkeypatch):
    monkeypatch.setenv("EMMAUS_CONTEXT", "1023")
    with pytest.raises(BadInput, match=r"setting context \(EMMAUS_CONTEXT\): .*equal to 1024, got '1023'"):
        load_settings()


def test_a_timeout_ends(monkeypatch):
    monkeypatch.setenv("EMMAUS_TIMEOUT", "inf")
    with pytest.raises(BadInput, match="setting timeout"):
        load_settings()


def test_an_empty_variable_is_no_setting(monkeypatch):
    for name in ("EMMAUS_HOME", "EMMAUS_MODEL_URL", "EMMAUS_CONTEXT"):
        monkeypatch.setenv(name, "")
    found = load_settings()
    assert found.home.name == "emmaus"
    assert (found.model_url, found.context) == (None, 4096)


def test_an_unknown_setting_names_those_there_are():
    with pytest.raises(BadInput, match="unknown setting 'modell': the settings are home, pack"):
        load_settings(modell="x")


@pytest.mark.parametrize("name", ["home", "pack", "model_file"])
def test_a_path_may_begin_at_the_persons_own_folder(monkeypatch, name):
    monkeypatch.setenv(f"EMMAUS_{name.upper()}", "~/emmaus")
    assert getattr(load_settings(), name) == Path.home() / "emmaus"
    with pytest.raises(BadInput, match=rf"setting {name} .*no such person"):
        load_settings(**{name: "~nobody-of-this-name/x"})
