"""The token of each request: whose it is, for whom, until when, and whether all that it hangs on still holds."""

from dataclasses import replace

import httpx
import pytest

from assent.app.settings import FhirSettings, IssuerSettings, ServerSettings, Settings
from assent.engine.revocation import revoke_grant
from assent.records.grants import RevokedToken
from assent.records.sessions import Session
from assent.spec.jose import read_unverified
from assent.storage.interface import Change, Put, act
from assent.storage.tables import CLIENTS, PEOPLE, REVOKED_TOKENS, SESSIONS
from assent.testing.application import PUBLIC_URL
from gateway.clinic import FHIR_JSON, Asking, Clinic

AMY = {"resourceType": "Patient", "id": "amy"}
SCOPE = "openid fhirUser patient/*.rs"


def is_challenged(answer: httpx.Response, *, with_error: bool = True) -> bool:
    """Whether the answer is a 401 as RFC 6750 3 has it."""
    challenge = answer.headers.get("www-authenticate", "")
    has_error = 'error="invalid_token"' in challenge
    return answer.status_code == 401 and challenge.startswith("Bearer ") and has_error == with_error


@pytest.fixture
async def small(ward) -> Clinic:
    """One patient."""
    return await ward(AMY)


@pytest.mark.row("T10")
@pytest.mark.parametrize(
    "path", ["Patient/amy", "Patient", "Nonsense", "", "Patient/../x", "Patient/$everything"]
)
async def test_nothing_is_told_without_a_token(clinic, path):
    answer = await clinic.nobody().get(path)
    assert is_challenged(answer, with_error=False)
    assert answer.headers["content-type"].startswith(FHIR_JSON)
    assert answer.json()["resourceType"] == "OperationOutcome"


@pytest.mark.row("T10")
@pytest.mark.parametrize(
    "authorization",
    [
        "Bearer",
        "Bearer ",
        "Bearer x",
        "Bearer a.b.c",
        "Bearer a b",
        "Basic YTpi",
        "bearer",
        "Bearer ~",
        "DPoP x",
    ],
)
async def test_what_is_no_token_is_refused(clinic, authorization):
    asking = Asking(clinic.application, None)
    answer = await asking.get("Patient/amy", Authorization=authorization)
    assert is_challenged(answer)


async def test_a_token_in_the_query_or_the_form_is_not_taken(ask):
    good = await ask("amy", "patient/*.rs", "amy")
    nobody = Asking(good.application, None)
    assert is_challenged(await nobody.get(f"Patient/amy?access_token={good.token}"), with_error=False)


@pytest.mark.row("T8", "B11")
async def test_a_token_is_good_until_its_end_and_not_a_second_longer(small):
    client, amy = await small.client("app", access_token_seconds=60), await small.person("amy", "Patient/amy")
    asking = await small.asking(client, amy, SCOPE, "amy")
    small.application.clock.advance(59)
    assert (await asking.get("Patient/amy")).status_code == 200
    small.application.clock.advance(1)
    assert is_challenged(await asking.get("Patient/amy"))


@pytest.mark.row("T10")
async def test_id_tokens_and_refresh_tokens_are_no_access_tokens(small):
    client, amy = await small.application.add_client(), await small.application.add_amy()
    app, browser = small.application.smart_app(), small.application.browser()
    await app.launch(browser, "openid fhirUser launch/patient patient/*.rs offline_access")
    await browser.sign_in("amy")
    page = await browser.approve()
    async with small.application.http() as http:
        tokens = (await app.redeem(http, page)).json()
    assert {client.client_id, amy.username} == {"app", "amy"}
    for name, status in (("access_token", 200), ("id_token", 401), ("refresh_token", 401)):
        answer = await Asking(small.application, tokens[name]).get("Patient/amy")
        assert answer.status_code == status, name


@pytest.mark.row("T10")
async def test_a_token_that_says_something_else_than_what_was_signed_is_refused(ask):
    good = await ask("amy", "patient/Patient.r", "amy")
    wider = await ask("amy", "patient/*.rs", "amy")
    head, _, signature = (good.token or "").split(".")
    _, claims, _ = (wider.token or "").split(".")
    forged = Asking(good.application, f"{head}.{claims}.{signature}")
    assert is_challenged(await forged.get("Patient/amy"))


@pytest.mark.row("T10")
async def test_a_token_of_another_issuer_in_the_same_database_is_refused_both_ways(open_with):
    """Each issuer has its own FHIR base, its own keys, its own rows."""
    settings = Settings(
        server=ServerSettings(public_url=PUBLIC_URL, log_format="json"),
        issuers={"other": IssuerSettings(f"{PUBLIC_URL}/other", FhirSettings())},
    )
    application = await open_with(settings=settings)
    first = Clinic(application)
    second = Clinic(replace(application, installation=_seen_from(application.installation, "other")))
    askings = []
    for clinic in (first, second):
        client, amy = await clinic.client("app"), await clinic.person("amy", "Patient/amy")
        askings.append(await clinic.asking(client, amy, SCOPE, "amy"))
    for own, other in (askings, askings[::-1]):
        assert (await own.get("Patient/amy")).status_code == 200
        assert is_challenged(await Asking(own.application, other.token).get("Patient/amy"))


