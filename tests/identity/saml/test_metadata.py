"""A provider's metadata: what is taken from it, when it is read again, and what is no good."""

import os
from dataclasses import replace
from pathlib import Path

import pytest
from lxml import etree

from applications import OpenWith
from assent.engine.server import AuthorizationServer, Fetched, FetchFailed
from assent.identity import ModuleDown
from assent.identity.saml.metadata import BadMetadata, Idp, IdpMetadata, read_metadata
from assent.identity.saml.names import DS, MD, SAMLP
from assent.identity.saml.settings import SamlSettings
from assent.identity.saml.xml import instant
from assent.testing.application import START
from assent.testing.server import a_server
from identity.saml.clinic import a_clinic, a_desk
from identity.saml.forger import IDP, SSO, metadata, sign
from services.key_pairs import a_pair

URL = "https://idp.clinic.example/metadata"


def test_what_is_needed_is_taken() -> None:
    idp = read_metadata(metadata(a_pair("idp"), a_pair("next")), None, None)
    pairs = (a_pair("idp").certificate, a_pair("next").certificate)
    assert idp == Idp(IDP, SSO, pairs)


def test_of_several_providers_the_named_one_is_taken() -> None:
    both = (
        f'<md:EntitiesDescriptor xmlns:md="{MD}"><!-- a federation -->'.encode()
        + metadata(a_pair("idp")).replace(b' ID="_m"', b"")
        + metadata(a_pair("next"), entity_id="urn:other").replace(b' ID="_m"', b"")
        + b"</md:EntitiesDescriptor>"
    )
    assert read_metadata(both, "urn:other", None).certificates == (a_pair("next").certificate,)
    with pytest.raises(BadMetadata, match="has 2 SAML"):
        read_metadata(both, None, None)


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (metadata(), "no key for signatures"),
        (metadata(a_pair("weak", 1024)), "no key for signatures"),
        (metadata(a_pair("idp"), entity_id=""), "no entityID"),
        (metadata(a_pair("idp"), sso="http://idp.example/sso"), "SingleSignOnService"),
        (metadata(a_pair("idp"), sso="javascript:alert(1)"), "SingleSignOnService"),
        (metadata(a_pair("idp")).replace(b"HTTP-Redirect", b"SOAP"), "HTTP-Redirect"),
        (metadata(a_pair("idp")).replace(SAMLP.encode(), b"urn:saml-1"), "has 0 SAML"),
        (metadata(a_pair("idp"), more='validUntil="soon"'), "UTC"),
        (metadata(a_pair("idp")).replace(b"MII", b"%%%"), "certificate"),
        (b"<html></html>", "has 0 SAML"),
        (b"no XML", "well-formed"),
        (b'<!DOCTYPE x [<!ENTITY a "b">]><x/>', "document type"),
    ],
)
def test_what_is_no_good_is_not_used(document: bytes, reason: str) -> None:
    with pytest.raises(BadMetadata, match=reason):
        read_metadata(document, None, None)


def test_metadata_must_be_signed_where_a_certificate_is_named() -> None:
    document, pair = metadata(a_pair("idp")), a_pair("federation")
    assert read_metadata(sign(document, pair), None, pair.certificate).entity_id == IDP
    for bad in (document, sign(document, a_pair("evil")), sign(document, pair).replace(b"/sso", b"/evil")):
        with pytest.raises(BadMetadata):
            read_metadata(bad, None, pair.certificate)


class Clock:
    """A clock that is moved by hand."""

    moment = float(START)

    def __call__(self) -> float:
        return self.moment


class Web:
    """What answers at the metadata's address."""

    def __init__(self, document: bytes) -> None:
        self.document: bytes | None = document
        self.asked = 0

    async def __call__(self, url: str, accept: str, most_bytes: int = 0) -> Fetched:
        assert url == URL
        self.asked += 1
        if self.document is None:
            raise FetchFailed("answered 503")
        return Fetched(self.document, 0)


Fetching = tuple[AuthorizationServer, Clock, Web, IdpMetadata]


@pytest.fixture
async def fetched() -> Fetching:
    """Metadata that is fetched."""
    clock, web = Clock(), Web(metadata(a_pair("idp")))
    server = replace((await a_server()).server, moment=clock, fetch=web)
    return server, clock, web, IdpMetadata(SamlSettings(metadata_url=URL), Path())


