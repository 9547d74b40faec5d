"""Training against stock TRL: the same model, conversations, steps, schedule and objective.

    python bench/training.py [--conversations 40] [--epochs 1] [--data FILE.jsonl]

Each side runs in a process of its own, so that the peak of its memory is its own. TRL runs with its defaults but for
what makes the task the same: loss on the answers only, LoRA rank 16 on all linear layers, learning rate and schedule,
batches of 8, no evaluation, no files. Tokens are counted alike on both sides: whole conversations, no padding.
Both are judged by one meter afterwards: mean loss of the held-out answers in float32.
"""

import argparse
import json
import math
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from emmaus.models.files import default_model_file
from emmaus.training.files import read_jsonl
from emmaus.training.recipe import Recipe
from emmaus.training.train import be_considerate
from emmaus.types import Example, Message, Source

THINGS = [
    "shepherd",
    "sheep",
    "valley",
    "river",
    "king",
    "sword",
    "song",
    "harp",
    "cave",
    "desert",
    "father",
    "brother",
    "son",
    "sorrow",
    "hope",
    "lamb",
    "night",
]
DEEDS = [
    "watched",
    "carried",
    "feared",
    "loved",
    "lost",
    "found",
    "remembered",
    "kept",
    "sang",
    "hid",
    "fled",
    "trusted",
]
PERSONA = (
    "You are David, son of Jesse, shepherd of Bethlehem and king of Israel. Speak plainly and in the first person, as "
    "a man who kept sheep and wore a crown. You know only your own days; when someone names what lies beyond them, say "
    "so. Answer the question that was asked, with something from your own life, and end with a word that helps. Be "
    "gentle with grief, be honest about your own sins, and do not flatter anyone who comes to you. Point at a "
    "verse in square brackets and never quote from memory; its words are inserted for the reader by the program."
)


def sentence(draw: random.Random) -> str:
    """Make up a plausible sentence."""
    things = [draw.choice(THINGS) for _ in range(4)]
    did, done = draw.choice(DEEDS), draw.choice(DEEDS)
    return f"I {did} the {things[0]} by the {things[1]}, and the {things[2]} {done} my {things[3]}."


def conversations(count: int, seed: int = 0) -> tuple[Example, ...]:
    """Conversations of the product's shape: a persona of 150 tokens, passages and question of 120, an answer of 120."""
    draw = random.Random(seed)
    out = []
    for number in range(count):
        verses = [f"[Psalm {draw.randint(1, 150)}:{draw.randint(1, 12)}] {sentence(draw)}" for _ in range(2)]
        question = f"What shall I do, now that I have {draw.choice(DEEDS)} my {draw.choice(THINGS)}?"
        answer = " ".join(sentence(draw) for _ in range(draw.randint(3, 7))) + f" {verses[0].split(']')[0]}]"
        asked = "Passages:\n" + "\n".join(verses) + f"\n\n{question}"
        messages = (Message("system", PERSONA), Message("user", asked), Message("assistant", answer))
        split: Any = "validation" if number % 10 == 9 else "train"
        out.append(Example(f"talk {number}", "david", messages, 0.9, False, Source.SYNTHETIC, split))
    return tuple(out)


def ours(examples: tuple[Example, ...], folder: Path, base: Path, recipe: Recipe) -> dict[str, Any]:
    """Train with Emmaus."""
    from emmaus.training import base as bases
    from emmaus.training import lora, sft
    from emmaus.training.tokens import encode

    tokenizer = bases.load_tokenizer(base)
    learn = encode([e for e in examples if e.split == "train"], tokenizer, recipe.max_length).kept
    model = bases.load_model(base, sft.choose_precision(recipe.precision, os.cpu_count() or 1))
    sft.prepare(model, recipe)
    start, busy = time.perf_counter(), time.process_time()
    run = sft.fit(model, learn, [], recipe, folder=folder, key="bench", report=lambda progress: None)
    return {
        "seconds": time.perf_counter() - start,
        "cpu": time.process_time() - busy,
        "tokens": run.tokens,
        "steps": run.step,
        "weights": lora.state(model),
    }


