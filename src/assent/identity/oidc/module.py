"""Signing in at an OpenID provider: the way out with PKCE and a nonce, the way back by the book, and signing out there.

Sources: OpenID Connect Core 1.0 3.1.2.1, 3.1.3.7; RFC 7636; RFC 9207 2.4 (mix-up); RFC 9700 2.1, 4.4; OpenID Connect
RP-Initiated Logout 1.0 2; Back-Channel Logout 1.0 2.6.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from assent.engine.handles import new_handle
from assent.engine.server import AuthorizationServer
from assent.identity import ArrivalRefused, LogoutRefused, Sending, Trip
from assent.identity.oidc.claims import arrival_of
from assent.identity.oidc.credentials import Registered
from assent.identity.oidc.exchange import error_code, redeem
from assent.identity.oidc.keys import ProviderKeys
from assent.identity.oidc.metadata import Discovery, Metadata
from assent.identity.oidc.userinfo import ask_userinfo, read_userinfo
from assent.records.identities import Arrival
from assent.records.providers import Provider
from assent.spec.id_tokens import (
    Asked,
    BadIdToken,
    Expected,
    LogoutNotice,
    check_at_hash,
    check_id_token,
    check_userinfo,
    read_logout_token,
)
from assent.spec.jose import read_unverified
from assent.spec.pkce import challenge_of
from assent.spec.redirects import add_parameters
from assent.spec.tenants import BadTenant

_LONGEST_HINT = 4000
"""Characters of an ID token that may stand in an address."""

_ABOUT_THE_TOKEN = frozenset(
    {"iss", "sub", "aud", "azp", "exp", "iat", "nbf", "nonce", "at_hash", "auth_time", "acr", "amr", "sid"}
)
"""Claims that only the signed ID token says, whatever userinfo answers."""


class OidcModule:
    """The contracts of `identity` for one provider: `RedirectModule`, `SignsOutElsewhere`, `TakesLogoutTokens`."""

    def __init__(self, registered: Registered, discovery: Discovery, keys: ProviderKeys) -> None:
        self._registered = registered
        self._discovery = discovery
        self._keys = keys

    @property
    def _provider(self) -> Provider:
        return self._registered.provider

    @property
    def name(self) -> str:
        """The provider's name, as it is in URLs."""
        return self._provider.name

    @property
    def title(self) -> str:
        """What people know the provider by."""
        return self._provider.title

    async def begin(self, server: AuthorizationServer, trip: Trip) -> Sending:
        """The authorization request. Raises `ModuleDown`."""
        metadata = await self._discovery.metadata(server, self._provider)
        verifier, nonce = new_handle(server), new_handle(server)
        max_age = 0 if trip.must_ask else trip.max_age
        parameters = {
            **self._wishes(trip, max_age),
            "response_type": "code",
            "client_id": self._provider.client_id,
            "redirect_uri": trip.return_url,
            "scope": " ".join(self._provider.scope),
            "state": trip.state,
            "nonce": nonce,
            "code_challenge": challenge_of(verifier),
            "code_challenge_method": "S256",
        }
        kept = {
            "nonce": nonce,
            "verifier": verifier,
            "issuer": metadata.issuer,
            "since": None if max_age is None else max(server.now() - max_age, 0),
        }
        return Sending(add_parameters(metadata.needed("authorization_endpoint"), parameters.items()), kept)

    def _wishes(self, trip: Trip, max_age: int | None) -> dict[str, str]:
        """What the definition adds, and what this sign-in needs, which goes before it."""
        wishes = dict(self._provider.authorization_parameters)
        if trip.must_ask:
            wishes["prompt"] = "login"
        if max_age is not None:
            wishes["max_age"] = str(max_age)
        if trip.login_hint:
            wishes["login_hint"] = trip.login_hint
        if trip.languages:
            wishes["ui_locales"] = " ".join(trip.languages)
        return wishes

    async def finish(
        self, server: AuthorizationServer, answer: Mapping[str, str], kept: Mapping[str, Any], return_url: str
    ) -> Arrival:
        """Who it is. Raises `ArrivalRefused`, `ModuleDown`."""
        metadata = await self._discovery.metadata(server, self._provider)
        code = _read_answer(answer, kept, metadata)
        tokens = await redeem(
            server, self._registered, metadata, code=code, verifier=kept["verifier"], return_url=return_url
        )
        try:
            claims = await self._keys.verify(server, self._provider, metadata, tokens.id_token, "ID token")
            expected = self._expected(server, metadata, claims)
            check_id_token(claims, expected, Asked(kept["nonce"], kept["since"]))
            _check_named(answer, expected)
            if tokens.access_token is not None:
                check_at_hash(claims, read_unverified(tokens.id_token).header["alg"], tokens.access_token)
        except BadIdToken as error:
            raise ArrivalRefused(f"ID token: {error}") from error
        said: dict[str, Any] = dict(claims)
        if self._provider.ask_userinfo and metadata.userinfo_endpoint and tokens.access_token:
            more = await self._userinfo(server, metadata, tokens.access_token, claims)
            said |= {name: value for name, value in more.items() if name not in _ABOUT_THE_TOKEN}
        arrival = arrival_of(server, self._provider, said)
        hint = tokens.id_token if len(tokens.id_token) <= _LONGEST_HINT else None
        return replace(arrival, logout_hint=hint if self._provider.sign_out_there else None)

    async def _userinfo(
        self, server: AuthorizationServer, metadata: Metadata, access_token: str, claims: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        """What userinfo says of whom the ID token names. Raises `ArrivalRefused`, `ModuleDown`."""
        answer = await ask_userinfo(server, metadata.needed("userinfo_endpoint"), access_token)
        if answer.signed is None:
            return read_userinfo(answer.plain, claims["sub"])
        try:
            said = await self._keys.verify(server, self._provider, metadata, answer.signed, "userinfo")
            check_userinfo(said, self._expected(server, metadata, claims))
        except BadIdToken as error:
            raise ArrivalRefused(f"userinfo: {error}") from error
        return read_userinfo(said, claims["sub"])

    async def sign_out(
        self, server: AuthorizationServer, state: str, return_url: str, hint: str | None
    ) -> Sending | None:
        """Where the browser signs out of the provider; None where it does not. Raises `ModuleDown`."""
        if not self._provider.sign_out_there:
            return None
        metadata = await self._discovery.metadata(server, self._provider)
        if metadata.end_session_endpoint is None:
            return None
        parameters = {
            "client_id": self._provider.client_id,
            "post_logout_redirect_uri": return_url,
            "state": state,
            **({"id_token_hint": hint} if hint is not None else {}),
        }
        return Sending(add_parameters(metadata.end_session_endpoint, parameters.items()))

    async def read_logout(self, server: AuthorizationServer, logout_token: str) -> LogoutNotice:
        """Whom the provider signs out. Raises `LogoutRefused`, `ModuleDown`."""
        metadata = await self._discovery.metadata(server, self._provider)
        try:
            claims = await self._keys.verify(server, self._provider, metadata, logout_token, "logout token")
            return read_logout_token(claims, self._expected(server, metadata, claims))
        except BadIdToken as error:
            raise LogoutRefused(f"logout token: {error}") from error

    async def read_frontchannel_logout(
        self, server: AuthorizationServer, issuer: str | None, session: str | None
    ) -> str:
        """The provider's session that ended (Front-Channel Logout 2). Raises `LogoutRefused`, `ModuleDown`."""
        if not self._provider.frontchannel_logout:
            raise LogoutRefused("front-channel logout: frontchannel_logout of the definition is off")
        metadata = await self._discovery.metadata(server, self._provider)
        if issuer not in metadata.issuers:
            raise LogoutRefused("front-channel logout: iss is not the provider's issuer")
        if not session:
            raise LogoutRefused("front-channel logout: sid is required")
        return session

    def _expected(
        self, server: AuthorizationServer, metadata: Metadata, claims: Mapping[str, Any]
    ) -> Expected:
        """What a token with these claims must be. Raises `BadIdToken`."""
        provider = self._provider
        try:
            issuer = metadata.issuer_of(claims)
        except BadTenant as error:
            raise BadIdToken(str(error)) from error
        return Expected(issuer, provider.client_id, server.now(), provider.leeway_seconds)


def _check_named(answer: Mapping[str, str], expected: Expected) -> None:
    """Raises `BadIdToken` when the answer named another one of several tenants' issuers."""
    if answer.get("iss") not in (None, expected.issuer):
        raise BadIdToken("iss is not that of the answer")


def _read_answer(answer: Mapping[str, str], kept: Mapping[str, Any], metadata: Metadata) -> str:
    """The code of an answer that is this very provider's. Raises `ArrivalRefused`."""
    if kept["issuer"] != metadata.issuer:
        raise ArrivalRefused("the provider's definition changed meanwhile")
    issuer = answer.get("iss")
    if issuer is None and metadata.names_issuer:
        raise ArrivalRefused("the answer does not say iss, as the provider's answers do")  # RFC 9207 2.4
    if issuer is not None and issuer not in metadata.issuers:
        raise ArrivalRefused("iss of the answer is another provider's")
    if "error" in answer:
        raise ArrivalRefused(f"the provider answered {error_code(answer['error'])}")
    code = answer.get("code")
    if not code:
        raise ArrivalRefused("the answer has no code")
    return code
