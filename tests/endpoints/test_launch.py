"""`POST /oauth/launch`: who may register a launch, and what a launch may say."""

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from applications import Driven
from assent.engine.client_auth.secrets import hash_secret
from assent.records.clients import ClientSecret
from assent.storage.tables import CLIENTS, LAUNCHES
from assent.testing.application import LAUNCH_URI, SECRET, Application
from assent.testing.ehr import Ehr


@pytest.fixture
async def ehr(application: Application) -> Ehr:
    await application.add_client()
    await application.add_ehr()
    await application.add_amy()
    return Ehr(application)


@pytest.mark.row("A3")
async def test_a_launch_is_registered_and_answered_with_the_apps_url(
    application: Application, ehr: Ehr
) -> None:
    answer = await ehr.register(user="amy", patient="amy", launch_uri=LAUNCH_URI)
    assert answer.status_code == 201
    assert answer.headers["cache-control"] == "no-store"
    told = answer.json()
    assert set(told) == {"launch", "iss", "launch_url", "expires_in"}
    assert told["iss"] == application.server.issuer.fhir_base
    assert told["expires_in"] == application.server.settings.launch_seconds
    assert told["launch_url"].startswith(LAUNCH_URI + "?")
    query = parse_qs(urlsplit(told["launch_url"]).query)
    assert query == {"iss": [told["iss"]], "launch": [told["launch"]]}
    (launch,) = await application.server.storage.find(LAUNCHES)
    assert (launch.client_id, launch.registered_by, launch.person) == ("app", "ehr", "amy")
    assert launch.context == {"patient": "amy"}
    (event,) = await application.audit("launch.registered")
    assert (event.client_id, event.actor) == ("app", "ehr")


async def test_a_launch_uri_keeps_its_query(application: Application, ehr: Ehr) -> None:
    await application.add_client("other", launch_uris=("https://other.example/launch?tenant=7",))
    told = (await ehr.register(client_id="other")).json()
    assert told["launch_url"].startswith("https://other.example/launch?tenant=7&iss=")


async def test_an_empty_launch_is_a_launch(ehr: Ehr) -> None:
    assert (await ehr.register()).status_code == 201


# --- who may ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "authorization", [None, "", "Bearer", "Bearer x", "Bearer a.b.c", "Basic eDp5", "bearer  x y"]
)
async def test_without_an_access_token_nobody_registers(ehr: Ehr, authorization: str | None) -> None:
    headers = {"Authorization": authorization} if authorization is not None else {}
    answer = await ehr.http.post("/oauth/launch", json={"client_id": "app"}, headers=headers)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_a_token_without_the_scope_is_not_enough(application: Application, ehr: Ehr) -> None:
    await application.add_ehr("reader", scope=("system/*.rs",))
    token = await Ehr(application, "reader").token("system/*.rs")
    answer = await ehr.http.post(
        "/oauth/launch", json={"client_id": "app"}, headers={"Authorization": f"Bearer {token}"}
    )
    assert answer.status_code == 403
    assert answer.json()["error"] == "insufficient_scope"
    (refused,) = await application.audit("launch.refused")
    assert refused.outcome == "refused"


async def test_a_persons_token_is_not_enough_whatever_its_scope(application: Application, ehr: Ehr) -> None:
    await application.add_client(
        "portal",
        scope=("openid", "launch:create"),
        token_endpoint_auth_method="client_secret_basic",
        secrets=(ClientSecret("one", "", hash_secret(SECRET)),),
    )
    app, browser = application.smart_app("portal", secret=SECRET), application.browser()
    await app.launch(browser, "openid launch:create")
    await browser.sign_in("amy")
    tokens = (await app.redeem(ehr.http, await browser.approve())).json()
    assert "launch:create" in tokens["scope"]
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    assert (
        await ehr.http.post("/oauth/launch", json={"client_id": "app"}, headers=headers)
    ).status_code == 403


async def test_an_expired_token_is_not_enough(application: Application, ehr: Ehr) -> None:
    headers = {"Authorization": f"Bearer {await ehr.token()}"}
    application.clock.advance(application.server.settings.client_credentials_token_seconds)
    answer = await ehr.http.post("/oauth/launch", json={"client_id": "app"}, headers=headers)
    assert answer.status_code == 401


# --- what it may say -------------------------------------------------------------------------------------------------

