from collections.abc import Iterator
from pathlib import Path

import gguf
import numpy as np
import pytest
from asking import SHARED

from emmaus.models.engine import EmbeddedEngine

LAYERS, WIDTH, RANK = 30, 576, 4


def write_lora(path: Path, seed: int, strength: float = 0.6) -> Path:
    """A random LoRA for SmolLM2-135M on the attention's square projections, strong enough to change every answer."""
    rng = np.random.default_rng(seed)
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_string("general.type", "adapter")
    writer.add_string("adapter.type", "lora")
    writer.add_float32("adapter.lora.alpha", float(RANK))
    for layer in range(LAYERS):
        for part in ("attn_q", "attn_output"):
            down = rng.normal(0, WIDTH**-0.5, (RANK, WIDTH)).astype(np.float32)
            up = rng.normal(0, strength, (WIDTH, RANK)).astype(np.float32)
            writer.add_tensor(f"blk.{layer}.{part}.weight.lora_a", down)
            writer.add_tensor(f"blk.{layer}.{part}.weight.lora_b", up)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


@pytest.fixture(scope="session")
def loras(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("loras")
    return {name: write_lora(folder / f"{name}.gguf", seed) for seed, name in enumerate(("a", "b", "c"))}


@pytest.fixture(scope="session", params=["apart", "together"])
def engine(request: pytest.FixtureRequest, loras: dict[str, Path]) -> Iterator[EmbeddedEngine]:
    """An engine for a small model, which has a server for each slot, and one for a large one, whose slots share it."""
    adapters = {"a": loras["a"], "b": loras["b"]}
    apart = request.param == "apart"
    with EmbeddedEngine(adapters=adapters, threads=2, context=512, slots=4, apart=apart) as engine:
        engine.tokenize("x")
        child = engine._supervisor._child
        assert child
        SHARED.add(child.pid)
        yield engine
