import pytest

from emmaus.errors import ContextOverflow, ModelError
from emmaus.models.protocols import ChatModel, Sampling
from emmaus.models.scripted import ScriptedModel
from emmaus.types import Message


def says(words: str) -> list[Message]:
    return [Message("user", words)]


def test_scripts_answer_by_text_function_mapping_and_turn() -> None:
    model: ChatModel = ScriptedModel("Peace.")
    assert model.reply(says("x")).text == "Peace."
    assert ScriptedModel(lambda messages, adapter: messages[-1].content.upper()).reply(says("x")).text == "X"
    lookup = ScriptedModel({"sheep": "Ninety-nine.", "lost sheep": "One.", "": "Ask on."})
    assert [lookup.reply(says(words)).text for words in ("a lost sheep", "sheep", "?")] == [
        "One.",
        "Ninety-nine.",
        "Ask on.",
    ]
    turns = ScriptedModel(["one", "two"])
    assert [turns.reply(says("")).text for _ in range(2)] == ["one", "two"]
    with pytest.raises(ModelError, match="no answer left"):
        turns.reply(says(""))


def test_adapters_have_scripts_of_their_own_and_calls_are_kept() -> None:
    model = ScriptedModel("base", by_adapter={"david": "adapted"})
    assert (model.reply(says("a")).text, model.reply(says("b"), adapter="david").text) == ("base", "adapted")
    assert [(call.messages[0].content, call.adapter) for call in model.calls] == [("a", None), ("b", "david")]


def test_streams_join_to_the_reply_and_delay_each_piece() -> None:
    waits: list[float] = []
    model = ScriptedModel("The  Lord is my\nshepherd.", delay=0.5, sleep=waits.append)
    pieces = list(model.stream(says("x")))
    assert "".join(pieces) == "The  Lord is my\nshepherd."
    assert waits == [0.5] * len(pieces)


def test_limits_and_stops_hold() -> None:
    model = ScriptedModel("one two three", context=5)
    cut = model.reply(says("x"), Sampling(max_tokens=2))
    assert (cut.text, cut.finish, cut.completion_tokens) == ("one two", "length", 2)
    assert model.reply(says("x"), Sampling(stop=(" three",))).text == "one two"
    with pytest.raises(ContextOverflow, match=r"6 tokens .* 5 at once"):
        model.reply(says("a b c d e f"))