async def test_it_is_fetched_once_an_hour(fetched: Fetching) -> None:
    server, clock, web, known = fetched
    for _ in range(3):
        await known.get(server)
    assert web.asked == 1
    clock.moment += 3601
    await known.get(server)
    assert web.asked == 2


async def test_while_it_is_not_there_what_was_known_is_used_for_a_day(fetched: Fetching) -> None:
    server, clock, web, known = fetched
    await known.get(server)
    web.document = None
    clock.moment += 3600 + 86_000
    assert (await known.get(server)).entity_id == IDP
    clock.moment += 1000
    with pytest.raises(ModuleDown, match="too old to be used: answered 503"):
        await known.get(server)


async def test_what_was_never_there_is_asked_for_once_a_minute(fetched: Fetching) -> None:
    server, clock, web, known = fetched
    web.document = None
    for _ in range(3):
        with pytest.raises(ModuleDown, match="answered 503"):
            await known.get(server)
    assert web.asked == 1
    clock.moment += 61
    web.document = metadata(a_pair("idp"))
    assert (await known.get(server)).entity_id == IDP


async def test_metadata_that_is_over_is_not_used(fetched: Fetching) -> None:
    server, clock, web, known = fetched
    web.document = metadata(a_pair("idp"), more=f'validUntil="{instant(START + 60)}"')
    await known.get(server)
    clock.moment += 60
    with pytest.raises(ModuleDown, match="validUntil"):
        await known.get(server)


async def test_a_new_certificate_is_taken_up_when_it_first_signs(tmp_path: Path) -> None:
    desk = await a_desk(tmp_path)
    await desk.finish(desk.forger.response())
    following = replace(desk.forger, pair=a_pair("next")).saying(assertion_id="_two")
    assert "verification failed" in await desk.refused(following.response())
    (tmp_path / "idp.xml").write_bytes(metadata(a_pair("idp"), a_pair("next")))
    os.utime(tmp_path / "idp.xml", (1, 1))
    assert (await desk.finish(following.response())).subject == "p-4711"


async def test_a_file_that_is_spoilt_lets_nobody_in(tmp_path: Path) -> None:
    desk = await a_desk(tmp_path)
    (tmp_path / "idp.xml").write_bytes(b"<oops/>")
    with pytest.raises(ModuleDown, match="has 0 SAML"):
        await desk.finish(desk.forger.response())


async def test_our_own_metadata_has_our_keys_and_where_to_answer(open_with: OpenWith) -> None:
    clinic = await a_clinic(open_with)
    async with clinic.application.http() as http:
        first = await http.get("/login/clinic/metadata")
        again = await http.get("/login/clinic/metadata")
        assert (await http.get("/login/nobody/metadata")).status_code == 404
    assert first.content == again.content
    root = etree.fromstring(first.content)
    uses = [one.get("use") for one in root.iter(f"{{{MD}}}KeyDescriptor")]
    assert uses == ["signing", "encryption"]
    assert len({one.text for one in root.iter(f"{{{DS}}}X509Certificate")}) == 2
    [service] = root.iter(f"{{{MD}}}AssertionConsumerService")
    assert service.get("Location") == "http://localhost:9200/login/clinic/callback"


async def test_a_provider_that_is_down_is_told_by_a_page(open_with: OpenWith) -> None:
    clinic = await a_clinic(open_with, b"<oops/>")
    page = await clinic.app.launch(clinic.browser, "openid fhirUser")
    assert page.status == 503
    assert (
        await clinic.reason()
        == "metadata: has 0 SAML 2.0 identity providers, where one is needed: see entity_id"
    )
    assert "metadata" not in page.text


async def test_after_a_signature_that_fits_no_key_it_is_fetched_anew_at_most_once_a_minute(
    fetched: Fetching,
) -> None:
    server, clock, web, known = fetched
    await known.get(server)
    web.document = metadata(a_pair("next"))
    assert await known.renewed(server) is None
    clock.moment += 60
    renewed = await known.renewed(server)
    assert renewed is not None
    assert renewed.certificates == (a_pair("next").certificate,)
    assert web.asked == 2
