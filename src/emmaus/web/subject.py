"""Whose words these are: the one place that says under which pseudonym a request speaks."""

from starlette.requests import Request

from emmaus.web.room import Room


def subject_of(request: Request, room: Room) -> str:
    """Return the pseudonym that what is said in this request is kept under, and that its consent is asked of."""
    return room.home.parts.subject
