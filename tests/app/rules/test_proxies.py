"""The settings of modules behind a proxy: what is refused, and what is said of the proxy."""

import pytest

from assent.app.configuration import ConfigurationError, read_settings_text
from assent.app.rules.proxies import name_warnings, proxy_warnings

HEADER = """
[sign_in]
modules = ["header"]
[sign_in.header]
proxies = ["10.0.0.5", "10.0.0.0/8", "2001:db8::/32", "::1"]
username = "X-Remote-User"
groups = "X-Remote-Groups"
"""
CERTIFICATE = """
[sign_in]
modules = ["certificate"]
[sign_in.certificate]
proxies = ["{}"]
authorities = "ca.pem"
"""
WIDE = ["0.0.0.0/0", "::/0", "8.0.0.0/7", "2000::/3", "::ffff:0:0/96"]


def test_the_headers_that_a_proxy_has_to_overwrite_are_named() -> None:
    issuer = read_settings_text(HEADER, {})
    [warning] = proxy_warnings(issuer.all_issuers()["default"], "")
    assert warning.endswith("in every request: X-Remote-User, X-Remote-Groups")
    issuer = read_settings_text(CERTIFICATE.format("10.0.0.5"), {})
    [warning] = proxy_warnings(issuer.all_issuers()["default"], "")
    assert "Client-Cert in every request" in warning


@pytest.mark.parametrize("network", WIDE)
def test_half_the_world_is_no_proxy(network: str) -> None:
    with pytest.raises(ConfigurationError, match="could say to be anybody"):
        read_settings_text(CERTIFICATE.format(network), {})
    with pytest.raises(ConfigurationError, match="could say to be anybody"):
        read_settings_text(HEADER.replace("10.0.0.5", network), {})


def test_names_that_strangers_can_take_before_their_people_come_are_warned_of() -> None:
    sign_up = "[mail]\nhost = 'localhost'\nsender = 'a@b.example'\n[sign_up]\nenabled = true\n"
    issuer = read_settings_text(sign_up + HEADER.replace('["header"]', '["header", "local"]'), {})
    [warning] = name_warnings(issuer.all_issuers()["default"], "")
    assert "module header" in warning
    issuer = read_settings_text(HEADER, {})
    assert list(name_warnings(issuer.all_issuers()["default"], "")) == []
