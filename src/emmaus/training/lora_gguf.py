"""A PEFT LoRA as the GGUF that llama.cpp loads.

The format: `adapter.type` lora, `adapter.lora.alpha`, and for every weight `<name>.lora_a` (rank x in) and
`<name>.lora_b` (out x rank) under llama.cpp's tensor names. llama.cpp rotates neighbouring pairs of a head where
transformers rotates halves, so the rows of the query and key weights are stored in another order; the rows of their
`lora_b` must follow (the columns of `lora_a` meet the unpermuted input and stay).
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emmaus.errors import ModelFileError

PREFIX = "base_model.model."


def convert(folder: Path, base: Path, out: Path, *, half: bool = True) -> Path:
    """Write the LoRA of a PEFT `folder`, trained on the unpacked `base`, to the file `out`, whole or not at all.

    `half` stores the factors as float16 (they were learned in float32; the rounding is 2^-11, below that of the 4-bit
    weights beside them).

    Raises:
        ModelFileError: a file is missing, the base is no Llama, or a tensor has no place in a LoRA GGUF.
    """
    from safetensors.numpy import load_file

    try:
        settings = json.loads((folder / "adapter_config.json").read_text(encoding="utf-8"))
        shape = json.loads((base / "config.json").read_text(encoding="utf-8"))
        tensors = load_file(folder / "adapter_model.safetensors")
    except (OSError, ValueError) as error:
        raise ModelFileError(f"{folder} is not a whole PEFT adapter: {error}") from error
    if shape.get("model_type") != "llama":
        raise ModelFileError(f"base model of type {shape.get('model_type')!r}: only llama adapters can be converted")
    if settings.get("use_dora") or settings.get("use_rslora") or settings.get("bias", "none") != "none":
        raise ModelFileError(f"{folder} uses DoRA, rsLoRA or biases; llama.cpp loads plain LoRA only")
    _write(_named(tensors, shape), float(settings["lora_alpha"]), settings, out, half=half)
    return out


def permute(rows: NDArray[Any], heads: int) -> NDArray[Any]:
    """Reorder the rows of a query or key projection from rotated halves to rotated neighbours, head by head."""
    return rows.reshape(heads, 2, rows.shape[0] // heads // 2, *rows.shape[1:]).swapaxes(1, 2).reshape(rows.shape)


def _named(tensors: Mapping[str, NDArray[Any]], shape: Mapping[str, Any]) -> dict[str, NDArray[Any]]:
    """Put the factors under llama.cpp's names, in its order of rows."""
    import gguf

    names = gguf.get_tensor_name_map(gguf.MODEL_ARCH.LLAMA, shape["num_hidden_layers"])
    heads = {"q_proj": shape["num_attention_heads"], "k_proj": shape["num_key_value_heads"]}
    out: dict[str, NDArray[Any]] = {}
    for key, value in sorted(tensors.items()):
        module, _, factor = key.removeprefix(PREFIX).removesuffix(".weight").rpartition(".")
        name = names.get_name(module)
        if name is None or factor not in ("lora_A", "lora_B") or "token_embd" in name or name == "output":
            raise ModelFileError(f"adapter tensor {key} has no place in a LoRA GGUF: train the decoder's linear layers")
        kind = module.rpartition(".")[2]
        if factor == "lora_B" and kind in heads:
            value = permute(value, heads[kind])
        out[f"{name}.weight.{factor.lower()}"] = value
    return out


def _write(
    tensors: Mapping[str, NDArray[Any]], alpha: float, settings: Mapping[str, Any], out: Path, *, half: bool
) -> None:
    import gguf

    beside = out.with_name(out.name + ".new")
    writer = gguf.GGUFWriter(beside, "llama")
    writer.add_type("adapter")
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_F16 if half else gguf.LlamaFileType.ALL_F32)
    writer.add_string("adapter.type", "lora")
    writer.add_float32("adapter.lora.alpha", alpha)
    writer.add_string("general.name", f"LoRA on {settings.get('base_model_name_or_path', 'llama')}")
    for name, value in tensors.items():
        writer.add_tensor(name, np.ascontiguousarray(value, dtype=np.float16 if half else np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    os.replace(beside, out)
