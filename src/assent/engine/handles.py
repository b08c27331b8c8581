"""Random handles (codes, tokens, cookies, launch handles) and the hashes that are stored of them."""

import base64
import hashlib

from assent.engine.server import AuthorizationServer

HANDLE_BYTES = 32


def new_handle(server: AuthorizationServer) -> str:
    """256 random bits as 43 URL-safe characters."""
    return base64.urlsafe_b64encode(server.random(HANDLE_BYTES)).rstrip(b"=").decode("ascii")


def hash_handle(handle: str) -> bytes:
    """SHA-256: enough for a value with 256 bits of randomness, and quick."""
    return hashlib.sha256(handle.encode("utf-8")).digest()


def new_id(server: AuthorizationServer, prefix: str) -> str:
    """A public random id, as `u-3kq…`: the prefix, and 130 random bits in lower-case base 32."""
    return f"{prefix}-{base64.b32encode(server.random(17))[:26].decode('ascii').lower()}"
