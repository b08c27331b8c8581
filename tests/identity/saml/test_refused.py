"""Answers that prove nobody: each rule by itself, with the reason in the audit log and nothing of it on the page."""

from pathlib import Path
from typing import Any

import pytest
from signxml.algorithms import CanonicalizationMethod, DigestAlgorithm, SignatureMethod

from applications import OpenWith
from assent.identity.saml.xml import instant
from assent.storage.tables import DEPARTURES, PEOPLE, SEEN_ASSERTIONS, SESSIONS
from assent.testing.application import START
from identity.saml.clinic import Clinic, Desk, a_clinic, a_desk
from identity.saml.forger import AUDIENCE, attributes, encoded, sign
from services.key_pairs import a_pair

STATUS = '<samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:{}">{}</samlp:StatusCode>'
INNER = '<samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:{}"/>'
LONG_AGO = instant(START - 3600)
JUST_OVER = instant(START - 61)
LATER = instant(START + 3600)

BAD: dict[str, tuple[dict[str, Any], str]] = {
    "another issuer": ({"issuer": "https://evil.example"}, "the issuer is another provider"),
    "another issuer around": ({"response_issuer": "https://evil.example"}, "the issuer is another provider"),
    "another audience": (
        {"restriction": AUDIENCE.format("https://other.example")},
        "the assertion is for another audience",
    ),
    "no audience": ({"restriction": ""}, "the assertion is for no audience"),
    "a second restriction": (
        {
            "restriction": AUDIENCE.format("http://localhost:9200/login/clinic/metadata")
            + AUDIENCE.format("x")
        },
        "the assertion is for another audience",
    ),
    "another recipient": (
        {"recipient": "https://other.example/acs"},
        "the assertion is for another recipient",
    ),
    "another destination": (
        {"destination": "https://other.example/acs"},
        "the message is for another destination, or for none",
    ),
    "another request": (
        {"confirmed_for": "_other"},
        "the assertion answers another request, or none",
    ),
    "another request around": (
        {"in_response_to": "_other"},
        "the response answers another request, or none",
    ),
    "over": ({"not_on_or_after": JUST_OVER}, "NotOnOrAfter of the assertion is past"),
    "not yet": ({"not_before": LATER}, "NotBefore of the assertion lies in the future"),
    "confirmed too long ago": ({"confirmed_until": JUST_OVER}, "NotOnOrAfter of the confirmation is past"),
    "issued in the future": ({"issued": LATER}, "the response's IssueInstant lies in the future"),
    "signed in in the future": ({"asked_at": LATER}, "AuthnInstant lies in the future"),
    "a time that is none": ({"not_before": "2026-13-45T00:00:00Z"}, "a time is none"),
    "a time elsewhere": ({"not_before": "2026-01-01T00:00:00+02:00"}, "a time is not written in UTC"),
    "a condition that nobody knows": (
        {"condition": '<saml:Condition xmlns:x="urn:x"/>'},
        "the assertion has a condition that is not known here",
    ),
    "a transient name": (
        {"format": "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"},
        "the NameID is not of the format persistent",
    ),
    "an address for a name": (
        {"format": "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"},
        "the NameID is not of the format persistent",
    ),
    "an empty name": ({"name_id": ""}, "what identifies her is empty, too long, or has control characters"),
    "not signed in": (
        {"status": STATUS.format("Responder", INNER.format("AuthnFailed"))},
        "the provider answered Responder, AuthnFailed",
    ),
    "a status with more in it": (
        {"status": STATUS.format("Responder", INNER.format("x y &lt;b&gt;"))},
        "the provider answered Responder, an unknown status",
    ),
}


@pytest.mark.parametrize(("said", "reason"), BAD.values(), ids=BAD.keys())
async def test_an_answer_that_breaks_a_rule_is_refused(desk: Desk, said: dict[str, Any], reason: str) -> None:
    assert await desk.refused(desk.forger.saying(**said).response()) == f"SAML: {reason}"


async def test_the_page_says_nothing_of_the_reason(clinic: Clinic) -> None:
    forger, left = await clinic.forger()
    page = await clinic.post(forger.saying(issuer="https://evil.example").response(), left.state)
    assert page.status == 403
    assert await clinic.reason() == "SAML: the issuer is another provider"
    assert "issuer" not in page.text
    assert "evil" not in page.text
    storage = clinic.application.server.storage
    assert await storage.find(PEOPLE) == []
    assert await storage.find(SESSIONS) == []


async def test_a_minute_of_leeway_is_given(desk: Desk) -> None:
    late = instant(START - 59)
    said = {"not_on_or_after": late, "confirmed_until": late, "not_before": instant(START + 59)}
    assert (await desk.finish(desk.forger.saying(**said).response())).subject == "p-4711"


async def test_an_assertion_that_is_not_signed_is_refused_whatever_is_around(desk: Desk) -> None:
    bare = desk.forger.around(desk.forger.assertion())
    for response in (bare, sign(bare, desk.forger.pair)):
        assert await desk.refused(response) == "SAML: Assertion has no Signature"


async def test_another_key_is_refused_though_its_certificate_comes_along(desk: Desk) -> None:
    response = desk.forger.around(sign(desk.forger.assertion(), a_pair("evil")))
    assert "Signature verification failed" in await desk.refused(response)


