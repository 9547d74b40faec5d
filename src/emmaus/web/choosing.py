"""The models page, and the same as JSON: what is found, tried, recommended, chosen and downloaded."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict
from starlette.responses import RedirectResponse, Response

from emmaus.choosing import Chosen, Fetched
from emmaus.errors import BadInput, EmmausError, ModelError
from emmaus.models.choice import Choice, Kind
from emmaus.models.discovery import Server
from emmaus.models.header import Header
from emmaus.models.machine import Machine
from emmaus.models.recommending import Recommendation
from emmaus.models.trial import Trial
from emmaus.roles import Standing
from emmaus.types.sizes import count, gigabytes
from emmaus.web.auditing import done_to
from emmaus.web.room import Fields, Room, given
from emmaus.web.tagging import Tagged

TITLES = {"chat": "Chat", "generator": "Generator", "judge": "Judge", "embedder": "Embedder"}
TASKS = {
    "chat": "answers people",
    "generator": "writes synthetic answers",
    "judge": "is to judge answers, beside the checks",
    "embedder": "finds verses by their meaning",
}


class Wanted(BaseModel):
    """A model for a role: `embedded`, or on a server (url, name, key), or a GGUF file."""

    model_config = ConfigDict(extra="forbid")

    kind: Kind
    url: str = ""
    name: str = ""
    key: str = ""
    file: str = ""


class Tried(BaseModel):
    """A model on a server, to be tried out."""

    model_config = ConfigDict(extra="forbid")

    url: str
    name: str
    key: str = ""


class Looked(BaseModel):
    """A model file of this computer."""

    model_config = ConfigDict(extra="forbid")

    file: str


class Ordered(BaseModel):
    """A file to be downloaded: its address, or OWNER/REPOSITORY/FILE.gguf at the hub."""

    model_config = ConfigDict(extra="forbid")

    spec: str
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a model showed."""

    trial: Trial
    sentence: str
    """All of it in words."""


@dataclass(frozen=True, slots=True)
class Overview:
    """All about models here."""

    standing: tuple[Standing, ...]
    embedded: Header | None
    """The embedded model; None where its file cannot be read."""
    machine: Machine
    servers: tuple[Server, ...]
    recommended: tuple[Recommendation, ...]
    files: tuple[Header, ...]
    """Files that were downloaded here."""
    downloads: tuple[Fetched, ...]


def router(room: Room) -> APIRouter:
    """The page under /models, and the routes under /api/models."""
    routes = APIRouter()
    routes.include_router(_pages(room))
    routes.include_router(_endpoints(room))
    return routes


def overview(room: Room, own: Collection[int]) -> Overview:
    """Look at everything; `own` are ports of this program, which are not asked."""
    models = room.home.models
    servers = models.find(without=own)
    embedded = None
    with suppress(EmmausError):  # what is broken is told when a character is asked
        embedded = models.embedded()
    return Overview(
        models.standing(),
        embedded,
        models.machine(),
        servers,
        models.recommended(servers),
        models.files(),
        models.downloads(),
    )


def _own(request: Request) -> frozenset[int]:
    """Ports that this program listens at."""
    server = request.scope.get("server")
    return frozenset({server[1]} if server and server[1] else ())


@contextmanager
def _named() -> Iterator[None]:
    """What the caller named cannot be used: that is theirs to mend.

    Raises:
        BadInput: a model or a file that was named is missing, or not what it should be.
    """
    try:
        yield
    except ModelError as error:
        raise BadInput(str(error)) from error


