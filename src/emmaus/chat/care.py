"""Before any persona answers: explicit signs of crisis, answered by the program itself and out of character."""

import re
from functools import cache
from importlib.resources import files

import yaml


def crisis(text: str) -> str | None:
    """Return the plain help text if the writer shows explicit signs of danger, else None.

    Only what is said outright is recognised here; hints are not.
    """
    patterns, answer = _rules()
    plain = re.sub(r"[\s,;:]+", " ", text.lower().replace("’", "'")).strip()
    return answer if any(pattern.search(plain) for pattern in patterns) else None


@cache
def _rules() -> tuple[tuple[re.Pattern[str], ...], str]:
    rules = yaml.safe_load((files("emmaus.chat") / "care.yaml").read_text(encoding="utf-8"))
    between = rules["AM"].replace("| ", "|")
    patterns = (pattern.replace(" AM", between) for pattern in rules["patterns"].splitlines())
    return tuple(re.compile(pattern) for pattern in patterns), rules["answer"].strip()
