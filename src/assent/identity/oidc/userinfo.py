"""What a provider's userinfo endpoint says of somebody: a JSON object, or the same as a signed JWT.

Owns asking and reading. Whether a signature holds is `keys`' business. Source: OpenID Connect Core 1.0 5.3.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from assent.engine.server import AuthorizationServer, Outgoing
from assent.identity import ArrivalRefused, ModuleDown
from assent.identity.oidc.exchange import read_object, send

_PLACE: Final = "userinfo endpoint"
_SIGNED: Final = "application/jwt"


@dataclass(frozen=True, slots=True)
class Userinfo:
    """What came: `plain` claims, or a JWT that has to be verified first."""

    plain: Mapping[str, Any] = field(default_factory=dict)
    signed: str | None = field(default=None, repr=False)


async def ask_userinfo(server: AuthorizationServer, url: str, access_token: str) -> Userinfo:
    """What the provider answers (Core 5.3.2: the media type says which form it has). Raises `ModuleDown`."""
    request = Outgoing(
        url, authorization=f"Bearer {access_token}", accept=f"application/json, {_SIGNED};q=0.9"
    )
    answer = await send(server, request, _PLACE)
    if answer.status != 200:
        raise ModuleDown(f"the {_PLACE} answered {answer.status}")
    if answer.media_type != _SIGNED:
        return Userinfo(read_object(answer, _PLACE))
    try:
        return Userinfo(signed=answer.body.decode("ascii").strip())
    except UnicodeDecodeError as error:
        raise ModuleDown(f"the {_PLACE} answered with no JWT") from error


def read_userinfo(claims: Mapping[str, Any], subject: str) -> Mapping[str, Any]:
    """The claims, when they are of whom the ID token names. Raises `ArrivalRefused`."""
    if claims.get("sub") != subject:  # Core 5.3.2: MUST NOT be used otherwise
        raise ArrivalRefused("userinfo is of another sub than the ID token")
    return claims
