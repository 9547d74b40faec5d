"""The base model that is trained on: the GGUF that is served, unpacked once.

The adapter must fit the weights that it will be served with, so it is trained on the quantised file's own values and
not on the published originals.
"""

import io
import os
import struct
import tempfile
from contextlib import redirect_stderr
from pathlib import Path
from typing import Any

from emmaus.errors import EmmausError, ModelFileError
from emmaus.models.files import check_gguf, fingerprint, mending
from emmaus.training.extra import require_train_extra

LAYOUT = "v1"
"""Part of the cache's name: a change in how a base is unpacked gives another folder."""
UNREADABLE = (OSError, ValueError, RuntimeError, KeyError, IndexError, NotImplementedError, struct.error)
"""What transformers and gguf raise for a file that they cannot read; few of it says so."""


def unpack(gguf_file: Path, cache: Path) -> Path:
    """Folder with the file's weights (float16 safetensors), config, tokenizer and chat template.

    Unpacked on the first call, found by the file's hash afterwards. float16 holds a dequantised 4-bit weight to 2^-11,
    eight times closer than bfloat16, in half the space of float32.

    Raises:
        ModelFileError: no such file, not a GGUF, or an architecture that transformers cannot unpack.
        EmmausError: the `train` extra is missing, or there is no space.
    """
    folder = cache / f"base-{LAYOUT}-{fingerprint(check_gguf(gguf_file))[:16]}"
    if folder.is_dir():
        return folder
    require_train_extra()
    model, tokenizer = _read(gguf_file)
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="base-", dir=cache) as scratch:
            model.half().save_pretrained(Path(scratch, "base"))
            tokenizer.save_pretrained(Path(scratch, "base"))
            _place(Path(scratch, "base"), folder)
    except Exception as error:  # on a full disk each library raises an error of its own kind
        raise EmmausError(
            f"cannot unpack {gguf_file.name} into {cache} ({_first_line(error)}): free some space"
        ) from error
    return folder


def load_tokenizer(folder: Path) -> Any:
    """Load the tokenizer of an unpacked base.

    Raises:
        ModelFileError: the folder is damaged.
    """
    from transformers import AutoTokenizer

    try:
        return AutoTokenizer.from_pretrained(folder)
    except UNREADABLE as error:
        raise _damaged(folder, error) from error


def load_model(folder: Path, dtype: Any) -> Any:
    """Load the unpacked base, its weights frozen and in `dtype`.

    Raises:
        ModelFileError: the folder is damaged.
    """
    from safetensors import SafetensorError
    from transformers import AutoModelForCausalLM
    from transformers.utils import logging

    logging.disable_progress_bar()
    try:
        model = AutoModelForCausalLM.from_pretrained(folder, dtype=dtype)
    except (*UNREADABLE, SafetensorError) as error:
        raise _damaged(folder, error) from error
    model.requires_grad_(False)
    return model


def _read(gguf_file: Path) -> tuple[Any, Any]:
    """Load the model in float32, and the tokenizer."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from transformers.utils import logging

    logging.disable_progress_bar()
    where: dict[str, Any] = {"gguf_file": gguf_file.name}
    try:
        tokenizer = AutoTokenizer.from_pretrained(gguf_file.parent, **where)
        with redirect_stderr(io.StringIO()):  # a bar of its own, which no setting of the library turns off
            model = AutoModelForCausalLM.from_pretrained(gguf_file.parent, dtype=torch.float32, **_dense(), **where)
        _split_digits(tokenizer, gguf_file)
    except UNREADABLE as error:
        raise ModelFileError(
            f"base model {gguf_file.name} cannot be unpacked for training ({_first_line(error)}); "
            f"if it is damaged, {mending(gguf_file)}"
        ) from error
    if tokenizer.chat_template is None:
        raise ModelFileError(f"base model {gguf_file.name} has no chat template: use an instruction-tuned model")
    return model, tokenizer


def _place(whole: Path, folder: Path) -> None:
    try:
        os.replace(whole, folder)
    except OSError:
        if not folder.is_dir():  # another process was first: its folder is as good
            raise


def _damaged(folder: Path, error: Exception) -> ModelFileError:
    return ModelFileError(
        f"the unpacked base model in {folder} cannot be loaded ({_first_line(error)}); if it is damaged, delete this "
        "folder, and the next training unpacks it again"
    )


def _first_line(error: Exception) -> str:
    return next(iter(str(error).strip().splitlines()), type(error).__name__)


def _dense() -> dict[str, Any]:
    """Ask for unpacked weights where transformers would keep them packed (packed ones cannot be saved)."""
    try:
        from transformers import GgufConfig
    except ImportError:
        return {}
    return {"quantization_config": GgufConfig(dequantize=True)}


def _split_digits(tokenizer: Any, gguf_file: Path) -> None:
    """Give a SmolLM tokenizer its first step back: each digit by itself.

    transformers rebuilds the tokenizer from the GGUF's vocabulary as a GPT-2 one and ignores `tokenizer.ggml.pre`, so
    that a number after two spaces would be read otherwise than by llama.cpp.
    """
    from gguf import GGUFReader
    from tokenizers import pre_tokenizers

    field = GGUFReader(gguf_file).fields.get("tokenizer.ggml.pre")
    if field is not None and field.contents() == "smollm":
        steps = [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
        tokenizer.backend_tokenizer.pre_tokenizer = pre_tokenizers.Sequence(steps)
