"""Learn the weights of the care check's classifier (`emmaus.chat.signs`): the training half of bench/care.py.

The network is that of `signs._looked`, written once more in torch. The threshold is drawn from a cross-validation on the
building set: the lowest at which, with the patterns, false alarms are at most `MOST_ALARMS` among what is asked, half
of it hard negatives and half ordinary. On one machine the same messages give the same weights.
"""

import hashlib
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional

from emmaus.chat.care import outright
from emmaus.chat.signs import BUCKETS, KINDS, ears, hashed, windows

if TYPE_CHECKING:
    from care import Message

WIDTH = 48
EPOCHS = 9
BATCH = 64
RATE = 1.5e-3
SEEDS = (0, 1, 2)
FOLDS = 5
LONGEST = 96
"""Tokens of a window that are learned from."""
MOST_ALARMS = 0.05
WEIGHT_OF_BACKGROUND = 0.3
"""Of a question of the pack, or a verse, beside a message written for this."""
TARGET = Path(__file__).parent.parent / "src" / "emmaus" / "chat" / "signs.npz"


class Net(nn.Module):
    """One small network; `chat.signs` says what each part is for."""

    def __init__(self, dimensions: int) -> None:
        super().__init__()
        scores = 1 + len(KINDS)
        self.narrow = nn.Linear(dimensions, WIDTH)
        self.join = nn.Conv1d(WIDTH, WIDTH, 3, padding=1)
        self.look = nn.Linear(2 * WIDTH, 1)
        self.out = nn.Linear(6 * WIDTH, scores)
        self.heard = nn.Linear(dimensions, scores)
        self.said = nn.Parameter(torch.zeros(BUCKETS, scores))

    def forward(self, tokens: torch.Tensor, there: torch.Tensor, grams: Sequence[torch.Tensor]) -> torch.Tensor:
        """Scores, shape (texts, 1 + 4); `there` is 1 where a text has a token and 0 where it is filled up."""
        mask = there[..., None]
        tokens = functional.dropout(tokens, 0.2, self.training)
        alone = torch.relu(self.narrow(tokens))
        joined = torch.relu(self.join((alone * mask).transpose(1, 2)).transpose(1, 2))
        found = torch.cat([alone, joined], -1)
        count = there.sum(1, keepdim=True)
        looks = torch.softmax(self.look(found)[..., 0].masked_fill(there == 0, -1e4), 1)
        mean = (found * mask).sum(1) / count
        most = found.masked_fill(mask == 0, -1e4).amax(1)
        pooled = torch.cat([mean, most, (found * looks[..., None]).sum(1)], -1)
        sizes = torch.tensor([len(some) for some in grams])
        starts = torch.cat([torch.zeros(1, dtype=torch.long), sizes.cumsum(0)[:-1]])
        said = functional.embedding_bag(torch.cat(list(grams)), self.said, starts, mode="sum")
        heard = self.heard((tokens * mask).sum(1) / count) * 0.3
        scores: torch.Tensor = self.out(functional.dropout(pooled, 0.4, self.training))
        return scores + heard + said / (sizes + 1.0).sqrt()[:, None]


class Windows:
    """Windows of all messages, read once: their tokens (standardised), n-grams, labels and weights."""

    def __init__(self, found: "Sequence[Message]", background: Sequence[str]) -> None:
        owned = [(at, w) for at, m in enumerate(found) for w in windows(m.text)]
        owned += [(-1, window) for text in background for window in windows(text)]
        self.owner = np.array([at for at, _ in owned])
        texts = [window for _, window in owned]
        read: dict[int, NDArray[np.float16]] = {}
        for places, tokens in ears().read(texts):
            read.update(zip(places, tokens[:, :LONGEST].astype(np.float16), strict=True))
        self.tokens = [torch.from_numpy(read[at]) for at in range(len(texts))]
        some = torch.cat(self.tokens[:2000]).float()
        self.mean, self.spread = some.mean(0), some.std(0) + 1e-3
        self.grams = [torch.from_numpy(hashed(text)) for text in texts]
        danger = [at >= 0 and found[at].danger for at in self.owner]
        self.danger = torch.tensor(danger, dtype=torch.float32)
        self.kind = torch.tensor([KINDS.index(found[at].kind) if d else 0 for at, d in zip(self.owner, danger, strict=True)])
        self.weight = torch.tensor([1.0 if at >= 0 else WEIGHT_OF_BACKGROUND for at in self.owner])
        first = np.r_[True, self.owner[1:] != self.owner[:-1]]
        # In a long message in danger nobody says which sentence is the one: it is learned as a whole.
        self.learned = first | ~np.array(danger)

    def batch(self, places: NDArray[np.int64]) -> tuple[torch.Tensor, torch.Tensor, list[torch.Tensor]]:
        """Windows filled up to one length."""
        longest = max(len(self.tokens[at]) for at in places)
        tokens, there = torch.zeros(len(places), longest, len(self.mean)), torch.zeros(len(places), longest)
        for row, at in enumerate(places):
            own = self.tokens[at]
            tokens[row, : len(own)], there[row, : len(own)] = (own.float() - self.mean) / self.spread, 1
        return tokens, there, [self.grams[at] for at in places]


