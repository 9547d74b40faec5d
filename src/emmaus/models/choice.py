"""What may be chosen for a role: the model inside, one on a server, or a GGUF file."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias, get_args
from urllib.parse import urlsplit

from emmaus.errors import BadInput

Role: TypeAlias = Literal["chat", "generator", "judge", "embedder"]
"""Who answers people, writes synthetic answers, judges answers, and finds verses by their meaning."""
Kind: TypeAlias = Literal["embedded", "server", "gguf"]
ROLES: tuple[Role, ...] = get_args(Role)
_KINDS = get_args(Kind)


@dataclass(frozen=True, slots=True)
class Choice:
    """A model for a role. Its key is a secret: it is sent to its server, and neither printed nor given back."""

    kind: Kind
    url: str = ""
    """Address of the server, for `server`."""
    name: str = ""
    """Model to ask for there."""
    key: str = field(default="", repr=False)
    file: str = ""
    """Path of the file, for `gguf`."""

    @property
    def words(self) -> str:
        """The choice as people say it."""
        if self.kind == "server":
            return f"{self.name} at {self.url}"
        return Path(self.file).name if self.kind == "gguf" else "the embedded model"


EMBEDDED = Choice("embedded")


def checked(role: str, choice: Choice) -> Choice:
    """Return a choice that can be kept: addresses without blanks, files by their whole path.

    Raises:
        BadInput: there is no such role or kind, or it lacks its server, its model's name or its file.
    """
    checked_role(role)
    if choice.kind not in _KINDS:
        raise BadInput(f"there is no kind of model {choice.kind!r}: it is one of {', '.join(_KINDS)}")
    if choice.kind == "embedded":
        return EMBEDDED
    if choice.kind == "gguf":
        if role == "embedder":
            raise BadInput("a GGUF file cannot find verses here: choose the embedder inside, or one on a server")
        if not choice.file.strip():
            raise BadInput("no file was named: give the path of a GGUF file")
        return Choice("gguf", file=str(Path(choice.file.strip()).expanduser().absolute()))
    url, name = address(choice.url), choice.name.strip()
    if not name:
        raise BadInput(f"no model was named for {role}: name one that {url} has (emmaus models lists them)")
    return Choice("server", url, name, choice.key.strip())


def checked_role(role: str) -> Role:
    """Return the role of this name.

    Raises:
        BadInput: there is none.
    """
    found = next((known for known in ROLES if known == role), None)
    if found is None:
        raise BadInput(f"there is no role {role!r}: it is one of {', '.join(ROLES)}")
    return found


def address(url: str) -> str:
    """Return the address of a server with its scheme and without `/v1`.

    Raises:
        BadInput: it is none, or it holds a name and a password.
    """
    given = url.strip().rstrip("/").removesuffix("/chat/completions").removesuffix("/embeddings").removesuffix("/v1")
    found = given if "://" in given else f"http://{given}"
    try:
        parts = urlsplit(found)
        whole = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        whole = False
    if not whole:
        raise BadInput(f"{url!r} is no address of a model server: expected for example http://localhost:11434")
    if "@" in parts.netloc:
        raise BadInput("an address is shown, so no password may stand in it: give the key by itself")
    return found


def packed(choice: Choice) -> str:
    """Write a choice as it is kept."""
    return json.dumps(asdict(choice))


def unpacked(kept: str | None) -> Choice | None:
    """Read what `packed` wrote; None where nothing was chosen, or what is kept cannot be read."""
    try:
        return Choice(**json.loads(kept)) if kept else None
    except (ValueError, TypeError):
        return None
