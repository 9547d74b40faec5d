"""An open home: its store, its pack, and the models that its characters speak through."""

from collections.abc import Callable, Iterable
from contextlib import ExitStack, suppress
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from threading import RLock

from emmaus import chat, serving
from emmaus.accounts.person import subject_here
from emmaus.config import Settings
from emmaus.errors import BadInput, EmmausError, ModelFileError
from emmaus.grounding.past import Past
from emmaus.grounding.recall import Recall
from emmaus.grounding.retrieval import Index
from emmaus.models.choice import EMBEDDED, Choice, Role
from emmaus.models.embedding import MiniLM
from emmaus.models.engine import EmbeddedEngine
from emmaus.models.files import default_model_file
from emmaus.models.protocols import ChatModel, Embedder
from emmaus.models.silent import Silent
from emmaus.models.starter import Starter, starter
from emmaus.packs import Corpus, Pack, load_pack
from emmaus.roles import Roles, engine_for
from emmaus.store import FILE, Store, open_store
from emmaus.types import Adapter, Character


class Home:
    """What every step is given. It has a life: the engine starts at the first need, and `close` stops it."""

    def __init__(
        self, settings: Settings, *, model: ChatModel | None, embedder: Embedder | None, clock: Callable[[], float]
    ) -> None:
        """Open the home of `settings`; its store at the first need. `model` and `embedder` replace those it names.

        Raises:
            BadInput: the file of help lines cannot be read, or is not what it should be.
        """
        self.settings = settings
        self.path = settings.home
        self._there = chat.helplines(settings.country, settings.helplines)
        self.clock = clock
        self._closing = ExitStack()
        self.embedder: Embedder = embedder or MiniLM()
        self._given = model
        self.roles = Roles(settings, lambda: self.store if (self.path / FILE).exists() else None)
        self._engine: EmbeddedEngine | None = None
        self._served: dict[str, Path] = {}
        self._left: list[EmbeddedEngine] = []
        self._chats: Choice | None = None
        self._index: Index | None = None
        self._finds: Choice | None = None
        self._starters: dict[Path, Starter | None] = {}
        self._recalls: dict[str, Recall] = {}
        self._pasts: dict[str, Past] = {}
        self._lock = RLock()

    def close(self) -> None:
        """Stop the engine; close the connections to servers, the search index and the store."""
        with self._lock:
            self.pause()
            self.roles.close()
            self._closing.close()

    @cached_property
    def store(self) -> Store:
        """What is kept here.

        Raises:
            StoreError: the home cannot be written, or was written by a newer version.
        """
        return self._closing.enter_context(open_store(self.path))

    @cached_property
    def subject(self) -> str:
        """Pseudonym of the person at this computer."""
        return subject_here(self.store)

    @cached_property
    def pack(self) -> Pack:
        """The pack in use."""
        return load_pack(self.settings.pack, cache=self.cache)

    @property
    def model(self) -> ChatModel:
        """The model that answers chats: the one given, set or chosen, or the embedded engine; asked anew each time."""
        return self._given or self._filling("chat") or self.engine

    @property
    def teacher(self) -> ChatModel:
        """The model that writes synthetic answers: the one set or chosen, or the one that answers chats."""
        return self._filling("generator") or self.model

    @property
    def judge(self) -> ChatModel | None:
        """The model that judges answers, where one was set or chosen."""
        return self._filling("judge")

    @property
    def taught(self) -> bool:
        """Whether another model than the one that answers chats writes synthetic answers."""
        return self.roles.choice("generator") not in (None, *([EMBEDDED] if self.embedded else []))

    @property
    def embedded(self) -> bool:
        """Whether characters speak through the embedded engine, with their adapters."""
        return self._given is None and not self.roles.served("chat")

    def _filling(self, role: Role) -> ChatModel | None:
        """The model that was set or chosen for a role; None where none was."""
        choice = self.roles.choice(role)
        if role == "chat" and choice != self._chats:
            self._chats = choice
            if self._engine is not None and not self.embedded:  # what is being answered is answered
                self._engine.rest()
        if choice is None:
            return None
        if choice.kind != "server" and (choice == EMBEDDED or Path(choice.file) == self.base_file):
            return self.engine
        return self.roles.model(role, choice)

    @property
    def engine(self) -> EmbeddedEngine:
        """The embedded engine, with the adapter that is live now of every character; another process may promote.

        An adapter whose file is broken is left out: only its own character is silent then.
        """
        with self._lock:
            base = self.base_file
            fitting = (adapter for adapter in self.live().values() if serving.fits(adapter, base))
            served = self._files(adapter for adapter in fitting if not serving.fault(self.path, adapter))
            if self._engine is not None and self._engine.base_file != base:
                self._engine.rest()
                self._left.append(self._engine)
                self._engine = None
            if self._engine is None:
                self._engine = engine_for(self.settings, base, served)
            elif served != self._served:
                self._engine.use(served)
            self._served = served
            return self._engine

    def engine_with(self, adapters: Iterable[Adapter]) -> EmbeddedEngine:
        """Another embedded engine, with just these adapters; whoever asks for it closes it.

        Raises:
            EmmausError: the file of one of them is missing, or not what was registered.
        """
        chosen = list(adapters)
        for adapter in chosen:
            self._require(adapter)
        return engine_for(self.settings, self.base_file, self._files(chosen))

    @property
    def base_file(self) -> Path:
        """The GGUF that the embedded engine serves and that adapters are trained on."""
        chosen = self.roles.choice("chat")
        return Path(chosen.file) if chosen and chosen.kind == "gguf" else default_model_file()

    @property
    def starter(self) -> Starter | None:
        """The adapter that ships for this base model."""
        with suppress(ModelFileError):  # no base model is installed here: a server answers
            file = self.base_file
            if file not in self._starters:
                self._starters[file] = starter(file)
            return self._starters[file]
        return None

    @property
    def first(self) -> str | None:
        """Id of what a character speaks through until an adapter of their own is live; None is the bare base model."""
        return self.starter.id if self.starter else None

    @property
    def cache(self) -> Path:
        """What can be made again."""
        return self.path / "cache"

    @cached_property
    def corpus(self) -> Corpus:
        """The translation whose words are shown."""
        return self.pack.corpus(self.settings.translation)

    @property
    def index(self) -> Index:
        """Where verses are found: by the embedder that was set or chosen, or by the one inside."""
        with self._lock:
            choice = self.roles.choice("embedder")
            if self._index is None:
                index = Index.open(self.path, self.pack, self.corpus.translation, embedder=self._finder(choice))
                self._index = self._closing.enter_context(index)
            elif choice != self._finds:
                self._index.exchange(self._finder(choice))
            self._finds = choice
            return self._index

    def _finder(self, choice: Choice | None) -> Embedder:
        return self.roles.embedder(choice) if choice and choice.kind == "server" else self.embedder

    def character(self, slug: str) -> Character:
        """A character of the pack, whose name is not another pack's here.

        Raises:
            NotFound: the pack has none of that name.
            BadInput: this home keeps what was said with, or learned by, another pack's character of the same name.
        """
        found, keeper = self.pack.character(slug), self.store.pack_of(slug)
        if keeper not in (None, self.pack.name):
            raise BadInput(
                f"this home keeps {slug} of the pack {keeper!r}, and {slug} of {self.pack.name!r} is another: "
                "give this pack a home of its own with --home, or rename the character's folder"
            )
        return found

    def own(self, slug: str) -> None:
        """Note, before something of a character is kept, that it is this pack's. Raises as `character` does."""
        self.character(slug)
        self.store.claim(slug, self.pack.name)

    def scene(self, character: str) -> chat.Scene:
        """A character with the words they stand on."""
        found, index = self.character(character), self.index
        with self._lock:
            if character not in self._recalls:
                self._recalls[character] = Recall.of(character, self.pack, self.embedder, self.cache)
        return chat.Scene(self.pack, found, self.corpus, index, self._recalls[character])

    def speaker(self, character: str, *, bare: bool = False, to_a_person: bool = True) -> chat.Speaker:
        """A character as they speak now: through the live adapter, where the model can take one and not `bare`.

        Until an adapter of their own is promoted they speak through the one that ships. To a person they recall what
        other people liked; what is generated or measured does not stand on that. To a person a model that is broken is
        told only when it is asked: what was said before can still be read and rated.

        Raises:
            EmmausError: what the answers stand on cannot be read; or, not `to_a_person`, the file of that adapter is
                missing, or not what was registered.
        """
        embedded = self.embedded
        live = self.live().get(character) if embedded and not bare else None
        live = live if live and serving.fits(live, self.base_file) else None
        shipped = self.starter if embedded and not bare else None
        adapter = live.id if live else shipped.id if shipped else None
        scene = self.scene(character)
        if to_a_person:
            scene = replace(scene, past=self._past(character))
        model: ChatModel
        try:
            if live:
                self._require(live)
            model = self.model
        except EmmausError as error:
            if not to_a_person:
                raise
            model = Silent(error)
        return chat.Speaker(scene, model, adapter, self.clock, self.help)

    def awaited(self, character: str, *, bare: bool = False) -> chat.Awaited:
        """A character to talk with, made as `speaker` does at the first need: help to somebody in danger needs none."""
        return chat.Awaited(
            character,
            lambda: self.character(character),
            lambda: self.speaker(character, bare=bare),
            clock=self.clock,
            help=self.help,
        )

    def help(self, crisis: chat.Crisis | None) -> str:
        """What the program says to somebody in danger, or just in case, with the help lines of the settings."""
        return chat.help_text(crisis, self._there)

    def _past(self, character: str) -> Past:
        with self._lock:
            if character not in self._pasts:
                self._pasts[character] = Past(self.store, character, self.embedder, unfit=chat.troubled)
            return self._pasts[character]

    def live(self) -> dict[str, Adapter]:
        """The adapter in force of every character that has one."""
        return serving.live_adapters(self.store)

    def reload(self) -> None:
        """Let a running engine serve what is live now."""
        with self._lock:
            if self._engine is not None:
                _ = self.engine

    @property
    def state(self) -> str:
        """How the model stands that answers: as the embedded engine tells it, or `elsewhere`. Starts nothing."""
        if not self.embedded:
            return "elsewhere"
        return self._engine.state if self._engine else "asleep"

    def pause(self) -> None:
        """Stop the engine, so that its cores and memory are free; the next question starts it again."""
        with self._lock:
            for engine in (*self._left, *([self._engine] if self._engine else [])):
                engine.close()
            self._engine = None
            self._left.clear()

    def _files(self, adapters: Iterable[Adapter]) -> dict[str, Path]:
        """What an engine serves: these, and the adapter that ships."""
        served = {adapter.id: self.path / adapter.gguf for adapter in adapters}
        return served | ({self.starter.id: self.starter.file} if self.starter else {})

    def _require(self, adapter: Adapter) -> None:
        """Refuse an adapter whose file is broken, and say what its character can do about it."""
        if fault := serving.fault(self.path, adapter):
            slug, live = adapter.character, self.live().get(adapter.character)
            mending = f"emmaus rollback {slug}" if live == adapter else f"train again with: emmaus train {slug}"
            raise EmmausError(f"{slug}'s adapter {adapter.id} ({self.path / adapter.gguf}) {fault}: {mending}")
