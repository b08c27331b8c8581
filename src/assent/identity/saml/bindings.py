"""Messages on their way through a browser: by HTTP-Redirect in a query, by HTTP-POST in a form, and always signed.

Sources: SAML Bindings 3.4.4 (HTTP-Redirect: DEFLATE, the signature over the query), 3.5.4 (HTTP-POST: base64, the
signature inside).
"""

import base64
import binascii
import zlib
from collections.abc import Iterable
from typing import Final, Literal
from urllib.parse import urlsplit

from cryptography import x509

from assent.identity import Brought, Sending
from assent.identity.saml.keys import KeyPair
from assent.identity.saml.names import POST
from assent.identity.saml.query_signatures import message_in_query, signed_query
from assent.identity.saml.signatures import is_signed, sign, signed
from assent.identity.saml.xml import MOST_BYTES, BadXml, Element, as_bytes, read_xml

Kind = Literal["SAMLRequest", "SAMLResponse"]
_RAW_DEFLATE: Final = -15


def redirecting(to: str, kind: Kind, message: Element, relay_state: str | None, pair: KeyPair) -> Sending:
    """The browser goes to an address with the message in its query."""
    deflate = zlib.compressobj(9, zlib.DEFLATED, _RAW_DEFLATE)
    packed = base64.b64encode(deflate.compress(as_bytes(message)) + deflate.flush()).decode()
    query = signed_query({kind: packed, **_relayed(relay_state)}, pair)
    return Sending(f"{to}{'&' if urlsplit(to).query else '?'}{query}")


def sending(
    binding: str, to: str, kind: Kind, message: Element, relay_state: str | None, pair: KeyPair
) -> Sending:
    """The same by the binding that the other side wants."""
    if binding != POST:
        return redirecting(to, kind, message, relay_state, pair)
    return Sending(to, form={kind: base64.b64encode(sign(message, pair)).decode(), **_relayed(relay_state)})


def received(brought: Brought, kind: Kind, certificates: Iterable[x509.Certificate]) -> Element:
    """The root of a message as one of the keys has signed it. Raises `BadSignature`, `BadXml`."""
    if brought.query is not None:
        # Bindings 3.4.4.1: a signature inside is not used with this binding
        return read_xml(_inflated(_decoded(message_in_query(brought.query, kind, certificates))))
    root = read_xml(_decoded(brought.fields.get(kind, "")))
    if not is_signed(root):
        raise BadXml("the message is not signed")
    return signed(root, certificates)


def _relayed(relay_state: str | None) -> dict[str, str]:
    return {} if relay_state is None else {"RelayState": relay_state}


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadXml("the message is no base64") from error


def _inflated(data: bytes) -> bytes:
    """What was deflated, as far as a message may be long: a few bytes can stand for a great many."""
    unpacker = zlib.decompressobj(_RAW_DEFLATE)
    try:
        message = unpacker.decompress(data, MOST_BYTES + 1)
    except zlib.error as error:
        raise BadXml("the message is not deflated") from error
    if not unpacker.eof or unpacker.unused_data:
        raise BadXml(f"the message is cut off, goes on behind its end, or is longer than {MOST_BYTES} bytes")
    return message
