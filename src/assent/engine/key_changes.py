"""How signing keys come and go: the first ones, rotation, and keys that are brought from elsewhere.

A key is published from the moment it is stored, signs from `activates_at` to `retires_at`, and stays published until
`removes_at`, so that what it signed can be verified meanwhile. Private keys are stored sealed.
Source: RFC 7517 5; OpenID Connect Core 1.0 10.1.1 (rotation).
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from assent.engine.events import audit_event
from assent.engine.keys import key_purpose
from assent.engine.sealing import Sealer
from assent.engine.server import AuthorizationServer
from assent.records.keys import SigningKey
from assent.spec import jose
from assent.storage.interface import Act, Add, Change, Write
from assent.storage.tables import AUDIT, SIGNING_KEYS

ID_TOKEN_ALG = "RS256"  # SMART App Launch 2.2 (O3)
LONGEST_TOKEN_SECONDS = 86400


class KeysRefused(ValueError):
    """A JWKS cannot be imported: every mistake, each by its JSON path."""

    def __init__(self, mistakes: list[str]) -> None:
        super().__init__("; ".join(mistakes))
        self.mistakes = mistakes


async def ensure_keys(server: AuthorizationServer, sealer: Sealer) -> list[str]:
    """Makes the keys that are missing for ID tokens and access tokens; gives their kids.

    Two processes that start at once make one key: the kid tells day and number, and only one can add it.
    """
    made = []
    for alg in dict.fromkeys((ID_TOKEN_ALG, server.settings.access_token_alg)):
        stored = await server.storage.find(SIGNING_KEYS)
        now = server.now()
        if any(key.alg == alg and (key.retires_at == 0 or now < key.retires_at) for key in stored):
            continue
        key = _new_key(server, sealer, alg, [one.kid for one in stored])
        event = audit_event(server, "key.created", detail={"kid": key.kid, "alg": alg})
        if (await server.storage.commit(Act((Add(SIGNING_KEYS, key), Add(AUDIT, event))))).all:
            made.append(key.kid)
    return made


async def rotate_key(
    server: AuthorizationServer,
    sealer: Sealer,
    alg: str,
    *,
    actor: str | None,
    lead_seconds: int = 0,
    keep_seconds: int = LONGEST_TOKEN_SECONDS,
) -> SigningKey:
    """Makes a new key of `alg` that signs after `lead_seconds`; the others of that algorithm retire then.

    `keep_seconds` is how long retired keys stay published: longer than any token that they signed lives.
    """
    stored = await server.storage.find(SIGNING_KEYS)
    key = _new_key(server, sealer, alg, [one.kid for one in stored], lead_seconds)
    writes: list[Write] = [Add(SIGNING_KEYS, key)]
    for old in stored:
        if old.alg == alg and old.retires_at == 0:
            ends = {"retires_at": key.activates_at, "removes_at": key.activates_at + keep_seconds}
            writes.append(Change(SIGNING_KEYS, (old.kid,), ends, {"retires_at": 0}))
    event = audit_event(server, "key.rotated", actor=actor, detail={"kid": key.kid, "alg": alg})
    outcomes = await server.storage.commit(Act((*writes, Add(AUDIT, event)), whole=True))
    if not outcomes.all:
        raise KeysRefused(["somebody else is rotating the keys: look at the list and try again"])
    return key


async def import_jwks(
    server: AuthorizationServer, sealer: Sealer, jwks: Mapping[str, Any], *, actor: str | None
) -> list[SigningKey]:
    """Stores private keys with the kid and alg that they bring; all or none. Raises `KeysRefused`."""
    entries = jwks.get("keys")
    if not isinstance(entries, list) or not entries:
        raise KeysRefused(["keys: must be a list with at least one private JWK"])
    mistakes: list[str] = []
    keys: list[SigningKey] = []
    for place, entry in enumerate(entries):
        try:
            keys.append(_imported_key(server, sealer, entry))
        except ValueError as error:
            mistakes.append(f"keys[{place}]: {error}")
    if len({key.kid for key in keys}) != len(keys):
        mistakes.append("keys: a kid is there twice")
    if mistakes:
        raise KeysRefused(mistakes)
    event = audit_event(server, "key.imported", actor=actor, detail={"kids": [key.kid for key in keys]})
    writes: list[Write] = [Add(SIGNING_KEYS, key) for key in keys]
    outcomes = await server.storage.commit(Act((*writes, Add(AUDIT, event)), whole=True))
    lost_at = outcomes.lost_at
    if lost_at is not None:
        raise KeysRefused([f"keys[{lost_at}].kid: a key with this kid is here already"])
    return keys


def _imported_key(server: AuthorizationServer, sealer: Sealer, entry: Any) -> SigningKey:
    if not isinstance(entry, dict):
        raise jose.BadKey("must be a JSON object")
    kid, alg = entry.get("kid"), entry.get("alg")
    if not isinstance(kid, str) or not 0 < len(kid) <= 200:
        raise jose.BadKey("member kid must be a string of 1 to 200 characters")
    if alg not in jose.SIGNING_ALGS:
        raise jose.BadKey(f"member alg must be one of {', '.join(jose.SIGNING_ALGS)}")
    if entry.get("kty") != jose.KEY_TYPE_OF_ALG[alg] or entry.get("crv") != jose.CURVE_OF_ALG.get(alg):
        raise jose.BadKey(f"the key does not fit alg {alg}")
    jose.read_private_key(entry)
    return _sealed(server, sealer, {**entry, "use": "sig"}, server.now())


def _new_key(
    server: AuthorizationServer, sealer: Sealer, alg: str, kids: list[str], lead_seconds: int = 0
) -> SigningKey:
    now = server.now()
    day = f"{alg.lower()}-{datetime.fromtimestamp(now, UTC):%Y%m%d}"
    number = 1
    while f"{day}-{number}" in kids:
        number += 1
    return _sealed(server, sealer, jose.new_private_jwk(alg, f"{day}-{number}"), now + lead_seconds)


def _sealed(
    server: AuthorizationServer, sealer: Sealer, jwk: dict[str, Any], activates_at: int
) -> SigningKey:
    kid = jwk["kid"]
    return SigningKey(
        kid=kid,
        alg=jwk["alg"],
        public_jwk=jose.public_part(jwk),
        private_sealed=sealer.seal(msgspec.json.encode(jwk), key_purpose(server.issuer.id, kid)),
        created_at=server.now(),
        activates_at=activates_at,
    )
