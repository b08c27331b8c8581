"""Resources as JSON and back, number by number: 1.50 stays 1.50, since its precision is part of what it says.

Source: FHIR R4 json.html, datatypes.html#decimal (precision is preserved).
"""

from decimal import Decimal
from typing import Any

import msgspec

_decode = msgspec.json.Decoder(float_hook=Decimal).decode
_encode = msgspec.json.Encoder(decimal_format="number").encode


def decode_resource(body: bytes) -> dict[str, Any]:
    """The JSON object in `body`, its decimals exact. Raises ValueError when there is none."""
    try:
        decoded = _decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError("not JSON") from error
    if not isinstance(decoded, dict):
        raise ValueError("not a JSON object")  # noqa: TRY004 - the value of the text is wrong, not a type of ours
    return decoded


def encode_resource(resource: dict[str, Any]) -> bytes:
    """The resource as JSON."""
    return _encode(resource)
