"""JSON in and out: decimals keep their digits (FHIR R4 json.html, "Decimal"), member order is kept.

Owns: the one encoder and decoder. Leaves what the JSON means to others.
"""

from decimal import Decimal
from typing import Any

import msgspec

Json = dict[str, Any]

_DECODER = msgspec.json.Decoder(float_hook=Decimal)
_ENCODER = msgspec.json.Encoder(decimal_format="number")


def encode(value: object) -> bytes:
    """Compact JSON; `msgspec.Raw` inside is copied as it is."""
    return _ENCODER.encode(value)


def decode(raw: bytes) -> Any:
    """Any JSON value; raises `msgspec.DecodeError` when the bytes are not JSON."""
    return _DECODER.decode(raw)


def decode_object(raw: bytes) -> Json:
    """A JSON object that this store encoded itself."""
    value: Json = _DECODER.decode(raw)
    return value
