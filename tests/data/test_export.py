"""Export: files that fine-tuning tools read, whole or not there."""

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from emmaus.data import export, freeze
from emmaus.errors import BadInput, EmmausError
from emmaus.feedback import grant, rate, withdraw
from emmaus.types import Scope, Source

from .test_freeze import filled, said

LIMITED = """
import resource, signal, sys
from pathlib import Path
from emmaus.data import export
from emmaus.errors import EmmausError
from emmaus.store import open_store
from emmaus.types import Dataset
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
with open_store(Path(sys.argv[1])) as store:
    dataset = store.find(Dataset)[0]
    resource.setrlimit(resource.RLIMIT_FSIZE, (4000, 4000))
    try:
        export(store, dataset, Path(sys.argv[2]))
    except EmmausError as error:
        sys.stdout.write(str(error))
"""


@pytest.fixture
def dataset(kept, stoa):
    return freeze(filled(kept), stoa)


def test_jsonl_is_read_by_datasets_and_keeps_the_messages(kept, dataset, tmp_path):
    datasets = pytest.importorskip("datasets")
    done = export(kept, dataset, tmp_path / "new" / "out.jsonl")
    assert (done.written, done.left_out, done.dataset) == (len(dataset.examples), 0, dataset.id)
    read = datasets.load_dataset(
        "json", data_files=str(tmp_path / "new" / "out.jsonl"), split="train", cache_dir=str(tmp_path / "cache")
    )
    assert len(read) == len(dataset.examples)
    for row, example in zip(read, dataset.examples, strict=True):
        assert row["messages"] == [{"role": m.role, "content": m.content} for m in example.messages]
        assert (row["character_id"], row["quality_score"]) == ("epictetus", example.quality_score)
        assert row["is_human_validated"] == example.is_human_validated


def test_both_formats_hold_the_same(kept, dataset, tmp_path):
    export(kept, dataset, tmp_path / "out.jsonl")
    export(kept, dataset, tmp_path / "out.json", format="json")
    lines = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text("utf-8").splitlines()]
    assert lines == json.loads((tmp_path / "out.json").read_text("utf-8"))
    assert {"messages", "character_id", "quality_score", "is_human_validated"} <= set(lines[0])


def test_only_what_may_leave_leaves(kept, stoa, tmp_path):
    grant(kept, "alice", [Scope.STORE, Scope.TRAIN])
    filled(kept)
    spoken = kept.add(said(100, Source.PERSON, subject="alice"))
    rate(kept, spoken.turns[0], "alice", 1)
    dataset = freeze(kept, stoa)
    file = tmp_path / "out.jsonl"
    question = spoken.turns[0].question
    assert export(kept, dataset, file).left_out == 1
    assert question not in file.read_text("utf-8")
    grant(kept, "alice", list(Scope))
    assert export(kept, dataset, file).left_out == 0
    assert question in file.read_text("utf-8")
    withdraw(kept, "alice")
    assert export(kept, dataset, file).left_out == 1
    assert question not in file.read_text("utf-8")


def test_what_cannot_be_written_is_said(kept, dataset, tmp_path):
    with pytest.raises(BadInput, match="unknown format 'csv': use jsonl or json"):
        export(kept, dataset, tmp_path / "out.csv", format="csv")
    with pytest.raises(BadInput, match=r"is a folder: name a file in it, for example .*epictetus.jsonl"):
        export(kept, dataset, tmp_path)
    (tmp_path / "file").write_text("")
    with pytest.raises(EmmausError, match=r"cannot write .* choose another with --output"):
        export(kept, dataset, tmp_path / "file" / "out.jsonl")


@pytest.mark.skipif(sys.platform == "win32", reason="limits of a process are set as POSIX has them")
def test_a_full_disk_leaves_the_file_of_before(kept, dataset, tmp_path):
    file = tmp_path / "out.jsonl"
    file.write_text("before")
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(kept.home), str(file)], capture_output=True, text=True, check=True
    )
    assert f"cannot write {file}" in done.stdout
    assert file.read_text() == "before"
    assert set(os.listdir(tmp_path)) == {"kept", "out.jsonl"}


def test_a_pipe_is_written_to_and_not_replaced(kept, dataset, tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with ThreadPoolExecutor(1) as pool:
        read = pool.submit(pipe.read_text, encoding="utf-8")
        export(kept, dataset, pipe)
        assert len(read.result(timeout=10).splitlines()) == len(dataset.examples)
    assert pipe.is_fifo()
