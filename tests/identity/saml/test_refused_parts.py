"""Rules about what an answer has, lacks, or has in another place: each broken by itself, in what is well signed."""

import pytest

from assent.identity.saml.names import ENTITY, SAML
from assent.identity.saml.xml import instant
from assent.storage.tables import SEEN_ASSERTIONS
from assent.testing.application import START
from identity.saml.clinic import Desk
from identity.saml.forger import Forger, attributes, sign

LATER, PAST = instant(START + 3600), instant(START - 61)
ISSUED = f'IssueInstant="{instant(START)}"'
BEARER = 'Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"'
KEY_HOLDER = 'Method="urn:oasis:names:tc:SAML:2.0:cm:holder-of-key"'
ISSUER = "<saml:Issuer>"
OTHER_FORMAT = '<saml:Issuer Format="urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress">'
STATEMENT = f'<saml:AuthnStatement AuthnInstant="{instant(START)}"'

OF_ASSERTIONS: dict[str, tuple[str, str, str]] = {
    "another version": ('Version="2.0"', 'Version="1.1"', "the assertion is not of SAML 2.0"),
    "issued later than the response": (
        ISSUED,
        f'IssueInstant="{LATER}"',
        "the assertion's IssueInstant lies in the future",
    ),
    "an issuer of another format": (ISSUER, OTHER_FORMAT, "the issuer is another provider"),
    "another confirmation": (BEARER, KEY_HOLDER, "the assertion has no bearer confirmation"),
    "a confirmation that begins": (
        "<saml:SubjectConfirmationData",
        f'<saml:SubjectConfirmationData NotBefore="{instant(START)}"',
        "the bearer confirmation has a NotBefore, which it must not",
    ),
    "a confirmation without end": (
        f'<saml:SubjectConfirmationData\n NotOnOrAfter="{instant(START + 300)}"',
        "<saml:SubjectConfirmationData",
        "SubjectConfirmationData has no NotOnOrAfter",
    ),
    "another provider's name": (
        "<saml:NameID ",
        '<saml:NameID NameQualifier="https://evil.example" ',
        "the NameID is another provider's",
    ),
    "a name for somebody else": (
        "<saml:NameID ",
        '<saml:NameID SPNameQualifier="https://other.example" ',
        "the NameID is for somebody else",
    ),
    "a session that is over": (
        STATEMENT,
        f'{STATEMENT} SessionNotOnOrAfter="{PAST}"',
        "SessionNotOnOrAfter is past",
    ),
    "nobody who signed in": (
        "saml:AuthnStatement",
        "saml:OtherStatement",
        "the assertion does not say that anybody signed in",
    ),
}


def changed(forger: Forger, part: str, other: str) -> bytes:
    """The answer with another text in the assertion, which is signed so."""
    before = forger.assertion()
    after = before.replace(part.encode(), other.encode())
    assert after != before
    return forger.around(sign(after, forger.pair))


@pytest.mark.parametrize(("part", "other", "reason"), OF_ASSERTIONS.values(), ids=OF_ASSERTIONS.keys())
async def test_an_assertion_that_breaks_a_rule_is_refused(
    desk: Desk, part: str, other: str, reason: str
) -> None:
    assert await desk.refused(changed(desk.forger, part, other)) == f"SAML: {reason}"


async def test_an_issuer_of_the_format_of_entities_is_one(desk: Desk) -> None:
    response = changed(desk.forger, ISSUER, f'<saml:Issuer Format="{ENTITY}">')
    assert (await desk.finish(response)).subject == "p-4711"


OF_RESPONSES: dict[str, tuple[str, str, str]] = {
    "another version": (
        'Version="2.0"\n IssueInstant',
        'Version="1.1"\n IssueInstant',
        "the response is not of SAML 2.0",
    ),
    "issued in the future": (
        f'Version="2.0"\n {ISSUED}',
        f'Version="2.0"\n IssueInstant="{LATER}"',
        "the response's IssueInstant lies in the future",
    ),
    "no status": ("samlp:Status", "samlp:Extensions", "Response has no Status"),
}


@pytest.mark.parametrize("is_signed", [False, True], ids=["assertion signed", "both signed"])
@pytest.mark.parametrize(("part", "other", "reason"), OF_RESPONSES.values(), ids=OF_RESPONSES.keys())
async def test_a_response_that_breaks_a_rule_is_refused(
    desk: Desk, part: str, other: str, reason: str, is_signed: bool
) -> None:
    response = desk.forger.response().replace(part.encode(), other.encode())
    response = sign(response, desk.forger.pair) if is_signed else response
    assert await desk.refused(response) == f"SAML: {reason}"


async def test_a_signed_response_says_where_it_goes(desk: Desk) -> None:
    """Bindings 3.5.5.2; one that is not signed need not."""
    response = desk.forger.response().replace(f'Destination="{desk.forger.recipient}"'.encode(), b"")
    assert "another destination, or for none" in await desk.refused(sign(response, desk.forger.pair))
    assert (await desk.finish(response)).subject == "p-4711"


async def test_something_else_than_a_response_is_refused(desk: Desk) -> None:
    response = desk.forger.response().replace(b"samlp:Response", b"samlp:LogoutResponse")
    assert await desk.refused(response) == "SAML: this is no SAML response"


async def test_an_assertion_counts_only_where_it_belongs(desk: Desk) -> None:
    moved = f"<samlp:Extensions>{desk.forger.signed_assertion().decode()}</samlp:Extensions>"
    response = desk.forger.saying(extensions=moved).around(b"")
    assert "or one where none belongs" in await desk.refused(response)


async def test_attributes_beyond_all_measure_are_refused(desk: Desk) -> None:
    many = attributes(memberOf=[f"g{number}" for number in range(501)])
    reason = await desk.refused(desk.forger.saying(attributes=many).response())
    assert reason == "SAML: the assertion has more than 500 attribute values"


async def test_a_value_beyond_all_measure_is_left_out(desk: Desk) -> None:
    long = attributes(uid=["x" * 2001, "maria"])
    assert (await desk.finish(desk.forger.saying(attributes=long).response())).username == "maria"


@pytest.mark.parametrize("name", ["x" * 1025, "a\u0007b", "a\nb"], ids=["too long", "a bell", "two lines"])
async def test_what_identifies_is_a_text_of_a_line(desk: Desk, name: str) -> None:
    response = desk.forger.saying(name_id=name.replace("\u0007", "\u0085")).response()
    assert "what identifies her is empty, too long" in await desk.refused(response)


async def test_a_used_assertion_is_remembered_for_as_long_as_it_would_be_good(desk: Desk) -> None:
    await desk.finish(desk.forger.response())
    [seen] = await desk.server.storage.find(SEEN_ASSERTIONS)
    assert seen.expires_at == START + 300 + 60
    assert await desk.refused(desk.forger.response()) == "SAML: the assertion was used before"


async def test_an_answer_of_another_provider_than_was_asked_is_refused(desk: Desk) -> None:
    desk_of_others = desk.forger.saying(issuer="https://new.example", response_issuer="https://new.example")
    assert "another provider" in await desk.refused(desk_of_others.response())


async def test_a_text_has_nothing_inside(desk: Desk) -> None:
    response = changed(desk.forger, "p-4711", f"p-<x xmlns='{SAML}'/>4711")
    assert await desk.refused(response) == "SAML: NameID is no text alone"