def _seen_from(installation, issuer_id):
    """The installation with this issuer first."""
    servers = installation.servers
    return replace(installation, servers={issuer_id: servers[issuer_id]})


async def a_grant(small, scope=SCOPE, **more):
    """client, person, grant and somebody asking by it."""
    client, amy = await small.client("app"), await small.person("amy", "Patient/amy")
    grant = await small.grant(client, amy, scope, "amy", **more)
    asking = Asking(small.application, await small.token(client, amy, grant))
    assert (await asking.get("Patient/amy")).status_code == 200
    return client, amy, grant, asking


@pytest.mark.row("T10")
async def test_a_revoked_grant_is_over_at_the_next_request(small):
    _, _, grant, asking = await a_grant(small)
    assert await revoke_grant(small.application.server, grant.grant_id, because="the person said so")
    assert is_challenged(await asking.get("Patient/amy"))


@pytest.mark.row("T10")
async def test_a_revoked_token_is_over_and_its_grant_goes_on(small):
    client, amy, grant, asking = await a_grant(small)
    claims = read_unverified(asking.token).claims
    await small.application.server.storage.commit(
        act(Put(REVOKED_TOKENS, RevokedToken(claims["jti"], claims["exp"])))
    )
    assert is_challenged(await asking.get("Patient/amy"))
    another = Asking(small.application, await small.token(client, amy, grant))
    assert (await another.get("Patient/amy")).status_code == 200


async def test_a_client_that_is_switched_off_is_refused_at_the_next_request(small):
    client, _, _, asking = await a_grant(small)
    storage = small.application.server.storage
    await storage.commit(act(Put(CLIENTS, replace(client, enabled=False))))
    assert is_challenged(await asking.get("Patient/amy"))
    await storage.commit(act(Put(CLIENTS, client)))
    assert (await asking.get("Patient/amy")).status_code == 200


async def test_a_client_on_its_own_that_is_switched_off_is_refused_too(small):
    client = await small.client("nightly", ["FHIR_ALL_READ"])
    asking = await small.own("nightly", "system/*.rs")
    assert (await asking.get("Patient/amy")).status_code == 200
    await small.application.server.storage.commit(act(Put(CLIENTS, replace(client, enabled=False))))
    assert is_challenged(await asking.get("Patient/amy"))


async def test_a_person_who_is_switched_off_is_refused_at_the_next_request(small):
    _, amy, _, asking = await a_grant(small)
    await small.application.server.storage.commit(act(Put(PEOPLE, replace(amy, enabled=False))))
    assert is_challenged(await asking.get("Patient/amy"))


@pytest.mark.row("S8", "S12")
async def test_what_a_person_may_is_looked_at_with_each_request(small):
    """Her own record changes, or is taken from her: the token says the scope, never the right."""
    _, amy, _, asking = await a_grant(small)
    storage = small.application.server.storage
    await storage.commit(act(Put(PEOPLE, replace(amy, fhir_user="Patient/somebody"))))
    await asking.refused("GET", "Patient/amy", 403)
    await storage.commit(act(Put(PEOPLE, replace(amy, fhir_user=None))))
    await asking.refused("GET", "Patient/amy", 403)
    await storage.commit(act(Put(PEOPLE, replace(amy, fhir_user=None, represents=("Patient/amy",)))))
    assert (await asking.get("Patient/amy")).status_code == 200


@pytest.mark.row("T14")
async def test_an_online_grant_ends_with_its_session(small):
    now = small.application.server.now()
    session = Session(b"s" * 32, "s-1", "", now, ("pwd",), now, now, now + 3600)
    storage = small.application.server.storage
    _, amy, _, asking = await _online(small, session)
    await storage.commit(act(Change(SESSIONS, (session.session_hash,), {"ended_at": now})))
    assert is_challenged(await asking.get("Patient/amy"))
    assert amy.enabled


async def _online(small, session):
    await small.application.server.storage.commit(act(Put(SESSIONS, session)))
    return await a_grant(small, f"{SCOPE} online_access", session_hash=session.session_hash, online=True)


@pytest.mark.row("A15", "S6")
async def test_a_scope_too_long_for_a_header_is_enforced_all_the_same(small):
    long = " ".join(f"patient/Observation.rs?code={number}" for number in range(200))
    client, amy = await small.client("app"), await small.person("amy", "Patient/amy")
    asking = await small.asking(client, amy, f"{long} patient/Patient.r", "amy")
    assert len(asking.token or "") < 4000
    assert (await asking.get("Patient/amy")).status_code == 200
    assert (await asking.get("Observation")).status_code == 200
    await asking.refused("GET", "Condition", 403)


async def test_a_refused_token_is_explained_behind_its_reference(small):
    _, _, grant, asking = await a_grant(small)
    await revoke_grant(small.application.server, grant.grant_id, because="the person said so")
    outcome = (await asking.get("Patient/amy")).json()
    told = outcome["issue"][0]["diagnostics"]
    assert "revoked" not in told
    (event,) = await small.application.audit("fhir.refused")
    assert event.reference is not None
    assert event.reference in told
    assert "revoked" in event.detail["detail"]
    assert (asking.token or "")[:40] not in repr(event)
    await small.nobody().get("Patient/amy")
    assert len(await small.application.audit("fhir.refused")) == 1