def train(found: "Sequence[Message]", background: Mapping[str, Sequence[str]]) -> None:
    """Cross-validate for the threshold, learn on everything, and write the weights with their hash."""
    data = Windows(found, [text for texts in background.values() for text in texts])
    scores = cross_validated(data, len(found))
    threshold = lowest(scores, found)
    nets = [fitted(data, np.flatnonzero(data.learned), seed) for seed in SEEDS]
    content = packed(nets, data, threshold)
    TARGET.write_bytes(content)
    TARGET.with_suffix(".sha256").write_text(hashlib.sha256(content).hexdigest() + "\n", "utf-8")
    print(f"{TARGET}: {len(content) / 1000:.0f} KB, threshold {threshold:.2f}")


def cross_validated(data: Windows, count: int) -> NDArray[np.float64]:
    """The worst window of each message, scored by networks that did not learn it."""
    fold = np.random.RandomState(0).permutation(count) % FOLDS
    scores = np.full(count, -np.inf)
    for held in range(FOLDS):
        ours = (data.owner < 0) | (fold[data.owner] != held)
        net = fitted(data, np.flatnonzero(ours & data.learned), 0)
        places = np.flatnonzero(~ours)
        np.maximum.at(scores, data.owner[places], predicted(net, data, places))
        print(f"fold {held + 1} of {FOLDS}", flush=True)
    return scores


def lowest(scores: NDArray[np.float64], found: "Sequence[Message]") -> float:
    """The lowest threshold that keeps `MOST_ALARMS`; prints what it recalls."""
    said = np.array([outright(message.text) is not None for message in found])
    danger, hard, explicit = (np.array([getattr(m, n) for m in found]) for n in ("danger", "hard", "explicit"))

    def alarms(threshold: float) -> float:
        seen = said | (scores >= threshold)
        return float((seen[hard].mean() + seen[~danger & ~hard].mean()) / 2)

    threshold = next(float(t) for t in np.arange(-1, 6, 0.02) if alarms(float(t)) <= MOST_ALARMS)
    seen = said | (scores >= threshold)
    print(
        f"cross-validated at {threshold:.2f}: recall explicit {seen[explicit].mean():.3f}, implicit "
        f"{seen[danger & ~explicit].mean():.3f}; false alarms hard {seen[hard].mean():.3f}, "
        f"ordinary {seen[~danger & ~hard].mean():.3f}"
    )
    return threshold


def fitted(data: Windows, places: NDArray[np.int64], seed: int) -> Net:
    """Learn one network on these windows."""
    torch.manual_seed(seed)
    order = np.random.RandomState(seed)
    net = Net(len(data.mean))
    dense = [own for name, own in net.named_parameters() if name != "said"]
    groups = [(dense, 0.05, RATE), ([net.said], 0.3, 2 * RATE)]
    optimizer = torch.optim.AdamW([{"params": p, "weight_decay": decay, "lr": rate} for p, decay, rate in groups])
    for epoch in range(EPOCHS):
        for group, (_, _, rate) in zip(optimizer.param_groups, groups, strict=True):
            group["lr"] = rate * (1 - epoch / EPOCHS) + 1e-5
        shuffled = order.permutation(places)
        for start in range(0, len(shuffled), BATCH):
            some = shuffled[start : start + BATCH]
            scores, danger = net(*data.batch(some)), data.danger[some]
            each = functional.binary_cross_entropy_with_logits(scores[:, 0], danger * 0.98 + 0.01, reduction="none")
            loss = (each * data.weight[some]).mean()
            if (there := danger > 0).any():
                loss = loss + 0.3 * functional.cross_entropy(scores[there, 1:], data.kind[some][there])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return net.eval()


@torch.no_grad()
def predicted(net: Net, data: Windows, places: NDArray[np.int64]) -> NDArray[np.float64]:
    """Log odds of a crisis of these windows."""
    batches = (places[start : start + BATCH] for start in range(0, len(places), BATCH))
    scores = np.concatenate([net(*data.batch(some))[:, 0].numpy() for some in batches])
    return scores.astype(np.float64)


def packed(nets: Sequence[Net], data: Windows, threshold: float) -> bytes:
    """Weights as `signs.unpacked` reads them; standardising is folded into them, and what is linear is averaged."""
    mean, spread = data.mean.numpy(), data.spread.numpy()
    arrays: dict[str, Any] = {}

    def put(name: str, array: NDArray[np.float32]) -> None:
        step = np.maximum(np.abs(array).max(axis=0), 1e-9) / 127
        arrays[name], arrays[f"{name}/step"] = np.rint(array / step).astype(np.int8), step.astype(np.float32)

    heard, said, bias = [], [], []
    for at, net in enumerate(nets):
        own = {name: value.detach().numpy() for name, value in net.named_parameters()}
        narrow = own["narrow.weight"].T / spread[:, None]
        put(f"{at}/narrow", narrow)
        put(f"{at}/narrow_bias", (own["narrow.bias"] - mean @ narrow)[None])
        for place, name in enumerate(("left", "mid", "right")):
            put(f"{at}/{name}", own["join.weight"][:, :, place].T)
        put(f"{at}/mid_bias", own["join.bias"][None])
        put(f"{at}/look", own["look.weight"].T)
        put(f"{at}/out", own["out.weight"].T)
        linear = 0.3 * own["heard.weight"].T / spread[:, None]
        heard.append(linear)
        said.append(own["said"])
        bias.append(own["out.bias"] + 0.3 * own["heard.bias"] - mean @ linear)
    put("heard", np.mean(heard, axis=0))
    put("said", np.mean(said, axis=0))
    arrays |= {"bias": np.mean(bias, axis=0).astype(np.float32), "threshold": threshold, "embedder": ears().name}
    written = io.BytesIO()
    np.savez_compressed(written, **arrays)
    return written.getvalue()
