"""What is kept is read as it was written, or not at all."""

from threading import Thread

import pytest

from emmaus.packs.kept import keep_bytes, kept_bytes, write_whole


def test_what_is_kept_is_read(tmp_path):
    file = tmp_path / "cache" / "file.bin"
    assert kept_bytes(file) is None
    for body in (b"", b"one\ntwo", bytes(range(256)) * 1000):
        keep_bytes(file, body)
        assert kept_bytes(file) == body
    assert list(file.parent.iterdir()) == [file]


@pytest.mark.parametrize("harm", [lambda b: b[:-1], lambda b: b + b"x", lambda b: b[75:], lambda b: b""])
def test_other_bytes_than_were_written_are_not_read(tmp_path, harm):
    file = tmp_path / "file.bin"
    keep_bytes(file, b"words" * 20)
    file.write_bytes(harm(file.read_bytes()))
    assert kept_bytes(file) is None


def test_a_folder_that_cannot_be_written_is_done_without(tmp_path):
    (tmp_path / "cache").write_text("in the way")
    keep_bytes(tmp_path / "cache" / "file.bin", b"words")
    with pytest.raises(OSError, match="cache"):
        write_whole(tmp_path / "cache" / "file.bin", b"words")


def test_many_may_write_at_once(tmp_path):
    file = tmp_path / "file.bin"
    threads = [Thread(target=keep_bytes, args=(file, bytes([number]) * 300_000)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert kept_bytes(file) in [bytes([number]) * 300_000 for number in range(8)]
    assert list(tmp_path.iterdir()) == [file]
