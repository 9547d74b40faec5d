"""What is kept beside a change is kept with it, or not at all."""

from dataclasses import replace

import pytest

from emmaus.errors import StoreError
from emmaus.types import Account, AuditEvent, Invitation, Post

EVENT = AuditEvent("e1", 1.0, "anna", "accept invitation", "i1")
INVITED = Invitation("i1", Post.READER, "anna", 0.0, 9.0)
RUTH = Account("a1", "ruth", None, Post.READER, "person-1")


def test_records_beside_a_change_come_with_it_even_those_that_it_names(kept):
    kept.add(INVITED)
    assert kept.update(replace(INVITED, used_by="a1"), EVENT, RUTH, used_by=None)
    assert kept.find(AuditEvent) == [EVENT]
    assert kept.find(Account) == [RUTH]
    assert kept.find(Invitation)[0].used_by == "a1"


def test_where_another_was_faster_nothing_is_kept(kept):
    kept.add_all([INVITED, RUTH])
    assert kept.update(replace(INVITED, used_by="a1"), used_by=None)
    assert not kept.update(replace(INVITED, used_by="a2"), EVENT, replace(RUTH, id="a2", name="orpah"), used_by=None)
    assert kept.count(AuditEvent) == 0
    assert kept.find(Account) == [RUTH]


def test_where_one_of_them_cannot_be_kept_nothing_is_changed(kept):
    kept.add_all([INVITED, RUTH])
    with pytest.raises(StoreError):
        kept.update(replace(INVITED, used_by="a1"), EVENT, replace(RUTH, id="a2", subject="person-2"), used_by=None)
    assert kept.count(AuditEvent) == 0
    assert kept.find(Invitation) == [INVITED]
