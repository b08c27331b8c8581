"""Further pages: the upstream's link and what its answer is checked by, sealed and bound to one grant.

An app gets an opaque value. It cannot read it, change it, or use it with another grant's token; and the rights that
count are those of the day the page is fetched. Source: FHIR R4 3.1.0.1.5 (paging links are opaque).
"""

import hashlib
import hmac
from collections.abc import Callable

import msgspec

from assent.engine.sealing import SealBroken, Sealer
from assent.gateway.access import Access
from assent.spec.fhir.decide import Continuation
from assent.spec.fhir.refusals import malformed

PARAMETER = "_page"
MAX_CURSOR = 12_000


class _Cursor(msgspec.Struct, array_like=True):
    link: str
    continuation: Continuation


class Cursors:
    """Seals and opens cursors under a key of their own, made from `key`."""

    def __init__(self, key: bytes, random: Callable[[int], bytes]) -> None:
        self._sealer = Sealer(hmac.new(key, b"gateway cursor", hashlib.sha256).digest(), random)

    def seal(self, access: Access, link: str, continuation: Continuation) -> str:
        """The cursor of a further page; `link` is the upstream's, relative to its base."""
        plain = msgspec.msgpack.encode(_Cursor(link, continuation))
        return self._sealer.seal(plain, access.holder).hex()

    def open(self, access: Access, cursor: str) -> tuple[str, Continuation]:
        """Link and continuation. Raises `Refused` (400) for a cursor of another grant, or none of ours."""
        if len(cursor) > MAX_CURSOR:
            raise malformed("This paging link is longer than any that was given out")
        try:
            plain = self._sealer.open(bytes.fromhex(cursor), access.holder)
            opened = msgspec.msgpack.decode(plain, type=_Cursor)
        except (SealBroken, ValueError, msgspec.ValidationError) as error:
            raise malformed("This paging link is not of this access, or was changed") from error
        return opened.link, opened.continuation
