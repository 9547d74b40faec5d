"""Commands of whoever runs a shared Emmaus: accounts, keys, the audit log; and the link into one's own."""

import getpass
import sys
import time
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Annotated

import typer

from emmaus.cli.commands import EPILOG, Grouped, command
from emmaus.cli.invocation import Invocation
from emmaus.errors import BadInput, NotFound
from emmaus.types import Account, ApiKey, Post

if TYPE_CHECKING:
    from emmaus.store import Store

HEADING = "People"
Name = Annotated[str, typer.Argument(metavar="NAME", help="What they sign in with.")]
Whose = Annotated[
    str | None, typer.Argument(metavar="NAME", help="Whose; else of the person here.", show_default=False)
]
PORT = 8000
"""Where the web room is, unless it is told otherwise."""


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    command(app, HEADING)(link)
    people = typer.Typer(cls=Grouped, rich_markup_mode=None, no_args_is_help=False)
    for one in (add, invite, invitations, withdraw, post, password, browsers, close, reopen):
        command(people, HEADING)(one)
    command(people, HEADING, name="list")(show)
    command(people, HEADING, name="sign-out")(sign_out)
    app.add_typer(people, name="account", help="Who may come in, and as what.", rich_help_panel=HEADING, epilog=EPILOG)
    keys = typer.Typer(cls=Grouped, rich_markup_mode=None, no_args_is_help=False)
    for name, function in (("add", add_key), ("list", show_keys), ("revoke", revoke)):
        command(keys, HEADING, name=name)(function)
    app.add_typer(keys, name="key", help="What lets programs in.", rich_help_panel=HEADING, epilog=EPILOG)
    command(app, HEADING)(audit)


def link(
    invocation: Invocation,
    port: Annotated[int, typer.Option(metavar="PORT", help="Where the web room is.", min=1, max=65535)] = PORT,
) -> None:
    """Make another link into the web room, for one browser, once.

    The web room runs already; it is the one of `emmaus up`, not a shared one.
    """
    from emmaus.accounts import links

    with _opened(invocation) as store:
        token = links.new_link(store, only=False, clock=time.time)
    address = f"http://localhost:{port}/?token={token}"
    invocation.show({"link": address}, lambda: address)


def add(
    invocation: Invocation,
    name: Name,
    post: Annotated[Post, typer.Option(help="What they may do; each may do what those before it may.")] = Post.READER,
) -> None:
    """Make an account. The password is asked for, or read from a pipe."""
    from emmaus.accounts import accounts

    with _opened(invocation) as store:
        kept = accounts.checked_name(name)
        accounts.require_free(store, kept)
        said = _password(kept)
        made = accounts.add(store, kept, said, post, by="local", clock=time.time)
        _show_account(invocation, made, f"{made.name} may sign in now: {made.post.value}")


def show(invocation: Invocation) -> None:
    """List all accounts, oldest first."""
    from emmaus.accounts import accounts

    with _opened(invocation) as store:
        found = accounts.everybody(store)
        from emmaus.cli import views

        invocation.show([_told(account) for account in found], lambda: views.accounts(found))


def invite(
    invocation: Invocation,
    post: Annotated[Post, typer.Option(help="What they may do.")] = Post.READER,
) -> None:
    """Make a link with which one person makes their own account, within a week.

    It begins with EMMAUS_PUBLIC_URL, if that is set.
    """
    from emmaus.accounts import invitations

    with _opened(invocation) as store:
        token, made = invitations.invite(store, post, by="local", clock=time.time)
        address = f"{invocation.settings().public_url or f'http://localhost:{PORT}'}/invitation/{token}"
        said = {"link": address, "post": post, "expires_at": made.expires_at}
        invocation.show(said, lambda: address)


def invitations(invocation: Invocation) -> None:
    """List the invitations that can still be accepted, oldest first."""
    from emmaus.accounts import invitations as kept

    with _opened(invocation) as store:
        found = kept.pending(store, clock=time.time)
        from emmaus.cli import views

        rows = [{"id": one.id, "post": one.post, "by": one.by, "expires_at": one.expires_at} for one in found]
        invocation.show(rows, lambda: views.invitations(found))


def withdraw(
    invocation: Invocation,
    invitation: Annotated[str, typer.Argument(metavar="ID", help="Its id, or the beginning.")],
) -> None:
    """Withdraw an invitation, at once."""
    from emmaus.accounts import invitations as kept

    with _opened(invocation) as store:
        kept.revoke(store, invitation, by="local", clock=time.time)
        invocation.show({"withdrawn": invitation}, lambda: "the invitation is withdrawn: its link opens nothing")


def browsers(invocation: Invocation, name: Whose = None) -> None:
    """List the browsers that are signed in, the one seen last first."""
    from emmaus.accounts import accounts, sessions

    with _opened(invocation) as store:
        found = sessions.of(store, accounts.get(store, name).id if name else None, clock=time.time)
        from emmaus.cli import views

        rows = [{"id": one.id, "seen_at": one.seen_at, "expires_at": one.expires_at} for one in found]
        invocation.show(rows, lambda: views.browsers(found))


def sign_out(
    invocation: Invocation,
    name: Whose = None,
    browser: Annotated[
        str, typer.Option("--browser", metavar="ID", help="Only this one; account browsers lists them.")
    ] = "",
) -> None:
    """Sign browsers out, at once: all of an account, or one."""
    from emmaus.accounts import accounts, sessions
    from emmaus.accounts import audit as log

    with _opened(invocation) as store:
        account = accounts.get(store, name) if name else None
        whose, of = (account.id, account.name) if account else (None, "this computer")
        chosen = [one.id for one in sessions.of(store, whose, clock=time.time) if one.id.startswith(browser)]
        if browser and len(chosen) != 1:
            raise NotFound(f"no browser '{browser}' is signed in there: emmaus account browsers lists them")
        number = sum(sessions.end(store, id, whose) for id in chosen)
        log.record(store, "local", "sign out", of, f"{number} browsers", clock=time.time)
        said = f"{number} browser{' is' if number == 1 else 's are'} signed out of {of}"
        invocation.show({"ended": number}, lambda: said)


