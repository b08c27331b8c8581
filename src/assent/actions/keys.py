"""The issuer's signing keys, as an administrator sees them. How they come and go is `engine.key_changes`'."""

from dataclasses import dataclass
from typing import Any, Literal

from assent.actions.definitions import nearest
from assent.actions.refusals import Refused
from assent.engine.key_changes import ID_TOKEN_ALG, KeysRefused, import_jwks, rotate_key
from assent.engine.sealing import Sealer
from assent.engine.server import AuthorizationServer
from assent.records.keys import SigningKey
from assent.spec.jose import SIGNING_ALGS
from assent.storage.tables import SIGNING_KEYS

KeyState = Literal["waiting", "signing", "standby", "retired", "removed"]


@dataclass(frozen=True, slots=True)
class ListedKey:
    """A key and what it does now: `standby` could sign, but a newer one does; `retired` is only published."""

    key: SigningKey
    state: KeyState


async def list_keys(server: AuthorizationServer) -> tuple[ListedKey, ...]:
    """Every key, the newest first."""
    keys = sorted(await server.storage.find(SIGNING_KEYS), key=_age, reverse=True)
    now = server.now()
    signing: set[str] = set()
    listed = []
    for key in keys:
        state = _state(key, now, has_newer=key.alg in signing)
        if state == "signing":
            signing.add(key.alg)
        listed.append(ListedKey(key, state))
    return tuple(listed)


async def rotate_keys(
    server: AuthorizationServer,
    sealer: Sealer,
    alg: str | None = None,
    *,
    actor: str | None,
    lead_seconds: int = 0,
) -> tuple[SigningKey, ...]:
    """A new key for `alg`, or for each algorithm in use. It signs after `lead_seconds`. Raises `Refused`."""
    if alg is not None and alg not in SIGNING_ALGS:
        raise Refused([f"alg: must be one of {', '.join(SIGNING_ALGS)}{nearest(alg, SIGNING_ALGS)}"])
    if not 0 <= lead_seconds <= 30 * 86400:
        raise Refused(["lead_seconds: must be 0 to 2592000"])
    algs = (alg,) if alg else dict.fromkeys((ID_TOKEN_ALG, server.settings.access_token_alg))
    try:
        return tuple(
            [await rotate_key(server, sealer, one, actor=actor, lead_seconds=lead_seconds) for one in algs]
        )
    except KeysRefused as error:
        raise Refused(error.mistakes) from error


async def import_keys(
    server: AuthorizationServer, sealer: Sealer, document: Any, *, actor: str | None
) -> tuple[SigningKey, ...]:
    """Stores the private keys of a JWKS with their kid and alg, all or none. Raises `Refused`."""
    if not isinstance(document, dict):
        raise Refused(["the document: must be an object with the member keys"])
    try:
        return tuple(await import_jwks(server, sealer, document, actor=actor))
    except KeysRefused as error:
        raise Refused(error.mistakes) from error


def _age(key: SigningKey) -> tuple[int, int, str]:
    return key.activates_at, key.created_at, key.kid


def _state(key: SigningKey, now: int, *, has_newer: bool) -> KeyState:
    if key.removes_at and key.removes_at <= now:
        return "removed"
    if key.retires_at and key.retires_at <= now:
        return "retired"
    if key.activates_at > now:
        return "waiting"
    return "standby" if has_newer else "signing"
