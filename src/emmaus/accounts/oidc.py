"""Signing in at another provider: OpenID Connect, by authorization code with PKCE (RFC 7636), state and nonce.

A provider says who somebody is, never what they may do here. Nothing of theirs is matched by name or mail address:
an account belongs to the pair of issuer and subject alone (OpenID Connect Core 1.0, 5.7).
"""

import secrets
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any
from urllib.parse import quote_plus, urlencode, urlsplit

import httpx

from emmaus.accounts import accounts, invitations
from emmaus.accounts.tokens import new_token
from emmaus.errors import BadInput, EmmausError, NotSignedIn
from emmaus.store import Store
from emmaus.types import Account

PATIENCE = 10.0
"""Seconds for one answer of the provider."""
LASTS = 600.0
"""Seconds that somebody may take at the provider."""
MOST = 1000
"""People who are at the provider at once; the one who went there first is forgotten first."""
LEEWAY = 60
"""Seconds by which the provider's clock may differ."""
SIGNED = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")
"""How an ID token may be signed: never with `none`, and never with a secret that both sides have."""
AGAIN = "the sign-in was begun in another browser, or too long ago: begin again at /sign-in"
EXTRA = "signing in at another provider needs a part that is not installed: pip install 'emmaus[oidc]'"


@dataclass(frozen=True, slots=True)
class Errand:
    """What somebody went to the provider for."""

    state: str
    nonce: str
    verifier: str
    redirect: str
    """Where the provider sends them back to."""
    invitation: str | None
    """Token of an invitation that they accept so."""
    account: str | None
    """Id of the account that they want to open so from now on."""
    following: str
    """Path of the page that they wanted."""
    begun: float


@dataclass(frozen=True, slots=True)
class Vouched:
    """Whom the provider vouches for."""

    provider: str
    """Issuer and subject, as `Account.provider` keeps them."""
    name: str
    """What they may be called, if nobody is yet."""


class Provider:
    """An OpenID provider, by its discovery document; and everybody who is there just now."""

    def __init__(self, issuer: str, client_id: str, client_secret: str, clock: Callable[[], float]) -> None:
        """Prepare for it; nothing is asked yet.

        Raises:
            BadInput: `issuer` is no address, or one that others can listen to.
            EmmausError: the extra is not installed.
        """
        try:
            import authlib.oidc.core  # noqa: F401 - said at the start, not to the first who signs in
        except ImportError:
            raise EmmausError(EXTRA) from None
        self.issuer = issuer
        _require_private(issuer)
        self._id, self._secret = client_id, client_secret
        self._clock = clock
        self._errands: OrderedDict[str, Errand] = OrderedDict()
        self._lock = Lock()
        self._found: dict[str, Any] | None = None

    @property
    def name(self) -> str:
        """What people know it by: its host."""
        return urlsplit(self.issuer).hostname or self.issuer

    def begin(
        self, redirect: str, *, invitation: str | None = None, account: str | None = None, following: str = "/"
    ) -> tuple[str, str]:
        """Send somebody there: the address, and the state that their browser must still know when they come back.

        Raises:
            EmmausError: the provider cannot be reached, or is none.
        """
        from authlib.oauth2.rfc7636 import create_s256_code_challenge

        address = self._metadata()["authorization_endpoint"]
        verifier = secrets.token_urlsafe(48)
        errand = Errand(
            new_token(), new_token(), verifier, redirect, invitation, account, following, begun=self._clock()
        )
        with self._lock:
            self._errands[errand.state] = errand
            while len(self._errands) > MOST:
                self._errands.popitem(last=False)
        asked = {
            "response_type": "code",
            "client_id": self._id,
            "redirect_uri": redirect,
            "scope": "openid profile email",
            "state": errand.state,
            "nonce": errand.nonce,
            "code_challenge": create_s256_code_challenge(verifier),
            "code_challenge_method": "S256",
        }
        return f"{address}{'&' if '?' in address else '?'}{urlencode(asked)}", errand.state

    def finish(self, answered: Mapping[str, str], state: str) -> tuple[Errand, Vouched]:
        """Take somebody back: what the provider said in the address, and the state that the browser knows.

        Raises:
            NotSignedIn: they come from elsewhere, twice or too late, refused, or the ID token is not for them.
            EmmausError: the provider cannot be reached.
        """
        with self._lock:
            errand = self._errands.pop(answered.get("state", ""), None)
        if (
            errand is None
            or not secrets.compare_digest(errand.state.encode(), state.encode())
            or self._clock() - errand.begun > LASTS
        ):
            raise NotSignedIn(AGAIN)
        if "code" not in answered:
            raise NotSignedIn(f"{self.name} did not let you in: begin again at /sign-in, or sign in with a password")
        if answered.get("iss", self.issuer) != self.issuer:  # RFC 9207: a mix-up of providers
            raise NotSignedIn(AGAIN)
        given = {
            "grant_type": "authorization_code",
            "code": answered["code"],
            "redirect_uri": errand.redirect,
            "code_verifier": errand.verifier,
        }
        token = self._asked(self._metadata()["token_endpoint"], given)
        return errand, self._vouched(self._claims(token, errand.nonce))

    def _claims(self, token: Mapping[str, Any], nonce: str) -> Mapping[str, Any]:
        """Verify an ID token as OpenID Connect Core 1.0, 3.1.3.7 asks, and return what it claims."""
        from authlib.oidc.core import CodeIDToken
        from joserfc import jwt
        from joserfc.errors import JoseError
        from joserfc.jwk import KeySet
        from joserfc.jws import JWSRegistry

        wanted = {
            "iss": {"essential": True, "value": self.issuer},
            "aud": {"essential": True, "value": self._id},
            "nonce": {"essential": True, "value": nonce},
        }
        known = {"nonce": nonce, "client_id": self._id, "access_token": token.get("access_token")}
        try:
            # Fetched each time: providers change their keys, and signing in is rare.
            keys = KeySet.import_key_set(self._asked(self._metadata()["jwks_uri"]))  # type: ignore[arg-type]
            registry = JWSRegistry(algorithms=list(SIGNED), strict_check_header=False)
            read = jwt.decode(str(token["id_token"]), keys, registry=registry)
            claims = CodeIDToken(read.claims, read.header, wanted, known)
            claims.validate(now=int(self._clock()), leeway=LEEWAY)
        except (JoseError, KeyError, ValueError, TypeError, AttributeError) as error:
            raise NotSignedIn(
                f"what {self.name} says of you cannot be trusted ({_kind(error)}): begin again at /sign-in"
            ) from error
        return dict(claims)

    def _vouched(self, claims: Mapping[str, Any]) -> Vouched:
        mail = str(claims.get("email") or "").partition("@")[0]
        name = str(claims.get("preferred_username") or mail or claims.get("name") or "")
        return Vouched(f"{self.issuer} {claims['sub']}", name)

    def _metadata(self) -> dict[str, Any]:
        """Read the provider's discovery document, once."""
        if self._found is None:
            found = self._asked(self.issuer.rstrip("/") + "/.well-known/openid-configuration")
            needed = ("authorization_endpoint", "token_endpoint", "jwks_uri")
            if found.get("issuer") != self.issuer or not all(isinstance(found.get(name), str) for name in needed):
                raise EmmausError(
                    f"{self.issuer} is no OpenID provider of this name: set EMMAUS_OIDC_ISSUER to what the issuer in "
                    "its /.well-known/openid-configuration says, letter by letter"
                )
            for name in needed:
                _require_private(found[name])
            self._found = found
        return self._found

    def _asked(self, address: str, given: Mapping[str, str] | None = None) -> dict[str, Any]:
        """Get a JSON object, or post a form for one, with the client's secret."""
        try:
            with httpx.Client(timeout=PATIENCE) as client:
                # RFC 6749, 2.3.1: what the header carries is form-encoded before.
                secret = (quote_plus(self._id), quote_plus(self._secret))
                answer = client.post(address, data=given, auth=secret) if given else client.get(address)
                said = answer.json()
        except (httpx.HTTPError, ValueError) as error:
            raise EmmausError(
                f"{self.name} cannot be asked who you are ({type(error).__name__}): try again later, or sign in with a "
                "password"
            ) from error
        if given and answer.status_code in (400, 401):
            raise NotSignedIn(f"{self.name} does not stand by this sign-in ({_word(said)}): begin again at /sign-in")
        if answer.status_code != httpx.codes.OK or not isinstance(said, dict):
            raise EmmausError(f"{self.name} answered {answer.status_code}: try again later, or sign in with a password")
        return said


