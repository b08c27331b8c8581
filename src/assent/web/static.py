"""Our own style sheets and the one script, from memory, under names that change with their content.

Owns the folder `static`. Nothing outside it can be asked for: names are looked up, never joined to a path.
Source: RFC 9111 5.2.2.1, RFC 8246 (immutable).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files
from types import MappingProxyType
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


@dataclass(frozen=True, slots=True)
class StaticFile:
    """A file as it is sent. `version`: the beginning of its SHA-256."""

    content: bytes
    media_type: str
    version: str

    @classmethod
    def of(cls, content: bytes, media_type: str) -> "StaticFile":
        """The file with its version."""
        return cls(content, media_type, sha256(content).hexdigest()[:16])


class StaticFiles:
    """The files of a release, at `<path>/<name>?v=<version>`."""

    def __init__(self, contents: Mapping[str, StaticFile], path: str = "/static") -> None:
        self._files = MappingProxyType(dict(contents))
        self._path = path

    def url(self, name: str) -> str:
        """Where `name` is found; raises KeyError for a file that we do not have."""
        return f"{self._path}/{name}?v={self._files[name].version}"

    def has(self, name: str) -> bool:
        """Is there such a file?"""
        return name in self._files

    async def respond(self, request: Request) -> Response:
        """Send the file that the path names (`{name}` in the route), 304 when the browser has it."""
        found = self._files.get(request.path_params["name"])
        if found is None:
            raise HTTPException(404)
        etag = f'"{found.version}"'
        is_current = request.query_params.get("v") == found.version
        headers = {
            "ETag": etag,
            "Cache-Control": "public, max-age=31536000, immutable" if is_current else "no-cache",
        }
        if request.headers.get("if-none-match") == etag:
            return Response(status_code=304, headers=headers)
        return Response(found.content, media_type=found.media_type, headers=headers)


def read_static_files() -> dict[str, StaticFile]:
    """Read the files that come with the product."""
    found = {}
    for entry in files("assent.web").joinpath("static").iterdir():
        suffix = entry.name[entry.name.rfind(".") :]
        if suffix in _TYPES:
            found[entry.name] = StaticFile.of(entry.read_bytes(), _TYPES[suffix])
    return found