def _endpoints(room: Room) -> APIRouter:
    routes = APIRouter(prefix="/api/models", route_class=Tagged)
    models = room.home.models

    @routes.get("")
    def all_of_it(request: Request) -> Overview:
        """Who has each role, what runs on this computer, and what is recommended."""
        return overview(room, _own(request))

    @routes.post("/try")
    def tried(request: Request, asked: Tried) -> Outcome:
        """Try a model out: it is loaded where it is not, so this may take a while."""
        done_to(request, asked.name)
        with _named():
            trial = models.try_out(asked.url, asked.name, asked.key)
        return Outcome(trial, trial.words)

    @routes.put("/roles/{role}")
    def choose(request: Request, role: str, wanted: Wanted) -> Chosen:
        """Choose a model for a role, from the next question on. Its key is never given back."""
        with _named():
            choice = Choice(wanted.kind, wanted.url, wanted.name, wanted.key, wanted.file)
            done_to(request, role, choice.words)
            return models.choose(role, choice)

    @routes.delete("/roles/{role}")
    def give_back(role: str) -> Chosen:
        """Give a role back to what has it by itself."""
        return models.choose(role, None)

    @routes.post("/files")
    def looked(request: Request, asked: Looked) -> Header:
        """Say what a model file says of itself."""
        done_to(request, asked.file)
        with _named():
            return models.header(Path(asked.file))

    @routes.get("/downloads")
    def downloads() -> tuple[Fetched, ...]:
        """How far every download is, the newest first."""
        return models.downloads()

    @routes.post("/downloads", status_code=202)
    def download(request: Request, ordered: Ordered) -> Fetched:
        """Begin a download; one that broke off goes on from there."""
        with _named():
            begun = models.begin_download(ordered.spec, ordered.sha256)
        done_to(request, begun.spec, begun.id)
        return begun

    @routes.delete("/downloads/{id}")
    def stop(request: Request, id: str) -> Fetched:
        """Stop a download; what came is kept."""
        stopped = models.stop_download(id)
        done_to(request, stopped.spec, id)
        return stopped

    return routes


def _pages(room: Room) -> APIRouter:
    routes = APIRouter(prefix="/models", include_in_schema=False)
    models = room.home.models

    def back(sentence: str) -> Response:
        """Show the page with a sentence; its words come from here and not from an address that anybody can make."""
        return RedirectResponse(f"/models?said={room.to_show_once(sentence)}", 303)

    @routes.get("")
    def page(request: Request) -> Response:
        sentence = room.shown_once(request.query_params.get("said", ""))
        everything = overview(room, _own(request))
        return room.page(
            "models.html",
            all=everything,
            said=sentence,
            titles=TITLES,
            tasks=TASKS,
            gigabytes=gigabytes,
            count=count,
            holders=_holders(everything),
            advice={one.role: one for one in everything.recommended},
        )

    @routes.post("/choose")
    def choose(request: Request, fields: Fields) -> Response:
        role, kind = given(fields, "role"), given(fields, "kind")
        if kind == "none":
            done_to(request, role, "given back")
            return back(models.choose(role, None).sentence)
        wanted = Choice(
            "gguf" if kind == "gguf" else "embedded" if kind == "embedded" else "server",
            *(given(fields, name) for name in ("url", "name", "key", "file")),
        )
        done_to(request, role, wanted.words)
        return back(models.choose(role, wanted).sentence)

    @routes.post("/try")
    def tried(request: Request, fields: Fields) -> Response:
        done_to(request, given(fields, "name"))
        return back(models.try_out(*(given(fields, name) for name in ("url", "name", "key"))).words)

    @routes.post("/look")
    def look(request: Request, fields: Fields) -> Response:
        done_to(request, given(fields, "file"))
        return back(_described(models.header(Path(given(fields, "file")))))

    @routes.post("/download")
    def download(request: Request, fields: Fields) -> Response:
        begun = models.begin_download(given(fields, "spec"), given(fields, "sha256") or None)
        done_to(request, begun.spec, begun.id)
        return RedirectResponse(f"/models#{begun.id}", 303)

    @routes.post("/stop")
    def stop(request: Request, fields: Fields) -> Response:
        stopped = models.stop_download(given(fields, "id"))
        done_to(request, stopped.spec, stopped.id)
        return RedirectResponse("/models#downloads", 303)

    return routes


def _holders(everything: Overview) -> dict[tuple[str, str], list[str]]:
    """The roles that each model of a server has now, by its address and name."""
    found: dict[tuple[str, str], list[str]] = {}
    for one in everything.standing:
        if one.kind == "server":
            found.setdefault((one.url, one.name), []).append(one.role)
    return found


def _described(header: Header) -> str:
    context = f", holds {header.context:,} tokens" if header.context else ""
    talks = "" if header.talks else "; it brings no chat template, so it cannot talk"
    kind = " ".join(filter(None, (header.architecture, count(header.parameters), header.quantisation)))
    return f"{header.name} ({kind}, {gigabytes(header.size_bytes)}{context}){talks}"
