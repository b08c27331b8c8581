"""A provider whose metadata becomes another's: what began with the one is not finished with the other."""

import os
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from assent.identity import ArrivalRefused, Brought, LogoutRefused
from assent.identity.saml.assertions import NameId
from assent.identity.saml.logout import KeptName
from assent.identity.saml.metadata import read_metadata
from assent.identity.saml.names import REDIRECT
from assent.identity.saml.xml import instant
from assent.testing.application import START
from identity.saml.clinic import CALLBACK, Desk, a_desk
from identity.saml.forger import IDP, encoded, metadata
from identity.saml.leaver import BY_REDIRECT, EXIT, metadata_with_exit
from services.key_pairs import a_pair

OTHER = "https://other.example/saml"


async def test_a_sign_in_is_finished_with_the_provider_that_was_asked(desk: Desk) -> None:
    answer = {"SAMLResponse": encoded(desk.forger.response())}
    kept = {"request": desk.forger.request_id, "provider": OTHER, "since": None}
    with pytest.raises(ArrivalRefused, match="changed meanwhile"):
        await desk.module.finish(desk.server, answer, kept, CALLBACK)


async def test_so_is_a_sign_out(desk: Desk) -> None:
    with pytest.raises(LogoutRefused, match="changed meanwhile"):
        await desk.module.check_logout_answer(desk.server, Brought({}), {"request": "_r", "provider": OTHER})


@pytest.mark.parametrize(("provider", "leaves"), [(IDP, True), (OTHER, False)])
async def test_a_name_goes_to_the_provider_that_gave_it(tmp_path: Path, provider: str, leaves: bool) -> None:
    desk = await a_desk(tmp_path, BY_REDIRECT)
    hint = msgspec.json.encode(KeptName(provider, NameId("", "p-4711"), None)).decode()
    assert (await desk.module.sign_out(desk.server, "state", "", hint) is not None) == leaves


async def test_new_keys_count_only_where_they_are_of_the_same_provider(tmp_path: Path) -> None:
    desk = await a_desk(tmp_path)
    await desk.finish(desk.forger.response())
    file = tmp_path / "idp.xml"
    read_at = file.stat().st_mtime_ns
    file.write_bytes(metadata(a_pair("next"), entity_id=OTHER))
    os.utime(file, ns=(read_at, read_at))
    following = replace(desk.forger, pair=a_pair("next")).saying(assertion_id="_two")
    assert "verification failed" in await desk.refused(following.response())


def test_a_place_to_sign_out_needs_addresses_that_are_some() -> None:
    good = metadata_with_exit((REDIRECT, EXIT), more='ResponseLocation="https://idp.clinic.example/done"')
    exit_ = read_metadata(good, None, None).exit
    assert exit_ is not None
    assert (exit_.url, exit_.answer_url) == (EXIT, "https://idp.clinic.example/done")
    bad = metadata_with_exit((REDIRECT, EXIT), more='ResponseLocation="javascript:alert(1)"')
    assert read_metadata(bad, None, None).exit is None


def test_metadata_ends_when_the_first_of_its_parts_does() -> None:
    soon, late = instant(START), instant(START + 9000)
    document = metadata(a_pair("idp"), more=f'validUntil="{late}"')
    role = document.replace(b"<md:IDPSSODescriptor ", f'<md:IDPSSODescriptor validUntil="{soon}" '.encode())
    assert read_metadata(role, None, None).valid_until == START


def test_a_key_for_encryption_signs_nothing() -> None:
    document = metadata(a_pair("idp"), a_pair("next")).replace(b'use="signing"', b'use="encryption"', 1)
    assert read_metadata(document, None, None).certificates == (a_pair("next").certificate,)
