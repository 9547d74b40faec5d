"""Files in and out: chat JSONL for training, hashes, writes that are whole or not there."""

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from emmaus.errors import BadInput
from emmaus.types import Example, Message, Source

ROLES = ("system", "user", "assistant")
SPLITS = ("train", "validation", "test")
NAMED = 10
"""How many bad lines a message names one by one."""


def read_jsonl(path: Path) -> tuple[Example, ...]:
    """Read conversations from chat JSONL: one object a line with `messages`, as every fine-tuning tool takes it.

    Optional fields: `character_id`, `quality_score` (0..1), `is_human_validated`, `split` (train,
    validation, or test, which is neither learned nor validated on). Blank lines and a byte order mark are passed over.
    Nothing is used unless every line is good.

    Raises:
        BadInput: no such file, nothing in it, or bad lines, all of them named.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise BadInput(f"{path} does not exist; give a chat JSONL file (--data FILE)") from None
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{path} cannot be read as UTF-8 text: {error}") from error
    examples: list[Example] = []
    faults: list[str] = []
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            examples.append(_example(json.loads(line), number))
        except json.JSONDecodeError as error:
            faults.append(f"line {number}: not JSON ({error.msg})")
        except ValueError as error:
            faults.append(f"line {number}: {error}")
    if faults:
        more = f"; and {len(faults) - NAMED} more" if len(faults) > NAMED else ""
        raise BadInput(f"{path}: {len(faults)} bad lines, nothing was used. {'; '.join(faults[:NAMED])}{more}")
    if not examples:
        raise BadInput(f"{path} holds no conversations; expected one JSON object a line, with `messages`")
    return tuple(examples)


def sha256(path: Path) -> str:
    """SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_json(path: Path, value: Mapping[str, Any]) -> None:
    """Write a JSON file whole or not at all."""
    write_bytes(path, (json.dumps(value, indent=2, ensure_ascii=False, sort_keys=True) + "\n").encode())


def write_bytes(path: Path, content: bytes | memoryview) -> None:
    """Write a file whole or not at all: beside its place first, then into it in one step."""
    beside = path.with_name(path.name + ".new")
    try:
        with beside.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
    except OSError:
        beside.unlink(missing_ok=True)  # on a full disk it takes the room that others need
        raise


def unwritten(folder: Path, error: OSError) -> str:
    """Say that a training could not write its files, and what is not lost."""
    return (
        f"cannot write to {folder} ({error.strerror or error}): free some space (a training of the embedded base needs "
        "about 200 MB); the same command resumes from the last checkpoint"
    )


def _example(value: Any, number: int) -> Example:
    if not isinstance(value, dict) or not isinstance(value.get("messages"), list):
        raise ValueError("no `messages` list")
    messages = tuple(_message(item) for item in value["messages"])
    answers = [message for message in messages if message.role == "assistant"]
    if not answers:
        raise ValueError("no assistant message")
    if not all(message.content.strip() for message in answers):
        raise ValueError("an empty answer")
    if any(message.role == "system" for message in messages[1:]):
        raise ValueError("a system message that is not the first")
    quality = value.get("quality_score", 1.0)
    if isinstance(quality, bool) or not isinstance(quality, int | float) or not 0 <= quality <= 1:
        raise ValueError(f"quality_score is {quality!r}, expected 0..1")
    human, split, character = value.get("is_human_validated", False), value.get("split"), value.get("character_id", "")
    if not isinstance(human, bool):
        raise ValueError(f"is_human_validated is {human!r}, expected true or false")
    if split not in (None, *SPLITS):
        raise ValueError(f"split is {split!r}, expected {', '.join(SPLITS[:-1])} or {SPLITS[-1]}")
    if not isinstance(character, str):
        raise ValueError(f"character_id is {character!r}, expected text")
    return Example(
        f"line {number}", character, messages, float(quality), human, Source.IMPORTED, split or _split(messages)
    )


def _message(item: Any) -> Message:
    if not isinstance(item, dict) or not isinstance(item.get("content"), str):
        raise ValueError("a message without text `content`")
    if item.get("role") not in ROLES:
        raise ValueError(f"role {item.get('role')!r}, expected system, user or assistant")
    return Message(item["role"], item["content"])


def _split(messages: tuple[Message, ...]) -> Any:
    """One conversation in ten validates; which one is decided by its words alone, so repeats fall on one side."""
    text = "\x00".join(f"{message.role}\x01{message.content}" for message in messages if message.role != "system")
    return "validation" if hashlib.sha256(text.encode()).digest()[0] % 10 == 0 else "train"