def stock(examples: tuple[Example, ...], folder: Path, base: Path, recipe: Recipe) -> dict[str, Any]:
    """Train with TRL's SFTTrainer and PEFT."""
    from datasets import Dataset
    from peft import LoraConfig, get_peft_model_state_dict
    from transformers import AutoTokenizer
    from trl import SFTConfig, SFTTrainer

    tokenizer = AutoTokenizer.from_pretrained(base)
    rows = []
    for example in examples:
        if example.split == "train":
            plain = [{"role": message.role, "content": message.content} for message in example.messages]
            rows.append({"prompt": plain[:-1], "completion": plain[-1:]})
    steps = math.ceil(len(rows) / recipe.batch) * recipe.epochs
    settings = SFTConfig(
        output_dir=str(folder),
        num_train_epochs=recipe.epochs,
        per_device_train_batch_size=recipe.batch,
        learning_rate=recipe.learning_rate,
        lr_scheduler_type=recipe.schedule,
        warmup_steps=math.ceil(recipe.warmup * steps),
        completion_only_loss=True,
        max_length=recipe.max_length,
        use_cpu=True,
        seed=recipe.seed,
        report_to=[],
        save_strategy="no",
        logging_steps=1,
        disable_tqdm=True,
        dataloader_pin_memory=False,
    )
    adapter = LoraConfig(
        r=recipe.rank,
        lora_alpha=recipe.alpha,
        lora_dropout=recipe.dropout,
        target_modules="all-linear",
        task_type="CAUSAL_LM",
    )
    trainer = SFTTrainer(
        str(base), args=settings, train_dataset=Dataset.from_list(rows), peft_config=adapter, processing_class=tokenizer
    )
    start, busy = time.perf_counter(), time.process_time()
    done = trainer.train()
    learned = get_peft_model_state_dict(trainer.model)
    chat = [tokenizer.apply_chat_template(row["prompt"] + row["completion"], tokenize=False) for row in rows]
    return {
        "seconds": time.perf_counter() - start,
        "cpu": time.process_time() - busy,
        "tokens": sum(len(tokenizer(text).input_ids) for text in chat) * recipe.epochs,
        "steps": done.global_step,
        "weights": {name: value.float() for name, value in learned.items()},
    }


def judge(examples: tuple[Example, ...], base: Path, weights: dict[str, Any], recipe: Recipe) -> float:
    """Mean loss of the held-out answers in float32."""
    import torch

    from emmaus.training import base as bases
    from emmaus.training import lora, sft
    from emmaus.training.tokens import encode

    model = bases.load_model(base, torch.float32)
    sft.prepare(model, recipe)
    lora.restore(model, weights)
    held = encode([e for e in examples if e.split != "train"], bases.load_tokenizer(base), recipe.max_length).kept
    return sft.mean_loss(model, held, recipe)


def side(name: str, arguments: argparse.Namespace) -> None:
    """Run one side in this process and print what it measured."""
    be_considerate()
    examples = read_jsonl(arguments.data) if arguments.data else conversations(arguments.conversations)
    recipe = Recipe(epochs=arguments.epochs, warmup=0.0)  # transformers counts warmup steps from 0, Emmaus from 1
    from emmaus.training import base as bases
    from emmaus.training.sft import peak_memory

    base = bases.unpack(default_model_file(), arguments.cache)
    with tempfile.TemporaryDirectory() as folder:
        measured = (ours if name == "ours" else stock)(examples, Path(folder), base, recipe)
    measured["peak"] = peak_memory()
    measured["loss"] = judge(examples, base, measured.pop("weights"), recipe)
    print("MEASURED", json.dumps(measured))


def run(name: str, arguments: argparse.Namespace) -> dict[str, float]:
    """Run one side in a process of its own."""
    command = [sys.executable, __file__, "--side", name, "--conversations", str(arguments.conversations)]
    command += ["--epochs", str(arguments.epochs), "--cache", str(arguments.cache)]
    command += ["--data", str(arguments.data)] if arguments.data else []
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    found = [line for line in done.stdout.splitlines() if line.startswith("MEASURED ")]
    if not found:
        sys.exit(f"{name} failed:\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}")
    measured: dict[str, float] = json.loads(found[-1].removeprefix("MEASURED "))
    print(
        f"{name:>6}: {measured['tokens'] / measured['seconds']:6.0f} tokens/s "
        f"({measured['tokens'] / measured['cpu']:.0f} per core second), peak {measured['peak'] / 2**20:.0f} MB, "
        f"held-out loss {measured['loss']:.4f}, {measured['steps']:.0f} steps, {measured['tokens']:.0f} tokens",
        flush=True,
    )
    return measured


def main() -> None:
    """Run both sides and print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--conversations", type=int, default=40)
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "emmaus-bench")
    parser.add_argument("--side", choices=["ours", "stock"])
    arguments = parser.parse_args()
    if arguments.side:
        side(arguments.side, arguments)
        return
    from emmaus.training import base as bases

    be_considerate()
    bases.unpack(default_model_file(), arguments.cache)
    mine, theirs = run("ours", arguments), run("stock", arguments)
    speed = mine["tokens"] / mine["seconds"] / (theirs["tokens"] / theirs["seconds"])
    work = mine["tokens"] / mine["cpu"] / (theirs["tokens"] / theirs["cpu"])
    print(f"tokens per second  {speed:.2f} x TRL   (target at least 2)")
    print(f"tokens per core second  {work:.2f} x TRL   (says more when the cores are shared)")
    print(f"peak memory        {mine['peak'] / theirs['peak']:.0%} of TRL   (target at most 60 %)")
    print(f"held-out loss      {mine['loss'] / theirs['loss'] - 1:+.2%} against TRL   (target within 1 %)")


if __name__ == "__main__":
    main()
