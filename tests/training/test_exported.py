"""What `export` writes is training data: for this house, for TRL, and in the form that OpenAI's fine-tuning takes."""

import json

import pytest
from pydantic import TypeAdapter

from emmaus.data import export
from emmaus.training import read_jsonl
from emmaus.training.base import load_tokenizer


@pytest.fixture(scope="module")
def exported(shipped, tmp_path_factory):
    """A frozen dataset of hand-written conversations, and the file that it was exported to."""
    dataset = shipped.freeze("david", most=60)
    file = tmp_path_factory.mktemp("exported") / "david.jsonl"
    export(shipped.store, dataset, file)
    return dataset, file


def test_it_is_read_back_with_the_same_messages_and_splits(exported) -> None:
    dataset, file = exported
    read = read_jsonl(file)
    assert [example.messages for example in read] == [example.messages for example in dataset.examples]
    assert [example.split for example in read] == [example.split for example in dataset.examples]
    assert {example.split for example in read} == {"train", "validation", "test"}
    assert [e.quality_score for e in read] == [e.quality_score for e in dataset.examples]


@pytest.mark.filterwarnings("ignore")  # those of TRL's own imports
def test_trl_takes_it_as_conversations(exported, base_folder, tmp_path) -> None:
    datasets, trl = pytest.importorskip("datasets"), pytest.importorskip("trl")
    dataset, file = exported
    read = datasets.load_dataset("json", data_files=str(file), split="train", cache_dir=str(tmp_path))
    assert all(trl.is_conversational(row) for row in read)
    tokenizer = load_tokenizer(base_folder)
    texts = [trl.apply_chat_template(row, tokenizer)["text"] for row in read]
    for text, example in zip(texts, dataset.examples, strict=True):
        plain = [{"role": message.role, "content": message.content} for message in example.messages]
        assert text == tokenizer.apply_chat_template(plain, tokenize=False)


@pytest.mark.filterwarnings("ignore")
def test_each_line_has_the_form_of_openai_chat_fine_tuning(exported) -> None:
    types = pytest.importorskip("openai.types.chat")
    check = TypeAdapter(list[types.ChatCompletionMessageParam])
    for line in exported[1].read_text("utf-8").splitlines():
        messages = json.loads(line)["messages"]
        check.validate_python(messages, strict=True)
        assert all(set(message) == {"role", "content"} for message in messages)
        assert all(isinstance(message["content"], str) and message["content"].strip() for message in messages)
        assert [message["role"] for message in messages[:2]] == ["system", "user"]
        assert messages[-1]["role"] == "assistant"
