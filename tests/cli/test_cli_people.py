"""Accounts, keys and the audit log on the command line."""

import re
import time

import pytest

from emmaus.accounts import accounts, sessions
from emmaus.store import open_store

WORDS = "a stone was rolled away"


def test_accounts_are_made_changed_and_closed_and_the_last_admin_stays(small):
    assert "account add NAME" in small("account", "list").out
    made = small("account", "add", "Anna", "--post", "admin", stdin=WORDS + "\n")
    assert made.out == "anna may sign in now: admin\n"
    assert small("account", "add", "ruth", stdin=WORDS).code == 0
    assert small("account", "add", "ruth", stdin=WORDS).code == 2
    refused = small("account", "close", "anna")
    assert (refused.code, refused.err.count("\n")) == (1, 1)
    assert "last admin" in refused.err
    assert small("account", "post", "ruth", "reviewer", "--json").json["post"] == "reviewer"
    assert small("account", "close", "ruth").code == 0
    listed = small("account", "list", "--json")
    assert [(a["name"], a["post"], a["closed"]) for a in listed.json] == [
        ("anna", "admin", False),
        ("ruth", "reviewer", True),
    ]
    assert "argon2" not in listed.out
    assert "person-" not in listed.out
    acts = [event["act"] for event in small("audit", "--json").json]
    assert acts == ["close account", "change post", "add account", "add account"]
    assert "change post" in small("audit", "--act", "change post").out


@pytest.mark.parametrize(
    ("arguments", "stdin", "says"),
    [
        (["account", "add", "ruth"], "short\n", "at least 12"),
        (["account", "add", "r u"], WORDS, "cannot be a name"),
        (["account", "add", "local"], WORDS, "taken by the program"),
        (["account", "post", "nobody", "reader"], "", "no account 'nobody'"),
        (["account", "post", "nobody", "king"], "", "king"),
        (["key", "add", "bot", "--right", "everything"], "", "chat, feedback, review, desk, admin"),
        (["key", "revoke", "0123456789ab"], "", "no key"),
    ],
)
def test_what_cannot_be_done_is_one_line(small, arguments, stdin, says):
    ran = small(*arguments, stdin=stdin)
    assert ran.code in (1, 2)
    assert says in ran.err
    assert ran.err.count("\n") == 1


def test_a_key_is_printed_once_and_revoked_by_its_id(small):
    ran = small("key", "add", "my bot", "--right", "chat", "--right", "feedback")
    key = ran.out.strip()
    assert re.fullmatch(r"emm_[0-9a-f]{12}_[\w-]{43}", key)
    listed = small("key", "list")
    assert "my bot" in listed.out
    assert key not in listed.out + small("key", "list", "--json").out + small("audit").out
    assert small("key", "revoke", key.split("_")[1]).code == 0
    assert small("key", "list", "--json").json == []


def test_an_invitation_and_a_link_are_addresses(small):
    invited = small("account", "invite", "--post", "reviewer", EMMAUS_PUBLIC_URL="https://emmaus.example.org/")
    assert re.fullmatch(r"https://emmaus\.example\.org/invitation/[\w-]{43}\n", invited.out)
    assert re.fullmatch(r"http://localhost:8123/\?token=[\w-]{43}\n", small("link", "--port", "8123").out)
    assert "EMMAUS_PUBLIC_URL" in small("account", "invite", EMMAUS_PUBLIC_URL="emmaus.example.org").err


def test_a_shared_room_says_how_the_first_admin_is_made(emmaus):
    running = emmaus.start("up", "--shared", "--no-browser", "--port", "0", "--name", "emmaus.example.org")
    try:
        first, second = running.stdout.readline(), running.stdout.readline()
    finally:
        running.terminate()
        running.communicate(timeout=60)
    assert re.fullmatch(r"Emmaus is at http://emmaus\.example\.org:\d+ \(Ctrl-C ends it\)\n", first)
    assert re.fullmatch(
        r"Nobody has an account yet\. .*: http://emmaus\.example\.org:\d+/invitation/[\w-]{43}\n", second
    )


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["up", "--shared", "--host", "0.0.0.0", "--port", "0"], "--name HOST.NAME"),
        (["up", "--name", "emmaus.example.org"], "emmaus up --shared --name emmaus.example.org"),
    ],
)
def test_a_room_that_nobody_could_reach_is_not_opened(small, arguments, says):
    ran = small(*arguments)
    assert ran.code == 2
    assert says in ran.err


def test_a_password_that_is_asked_for_is_not_in_the_process_list(small):
    """It has no option: what stands on a command line can be read by everybody on the machine."""
    help_page = small("account", "add", "--help").out
    assert "--post" in help_page
    assert "--password" not in help_page


def test_invitations_are_listed_and_withdrawn(small):
    assert "Nobody is invited" in small("account", "invitations").out
    small("account", "invite", "--post", "reviewer")
    (invited,) = small("account", "invitations", "--json").json
    assert (invited["post"], invited["by"]) == ("reviewer", "local")
    assert invited["id"][:12] in small("account", "invitations").out
    assert small("account", "withdraw", invited["id"][:12]).code == 0
    assert small("account", "invitations", "--json").json == []
    assert "no open invitation" in small("account", "withdraw", invited["id"]).err


def test_every_browser_of_an_account_is_signed_out(small, tmp_path):
    small("account", "add", "anna", stdin=WORDS)
    assert "No browser" in small("account", "browsers", "anna").out
    with open_store(tmp_path / "home") as store:
        sessions.begin(store, accounts.get(store, "anna").id, clock=time.time)
    assert len(small("account", "browsers", "anna", "--json").json) == 1
    assert small("account", "sign-out", "anna").out == "1 browser is signed out of anna\n"
    assert small("account", "browsers", "anna", "--json").json == []


def test_browsers_of_the_person_here_are_listed_and_signed_out_one_by_one(small, tmp_path):
    small("account", "list")
    with open_store(tmp_path / "home") as store:
        for _ in range(3):
            sessions.begin(store, None, clock=time.time)
    one, *others = small("account", "browsers", "--json").json
    assert small("account", "sign-out", "--browser", one["id"][:12]).out == "1 browser is signed out of this computer\n"
    assert small("account", "browsers", "--json").json == others
    assert small("account", "sign-out", "--browser", "nothing").code == 1
    assert small("account", "sign-out").out == "2 browsers are signed out of this computer\n"
    assert small("audit", "--json").json[0]["act"] == "sign out"
