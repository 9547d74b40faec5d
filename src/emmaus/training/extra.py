"""The door to torch: one sentence instead of a traceback where the `train` extra is not installed."""

from importlib.util import find_spec

from emmaus.errors import EmmausError

NEEDED = ("torch", "transformers", "safetensors", "gguf", "accelerate")


def require_train_extra() -> None:
    """Check that what training imports is installed, without importing it.

    Raises:
        EmmausError: something of the `train` extra is missing.
    """
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        raise EmmausError(
            f"training needs {', '.join(missing)}, not installed here: "
            'pip install "emmaus[train]" -c constraints.txt  (or: pip install "emmaus[train]")'
        )
