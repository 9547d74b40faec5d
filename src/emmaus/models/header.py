"""What a GGUF file says of itself: read from its header, without loading a weight.

Layout: the specification of GGUF, versions 2 and 3. gguf's own reader takes seconds for the list of tokens, which is
passed over here.
"""

import mmap
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from emmaus.errors import ModelFileError
from emmaus.models.files import check_gguf, mending

_FORMATS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
"""struct's letters for the types of values; 8 is a string and 9 an array."""
_STRING, _ARRAY = 8, 9
_MOST = 1 << 20
"""More keys, tensors or dimensions than any model has: the file is torn."""


@dataclass(frozen=True, slots=True)
class Header:
    """A model as its file describes it; what it does not say is None or empty."""

    file: str
    size_bytes: int
    architecture: str
    name: str
    """That of the file, by which people know it."""
    parameters: int
    """Numbers in its tensors."""
    quantisation: str
    """As llama.cpp calls it: Q4_K_M, Q8_0, F16."""
    context: int | None
    """Tokens that it was trained to hold."""
    talks: bool
    """Whether it brings a chat template, without which it only goes on with a text."""


def read_header(file: Path) -> Header:
    """Read what a model file says of itself.

    Raises:
        ModelFileError: it is missing, no GGUF of version 2 or 3, no language model, or shorter than its tensors.
    """
    check_gguf(file)
    try:
        with file.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
            return _Reading(file, data).header()
    except (struct.error, UnicodeDecodeError, OverflowError, ValueError, KeyError, OSError) as error:
        raise ModelFileError(f"{file} is torn or of a version that is not known ({error}): {mending(file)}") from error


class _Reading:
    """A place in a file that moves on with every value read."""

    def __init__(self, file: Path, data: mmap.mmap) -> None:
        self.file, self.data, self.at = file, data, 4

    def header(self) -> Header:
        version, tensors, keys = self._value(4), self._value(10), self._value(10)
        if version not in (2, 3) or max(tensors, keys) > _MOST:
            raise ValueError(f"version {version}")
        facts = dict(self._fact() for _ in range(keys))
        parameters, end = self._tensors(tensors)
        start = -(-self.at // (aligned := facts.get("general.alignment") or 32)) * aligned
        if start + end > len(self.data):
            raise ModelFileError(
                f"{self.file} is truncated: it has {len(self.data):,} bytes of {start + end:,}, {mending(self.file)}"
            )
        architecture = str(facts.get("general.architecture") or "")
        if facts.get("general.type", "model") != "model" or not architecture:
            kind = facts.get("general.type", "file without an architecture")
            raise ModelFileError(f"{self.file} is no language model but a {kind}: name the model's own file")
        context = facts.get(f"{architecture}.context_length")
        return Header(
            str(self.file),
            len(self.data),
            architecture,
            self.file.stem,
            parameters,
            _named(facts.get("general.file_type")),
            int(context) if context else None,
            bool(facts.get("tokenizer.chat_template")),
        )

    def _fact(self) -> tuple[str, Any]:
        name = self._string()
        return name, self._any(self._value(4))

    def _any(self, kind: int) -> Any:
        if kind == _STRING:
            return self._string()
        if kind != _ARRAY:
            return self._value(kind)
        inner, count = self._value(4), self._value(10)
        if inner in _FORMATS:
            self.at += count * struct.calcsize(_FORMATS[inner])
        elif inner == _STRING:
            for _ in range(count):
                size = self._value(10)
                self.at += size
        else:
            raise ValueError(f"an array of type {inner}")
        return None

    def _value(self, kind: int) -> Any:
        layout = "<" + _FORMATS[kind]
        (found,) = struct.unpack_from(layout, self.data, self.at)
        self.at += struct.calcsize(layout)
        return found

    def _string(self) -> str:
        size = self._value(10)
        text = self.data[self.at : self.at + size]
        if len(text) < size:
            raise ValueError("a text that goes on behind the end")
        self.at += size
        return text.decode("utf-8", "replace")

    def _tensors(self, count: int) -> tuple[int, int]:
        """Count the numbers in all tensors, and the bytes that they take."""
        numbers = end = 0
        for size, stored, offset in self._described(count):
            numbers += size
            end = max(end, offset + stored)
        return numbers, end

    def _described(self, count: int) -> Iterator[tuple[int, int, int]]:
        """Of each tensor: numbers, bytes, and where it begins."""
        from gguf.constants import GGML_QUANT_SIZES, GGMLQuantizationType

        for _ in range(count):
            self._string()
            dimensions = self._value(4)
            if dimensions > 8:
                raise ValueError(f"a tensor of {dimensions} dimensions")
            size = 1
            for _ in range(dimensions):
                size *= self._value(10)
            block, stored = GGML_QUANT_SIZES[GGMLQuantizationType(self._value(4))]
            yield size, size // block * stored, self._value(10)


def _named(file_type: Any) -> str:
    """How llama.cpp calls a kind of file; "" where it is newer than what is known here."""
    from gguf.constants import LlamaFileType

    try:
        return str(LlamaFileType(file_type).name).removeprefix("MOSTLY_").removeprefix("ALL_")
    except ValueError:
        return ""
