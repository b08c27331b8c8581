"""Further pages: the upstream's link and what its answer is checked by, sealed and bound to one access.

An app gets an opaque value. It cannot read it, change it, or use it with another grant's token, nor after the rights
have changed: a search that was narrowed to other rights would count and find by them. Source: FHIR R4 3.1.0.1.5
(paging links are opaque).
"""

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from typing import Final

import msgspec

from assent.engine.sealing import SealBroken, Sealer
from assent.gateway.access import Access
from assent.spec.fhir.allowed import Continuation
from assent.spec.fhir.refusals import malformed, undecidable

PARAMETER: Final = "_page"
MAX_CURSOR: Final = 32_000
"""Characters; the whole query of a request may be 64 kB."""


class _Cursor(msgspec.Struct, array_like=True):
    link: str
    continuation: Continuation


class Cursors:
    """Seals and opens cursors under a key of their own, made from `key`."""

    def __init__(self, key: bytes, random: Callable[[int], bytes]) -> None:
        self._sealer = Sealer(hmac.new(key, b"gateway cursor", hashlib.sha256).digest(), random)

    def seal(self, access: Access, link: str, continuation: Continuation) -> str:
        """The cursor of a further page; `link` is the upstream's, relative to its base. Raises `Refused` (403)."""
        plain = msgspec.msgpack.encode(_Cursor(link, continuation))
        cursor = urlsafe_b64encode(self._sealer.seal(plain, access.binding)).rstrip(b"=").decode("ascii")
        if len(cursor) > MAX_CURSOR:
            raise undecidable("A search this long that goes on to further pages", "ask for less at once")
        return cursor

    def open(self, access: Access, cursor: str) -> tuple[str, Continuation]:
        """Link and continuation. Raises `Refused` (400) for a cursor of another access, or none of ours."""
        if len(cursor) > MAX_CURSOR:
            raise malformed("This paging link is longer than any that was given out")
        try:
            sealed = urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
            plain = self._sealer.open(sealed, access.binding)
            opened = msgspec.msgpack.decode(plain, type=_Cursor)
        except (SealBroken, ValueError, msgspec.ValidationError) as error:
            raise malformed(
                "This paging link is not of this access as it is now, or was changed: search again"
            ) from error
        return opened.link, opened.continuation
