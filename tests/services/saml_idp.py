"""A real SAML identity provider that is not ours: pysaml2 and Debian's xmlsec1, in a process of its own."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from assent.identity.saml.keys import KeyPair
from services.key_pairs import write_pair

PROGRAM = Path(__file__).resolve().parents[1] / "upstream" / "saml_idp.py"


@dataclass(frozen=True, slots=True)
class SamlIdp:
    """The running provider."""

    url: str

    @property
    def metadata_url(self) -> str:
        """Where its metadata is; its entity id, too."""
        return f"{self.url}/metadata"

    async def take_partner(self, metadata: bytes) -> None:
        """Makes a service provider known there."""
        async with httpx.AsyncClient() as http:
            (await http.put(f"{self.url}/sp", content=metadata)).raise_for_status()


StartIdp = Callable[..., SamlIdp]


@pytest.fixture
def start_saml_idp(tmp_path: Path) -> Iterator[StartIdp]:
    """Starts a provider with this key and these people, attributes by name; `options` as its program says."""
    with ExitStack() as stack:

        def start(pair: KeyPair, people: dict[str, dict[str, Any]], **options: Any) -> SamlIdp:
            xmlsec1 = shutil.which("xmlsec1")
            assert xmlsec1 is not None, (
                "Debian's xmlsec1 is missing: run `make test`, or `make services` first"
            )
            key_file, certificate_file = write_pair(tmp_path, "idp", pair)
            server = stack.enter_context(
                subprocess.Popen(
                    [sys.executable, str(PROGRAM)],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    text=True,
                )
            )
            assert server.stdin is not None
            assert server.stdout is not None
            stack.callback(_stop, server)
            files = {"key_file": str(key_file), "certificate_file": str(certificate_file)}
            server.stdin.write(json.dumps({"people": people, **files, **options}) + "\n")
            server.stdin.flush()
            line = server.stdout.readline()
            assert line.startswith("listening"), "the SAML identity provider did not start"
            return SamlIdp(f"http://127.0.0.1:{line.split()[1]}")

        yield start


def _stop(server: subprocess.Popen[str]) -> None:
    assert server.stdin is not None
    server.stdin.close()
    try:
        server.wait(timeout=10)
    except subprocess.TimeoutExpired:
        server.kill()
