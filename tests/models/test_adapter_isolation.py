"""Adapters of one engine never speak through each other.

Where slots share a server, llama.cpp batches requests of the same adapter, and other batch sizes take other kernels; so
does a cached prefix. Log-probabilities move by up to about 0.15. The random adapters here move them by far more; the
claim is about distributions.
"""

import threading
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle, islice
from pathlib import Path

import pytest
from asking import ask

from emmaus.errors import ContextOverflow, ModelFileError
from emmaus.models.engine import EmbeddedEngine
from emmaus.models.protocols import Reply, Sampling

FIRST = Sampling(temperature=0.0, max_tokens=4, top_logprobs=20)
QUESTIONS = ("Who are you?", "Were you afraid of Goliath?", "What is a psalm?")
SPEAKERS = (None, "a", "b")
NOISE = 0.4
"""Nats; what batching and cached prefixes may move, with room."""


def tops(reply: Reply) -> dict[str, float]:
    return dict(reply.logprobs[0].top)


def distance(one: Reply, other: Reply) -> float:
    """Largest difference of log-probability among the likeliest eight first tokens, 9 where a token is not there."""
    first, second = tops(one), tops(other)
    likely = sorted(first, key=first.__getitem__)[-8:]
    return max(abs(first[token] - second.get(token, first[token] - 9)) for token in likely)


@pytest.fixture(scope="module")
def alone(loras: dict[str, Path]) -> dict[tuple[str, str | None], Reply]:
    """What each says when nobody else does, each in an engine that holds no other adapter."""
    said = {}
    for speaker in SPEAKERS:
        adapters = {speaker: loras[speaker]} if speaker else {}
        with EmbeddedEngine(adapters=adapters, threads=2, context=512, slots=1) as engine:
            for question in QUESTIONS:
                said[question, speaker] = engine.reply(ask(question), FIRST, adapter=speaker)
    return said


def test_the_adapters_really_differ(alone) -> None:
    for question in QUESTIONS:
        for one, other in ((None, "a"), (None, "b"), ("a", "b")):
            assert distance(alone[question, one], alone[question, other]) > 2 * NOISE


def test_no_adapter_leaks_when_they_take_turns(engine: EmbeddedEngine, alone) -> None:
    for speaker in (None, "a", "b", "b", None, None, "a", None, "b", "a"):
        for question in QUESTIONS:
            said = engine.reply(ask(question), FIRST, adapter=speaker)
            assert distance(said, alone[question, speaker]) < NOISE, (question, speaker)


def test_no_adapter_leaks_among_eight_threads(engine: EmbeddedEngine, alone) -> None:
    work = list(islice(cycle(alone), 36))
    with ThreadPoolExecutor(8) as pool:
        said = list(pool.map(lambda item: engine.reply(ask(item[0]), FIRST, adapter=item[1]), work))
    for item, reply in zip(work, said, strict=True):
        assert distance(reply, alone[item]) < NOISE, item


def test_no_adapter_leaks_after_a_request_that_was_refused_or_broken_off(engine: EmbeddedEngine, alone) -> None:
    question = QUESTIONS[1]
    for speaker, before in (("a", None), (None, "b"), ("b", "a")):
        for _ in range(4):
            engine.reply(ask(question), FIRST, adapter=before)
        for _ in range(4):
            with pytest.raises(ContextOverflow):
                engine.reply(ask("sheep " * 900), FIRST, adapter=speaker)
        for _ in range(4):
            pieces = engine.stream(ask("Tell me of your flock."), FIRST, adapter=speaker)
            assert next(pieces, None)
            pieces.close()
        assert distance(engine.reply(ask(question), FIRST, adapter=speaker), alone[question, speaker]) < NOISE


def test_uncached_numbers_repeat_exactly(engine: EmbeddedEngine) -> None:
    first = engine.next_token_logprobs(ask(QUESTIONS[0]), "a", top=5)
    engine.reply(ask(QUESTIONS[0]), FIRST, adapter="b")
    assert engine.next_token_logprobs(ask(QUESTIONS[0]), "a", top=5) == first


def test_a_switch_loses_no_request_and_ends_the_old_child(loras: dict[str, Path], alone) -> None:
    with EmbeddedEngine(adapters={"a": loras["a"]}, threads=2, context=512, slots=2) as engine:
        old = engine._supervisor
        pieces = engine.stream(ask("Tell me of Jonathan."), Sampling(temperature=0.0, max_tokens=40), adapter="a")
        said = [next(pieces)]
        first_child = old._child
        assert first_child
        stop = threading.Event()
        replies: list[Reply] = []
        errors: list[Exception] = []

        def keep_asking() -> None:
            while not stop.is_set():
                try:
                    replies.append(engine.reply(ask(QUESTIONS[0]), FIRST, adapter="a"))
                except Exception as error:
                    errors.append(error)

        thread = threading.Thread(target=keep_asking)
        thread.start()
        engine.use({"b": loras["b"], "a": loras["a"]})
        assert engine.adapters == ("b", "a")
        assert first_child.alive
        assert distance(engine.reply(ask(QUESTIONS[0]), FIRST, adapter="b"), alone[QUESTIONS[0], "b"]) < NOISE
        said += pieces
        stop.set()
        thread.join()
        assert len(said) > 3
        assert not errors
        assert replies
        assert all(distance(reply, alone[QUESTIONS[0], "a"]) < NOISE for reply in replies)
        assert first_child.died(5)


def test_a_switch_to_a_broken_adapter_changes_nothing(engine: EmbeddedEngine, tmp_path: Path) -> None:
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"GGUF" + b"\xff" * 100)
    with pytest.raises(ModelFileError, match=r"broken\.gguf"):
        engine.use({"a": broken})
    assert engine.adapters == ("a", "b")
    assert engine.reply(ask(QUESTIONS[0]), FIRST, adapter="b").text