async def test_a_response_signed_by_another_key_is_refused(desk: Desk) -> None:
    response = sign(desk.forger.response(), a_pair("evil"))
    assert "Signature verification failed" in await desk.refused(response)


async def test_a_change_after_signing_is_seen(desk: Desk) -> None:
    response = desk.forger.response().replace(b">maria<", b">admin<")
    assert "Digest mismatch" in await desk.refused(response)


@pytest.mark.parametrize(
    ("how", "reason"),
    [
        ({"method": SignatureMethod.RSA_SHA1}, "forbidden by configuration"),
        ({"digest": DigestAlgorithm.SHA1}, "forbidden by configuration"),
        (
            {"c14n": CanonicalizationMethod.CANONICAL_XML_1_0},
            "the signature is not canonicalised exclusively",
        ),
    ],
    ids=["SHA-1 signature", "SHA-1 digest", "inclusive canonicalisation"],
)
async def test_a_signature_by_other_methods_is_refused(desk: Desk, how: dict[str, Any], reason: str) -> None:
    assert reason in await desk.refused(desk.forger.around(desk.forger.signed_assertion(**how)))


@pytest.mark.parametrize(
    ("part", "other", "reason"),
    [
        (b'URI="#_assertion"', b'URI=""', "does not refer to the element that it is in"),
        (b'URI="#_assertion"', b'URI="#_response"', "does not refer to the element that it is in"),
        (b"xmldsig#enveloped-signature", b"xmldsig#base64", "other transforms than SAML's"),
        (b"xmldsig#enveloped-signature", b"xmldsig-filter2", "other transforms than SAML's"),
    ],
)
async def test_a_signature_of_another_shape_is_not_even_verified(
    desk: Desk, part: bytes, other: bytes, reason: str
) -> None:
    assert reason in await desk.refused(desk.forger.response().replace(part, other))


async def test_an_assertion_is_good_once(clinic: Clinic) -> None:
    forger, left = await clinic.forger()
    response = forger.response()
    await clinic.post(response, left.state)
    assert len(await clinic.application.server.storage.find(SEEN_ASSERTIONS)) == 1
    assert (await clinic.post(response, left.state)).status == 400
    forger, left = await clinic.forger(prompt="login")  # the same ID again, to a request of today
    assert (await clinic.post(forger.response(), left.state)).status == 403
    assert await clinic.reason() == "SAML: the assertion was used before"


async def test_an_answer_to_somebody_elses_request_is_refused(clinic: Clinic) -> None:
    forger, left = await clinic.forger()
    response = forger.response()
    clinic.browser = clinic.application.browser("192.0.2.99")
    assert (await clinic.post(response, left.state)).status == 400
    _, own = await clinic.forger()
    assert (await clinic.post(response, own.state)).status == 403
    assert "another request" in await clinic.reason()
    assert await clinic.application.server.storage.find(PEOPLE) == []


async def test_an_answer_that_nobody_asked_for_is_refused(clinic: Clinic) -> None:
    forger, _ = await clinic.forger()
    unasked = forger.saying(in_response_to="", confirmed_for="")
    assert (await clinic.post(unasked.response(), "")).status == 400
    assert (await clinic.post(unasked.response(), "anything")).status == 400
    assert await clinic.application.server.storage.find(PEOPLE) == []


async def test_an_old_answer_never_begins_anew(open_with: OpenWith) -> None:
    clinic = await a_clinic(open_with, allow_unsolicited=True)
    forger, _ = await clinic.forger()
    assert (await clinic.post(forger.response(), "too-late")).status == 400
    assert (await clinic.post("no XML", "too-late")).status == 400


async def test_another_context_class_than_was_asked_for_is_refused(tmp_path: Path) -> None:
    desk = await a_desk(tmp_path, authn_contexts=("https://refeds.org/profile/mfa",))
    assert await desk.refused(desk.forger.response()) == "SAML: she did not sign in by one of authn_contexts"
    strong = desk.forger.saying(context="https://refeds.org/profile/mfa")
    assert (await desk.finish(strong.response())).amr == ("mfa",)


async def test_an_identifier_must_be_one(tmp_path: Path) -> None:
    desk = await a_desk(tmp_path, subject=("employeeNumber",))
    for said in (attributes(uid="maria"), attributes(uid="maria", employeeNumber=["1", "2"])):
        assert "identifies her" in await desk.refused(desk.forger.saying(attributes=said).response())


async def test_a_fhir_user_that_is_none_lets_nobody_in(tmp_path: Path) -> None:
    desk = await a_desk(tmp_path, fhir_user=("fhirUser",))
    for value in ("Organization/1", "https://other.example/fhir/Patient/1", "Patient"):
        said = attributes(uid="maria", fhirUser=value)
        assert "fhir_user" in await desk.refused(desk.forger.saying(attributes=said).response())


@pytest.mark.parametrize("text", ["%%%", "", "bm90IHhtbA==", "bm90IHhtbA", encoded(b"<a/>")])
async def test_what_is_no_response_is_refused(desk: Desk, text: str) -> None:
    assert (await desk.refused(text)).startswith("SAML: ")


async def test_what_is_too_long_is_not_read(clinic: Clinic) -> None:
    _, left = await clinic.forger()
    assert (await clinic.post("A" * 400_000, left.state)).status == 413
    [departure] = await clinic.application.server.storage.find(DEPARTURES)
    assert departure.answer is None
