"""The settings of the page about proxies are settings that are taken."""

import re
from pathlib import Path

from assent.app.configuration import read_settings_text

PAGE = Path("docs/how-to/sign-in-behind-a-proxy.md")


def test_every_block_of_settings_is_read() -> None:
    blocks = re.findall(r"```toml\n(.*?)```", PAGE.read_text(), re.DOTALL)
    read = [read_settings_text(block, {}).sign_in for block in blocks]
    assert [settings.modules for settings in read] == [("header",), ("certificate", "local")]
    assert read[0].header is not None
    assert read[0].header.permissions == ("clinicians => FHIR_ALL_READ", "* => ROLE_FHIR_CLIENT")
    assert read[1].certificate is not None
    assert read[1].certificate.authorities == "clinic-ca.pem"
