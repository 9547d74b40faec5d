"""Supervised fine-tuning: learn the answers, on two cores, without waste.

What is not done makes it fast: no padding (packs), no second copy of a shared beginning (packs), no logits but the
answers' and no logits kept (loss), no gradients of frozen weights (lora). PyTorch's autograd does the rest.
"""

import ctypes
import math
import resource
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch

from emmaus.errors import Cancelled, EmmausError
from emmaus.training import attention, batches, checkpoint, lean, lora
from emmaus.training.checkpoint import Run
from emmaus.training.loss import answer_loss
from emmaus.training.recipe import Recipe
from emmaus.training.tokens import Tokens
from emmaus.types import Progress

Report = Callable[[Progress], None]

_C_LIBRARY = ctypes.CDLL(None) if sys.platform == "linux" else None


def fit(
    model: Any,
    train: Sequence[Tokens],
    validation: Sequence[Tokens],
    recipe: Recipe,
    *,
    folder: Path,
    key: str,
    report: Report,
) -> Run:
    """Train a model that `lora.attach` prepared; on return it holds the best weights.

    Checkpoints go to `folder` under `key`; a run with the same key goes on where the last checkpoint stands, to the
    same weights as a run that was never stopped. Without a validation split the last weights are the best.

    Raises:
        Cancelled: `report` raised it; a checkpoint was written first, as it is at Ctrl-C.
        EmmausError: the loss is no number, or memory or disk ran out.
    """
    fitter = _Fitter(model, train, validation, recipe, folder, key, report)
    try:
        return fitter.run_to_end()
    except (RuntimeError, MemoryError) as error:
        if isinstance(error, MemoryError | torch.OutOfMemoryError) or "allocate memory" in str(error):
            raise EmmausError(
                f"out of memory with {recipe.micro_tokens} tokens at once (peak {peak_memory() / 2**20:.0f} MB): "
                "lower micro_tokens, or set checkpointing; the run resumes from its last checkpoint"
            ) from error
        raise


def pack_loss(model: Any, packed: batches.Pack) -> torch.Tensor:
    """Sum the loss of a pack's answer tokens."""
    place = model.device
    hidden = model.model(
        input_ids=torch.tensor([packed.ids], device=place),
        position_ids=torch.tensor([packed.positions], device=place),
        use_cache=False,
        prefix=packed.prefix,
        rests=packed.rests,
    ).last_hidden_state[0]
    answering = hidden.index_select(0, torch.tensor(packed.sources, device=place))
    return answer_loss(answering, model.lm_head.weight, torch.tensor(packed.targets, device=place))


def mean_loss(model: Any, examples: Sequence[Tokens], recipe: Recipe) -> float:
    """Mean loss per answer token, without dropout and gradients."""
    model.eval()
    with torch.no_grad():
        total = sum(pack_loss(model, packed).item() for packed in batches.split(examples, recipe.micro_tokens))
    model.train()
    return total / sum(tokens.answers for tokens in examples)


def prepare(model: Any, recipe: Recipe) -> None:
    """Make a frozen base trainable by a recipe: LoRA layers, packed attention, optional recomputation."""
    lora.attach(model, recipe)
    attention.use(model)
    lean.slim(model)
    if recipe.checkpointing:
        # transformers 5.2x renames it; either recomputes a layer's activations in the backward pass.
        getattr(model, "activation_checkpointing_enable", model.gradient_checkpointing_enable)()
    model.train()


def choose_precision(wanted: str, threads: int) -> torch.dtype:
    """Pick the faster of float32 and bfloat16 for the products of this model's size on this chip; a tenth of a second.

    A chip without bfloat16 instructions emulates them, several times slower than float32.
    """
    torch.set_num_threads(threads)
    if wanted != "auto":
        return torch.float32 if wanted == "float32" else torch.bfloat16
    return min((torch.bfloat16, torch.float32), key=_product_time)


