"""Feedback from any front end: a rating of an answer that is kept, told by its turn alone."""

from typing import Annotated

from fastapi import APIRouter, Header
from pydantic import BaseModel, ConfigDict, Field, StrictBool
from starlette.requests import Request

from emmaus.feedback import Value, kept_answer, rate_kept
from emmaus.web.room import Room
from emmaus.web.subject import subject_of
from emmaus.web.talking import Rated


class Feedback(BaseModel):
    """What a person says of an answer of theirs that is kept."""

    model_config = ConfigDict(extra="forbid")

    turn: str
    value: Value = 0
    reasons: Annotated[tuple[str, ...], Field(max_length=20)] = ()
    """Names of the usual ones, as `off_topic`; which there are, a refusal says."""
    reason: str = ""
    """In their own words."""
    flag: StrictBool = False
    """Whether a reviewer shall look at it."""
    correction: str | None = None
    """The answer that should have been given."""


def router(room: Room) -> APIRouter:
    """The one route of feedback."""
    routes = APIRouter(prefix="/api")
    home = room.home

    @routes.post("/feedback")
    def feedback(
        request: Request,
        said: Feedback,
        idempotency_key: Annotated[
            str, Header(max_length=200, description="The same key again is the same rating, kept once.")
        ] = "",
    ) -> Rated:
        """Rate an answer that is kept, wherever it was given. The same again is kept once."""
        subject = subject_of(request)
        found, turn = kept_answer(home.store, said.turn, subject)
        rating = rate_kept(
            home.store,
            turn,
            subject,
            said.value,
            scene=lambda: home.parts.scene(found.character),
            reason=said.reason,
            reasons=said.reasons,
            flag=said.flag,
            correction=said.correction or None,
            key=idempotency_key,
            clock=home.clock,
        )
        return Rated(rating.id, rating.value)

    return routes
