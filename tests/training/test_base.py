"""Damaged model files are named, with what mends them, whatever the library says about them."""

import os
import shutil
import subprocess
import sys

import pytest
import torch

from emmaus.errors import ModelFileError
from emmaus.models.files import default_model_file
from emmaus.training import base


@pytest.mark.parametrize("share", [0.000002, 0.0001, 0.01, 0.02, 0.5, 0.999])
def test_a_truncated_model_file_is_refused(tmp_path, share: float) -> None:
    whole = default_model_file().read_bytes()
    file = tmp_path / "cut.gguf"
    file.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(ModelFileError, match=r"cut.gguf .*download or convert it again"):
        base.unpack(file, tmp_path / "cache")
    assert not list(tmp_path.glob("cache/*"))


@pytest.mark.parametrize(
    ("name", "load"),
    [
        ("config.json", lambda folder: base.load_model(folder, torch.float32)),
        ("model.safetensors", lambda folder: base.load_model(folder, torch.float32)),
        ("tokenizer.json", base.load_tokenizer),
    ],
)
@pytest.mark.parametrize("left", [None, 0, 1000])
def test_a_damaged_cache_is_named_with_what_mends_it(tmp_path, base_folder, name: str, load, left: int | None) -> None:
    folder = tmp_path / "base"
    folder.mkdir()
    for file in base_folder.iterdir():
        if file.name != name:
            (folder / file.name).symlink_to(file)
        elif left is not None:
            (folder / name).write_bytes(file.read_bytes()[: min(left, file.stat().st_size // 2)])
    with pytest.raises(ModelFileError, match=r"base cannot be loaded \(.*delete this folder"):
        load(folder)
    shutil.rmtree(folder)


SHAPES = """
from emmaus.training.train import be_considerate
be_considerate()
import torch
torch.set_num_threads(1)
def resident(): return int(open("/proc/self/statm").read().split()[1]) * 4096 >> 20
weight = torch.ones(1536, 576, dtype=torch.bfloat16)
for rows in range(64, 464):
    torch.nn.functional.linear(torch.ones(rows, 576, dtype=torch.bfloat16), weight)
    if rows == 104:
        start = resident()
print(resident() - start)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads its memory as Linux tells it")
def test_what_was_prepared_for_a_shape_is_not_kept_for_ever() -> None:
    """Every pack has a length of its own. Measured: 65 MB for 360 shapes, and 229 MB with the library's own limits."""
    clean = {name: value for name, value in os.environ.items() if not name.endswith("CACHE_CAPACITY")}
    done = subprocess.run([sys.executable, "-c", SHAPES], env=clean, capture_output=True, text=True, check=True)
    assert int(done.stdout) < 130
