"""Signing in by SAML through the whole application: what is asked, what is taken from the answer."""

from pathlib import Path

from applications import OpenWith
from assent.identity.saml.names import SAML, SAMLP
from assent.spec.permissions import Permission
from assent.storage.tables import IDENTITIES, PEOPLE, SESSIONS
from identity.saml.clinic import CALLBACK, ENTITY, Clinic, a_clinic, a_desk
from identity.saml.forger import IDP, PASSWORD, SSO, attributes


async def test_a_signed_answer_signs_in_and_leads_back_into_the_app(clinic: Clinic) -> None:
    forger, left = await clinic.forger()
    page = await clinic.post(forger.response(), left.state)
    tokens = (await clinic.app.redeem(clinic.application.http(), page)).json()
    claims = await clinic.application.server.keys.verify(tokens["id_token"], "JWT")
    assert claims["amr"] == ["pwd"]
    assert claims["auth_time"] == forger.now
    storage = clinic.application.server.storage
    [person] = await storage.find(PEOPLE)
    assert (person.username, person.email) == ("maria", "maria@clinic.example")
    [identity] = await storage.find(IDENTITIES)
    assert (identity.module, identity.provider, identity.subject) == ("clinic", IDP, "p-4711")
    [session] = await storage.find(SESSIONS)
    assert (session.module, session.provider_session, session.acr) == ("clinic", "s-1", PASSWORD)


async def test_the_request_says_where_and_how_to_answer(clinic: Clinic) -> None:
    left = await clinic.leave()
    assert left.url.startswith(f"{SSO}?SAMLRequest=")
    request = left.request
    assert request.get("AssertionConsumerServiceURL") == CALLBACK
    assert request.get("Destination") == SSO
    assert request.get("ForceAuthn") is None
    assert request.findtext(f"{{{SAML}}}Issuer") == ENTITY
    assert request.find(f"{{{SAMLP}}}NameIDPolicy").get("Format").endswith(":persistent")
    assert len(left.state) <= 80  # Bindings 3.4.3


async def test_an_app_that_wants_a_new_sign_in_has_the_provider_ask_again(clinic: Clinic) -> None:
    assert (await clinic.leave(prompt="login")).request.get("ForceAuthn") == "true"
    assert (await clinic.leave(max_age="60")).request.get("ForceAuthn") == "true"


async def test_a_provider_that_did_not_ask_again_is_not_believed(clinic: Clinic) -> None:
    forger, left = await clinic.forger(prompt="login")
    page = await clinic.post(forger.saying(asked_at="2026-01-01T00:00:00Z").response(), left.state)
    assert page.status == 403
    assert await clinic.reason() == "SAML: the provider did not ask her again"


async def test_wanted_context_classes_are_asked_for(open_with: OpenWith) -> None:
    contexts = ("https://refeds.org/profile/mfa", PASSWORD)
    clinic = await a_clinic(open_with, authn_contexts=contexts, authn_comparison="minimum")
    asked = (await clinic.leave()).request.find(f"{{{SAMLP}}}RequestedAuthnContext")
    assert asked.get("Comparison") == "minimum"
    assert tuple(one.text for one in asked) == contexts


async def test_attributes_become_what_the_settings_say(open_with: OpenWith) -> None:
    clinic = await a_clinic(
        open_with,
        fhir_user=("fhirUser",),
        fhir_user_type="Practitioner",
        groups=("memberOf",),
        permissions=("doctors => FHIR_ALL_READ",),
        username_prefix="clinic-",
    )
    forger, left = await clinic.forger()
    said = attributes(
        uid="maria",
        fhirUser="maria-1",
        givenName="Maria",
        sn="Silva",
        preferredLanguage="es",
        memberOf=["everybody", "Doctors"],
    )
    await clinic.post(forger.saying(attributes=said).response(), left.state)
    [person] = await clinic.application.server.storage.find(PEOPLE)
    assert (person.username, person.fhir_user) == ("clinic-maria", "Practitioner/maria-1")
    assert (person.given_name, person.family_name, person.locale) == ("Maria", "Silva", "es")
    assert person.permissions == (Permission("FHIR_ALL_READ"),)


async def test_what_gives_rights_is_gone_when_the_provider_says_it_no_more(open_with: OpenWith) -> None:
    clinic = await a_clinic(
        open_with, fhir_user=("fhirUser",), groups=("memberOf",), permissions=("doctors => FHIR_ALL_READ",)
    )
    forger, left = await clinic.forger()
    said = attributes(uid="maria", fhirUser="Patient/amy", memberOf="doctors")
    await clinic.post(forger.saying(attributes=said).response(), left.state)
    clinic.browser = clinic.application.browser()
    forger, left = await clinic.forger()
    await clinic.post(
        forger.saying(assertion_id="_two", attributes=attributes(uid="maria")).response(), left.state
    )
    [person] = await clinic.application.server.storage.find(PEOPLE)
    assert (person.fhir_user, person.permissions) == (None, ())


async def test_attributes_that_no_setting_names_give_nothing(clinic: Clinic) -> None:
    forger, left = await clinic.forger()
    said = attributes(uid="maria", fhirUser="Practitioner/lee", groups="admins", email="x@y.example")
    await clinic.post(forger.saying(attributes=said).response(), left.state)
    [person] = await clinic.application.server.storage.find(PEOPLE)
    assert (person.fhir_user, person.permissions, person.email) == (None, (), None)


async def test_an_attribute_may_be_what_identifies(open_with: OpenWith) -> None:
    clinic = await a_clinic(open_with, subject=("employeeNumber",))
    forger, left = await clinic.forger()
    assert left.request.find(f"{{{SAMLP}}}NameIDPolicy") is None
    transient = forger.saying(
        format="urn:oasis:names:tc:SAML:2.0:nameid-format:transient",
        name_id="_xyz",
        attributes=attributes(uid="maria", employeeNumber="4711"),
    )
    await clinic.post(transient.response(), left.state)
    [identity] = await clinic.application.server.storage.find(IDENTITIES)
    assert identity.subject == "4711"


async def test_a_user_name_never_reads_like_a_fhir_user(tmp_path: Path) -> None:
    desk = await a_desk(tmp_path)
    said = attributes(uid="Practitioner/lee")
    arrival = await desk.finish(desk.forger.saying(attributes=said, name_id="a/b").response())
    assert (arrival.username, arrival.subject) == ("a_b", "a/b")
