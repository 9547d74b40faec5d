import json

TALK = {"messages": [{"role": "user", "content": "Who are you?"}, {"role": "assistant", "content": "David. " * 40}]}


def test_what_a_training_takes_is_said_before_it_begins(emmaus, tmp_path):
    data, taken = tmp_path / "talks.jsonl", tmp_path / "taken"
    data.write_text("".join(json.dumps({**TALK, "split": "train"}) + "\n" for _ in range(50)), encoding="utf-8")
    taken.mkdir()
    (taken / "notes.txt").write_text("mine")
    ran = emmaus("train", "--data", str(data), "--output", str(taken), "--json")
    said, refused = ran.err.splitlines()
    assert said.startswith(f"{data}: training takes about ")
    assert "tokens), and" in said
    assert "GB of memory" in said
    assert "already exists" in refused
    assert set(ran.json) == {"error", "code"}


def test_one_evaluation_can_be_named(emmaus, tmp_path):
    for command in (["promote", "david"], ["report", "david", "-o", str(tmp_path / "page.html")]):
        ran = emmaus(*command, "--evaluation", "e123456")
        assert ran.code == 1
        assert "there is no evaluation 'e123456'" in ran.err


def test_the_help_says_what_is_done(emmaus):
    said = " ".join(emmaus("evaluate", "--help").out.split())
    assert "--adapter ID" in said
    assert "spread evenly" in said
    assert "last evaluated adapter" in emmaus("promote", "--help").out
