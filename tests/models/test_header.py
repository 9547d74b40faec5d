"""What a GGUF says of itself; and a torn one is told from a whole one."""

from contextlib import suppress

import pytest

from emmaus.errors import ModelFileError
from emmaus.models.files import default_model_file
from emmaus.models.header import read_header
from emmaus.models.starter import starter
from hub import write_gguf


def test_the_embedded_model_introduces_itself():
    header = read_header(default_model_file())
    assert (header.architecture, header.quantisation, header.context, header.talks) == ("llama", "Q4_1", 8192, True)
    assert header.parameters == 134_515_008
    assert header.size_bytes == default_model_file().stat().st_size


def test_a_file_that_lacks_a_template_cannot_talk(tmp_path):
    header = read_header(write_gguf(tmp_path / "tiny.gguf", template=""))
    assert (header.name, header.talks, header.parameters, header.context) == ("tiny", False, 4096, 2048)
    assert header.quantisation == "Q8_0"


def test_an_adapter_is_no_model():
    with pytest.raises(ModelFileError, match="no language model but a adapter"):
        read_header(starter(default_model_file()).file)


@pytest.mark.parametrize("left", [65, 100, 150, 200, 300, 500, 2000, 10_000])
def test_wherever_it_breaks_off_it_is_torn(tmp_path, left):
    file = write_gguf(tmp_path / "tiny.gguf")
    whole = file.read_bytes()
    file.write_bytes(whole[: min(left, len(whole) - 1)])
    with pytest.raises(ModelFileError, match=r"torn|truncated") as raised:
        read_header(file)
    assert "\n" not in str(raised.value)


def test_whatever_stands_in_it_is_said_or_refused(tmp_path):
    """Every byte of the header is changed once: nothing but the one error comes of it."""
    file = write_gguf(tmp_path / "tiny.gguf", size=2)
    whole = bytearray(file.read_bytes())
    for at in range(4, min(len(whole), 700)):
        other = bytearray(whole)
        other[at] ^= 0xFF
        file.write_bytes(other)
        with suppress(ModelFileError):
            assert read_header(file).size_bytes == len(whole)


@pytest.mark.parametrize("content", [b"", b"<html>" * 20, b"GGUF" + bytes(100), b"GGUF\xff\xff\xff\xff" + bytes(100)])
def test_what_is_no_gguf_is_said(tmp_path, content):
    (tmp_path / "x.gguf").write_bytes(content)
    with pytest.raises(ModelFileError):
        read_header(tmp_path / "x.gguf")


def test_a_missing_one_is_said(tmp_path):
    with pytest.raises(ModelFileError, match="does not exist"):
        read_header(tmp_path / "x.gguf")
