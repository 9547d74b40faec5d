"""Accounts, keys and the audit log on the command line."""

import re
import subprocess

import pytest

WORDS = "a stone was rolled away"


def test_accounts_are_made_changed_and_closed_and_the_last_admin_stays(emmaus):
    assert "account add NAME" in emmaus("account", "list").out
    made = emmaus("account", "add", "Anna", "--post", "admin", stdin=WORDS + "\n")
    assert made.out == "anna may sign in now: admin\n"
    assert emmaus("account", "add", "ruth", stdin=WORDS).code == 0
    assert emmaus("account", "add", "ruth", stdin=WORDS).code == 2
    refused = emmaus("account", "close", "anna")
    assert (refused.code, refused.err.count("\n")) == (1, 1)
    assert "last admin" in refused.err
    assert emmaus("account", "post", "ruth", "reviewer", "--json").json["post"] == "reviewer"
    assert emmaus("account", "close", "ruth").code == 0
    listed = emmaus("account", "list", "--json")
    assert [(a["name"], a["post"], a["closed"]) for a in listed.json] == [
        ("anna", "admin", False),
        ("ruth", "reviewer", True),
    ]
    assert "argon2" not in listed.out
    assert "person-" not in listed.out
    acts = [event["act"] for event in emmaus("audit", "--json").json]
    assert acts == ["close account", "change post", "add account", "add account"]
    assert "change post" in emmaus("audit", "--act", "change post").out


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
def test_what_cannot_be_done_is_one_line(emmaus, arguments, stdin, says):
    ran = emmaus(*arguments, stdin=stdin)
    assert ran.code in (1, 2)
    assert says in ran.err
    assert ran.err.count("\n") == 1


def test_a_key_is_printed_once_and_revoked_by_its_id(emmaus):
    ran = emmaus("key", "add", "my bot", "--right", "chat", "--right", "feedback")
    key = ran.out.strip()
    assert re.fullmatch(r"emm_[0-9a-f]{12}_[\w-]{43}", key)
    listed = emmaus("key", "list")
    assert "my bot" in listed.out
    assert key not in listed.out + emmaus("key", "list", "--json").out + emmaus("audit").out
    assert emmaus("key", "revoke", key.split("_")[1]).code == 0
    assert emmaus("key", "list", "--json").json == []


def test_an_invitation_and_a_link_are_addresses(emmaus):
    invited = emmaus("account", "invite", "--post", "reviewer", EMMAUS_PUBLIC_URL="https://emmaus.example.org/")
    assert re.fullmatch(r"https://emmaus\.example\.org/invitation/[\w-]{43}\n", invited.out)
    assert re.fullmatch(r"http://localhost:8123/\?token=[\w-]{43}\n", emmaus("link", "--port", "8123").out)
    assert "EMMAUS_PUBLIC_URL" in emmaus("account", "invite", EMMAUS_PUBLIC_URL="emmaus.example.org").err


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
def test_a_room_that_nobody_could_reach_is_not_opened(emmaus, arguments, says):
    ran = emmaus(*arguments)
    assert ran.code == 2
    assert says in ran.err


def test_a_password_that_is_asked_for_is_not_in_the_process_list(emmaus):
    """It has no option: what stands on a command line can be read by everybody on the machine."""
    assert (
        "--password"
        not in subprocess.run(
            [emmaus.command, "account", "add", "--help"], capture_output=True, text=True, check=True
        ).stdout
    )
