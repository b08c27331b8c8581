"""Sealed values open under the same key and for the same purpose, and not otherwise."""

import os

import pytest

from assent.engine.sealing import SealBroken, Sealer

SEALER = Sealer(bytes(32), os.urandom)


def test_what_was_sealed_opens() -> None:
    sealed = SEALER.seal(b"secret", "for this")
    assert b"secret" not in sealed
    assert SEALER.open(sealed, "for this") == b"secret"


def test_the_same_value_is_never_sealed_the_same_way_twice() -> None:
    assert SEALER.seal(b"secret", "for this") != SEALER.seal(b"secret", "for this")


def test_another_purpose_does_not_open_it() -> None:
    with pytest.raises(SealBroken):
        SEALER.open(SEALER.seal(b"secret", "for this"), "for that")


def test_another_master_key_does_not_open_it() -> None:
    with pytest.raises(SealBroken):
        Sealer(b"1" * 32, os.urandom).open(SEALER.seal(b"secret", "for this"), "for this")


@pytest.mark.parametrize("sealed", [b"", b"short", bytes(40)])
def test_what_was_not_sealed_does_not_open(sealed: bytes) -> None:
    with pytest.raises(SealBroken):
        SEALER.open(sealed, "for this")


def test_a_changed_value_does_not_open() -> None:
    sealed = bytearray(SEALER.seal(b"secret", "for this"))
    sealed[-1] ^= 1
    with pytest.raises(SealBroken):
        SEALER.open(bytes(sealed), "for this")


def test_a_master_key_has_32_bytes() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Sealer(b"short", os.urandom)
