"""The library that is shipped is the one that its README names."""

import hashlib
import re

from assent.demo.pages.sample_app import fhirclient_folder


def test_the_fhirclient_file_has_the_hash_that_its_readme_states() -> None:
    folder = fhirclient_folder()
    stated = re.search(
        r"SHA-256[^`]*`fhir-client\.pure\.min\.js` \| `([0-9a-f]{64})`", (folder / "README.md").read_text()
    )
    assert stated
    assert hashlib.sha256((folder / "fhir-client.pure.min.js").read_bytes()).hexdigest() == stated[1]


def test_the_fhirclient_file_comes_with_its_licences() -> None:
    folder = fhirclient_folder()
    assert "Apache License" in (folder / "LICENSE").read_text()
    assert "MIT" in (folder / "fhir-client.pure.min.js.LICENSE.txt").read_text()
