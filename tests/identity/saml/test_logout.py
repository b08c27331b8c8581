"""Signing out here goes on to the SAML provider, and comes back with its answer; whatever that is, she is out here."""

from dataclasses import replace
from typing import Any

import pytest

from applications import OpenWith
from assent.identity.saml.keys import MadeKeys
from assent.identity.saml.names import SAML, SAMLP
from assent.storage.tables import DEPARTURES, LOGOUT_HINTS, SESSIONS
from assent.testing.browser import Page
from identity.saml.clinic import ENTITY, Clinic, a_clinic
from identity.saml.forger import IDP
from identity.saml.leaver import (
    BY_POST,
    BY_REDIRECT,
    EXIT,
    Leaver,
    is_signed_by,
    metadata_with_exit,
    read_query_message,
)
from services.key_pairs import a_pair

BACK = "https://app.example/bye"
STATUS = '<samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:{}"/>'


@pytest.fixture
async def leaving(open_with: OpenWith) -> Clinic:
    """Somebody signed in at a provider with a place to sign out."""
    return await signed_in(await a_clinic(open_with, BY_REDIRECT))


async def signed_in(clinic: Clinic, **said: Any) -> Clinic:
    forger, left = await clinic.forger()
    page = await clinic.post(forger.saying(**said).response(), left.state)
    assert "code" in page.answered, page.text
    return clinic


async def sign_out(clinic: Clinic, query: str = "") -> Page:
    await clinic.browser.open(f"/oauth/logout{query}")
    return await clinic.browser.submit()


async def live_sessions(clinic: Clinic) -> int:
    return sum(not one.ended_at for one in await clinic.application.server.storage.find(SESSIONS))


async def answer(clinic: Clinic, page: Page, leaver: Leaver | None = None, **said: Any) -> Page:
    """What the provider answers to the request that the browser left with."""
    request, fields = read_query_message(str(page.left_to), "SAMLRequest")
    leaver = leaver or Leaver(clinic.application.server.now())
    response = leaver.saying(**{"in_response_to": request.get("ID"), **said}).response()
    query = leaver.query(response, "SAMLResponse", fields["RelayState"])
    return await clinic.browser.open(f"/login/clinic/logout?{query}")


async def test_signing_out_here_goes_on_to_the_provider_and_comes_back(leaving: Clinic) -> None:
    page = await sign_out(leaving)
    assert await live_sessions(leaving) == 0
    url = str(page.left_to)
    assert url.startswith(f"{EXIT}?SAMLRequest=")
    request, fields = read_query_message(url, "SAMLRequest")
    assert len(fields["RelayState"]) <= 80  # Bindings 3.4.3
    assert (request.get("Destination"), request.findtext(f"{{{SAML}}}Issuer")) == (EXIT, ENTITY)
    assert request.findtext(f"{{{SAML}}}NameID") == "p-4711"
    assert request.findtext(f"{{{SAMLP}}}SessionIndex") == "s-1"
    installation = leaving.application.installation
    keys = await MadeKeys(installation.sealer).get(leaving.application.server)
    assert is_signed_by(url, keys.signing)
    page = await answer(leaving, page)
    assert (page.status, page.path) == (200, "/login/clinic/logout")
    assert "You are signed out<" in page.text


async def test_the_name_goes_back_to_the_provider_as_it_said_it(open_with: OpenWith) -> None:
    clinic = await a_clinic(open_with, BY_REDIRECT)
    persistent = f'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent" NameQualifier="{IDP}'
    await signed_in(clinic, format=f'{persistent}" SPNameQualifier="{ENTITY}')
    request, _ = read_query_message(str((await sign_out(clinic)).left_to), "SAMLRequest")
    name = request.find(f"{{{SAML}}}NameID")
    assert (name.get("NameQualifier"), name.get("SPNameQualifier")) == (IDP, ENTITY)
    assert name.get("Format").endswith(":persistent")


async def test_what_is_kept_of_the_assertion_is_sealed(leaving: Clinic) -> None:
    [kept] = await leaving.application.server.storage.find(LOGOUT_HINTS)
    [session] = await leaving.application.server.storage.find(SESSIONS)
    assert (kept.session_hash, kept.expires_at) == (session.session_hash, session.expires_at)
    assert b"4711" not in kept.sealed
    assert b"4711" not in (kept.name_hash or b"")


async def test_a_provider_that_takes_only_forms_gets_one(open_with: OpenWith) -> None:
    clinic = await signed_in(await a_clinic(open_with, BY_POST))
    page = await sign_out(clinic)
    assert (page.status, page.left_to) == (200, None)
    assert await live_sessions(clinic) == 0
    [form] = [one for one in page.forms if one.action == EXIT]
    assert {one.name for one in form.fields} == {"SAMLRequest", "RelayState"}
    assert "form-action 'self' https://idp.clinic.example" in page.answer.headers["content-security-policy"]
    leaver = Leaver(clinic.application.server.now())
    [departure] = await clinic.application.server.storage.find(DEPARTURES)
    response = leaver.saying(in_response_to=departure.kept["request"]).response()
    fields = leaver.form(response, "SAMLResponse", form.values("RelayState")[0])
    page = await clinic.browser.post_from_elsewhere("/login/clinic/logout", fields)
    assert (page.status, page.path) == (200, "/login/clinic/logout")
    assert "You are signed out<" in page.text


