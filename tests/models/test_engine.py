import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest
from asking import SHARED, ask

from emmaus.errors import Cancelled, ContextOverflow, ModelError
from emmaus.models.engine import EmbeddedEngine
from emmaus.models.files import default_model_file
from emmaus.models.protocols import ChatModel, Reply, Sampling
from emmaus.models.stopping import Stop
from emmaus.types import Message

GREEDY = Sampling(temperature=0.0, max_tokens=12)


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def ended(pid: int, seconds: float = 60.0) -> bool:
    until = time.monotonic() + seconds
    while alive(pid) and time.monotonic() < until:
        time.sleep(0.02)
    return not alive(pid)


def test_replies_and_streams_say_the_same(engine: ChatModel) -> None:
    question = ask("Who was your father?")
    engine.reply(question, GREEDY)
    reply = engine.reply(question, Sampling(temperature=0.0, max_tokens=12, top_logprobs=3))
    assert reply.text
    assert reply.text == "".join(engine.stream(question, GREEDY))
    assert (reply.finish, reply.completion_tokens) == ("length", 12)
    assert len(reply.logprobs) == 12
    assert all(len(token.top) == 3 and token.logprob <= 0 for token in reply.logprobs)


def test_the_name_holds_the_hash_of_the_file(engine: EmbeddedEngine) -> None:
    stem, _, digits = engine.name.partition("@")
    assert stem == engine.base_file.stem
    assert len(digits) == 12
    assert set(digits) <= set("0123456789abcdef")


def test_a_prompt_that_leaves_no_room_for_an_answer_is_too_long(engine: EmbeddedEngine) -> None:
    question = ask("peace " * 430)
    assert 384 < engine.count(question) < 512
    with pytest.raises(ContextOverflow, match="can hold 512 at once, 384 of them beside an answer: shorten"):
        next(iter(engine.stream(question)))
    assert engine.reply(question, GREEDY).prompt_tokens == engine.count(question)


def test_prompt_text_tokens_and_counts_agree_with_the_server(engine: EmbeddedEngine) -> None:
    question = ask("Who are you?")
    text = engine.prompt_text(question)
    assert text.startswith("<|im_start|>system\nYou are David")
    assert text.endswith("<|im_start|>assistant\n")
    assert engine.tokenize("<|im_end|>") == (2,)
    assert len(engine.tokenize("<|im_end|>", special=False)) > 1
    assert engine.count(question) == len(engine.tokenize(text)) == engine.reply(question, GREEDY).prompt_tokens


def test_a_prompt_that_does_not_fit_is_said_with_both_numbers(engine: EmbeddedEngine) -> None:
    long = [Message("user", "sheep " * 1000)]
    for call in (lambda: engine.reply(long), lambda: list(engine.stream(long))):
        with pytest.raises(ContextOverflow, match=r"can hold 512 at once.*shorten") as caught:
            call()
        assert caught.value.tokens == engine.count(long)
        assert caught.value.limit == 512


def test_a_prompt_that_nobody_waits_for_is_not_read_to_its_end() -> None:
    with EmbeddedEngine(context=8192, slots=1) as engine:
        long, short = ask("The shepherd counts his sheep and sings. " * 700), ask("Who are you?")
        began = time.monotonic()
        next(engine.stream(short))
        alone = time.monotonic() - began
        stop = Stop()
        threading.Timer(0.5, stop.ask).start()
        with pytest.raises(Cancelled):
            next(engine.stream(long, stop=stop))
        began = time.monotonic()
        next(engine.stream(short))
        # To read all of it takes a hundred times as long as the few words.
        assert time.monotonic() - began < max(8.0, 5 * alone)


def test_an_adapter_that_is_not_loaded_is_refused(engine: EmbeddedEngine) -> None:
    with pytest.raises(ModelError, match=r"'saul' is not loaded \(loaded: a, b\)"):
        engine.reply(ask("Who are you?"), adapter="saul")


def test_closing_a_stream_stops_the_generation(engine: EmbeddedEngine) -> None:
    pieces = engine.stream(ask("Tell me everything."), Sampling(max_tokens=400))
    assert next(pieces)
    pieces.close()
    begun = time.monotonic()
    engine.reply(ask("Who are you?"), Sampling(max_tokens=1))
    assert time.monotonic() - begun < 10


def test_the_end_token_and_every_other_is_scored(engine: EmbeddedEngine) -> None:
    question = ask("What is two and two?")
    plain = engine.score(question, "Four.")
    assert plain.tokens == len(engine.tokenize("Four.", special=False)) + 1
    assert plain.loss > 0
    assert engine.score(question, "Four.").logprob == pytest.approx(plain.logprob, abs=0.05 * plain.tokens)
    assert plain.loss < engine.score(question, "Zebra hinge of.").loss
    assert plain.logprob != pytest.approx(engine.score(question, "Four.", "a").logprob, abs=0.5)


