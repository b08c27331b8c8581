"""Access tokens of other issuers at the gateway: off by default, verified, and worth no more than an account here."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from aiohttp import web

from applications import OpenWith
from assent.actions.permissions.roles import add_role
from assent.actions.providers.providers import edit_provider
from assent.actions.refusals import Refused
from assent.storage.interface import Change, act
from assent.storage.tables import PEOPLE
from assent.testing.server import private_jwk, signed
from identity.oidc.forger import Forger, a_forger
from identity.oidc.pair import define_clinic, desk_of

BASE = "http://localhost:9200/fhir"
TRUSTED = {
    "trusted_for": ["sign_in", "resource_server"],
    "claims": {"fhir_user": "fhirUser", "groups": "groups"},
    "permission_rules": ["doctors => FHIR_ALL_READ"],
}


@pytest.fixture
async def forger(open_with: OpenWith) -> AsyncIterator[Forger]:
    """A provider whose tokens are trusted, and Amy, who has been here once."""
    async with a_forger(open_with, **TRUSTED) as one:
        one.claims = {"fhirUser": "Patient/amy"}
        assert "code" in (await one.arrive()).answered
        yield one


def token(forger: Forger, header: dict[str, Any] | None = None, **claims: Any) -> str:
    now = forger.home.server.now()
    right = {
        "iss": forger.issuer,
        "aud": BASE,
        "sub": "s-1",
        "client_id": "their-app",
        "iat": now,
        "exp": now + 300,
        "scope": "openid patient/*.rs",
        "patient": "amy",
    }
    head = {"alg": "RS256", "kid": forger.key["kid"], "typ": "at+jwt", **(header or {})}
    return signed(forger.key, head, {**right, **claims})


async def ask(forger: Forger, text: str, path: str = "Patient/amy") -> httpx.Response:
    async with forger.home.http() as client:
        return await client.get(f"/fhir/{path}", headers={"Authorization": f"Bearer {text}"})


async def why(forger: Forger) -> str:
    rows = await forger.home.audit("fhir.refused")
    return str((rows[-1].detail or {})["detail"]) if rows else ""


async def test_a_token_is_worth_its_scope_within_what_the_account_may(forger: Forger) -> None:
    assert (await ask(forger, token(forger))).status_code == 200
    assert (await ask(forger, token(forger), "Patient/chidi")).status_code == 404
    assert (await ask(forger, token(forger), "Observation?_count=5")).status_code == 200
    narrow = token(forger, scope="patient/Observation.rs")
    assert (await ask(forger, narrow)).status_code == 403
    everything = token(forger, scope="user/*.cruds system/*.cruds", patient=None)
    assert (await ask(forger, everything, "Patient/chidi")).status_code == 404


async def test_somebody_elses_patient_in_the_token_opens_nothing(forger: Forger) -> None:
    assert (await ask(forger, token(forger, patient="chidi"), "Patient/chidi")).status_code == 403


async def test_nothing_is_trusted_unless_a_definition_says_so(open_with: OpenWith) -> None:
    async with a_forger(open_with, claims={"fhir_user": "fhirUser"}) as forger:
        forger.claims = {"fhirUser": "Patient/amy"}
        await forger.arrive()
        assert (await ask(forger, token(forger))).status_code == 401


@pytest.mark.parametrize(
    ("header", "claims"),
    [
        ({}, {"iss": "https://elsewhere.example"}),
        ({}, {"aud": "home"}),
        ({}, {"aud": None}),
        ({}, {"aud": ["https://other.example/fhir"]}),
        ({}, {"exp": 1_799_999_970}),
        ({}, {"exp": None}),
        ({}, {"nbf": 1_800_000_031}),
        ({}, {"iat": 1_800_000_031}),
        ({}, {"nonce": "n"}),
        ({}, {"scope": 7}),
        ({}, {"patient": "../x"}),
        ({}, {"sub": None}),
        ({}, {"sub": "s-2"}),
        ({"typ": "logout+jwt"}, {}),
        ({"kid": "another"}, {}),
    ],
)
async def test_a_token_that_is_not_good_opens_nothing(
    forger: Forger, header: dict[str, Any], claims: dict[str, Any]
) -> None:
    answer = await ask(forger, token(forger, header, **claims))
    assert answer.status_code == 401
    assert 'error="invalid_token"' in answer.headers["www-authenticate"]


async def test_a_token_of_another_key_opens_nothing(forger: Forger) -> None:
    other = {**private_jwk("RS256", "two"), "kid": "one"}
    forged = Forger(forger.home, forger.browser, forger.issuer, other)
    assert (await ask(forger, token(forged))).status_code == 401


async def test_an_id_token_is_no_access_token(forger: Forger) -> None:
    assert (await ask(forger, forger.id_token())).status_code == 401


async def test_who_is_switched_off_here_reads_nothing_any_more(forger: Forger) -> None:
    [person] = await forger.home.server.storage.find(PEOPLE)
    await forger.home.server.storage.commit(act(Change(PEOPLE, (person.person_id,), {"enabled": False})))
    assert (await ask(forger, token(forger))).status_code == 401
    assert "has no account here, or one that is switched off" in await why(forger)


async def test_keys_that_cannot_be_had_open_nothing(forger: Forger) -> None:
    forger.home.clock.advance(400)
    forger.answers["/jwks"] = lambda: web.Response(status=500)
    answer = await ask(forger, token(forger))
    assert answer.status_code == 503
    assert "did not answer" in answer.text


async def test_rights_of_the_definition_need_no_account(forger: Forger) -> None:
    await edit_provider(desk_of(forger.home), "clinic", {"token_rights": "provider"}, actor=None)
    reading = {"sub": "their-app", "patient": None, "scope": "system/Patient.r"}
    doctor = token(forger, groups=["doctors"], **reading)
    assert (await ask(forger, doctor)).status_code == 200
    assert (await ask(forger, doctor, "Observation?_count=1")).status_code == 403
    assert (await ask(forger, token(forger, groups=["porters"], **reading))).status_code == 403
    of_a_person = token(forger, groups=["doctors"], **{**reading, "sub": "s-9"})
    assert (await ask(forger, of_a_person)).status_code == 403  # system/ is for clients on their own


async def test_definitions_that_would_let_the_wrong_in_are_refused(forger: Forger) -> None:
    desk = desk_of(forger.home)
    with pytest.raises(Refused, match="must not be the client_id"):
        await edit_provider(desk, "clinic", {"token_audience": "home"}, actor=None)
    bare = {"permission_rules": [], "claims": {}, "token_rights": "provider"}
    with pytest.raises(Refused, match="permission_rules: is required"):
        await edit_provider(desk, "clinic", bare, actor=None)


# --- introspection --------------------------------------------------------------------------------------------------


async def introspecting(forger: Forger, **claims: Any) -> None:
    """The provider is asked about tokens, and answers so."""
    changes = {"token_validation": "introspection", "introspection_endpoint": f"{forger.issuer}/introspect"}
    await edit_provider(desk_of(forger.home), "clinic", changes, actor=None)
    now = forger.home.server.now()
    right = {
        "active": True,
        "aud": BASE,
        "sub": "s-1",
        "exp": now + 60,
        "scope": "patient/*.rs",
        "patient": "amy",
    }
    said = {name: value for name, value in {**right, **claims}.items() if value is not None}
    forger.answers["/introspect"] = lambda: web.json_response(said)


async def test_an_opaque_token_is_asked_about(forger: Forger) -> None:
    await introspecting(forger)
    assert (await ask(forger, "an-opaque-token")).status_code == 200
    assert forger.forms[-1]["token"] == "an-opaque-token"
    assert (await ask(forger, token(forger, exp=1))).status_code == 200  # the provider's word counts alone


@pytest.mark.parametrize(
    "claims",
    [
        {"active": False},
        {"active": "true"},
        {"active": None},
        {"aud": None},
        {"aud": "elsewhere"},
        {"exp": None},
        {"exp": 1},
        {"sub": "s-2"},
        {"iss": "https://elsewhere.example"},
    ],
)
async def test_what_the_provider_does_not_vouch_for_opens_nothing(
    forger: Forger, claims: dict[str, Any]
) -> None:
    await introspecting(forger, **claims)
    assert (await ask(forger, "an-opaque-token")).status_code == 401


async def test_the_provider_is_not_asked_at_each_request(forger: Forger) -> None:
    await introspecting(forger)
    for path in ("Patient/amy", "Observation?_count=1", "Patient/amy"):
        assert (await ask(forger, "an-opaque-token", path)).status_code == 200
    assert forger.asked.count("/introspect") == 1
    forger.answers["/introspect"] = lambda: web.json_response({"active": False})
    forger.home.clock.advance(10)
    assert (await ask(forger, "an-opaque-token")).status_code == 401


async def test_what_is_kept_of_a_token_opens_nothing_to_who_is_switched_off_meanwhile(forger: Forger) -> None:
    await introspecting(forger)
    assert (await ask(forger, "an-opaque-token")).status_code == 200
    [person] = await forger.home.server.storage.find(PEOPLE)
    await forger.home.server.storage.commit(act(Change(PEOPLE, (person.person_id,), {"enabled": False})))
    assert (await ask(forger, "an-opaque-token")).status_code == 401
    await edit_provider(desk_of(forger.home), "clinic", {"enabled": False}, actor=None)
    assert (await ask(forger, "an-opaque-token")).status_code == 401
    assert forger.asked.count("/introspect") == 1


async def test_introspection_that_fails_opens_nothing(forger: Forger) -> None:
    await introspecting(forger)
    forger.answers["/introspect"] = lambda: web.Response(text="<html>", status=502)
    assert (await ask(forger, "an-opaque-token")).status_code == 503
    forger.answers["/introspect"] = lambda: web.json_response({"active": True}, status=401)
    assert (await ask(forger, "an-opaque-token")).status_code == 503


async def test_an_opaque_token_is_shown_to_no_one_of_several(forger: Forger) -> None:
    await introspecting(forger)
    more = {"name": "bank", "token_validation": "introspection", "trusted_for": ["resource_server"]}
    await define_clinic(forger.home, forger.issuer, **more)
    asked = len(forger.asked)
    assert (await ask(forger, "an-opaque-token")).status_code == 401
    assert len(forger.asked) == asked


async def test_rights_of_the_definition_may_be_a_role(forger: Forger) -> None:
    nurse = {"name": "nurse", "permissions": [{"permission": "FHIR_READ_ALL_OF_TYPE", "argument": "Patient"}]}
    await add_role(forger.home.server, nurse, actor=None)
    rights = {"token_rights": "provider", "permission_rules": ["nurses => role:nurse"]}
    await edit_provider(desk_of(forger.home), "clinic", rights, actor=None)
    reading = {"sub": "their-app", "patient": None, "scope": "system/Patient.r"}
    assert (await ask(forger, token(forger, groups=["nurses"], **reading))).status_code == 200
    assert (await ask(forger, token(forger, groups=["porters"], **reading))).status_code == 403