WRONG: list[tuple[str, dict[str, Any]]] = [
    ("client_id", {"client_id": None}),
    ("client_id", {"client_id": 7}),
    ("client_id", {"client_id": "nobody"}),
    ("client_id", {"client_id": "off"}),
    ("launch_uri", {"launch_uri": "https://evil.example/launch"}),
    ("launch_uri", {"launch_uri": ["https://app.example/launch"]}),
    ("launch_uri", {"launch_uri": {}}),
    ("launch_uri", {"client_id": "none"}),
    ("launch_uri", {"client_id": "two"}),
    ("user", {"user": "nobody"}),
    ("user", {"user": ""}),
    ("user", {"user": 7}),
    ("user", {"user": "x" * 201}),
    ("user", {"user": "Organization/1"}),
    ("user", {"user": "Patient/"}),
    ("user", {"user": "https://ehr.example/fhir/Practitioner/1"}),
    ("patient", {"patient": "Patient/amy"}),
    ("patient", {"patient": ""}),
    ("patient", {"patient": 7}),
    ("patient", {"patient": ".."}),
    ("patient", {"patient": None}),
    ("encounter", {"encounter": "a b"}),
    ("fhirContext", {"fhirContext": {"reference": "Observation/1"}}),
    ("fhirContext", {"fhirContext": [{}]}),
    ("fhirContext", {"fhirContext": [{"reference": "https://x.example/Observation/1"}]}),
    ("fhirContext", {"fhirContext": [{"reference": "Patient/amy"}]}),
    ("fhirContext", {"fhirContext": [{"reference": "Observation/1", "role": ""}]}),
    ("fhirContext", {"fhirContext": [{"reference": "Observation/1", "other": 1}]}),
    ("need_patient_banner", {"need_patient_banner": "true"}),
    ("intent", {"intent": ""}),
    ("intent", {"intent": "x" * 1001}),
    ("tenant", {"tenant": ["x"]}),
    ("smart_style_url", {"smart_style_url": "javascript:alert(1)"}),
    ("unknown", {"pateint": "amy"}),
]


@pytest.mark.row("L6", "L9", "L10", "L11")
@pytest.mark.parametrize(("name", "members"), WRONG, ids=[f"{name}-{n}" for n, (name, _) in enumerate(WRONG)])
async def test_each_member_is_checked_and_named(
    application: Application, ehr: Ehr, name: str, members: dict[str, Any]
) -> None:
    await application.add_client("off", enabled=False)
    await application.add_client("none", launch_uris=())
    await application.add_client("two", launch_uris=(LAUNCH_URI, LAUNCH_URI + "2"))
    answer = await ehr.register(**members)
    assert answer.status_code == 400
    assert answer.json()["error"] == "invalid_request"
    assert name in answer.json()["error_description"]
    assert await application.server.storage.find(LAUNCHES) == []
    assert len(await application.audit("launch.refused")) == 1


async def test_a_misspelt_member_is_told_the_right_name(ehr: Ehr) -> None:
    assert "did you mean patient?" in (await ehr.register(pateint="amy")).json()["error_description"]
    assert "did you mean user?" in (await ehr.register(usr="lee")).json()["error_description"]


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/x-www-form-urlencoded", b"client_id=app"),
        ("", b'{"client_id":"app"}'),
        ("text/plain", b'{"client_id":"app"}'),
        ("application/json", b""),
        ("application/json", b"{"),
        ("application/json", b"[]"),
        ("application/json", b'"app"'),
        ("application/json", b"null"),
        ("application/json", b'{"client_id":"\xff"}'),
        ("application/json", b'{"client_id":"\\ud800"}'),
        ("application/json", b'{"client_id":"app\\u0000"}'),
        ("application/json", b'{"client_id":"app","intent":"a\\u0000b"}'),
        ("application/json", b'{"client_id":"app","user":"\\ud83d"}'),
        ("application/json", b"[" * 5000 + b"]" * 5000),
        (
            "application/json",
            b'{"client_id":"app","fhirContext":[{"identifier":' + b'{"a":' * 500 + b"1" + b"}" * 502,
        ),
        ("application/json", b'{"client_id":"app","need_patient_banner":1e999}'),
    ],
)
async def test_a_malformed_body_is_refused(ehr: Ehr, content_type: str, body: bytes) -> None:
    headers = {"Authorization": f"Bearer {await ehr.token()}", "Content-Type": content_type}
    answer = await ehr.http.post("/oauth/launch", content=body, headers=headers)
    assert answer.status_code == 400
    assert answer.json()["error"] == "invalid_request"


async def test_an_oversized_body_is_refused(ehr: Ehr) -> None:
    headers = {"Authorization": f"Bearer {await ehr.token()}", "Content-Type": "application/json"}
    body = json.dumps({"client_id": "app", "intent": "x" * 70_000}).encode()
    assert (await ehr.http.post("/oauth/launch", content=body, headers=headers)).status_code == 413


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
async def test_another_method_is_answered_in_json(ehr: Ehr, method: str) -> None:
    answer = await ehr.http.request(method, "/oauth/launch")
    assert answer.status_code == 405
    assert answer.headers["content-type"] == "application/json"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=6,
)
MEMBERS = st.sampled_from(
    ["client_id", "user", "patient", "encounter", "fhirContext", "intent", "tenant", "launch_uri", "x"]
)


@given(members=st.dictionaries(MEMBERS, JSON, max_size=5), named=st.booleans())
@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_any_body_is_answered_with_201_or_400(driven: Driven, members: dict[str, Any], named: bool) -> None:
    application = driven.application
    if driven.run(application.server.storage.get(CLIENTS, "app")) is None:
        driven.run(application.add_client())
        driven.run(application.add_ehr())
    ehr = Ehr(application)
    headers = {
        "Authorization": f"Bearer {driven.run(ehr.token())}",
        "Content-Type": "application/json",
    }
    body = json.dumps({**members, "client_id": "app"} if named else members).encode("ascii")
    answer = driven.run(ehr.http.post("/oauth/launch", content=body, headers=headers))
    assert answer.status_code in (201, 400)
