"""A SAML provider signs somebody out: exactly the sessions that it means, on its signature alone, once."""

import base64
from dataclasses import replace
from typing import Any

import pytest

from applications import OpenWith
from assent.identity.saml.keys import MadeKeys
from assent.identity.saml.names import SAML, SAMLP, SUCCESS
from assent.identity.saml.signatures import signed
from assent.identity.saml.xml import read_xml
from assent.storage.tables import PEOPLE, SESSIONS
from assent.testing.browser import Page
from identity.saml.clinic import ENTITY, Clinic, a_clinic
from identity.saml.forger import IDP, attributes
from identity.saml.leaver import (
    BY_POST,
    BY_REDIRECT,
    EXIT,
    INDEX,
    Leaver,
    is_signed_by,
    read_query_message,
)
from identity.saml.test_logout import live_sessions
from services.key_pairs import a_pair

PAGE = "/login/clinic/logout"


@pytest.fixture
async def three(open_with: OpenWith) -> Clinic:
    """Maria in two browsers, in two sessions there, and Lee in one, which the provider numbers as it does Maria's."""
    return await with_three(await a_clinic(open_with, BY_REDIRECT))


async def with_three(clinic: Clinic) -> Clinic:
    for number, (name, index) in enumerate((("p-4711", "s-1"), ("p-4711", "s-2"), ("p-0815", "s-1"))):
        clinic.browser = clinic.application.browser()
        forger, sent = await clinic.forger()
        hers = forger.saying(assertion_id=f"_a{number}", attributes=attributes(uid=name))
        response = hers.saying(name_id=name, session=index).response()
        assert "code" in (await clinic.post(response, sent.state)).answered
    assert await live_sessions(clinic) == 3
    return clinic


async def left(clinic: Clinic) -> set[tuple[str | None, str]]:
    """The sessions that live, by the provider's number and the person's name."""
    storage = clinic.application.server.storage
    people = {one.person_id: one.username for one in await storage.find(PEOPLE)}
    return {
        (one.provider_session, people[one.person_id])
        for one in await storage.find(SESSIONS)
        if not one.ended_at
    }


def a_leaver(clinic: Clinic, **said: Any) -> Leaver:
    return Leaver(clinic.application.server.now()).saying(**said)


async def by_redirect(clinic: Clinic, leaver: Leaver, relay_state: str | None = None) -> Page:
    return await clinic.browser.open(f"{PAGE}?{leaver.query(leaver.request(), relay_state=relay_state)}")


async def by_post(clinic: Clinic, leaver: Leaver, relay_state: str | None = None) -> Page:
    return await clinic.browser.post_from_elsewhere(
        PAGE, leaver.form(leaver.request(), relay_state=relay_state)
    )


BOTH = pytest.mark.parametrize("ask", [by_redirect, by_post])


@BOTH
async def test_the_session_that_is_named_ends_and_no_other(three: Clinic, ask: Any) -> None:
    await ask(three, a_leaver(three))
    assert await left(three) == {("s-2", "p-4711"), ("s-1", "p-0815")}
    [row] = await three.application.audit("session.ended")
    assert (row.detail or {})["because"] == "signed out at the provider"


@BOTH
async def test_where_none_is_named_all_of_hers_end(three: Clinic, ask: Any) -> None:
    await ask(three, a_leaver(three, indexes=""))
    assert await left(three) == {("s-1", "p-0815")}


async def test_several_may_be_named(three: Clinic) -> None:
    await by_redirect(three, a_leaver(three, indexes=INDEX.format("s-2") + INDEX.format("s-1")))
    assert await left(three) == {("s-1", "p-0815")}


OTHERS: dict[str, dict[str, Any]] = {
    "another name": {"name_id": "p-4712"},
    "another session": {"indexes": INDEX.format("s-3")},
    "another format": {"format": "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"},
}


@pytest.mark.parametrize("said", OTHERS.values(), ids=OTHERS.keys())
async def test_nobody_else_is_signed_out_and_the_provider_is_told_that_it_is_done(
    three: Clinic, said: dict[str, Any]
) -> None:
    page = await by_redirect(three, a_leaver(three, **said))
    assert str(page.left_to).startswith(EXIT)
    assert await live_sessions(three) == 3


async def test_the_answer_is_signed_and_says_what_it_answers(three: Clinic) -> None:
    page = await by_redirect(three, a_leaver(three), relay_state="back & forth")
    url = str(page.left_to)
    response, fields = read_query_message(url, "SAMLResponse")
    assert fields["RelayState"] == "back & forth"
    assert (response.get("InResponseTo"), response.get("Destination")) == ("_logout", EXIT)
    assert response.findtext(f"{{{SAML}}}Issuer") == ENTITY
    assert response.find(f"{{{SAMLP}}}Status/{{{SAMLP}}}StatusCode").get("Value") == SUCCESS
    assert is_signed_by(url, await own_pair(three))


