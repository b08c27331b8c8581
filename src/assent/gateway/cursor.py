"""Links of the upstream that an app may follow, and what their answers are checked by, sealed and bound to one access.

They lead to further pages, and to the status and the files of exports. An app gets an opaque value. It cannot read it,
change it, or use it with another grant's token, nor after the rights have changed: a search that was narrowed to other
rights would count and find by them. Sources: FHIR R4 3.1.0.1.5 (paging links are opaque); Bulk Data Access 2.0.
"""

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from typing import Final, Literal, TypeVar

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


class BulkLink(msgspec.Struct, array_like=True, frozen=True):
    """Where the upstream tells of an export or import, or keeps one of its files.

    `kind`: an export or an import, or what a file was listed as in the manifest; `types`: what the files may hold;
    None: anything. `asked`: the URL by which it was begun, as an app knows it.
    """

    kind: Literal["export", "import", "output", "deleted", "error"]
    link: str
    types: tuple[str, ...] | None
    asked: str = ""


_Sealed = TypeVar("_Sealed", _Cursor, BulkLink)


class Cursors:
    """Seals and opens cursors under a key of their own, made from `key`."""

    def __init__(self, key: bytes, random: Callable[[int], bytes]) -> None:
        self._sealer = Sealer(hmac.new(key, b"gateway cursor", hashlib.sha256).digest(), random)

    def seal(self, access: Access, link: str, continuation: Continuation) -> str:
        """The cursor of a further page; `link` is the upstream's, relative to its base. Raises `Refused` (403)."""
        cursor = self._seal(_Cursor(link, continuation), access.binding)
        if len(cursor) > MAX_CURSOR:
            raise undecidable("A search this long that goes on to further pages", "ask for less at once")
        return cursor

    def open(self, access: Access, cursor: str) -> tuple[str, Continuation]:
        """Link and continuation. Raises `Refused` (400) for a cursor of another access, or none of ours."""
        rule = "This paging link is not of this access as it is now, or was changed: search again"
        opened = self._open(cursor, access.binding, _Cursor, rule)
        return opened.link, opened.continuation

    def seal_bulk(self, access: Access, link: BulkLink) -> str:
        """The value that stands for a link of an export or import. Raises `Refused` (403)."""
        sealed = self._seal(link, f"bulk {access.binding}")
        if len(sealed) > MAX_CURSOR:
            raise undecidable("An export with links this long", "ask for less at once")
        return sealed

    def open_bulk(self, access: Access, sealed: str) -> BulkLink:
        """The link. Raises `Refused` (400) for one of another access, or none of ours."""
        rule = "This link is not of this access as it is now, or was changed: begin the export again"
        return self._open(sealed, f"bulk {access.binding}", BulkLink, rule)

    def _seal(self, value: _Cursor | BulkLink, purpose: str) -> str:
        plain = msgspec.msgpack.encode(value)
        return urlsafe_b64encode(self._sealer.seal(plain, purpose)).rstrip(b"=").decode("ascii")

    def _open(self, text: str, purpose: str, kind: type[_Sealed], rule: str) -> _Sealed:
        if len(text) > MAX_CURSOR:
            raise malformed("This link is longer than any that was given out")
        try:
            sealed = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
            return msgspec.msgpack.decode(self._sealer.open(sealed, purpose), type=kind)
        except (SealBroken, ValueError, msgspec.ValidationError) as error:
            raise malformed(rule) from error
