"""Small real parts that the tests of several rooms share: an embedder of words, a rule that answers, a likelihood."""

import hashlib
import re
import time
from pathlib import Path

import numpy as np

from emmaus import serving
from emmaus.errors import ModelError
from emmaus.models.protocols import Likelihood
from emmaus.types import Adapter, Dataset, Decision, Evaluation, Message, digest

STOICS = Path(__file__).parent / "packs" / "stoics"
DIMENSIONS = 256
WHOLE = b"GGUF" + bytes(100)
"""Bytes that pass for a GGUF until somebody loads them."""


class WordVectors:
    """An embedder without a model: each word is a direction, so texts are alike that share words."""

    name = "words"

    def embed(self, texts):
        vectors = np.zeros((len(texts), DIMENSIONS), dtype=np.float32)
        for row, text in enumerate(texts):
            for word in re.findall(r"\w+", text.lower()) or ["nothing"]:
                vectors[row, int(digest(word, 6), 16) % DIMENSIONS] += 1
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


class Replaced(WordVectors):
    """Another model under the same name, as a server may have it: its vectors are half as long."""

    def __init__(self, *, shorter=False):
        self.shorter = shorter

    def embed(self, texts):
        found = super().embed(texts)
        return found[:, ::2] + found[:, 1::2] if self.shorter else found


class Lost(WordVectors):
    """An embedder whose server is away while `away`."""

    away = True

    def embed(self, texts):
        if self.away:
            raise ModelError("the embedding server was lost: start it")
        return super().embed(texts)


class Likely:
    """Gives any chat model a likelihood: long words are unlikely, less so to `learned` adapters."""

    def __init__(self, model, learned=()):
        self._model = model
        self._learned = frozenset(learned)
        self.name, self.reply, self.stream = model.name, model.reply, model.stream

    def score(self, messages, answer, adapter=None):
        tokens = answer.split()
        each = sum(map(len, tokens)) / len(tokens) / (3 if adapter in self._learned else 2)
        return Likelihood(-each * len(tokens), len(tokens))


OPENINGS = [
    "I would begin with what lies in my own hands",
    "My first thought goes to the morning and its work",
    "I have carried such a weight up many stairs",
    "Nobody told me that either, and I found it late",
    "I see two doors before you and I know both",
    "It was long before I could laugh about it",
    "I asked my teacher the same on a wet evening",
    "We are slow pupils in this, and I am the slowest",
]
MIDDLES = [
    "I looked at the lamp and asked what it could teach me about losing",
    "I walked to the harbour and counted the sails until my breath was even",
    "I let the loud men shout and kept the bread warm for the quiet ones",
    "I wrote nothing down because my hands were busy with the water jars",
    "I learned to greet the thing I feared as one greets a tiresome neighbour",
    "I took the smaller portion and noticed that my hunger was no smaller for it",
    "I sat with the old porter who had lost more than I and sang while sweeping",
    "I told myself each noon that the day owed me neither sun nor shade",
]
ENDINGS = [
    "Try it tomorrow before you speak to anybody",
    "What would remain if you let the rest go",
    "Begin small, with the cup that you are holding",
    "Do not hurry, but do not sit down either",
    "Ask again when you have slept on it",
    "Hold on to the handle that carries",
    "Tell me tonight which of them you chose",
    "Keep one hour for it and guard the door",
]
BAD = [
    "As an AI language model I cannot have feelings, but here is what people usually do about it in such a case.",
    "I know. I know. I know. I know. I know. I know. I know. I know. I know. I know. I know. I know.",
    "Yes.",
    "- first this\n- then that\n- and I would rest",
]


def question_in(messages):
    """The question at the end of a rendered prompt."""
    return messages[-1].content.rsplit("\n\n", 1)[-1]


def varied(messages, adapter=None):
    """A scripted answer that depends on the question alone: mostly good, never the same, one in three bad."""
    number = int(digest([question_in(messages), adapter], 12), 16)
    if number % 3 == 0:
        return BAD[number // 3 % len(BAD)]
    return good(number // 3)


def good(number):
    """The good answer of this number; neighbours share no sentence."""
    parts = []
    for kind in (OPENINGS, MIDDLES, ENDINGS):
        number, place = divmod(number, len(kind))
        parts.append(kind[place])
    second = MIDDLES[(MIDDLES.index(parts[1]) + 1 + number % 7) % len(MIDDLES)]
    return f"{parts[0]}. {parts[1]}. Then {second[0].lower() if second[0] != 'I' else 'I'}{second[1:]}. {parts[2]}."


def user(text):
    """One message of a person."""
    return (Message("user", text),)


def until(condition, seconds=20):
    """Wait for something that another process does."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.01)


def go_live(app, slug, content=WHOLE):
    """Register an adapter of a character with this file, and promote it."""
    name, version = f"{slug}-1", 1
    file = app.parts.path / "adapters" / name / "lora.gguf"
    file.parent.mkdir(parents=True)
    file.write_bytes(content)
    app.store.add(Dataset(f"d-{slug}", slug, "hash", (), {}, 0))
    files = {file.name: hashlib.sha256(content).hexdigest()}
    where = (f"adapters/{name}", f"adapters/{name}/lora.gguf")
    app.store.add(Adapter(name, slug, version, "base", {}, f"d-{slug}", "hash", *where, files, {}))
    decision = Decision(True, ("composite rises",))
    found = app.store.add(Evaluation(f"e-{slug}", slug, name, None, "base", "p", (), (), (), decision))
    serving.promote(app.store, app.parts.path, found, by="me")
    return file
