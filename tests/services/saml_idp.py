"""A real SAML identity provider that is not ours: pysaml2 and Debian's xmlsec1, in a process of its own."""

import shutil
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
from services.processes import listening

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
        async with httpx.AsyncClient(timeout=60) as http:
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
            files = {"key_file": str(key_file), "certificate_file": str(certificate_file)}
            told = {"people": people, **files, **options}
            port = stack.enter_context(listening([sys.executable, str(PROGRAM)], told))
            assert port is not None, "the SAML identity provider did not start"
            return SamlIdp(f"http://127.0.0.1:{port}")

        yield start
