"""Damaged model files are named, with what mends them, whatever the library says about them."""

import shutil

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
