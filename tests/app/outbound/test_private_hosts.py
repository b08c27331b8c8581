"""Hosts of one's own network that may be fetched from: which are named, how, and what stays closed."""

import socket
from typing import Any

import pytest
from aiohttp.abc import ResolveResult
from aiohttp.resolver import ThreadedResolver

from assent.app.configuration import ConfigurationError, read_settings
from assent.app.outbound.fetch import OutboundFetch
from assent.app.outbound.private_hosts import read_reach
from assent.app.settings import OutboundSettings
from assent.engine.server import FetchFailed

NAMED = OutboundSettings(
    private_hosts=("id.hospital.example", "keys.hospital.example:8443", "[fd12::1]:8443")
)


@pytest.mark.parametrize(
    ("host", "port", "address"),
    [
        ("id.hospital.example", 443, "10.1.2.3"),
        ("id.hospital.example", 8443, "fd12::7"),
        ("ID.Hospital.example.", 443, "192.168.0.9"),
        ("keys.hospital.example", 8443, "10.1.2.3"),
        ("fd12::1", 8443, "fd12::1"),
        ("anybody.example", 443, "1.1.1.1"),
    ],
)
def test_a_host_that_is_named_may_be_inside(host: str, port: int, address: str) -> None:
    read_reach(NAMED, is_loopback=False).check(host, port, [address])


@pytest.mark.parametrize(
    ("host", "port"),
    [
        ("hospital.example", 443),
        ("x.id.hospital.example", 443),
        ("id.hospital.example.evil.example", 443),
        ("keys.hospital.example", 443),
        ("fd12::1", 443),
        ("10.1.2.3", 443),
    ],
)
def test_a_host_that_is_not_named_may_not_and_is_told_the_setting(host: str, port: int) -> None:
    with pytest.raises(FetchFailed, match=r"address is private: .* name it in outbound\.private_hosts"):
        read_reach(NAMED, is_loopback=False).check(host, port, ["10.1.2.3"])


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "::1", "169.254.169.254", "fe80::1", "::ffff:127.0.0.1", "0.0.0.0", "fd00:ec2::254"],
)
def test_this_machine_its_link_and_metadata_stay_closed_to_a_host_that_is_named(address: str) -> None:
    reach = read_reach(NAMED, is_loopback=False)
    with pytest.raises(FetchFailed, match=r"which outbound\.private_hosts cannot open"):
        reach.check("id.hospital.example", 443, ["10.1.2.3", address])


def test_the_general_setting_opens_those_too() -> None:
    reach = read_reach(OutboundSettings(allow_private=True), is_loopback=False)
    reach.check("anybody.example", 443, ["127.0.0.1", "169.254.169.254"])


@pytest.mark.parametrize(
    ("url", "is_closed"),
    [
        ("https://id.hospital.example/jwks", False),
        ("https://keys.hospital.example/jwks", True),
        ("https://keys.hospital.example:8443/jwks", False),
        ("https://other.example/jwks", True),
        ("https://10.0.0.1:8443/jwks", True),
    ],
)
async def test_the_address_that_is_connected_to_obeys_it(
    monkeypatch: pytest.MonkeyPatch, url: str, is_closed: bool
) -> None:
    """Nobody answers there with a certificate of that name: whoever may go there is told just that."""

    async def resolve(
        self: ThreadedResolver, name: str, port: int = 0, family: Any = socket.AF_INET
    ) -> list[ResolveResult]:
        return [ResolveResult(hostname=name, host="10.0.0.1", port=port, family=family, proto=0, flags=0)]

    monkeypatch.setattr(ThreadedResolver, "resolve", resolve)
    monkeypatch.setattr("assent.app.outbound.fetch.TIMEOUT_SECONDS", 0.3)
    fetch = OutboundFetch(NAMED, is_loopback=False)
    try:
        with pytest.raises(FetchFailed) as failed:
            await fetch(url, "application/json")
    finally:
        await fetch.close()
    assert ("address is private" in str(failed.value)) is is_closed


async def test_a_port_that_is_none_is_a_failure() -> None:
    with pytest.raises(FetchFailed):
        await OutboundFetch(NAMED, is_loopback=False)("https://10.0.0.1:99999/", "application/json")


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("*.hospital.example", "wildcards are not taken"),
        ("https://id.hospital.example", "must be a host alone"),
        ("id.hospital.example/", "must be a host alone"),
        ("10.0.0.0/8", "must be a host alone"),
        ("user@id.hospital.example", "must be a host alone"),
        ("id.hospital.example:", "must be host or host:port"),
        ("id.hospital.example:0", "must be host or host:port"),
        ("id.hospital.example:99999", "must be host or host:port"),
        ("id.hospital.example?x", "must be host or host:port"),
        ("fd12::1", "must be host or host:port"),
        ("", "is no host name"),
        ("id..example", "is no host name"),
        ("höspital.example", "is no host name"),
        ("id hospital", "is no host name"),
        ("2130706433", "is no host name"),
        ("0x7f.1", "is no host name"),
        ("localhost", "must not be loopback"),
        ("127.0.0.1:8443", "must not be loopback"),
        ("169.254.169.254", "must not be loopback"),
        ("[::1]", "must not be loopback"),
        ("8.8.8.8", "is public and open already"),
    ],
)
def test_what_is_no_host_of_ones_own_network_is_refused_in_the_configuration(
    tmp_path: Any, value: str, said: str
) -> None:
    file = tmp_path / "assent.toml"
    file.write_text(f'[outbound]\nprivate_hosts = ["id.hospital.example:8443", "10.1.2.3", "{value}"]\n')
    with pytest.raises(ConfigurationError) as refused:
        read_settings(file)
    [mistake] = [one for one in str(refused.value).splitlines() if "private_hosts" in one]
    assert "outbound.private_hosts" in mistake
    assert said in mistake
