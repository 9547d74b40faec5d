"""Open a pack. Each file is read, and its form checked, when it is first asked for; `check_pack` checks everything."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from hashlib import sha256
from importlib.resources import files
from pathlib import Path

import platformdirs

from emmaus.errors import NotFound, PackError
from emmaus.packs import card, reading
from emmaus.packs.corpus import Corpus, from_pythonbible, from_text
from emmaus.packs.records import Asked, LaterTerm, Manifest, Topic
from emmaus.packs.yamlfile import Report
from emmaus.types import Bound, Character, Conversation, Probe

SHIPPED = ("bible", "stoics")
"""The packs that come with the program; the first is the one in use where no other is named."""


def pack_folder(named: Path | str | None = None) -> Path:
    """Find a pack: a folder, or the name of one that ships; None is the Bible pack.

    A folder that holds a pack.yaml goes before a name.

    Raises:
        PackError: there is no such folder, and none of that name ships.
    """
    path = Path(SHIPPED[0] if named is None else named)
    if named is not None and (path / "pack.yaml").exists():
        return path
    if str(path) in SHIPPED:
        return Path(str(files("emmaus.packs") / str(path)))
    if not path.is_dir():
        raise PackError(
            f"{path}:1: is not a folder, and no pack of that name ships; "
            f"give the folder that holds pack.yaml, or one of {', '.join(SHIPPED)}"
        )
    return path


def load_pack(folder: Path | str | None = None, *, cache: Path | None = None) -> "Pack":
    """Open the pack in `folder`; None is the Bible pack that ships.

    Args:
        folder: The folder of the pack, or the name of one that ships (`SHIPPED`).
        cache: Where cleaned texts are kept between starts; None is the user's cache folder. It need not be writable.

    Raises:
        PackError: the folder is no pack, or pack.yaml is wrong.
    """
    return Pack(pack_folder(folder), Path(platformdirs.user_cache_dir("emmaus")) if cache is None else cache)


class Pack:
    """Characters, the texts they stand on, and what people come to ask. Loaded piece by piece, never changed."""

    def __init__(self, folder: Path, cache: Path | None) -> None:
        self.folder = folder
        self._cache = cache
        self._report = Report()
        self._manifest: Manifest = reading.manifest(folder / "pack.yaml", self._report)
        self._corpora: dict[str, Corpus] = {}
        self._starters: dict[str, tuple[reading.Placed, ...]] = {}
        self._probes: dict[str, tuple[Probe, ...]] = {}
        self._bounds: dict[str, tuple[Bound, ...]] = {}
        self.characters: Mapping[str, Character] = _Characters(self)

    @property
    def name(self) -> str:
        """Short name."""
        return self._manifest.name

    @property
    def title(self) -> str:
        """One line for people."""
        return self._manifest.title

    @property
    def licence(self) -> str:
        """SPDX name of the licence of the pack's own texts."""
        return self._manifest.licence

    @property
    def default_translation(self) -> str:
        """The corpus whose words are inserted when nobody asked for another."""
        return self._manifest.default_translation

    @property
    def corpora(self) -> tuple[str, ...]:
        """The translations there are."""
        return tuple(self._manifest.corpora)

    @property
    def topics(self) -> tuple[Topic, ...]:
        """What people ask about."""
        return self._asked.topics

    @property
    def askers(self) -> tuple[str, ...]:
        """Who asks, in a few words each."""
        return self._asked.askers

    @property
    def situations(self) -> tuple[str, ...]:
        """Sentences that may stand before any question."""
        return self._asked.situations

    @cached_property
    def timeline(self) -> tuple[LaterTerm, ...]:
        """Terms with the year from which they can be known."""
        return reading.timeline(self.folder / "timeline.yaml", self._report)

    @cached_property
    def synonyms(self) -> Mapping[str, tuple[str, ...]]:
        """Everyday word or phrase -> words of the corpora that mean it; empty where the pack has none."""
        file = self.folder / "synonyms.yaml"
        return reading.synonyms(file, self._report) if file.exists() else {}

    @cached_property
    def hash(self) -> str:
        """Content hash over the names and bytes of all files of the pack."""
        total = sha256()
        for file in sorted(path for path in self.folder.rglob("*") if path.is_file()):
            total.update(f"{file.relative_to(self.folder)}\0{sha256(file.read_bytes()).hexdigest()}\0".encode())
        return total.hexdigest()[:16]

    def character(self, slug: str) -> Character:
        """Give one character; NotFound names the known ones."""
        return self.characters[self.known(slug)]

    def known(self, slug: str) -> str:
        """Give the name of a character back, without reading their card; NotFound names the known ones."""
        names = list(self.characters)
        if slug not in names:
            raise NotFound(f"pack {self.name!r} has no character {slug!r}: its characters are {', '.join(names)}")
        return slug

    def starters(self, slug: str) -> tuple[Conversation, ...]:
        """Give the conversations written by hand for a character; none where the pack has none."""
        return tuple(placed.conversation for placed in self._placed(slug))

    def wordings(self, slug: str) -> Mapping[str, tuple[str, ...]]:
        """Give other wordings of the first questions of those conversations, by conversation id."""
        return {placed.conversation.id: placed.wordings for placed in self._placed(slug)}

    def _placed(self, slug: str) -> tuple[reading.Placed, ...]:
        if slug not in self._starters:
            file = self._folder(slug) / "starters.yaml"
            args = (file, slug, self._slugs, self.corpus(), self._report)
            self._starters[slug] = tuple(reading.starters(*args)) if file.exists() else ()
        return self._starters[slug]

    def probes(self, slug: str) -> tuple[Probe, ...]:
        """Give the held-out questions for a character; none where the pack has none."""
        if slug not in self._probes:
            file = self._folder(slug) / "probes.yaml"
            found = reading.probes(file, slug, self._slugs, self._report) if file.exists() else []
            self._probes[slug] = tuple(probe for probe, _ in found)
        return self._probes[slug]

    @cached_property
    def held_out(self) -> tuple[Probe, ...]:
        """Every question that evaluates, of all characters: probes, and the bounds as such."""
        found = [probe for slug in self.characters for probe in self.probes(slug)]
        bounds = [bound for slug in self.characters for bound in self.bounds(slug)]
        return (*found, *(Probe(bound.id, bound.character, "bounds", "timeline", bound.ask) for bound in bounds))

    def bounds(self, slug: str) -> tuple[Bound, ...]:
        """Give the questions at the bounds of what a character knows; none where the pack has none."""
        if slug not in self._bounds:
            file = self._folder(slug) / "bounds.yaml"
            found = reading.bounds(file, slug, self._report) if file.exists() else []
            self._bounds[slug] = tuple(bound for bound, _ in found)
        return self._bounds[slug]

    def corpus(self, translation: str | None = None) -> Corpus:
        """Give one of the corpora, the default one when None; NotFound names those there are."""
        name = translation or self.default_translation
        if name not in self._manifest.corpora:
            raise NotFound(f"pack {self.name!r} has no translation {name!r}: it has {', '.join(self.corpora)}")
        if name not in self._corpora:
            file = self._manifest.corpora[name]
            self._corpora[name] = from_text(name, self.folder / file) if file else from_pythonbible(name, self._cache)
        return self._corpora[name]

    def beside(self, corpus: Corpus) -> tuple[Corpus, ...]:
        """Give the translations beside this one: their words are as true."""
        return tuple(self.corpus(name) for name in self.corpora if name != corpus.translation)

    @cached_property
    def _asked(self) -> Asked:
        return reading.asked(self.folder / "topics.yaml", self._report)

    @cached_property
    def _slugs(self) -> frozenset[str]:
        return frozenset(topic.slug for topic in self.topics)

    def _folder(self, slug: str) -> Path:
        self.character(slug)
        return self.folder / "characters" / slug


class _Characters(Mapping[str, Character]):
    """Slug -> character, in alphabetical order; each card is read when it is first asked for."""

    def __init__(self, pack: Pack) -> None:
        self._pack = pack
        self._read: dict[str, Character] = {}

    @cached_property
    def _names(self) -> tuple[str, ...]:
        return character_slugs(self._pack.folder)

    def __getitem__(self, slug: str) -> Character:
        if slug not in self._names:
            raise KeyError(slug)
        if slug not in self._read:
            folder = self._pack.folder / "characters" / slug
            self._read[slug] = card.character(folder, self._pack.name, self._pack.corpus(), self._pack._report)
        return self._read[slug]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def character_slugs(folder: Path) -> tuple[str, ...]:
    """List the names of a pack's character folders, in alphabetical order.

    Raises:
        PackError: there are none.
    """
    inside = folder / "characters"
    names = sorted(path.name for path in inside.iterdir() if path.is_dir()) if inside.is_dir() else []
    names = [name for name in names if not name.startswith((".", "__"))]
    if not names:
        raise PackError(f"{inside}:1: holds no character; make a folder for each, with its character.yaml")
    return tuple(names)
