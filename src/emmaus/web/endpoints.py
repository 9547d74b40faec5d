"""The JSON API: what pages do, for programs. Described at /api/openapi.json."""

from dataclasses import dataclass

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict

from emmaus import feedback
from emmaus.types import Character, Scope
from emmaus.web.drawing import address
from emmaus.web.life import Life, life
from emmaus.web.room import Room, Subject
from emmaus.web.wheel import Wheel, wheel


class Allowed(BaseModel):
    """The scopes that hold from now on; none withdraws everything."""

    model_config = ConfigDict(extra="forbid")

    scopes: frozenset[Scope]


class Comparing(BaseModel):
    """Whether a person is asked, now and then, which of two answers is better."""

    model_config = ConfigDict(extra="forbid")

    on: bool


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
    """All routes under /api."""
    routes = APIRouter(prefix="/api")
    _person(routes, room)

    @routes.get("/characters")
    def characters() -> list[Listed]:
        """Everybody who can be talked with."""
        return [_listed(character) for character in room.home.characters()]

    @routes.get("/characters/{character}")
    def one(character: str) -> Listed:
        """One of them."""
        return _listed(room.home.parts.pack.character(character))

    @routes.get("/status")
    def status() -> list[Wheel]:
        """Where every wheel stands, without the number of scores."""
        return [wheel(room.home, character.slug, deep=False) for character in room.home.characters()]

    @routes.get("/status/{character}")
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
    @routes.get("/consent")
    def allowed(subject: Subject) -> Allowed:
        """Say what you allow now."""
        return Allowed(scopes=room.allowed(subject))

    @routes.put("/consent")
    def allow(wanted: Allowed, subject: Subject) -> Allowed:
        """Say what you allow from now on; exactly this holds."""
        return Allowed(scopes=room.home.consent(wanted.scopes, subject=subject).scopes)

    @routes.put("/comparing")
    def compare(wanted: Comparing, subject: Subject) -> Comparing:
        """Say whether you want to be asked, now and then, which of two answers is better."""
        feedback.set_comparing(room.home.store, subject, wanted.on)
        return wanted

    @routes.delete("/data")
    def forget(subject: Subject) -> Forgotten:
        """Delete every conversation of yours."""
        room.talks.forget(subject)
        return Forgotten(room.home.forget(subject=subject))
