"""Who does what: the model of each role, by a setting, by what was chosen here, or the one inside.

A choice is kept in the store, so it holds in every process of a home from the next question on.
"""

import weakref
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from types import MappingProxyType

from emmaus.config import Settings
from emmaus.errors import StoreError
from emmaus.models.choice import EMBEDDED, ROLES, Choice, Role, packed, unpacked
from emmaus.models.client import OpenAICompatible
from emmaus.models.embedding import ServedEmbedder
from emmaus.models.engine import EmbeddedEngine
from emmaus.models.protocols import ChatModel
from emmaus.store import Store

SETTINGS: dict[Role, str] = {"chat": "model", "generator": "teacher", "judge": "judge", "embedder": "embedder"}
"""How the settings of each role begin: `_url`, `_name`, `_key`."""
NOTHING: dict[Role, str] = {
    "chat": "the embedded model",
    "generator": "the model that answers chats",
    "judge": "none, the checks judge alone",
    "embedder": "MiniLM inside",
}
"""What takes a role that nothing was chosen for."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Who has a role now, and why. It carries no key."""

    role: Role
    words: str
    """Who, as people say it."""
    kind: str
    """`embedded`, `server`, `gguf`, or "" where nothing was chosen or set."""
    url: str = ""
    name: str = ""
    file: str = ""
    keyed: bool = False
    """Whether a key is kept for the server."""
    setting: str = ""
    """The setting that decides, "" where none does: it goes before any choice."""
    chosen: str = ""
    """What was chosen and waits behind the setting; "" where the choice holds or there is none."""


class Roles:
    """The choices of an open home, and the connections to the servers that they name. Thread-safe."""

    def __init__(self, settings: Settings, store: Callable[[], Store | None]) -> None:
        """`store` opens what is kept, at the first need; it gives None where nothing was kept yet."""
        self._settings = settings
        self._store = store
        self._lock = Lock()
        self._clients: dict[Role, tuple[Choice, OpenAICompatible]] = {}
        self._engines: dict[str, EmbeddedEngine] = {}
        self._made: weakref.WeakSet[OpenAICompatible | ServedEmbedder] = weakref.WeakSet()

    def close(self) -> None:
        """Close every connection and engine, also of models that somebody still holds."""
        with self._lock:
            for made in (*self._made, *self._engines.values()):
                made.close()
            self._clients.clear()
            self._engines.clear()

    def choice(self, role: Role) -> Choice | None:
        """Who has a role: by a setting, else as it was chosen; None where neither says anything."""
        return self.set(role) or self.chosen(role)

    def served(self, role: Role) -> bool:
        """Whether a server has a role."""
        choice = self.choice(role)
        return choice is not None and choice.kind == "server"

    def set(self, role: Role) -> Choice | None:
        """What the environment or the command line names for a role."""
        s, begins = self._settings, SETTINGS[role]
        if url := getattr(s, f"{begins}_url"):
            return Choice("server", url, getattr(s, f"{begins}_name"), getattr(s, f"{begins}_key"))
        if role == "chat" and s.model_file:
            return Choice("gguf", file=str(s.model_file))
        return None

    def chosen(self, role: Role) -> Choice | None:
        """What was chosen for a role, wherever it stands behind a setting."""
        with suppress(StoreError):  # whoever needs the store is told
            store = self._store()
            return unpacked(store.meta(_key(role))) if store else None
        return None

    def keep(self, store: Store, role: Role, choice: Choice | None) -> None:
        """Keep a choice; None goes back to what has the role by itself."""
        store.settle(_key(role), packed(choice) if choice else "")
        files = {kept.file for role in ROLES if (kept := self.chosen(role))}
        with self._lock:
            self._clients.pop(role, None)  # closed with its last user
            for file, engine in self._engines.items():
                if file not in files:
                    engine.rest()

    def key_for(self, url: str) -> str:
        """The key that is kept for a server, "" where none is: it need not be given for each role."""
        known = (choice for role in ROLES if (choice := self.chosen(role)))
        return next((choice.key for choice in known if choice.url == url and choice.key), "")

    def standing(self, role: Role) -> Standing:
        """Say who has a role."""
        by_setting, chosen = self.set(role), self.chosen(role)
        found = by_setting or chosen
        if found is None:
            return Standing(role, NOTHING[role], "")
        setting = ""
        if by_setting:
            setting = f"EMMAUS_{SETTINGS[role].upper()}_{'FILE' if by_setting.kind == 'gguf' else 'URL'}"
        waiting = chosen.words if by_setting and chosen else ""
        keyed = found.key not in ("", "none")
        inside = NOTHING[role] if found == EMBEDDED and role == "embedder" else found.words
        return Standing(role, inside, found.kind, found.url, found.name, found.file, keyed, setting, waiting)

    def model(self, role: Role, choice: Choice) -> ChatModel:
        """The model on a server, or an engine of its own for a file, without adapters: nobody speaks through it.

        Raises:
            BadInput: the address or the key cannot be used.
            ModelFileError: the file is missing or not a GGUF.
        """
        if choice.kind == "server":
            return self.client(role, choice)
        with self._lock:
            if choice.file not in self._engines:
                self._engines[choice.file] = engine_for(self._settings, Path(choice.file))
            return self._engines[choice.file]

    def client(self, role: Role, choice: Choice) -> OpenAICompatible:
        """The connection to a server that has a role. One that another took the place of is closed with its last user.

        Raises:
            BadInput: the address or the key cannot be used.
        """
        with self._lock:
            kept = self._clients.get(role)
            if kept is None or kept[0] != choice:
                s = self._settings
                made = OpenAICompatible(
                    choice.url, choice.name, choice.key or "none", s.timeout, setting=self._named(role)
                )
                self._watch(made)
                self._clients[role] = kept = choice, made
            return kept[1]

    def embedder(self, choice: Choice) -> ServedEmbedder:
        """A new connection to a server of embeddings.

        Raises:
            BadInput: the address cannot be used.
        """
        s = self._settings
        made = ServedEmbedder(choice.url, choice.name, choice.key or "none", s.timeout, setting=self._named("embedder"))
        with self._lock:
            self._watch(made)
        return made

    def _named(self, role: Role) -> str:
        """How errors name the settings of a role; "" where it was chosen."""
        return f"EMMAUS_{SETTINGS[role].upper()}" if self.set(role) else ""

    def _watch(self, made: OpenAICompatible | ServedEmbedder) -> None:
        # An answer that is still coming, or a job, holds its model: the connection goes when the last of them is done.
        weakref.finalize(made, made.server.close).atexit = False
        self._made.add(made)


def engine_for(settings: Settings, file: Path, adapters: Mapping[str, Path] = MappingProxyType({})) -> EmbeddedEngine:
    """Make an embedded engine for a base model, as the settings say; it starts at the first request.

    Raises:
        ModelFileError: a file is missing or not a GGUF.
    """
    return EmbeddedEngine(
        file,
        adapters=adapters,
        threads=settings.threads,
        context=settings.context,
        timeout=settings.timeout,
        cache=settings.home / "cache",
    )


def _key(role: Role) -> str:
    return f"model {role}"
