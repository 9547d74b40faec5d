"""Whose words these are: the one place that says under which pseudonym a request speaks."""

from typing import Annotated

from fastapi import Depends
from starlette.requests import Request


def subject_of(request: Request) -> str:
    """Return the pseudonym that what is said in this request is kept under, and that its consent is asked of."""
    subject: str = request.app.state.room.home.parts.subject
    return subject


Subject = Annotated[str, Depends(subject_of)]
"""The pseudonym of who asks."""
