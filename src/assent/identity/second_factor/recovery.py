"""Recovery codes: written down once, each good for one sign-in without the second factor.

Eighty random bits each, so that a quick hash keeps them. Source: NIST SP 800-63B 5.1.2 (look-up secrets).
"""

import hashlib
from base64 import b32encode
from dataclasses import replace
from typing import Final

from assent.engine.server import AuthorizationServer
from assent.records.second_factors import RecoveryCodes
from assent.storage.interface import Change, act
from assent.storage.tables import RECOVERY_CODES

HOW_MANY: Final = 10
_BYTES: Final = 10
_LENGTH: Final = 16
_MISREAD: Final = str.maketrans("018", "olb", " -")  # base 32 has no 0, 1 and 8
_TRIES: Final = 20


def new_codes(server: AuthorizationServer, person_id: str) -> tuple[tuple[str, ...], RecoveryCodes]:
    """Fresh codes as a person keeps them (`abcd-efgh-ijkl-mnop`), and the record of them."""
    plain = [b32encode(server.random(_BYTES)).decode().lower() for _ in range(HOW_MANY)]
    shown = tuple("-".join(code[start : start + 4] for start in range(0, _LENGTH, 4)) for code in plain)
    hashes = tuple(_hash(person_id, code) for code in plain)
    return shown, RecoveryCodes(person_id, hashes, server.now())


async def use_recovery_code(server: AuthorizationServer, person_id: str, text: str) -> int | None:
    """How many codes are left after this one was used; None when it is none of hers, or not any more."""
    wanted = _hash(person_id, _plain(text))
    for _ in range(_TRIES):
        kept = await server.storage.get(RECOVERY_CODES, person_id)
        if kept is None or wanted not in kept.code_hashes:
            return None
        left = tuple(one for one in kept.code_hashes if one != wanted)
        used = replace(kept, code_hashes=left, changes=kept.changes + 1)
        change = Change(
            RECOVERY_CODES,
            (person_id,),
            {"code_hashes": used.code_hashes, "changes": used.changes},
            {"changes": kept.changes, "created_at": kept.created_at},
        )
        if (await server.storage.commit(act(change))).all:
            return len(left)
    return None


def is_recovery_code(text: str) -> bool:
    """Whether it has the form of one, however it was typed."""
    plain = _plain(text)
    return len(plain) == _LENGTH and plain.isascii() and plain.isalnum()


def _plain(text: str) -> str:
    return text.strip().lower().translate(_MISREAD)


def _hash(person_id: str, plain: str) -> str:
    return hashlib.sha256(f"{person_id}\0{plain}".encode()).hexdigest()
