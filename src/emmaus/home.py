"""An open home: its store, its pack, and the models that its characters speak through."""

import uuid
from collections.abc import Callable, Iterable
from functools import cached_property
from pathlib import Path
from threading import RLock

from emmaus import chat, serving
from emmaus.config import Settings
from emmaus.grounding.recall import Recall
from emmaus.grounding.retrieval import Index
from emmaus.models.client import OpenAICompatible
from emmaus.models.embedding import MiniLM
from emmaus.models.engine import EmbeddedEngine
from emmaus.models.files import default_model_file
from emmaus.models.protocols import ChatModel, Embedder
from emmaus.packs import Pack, load_pack
from emmaus.store import Store, open_store
from emmaus.types import Adapter


class Home:
    """What every step is given. It has a life: the engine starts at the first need, and `close` stops it."""

    def __init__(
        self, settings: Settings, *, model: ChatModel | None, embedder: Embedder | None, clock: Callable[[], float]
    ) -> None:
        """Open the home of `settings`. `model` and `embedder` replace those that the settings name.

        Raises:
            StoreError: the home cannot be written, or was written by a newer version.
        """
        self.settings = settings
        self.path = settings.home.expanduser()
        self.clock = clock
        self.store: Store = open_store(self.path)
        self.embedder: Embedder = embedder or MiniLM()
        self._given = model
        self._engine: EmbeddedEngine | None = None
        self._served: dict[str, Adapter] = {}
        self._index: Index | None = None
        self._recalls: dict[str, Recall] = {}
        self._lock = RLock()

    def close(self) -> None:
        """Stop the engine and close the store."""
        self.pause()
        self.store.close()

    @cached_property
    def pack(self) -> Pack:
        """The pack in use."""
        return load_pack(self.settings.pack, cache=self.cache)

    @cached_property
    def subject(self) -> str:
        """Pseudonym of the person at this computer: random, made once, and told to nobody."""
        known = self.store.meta("subject")
        if known is None:
            self.store.set_meta("subject", "local-" + uuid.uuid4().hex[:12])
        return known or self.store.meta("subject") or ""

    @property
    def model(self) -> ChatModel:
        """The model that answers chats: the one given, the one at `model_url`, or the embedded engine."""
        if self._given is not None:
            return self._given
        return self._remote or self.engine

    @property
    def teacher(self) -> ChatModel:
        """The model that writes synthetic answers: the one at `teacher_url`, or the one that answers chats."""
        return self._teacher or self.model

    @property
    def engine(self) -> EmbeddedEngine:
        """The embedded engine, with the adapter that is live now of every character; another process may promote."""
        with self._lock:
            live = self.live()
            if self._engine is None:
                self._engine = self.engine_with(live.values())
            elif live != self._served:
                self._engine.use(self._files(live.values()))
            self._served = live
            return self._engine

    @cached_property
    def _remote(self) -> OpenAICompatible | None:
        s = self.settings
        return OpenAICompatible(s.model_url, s.model_name, s.model_key, timeout=s.timeout) if s.model_url else None

    @cached_property
    def _teacher(self) -> OpenAICompatible | None:
        s = self.settings
        return (
            OpenAICompatible(s.teacher_url, s.teacher_name, s.teacher_key, timeout=s.timeout) if s.teacher_url else None
        )

    def engine_with(self, adapters: Iterable[Adapter]) -> EmbeddedEngine:
        """Another embedded engine, with just these adapters; whoever asks for it closes it."""
        s = self.settings
        return EmbeddedEngine(s.model_file, adapters=self._files(adapters), threads=s.threads, context=s.context)

    @property
    def base_file(self) -> Path:
        """The GGUF that the embedded engine serves and that adapters are trained on."""
        return self.settings.model_file or default_model_file()

    @property
    def cache(self) -> Path:
        """What can be made again."""
        return self.path / "cache"

    def scene(self, character: str) -> chat.Scene:
        """A character with the words they stand on."""
        found = self.pack.character(character)
        corpus = self.pack.corpus(self.settings.translation)
        with self._lock:
            self._index = self._index or Index.open(self.path, self.pack, corpus.translation)
            if character not in self._recalls:
                self._recalls[character] = Recall(self.pack.starters(character), self.embedder, self.cache)
        return chat.Scene(self.pack, found, corpus, self._index, self._recalls[character])

    def speaker(self, character: str) -> chat.Speaker:
        """A character as they speak now: through the live adapter, where the model can take one."""
        live = self.live().get(character)
        adapted = live is not None and self._given is None and not self.settings.model_url
        return chat.Speaker(self.scene(character), self.model, live.id if live and adapted else None, self.clock)

    def live(self) -> dict[str, Adapter]:
        """The adapter in force of every character that has one."""
        return serving.live_adapters(self.store)

    def reload(self) -> None:
        """Let a running engine serve what is live now."""
        if self._engine is not None:
            _ = self.engine

    def pause(self) -> None:
        """Stop the engine, so that its cores and memory are free; the next question starts it again."""
        if self._engine is not None:
            self._engine.close()
            self._engine = None

    def _files(self, adapters: Iterable[Adapter]) -> dict[str, Path]:
        return {adapter.id: self.path / adapter.gguf for adapter in adapters}
