"""Access tokens that another issuer signed or speaks for: what their claims must say to be good at our FHIR server.

Owns the rules about claims, the same for a JWT and for what introspection answers. Header and signature, and what the
token may do here, are others'. Every breach is `BadForeignToken`, whose text names the rule, for the log.
Sources: RFC 9068 2.2 and 4, RFC 7662 2.2, RFC 8725 3.8 and 3.9 (issuer, audience); SMART App Launch 2.2.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from assent.spec.identifiers import is_fhir_id

_LONGEST: Final = 255


class BadForeignToken(ValueError):
    """A token breaks a rule; the text says which."""


@dataclass(frozen=True, slots=True)
class ForeignToken:
    """What a good token says. `subject` is None where introspection names nobody; `patient` is a bare id."""

    issuer: str
    subject: str | None
    client_id: str
    scope: str
    patient: str | None
    claims: Mapping[str, Any]

    @property
    def acts_alone(self) -> bool:
        """Whether a client has it for itself alone, for no patient.

        RFC 9068 2.2: `sub` is the client then. A token that names nobody is nobody's: not the client's either.
        """
        return self.subject is not None and self.subject == self.client_id and self.patient is None


def read_foreign_token(
    claims: Mapping[str, Any], issuer: str, audience: str, *, now: int, leeway_seconds: int
) -> ForeignToken:
    """The token of these claims, which a signature or introspection vouches for. Raises `BadForeignToken`."""
    if claims.get("iss") != issuer:
        raise BadForeignToken("iss is not the provider's issuer")
    audiences = claims.get("aud")
    if audience not in (audiences if isinstance(audiences, list) else [audiences]):
        raise BadForeignToken(f"aud is not {audience}")
    if _instant(claims, "exp") <= now - leeway_seconds:
        raise BadForeignToken("the token is past its exp")
    for name in ("nbf", "iat"):
        if name in claims and _instant(claims, name) > now + leeway_seconds:
            raise BadForeignToken(f"{name} is in the future")
    if "nonce" in claims or "at_hash" in claims:
        raise BadForeignToken("it is an ID token")  # RFC 8725 2.8: no kind of token passes for another
    client_id = claims.get("client_id", claims.get("azp"))
    return ForeignToken(
        issuer=issuer,
        subject=_text(claims, "sub", claims.get("sub")),
        client_id=_text(claims, "client_id", client_id) or "",
        scope=_scope(claims),
        patient=_patient(claims),
        claims=claims,
    )


def _scope(claims: Mapping[str, Any]) -> str:
    """The scopes: RFC 9068 writes `scope`, some issuers `scp`, as a list."""
    scope = claims.get("scope", claims.get("scp", ""))
    if isinstance(scope, list) and all(isinstance(one, str) for one in scope):
        return " ".join(scope)
    if not isinstance(scope, str):
        raise BadForeignToken("scope must be a text")
    return scope


def _patient(claims: Mapping[str, Any]) -> str | None:
    patient = claims.get("patient")
    if patient is None:
        return None
    bare = patient.removeprefix("Patient/") if isinstance(patient, str) else ""
    if not is_fhir_id(bare):
        raise BadForeignToken("patient must be a bare id")
    return bare


def _text(claims: Mapping[str, Any], name: str, value: Any) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or not 0 < len(value) <= _LONGEST or not value.isprintable():
        raise BadForeignToken(f"{name} must be a text of 1 to {_LONGEST} characters")
    return value


def _instant(claims: Mapping[str, Any], name: str) -> int:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 2**53:
        raise BadForeignToken(f"{name} must be a number of seconds")
    return int(value)
