"""A provider's claims, made what we know of a person: by the mapping of its definition, and nothing beside it.

What gives rights is taken only where the definition names a claim for it, and then the provider has the last word: a
claim that is gone takes the right away, one that cannot be understood lets nobody in. What is only shown (names, a
language) is left out when it is malformed. Sources: OpenID Connect Core 1.0 5.1, 5.7; SMART App Launch 2.2 (fhirUser).
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from assent.engine.server import AuthorizationServer
from assent.identity import ArrivalRefused
from assent.identity.mapping import permissions_of, read_rules, roles_of
from assent.records.identities import Arrival
from assent.records.people import LaunchDefault
from assent.records.providers import Provider
from assent.spec.identifiers import is_fhir_id, read_reference
from assent.spec.permissions import Permission
from assent.spec.person_fields import FHIR_USER_TYPES, language_of, mail_address_of, name_of

_MOST_VALUES: Final = 200
_LONGEST_ACR: Final = 255
_AMR: Final = re.compile(r"[A-Za-z0-9._:/-]{1,60}")


def arrival_of(server: AuthorizationServer, provider: Provider, claims: Mapping[str, Any]) -> Arrival:
    """Who has come: `claims` of the verified ID token, with those of userinfo. Raises `ArrivalRefused`."""
    mapping = provider.claims
    fhir_user, sid = _fhir_user(server, provider, claims), claims.get("sid")
    return Arrival(
        module=provider.name,
        provider=claims["iss"],
        subject=claims["sub"],
        username=_username(provider, claims),
        amr=_amr(claims.get("amr")),
        given_name=name_of(_text_of(claims, mapping.given_name)),
        family_name=name_of(_text_of(claims, mapping.family_name)),
        email=_email(claims, mapping.email),
        locale=language_of(_text_of(claims, mapping.locale)),
        fhir_user=fhir_user,
        permissions=permissions_from(provider, claims),
        roles=roles_from(provider, claims),
        represents=_represents(server, provider, claims) if mapping.represents else None,
        default_launch_contexts=tuple(_contexts(provider, claims)) if mapping.launch_contexts else None,
        auth_time=int(claims["auth_time"]) if "auth_time" in claims else None,
        acr=_text(claims.get("acr")),
        provider_session=sid if isinstance(sid, str) else None,
        gone=("fhir_user",) if mapping.fhir_user and fhir_user is None else (),
    )


def _claim(claims: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    """The first of the claims that has a value; a name is a member's own, or a path with dots."""
    for name in names:
        value: Any = claims.get(name)
        if value is None and "." in name:
            value = claims
            for part in name.split("."):
                value = value.get(part) if isinstance(value, Mapping) else None
        if value not in (None, "", [], {}):
            return value
    return None


def _username(provider: Provider, claims: Mapping[str, Any]) -> str:
    for name in provider.claims.username:
        value = _claim(claims, (name,))
        if (
            isinstance(value, str) and value.strip() and "/" not in value
        ):  # with a slash it reads like a fhirUser
            return provider.username_prefix + value.strip()
    raise ArrivalRefused(f"no claim gives a user name: {', '.join(provider.claims.username)}")


def _text_of(claims: Mapping[str, Any], names: tuple[str, ...]) -> str | None:
    value = _claim(claims, names)
    return value if isinstance(value, str) else None


def _email(claims: Mapping[str, Any], names: tuple[str, ...]) -> str | None:
    """The address, unless the provider says itself that it is not verified (Core 5.1)."""
    if claims.get("email_verified", True) not in (True, "true"):
        return None
    return mail_address_of(_text_of(claims, names))


def _fhir_user(server: AuthorizationServer, provider: Provider, claims: Mapping[str, Any]) -> str | None:
    value = _claim(claims, provider.claims.fhir_user)
    if value is None:
        return None
    text = _local_reference(server, provider, value, provider.fhir_user_type)
    if text is None or text.partition("/")[0] not in FHIR_USER_TYPES:
        raise ArrivalRefused(
            f"the claim for fhir_user names no {', '.join(FHIR_USER_TYPES)} of our FHIR server"
        )
    return text


def _local_reference(
    server: AuthorizationServer, provider: Provider, value: Any, bare_type: str | None
) -> str | None:
    """`Type/id` of our FHIR server; None for another server's, and for what is no reference."""
    if not isinstance(value, str):
        return None
    for base in (provider.fhir_base, server.issuer.fhir_base):
        if base is not None and value.startswith(base.rstrip("/") + "/"):
            value = value[len(base.rstrip("/")) + 1 :]
            break
    if bare_type is not None and is_fhir_id(value):
        value = f"{bare_type}/{value}"
    try:
        return read_reference(value).text
    except ValueError:
        return None


def _represents(
    server: AuthorizationServer, provider: Provider, claims: Mapping[str, Any]
) -> tuple[str, ...]:
    found = []
    claim = _claim(claims, provider.claims.represents)
    for value in _values(claim.split() if isinstance(claim, str) else claim, "represents"):
        text = _local_reference(server, provider, value, "Patient")
        if text is None or not text.startswith("Patient/"):
            raise ArrivalRefused(
                "the claim for represents names somebody who is no patient of our FHIR server"
            )
        found.append(text)
    return tuple(dict.fromkeys(found))


def permissions_from(provider: Provider, claims: Mapping[str, Any]) -> tuple[Permission, ...] | None:
    """What the rules make of the groups; None where the definition has no rules: then an administrator gives them.

    Raises `ArrivalRefused`.
    """
    if not provider.permission_rules:
        return None
    return permissions_of(read_rules(provider.permission_rules), _groups(provider, claims))


def roles_from(provider: Provider, claims: Mapping[str, Any]) -> tuple[str, ...] | None:
    """The roles that the rules give to the groups; None where no rule speaks of roles. Raises `ArrivalRefused`."""
    return roles_of(read_rules(provider.permission_rules), _groups(provider, claims))


def _groups(provider: Provider, claims: Mapping[str, Any]) -> tuple[str, ...]:
    """A text is one group: the names of groups may have spaces."""
    value = _claim(claims, provider.claims.groups)
    return _values([value] if isinstance(value, str) else value, "groups")


def _contexts(provider: Provider, claims: Mapping[str, Any]) -> Iterator[LaunchDefault]:
    for type_, names in provider.claims.launch_contexts.items():
        value = _claim(claims, names)
        if value is None:
            continue
        named, slash, id_ = value.partition("/") if isinstance(value, str) else ("", "", "")
        bare = id_ if slash and named.lower() == type_ else named if not slash else ""
        if not is_fhir_id(bare):
            raise ArrivalRefused(f"the claim for the launch context {type_} is no id")
        yield LaunchDefault(type_, bare)


def _values(value: Any, name: str) -> tuple[str, ...]:
    """A claim of several values, a list of texts."""
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise ArrivalRefused(f"the claim for {name} is no list of texts")
    if len(value) > _MOST_VALUES:
        raise ArrivalRefused(f"the claim for {name} has more than {_MOST_VALUES} values")
    return tuple(value)


def _amr(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        return ()
    return tuple(one for one in value[:20] if isinstance(one, str) and _AMR.fullmatch(one))


def _text(value: Any) -> str | None:
    is_text = isinstance(value, str) and 0 < len(value) <= _LONGEST_ACR and value.isprintable()
    return value if is_text else None