def account_of(store: Store, vouched: Vouched, errand: Errand, *, anybody: bool, clock: Callable[[], float]) -> Account:
    """Return the account that a provider's word opens: theirs, one they were invited to, or a reader's where `anybody`.

    Raises:
        NotSignedIn: they have none and may not make one, or it is closed.
        NotFound: the invitation is no good any more.
    """
    if errand.account is not None:
        account = accounts.by_id(store, errand.account)
        if account is None:
            raise NotSignedIn("this account was closed meanwhile: ask an admin")
        return accounts.link_provider(store, account, vouched.provider, clock=clock)
    known = store.find(Account, provider=vouched.provider)
    if known:
        if known[0].closed:
            raise NotSignedIn("this account is closed: ask an admin")
        return known[0]
    if errand.invitation is not None:
        return invitations.accept_vouched(store, errand.invitation, vouched.name, vouched.provider, clock=clock)
    if anybody:
        return invitations.add_vouched(store, vouched.name, vouched.provider, clock=clock)
    raise NotSignedIn("nobody here knows you yet: ask an admin for an invitation, and open its link first")


def _require_private(address: str) -> None:
    """Refuse an address that others can listen to. Raises BadInput."""
    parts = urlsplit(address)
    here = parts.hostname in ("localhost", "127.0.0.1", "::1")
    if not parts.hostname or (parts.scheme != "https" and not (parts.scheme == "http" and here)):
        raise BadInput(f"{address!r} is no address of an OpenID provider: EMMAUS_OIDC_ISSUER begins with https://")


def _word(said: object) -> str:
    """The error of an answer, as RFC 6749 names it: one word, or nothing that is not."""
    word = str(said.get("error", "")) if isinstance(said, dict) else ""
    return word if word.isascii() and word.replace("_", "").isalpha() and len(word) < 40 else "no reason given"


def _kind(error: Exception) -> str:
    """Say what is wrong with a token, in a word or two."""
    description = getattr(error, "error", "") or type(error).__name__
    claim = getattr(error, "claim", "")
    return " ".join(str(description).replace("_", " ").split()) + (f": {claim}" if claim else "")
