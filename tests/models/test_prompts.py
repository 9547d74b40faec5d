import pytest

from emmaus.errors import NotFound
from emmaus.models.prompts import load
from emmaus.types import digest


def test_a_prompt_is_its_words_and_their_hash() -> None:
    prompt = load("persona")
    assert prompt.name == "persona"
    assert prompt.text == prompt.text.strip() != ""
    assert prompt.hash == digest(prompt.text)


def test_an_unknown_prompt_names_the_known() -> None:
    with pytest.raises(NotFound, match="persona"):
        load("nothing")
