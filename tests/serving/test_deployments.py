"""What goes live: only on evidence, only the file that was evaluated, and back again step by step."""

import hashlib
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emmaus.accounts import audit
from emmaus.errors import EmmausError, GateHeld, NotFound
from emmaus.serving import current, live_adapters, promote, rollback, words
from emmaus.store import open_store
from emmaus.types import Adapter, Dataset, Decision, Deployment, Evaluation


def adapter(store, name, version):
    content = f"weights of {name}".encode()
    file = store.home / "adapters" / name / "lora.gguf"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    store.add(Dataset("d1", "david", "hash", (), {}, 0))
    files = {"lora.gguf": hashlib.sha256(content).hexdigest()}
    where = (f"adapters/{name}", f"adapters/{name}/lora.gguf")
    return store.add(Adapter(name, "david", version, "base", {}, "d1", "hash", *where, files, {}))


def evaluation(store, candidate, incumbent=None, *, allowed=True):
    decision = Decision(allowed, ("composite rises" if allowed else "composite does not rise",))
    known = store.count(Evaluation)
    return store.add(Evaluation(f"e{known}", "david", candidate, incumbent, "base", "p", (), (), (), decision))


def go_live(store, name):
    live = current(store, "david")
    return promote(store, store.home, evaluation(store, name, live.adapter if live else None), by="me")


@pytest.fixture
def store(kept):
    for version, name in enumerate(("one", "two", "three"), 1):
        adapter(kept, name, version)
    return kept


def test_what_the_gate_allows_goes_live(store):
    assert current(store, "david") is None
    deployment = promote(store, store.home, evaluation(store, "one"), by="me", clock=lambda: 7.0)
    assert (deployment.adapter, deployment.by, deployment.at, deployment.replaced) == ("one", "me", 7.0, None)
    assert current(store, "david") == deployment
    assert {slug: found.id for slug, found in live_adapters(store).items()} == {"david": "one"}


def test_what_the_gate_holds_does_not(store):
    with pytest.raises(GateHeld, match="the gate holds one: composite does not rise"):
        promote(store, store.home, evaluation(store, "one", allowed=False), by="me")
    assert store.find(Deployment) == []


def test_a_stale_evaluation_is_refused(store):
    stale = evaluation(store, "two")
    go_live(store, "one")
    with pytest.raises(
        GateHeld, match=r"against the bare base model, but version 1 \(one\) is live now: emmaus evaluate david$"
    ):
        promote(store, store.home, stale, by="me")
    assert current(store, "david").adapter == "one"


def test_what_ships_is_replaced_only_by_what_was_measured_against_it(store):
    for measured in (None, "starter-0"):
        with pytest.raises(GateHeld, match=r"but the adapter that ships \(starter-1\) is live now"):
            promote(store, store.home, evaluation(store, "one", measured), starter="starter-1", by="me")
    with pytest.raises(
        GateHeld, match=r"against the adapter that ships \(starter-1\), but the bare base model is live"
    ):
        promote(store, store.home, evaluation(store, "one", "starter-1"), by="me")
    promoted = promote(store, store.home, evaluation(store, "one", "starter-1"), starter="starter-1", by="me")
    assert promoted.adapter == "one"
    rollback(store, "david", by="me")
    with pytest.raises(GateHeld, match="starter-1"):
        promote(store, store.home, evaluation(store, "two"), starter="starter-1", by="me")
    assert promote(store, store.home, evaluation(store, "two", "starter-1"), starter="starter-1", by="me")


def test_what_is_spoken_through_has_words(store):
    said = [words(store, adapter) for adapter in (None, "starter-1", "two")]
    assert said == ["the bare base model", "the adapter that ships (starter-1)", "version 2 (two)"]


def test_promoting_what_is_live_changes_nothing(store):
    first = go_live(store, "one")
    again = promote(store, store.home, evaluation(store, "one", allowed=False), by="you")
    assert again == first
    assert store.count(Deployment) == 1


