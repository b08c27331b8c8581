"""What an operator may set about the authorization server itself. Durations in seconds."""

from dataclasses import dataclass
from typing import Literal

SigningAlg = Literal["RS256", "RS384", "PS256", "ES256", "ES384"]


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """Settings of one issuer's authorization server; every default is the safe one."""

    access_token_alg: SigningAlg = "RS256"
    """The algorithm that signs access tokens. ES256 signs about ten times as fast as RS256."""

    token_endpoint_auth_methods: tuple[str, ...] = (
        "none",
        "client_secret_basic",
        "client_secret_post",
        "private_key_jwt",
    )
    """The ways in which clients may authenticate here; a known method that is not named is refused."""

    access_token_seconds: int = 3600
    """How long an access token lives, where the client does not say."""

    client_credentials_token_seconds: int = 300
    """How long an access token lives that a client got for itself (Backend Services asks for 300 at most)."""

    code_seconds: int = 60
    """How long an authorization code may be redeemed."""

    id_token_seconds: int = 3600
    """How long an ID token says it is good."""

    refresh_idle_seconds: int = 90 * 86400
    """A refresh token that is not used for this long is over."""

    refresh_absolute_seconds: int = 365 * 86400
    """A grant can be refreshed for this long at most, where the client does not say."""

    session_idle_seconds: int = 1800
    """A signed-in browser that is not used for this long has to sign in again."""

    session_absolute_seconds: int = 12 * 3600
    """A signed-in browser has to sign in again after this long, used or not."""

    pending_seconds: int = 1800
    """How long an authorization request waits for its person."""

    launch_seconds: int = 300
    """How long an EHR's launch handle may be brought."""

    unknown_scope: Literal["ignore", "refuse"] = "ignore"
    """What happens to a requested scope that meets nothing in the client's list."""

    audience_slash: bool = True
    """Whether `aud` may differ from the FHIR base by one slash at its end."""

    login_max_failures: int = 10
    """An account is locked after this many wrong passwords in a row; 0 never locks."""

    login_lock_seconds: int = 900
    """How long an account stays locked the first time; each further lock doubles it, up to `login_lock_max_seconds`."""

    login_lock_max_seconds: int = 4 * 3600
    """The longest that an account stays locked."""

    login_delay_seconds: int = 1
    """The first delay after a wrong password; each further one doubles it, up to `login_delay_max_seconds`."""

    login_delay_max_seconds: int = 60
    """The longest delay between two attempts on one account or from one address."""

    login_free_failures: int = 3
    """Wrong passwords on one account before attempts are delayed."""

    address_free_failures: int = 20
    """Wrong passwords from one address before attempts are delayed; 0 sets no limit by address."""

    second_factor: Literal["off", "offered", "required"] = "offered"
    """Whether people prove a second thing when they sign in: nobody does, those who set one up, or everybody."""

    second_factor_permissions: tuple[str, ...] = ()
    """The permissions whose holders need a second factor, also where it is only offered."""

    second_factor_trusts: tuple[str, ...] = ()
    """Inbound modules and providers (by name) whose word that somebody proved two factors there (`mfa`) is taken."""

    second_factor_remember_days: int = 0
    """How long a person may have a browser remembered, so that it is not asked again; 0 remembers none."""

    passkeys: Literal["off", "second_factor", "sign_in"] = "second_factor"
    """What passkeys (WebAuthn) are good for: nothing, a second factor, or signing in without a password too."""

    passkeys_stand_for_modules: bool = False
    """Whether `passkeys = "sign_in"` holds for people of directories, providers and proxies, too. These are not asked
    then: who was locked or removed there signs in all the same."""

    authorizations_per_minute: int = 1200
    """Authorization requests from one address of people who are not signed in; 0 sets no limit."""

    refusals_per_minute: int = 60
    """Refused requests of one client from one address before the token, introspection and revocation endpoints answer
    429 to those that would be refused; 0 sets no limit. A good request passes whatever came before it."""

    secret_guesses_per_hour: int = 100
    """Secrets of one client that are compared with a slow hash for one address, on all nodes together; 0 sets no
    limit. A secret that was right lately is not compared again."""

    username_case_sensitive: bool = False
    """Whether `Amy` and `amy` are two names."""

    jwks_cache_seconds: int = 300
    """How long a client's JWKS is kept at most; its own Cache-Control may say less."""

    introspection_cache_seconds: int = 10
    """How long each process keeps what a trusted issuer answered about an access token (introspection); 0 asks anew at
    each request. A token that is taken back there is good here for that much longer at most."""

    assertion_leeway_seconds: int = 60
    """How far another party's clock may be off. Never used on tokens of our own."""

    terms_version: str | None = None
    """The version of the terms of service that everybody has to accept; a client's own stands over it."""

    cdr_all_user_authorities: bool = False
    """Whether the scope `cdr_all_user_authorities`, asked for by a client whose list holds it, brings `user/*.cruds`:
    then the app may do all that the person may. Off, the scope has no effect."""

    native_always_asks: bool = True
    """A public client on a loopback or private-scheme redirect always gets the approval page (RFC 8252 8.6)."""

    picker_lists_up_to: int = 0
    """A person who may open any record is shown all patients at once while there are no more than this; beyond it, and
    with 0 always, a search comes first."""

    picker_results: int = 50
    """How many patients one search finds at most."""

    picker_searches: int = 30
    """How many searches for patients a person has within `picker_search_seconds`, on all nodes together."""

    picker_search_seconds: int = 600
    """The time within which a person's searches for patients are counted."""

    picker_recent: int = 5
    """How many of the patients that a person opened last are offered to her without a search; 0 remembers none."""
