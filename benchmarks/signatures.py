"""The price of a bare signature on this machine: what a token costs before anything else is done.

python -m benchmarks.signatures     milliseconds of one operation, as JSON, on the processor of the servers
"""

import json
import time
from collections.abc import Callable

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from benchmarks.machine import Processors

_SECONDS = 0.7
_ROUNDS = 3
_MESSAGE = b"x" * 500  # about what header and claims of an access token come to


def operations() -> dict[str, Callable[[], object]]:
    """The operations by name, keys loaded."""
    rsa_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    p256, p384 = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP384R1())
    padded, with_256, with_384 = padding.PKCS1v15(), hashes.SHA256(), hashes.SHA384()
    rs384, es384 = rsa_key.sign(_MESSAGE, padded, with_384), p384.sign(_MESSAGE, ec.ECDSA(with_384))
    rsa_public, p384_public = rsa_key.public_key(), p384.public_key()
    return {
        "sign RS256": lambda: rsa_key.sign(_MESSAGE, padded, with_256),
        "sign ES256": lambda: p256.sign(_MESSAGE, ec.ECDSA(with_256)),
        "verify RS384": lambda: rsa_public.verify(rs384, _MESSAGE, padded, with_384),
        "verify ES384": lambda: p384_public.verify(es384, _MESSAGE, ec.ECDSA(with_384)),
    }


def price_ms(operation: Callable[[], object]) -> float:
    """Milliseconds of one operation, the best of a few rounds."""
    return min(_once(operation) for _ in range(_ROUNDS))


def _once(operation: Callable[[], object]) -> float:
    began, count = time.perf_counter(), 0
    while (spent := time.perf_counter() - began) < _SECONDS / _ROUNDS:
        operation()
        count += 1
    return spent / count * 1000


def main() -> None:
    """Prints the prices."""
    Processors().pin_server()
    print(json.dumps({name: round(price_ms(operation), 4) for name, operation in operations().items()}))


if __name__ == "__main__":
    main()
