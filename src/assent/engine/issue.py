"""The only place where tokens are made: what they say, what is remembered of them, and the token response.

`draft` decides everything and gives the writes; once their commit has won, `sign` makes the tokens, so that nothing is
signed that was not won. An access token is a signed value, not a row: it names its grant, and whoever takes it looks
at grant and revocation (`access_tokens`).

A scope too long for an HTTP header is kept beside the token, by its `jti` (SMART 2.2: handles in tokens, A15).

Sources: RFC 9068 2 (access token), OpenID Connect Core 1.0 2 and 3.1.3.6 (ID token), RFC 6749 5.1, SMART App Launch 2.2
(T4, T13, O1, O3, L5).
"""

from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from assent.engine.events import audit_event
from assent.engine.grants import ByClient, ByPerson, Given
from assent.engine.hooks import TokenDraft
from assent.engine.server import AuthorizationServer, Caller
from assent.records.audit import AuditEvent
from assent.records.clients import Client
from assent.records.grants import Grant, TokenScope
from assent.spec.claims import at_hash, fhir_user_url, pairwise_subject, sector_of
from assent.spec.scope_sets import ScopeSet
from assent.storage.interface import Add, Change, Write
from assent.storage.tables import GRANTS, REFRESH_TOKENS, TOKEN_SCOPES

ACCESS_TOKEN_TYPE = "at+jwt"  # RFC 9068 2.1
ID_TOKEN_TYPE = "JWT"
ID_TOKEN_ALG = "RS256"  # SMART App Launch 2.2 (O3)
LONGEST_CARRIED_SCOPE = 2000
TOUCH_SECONDS = 60
_AUDITED_SCOPE = 2000
_OWN_MEMBERS = frozenset(
    {"access_token", "token_type", "expires_in", "scope", "refresh_token", "id_token", "error"}
)
_OWN_CLAIMS = frozenset(
    {
        *("iss", "sub", "aud", "client_id", "iat", "exp", "nbf", "jti", "scope", "gid"),
        *("auth_time", "acr", "amr", "patient", "encounter", "fhirUser", "acting_for"),
    }
)


@dataclass(frozen=True, slots=True)
class Draft:
    """Tokens that are about to be: the writes that must win for them, and all that will be signed."""

    writes: tuple[Write, ...]
    event: AuditEvent
    access_claims: Mapping[str, Any]
    id_claims: Mapping[str, Any] | None
    body: Mapping[str, Any]


async def draft(server: AuthorizationServer, given: Given, caller: Caller) -> Draft:
    """Tokens for what was given. Raises `AccessDenied` from a hook."""
    now = server.now()
    scope = given.scope.text
    seconds = _lifetime(server, given)
    by_person = given if isinstance(given, ByPerson) else None
    additions = await server.hooks.on_token(
        TokenDraft(
            given.client,
            by_person.person if by_person else None,
            by_person.grant if by_person else None,
            scope,
        )
    )
    claims: dict[str, Any] = {
        **{name: value for name, value in additions.access_token_claims.items() if name not in _OWN_CLAIMS},
        "iss": server.issuer.url,
        "sub": given.client.client_id,
        "aud": server.issuer.fhir_base,
        "client_id": given.client.client_id,
        "iat": now,
        "exp": now + seconds,
        "jti": urlsafe_b64encode(server.random(16)).rstrip(b"=").decode("ascii"),
    }
    writes: list[Write] = []
    if len(scope) <= LONGEST_CARRIED_SCOPE:
        claims["scope"] = scope
    else:
        writes.append(Add(TOKEN_SCOPES, TokenScope(claims["jti"], scope, now + seconds)))
    body: dict[str, Any] = {}
    if by_person:
        claims |= _claims_by_person(server, by_person)
        writes += _writes_by_person(now, by_person)
        # SMART 2.2: context stands at the top level, on refresh again
        body |= {name: value for name, value in by_person.grant.context.items() if name not in _OWN_MEMBERS}
        if by_person.refresh_token:
            body["refresh_token"] = by_person.refresh_token.text
    body |= {"token_type": "Bearer", "expires_in": seconds, "scope": scope}
    event = audit_event(
        server,
        "token.issued",
        caller=caller,
        client_id=given.client.client_id,
        person_id=by_person.person.person_id if by_person else None,
        grant_id=by_person.grant.grant_id if by_person else None,
        detail={
            "jti": claims["jti"],
            "scope": scope[:_AUDITED_SCOPE],
            **(
                {"acting_for": by_person.grant.acting_for} if by_person and by_person.grant.acting_for else {}
            ),
        },
    )
    return Draft(tuple(writes), event, claims, _id_claims(server, by_person) if by_person else None, body)


