"""Hostile XML: nothing outside is fetched, nothing grows, and no name is read other than it was signed."""

import pytest
from lxml import etree

from assent.identity.saml.xml import BadXml, instant, read_instant, read_xml
from identity.saml.clinic import Clinic, Desk

BILLION = b"""<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c
"&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]><x>&c;</x>"""
BAD = {
    "an external entity": b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>',
    "a parameter entity": b'<!DOCTYPE x [<!ENTITY % a SYSTEM "http://127.0.0.1:9/x">%a;]><x/>',
    "entities that grow": BILLION,
    "a document type alone": b"<!DOCTYPE x><x/>",
    "the same in UTF-16": BILLION.decode().encode("utf-16"),
    "another encoding": b'<?xml version="1.0" encoding="utf-7"?>+ADwAIQ-DOCTYPE x+AD4APA-x/+AD4-',
    "a comment": b"<x>a<!-- -->b</x>",
    "a comment before": b"<!-- --><x/>",
    "a processing instruction": b"<x><?y z?></x>",
    "an ID twice": b'<x ID="a"><y ID="a"/></x>',
    "an ID in another spelling": b'<x ID="a"><y Id="a"/></x>',
    "too deep": b"<x>" * 60 + b"</x>" * 60,
    "far too deep": b"<x>" * 5000 + b"</x>" * 5000,
    "too many": b"<x>" + b"<y/>" * 6000 + b"</x>",
    "too long": b"<x>" + b" " * 300_000 + b"</x>",
    "not closed": b"<x>",
    "nothing": b"",
    "no UTF-8": b"<x>\xff\xfe</x>",
    "an entity that nobody declared": b"<x>&a;</x>",
}


@pytest.mark.parametrize("document", BAD.values(), ids=BAD.keys())
def test_it_is_not_read(document: bytes) -> None:
    with pytest.raises(BadXml):
        read_xml(document)


@pytest.mark.parametrize("cut", ["mar<!-- -->ia", "maria<?x y?>", "<!--admin-->maria"])
async def test_a_name_that_is_cut_by_a_comment_is_refused(desk: Desk, cut: str) -> None:
    """The signature holds, as canonicalisation leaves comments out: that is the danger."""
    signed = desk.forger.saying(name_id="maria").response()
    response = signed.replace(b">maria</saml:NameID>", f">{cut}</saml:NameID>".encode())
    assert "comments" in await desk.refused(response)


async def test_entities_reach_nothing_through_the_callback(clinic: Clinic) -> None:
    forger, left = await clinic.forger()
    document = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + forger.response()
    page = await clinic.post(document.replace(b">maria<", b">&a;<"), left.state)
    assert page.status == 403
    assert "root:" not in page.text
    assert await clinic.reason() == "SAML: the XML has a document type definition"


def test_instants_are_read_as_they_are_written() -> None:
    assert read_instant(instant(1_800_000_000)) == 1_800_000_000
    assert read_instant("2027-01-15T08:00:00.250Z") == 1_800_000_000.25


@pytest.mark.parametrize(
    "text", ["2027-01-15T08:00:00", "2027-01-15", "", "2027-02-30T00:00:00Z", "٢٠٢٧-01-15T08:00:00Z"]
)
def test_other_instants_are_refused(text: str) -> None:
    with pytest.raises(BadXml):
        read_instant(text)


def test_lxml_is_as_it_was_when_this_was_written() -> None:
    """`read_xml` relies on it: an entity that is not resolved stays a node, and is found."""
    parser = etree.XMLParser(resolve_entities=False)
    root = etree.fromstring(b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>', parser)
    assert [node.tag for node in root.iter(etree.Entity)] == [etree.Entity]
