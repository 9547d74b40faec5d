"""Forgetting: the words are gone from every table and from the bytes of the file, and nothing else is."""

import random
import subprocess
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from emmaus.errors import StoreError
from emmaus.store import open_store
from emmaus.store.database import driver
from emmaus.store.forget import LONG, words_of
from emmaus.store.schema import vectors
from emmaus.types import Adapter, ConsentEvent, Conversation, Dataset, Rating, Rejection, Scope, Score

from .records import adapter, consent, conversation, dataset, turn

SECRET = "quetzal"


def bytes_of(home):
    # By another process: whoever opens and closes the file in this one takes SQLite's locks away.
    return subprocess.run(["cat", *home.glob("emmaus.db*")], capture_output=True, check=True).stdout


def secret(number):
    filler = "".join(random.Random(number).choices("abcdefghij ", k=number % 900))
    return f"My {SECRET} number {number} is ill. {filler}"


def fill(store):
    mine = [
        conversation(f"mine-{n}", turn(f"mine-{n}-t", secret(n), f"About your {SECRET}: {secret(n + 7)}"), subject="me")
        for n in range(300)
    ]
    theirs = [
        conversation(f"theirs-{n}", turn(f"theirs-{n}-t", f"Question {n}?" * 30), subject="you") for n in range(300)
    ]
    # One by one and mixed: rows move between pages, and leave copies of themselves behind.
    for pair in zip(mine, theirs, strict=True):
        store.add_all(pair)
    store.add_all([
        Rating("on-mine", "mine-0-t", "you", -1, reason=f"wrong {SECRET}"),
        Rating("on-theirs-by-me", "theirs-0-t", "me", 1, correction=f"say that my {SECRET} lives"),
        Rating("on-theirs", "theirs-0-t", "you", 1, reason="good"),
        Score("of-mine", "mine-0-t", "rubric", "checks", {}, 0.5, findings=(f"names a {SECRET}",)),
        Score("of-theirs", "theirs-0-t", "rubric", "checks", {}, 0.5),
        Rejection("whole", "j", "duplicate", "", secret(3).upper(), "an answer"),
        Rejection("within", "j", "duplicate", f"nearly the same as: {secret(4)}", "q", "a"),
        Rejection("twin", "j", "duplicate", "", "a question", "an answer", twin="mine-5"),
        Rejection("other", "j", "duplicate", "theirs-1", "Question 1?", "My answer"),
        consent("grant", "me", Scope.STORE, Scope.TRAIN),
        conversation("derived", turn("derived-t", secret(1), "a better answer"), parents=("mine-1",)),
        dataset("d", [*mine[:20], *theirs[:20]], {"dropped": [{"rule": "twin", "evidence": secret(2)}, "kept"]}),
        adapter("a", 1, "d"),
    ])  # fmt: skip
    return mine, theirs


def test_forgetting_removes_the_words_and_nothing_else(store, home):
    mine, theirs = fill(store)
    assert SECRET.encode() in bytes_of(home)
    frozen = store.get(Dataset, "d")

    assert store.forget("me") == len(mine) + 1

    assert SECRET.encode() not in bytes_of(home)
    assert SECRET.upper().encode() not in bytes_of(home)
    assert store.find(Conversation) == theirs
    assert {item.id for item in store.find(Rating)} == {"on-theirs"}
    assert {item.id for item in store.find(Score)} == {"of-theirs"}
    assert {item.id for item in store.find(Rejection)} == {"other"}
    assert store.find(ConsentEvent) == [consent("grant", "me", Scope.STORE, Scope.TRAIN)]
    left = store.get(Dataset, "d")
    assert SECRET not in repr(left)
    assert left.examples == frozen.examples[20:]
    assert left.report == {"dropped": [{"rule": "twin", "evidence": ""}, "kept"]}
    assert (left.hash, left.parents) == (frozen.hash, frozen.parents)


def test_a_vector_made_with_the_words_of_somebody_else_goes_with_them(store):
    fill(store)
    store.add(consent("theirs", "you", Scope.STORE, Scope.TRAIN))
    store.add(Rating("liked", "theirs-1-t", "you", 1))
    packed = {"theirs-0-t": b"corrected by me", "theirs-1-t": b"theirs alone"}
    assert store.keep_vectors("words", {turn: packed[turn.turn] for turn in store.usable(packed).values()}) == set(
        packed
    )
    store.forget("me")
    with store._engine.connect() as connection:
        assert connection.scalars(select(vectors.c.turn)).all() == ["theirs-1-t"]