async def sign(server: AuthorizationServer, drafted: Draft) -> dict[str, Any]:
    """The token response of a draft whose writes have won."""
    keys = server.keys
    access_token = await keys.sign(server.settings.access_token_alg, ACCESS_TOKEN_TYPE, drafted.access_claims)
    response = {"access_token": access_token, **drafted.body}
    if drafted.id_claims is not None:
        id_claims = {**drafted.id_claims, "at_hash": at_hash(access_token, ID_TOKEN_ALG)}
        response["id_token"] = await keys.sign(ID_TOKEN_ALG, ID_TOKEN_TYPE, id_claims)
    return response


def subject_of(server: AuthorizationServer, client: Client, person_id: str) -> str:
    """The `sub` of a person to a client. It begins `u-`, which no `client_id` does."""
    if client.subject_type == "public":
        return person_id
    sector = sector_of(client.redirect_uris, client.client_id)
    return pairwise_subject(server.subject_key, sector, person_id)


def fhir_user_of(server: AuthorizationServer, grant: Grant, scope: ScopeSet) -> str | None:
    """`fhirUser` as an absolute URL, where the scope opens it and the person has one."""
    if grant.fhir_user is None or not {"openid", "fhirUser"} <= set(scope.names):
        return None
    return fhir_user_url(server.issuer.fhir_base, grant.fhir_user)


def acting_for_of(server: AuthorizationServer, grant: Grant) -> dict[str, str]:
    """The claim `acting_for`: the patient, as an absolute URL, for whom the person acts; empty where she does not.

    Not `act` of RFC 8693 4.1, which names who acts: here `sub` does, as OpenID Connect wants it.
    """
    if grant.acting_for is None:
        return {}
    return {"acting_for": fhir_user_url(server.issuer.fhir_base, grant.acting_for)}


def _lifetime(server: AuthorizationServer, given: Given) -> int:
    if given.client.access_token_seconds is not None:
        return given.client.access_token_seconds
    if isinstance(given, ByClient):
        return server.settings.client_credentials_token_seconds
    return server.settings.access_token_seconds


def _claims_by_person(server: AuthorizationServer, given: ByPerson) -> dict[str, Any]:
    """What an access token says about its person, so that a gateway elsewhere can enforce it.

    Apps read their access tokens, whoever they are meant for: who the person is, is said to those alone that were
    granted to know it.
    """
    grant = given.grant
    claims: dict[str, Any] = {
        "sub": subject_of(server, given.client, given.person.person_id),
        "gid": grant.grant_id,
        **_authentication(grant),
        **acting_for_of(server, grant),
    }
    for name in ("patient", "encounter"):
        if name in grant.context:
            claims[name] = grant.context[name]
    fhir_user = fhir_user_of(server, grant, given.scope)
    if fhir_user is not None:
        claims["fhirUser"] = fhir_user
    return claims


def _id_claims(server: AuthorizationServer, given: ByPerson) -> dict[str, Any] | None:
    """The ID token's claims but for `at_hash`; None where none is due: no `openid`, or a refresh."""
    if not given.is_first or "openid" not in given.scope.names:
        return None
    now = server.now()
    claims: dict[str, Any] = {
        "iss": server.issuer.url,
        "sub": subject_of(server, given.client, given.person.person_id),
        "aud": given.client.client_id,
        "iat": now,
        "exp": now + server.settings.id_token_seconds,
        **_authentication(given.grant),
        **acting_for_of(server, given.grant),
    }
    if given.grant.nonce is not None:
        claims["nonce"] = given.grant.nonce
    fhir_user = fhir_user_of(server, given.grant, given.scope)
    if fhir_user is not None:
        claims["fhirUser"] = fhir_user
    return claims


def _authentication(grant: Grant) -> dict[str, Any]:
    claims: dict[str, Any] = {"auth_time": grant.auth_time}
    if grant.acr is not None:
        claims["acr"] = grant.acr
    if grant.amr:
        claims["amr"] = list(grant.amr)
    return claims


def _writes_by_person(now: int, given: ByPerson) -> list[Write]:
    writes = list(given.uses)
    if now - given.grant.last_used_at >= TOUCH_SECONDS:
        # a grant revoked since it was read loses here, and nothing is given out on it
        writes.append(Change(GRANTS, (given.grant.grant_id,), {"last_used_at": now}, {"revoked_at": 0}))
    if given.refresh_token:
        writes.append(Add(REFRESH_TOKENS, given.refresh_token.record))
    return writes
