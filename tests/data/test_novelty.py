"""Near-duplicates and held-out questions: found whatever stands around them, and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emmaus.data.filters import PROBE_OVERLAP, ProbeGuard
from emmaus.data.novelty import ALIKE, Novelty, shingled
from emmaus.packs import load_pack
from emmaus.types import Probe
from parts import good

WORDS = """sheep stone river king song night brother sword field bread water harp cave light road hand door
fear""".split()  # noqa: SIM905
sentences = st.lists(st.sampled_from(WORDS), min_size=1, max_size=14).map(" ".join)


def probe(text, id="p"):
    return Probe(id, "david", "courage", "life", text)


def alike(one, other):
    a, b = shingled(one), shingled(other)
    return len(a & b) / len(a | b)


@given(st.lists(sentences, max_size=8, unique=True), sentences)
def test_a_twin_is_really_alike_and_an_equal_text_is_always_found(seen, text):
    novelty = Novelty((str(number), other) for number, other in enumerate(seen))
    twin = novelty.twin(text)
    if twin is not None:
        assert alike(seen[int(twin)], text) >= ALIKE
    novelty.add("itself", text)
    assert novelty.twin(text) is not None
    assert novelty.twin(f"{text.upper()}!?") is not None


def test_few_twins_are_missed_and_none_is_made_up():
    texts = [good(number) for number in range(0, 512, 5)]
    novelty = Novelty(enumerated(texts))
    changed = [text.replace("tomorrow", "today").replace("small", "little").replace("hurry", "rush") for text in texts]
    near = [(text, other) for text, other in zip(texts, changed, strict=True) if alike(text, other) >= ALIKE]
    assert len(near) == len(texts)
    assert sum(novelty.twin(text) is not None for text in changed) >= 0.97 * len(near)
    for number, text in enumerate(good(n) for n in range(3, 512, 5)):
        twin = novelty.twin(text)
        assert (twin is not None) <= any(alike(text, other) >= ALIKE for other in texts), number


def enumerated(texts):
    return [(str(number), text) for number, text in enumerate(texts)]


def test_an_empty_novelty_knows_no_twin():
    assert Novelty().twin("anything at all") is None


def test_apostrophes_of_both_kinds_are_the_same():
    assert Novelty([("a", "What don't you tell your brothers?")]).twin("what don’t you tell your brothers") == "a"
    assert ProbeGuard([probe("What don't you tell your brothers?")]).overlaps("What don’t you tell your brothers?")


@given(sentences.filter(lambda text: text.count(" ") > 1), sentences, sentences)
def test_a_probe_is_recognised_with_words_around_it(held_out, before, after):
    guard = ProbeGuard([probe(held_out)])
    for question in (held_out, held_out.upper() + "?!", f"{before}. {held_out}?", f"{held_out}, {after}"):
        assert guard.overlaps(question) == probe(held_out)


@given(st.lists(sentences, max_size=6), sentences)
def test_what_is_recognised_shares_words_with_the_probe(held_out, question):
    found = ProbeGuard(map(probe, held_out)).overlaps(question)
    if found is not None and len(found.ask.split()) > 2:
        common = shingled(found.ask) & shingled(question)
        assert len(common) >= PROBE_OVERLAP * min(len(shingled(found.ask)), len(shingled(question)))


@pytest.mark.parametrize(
    ("question", "recognised"),
    [
        ("What was the first thing you noticed about Goliath?", True),
        ("What was the first thing you noticed about Goliath when he came out to shout at us?", True),
        ("What did Goliath wear on his head?", False),
        ("What did you notice about your brothers when you came to them?", False),
    ],
)
def test_reworded_probes(question, recognised):
    guard = ProbeGuard([probe("What was the first thing you noticed about Goliath when he came out to shout?")])
    assert (guard.overlaps(question) is not None) == recognised


def test_every_probe_of_the_pack_recognises_itself_among_the_others():
    pack = load_pack()
    probes = [probe for slug in pack.characters for probe in pack.probes(slug)]
    guard = ProbeGuard(probes)
    assert all(guard.overlaps(f"I am a shepherd too. {probe.ask}") for probe in probes)
