"""A pack that is begun is whole, and nothing of anybody's is written over."""

import pytest

from emmaus.errors import BadInput
from emmaus.packs import Findings, examine_pack, load_pack, new_pack


def test_a_new_pack_is_sound_and_whole(tmp_path):
    files = new_pack(tmp_path / "My Pack")
    assert examine_pack(tmp_path / "My Pack") == Findings((), ())
    pack = load_pack(tmp_path / "My Pack")
    assert pack.name == "my-pack"
    (slug,) = pack.characters
    assert all(map(len, (pack.starters(slug), pack.probes(slug), pack.bounds(slug), pack.synonyms, pack.timeline)))
    assert all(file.is_file() for file in files)
    assert sum("#" in file.read_text() for file in files) == len(files), "each file says what it is for"


def test_a_name_of_its_own(tmp_path):
    new_pack(tmp_path, "sea")
    assert load_pack(tmp_path).name == "sea"


def test_nothing_is_written_over(tmp_path):
    (tmp_path / "topics.yaml").write_text("mine")
    with pytest.raises(BadInput, match=r"topics\.yaml is there already: give a folder that is empty or new"):
        new_pack(tmp_path)
    assert (tmp_path / "topics.yaml").read_text() == "mine"
    assert [file.name for file in tmp_path.iterdir()] == ["topics.yaml"]


def test_a_name_that_is_none_and_a_folder_that_is_a_file(tmp_path):
    with pytest.raises(BadInput, match="the name 'My Sea' has other characters"):
        new_pack(tmp_path / "sea", "My Sea")
    assert not (tmp_path / "sea").exists()
    (tmp_path / "file").write_text("")
    with pytest.raises(BadInput, match="cannot be written"):
        new_pack(tmp_path / "file")
