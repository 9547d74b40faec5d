from hypothesis import given
from hypothesis import strategies as st

from emmaus.training.batches import Pack, epoch, pack, split
from emmaus.training.tokens import Tokens


@st.composite
def groups(draw: st.DrawFn) -> list[Tokens]:
    opening = draw(st.lists(st.integers(0, 3), min_size=1, max_size=6))
    out = []
    for number in range(draw(st.integers(1, 6))):
        rest = draw(st.lists(st.integers(0, 3), min_size=2, max_size=8))
        marks = draw(st.lists(st.booleans(), min_size=len(rest) - 1, max_size=len(rest) - 1))
        learn = (False,) * len(opening) + (*marks, True)
        out.append(Tokens(str(number), (*opening, *rest), learn))
    return out


def learned(tokens: Tokens) -> list[tuple[tuple[int, ...], int]]:
    return [(tokens.ids[:place], tokens.ids[place]) for place, wanted in enumerate(tokens.learn) if wanted]


def unpacked(packed: Pack) -> list[tuple[tuple[int, ...], int]]:
    """What each source of a pack sees, and its target."""
    out = []
    for source, target in zip(packed.sources, packed.targets, strict=True):
        start = packed.prefix
        for rest in packed.rests:
            if source < start + rest:
                break
            start += rest
        own = packed.ids[start : source + 1] if source >= packed.prefix else ()
        out.append((packed.ids[: min(packed.prefix, source + 1)] + own, target))
    return out


@given(groups())
def test_a_pack_teaches_exactly_what_its_conversations_teach(group: list[Tokens]) -> None:
    packed = pack(group)
    assert sorted(unpacked(packed)) == sorted(item for tokens in group for item in learned(tokens))
    assert len(packed.ids) == packed.prefix + sum(packed.rests) == len(packed.positions)
    assert packed.full == sum(len(tokens.ids) for tokens in group)


@given(groups(), st.integers(1, 40))
def test_splitting_loses_nothing_and_keeps_to_the_budget(group: list[Tokens], budget: int) -> None:
    packs = split(group, budget)
    assert sorted(i for packed in packs for i in unpacked(packed)) == sorted(i for t in group for i in learned(t))
    assert all(len(packed.ids) <= budget or len(packed.rests) == 1 for packed in packs)


@given(st.integers(1, 50), st.integers(1, 9), st.integers(0, 5), st.integers(0, 5))
def test_an_epoch_is_an_order_of_everything(count: int, batch: int, seed: int, number: int) -> None:
    order = list(epoch(count, batch, seed, number))
    assert sorted(index for group in order for index in group) == list(range(count))
    assert order == list(epoch(count, batch, seed, number))