def peak_memory() -> int:
    """Most memory that this process ever held, in bytes."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


def give_back() -> None:
    """Return freed memory to the system (glibc only).

    Packs differ in length, so freed blocks rarely fit the next ones, and the peak would stand on what they leave.
    """
    trim = getattr(_C_LIBRARY, "malloc_trim", None)
    if trim is not None:
        trim(0)


def _product_time(dtype: torch.dtype) -> float:
    left, right = torch.ones(256, 576, dtype=dtype), torch.ones(576, 1536, dtype=dtype)
    best = math.inf
    for _ in range(8):
        start = time.perf_counter()
        left @ right
        best = min(best, time.perf_counter() - start)
    return best


class _Fitter:
    """One run: the optimizer, the position, and the best weights so far."""

    def __init__(
        self,
        model: Any,
        train: Sequence[Tokens],
        validation: Sequence[Tokens],
        recipe: Recipe,
        folder: Path,
        key: str,
        report: Report,
    ) -> None:
        self.model, self.train, self.validation, self.recipe = model, train, validation, recipe
        self.folder, self.key, self.report = folder, key, report
        self.weights = lora.parameters(model)
        self.optimizer = torch.optim.AdamW(self.weights, weight_decay=recipe.weight_decay, fused=True)
        self.best: dict[str, torch.Tensor] = {}
        self.per_epoch = math.ceil(len(train) / recipe.batch)
        self.steps = self.per_epoch * recipe.epochs
        self.saved = 0
        self.whole = False
        """Whether weights, optimizer and position are those of one and the same step."""
        self.run = Run()
        self.resume()

    def resume(self) -> None:
        """Take up the last checkpoint of this training, if there is one."""
        found = checkpoint.load(self.folder, self.key)
        if found is None:
            torch.manual_seed(self.recipe.seed)
            self.rng = torch.get_rng_state()
            return
        self.run, tensors = found
        lora.restore(self.model, tensors["weights"])
        self.optimizer.load_state_dict(tensors["optimizer"])
        self.best = tensors["best"]
        self.rng = tensors["rng"]
        torch.set_rng_state(self.rng)
        self.saved = self.run.step

    def save(self) -> None:
        """Write a checkpoint."""
        tensors = {
            "weights": lora.state(self.model),
            "optimizer": self.optimizer.state_dict(),
            "best": self.best,
            "rng": self.rng,
        }
        checkpoint.save(self.folder, self.key, self.run, tensors)
        self.saved = self.run.step

    def run_to_end(self) -> Run:
        """Do the epochs that are left. Interrupted, it loses the step that it is at, and no other."""
        try:
            return self._run_to_end()
        except KeyboardInterrupt:
            if self.whole and self.saved != self.run.step:
                self.save()
            raise

    def _run_to_end(self) -> Run:
        run = self.run
        while run.epoch < self.recipe.epochs and not run.stopped:
            order = list(batches.epoch(len(self.train), self.recipe.batch, self.recipe.seed, run.epoch))
            for chosen in order[run.batch :]:
                self.step([self.train[index] for index in chosen])
                if run.step % self.recipe.checkpoint_every == 0 and run.batch < len(order):
                    self.save()
            self.end_epoch()
        if self.best:
            lora.restore(self.model, self.best)
        return run

    def step(self, group: list[Tokens]) -> None:
        """One optimizer step over a batch."""
        self.whole = True
        started = time.perf_counter()
        learned = sum(tokens.answers for tokens in group)
        total = 0.0
        for packed in batches.split(group, self.recipe.micro_tokens):
            loss = pack_loss(self.model, packed) / learned
            loss.backward()  # type: ignore[no-untyped-call]
            total += loss.item()
        if not math.isfinite(total):
            raise EmmausError(
                f"the loss is {total} at step {self.run.step + 1}: lower the learning rate "
                f"(now {self.recipe.learning_rate:g}) or set precision to float32"
            )
        self.whole = False
        rate = self.recipe.rate(self.run.step, self.steps)
        for options in self.optimizer.param_groups:
            options["lr"] = rate
        torch.nn.utils.clip_grad_norm_(self.weights, self.recipe.clip)
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        give_back()
        self.run.step += 1
        self.run.batch += 1
        self.run.tokens += sum(len(tokens.ids) for tokens in group)
        self.run.seconds += time.perf_counter() - started
        self.run.log.append({"step": self.run.step, "loss": total, "learning_rate": rate})
        self.rng = torch.get_rng_state()
        self.whole = True
        self.tell(f"epoch {self.run.epoch + 1} of {self.recipe.epochs}", {"loss": total})

    def end_epoch(self) -> None:
        """Validate, keep the best, decide whether to go on."""
        run = self.run
        self.whole = False
        run.epoch, run.batch = run.epoch + 1, 0
        if self.validation:
            started = time.perf_counter()
            loss = mean_loss(self.model, self.validation, self.recipe)
            run.seconds += time.perf_counter() - started
            run.log.append({"step": run.step, "validation_loss": loss})
            if run.best is None or loss < run.best:
                run.best, run.stale, self.best = loss, 0, lora.state(self.model)
            else:
                run.stale += 1
                run.stopped = run.stale >= self.recipe.patience
        self.save()
        if run.best is not None:
            self.tell(f"epoch {run.epoch} validated", {"validation_loss": run.log[-1]["validation_loss"]})

    def tell(self, note: str, values: dict[str, float]) -> None:
        """Report where the run stands; when that cancels it, write a checkpoint first."""
        run = self.run
        live = {
            **values,
            "tokens_per_second": run.tokens / max(run.seconds, 1e-9),
            "seconds_left": run.seconds / run.step * (self.steps - run.step),
            "peak_memory": float(peak_memory()),
        }
        try:
            self.report(Progress(run.step, self.steps, note, live))
        except Cancelled:
            if self.saved != run.step:
                self.save()
            raise
