"""What lets somebody in: passwords, sessions, one-time links, keys, and how often something may be tried."""

from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import replace
from threading import Barrier

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emmaus.accounts import accounts, audit, keys, links, passwords, sessions
from emmaus.accounts.limits import Limiter, Pace
from emmaus.accounts.person import RIGHTS, at_this_computer, holder
from emmaus.accounts.signing_in import WRONG, SigningIn, network
from emmaus.errors import BadInput, NotAllowed, NotFound, NotSignedIn, TooMany, TooOften
from emmaus.store import open_store
from emmaus.store.database import driver, writing
from emmaus.types import AuditEvent, Invitation, Post, Scope, Session

WORDS = "a stone was rolled away"
HERE = "203.0.113.9"


@pytest.fixture
def ruth(kept, clock):
    return accounts.add(kept, "Ruth", WORDS, Post.READER, by="local", clock=clock)


@contextmanager
def hindered(kept):
    """Another process writes, for as long as the block lasts."""
    raw = driver.connect(kept.home / "emmaus.db", isolation_level=None)
    raw.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        raw.execute("ROLLBACK")
        raw.close()


@pytest.fixture
def signing(kept, clock):
    return SigningIn(kept, clock)


def test_a_password_is_kept_as_argon2id_and_verified():
    hash = passwords.hash_password(WORDS)
    assert hash.startswith("$argon2id$")
    assert WORDS not in hash
    assert passwords.verify(hash, WORDS)
    assert not passwords.verify(hash, WORDS + " ")
    assert not passwords.verify(None, WORDS)
    assert not passwords.verify("no hash at all", WORDS)
    assert not passwords.outdated(hash)
    assert passwords.outdated(hash.replace("t=3", "t=1"))


@pytest.mark.parametrize(
    ("password", "says"),
    [("x" * 11, "11 characters"), ("x" * 1025, "1,025"), ("Magdalena-mary", "name"), ("a" * 20, "one letter")],
)
def test_a_password_that_cannot_be_taken_says_why(password, says):
    with pytest.raises(BadInput, match=says):
        passwords.checked(password, "magdalena-mary")


def test_a_name_and_its_password_let_in_and_nothing_tells_whether_a_name_exists(kept, signing, ruth):
    assert signing.sign_in(" RUTH ", WORDS, HERE) == ruth
    accounts.add(kept, "orpah", WORDS, Post.READER, by="local", clock=lambda: 0.0)
    accounts.close(kept, "orpah", by="local", clock=lambda: 0.0)
    said = []
    for name in ("ruth", "nobody", "orpah", "\ud800", ""):
        with pytest.raises(NotSignedIn) as refused:
            signing.sign_in(name, WORDS if name == "orpah" else "not the words", HERE)
        said.append(str(refused.value))
    assert set(said) == {WRONG}
    assert "nobody" not in repr(audit.read(kept))  # it may have been a password


@pytest.mark.parametrize("name", ["ruth", "nobody"])
def test_five_failures_lock_a_name_for_a_minute_then_two_and_a_restart_changes_nothing(kept, ruth, clock, name):
    def fail():
        with pytest.raises(NotSignedIn):
            SigningIn(kept, clock).sign_in(name, "wrong", HERE)  # another process each time

    for _ in range(5):
        fail()
    with open_store(kept.home) as again, pytest.raises(TooOften, match="in 1 minute") as refused:
        SigningIn(again, clock).sign_in(name, WORDS, HERE)
    assert refused.value.wait == 60
    clock.forward(60)
    fail()
    for waits in (120, 240, 480, 960, 1920, 3600, 3600, 3600):
        clock.forward(waits - 1)
        with pytest.raises(TooOften):
            SigningIn(kept, clock).sign_in(name, WORDS, HERE)
        clock.forward(1)
        fail()


def test_signing_in_and_a_new_password_end_a_lockout(kept, signing, ruth, clock):
    for _ in range(4):
        with pytest.raises(NotSignedIn):
            signing.sign_in("ruth", "wrong", HERE)
    clock.forward(1)
    signing.sign_in("ruth", WORDS, HERE)
    clock.forward(1)
    for _ in range(5):
        with pytest.raises(NotSignedIn):
            signing.sign_in("ruth", "wrong", HERE)
    with pytest.raises(TooOften):
        signing.sign_in("ruth", WORDS, HERE)
    clock.forward(1)
    accounts.reset_password(kept, "ruth", "whither thou goest", by="local", clock=clock)
    assert signing.sign_in("ruth", "whither thou goest", HERE).id == ruth.id


def test_an_address_that_tries_many_names_waits_and_others_do_not(signing, ruth):
    for number in range(20):
        with pytest.raises(NotSignedIn):
            signing.sign_in(f"name{number}", "wrong", HERE)
    with pytest.raises(TooOften, match="address"):
        signing.sign_in("ruth", WORDS, HERE)
    assert signing.sign_in("ruth", WORDS, "203.0.113.10") == ruth


