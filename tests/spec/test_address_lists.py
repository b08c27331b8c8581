"""Which addresses a list of addresses and networks has."""

import pytest

from assent.spec.address_lists import AddressList, plain_address


@pytest.mark.parametrize(
    ("listed", "address"),
    [
        ("10.0.0.5", "10.0.0.5"),
        ("10.0.0.0/24", "10.0.0.9"),
        ("10.0.0.5", "::ffff:10.0.0.5"),
        ("10.0.0.0/24", "::ffff:a00:9"),
        ("::ffff:10.0.0.5", "10.0.0.5"),
        ("::ffff:10.0.0.0/120", "::ffff:10.0.0.9"),
        ("2001:db8::/64", "2001:db8::1"),
        ("::1", "::1"),
    ],
)
def test_an_address_is_found_however_it_is_written(listed: str, address: str) -> None:
    assert AddressList(["192.0.2.1", listed]).has(address)


@pytest.mark.parametrize(
    ("listed", "address"),
    [
        ("10.0.0.5", "10.0.0.6"),
        ("10.0.0.5", "::ffff:10.0.0.6"),
        ("10.0.0.5", "::10.0.0.5"),
        ("10.0.0.5", "2002:a00:5::"),
        ("::/96", "10.0.0.5"),
        ("10.0.0.5", ""),
        ("10.0.0.5", None),
        ("10.0.0.5", "proxy.example"),
    ],
)
def test_another_address_is_not_found(listed: str, address: str | None) -> None:
    assert not AddressList([listed]).has(address)


def test_what_is_no_network_is_refused() -> None:
    with pytest.raises(ValueError, match="host bits"):
        AddressList(["10.0.0.5/24"])


def test_a_plain_address_is_left_as_it_is() -> None:
    assert [plain_address(text) for text in ("::ffff:10.0.0.5", "10.0.0.5", "fe80::1", "x")] == [
        "10.0.0.5",
        "10.0.0.5",
        "fe80::1",
        "x",
    ]
