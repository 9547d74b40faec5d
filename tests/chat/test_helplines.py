"""What somebody in danger is told: plain, short, by the kind of danger and by country."""

import pytest

from emmaus.chat import Crisis, help_text, helplines
from emmaus.chat.helplines import _shipped, from_locale
from emmaus.chat.signs import KINDS
from emmaus.config import load_settings
from emmaus.errors import BadInput


def said(kind, country):
    return help_text(Crisis(kind, "patterns", 1.0), helplines(country))


@pytest.mark.parametrize("country", sorted(_shipped()["lines"]))
@pytest.mark.parametrize("kind", KINDS)
def test_every_country_has_an_answer_for_every_kind(country, kind):
    answer = said(kind, country)
    assert "stepping out of the character" in answer
    assert helplines(country).emergency in answer
    assert helplines(country).name in answer
    assert len(answer) < 1200


def test_each_kind_is_answered_in_its_own_words():
    assert len({said(kind, "DE") for kind in KINDS}) == len(KINDS)
    assert "Childline" in said("abuse", "GB")
    assert "Samaritans: 116 123" in said("self-harm", "gb")
    assert "988" in said("self-harm", "US")


def test_a_country_without_lines_gets_those_of_many():
    assert said("self-harm", "ZZ") == help_text(Crisis("self-harm", "patterns", 1.0), helplines("XX"))
    assert "findahelpline.com" in said("abuse", "ZZ")


@pytest.mark.parametrize(
    ("environment", "country"),
    [
        ({"LANG": "de_AT.UTF-8"}, "AT"),
        ({"LC_ALL": "C.UTF-8", "LANG": "de_AT.UTF-8"}, ""),
        ({"LC_MESSAGES": "en_GB", "LANG": "de_DE"}, "GB"),
        ({"LANG": "C"}, ""),
        ({}, ""),
    ],
)
def test_the_country_is_that_of_the_locale(environment, country):
    assert from_locale(environment) == country


def test_lines_of_ones_own_stand_in_place_of_those_that_ship(tmp_path):
    file = tmp_path / "ours.yaml"
    file.write_text('lines: {GB: {emergency: "112", self-harm: ["Father Tom: 123"], abuse: ["Sister Ann: 456"]}}')
    there = helplines("GB", file)
    assert "Father Tom: 123" in help_text(Crisis("self-harm", "patterns", 1.0), there)
    assert "Sister Ann: 456" in help_text(Crisis("abuse", "classifier", 0.8), there)
    assert helplines("US", file) == helplines("US")


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ("lines: [", "cannot be read"),
        ("- one", "has no 'lines'"),
        ("lines: {Germany: {}}", "no country of two capital letters"),
        ("lines: {NO: {}}", "no country of two capital letters"),
        ('lines: {DE: {emergency: 112, self-harm: ["a"], abuse: ["b"]}}', "no 'emergency' number as text"),
        ('lines: {DE: {emergency: "112", self-harm: [], abuse: ["b"]}}', "no list of lines for 'self-harm'"),
        ('lines: {DE: {emergency: "112", self-harm: ["a"], abuse: [5]}}', "no list of lines for 'abuse'"),
    ],
)
def test_a_broken_file_is_refused_in_one_line(tmp_path, content, fault):
    file = tmp_path / "ours.yaml"
    file.write_text(content)
    with pytest.raises(BadInput, match=fault) as refused:
        helplines("DE", file)
    assert "\n" not in str(refused.value)
    with pytest.raises(BadInput, match="cannot be read"):
        helplines("DE", tmp_path / "nowhere.yaml")


def test_a_country_is_two_letters():
    assert load_settings(country="gb").country == "GB"
    with pytest.raises(BadInput, match=r"setting country \(EMMAUS_COUNTRY\).*two letters, as US, GB or DE"):
        load_settings(country="England")