def test_whoever_has_a_whole_network_of_addresses_waits_as_one(signing, ruth):
    for number in range(20):
        with pytest.raises(NotSignedIn):
            signing.sign_in(f"name{number}", "wrong", f"2001:db8:1:2::{number}")
    with pytest.raises(TooOften, match="address"):
        signing.sign_in("ruth", WORDS, "2001:db8:1:2:ffff::9")
    assert signing.sign_in("ruth", WORDS, "2001:db8:1:3::1") == ruth


def test_an_address_of_the_old_kind_is_one_however_it_is_written():
    assert network("::ffff:203.0.113.9") == network(HERE) != network("203.0.113.10")
    assert network("fe80::1%eth0") == network("fe80::2")
    assert network("testclient") == "testclient"


def test_a_crowd_at_the_door_is_told_to_wait_and_holds_no_more_than_half_of_the_threads(kept, clock, ruth):
    signing, start = SigningIn(kept, clock, patience=60.0), Barrier(30)

    def enter(_):
        start.wait()
        try:
            return signing.sign_in("ruth", WORDS, HERE).name
        except TooMany as error:
            return error.wait

    with ThreadPoolExecutor(30) as crowd:
        told = list(crowd.map(enter, range(30)))
    assert set(told) == {"ruth", 5.0}
    assert told.count("ruth") >= 20
    assert signing.sign_in("ruth", WORDS, HERE) == ruth


def test_nobody_waits_for_long_behind_somebody_whose_sign_in_hangs(kept, clock, ruth):
    signing = SigningIn(kept, clock, patience=0.05)
    with ThreadPoolExecutor(2) as pool:
        with hindered(kept):
            asked = [pool.submit(signing.sign_in, "ruth", WORDS, HERE) for _ in range(2)]
            refused = wait(asked, return_when=FIRST_COMPLETED).done.pop()
            with pytest.raises(TooMany, match="wait some seconds"):
                refused.result()
        asked.remove(refused)
        assert asked[0].result() == ruth


def test_guesses_of_the_old_password_are_counted_as_those_at_the_door_are(kept, signing, ruth, clock):
    for _ in range(5):
        with pytest.raises(NotSignedIn, match="old password"):
            signing.change_password(ruth, "wrong", "whither thou goest", HERE)
    assert [event.object for event in audit.read(kept, act="sign-in failed")] == ["ruth"] * 5
    for tried in (
        lambda: signing.change_password(ruth, WORDS, "whither thou goest", HERE),
        lambda: signing.sign_in("ruth", WORDS, HERE),
    ):
        with pytest.raises(TooOften, match="in 1 minute"):
            tried()
    clock.forward(60)
    changed = signing.change_password(ruth, WORDS, "whither thou goest", HERE)
    assert passwords.verify(changed.password, "whither thou goest")


@pytest.mark.parametrize(
    "act",
    [
        lambda kept, clock: accounts.close(kept, "ruth", by="anna", clock=clock),
        lambda kept, clock: accounts.change_post(kept, "ruth", Post.READER, by="anna", clock=clock),
        lambda kept, clock: accounts.link_provider(kept, accounts.get(kept, "ruth"), "issuer me", clock=clock),
    ],
)
def test_what_was_done_to_an_account_while_it_was_hashed_anew_stays_done(kept, clock, act):
    accounts.add(kept, "ruth", WORDS, Post.REVIEWER, by="local", clock=clock)
    read = accounts.get(kept, "ruth")
    act(kept, clock)
    after = accounts.get(kept, "ruth")
    accounts.rehash(kept, read, WORDS)
    assert accounts.get(kept, "ruth") == after
    accounts.rehash(kept, after, WORDS)
    assert accounts.get(kept, "ruth").password != after.password


def test_an_old_hash_is_made_anew_at_the_next_sign_in(kept, signing, ruth):
    from argon2 import PasswordHasher

    kept.update(replace(ruth, password=PasswordHasher(time_cost=1).hash(WORDS)))
    signing.sign_in("ruth", WORDS, HERE)
    after = accounts.get(kept, "ruth")
    assert not passwords.outdated(after.password)
    assert passwords.verify(after.password, WORDS)


@pytest.mark.parametrize("shared", [False, True])
def test_a_session_is_found_by_its_token_only_and_slides(kept, clock, ruth, shared):
    account = ruth.id if shared else None
    lasts = (14 if shared else 30) * 86400
    token, session = sessions.begin(kept, account, clock=clock)
    assert token not in repr(kept.find(Session))
    for forged in (session.id, token[:-1], token + "a", "", "x" * 10_000, "\ud800"):
        assert sessions.find(kept, forged, clock=clock) is None
    clock.forward(60)
    assert sessions.find(kept, token, clock=clock).seen_at == session.seen_at  # a minute is not worth a write
    clock.forward(lasts - 61)
    seen = sessions.find(kept, token, clock=clock)
    assert seen.expires_at == clock() + lasts
    assert kept.find(Session) == [seen]
    clock.forward(lasts)
    assert sessions.find(kept, token, clock=clock) is None
    sessions.begin(kept, account, clock=clock)
    assert kept.count(Session) == 1  # what expired is swept out


