"""`private_key_jwt`: an assertion signed with the client's own key, good once.

Owns the order of the checks; the rules are in `spec.assertions`. The `jti` is no check of its own but a write that must
win in the act of whatever is given out, so that it cannot be used twice, on whatever node.
Sources: SMART App Launch 2.2, client-confidential-asymmetric (K1-K15); RFC 7521 4.2, RFC 7523 2.2 and 3.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from assent.engine.client_auth import FAILED, Evidence, Presented
from assent.engine.keys import Run, in_place
from assent.engine.remote_keys import NoKeys, RemoteKeys
from assent.engine.server import AuthorizationServer
from assent.records.clients import Client
from assent.records.grants import SeenAssertion
from assent.spec import jose
from assent.spec.assertions import (
    ASSERTION_TYPE,
    PROFILES,
    AssertionProfile,
    BadAssertion,
    check_claims,
    check_header,
    choose_key,
)
from assent.spec.errors import InvalidClient
from assent.storage.interface import Add, Write
from assent.storage.tables import SEEN_ASSERTIONS

_KEPT_KEYS = 1000


class PrivateKeyJwt:
    """The method of clients with a key pair. `run` may take verifying to another thread."""

    name = "private_key_jwt"

    def __init__(self, remote_keys: RemoteKeys, run: Run = in_place) -> None:
        self._remote_keys = remote_keys
        self._run = run
        self._keys: OrderedDict[bytes, jose.Key] = OrderedDict()

    def evidence(self, presented: Presented) -> Evidence | None:
        """The assertion, and the client that it names. Raises `InvalidClient` when it is no JWT of that type."""
        assertion = presented.params.get("client_assertion")
        type_ = presented.params.get("client_assertion_type")
        if assertion is None and type_ is None:
            return None
        if assertion is None or type_ != ASSERTION_TYPE:
            raise InvalidClient(
                FAILED, detail=f"client_assertion needs client_assertion_type {ASSERTION_TYPE}"
            )
        try:
            client_id = jose.read_unverified(assertion).claims.get("sub")
        except jose.BadToken as error:
            raise InvalidClient(FAILED, detail=f"client_assertion: {error}") from error
        if not isinstance(client_id, str):
            raise InvalidClient(FAILED, detail="client_assertion: sub must be the client_id")
        return Evidence(client_id, assertion)

    async def prove(
        self, server: AuthorizationServer, client: Client, evidence: Evidence
    ) -> tuple[Write, ...]:
        """The write that remembers the `jti`, once signature and claims hold."""
        try:
            return (await self._remembering(server, client, evidence.proof or ""),)
        except (BadAssertion, jose.BadToken, jose.BadKey, NoKeys) as error:
            raise InvalidClient(FAILED, detail=f"client_assertion: {error}") from error

    async def _remembering(self, server: AuthorizationServer, client: Client, assertion: str) -> Write:
        profile = PROFILES.get(client.assertion_profile)
        if profile is None:
            raise BadAssertion(f"the assertion profile {client.assertion_profile} is not on here")
        unverified = jose.read_unverified(assertion)
        header = check_header(unverified.header, profile, client.jwks_uri)
        jwk = choose_key(await self._client_keys(server, client, header.kid), header)
        key = self._imported(jwk)
        claims = await self._run(lambda: jose.verify(unverified, key, profile.algs))
        accepted = check_claims(
            claims,
            client.client_id,
            _audience(server, profile),
            now=server.now(),
            leeway_seconds=server.settings.assertion_leeway_seconds,
        )
        # RFC 7523 3 (7): the jti is unique for its issuer
        jti_hash = hashlib.sha256(f"{accepted.client_id}\0{accepted.jti}".encode()).digest()
        return Add(SEEN_ASSERTIONS, SeenAssertion(jti_hash, accepted.remember_until))

    async def _client_keys(
        self, server: AuthorizationServer, client: Client, kid: str
    ) -> tuple[Mapping[str, Any], ...]:
        if client.jwks_uri is not None:
            return await self._remote_keys.get(server, client.jwks_uri, kid)
        keys = (client.jwks or {}).get("keys")
        if not isinstance(keys, list):
            raise NoKeys("the client has no keys registered")
        return tuple(key for key in keys if isinstance(key, Mapping))

    def _imported(self, jwk: Mapping[str, Any]) -> jose.Key:
        """The key, imported once: that costs more than verifying with it."""
        mark = jose.fingerprint(jwk)
        known = self._keys.get(mark)
        if known is None:
            known = self._keys[mark] = jose.read_public_key(jwk)
            if len(self._keys) > _KEPT_KEYS:
                self._keys.popitem(last=False)
        return known


def _audience(server: AuthorizationServer, profile: AssertionProfile) -> str:
    return server.issuer.url if profile.audience == "issuer" else server.issuer.endpoint("/oauth/token")
