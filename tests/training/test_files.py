import json
from pathlib import Path

import pytest

from emmaus.errors import BadInput
from emmaus.training.files import read_jsonl

GOOD = {"messages": [{"role": "user", "content": "Who are you?"}, {"role": "assistant", "content": "David."}]}


def write(tmp_path: Path, *lines: object, start: str = "") -> Path:
    path = tmp_path / "talks.jsonl"
    path.write_text(start + "\n".join(x if isinstance(x, str) else json.dumps(x) for x in lines), encoding="utf-8")
    return path


def test_a_file_as_other_tools_write_it(tmp_path: Path) -> None:
    full = {**GOOD, "character_id": "david", "quality_score": 0.9, "is_human_validated": True, "split": "validation"}
    plain, rich = read_jsonl(write(tmp_path, GOOD, "", full, start="\ufeff"))
    assert [message.content for message in plain.messages] == ["Who are you?", "David."]
    assert (rich.character_id, rich.quality_score, rich.is_human_validated, rich.split) == (
        "david",
        0.9,
        True,
        "validation",
    )
    assert rich.conversation == "line 3"


def test_words_with_unusual_line_breaks_stay_one_line(tmp_path: Path) -> None:
    odd = {"messages": [{"role": "user", "content": "a\u2028b"}, {"role": "assistant", "content": "c\u0085d"}]}
    path = tmp_path / "talks.jsonl"
    path.write_text(json.dumps(odd, ensure_ascii=False), encoding="utf-8")
    assert read_jsonl(path)[0].messages[1].content == "c\u0085d"


def test_about_one_in_ten_validates_and_repeats_stay_together(tmp_path: Path) -> None:
    lines = [
        {"messages": [{"role": "user", "content": f"{n % 400}?"}, {"role": "assistant", "content": "Yes."}]}
        for n in range(800)
    ]
    splits = [example.split for example in read_jsonl(write(tmp_path, *lines))]
    assert splits[:400] == splits[400:]
    assert 0.05 < splits.count("validation") / 800 < 0.15


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("{", "not JSON"),
        ("[]", "no `messages` list"),
        ({"messages": []}, "no assistant message"),
        ({"messages": [{"role": "bot", "content": "x"}]}, "role 'bot'"),
        ({"messages": [{"role": "user", "content": 3}]}, "without text"),
        ({"messages": [{"role": "user", "content": "x"}, {"role": "assistant", "content": " "}]}, "empty answer"),
        ({**GOOD, "quality_score": 7}, "quality_score is 7"),
        ({**GOOD, "split": "dev"}, "split is 'dev', expected train, validation or test"),
    ],
)
def test_a_bad_line_is_named_with_its_fault(tmp_path: Path, line: object, fault: str) -> None:
    with pytest.raises(BadInput, match="line 2: ") as caught:
        read_jsonl(write(tmp_path, GOOD, line, GOOD))
    assert fault in str(caught.value)


def test_every_bad_line_counts_and_ten_are_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="12 bad lines") as caught:
        read_jsonl(write(tmp_path, *["nonsense"] * 12, GOOD))
    assert "line 10" in str(caught.value)
    assert "line 11" not in str(caught.value)
    assert "2 more" in str(caught.value)


def test_missing_and_empty_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="does not exist"):
        read_jsonl(tmp_path / "none.jsonl")
    with pytest.raises(BadInput, match="no conversations"):
        read_jsonl(write(tmp_path, "", start="\ufeff"))
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BadInput, match="UTF-8"):
        read_jsonl(tmp_path / "binary")
