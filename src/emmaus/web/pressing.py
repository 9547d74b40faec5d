"""Whether a question must be answered whatever the limits: it shows somebody in danger, whom no limit keeps from help.

Asked only of what a limit would turn away: it takes some ten milliseconds.
"""

import json

from pydantic import ValidationError

from emmaus.chat import crisis
from emmaus.types import sound
from emmaus.web.completions import Completion, Unsupported, talk
from emmaus.web.problems import GATEWAY


def pressing(path: str, body: bytes) -> bool:
    """Whether the question in a request to this address shows somebody in danger; what cannot be read shows nobody."""
    try:
        question = _of_client(body) if path.startswith(GATEWAY) else _of_page(body)
    except (ValueError, ValidationError, Unsupported):
        return False
    return in_danger(question)


def in_danger(question: str) -> bool:
    """Whether a question shows somebody in danger."""
    return bool(question) and crisis(sound(question)) is not None


def _of_page(body: bytes) -> str:
    given = json.loads(body)
    question = given.get("question") if isinstance(given, dict) else None
    return question if isinstance(question, str) else ""


def _of_client(body: bytes) -> str:
    return talk(Completion.model_validate_json(body).messages)[1]
