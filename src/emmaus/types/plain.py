"""Records as plain data, and their hashes."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import Any, TypeAlias

Json: TypeAlias = bool | int | float | str | Sequence["Json"] | Mapping[str, "Json"] | None


def plain(value: Any) -> Any:
    """Turn a record, and all that it holds, into what JSON can carry (dicts, lists, strings, numbers)."""
    if value is None or isinstance(value, str | int | float):
        return value
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, set | frozenset):
        return sorted(plain(item) for item in value)
    return value


def digest(value: Any, length: int = 16) -> str:
    """Hash any plain value or record: the first `length` hex digits of the SHA-256 of its canonical JSON."""
    text = json.dumps(plain(value), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:length]


def sound(text: str) -> str:
    """Return a text with `?` for every half of a character: JSON can write one alone, and no model or file takes it."""
    return text.encode("utf-8", "replace").decode()