def test_a_score_is_the_sum_of_what_generation_reports(engine: EmbeddedEngine) -> None:
    question = ask("What is a psalm?")
    drawn = engine.reply(question, Sampling(temperature=0.0, max_tokens=10, top_logprobs=1))
    first = engine.next_token_logprobs(question, top=1)[0]
    assert first.text == drawn.logprobs[0].token
    likelihood = engine.score(question, drawn.text)
    after = engine.next_token_logprobs(engine.prompt_text(question) + drawn.text, top=49152)
    end = next(token.logprob for token in after if token.id == 2)
    expected = sum(token.logprob for token in drawn.logprobs) + end
    assert likelihood.logprob == pytest.approx(expected, abs=0.1 * likelihood.tokens)


def test_a_child_that_dies_between_requests_is_started_again() -> None:
    with EmbeddedEngine(context=256, slots=1) as engine:
        engine.reply(ask("Who are you?"), GREEDY)
        first = children()
        for pid in first:
            os.kill(pid, signal.SIGKILL)
            assert ended(pid)
        assert engine.reply(ask("Who are you?"), GREEDY).text
        assert not first & children()


def test_a_child_that_dies_over_a_reply_is_started_again_and_asked_once_more() -> None:
    with EmbeddedEngine(context=512, slots=1) as engine:
        engine.reply(ask("Who are you?"), GREEDY)
        (pid,) = children()
        threading.Timer(0.3, os.kill, (pid, signal.SIGKILL)).start()
        reply = engine.reply(ask("Tell me of Jonathan."), Sampling(temperature=1.0, max_tokens=200))
        assert reply.text
        assert ended(pid)


def test_a_child_that_dies_in_mid_stream_is_said_so() -> None:
    with EmbeddedEngine(context=512, slots=1) as engine:
        pieces = engine.stream(ask("Tell me of Jonathan."), Sampling(max_tokens=300))
        next(pieces)
        for pid in children():
            os.kill(pid, signal.SIGKILL)
        with pytest.raises(ModelError, match="lost in the middle of an answer"):
            list(pieces)
        assert engine.reply(ask("Who are you?"), GREEDY).text


def test_closing_ends_the_child_and_later_requests() -> None:
    before = children()
    engine = EmbeddedEngine(context=256, slots=1)
    engine.start()
    (pid,) = children() - before
    engine.close()
    engine.close()
    assert ended(pid)
    with pytest.raises(ModelError, match="closed"):
        engine.reply(ask("Who are you?"))


@pytest.mark.parametrize("ready", [True, False])
def test_no_orphan_survives_a_killed_parent(ready: bool) -> None:
    wait = "engine.tokenize('x')" if ready else "pass"
    program = f"""
import time
from emmaus.models.engine import EmbeddedEngine
engine = EmbeddedEngine(context=256, slots=1)
engine.start()
{wait}
print(engine._supervisor._child.pid, flush=True)
time.sleep(60)
"""
    parent = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert parent.stdout
    with parent.stdout:
        child = int(parent.stdout.readline())
        assert alive(child)
        parent.kill()
        parent.wait()
    assert ended(child)


def test_a_burst_of_first_requests_starts_one_child() -> None:
    before = children()
    with EmbeddedEngine(context=256, slots=2) as engine:
        threads = [threading.Thread(target=engine.tokenize, args=("x",)) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(children() - before) == 1


def test_closing_in_a_burst_is_an_answer_or_a_clear_error_to_everyone() -> None:
    engine = EmbeddedEngine(context=256, slots=4, apart=True)
    engine.reply(ask("Who are you?"), GREEDY)
    outcomes: list[object] = []

    def talk(number: int) -> None:
        try:
            outcomes.append(engine.reply(ask(f"{number} sheep. Whose are they?"), Sampling(max_tokens=60)))
        except Exception as error:
            outcomes.append(error)

    threads = [threading.Thread(target=talk, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    time.sleep(0.1)  # further servers are being opened now
    engine.close()
    for thread in threads:
        thread.join(30)
    assert len(outcomes) == 6
    assert [type(outcome) for outcome in outcomes if not isinstance(outcome, Reply | ModelError)] == []


def test_a_server_that_cannot_be_opened_is_done_without(tmp_path: Path) -> None:
    model = tmp_path / "model.gguf"
    model.write_bytes(default_model_file().read_bytes())
    with EmbeddedEngine(model, context=256, slots=2, apart=True) as engine:
        engine.reply(ask("Who are you?"), GREEDY)
        model.unlink()
        with ThreadPoolExecutor(4) as pool:
            replies = list(pool.map(lambda n: engine.reply(ask(f"{n}? Who are you?"), GREEDY), range(8)))
        assert all(reply.text for reply in replies)
        child = engine._supervisor._child
        assert child
        assert [line for line in child.log if "no further server could be opened" in line] != []


def children() -> set[int]:
    """Engine children of this process that no shared engine of the session owns."""
    found: set[int] = set()
    for task in Path(f"/proc/{os.getpid()}/task").iterdir():
        with suppress(FileNotFoundError):  # a thread that ended since it was listed
            found |= set(map(int, (task / "children").read_text().split()))
    return {pid for pid in found if alive(pid)} - SHARED
