"""OpenID Connect against a small real provider: who comes in, and everything that must keep one out."""

from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc.jwk import OctKey, RSAKey

from emmaus.accounts import accounts, audit, invitations, oidc
from emmaus.errors import BadInput, EmmausError, NotFound, NotSignedIn
from emmaus.types import Account, Post

BACK = "http://localhost:8000/sign-in/back"


@pytest.fixture
def provider(openid, clock):
    return oidc.Provider(openid.issuer, "emmaus", "a secret", clock)


def answered(address):
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


def signed_in(provider, openid, **errand):
    address, state = provider.begin(BACK, **errand)
    return provider.finish(answered(openid.visit(address)), state)


def test_somebody_comes_back_with_what_the_provider_signed(provider, openid):
    errand, vouched = signed_in(provider, openid, following="/desk")
    assert vouched == oidc.Vouched(f"{openid.issuer} u-1", "Lydia Purple")
    assert errand.following == "/desk"
    ((_, given),) = openid.asked
    assert given["grant_type"] == "authorization_code"
    assert given["redirect_uri"] == BACK


@pytest.mark.parametrize(
    ("says", "about"),
    [
        ({"nonce": "another"}, "nonce"),
        ({"nonce": None}, "nonce"),
        ({"aud": "another"}, "aud"),
        ({"aud": ["another", "third"]}, "aud"),
        ({"aud": ["emmaus", "another"], "azp": "another"}, "azp"),
        ({"iss": "https://evil.example"}, "iss"),
        ({"iat": 1_000, "exp": 2_000}, "expired"),
        ({"exp": None}, "exp"),
        ({"sub": None}, "sub"),
    ],
)
def test_a_token_that_is_not_for_this_sign_in_is_refused(provider, openid, says, about):
    openid.says = says
    with pytest.raises(NotSignedIn, match=about) as refused:
        signed_in(provider, openid)
    assert "begin again" in str(refused.value)


def test_a_token_that_the_provider_did_not_sign_is_refused(provider, openid):
    openid.key = RSAKey.generate_key(2048, {"kid": "one"})
    with pytest.raises(NotSignedIn, match="cannot be trusted"):
        signed_in(provider, openid)


def test_a_token_signed_with_a_shared_secret_is_refused(provider, openid):
    """The old trick: what everybody may know, taken for a secret."""
    openid.key, openid.header = (
        OctKey.import_key("a secret that is long enough for this"),
        {"alg": "HS256", "kid": "one"},
    )
    with pytest.raises(NotSignedIn, match="cannot be trusted"):
        signed_in(provider, openid)


def test_a_sign_in_is_finished_once_in_its_own_browser_and_in_time(provider, openid, clock):
    address, state = provider.begin(BACK)
    back = answered(openid.visit(address))
    other, _ = provider.begin(BACK)
    with pytest.raises(NotSignedIn, match="another browser"):
        provider.finish(answered(openid.visit(other)), state)
    assert provider.finish(back, state)
    with pytest.raises(NotSignedIn, match="another browser"):
        provider.finish(back, state)
    with pytest.raises(NotSignedIn):
        provider.finish({"state": "forged", "code": "x"}, "forged")
    late, late_state = provider.begin(BACK)
    clock.forward(oidc.LASTS + 1)
    with pytest.raises(NotSignedIn, match="too long ago"):
        provider.finish(answered(openid.visit(late)), late_state)


def test_a_refusal_at_the_provider_and_another_issuer_are_told(provider, openid):
    _, state = provider.begin(BACK)
    with pytest.raises(NotSignedIn, match="did not let you in"):
        provider.finish({"state": state, "error": "access_denied"}, state)
    address, state = provider.begin(BACK)
    with pytest.raises(NotSignedIn):
        provider.finish(answered(openid.visit(address)) | {"iss": "https://evil.example"}, state)


def test_a_code_that_was_stolen_is_worth_nothing_without_the_verifier(provider, openid):
    stolen = answered(openid.visit(provider.begin(BACK)[0]))["code"]
    _, state = provider.begin(BACK)
    with pytest.raises(NotSignedIn, match="invalid_grant"):
        provider.finish({"state": state, "code": stolen}, state)


def test_a_wrong_secret_a_wrong_issuer_and_a_silent_provider_are_sentences(openid, clock):
    wrong = oidc.Provider(openid.issuer, "emmaus", "not it", clock)
    with pytest.raises(NotSignedIn, match="invalid_client"):
        signed_in(wrong, openid)
    with pytest.raises(EmmausError, match="letter by letter"):
        oidc.Provider(openid.issuer + "/", "emmaus", "a secret", clock).begin(BACK)
    with pytest.raises(EmmausError, match="cannot be asked"):
        oidc.Provider("http://127.0.0.1:9", "emmaus", "a secret", clock).begin(BACK)
    with pytest.raises(BadInput, match="https://"):
        oidc.Provider("http://provider.example", "emmaus", "a secret", clock)


def test_nobody_comes_in_who_was_not_invited_unless_the_door_is_open(kept, provider, openid, clock):
    errand, vouched = signed_in(provider, openid)
    with pytest.raises(NotSignedIn, match="ask an admin"):
        oidc.account_of(kept, vouched, errand, anybody=False, clock=clock)
    made = oidc.account_of(kept, vouched, errand, anybody=True, clock=clock)
    assert (made.name, made.post, made.password) == ("lydiapurple", Post.READER, None)
    assert oidc.account_of(kept, vouched, errand, anybody=False, clock=clock) == made
    accounts.add(kept, "anna", "a stone was rolled away", Post.ADMIN, by="local", clock=clock)
    accounts.close(kept, made.name, by="anna", clock=clock)
    with pytest.raises(NotSignedIn, match="closed"):
        oidc.account_of(kept, vouched, errand, anybody=True, clock=clock)


def test_who_was_invited_gets_that_post_once_and_no_account_of_the_same_name(kept, provider, openid, clock):
    accounts.add(kept, "lydiapurple", "a stone was rolled away", Post.ADMIN, by="local", clock=clock)
    token, _ = invitations.invite(kept, Post.REVIEWER, by="lydiapurple", clock=clock)
    errand, vouched = signed_in(provider, openid, invitation=token)
    made = oidc.account_of(kept, vouched, errand, anybody=False, clock=clock)
    assert (made.name, made.post) == ("lydiapurple-2", Post.REVIEWER)
    openid.says = {"sub": "u-2"}
    errand, vouched = signed_in(provider, openid, invitation=token)
    with pytest.raises(NotFound):
        oidc.account_of(kept, vouched, errand, anybody=False, clock=clock)
    assert kept.count(Account) == 2
    assert [e.act for e in audit.read(kept, who="lydiapurple-2")] == ["accept invitation"]


def test_an_account_can_be_linked_and_a_sign_in_opens_one_account_only(kept, provider, openid, clock):
    ruth, orpah = (
        accounts.add(kept, name, "a stone was rolled away", Post.READER, by="local", clock=clock)
        for name in ("ruth", "orpah")
    )
    errand, vouched = signed_in(provider, openid, account=ruth.id)
    linked = oidc.account_of(kept, vouched, errand, anybody=False, clock=clock)
    assert (linked.id, linked.provider) == (ruth.id, vouched.provider)
    errand, vouched = signed_in(provider, openid)
    assert oidc.account_of(kept, vouched, errand, anybody=False, clock=clock).id == ruth.id
    errand, vouched = signed_in(provider, openid, account=orpah.id)
    with pytest.raises(BadInput, match="another account"):
        oidc.account_of(kept, vouched, errand, anybody=False, clock=clock)
