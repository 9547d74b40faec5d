"""Accounts and invitations: one name once, one invitation once, and always an admin."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from emmaus.accounts import accounts, audit, invitations, keys, links, sessions
from emmaus.accounts.person import holder
from emmaus.accounts.signing_in import SigningIn
from emmaus.errors import BadInput, EmmausError, NotFound, NotSignedIn
from emmaus.store import open_store
from emmaus.types import Account, Invitation, Post

WORDS = "a stone was rolled away"


@pytest.fixture
def add(kept, clock):
    def make(name, post=Post.READER):
        return accounts.add(kept, name, WORDS, post, by="local", clock=clock)

    return make


def test_an_account_has_a_pseudonym_that_tells_nothing(kept, add):
    made = add("  Lydia@Thyatira.example ")
    assert made.name == "lydia@thyatira.example"
    assert "lydia" not in made.subject
    assert accounts.get(kept, "LYDIA@thyatira.EXAMPLE") == made
    with pytest.raises(BadInput, match="is taken"):
        add("ｌydia@thyatira.example")  # the same letters, written wide


@pytest.mark.parametrize(
    "name", ["", "a", "a b", "x" * 65, "<b>", "a/b", "local", "Link", "unknown", "a\x00b", "\ud800x"]
)
def test_what_cannot_be_a_name_is_refused(add, name):
    with pytest.raises(BadInput):
        add(name)


def test_the_last_admin_can_neither_be_closed_nor_demoted(kept, add, clock):
    add("anna", Post.ADMIN)
    add("closed", Post.ADMIN)
    accounts.close(kept, "closed", by="anna", clock=clock)
    with pytest.raises(EmmausError, match="last admin"):
        accounts.close(kept, "anna", by="anna", clock=clock)
    with pytest.raises(EmmausError, match="emmaus account post NAME admin"):
        accounts.change_post(kept, "anna", Post.MAINTAINER, by="anna", clock=clock)
    add("simeon", Post.ADMIN)
    assert accounts.change_post(kept, "anna", Post.READER, by="simeon", clock=clock).post == Post.READER


def test_two_admins_who_end_each_other_at_once_leave_one(kept, add, clock):
    add("anna", Post.ADMIN)
    add("simeon", Post.ADMIN)
    start = Barrier(2)

    def end(name):
        with open_store(kept.home) as own:
            start.wait()
            try:
                accounts.close(own, name, by="x", clock=clock)
            except EmmausError:
                return False
            return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(end, ["anna", "simeon"])) == [False, True]
    assert kept.count(Account, post="admin", closed=False) == 1


def test_a_key_of_a_closed_account_stays_revoked_when_it_is_opened_again(kept, add, clock):
    ruth = add("ruth")
    text, key = keys.add(kept, holder(ruth), "mine", ["chat"], clock=clock)
    accounts.close(kept, "ruth", by="anna", clock=clock)
    assert keys.find(kept, text, clock=clock) is None
    accounts.reopen(kept, "ruth", by="anna", clock=clock)
    assert keys.find(kept, text, clock=clock) is None
    assert [(e.who, e.object) for e in audit.read(kept, act="revoke key")] == [("anna", key.id)]


def test_closing_ends_sessions_and_invitations(kept, add, clock):
    add("anna", Post.ADMIN)
    simeon = add("simeon", Post.ADMIN)
    token, _ = sessions.begin(kept, simeon.id, clock=clock)
    invited, _ = invitations.invite(kept, Post.ADMIN, by="simeon", clock=clock)
    accounts.close(kept, "simeon", by="anna", clock=clock)
    assert sessions.find(kept, token, clock=clock) is None
    with pytest.raises(NotFound):
        invitations.find(kept, invited, clock=clock)
    assert accounts.reopen(kept, "simeon", by="anna", clock=clock).closed is False
    assert sessions.find(kept, token, clock=clock) is None


def test_a_new_password_needs_the_old_one_and_ends_all_sessions(kept, add, clock):
    ruth, signing = add("ruth"), SigningIn(kept, clock)
    token, _ = sessions.begin(kept, ruth.id, clock=clock)
    with pytest.raises(NotSignedIn, match="old password"):
        signing.change_password(ruth, "not the words", "whither thou goest", "203.0.113.9")
    with pytest.raises(BadInput):
        signing.change_password(ruth, WORDS, "short", "203.0.113.9")
    assert sessions.find(kept, token, clock=clock)
    signing.change_password(ruth, WORDS, "whither thou goest", "203.0.113.9")
    assert sessions.find(kept, token, clock=clock) is None
    assert [e.act for e in audit.read(kept, who="ruth")] == ["change password"]


def test_an_invitation_makes_one_account_of_its_post(kept, clock):
    token, invitation = invitations.invite(kept, Post.REVIEWER, by="anna", clock=clock)
    assert token not in repr(kept.find(Invitation))
    assert invitations.pending(kept, clock=clock) == [invitation]
    made = invitations.accept(kept, token, "Ruth", WORDS, clock=clock)
    assert (made.name, made.post) == ("ruth", Post.REVIEWER)
    assert kept.find(Invitation)[0].used_by == made.id
    assert invitations.pending(kept, clock=clock) == []
    with pytest.raises(NotFound, match="ask whoever invited you"):
        invitations.accept(kept, token, "orpah", WORDS, clock=clock)
    assert [(e.who, e.act) for e in audit.read(kept)] == [("ruth", "accept invitation"), ("anna", "invite")]


def test_an_invitation_used_twice_at_once_makes_one_account(kept, clock):
    token, _ = invitations.invite(kept, Post.READER, by="anna", clock=clock)
    start = Barrier(2)

    def take(name):
        with open_store(kept.home) as own:
            start.wait()
            try:
                return invitations.accept(own, token, name, WORDS, clock=clock).name
            except NotFound:
                return None

    with ThreadPoolExecutor(2) as pool:
        taken = list(pool.map(take, ["ruth", "orpah"]))
    assert taken.count(None) == 1
    assert [account.name for account in kept.find(Account)] == [name for name in taken if name]


def test_an_invitation_that_is_too_old_withdrawn_or_forged_is_refused(kept, clock):
    token, invitation = invitations.invite(kept, Post.READER, by="anna", clock=clock)
    for forged in (invitation.id, token + "x", "", links.new_link(kept, only=True, clock=clock)):
        with pytest.raises(NotFound):
            invitations.accept(kept, forged, "ruth", WORDS, clock=clock)
    invitations.revoke(kept, invitation.id[:12], by="anna", clock=clock)
    with pytest.raises(NotFound):
        invitations.accept(kept, token, "ruth", WORDS, clock=clock)
    with pytest.raises(NotFound, match="no open invitation"):
        invitations.revoke(kept, invitation.id, by="anna", clock=clock)
    late, _ = invitations.invite(kept, Post.READER, by="anna", clock=clock)
    clock.forward(7 * 86400)
    with pytest.raises(NotFound):
        invitations.accept(kept, late, "ruth", WORDS, clock=clock)
    assert kept.count(Account) == 0


def test_a_refused_name_or_password_does_not_use_an_invitation_up(kept, add, clock):
    add("ruth")
    token, _ = invitations.invite(kept, Post.READER, by="anna", clock=clock)
    for name, password in (("ruth", WORDS), ("orpah", "short"), ("a b", WORDS)):
        with pytest.raises(BadInput):
            invitations.accept(kept, token, name, password, clock=clock)
    assert invitations.accept(kept, token, "orpah", WORDS, clock=clock).post == Post.READER


def test_the_first_start_makes_the_first_admin_and_only_that(kept, add, clock):
    old = invitations.invite_first(kept, clock=clock)
    token = invitations.invite_first(kept, clock=clock)
    with pytest.raises(NotFound):
        invitations.find(kept, old, clock=clock)  # a later start ended it
    assert invitations.accept(kept, token, "anna", WORDS, clock=clock).post == Post.ADMIN
    assert invitations.invite_first(kept, clock=clock) is None


def test_a_first_link_is_no_good_once_there_is_an_account(kept, add, clock):
    token = invitations.invite_first(kept, clock=clock)
    add("anna", Post.ADMIN)
    with pytest.raises(NotFound, match="there are accounts already"):
        invitations.accept(kept, token, "thief", WORDS, clock=clock)


def test_keys_of_everybody_are_told_by_name(kept, add, clock):
    ruth = add("ruth")
    _, key = keys.add(kept, holder(ruth), "mine", ["chat"], clock=clock)
    assert keys.everyones(kept) == [(key, "ruth")]
