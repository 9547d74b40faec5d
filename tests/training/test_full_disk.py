"""A disk that is full, really: a sentence, and nothing of what was learned is lost."""

import pytest
import torch
from tests.training.disks import disk, fill
from tests.training.fit_small import fit
from tests.training.talks import talks

from emmaus.errors import EmmausError
from emmaus.training import base
from emmaus.training.recipe import Recipe
from emmaus.training.train import train


def test_a_checkpoint_without_room_is_said_and_the_one_before_goes_on(tmp_path) -> None:
    (tmp_path / "other").mkdir()
    whole, weights = fit(tmp_path / "other", lambda progress: None)
    with disk(tmp_path / "disk", 2000) as place:
        with pytest.raises(EmmausError, match=r"No space left on device\): free some space.*resumes from the last"):
            fit(place, lambda progress: progress.done == 7 and fill(place))
        assert {path.name for path in place.iterdir()} == {"checkpoint.pt", "filler"}
        (place / "filler").unlink()
        seen: list[int] = []
        run, again = fit(place, lambda progress: seen.append(progress.done))
    assert seen[0] == 7
    assert run.step == whole.step
    for name, tensor in weights.items():
        torch.testing.assert_close(again[name], tensor)


def test_an_adapter_without_room_is_written_later_and_no_step_is_repeated(tmp_path, model_file, cache) -> None:
    recipe = Recipe(epochs=1, batch=8, rank=2, alpha=2)
    with disk(tmp_path / "disk", 400_000) as place:
        options = {"output": place / "a", "base_file": model_file, "cache": cache, "recipe": recipe}
        with pytest.raises(EmmausError, match=r"No space left on device.*resumes from the last checkpoint"):
            train(talks(6), **options, progress=lambda progress: "validated" in progress.note and fill(place))
        assert not (place / "a").exists()
        (place / "filler").unlink()
        seen: list[int] = []
        result = train(talks(6), **options, progress=lambda progress: seen.append(progress.done))
        assert result.gguf.exists()
        assert seen == []


def test_a_base_without_room_is_said_and_leaves_nothing(tmp_path, model_file) -> None:
    with disk(tmp_path / "disk", 10_000) as place:
        with pytest.raises(EmmausError, match=r"cannot unpack .*: free some space"):
            base.unpack(model_file, place)
        assert list(place.iterdir()) == []
