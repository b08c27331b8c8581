"""Requests to sign out that are no good: each rule by itself, by both bindings, with the reason for the log."""

import base64
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from signxml.algorithms import DigestAlgorithm, SignatureMethod

from assent.identity import Brought, LogoutRefused
from assent.identity.saml.query_signatures import message_in_query
from assent.identity.saml.xml import instant
from assent.testing.application import START
from identity.saml.clinic import Desk
from identity.saml.leaver import Leaver, deflated, sign_query
from services.key_pairs import a_certificate, a_pair

Bring = Callable[[Leaver], Brought]


def by_redirect(leaver: Leaver) -> Brought:
    return Brought({}, leaver.query(leaver.request()))


def by_post(leaver: Leaver) -> Brought:
    return Brought(dict(leaver.form(leaver.request())))


BOTH = pytest.mark.parametrize("bring", [by_redirect, by_post])


def a_leaver(desk: Desk, **said: Any) -> Leaver:
    here = f'Destination="{desk.server.issuer.endpoint("/login/clinic/logout")}"'
    return Leaver(desk.server.now()).saying(**{"destination": here, **said})


async def refused(desk: Desk, brought: Brought) -> str:
    """Why the module refuses it."""
    with pytest.raises(LogoutRefused) as refusal:
        await desk.module.read_logout_order(desk.server, brought)
    return str(refusal.value).removeprefix("SAML: ")


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "another issuer": ({"issuer": "https://evil.example"}, "the issuer is another provider"),
    "another destination": (
        {"destination": 'Destination="https://other.example/slo"'},
        "the message is for another destination, or for none",
    ),
    "no destination": ({"destination": ""}, "the message is for another destination, or for none"),
    "over": ({"ends": f'NotOnOrAfter="{instant(START - 61)}"'}, "NotOnOrAfter of the request is past"),
    "too old": ({"issued": instant(START - 661), "ends": ""}, "the request is too old"),
    "old, whatever it says of its end": ({"issued": instant(START - 661)}, "the request is too old"),
    "of the future": ({"issued": instant(START + 62)}, "the request's IssueInstant lies in the future"),
    "another version": ({"version": "1.1"}, "this is no LogoutRequest of SAML 2.0"),
    "an endless ID": ({"id": "_" * 300}, "the request's ID is empty or too long"),
    "another provider's name": (
        {"qualifiers": 'NameQualifier="https://evil.example"'},
        "the NameID is another provider's",
    ),
    "a name for somebody else": (
        {"qualifiers": 'SPNameQualifier="https://other.example"'},
        "the NameID is for somebody else",
    ),
    "two names": ({"name_id": "a</saml:NameID><saml:NameID>b"}, "LogoutRequest has NameID 2 times"),
    "a time that is none": ({"ends": 'NotOnOrAfter="tomorrow"'}, "a time is not written in UTC"),
}


@BOTH
@pytest.mark.parametrize(("said", "reason"), BAD.values(), ids=BAD.keys())
async def test_a_request_that_breaks_a_rule_is_refused(
    desk: Desk, said: dict[str, Any], reason: str, bring: Bring
) -> None:
    assert await refused(desk, bring(a_leaver(desk, **said))) == reason


@BOTH
async def test_a_minute_of_leeway_is_given(desk: Desk, bring: Bring) -> None:
    said = {"ends": f'NotOnOrAfter="{instant(START - 59)}"', "issued": instant(START - 659)}
    order = await desk.module.read_logout_order(desk.server, bring(a_leaver(desk, **said)))
    assert order.notice.sessions == ("s-1",)
    # its ID is remembered for as long as it would be good
    assert order.notice.remember_until > desk.server.now()


async def test_an_empty_id_is_refused(desk: Desk) -> None:
    """In a query alone: what is signed inside has an ID."""
    assert await refused(desk, by_redirect(a_leaver(desk, id=""))) == "the request's ID is empty or too long"


@BOTH
async def test_another_key_is_refused(desk: Desk, bring: Bring) -> None:
    leaver = Leaver(desk.server.now(), pair=a_pair("evil"))
    reason = await refused(desk, bring(leaver))
    assert "no key of the metadata" in reason or "Signature verification failed" in reason


UNSIGNED: dict[str, tuple[Callable[[str, str], str], str]] = {
    "no signature": (lambda covered, _: covered, "the query is not signed"),
    "the message alone": (lambda covered, _: covered.split("&")[0], "the query is not signed"),
    "an empty one": (lambda covered, _: f"{covered}&Signature=", "no key of the metadata has signed"),
    "no base64": (lambda covered, _: f"{covered}&Signature=%25%25", "is no base64"),
    "another method": (
        lambda covered, signed: (covered + signed).replace("rsa-sha256", "rsa-sha512"),
        "no key of the metadata has signed",
    ),
    "no method": (
        lambda covered, signed: (covered + signed).replace("rsa-sha256", "none"),
        "by a method that is not accepted",
    ),
    "a state that is not signed": (
        lambda covered, signed: f"{covered}{signed}&RelayState=x",
        "no key of the metadata has signed",
    ),
    "two messages": (lambda covered, signed: f"{covered}{signed}&SAMLRequest=x", "a field twice"),
    "two, one by another spelling": (
        lambda covered, signed: f"{covered}{signed}&SAML%52equest=x",
        "one by another spelling",
    ),
    "another kind": (
        lambda covered, signed: (covered + signed).replace("SAMLRequest=", "SAMLResponse="),
        "the query is not signed",
    ),
}


