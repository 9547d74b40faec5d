"""How a character is drawn, as their file says it."""

from dataclasses import fields
from typing import Any, get_args, get_type_hints

from emmaus.packs.reading import listed, words
from emmaus.packs.yamlfile import Spot
from emmaus.types import Portrait
from emmaus.types.portrait import Colour

COLOURS = 3
"""Most colours of a robe."""


def allowed() -> dict[str, tuple[str, ...]]:
    """List the values of each feature."""
    kinds = get_type_hints(Portrait)
    return {
        field.name: get_args(Colour if field.name == "colours" else kinds[field.name]) for field in fields(Portrait)
    }


def portrait(spot: Spot) -> Portrait | None:
    """Read the features of a picture; None where who it shows is not said."""
    known = allowed()
    found = spot.fields(("figure",), tuple(name for name in known if name != "figure"))
    features: dict[str, Any] = {}
    for name, values in known.items():
        if name not in found:
            continue
        if name == "colours":
            colours = tuple(_one(item, name, item.text(), values) for item in found[name].items(1))
            if len(colours) > COLOURS:
                found[name].wrong(f"portrait: {len(colours)} colours", f"write at most {COLOURS}")
            features[name] = tuple(colour for colour in colours[:COLOURS] if colour)
        else:
            features[name] = _one(found[name], name, words(found, name), values)
    said = {name: value for name, value in features.items() if value}
    return Portrait(**said) if "figure" in said else None


def _one(spot: Spot, name: str, value: str, values: tuple[str, ...]) -> str:
    if not value or value in values:
        return value
    spot.wrong(f"portrait: unknown {name} {value!r}", f"take one of {listed(list(values))}")
    return ""
