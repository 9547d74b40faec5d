"""The JSON API: what pages do, for programs. Described at /api/openapi.json."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, StrictBool

from emmaus import feedback
from emmaus.types import Character, Post, Scope
from emmaus.web.door import allowed, needs
from emmaus.web.drawing import address
from emmaus.web.life import Life, life
from emmaus.web.room import Room
from emmaus.web.subject import Subject
from emmaus.web.tagging import Public, Tagged
from emmaus.web.wheel import Wheel, wheel


class Allowing(BaseModel):
    """The scopes that hold from now on; none withdraws everything. `words` is the version of those that were shown."""

    model_config = ConfigDict(extra="forbid")

    scopes: Annotated[frozenset[Scope], Field(json_schema_extra={"uniqueItems": False})]
    words: str | None = None


@dataclass(frozen=True, slots=True)
class Allowed:
    """What a person allows, and the words that this is about, to be shown to whoever is asked."""

    scopes: list[Scope]
    text: str
    words: str
    """Their version."""
    lapsed: bool
    """Whether other words were agreed to, which hold no more."""


class Comparing(BaseModel):
    """Whether a person is asked, now and then, which of two answers is better."""

    model_config = ConfigDict(extra="forbid")

    on: StrictBool


@dataclass(frozen=True, slots=True)
class Listed:
    """A character, and the life that their card tells."""

    slug: str
    name: str
    title: str
    era: str
    """When they lived, in words."""
    years: tuple[int, int]
    """First and last year; years before Christ are negative."""
    portrait: str
    """Address of their picture, an SVG."""
    page: str
    """Address of the page that tells their life."""
    life: Life
    sample_questions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Forgotten:
    """How many conversations were deleted."""

    conversations: int


def router(room: Room) -> APIRouter:
    """The routes under /api by which pages and programs agree and look around."""
    routes = APIRouter(prefix="/api", route_class=Tagged)
    open_to_all = APIRouter(route_class=Public)
    _person(routes, room)

    @open_to_all.get("/characters")
    def characters() -> list[Listed]:
        """Everybody who can be talked with."""
        return [_listed(character) for character in room.home.characters()]

    @open_to_all.get("/characters/{character}")
    def one(character: str) -> Listed:
        """One of them."""
        return _listed(room.home.parts.pack.character(character))

    routes.include_router(open_to_all)
    maintaining = [needs(Post.MAINTAINER)]

    @routes.get("/status", dependencies=maintaining)
    def status() -> list[Wheel]:
        """Where every wheel stands, without the number of scores."""
        return [wheel(room.home, character.slug, deep=False) for character in room.home.characters()]

    @routes.get("/status/{character}", dependencies=maintaining)
    def status_of(character: str) -> Wheel:
        """Where the wheel of one character stands."""
        return wheel(room.home, character)

    return routes


def _listed(character: Character) -> Listed:
    c = character
    years = (c.era.start, c.era.end)
    page = f"/characters/{c.slug}"
    return Listed(c.slug, c.name, c.title, c.era.label, years, address(c.slug), page, life(c), c.sample_questions)


def _person(routes: APIRouter, room: Room) -> None:
    deciding = [allowed("feedback")]

    def told(subject: str) -> Allowed:
        text, words = feedback.policy()
        return Allowed(sorted(room.allowed(subject)), text, words, bool(feedback.lapsed(room.home.store, subject)))

    @routes.get("/consent")
    def allows(subject: Subject) -> Allowed:
        """Say what you allow now."""
        return told(subject)

    @routes.put("/consent", dependencies=deciding)
    def allow(wanted: Allowing, subject: Subject) -> Allowed:
        """Say what you allow from now on; exactly this holds. Refused where the words are not those that you read."""
        room.home.consent(wanted.scopes, subject=subject, words=wanted.words)
        return told(subject)

    @routes.put("/comparing", dependencies=deciding)
    def compare(wanted: Comparing, subject: Subject) -> Comparing:
        """Say whether you want to be asked, now and then, which of two answers is better."""
        feedback.set_comparing(room.home.store, subject, wanted.on)
        return wanted

    @routes.get("/data", dependencies=deciding)
    def mine(subject: Subject) -> dict[str, Any]:
        """Everything that is kept of you, to be taken along, and where each conversation went."""
        return feedback.everything(room.home.store, subject)

    @routes.delete("/data", dependencies=deciding)
    def forget(subject: Subject) -> Forgotten:
        """Delete every conversation of yours."""
        room.talks.forget(subject)
        room.remembered.forget(subject)
        return Forgotten(room.home.forget(subject=subject))