@pytest.mark.parametrize(("change", "reason"), UNSIGNED.values(), ids=UNSIGNED.keys())
async def test_a_query_that_is_not_signed_as_it_is_is_refused(
    desk: Desk, change: Callable[[str, str], str], reason: str
) -> None:
    leaver = a_leaver(desk)
    covered, _, signature = leaver.query(leaver.request()).partition("&Signature=")
    assert reason in await refused(desk, Brought({}, change(covered, f"&Signature={signature}")))


async def test_a_message_under_the_signature_of_another_is_refused(desk: Desk) -> None:
    leaver = a_leaver(desk)
    query, other = (one.query(one.request()) for one in (leaver, leaver.saying(name_id="p-0815")))
    swapped = f"{other.split('&')[0]}&{query.partition('&')[2]}"
    assert await refused(desk, Brought({}, swapped)) == "no key of the metadata has signed the query"


async def test_a_signature_inside_counts_for_nothing_in_a_query(desk: Desk) -> None:
    leaver = a_leaver(desk)
    inside = base64.b64decode(dict(leaver.form(leaver.request()))["SAMLRequest"])
    query = f"SAMLRequest={deflated(inside)}".replace("+", "%2B")
    assert await refused(desk, Brought({}, query)) == "the query is not signed"


async def test_a_form_that_is_not_signed_is_refused(desk: Desk) -> None:
    text = base64.b64encode(a_leaver(desk).request()).decode()
    assert await refused(desk, Brought({"SAMLRequest": text})) == "the message is not signed"


async def test_a_change_after_signing_is_seen(desk: Desk) -> None:
    leaver = a_leaver(desk)
    signed = base64.b64decode(dict(leaver.form(leaver.request()))["SAMLRequest"])
    changed = base64.b64encode(signed.replace(b"p-4711", b"p-0815")).decode()
    assert "Digest mismatch" in await refused(desk, Brought({"SAMLRequest": changed}))


async def test_a_signature_by_weak_methods_is_refused(desk: Desk) -> None:
    leaver = a_leaver(desk)
    sha1 = leaver.query(leaver.request(), alg="http://www.w3.org/2000/09/xmldsig#rsa-sha1")
    assert "not accepted" in await refused(desk, Brought({}, sha1))
    for how in ({"method": SignatureMethod.RSA_SHA1}, {"digest": DigestAlgorithm.SHA1}):
        form = dict(leaver.form(leaver.request(), **how))
        assert "forbidden by configuration" in await refused(desk, Brought(form))


@pytest.mark.parametrize("message", [b"<a/>", b"no XML", b"<!DOCTYPE x><x/>", b""])
async def test_what_is_no_request_is_refused(desk: Desk, message: bytes) -> None:
    assert await refused(desk, Brought({}, a_leaver(desk).query(message)))
    assert await refused(desk, Brought({"SAMLRequest": base64.b64encode(message).decode()}))


async def test_an_answer_is_no_request(desk: Desk) -> None:
    leaver = a_leaver(desk)
    reason = await refused(desk, Brought({}, leaver.query(leaver.response())))
    assert reason == "this is no LogoutRequest of SAML 2.0"


@pytest.mark.parametrize(
    "text", ["%%%", "bm90IGRlZmxhdGVk", "", deflated(b"<x/>")[:6], deflated(b"<x/>") + "AAAA"]
)
async def test_what_is_not_packed_as_it_should_be_is_refused(desk: Desk, text: str) -> None:
    query = sign_query({"SAMLRequest": text}, a_pair("idp"))
    reason = await refused(desk, Brought({}, query))
    assert "base64" in reason or "deflated" in reason or "cut off" in reason


@BOTH
async def test_a_name_that_is_cut_by_a_comment_is_refused(desk: Desk, bring: Bring) -> None:
    leaver = a_leaver(desk, name_id="p-47<!-- -->11")
    assert "comments" in await refused(desk, bring(leaver))


async def test_what_grows_without_end_is_not_unpacked(desk: Desk) -> None:
    leaver = a_leaver(desk)
    bomb = leaver.query(b"<x>" + b" " * 20_000_000 + b"</x>")
    assert "longer than" in await refused(desk, Brought({}, bomb))


def test_a_query_may_be_signed_by_an_elliptic_curve() -> None:
    key = generate_private_key(SECP256R1())
    alg = "http%3A%2F%2Fwww.w3.org%2F2001%2F04%2Fxmldsig-more%23ecdsa-sha256"
    covered = f"SAMLRequest=eA%3D%3D&SigAlg={alg}"
    numbers = decode_dss_signature(key.sign(covered.encode(), ECDSA(hashes.SHA256())))
    raw = b"".join(one.to_bytes(32, "big") for one in numbers)
    signature = quote(base64.b64encode(raw).decode(), safe="")
    certificates = [a_pair("idp").certificate, a_certificate("curve", key)]
    assert message_in_query(f"{covered}&Signature={signature}", "SAMLRequest", certificates) == "eA=="