async def test_the_app_that_signed_her_out_gets_her_back_at_the_end(leaving: Clinic) -> None:
    await leaving.application.add_client("other", post_logout_redirect_uris=(BACK,))
    page = await sign_out(leaving, f"?client_id=other&post_logout_redirect_uri={BACK}&state=s")
    assert (await answer(leaving, page)).left_to == f"{BACK}?state=s"


async def test_the_page_that_asks_lets_its_form_end_at_the_provider(leaving: Clinic) -> None:
    page = await leaving.browser.open("/oauth/logout")
    assert "form-action 'self' https://idp.clinic.example" in page.answer.headers["content-security-policy"]


BAD: dict[str, dict[str, Any]] = {
    "another request": {"in_response_to": "_other"},
    "another issuer": {"issuer_element": "<saml:Issuer>https://evil.example</saml:Issuer>"},
    "no issuer": {"issuer_element": ""},
    "another destination": {"destination": 'Destination="https://other.example/slo"'},
    "no destination": {"destination": ""},
    "not all signed out": {"status": STATUS.format("Responder")},
    "another version": {"version": "1.1"},
    "issued in the future": {"issued": "2099-01-01T00:00:00Z"},
}


@pytest.mark.parametrize("said", BAD.values(), ids=BAD.keys())
async def test_a_bad_answer_is_said_and_she_is_out_here_all_the_same(
    leaving: Clinic, said: dict[str, Any]
) -> None:
    page = await answer(leaving, await sign_out(leaving), **said)
    assert page.status == 200
    assert "You are signed out here<" in page.text
    assert "evil" not in page.text
    assert await live_sessions(leaving) == 0


async def test_an_answer_signed_by_another_key_is_none(leaving: Clinic) -> None:
    evil = replace(Leaver(leaving.application.server.now()), pair=a_pair("evil"))
    page = await answer(leaving, await sign_out(leaving), evil)
    assert "You are signed out here<" in page.text


async def test_an_answer_that_is_no_answer_leads_to_the_app_by_a_link_only(leaving: Clinic) -> None:
    await leaving.application.add_client("other", post_logout_redirect_uris=(BACK,))
    page = await sign_out(leaving, f"?client_id=other&post_logout_redirect_uri={BACK}")
    page = await answer(leaving, page, status=STATUS.format("Responder"))
    assert (page.left_to, page.status) == (None, 200)
    assert f'href="{BACK}"' in page.text


async def test_an_answer_counts_once_and_in_the_browser_that_left(leaving: Clinic) -> None:
    page = await sign_out(leaving)
    own, leaving.browser = leaving.browser, leaving.application.browser()
    assert (await answer(leaving, page)).status == 400
    leaving.browser = own
    assert (await answer(leaving, page)).status == 200
    assert (await answer(leaving, page)).status == 400


async def test_an_answer_to_signing_out_signs_nobody_in(leaving: Clinic) -> None:
    _, fields = read_query_message(str((await sign_out(leaving)).left_to), "SAMLRequest")
    page = await leaving.browser.open(f"/login/clinic/callback?state={fields['RelayState']}&SAMLResponse=x")
    assert page.status == 400


async def test_an_answer_that_nobody_waits_for_changes_nothing(leaving: Clinic) -> None:
    leaver = Leaver(leaving.application.server.now())
    page = await leaving.browser.post_from_elsewhere(
        "/login/clinic/logout", leaver.form(leaver.response(), "SAMLResponse", "x")
    )
    assert page.status == 400
    assert await live_sessions(leaving) == 1


@pytest.mark.parametrize(
    ("document", "fields"),
    [
        (None, {}),
        (metadata_with_exit(("urn:oasis:names:tc:SAML:2.0:bindings:SOAP", EXIT)), {}),
        (metadata_with_exit(("urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect", "javascript:x")), {}),
        (BY_REDIRECT, {"sign_out_there": False}),
    ],
    ids=["no service", "SOAP alone", "no address", "switched off"],
)
async def test_where_nobody_signs_out_there_she_is_out_here(
    open_with: OpenWith, document: bytes | None, fields: dict[str, Any]
) -> None:
    clinic = await signed_in(await a_clinic(open_with, document, **fields))
    page = await sign_out(clinic)
    assert (page.left_to, page.status) == (None, 200)
    assert "You are signed out<" in page.text
    assert await live_sessions(clinic) == 0


async def test_a_provider_that_is_down_keeps_nobody_signed_in(leaving: Clinic) -> None:
    (leaving.application.installation.folder / "idp.xml").write_bytes(b"<oops/>")
    page = await sign_out(leaving)
    assert (page.left_to, page.status) == (None, 200)
    assert await live_sessions(leaving) == 0


async def test_a_provider_that_never_answers_keeps_nobody_signed_in(leaving: Clinic) -> None:
    await sign_out(leaving)
    assert (await leaving.browser.open("/account")).path.startswith("/login")


async def test_where_an_answer_goes_elsewhere_it_goes_there(open_with: OpenWith) -> None:
    """Metadata 2.2.2: `ResponseLocation`."""
    service = ("urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect", EXIT)
    document = metadata_with_exit(service, more='ResponseLocation="https://idp.clinic.example/done"')
    clinic = await signed_in(await a_clinic(open_with, document))
    leaver = Leaver(clinic.application.server.now())
    page = await clinic.browser.open(f"/login/clinic/logout?{leaver.query(leaver.request())}")
    assert str(page.left_to).startswith("https://idp.clinic.example/done?SAMLResponse=")