def test_sessions_end_one_by_one_or_all_at_once(kept, clock, ruth):
    one, first = sessions.begin(kept, ruth.id, clock=clock)
    other, _ = sessions.begin(kept, ruth.id, clock=clock)
    mine, _ = sessions.begin(kept, None, clock=clock)
    assert not sessions.end(kept, first.id, None)  # it is not theirs to end
    assert len(sessions.of(kept, ruth.id, clock=clock)) == 2
    assert sessions.end_all(kept, ruth.id, but=first.id) == 1
    assert sessions.find(kept, one, clock=clock)
    assert sessions.end_all(kept, ruth.id) == 1
    assert not sessions.find(kept, one, clock=clock)
    assert not sessions.find(kept, other, clock=clock)
    assert sessions.find(kept, mine, clock=clock)


def test_a_link_is_opened_once_within_a_day_and_a_new_start_ends_it(kept, clock):
    token = links.new_link(kept, only=True, clock=clock)
    assert token not in repr(kept.find(Invitation))
    assert not links.use(kept, token + "x", clock=clock)
    assert links.use(kept, token, clock=clock)
    assert not links.use(kept, token, clock=clock)
    old = links.new_link(kept, only=True, clock=clock)
    more = links.new_link(kept, only=False, clock=clock)
    assert links.use(kept, more, clock=clock)
    links.new_link(kept, only=True, clock=clock)
    assert not links.use(kept, old, clock=clock)
    late = links.new_link(kept, only=True, clock=clock)
    clock.forward(86400)
    assert not links.use(kept, late, clock=clock)


def test_a_key_is_shown_once_and_found_again(kept, clock, ruth):
    text, key = keys.add(kept, holder(ruth), " my  notebook ", ["feedback", "chat"], clock=clock)
    assert text.startswith(f"emm_{key.id}_")
    assert text not in repr(kept.find(type(key)))
    assert (key.name, key.rights, key.account) == ("my notebook", ("chat", "feedback"), ruth.id)
    wrong = text[:-1] + ("a" if text[-1] != "a" else "b")
    for forged in (wrong, text[:-1], key.id, text.upper(), f"emm_{'0' * 12}_{'a' * 43}", "", "emm_"):
        assert keys.find(kept, forged, clock=clock) is None
    used = keys.find(kept, text, clock=clock)
    assert used.used_at is None
    clock.forward(30)
    keys.find(kept, text, clock=clock)
    assert keys.of(kept, ruth.id)[0].used_at == clock() - 30
    clock.forward(30)
    keys.find(kept, text, clock=clock)
    assert keys.of(kept, ruth.id)[0].used_at == clock()
    keys.revoke(kept, holder(ruth), key.id, clock=clock)
    assert keys.find(kept, text, clock=clock) is None
    assert keys.of(kept, ruth.id) == []


@pytest.mark.parametrize("within", [True, False])
def test_whoever_comes_in_while_somebody_else_writes_waits_for_nothing(kept, clock, ruth, within):
    """Writing the file anew, when somebody deletes everything, takes seconds: in this process, or in another."""
    token, session = sessions.begin(kept, ruth.id, clock=clock)
    text, key = keys.add(kept, holder(ruth), "mine", ["chat"], clock=clock)
    clock.forward(7200)

    def come():
        return sessions.find(kept, token, clock=clock), keys.find(kept, text, clock=clock)

    with writing(kept._engine) if within else hindered(kept), ThreadPoolExecutor(1) as another:
        seen, used = another.submit(come).result(timeout=10)
    assert (seen.id, seen.seen_at, used) == (session.id, clock(), key)
    assert kept.find(Session)[0].seen_at == session.seen_at  # not noted: next time
    come()
    assert kept.find(Session)[0].seen_at == clock()
    assert keys.of(kept, ruth.id)[0].used_at == clock()


def test_nobody_revokes_anothers_key_but_an_admin(kept, clock, ruth):
    _, key = keys.add(kept, holder(ruth), "mine", ["chat"], clock=clock)
    naomi = accounts.add(kept, "naomi", WORDS, Post.MAINTAINER, by="local", clock=clock)
    with pytest.raises(NotFound, match="no key"):
        keys.revoke(kept, holder(naomi), key.id, clock=clock)
    keys.revoke(kept, at_this_computer("me"), key.id, clock=clock)
    assert [(e.who, e.act) for e in audit.read(kept, act="revoke key")] == [("local", "revoke key")]