async def own_pair(clinic: Clinic) -> Any:
    application = clinic.application
    return (await MadeKeys(application.installation.sealer).get(application.server)).signing


async def test_a_provider_that_takes_only_forms_is_answered_by_one(open_with: OpenWith) -> None:
    clinic = await with_three(await a_clinic(open_with, BY_POST))
    page = await by_post(clinic, a_leaver(clinic), relay_state="r")
    assert page.status == 200
    [form] = [one for one in page.forms if one.action == EXIT]
    assert form.values("RelayState") == ["r"]
    response = read_xml(base64.b64decode(form.values("SAMLResponse")[0]))
    assert [one.tag.rpartition("}")[2] for one in response] == [
        "Issuer",
        "Signature",
        "Status",
    ]  # the schema's order
    own = await own_pair(clinic)
    assert signed(response, [own.certificate]).get("InResponseTo") == "_logout"
    assert await live_sessions(clinic) == 2


async def test_a_provider_with_nowhere_to_answer_to_signs_out_all_the_same(open_with: OpenWith) -> None:
    clinic = await with_three(await a_clinic(open_with))
    page = await by_post(clinic, a_leaver(clinic))
    assert (page.status, page.left_to) == (200, None)
    assert "You are signed out<" in page.text
    assert await live_sessions(clinic) == 2


async def nothing_happened(clinic: Clinic, page: Page) -> None:
    assert page.status == 400
    assert "cannot be used" in page.text
    for secret in ("evil", "4711", "Destination", "signature"):
        assert secret not in page.text
    assert await live_sessions(clinic) == 3
    assert await clinic.application.audit("provider.logout") == []  # the log alone: anybody may send this


@BOTH
async def test_a_request_is_good_once(three: Clinic, ask: Any) -> None:
    leaver = a_leaver(three, name_id="p-4712")
    await ask(three, leaver)
    await nothing_happened(three, await ask(three, leaver.saying(name_id="p-4711")))


async def test_what_was_seen_is_remembered_as_long_as_it_would_be_good(three: Clinic) -> None:
    leaver = a_leaver(three, name_id="p-4712", ends="")
    await by_redirect(three, leaver)
    three.application.clock.advance(659)
    await nothing_happened(three, await by_redirect(three, leaver))


@BOTH
async def test_a_request_that_is_not_good_signs_nobody_out(three: Clinic, ask: Any) -> None:
    await nothing_happened(three, await ask(three, replace(a_leaver(three), pair=a_pair("evil"))))


async def test_what_is_no_request_at_all_signs_nobody_out(three: Clinic) -> None:
    for query in ("", "?SAMLRequest=x", "?SAMLRequest=x&SAMLRequest=y", "?RelayState=p-9"):
        await nothing_happened(three, await three.browser.open(PAGE + query))
    await nothing_happened(three, await three.browser.post_from_elsewhere(PAGE, [("SAMLRequest", "%%%")]))


async def test_what_is_too_long_is_not_read(three: Clinic) -> None:
    page = await three.browser.post_from_elsewhere(PAGE, [("SAMLRequest", "A" * 400_000)])
    assert page.status == 413
    assert (await three.browser.open(f"{PAGE}?SAMLRequest={'A' * 62_000}")).status == 414
    assert await live_sessions(three) == 3


async def test_a_provider_without_this_way_has_no_such_page(three: Clinic) -> None:
    assert (await three.browser.open("/login/nobody/logout")).status == 404


async def test_a_provider_whose_metadata_is_gone_signs_nobody_out(three: Clinic) -> None:
    (three.application.installation.folder / "idp.xml").write_bytes(b"<oops/>")
    assert (await by_redirect(three, a_leaver(three))).status == 503
    assert await live_sessions(three) == 3


async def test_a_session_is_found_also_where_an_attribute_identifies(open_with: OpenWith) -> None:
    clinic = await a_clinic(open_with, BY_REDIRECT, subject=("employeeNumber",))
    forger, sent = await clinic.forger()
    transient = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"
    said = forger.saying(
        format=transient, name_id="_t", attributes=attributes(uid="maria", employeeNumber="4711")
    )
    await clinic.post(said.response(), sent.state)
    await by_redirect(clinic, a_leaver(clinic, format=transient, name_id="4711"))
    assert await live_sessions(clinic) == 1
    await by_redirect(clinic, a_leaver(clinic, id="_two", format=transient, name_id="_t"))
    assert await live_sessions(clinic) == 0


async def test_qualifiers_that_say_what_goes_without_saying_change_nothing(three: Clinic) -> None:
    qualifiers = f'NameQualifier="{IDP}" SPNameQualifier="{ENTITY}"'
    await by_redirect(three, a_leaver(three, qualifiers=qualifiers))
    assert await live_sessions(three) == 2