@pytest.mark.parametrize("harm", ["changed", "missing"])
def test_another_file_than_the_evaluated_one_is_refused(store, harm):
    file = store.home / "adapters" / "one" / "lora.gguf"
    if harm == "changed":
        file.write_bytes(file.read_bytes() + b"!")
    else:
        file.unlink()
    with pytest.raises(EmmausError, match=r"(its hash differs\)|is missing): .*emmaus train d1"):
        go_live(store, "one")
    assert store.find(Deployment) == []


def test_rolling_back_twice_goes_two_steps_back(store):
    for name in ("one", "two", "three"):
        go_live(store, name)
    assert [rollback(store, "david", by="me").adapter for _ in range(3)] == ["two", "one", None]
    with pytest.raises(NotFound, match="there is nothing to roll back"):
        rollback(store, "david", by="me")
    assert live_adapters(store) == {}
    assert go_live(store, "two").adapter == "two"


def test_a_named_deployment_is_rolled_back_once(store):
    go_live(store, "one")
    latest = go_live(store, "two")
    with ThreadPoolExecutor(4) as several:
        asked = [several.submit(rollback, store, "david", deployment=latest.id, by="me") for _ in range(4)]
    done = [one.result() for one in asked if one.exception() is None]
    assert {one.adapter for one in done} == {"one"}
    assert store.count(Deployment) == 3
    with pytest.raises(EmmausError, match="another deployment of david is in force by now"):
        rollback(store, "david", deployment=latest.id, by="me")
    assert current(store, "david") == done[0]
    noted = [(event.who, event.act, event.object, event.detail) for event in audit.read(store)]
    assert noted == [
        ("me", "rollback", "david", "version 1 (one)"),
        ("me", "promote", "david", "version 2 (two)"),
        ("me", "promote", "david", "version 1 (one)"),
    ]


def test_nothing_to_roll_back_is_said(store):
    with pytest.raises(NotFound, match="david speaks through no adapter of their own"):
        rollback(store, "david", by="me")
    assert store.find(Deployment) == []


def test_a_rollback_serves_no_changed_file_either(store):
    go_live(store, "one")
    go_live(store, "two")
    (store.home / "adapters" / "one" / "lora.gguf").write_bytes(b"something else")
    with pytest.raises(EmmausError, match="its hash differs"):
        rollback(store, "david", by="me")
    assert current(store, "david").adapter == "two"


@settings(max_examples=25, suppress_health_check=list(HealthCheck))
@given(moves=st.lists(st.sampled_from(["one", "two", "three", None]), max_size=12))
def test_rollbacks_undo_promotions_one_by_one(tmp_path_factory, moves):
    with open_store(tmp_path_factory.mktemp("live")) as store:
        for version, name in enumerate(("one", "two", "three"), 1):
            adapter(store, name, version)
        stack = []
        for move in moves:
            if move is not None:
                go_live(store, move)
                if stack[-1:] != [move]:
                    stack.append(move)
            elif stack:
                stack.pop()
                assert rollback(store, "david", by="me").adapter == (stack[-1] if stack else None)
            else:
                with pytest.raises(NotFound):
                    rollback(store, "david", by="me")
            live = current(store, "david")
            assert (live.adapter if live else None) == (stack[-1] if stack else None)


def test_what_goes_live_meanwhile_is_not_replaced_unseen(store, monkeypatch):
    from emmaus.serving import deployments

    first, second = evaluation(store, "one"), evaluation(store, "two")
    checked, whole = [], deployments._verify

    def meanwhile(home, adapter):
        whole(home, adapter)
        if not checked:
            checked.append(adapter)
            promote(store, store.home, first, by="somebody else")

    monkeypatch.setattr(deployments, "_verify", meanwhile)
    with pytest.raises(EmmausError, match="came into force meanwhile"):
        promote(store, store.home, second, by="me")
    assert [deployment.adapter for deployment in store.find(Deployment)] == ["one"]
