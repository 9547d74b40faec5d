import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emmaus.errors import Cancelled
from emmaus.models.slots import Slots
from emmaus.models.stopping import Stop

REQUEST = st.tuples(st.sampled_from([None, "a", "b"]), st.text("xy", max_size=6), st.booleans())


@given(st.integers(1, 3), st.lists(REQUEST, max_size=30))
def test_a_slot_is_warm_only_when_the_same_adapter_surely_filled_it(count, requests) -> None:
    slots = Slots(count)
    holds: dict[int, object] = {}
    for adapter, prompt, succeeds in requests:
        with slots.lease(adapter, prompt) as lease:
            assert lease.warm == (holds.get(lease.id, "nothing") == adapter)
            holds[lease.id] = "unknown"
            if succeeds:
                lease.confirm()
                holds[lease.id] = adapter


def test_whoever_waits_for_a_slot_can_be_stopped() -> None:
    slots, stop = Slots(1), Stop()
    with slots.lease(None, "a long one"):
        threading.Timer(0.1, stop.ask).start()
        with pytest.raises(Cancelled), slots.lease(None, "the next", stop):
            raise AssertionError("there is no free slot")
    with slots.lease(None, "the one after") as lease:
        assert lease.id == 0


def test_the_longest_common_prefix_is_preferred() -> None:
    slots = Slots(3)
    for prompt in ("king david", "king saul"):
        with slots.lease(None, prompt) as lease:
            lease.confirm()
        with slots.lease("other", "") as lease:
            pass
    with slots.lease(None, "king saul said") as lease:
        assert lease.warm


def test_another_slot_is_made_only_where_none_is_new_or_saves_work() -> None:
    allowed = [True, False]
    asked = []

    def another() -> bool:
        asked.append(1)
        return allowed.pop(0)

    slots = Slots(1, another=another)

    def used(prompt: str) -> int:
        with slots.lease(None, prompt) as lease:
            lease.confirm()
            return lease.id

    assert [used("king david"), used("king saul")] == [0, 0]
    assert not asked
    assert used("kite and ruth") == 1
    assert [used("king of all"), used("kite and ruth and naomi")] == [0, 1]
    assert len(asked) == 1
    assert used("paul") == 0
    assert len(asked) == 2


def test_a_lease_waits_for_a_free_slot() -> None:
    slots = Slots(1)
    entered = threading.Event()

    def second() -> None:
        with slots.lease(None, ""):
            entered.set()

    with slots.lease(None, ""):
        thread = threading.Thread(target=second)
        thread.start()
        assert not entered.wait(0.05)
    thread.join(5)
    assert entered.is_set()


def test_an_error_gives_the_slot_back() -> None:
    slots = Slots(1)
    for _ in range(2):
        try:
            with slots.lease(None, ""):
                raise KeyError
        except KeyError:
            pass
    with slots.lease(None, "") as lease:
        assert not lease.warm
