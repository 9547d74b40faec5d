"""Whose words these are: the one place that says under which pseudonym a request speaks."""

from typing import Annotated

from fastapi import Depends
from starlette.requests import Request

from emmaus.accounts.person import Person
from emmaus.errors import NotSignedIn
from emmaus.web.door import NOBODY


def subject_of(request: Request) -> str:
    """Return the pseudonym that what is said in this request is kept under, and that its consent is asked of.

    Raises:
        NotSignedIn: nobody vouches for who asks.
    """
    person: Person | None = request.state.person
    if person is None:
        raise NotSignedIn(NOBODY)
    return person.subject


Subject = Annotated[str, Depends(subject_of)]
"""The pseudonym of who asks."""