def test_a_key_never_opens_more_than_its_maker_may(kept, clock):
    naomi = accounts.add(kept, "naomi", WORDS, Post.MAINTAINER, by="local", clock=clock)
    with pytest.raises(NotAllowed, match="'admin'"):
        keys.add(kept, holder(naomi), "too much", ["chat", "admin"], clock=clock)
    _, key = keys.add(kept, holder(naomi), "desk", ["chat", "desk"], clock=clock)
    person = keys.comes_with(kept, key, "me")
    assert (person.may("desk"), person.may("review"), person.has(Post.MAINTAINER)) == (True, False, True)
    assert not person.has(Post.REVIEWER)
    accounts.change_post(kept, "naomi", Post.READER, by="local", clock=clock)
    lowered = keys.comes_with(kept, key, "me")
    assert (lowered.may("chat"), lowered.may("desk")) == (True, False)
    accounts.close(kept, "naomi", by="local", clock=clock)
    assert keys.comes_with(kept, key, "me") is None


@pytest.mark.parametrize(("name", "rights"), [("", ["chat"]), ("x" * 65, ["chat"]), ("a", []), ("a", ["root"])])
def test_a_key_needs_a_name_and_rights_that_there_are(kept, clock, name, rights):
    with pytest.raises(BadInput):
        keys.add(kept, at_this_computer("me"), name, rights, clock=clock)


@given(st.sampled_from(Post), st.sets(st.sampled_from(keys.ALL)))
def test_a_key_adds_nothing_to_a_post_and_a_post_nothing_to_a_key(post, rights):
    account = accounts.made("ruth", post, None, clock=lambda: 0.0)
    person, alone = holder(account, rights), holder(account)
    assert {right for right in keys.ALL if person.may(right)} == rights & set(RIGHTS[post])
    for wanted in Post:
        assert alone.has(wanted) == post.includes(wanted)
        assert alone.has(wanted) or not person.has(wanted)


def test_no_post_reads_a_conversation_whose_speaker_does_not_allow_review():
    for post in Post:
        person = holder(accounts.made("anna", post, None, clock=lambda: 0.0))
        assert person.reads(person.subject, ())
        assert not person.reads("another", {Scope.STORE, Scope.TRAIN, Scope.SHARE})
        assert person.reads("another", {Scope.STORE, Scope.REVIEW}) == post.includes(Post.REVIEWER)
        assert person.reads(None, ()) == post.includes(Post.REVIEWER)


def test_a_bucket_lets_a_burst_through_and_fills_with_time(clock):
    limiter = Limiter(Pace(3, 10.0), clock)
    assert [limiter.take("a") for _ in range(3)] == [0, 0, 0]
    assert limiter.take("a") == pytest.approx(10)
    assert limiter.take("b") == 0
    clock.forward(9)
    assert limiter.take("a") == pytest.approx(1)
    clock.forward(1)
    assert limiter.take("a") == 0
    clock.forward(-10_000)  # a clock that is set back locks nobody out for long
    assert limiter.wait("a") <= 30


@given(st.lists(st.floats(0, 30), max_size=60), st.integers(1, 5), st.floats(0.5, 10))
def test_no_more_goes_through_than_the_burst_and_what_was_filled(waits, burst, each):
    now = 0.0
    limiter = Limiter(Pace(burst, each), lambda: now)
    through = 0
    for seconds in waits:
        now += seconds
        left = limiter.take("a")
        through += left == 0
        assert through <= burst + now / each + 1e-6
        if left:
            assert limiter.wait("a") == pytest.approx(left)


def test_buckets_are_bounded(clock):
    limiter = Limiter(Pace(1, 1.0), clock, most=3)
    for name in "abcdef":
        limiter.take(name)
    assert len(limiter) == 3
    assert limiter.take("f") > 0


def test_every_act_is_written_down_newest_first(kept, clock, ruth):
    clock.forward(1)
    accounts.change_post(kept, "ruth", Post.REVIEWER, by="anna", clock=clock)
    clock.forward(1)
    accounts.close(kept, "ruth", by="anna", clock=clock)
    accounts.reopen(kept, "ruth", by="anna", clock=clock)
    acts = [(e.who, e.act, e.object, e.detail) for e in audit.read(kept)]
    assert acts == [
        ("anna", "reopen account", "ruth", ""),
        ("anna", "close account", "ruth", ""),
        ("anna", "change post", "ruth", "reader to reviewer"),
        ("local", "add account", "ruth", "reader"),
    ]
    assert [e.act for e in audit.read(kept, who="local")] == ["add account"]
    assert len(audit.read(kept, who="anna", last=2)) == 2
    assert kept.count(AuditEvent, act="close account") == 1