def post(
    invocation: Invocation,
    name: Name,
    post: Annotated[Post, typer.Argument(help="What they may do from now on.")],
) -> None:
    """Give an account another post, at once. There is always an admin left."""
    from emmaus.accounts import accounts

    with _opened(invocation) as store:
        after = accounts.change_post(store, name, post, by="local", clock=time.time)
        _show_account(invocation, after, f"{after.name} is {after.post.value} now")


def password(invocation: Invocation, name: Name) -> None:
    """Give an account another password: for somebody who forgot theirs, or is locked out. It is asked for, or piped."""
    from emmaus.accounts import accounts

    with _opened(invocation) as store:
        account = accounts.get(store, name)
        said = _password(account.name)
        after = accounts.reset_password(store, account.name, said, by="local", clock=time.time)
        _show_account(invocation, after, f"{after.name} signs in with the new password now; all browsers are out")


def close(invocation: Invocation, name: Name) -> None:
    """Close an account, at once: its browsers are signed out, its keys open nothing. What was said stays."""
    from emmaus.accounts import accounts

    with _opened(invocation) as store:
        after = accounts.close(store, name, by="local", clock=time.time)
        _show_account(
            invocation, after, f"{after.name} is closed; to open it again: emmaus account reopen {after.name}"
        )


def reopen(invocation: Invocation, name: Name) -> None:
    """Open a closed account again."""
    from emmaus.accounts import accounts

    with _opened(invocation) as store:
        after = accounts.reopen(store, name, by="local", clock=time.time)
        _show_account(invocation, after, f"{after.name} may sign in again")


def add_key(
    invocation: Invocation,
    name: Annotated[str, typer.Argument(metavar="NAME", help="What it is for.")],
    right: Annotated[
        list[str], typer.Option(metavar="RIGHT", help="chat, feedback, review, desk or admin; may be given again.")
    ],
    account: Annotated[
        str | None, typer.Option(metavar="NAME", help="Whose; else of the person at this computer.", show_default=False)
    ] = None,
) -> None:
    """Make a key for a program. It is shown this once."""
    from emmaus.accounts import accounts, keys
    from emmaus.accounts.person import at_this_computer, holder, subject_here

    with _opened(invocation) as store:
        person = at_this_computer(subject_here(store)) if account is None else holder(accounts.get(store, account))
        text, key = keys.add(store, person, name, right, clock=time.time)
        invocation.show({"id": key.id, "key": text, "rights": key.rights}, lambda: text)


def show_keys(invocation: Invocation) -> None:
    """List all keys that open something."""
    from emmaus.accounts import keys

    with _opened(invocation) as store:
        found = keys.everyones(store)
        from emmaus.cli import views

        rows = [{**_without_secret(key), "account": whose} for key, whose in found]
        invocation.show(rows, lambda: views.keys(found))


def revoke(
    invocation: Invocation, key: Annotated[str, typer.Argument(metavar="KEY", help="Its id, as the list shows it.")]
) -> None:
    """Take a key back, at once."""
    from emmaus.accounts import keys
    from emmaus.accounts.person import at_this_computer, subject_here

    with _opened(invocation) as store:
        gone = keys.revoke(store, at_this_computer(subject_here(store)), key, clock=time.time)
        invocation.show(_without_secret(gone), lambda: f"the key {gone.id} ({gone.name}) opens nothing any more")


def audit(
    invocation: Invocation,
    who: Annotated[str | None, typer.Option(metavar="NAME", help="Only what they did.", show_default=False)] = None,
    act: Annotated[
        str | None, typer.Option(metavar="ACT", help='Only this, as "change post".', show_default=False)
    ] = None,
    last: Annotated[int, typer.Option(metavar="N", help="So many, the newest.", min=1)] = 50,
) -> None:
    """Say what was administered, and by whom, newest first."""
    from emmaus.accounts import audit as log

    with _opened(invocation) as store:
        found = log.read(store, who=who, act=act, last=last)
        from emmaus.cli import views

        invocation.show(found, lambda: views.audit(found))


def _opened(invocation: Invocation) -> AbstractContextManager["Store"]:
    """Open what is kept, and nothing else: no character need be read for an account."""
    settings = invocation.settings()
    from emmaus.store import open_store

    return open_store(settings.home)


def _password(name: str) -> str:
    """Ask for a password twice, or read one line of a pipe."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    from emmaus.accounts.passwords import checked

    said = checked(getpass.getpass(f"Password for {name}: ", sys.stderr), name)
    if getpass.getpass("The password again: ", sys.stderr) != said:
        raise BadInput("the two passwords are not the same: nothing was changed, try again")
    return said


def _show_account(invocation: Invocation, account: Account, said: str) -> None:
    invocation.show(_told(account), lambda: said)


def _told(account: Account) -> dict[str, object]:
    """An account without what nobody needs to know: its hash, and the pseudonym that its words are kept under."""
    made = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(account.created_at))
    return {"name": account.name, "post": account.post, "closed": account.closed, "made": made}


def _without_secret(key: ApiKey) -> dict[str, object]:
    return {
        "id": key.id,
        "name": key.name,
        "rights": key.rights,
        "created_at": key.created_at,
        "used_at": key.used_at,
    }