def test_what_learned_from_the_words_can_still_be_found(store):
    fill(store)
    store.forget("me")
    assert [item.id for item in store.datasets_with("mine-3")] == ["d"]
    assert [item.id for item in store.find(Adapter, dataset="d")] == ["a"]


def test_forgetting_a_stranger_changes_nothing(store, home):
    talk = store.add(conversation(subject="you"))
    kept = store.add(Rejection("r", "j", "rule", "", "", ""))
    assert store.forget("me") == 0
    assert store.find(Conversation) == [talk]
    assert store.find(Rejection) == [kept]


def test_short_words_do_not_take_others_with_them(store):
    store.add(conversation("c", turn("t", "Why?", "So."), subject="me"))
    store.add_all(
        [Rejection("same", "j", "rule", "", "why? ", "x"), Rejection("longer", "j", "rule", "", "Why? Who?", "y")]
    )
    store.forget("me")
    assert [item.id for item in store.find(Rejection)] == ["longer"]


def test_error_logs_go_with_the_words(store, home):
    logs = home / "logs"
    logs.mkdir()
    (logs / "error-1.log").write_text(f"ValueError: my {SECRET} is ill")
    store.forget("me")
    assert list(logs.iterdir()) == []
    (logs / "folder").mkdir()
    with pytest.raises(StoreError, match=f"may still stand in {logs} .*: delete the files there"):
        store.forget("me")


def test_a_second_open_store_sees_it_too_and_the_file_stays_sound(store, home):
    with open_store(home) as other:
        fill(other)
        assert other.count(Conversation, subject="me") == 300
        store.forget("me")
        assert other.count(Conversation, subject="me") == 0
        other.add(conversation("later", subject="me"))
    store.close()
    with driver.connect(home / "emmaus.db") as raw:
        assert raw.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert raw.execute("PRAGMA foreign_key_check").fetchall() == []
    raw.close()


@given(st.frozensets(st.text("ab ", max_size=24), max_size=6), st.text("ab ", max_size=60), st.data())
def test_long_words_are_found_wherever_they_stand(texts, around, data):
    words = words_of(frozenset(filter(None, (" ".join(text.split()) for text in texts))))
    if words.texts and data.draw(st.booleans()):
        around += data.draw(st.sampled_from(sorted(words.texts))) + data.draw(st.text("ab ", max_size=9))
    field = " ".join(around.split())
    naive = field in words.texts or any(len(text) >= LONG and text in field for text in words.texts)
    assert words.stand_in(around) == naive


def test_many_words_take_hardly_longer_to_be_found_than_few():
    fields = [secret(number) for number in range(500, 800)]

    def seconds(count):
        words = words_of(frozenset(f"the {number:,} of my own words" for number in range(count)))
        began = time.process_time()
        assert not any(map(words.stand_in, fields))
        return time.process_time() - began

    assert seconds(20_000) < 50 * seconds(20)


def test_one_conversation_goes_with_every_trace_and_the_others_stay(store, home):
    mine, theirs = fill(store)
    store.add(Rating("on-1-by-me", "mine-1-t", "me", 1, correction="a quokka would say more"))
    answered = Conversation("echo", "david", mine[0].source, (turn("echo-t", "Who?", "a quokka would say more"),))
    store.add(dataset("d2", [answered, theirs[0]]))
    assert b"quokka" in bytes_of(home)

    assert store.forget_one("mine-1") == 2  # and what was derived from it

    left = {found.id for found in store.find(Conversation)}
    assert left == {item.id for item in (*mine, *theirs)} - {"mine-1"}
    assert secret(1).encode() not in bytes_of(home)
    assert b"quokka" not in bytes_of(home)
    assert {item.id for item in store.find(Rating)} == {"on-mine", "on-theirs-by-me", "on-theirs"}
    assert {item.id for item in store.find(Rejection)} == {"whole", "within", "twin", "other"}
    frozen = store.get(Dataset, "d")
    assert [example.conversation for example in frozen.examples] == [f"mine-{n}" for n in range(20) if n != 1] + [
        f"theirs-{n}" for n in range(20)
    ]
    assert "mine-1" in frozen.parents
    assert [example.conversation for example in store.get(Dataset, "d2").examples] == ["theirs-0"]
    assert store.forget_one("mine-1") == 0
