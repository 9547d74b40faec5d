"""Emmaus: local-first characters that get better from every conversation, honestly.

import emmaus

with emmaus.open() as home:
print(home.ask("ruth", "Why did you go with her?").answer)
"""

from __future__ import annotations

TYPE_CHECKING = False  # as in `typing`, whose import would take a third of the time of `emmaus --help`
if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from emmaus.api import Emmaus

__version__ = "0.1.0"
__all__ = ["__version__", "open"]


def open(home: Path | str | None = None, **settings: Any) -> Emmaus:
    """Open a home (the data folder) and return the Python API on it.

    `settings` are the fields of `emmaus.config.Settings`; what is not given comes from the `EMMAUS_*` environment
    variables, then from the defaults.

    Raises:
        BadInput: a setting is unknown or has the wrong type.
        StoreError: the home cannot be written, or was written by a newer version.
    """
    # Imported here so that `import emmaus` costs nothing.
    from pathlib import Path

    from emmaus.api import Emmaus
    from emmaus.config import load_settings

    given = {"home": Path(home)} if home is not None else {}
    return Emmaus(load_settings(**given, **settings))
