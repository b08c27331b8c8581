"""Where the gateway answers: beside the authorization server, at the root of a host of its own, or not at all."""

from dataclasses import replace

import pytest

from assent.app.configuration import ConfigurationError, read_settings_text
from assent.app.observation import configure_logs
from assent.app.serving.http import build_gateway_app
from assent.app.settings import FhirSettings, ServerSettings, Settings
from assent.testing.application import PUBLIC_URL
from gateway.clinic import FHIR_JSON, Clinic

BASE = "https://fhir.example"


def settings(**fhir) -> Settings:
    return Settings(
        server=ServerSettings(public_url=PUBLIC_URL, log_format="json"), fhir=FhirSettings(**fhir)
    )


async def test_a_server_that_leaves_the_gateway_to_another_process_serves_no_fhir(open_with):
    application = await open_with(settings=settings(gateway=False))
    async with application.http() as http:
        for path in ("/fhir/metadata", "/fhir/Patient/amy", "/fhir/.well-known/smart-configuration", "/fhir"):
            answer = await http.get(path)
            assert answer.status_code == 404
            assert answer.headers["content-type"].startswith("text/html")
        assert (await http.get("/.well-known/smart-configuration")).status_code == 200


async def test_a_gateway_at_the_root_of_its_own_host_leaves_the_servers_pages_alone(open_with):
    application = await open_with(settings=settings(gateway=False, base=BASE))
    async with application.http() as http:
        answer = await http.get("/nothing")
        assert answer.headers["content-type"].startswith("text/html")
        assert (await http.post("/login", content=b"x" * 100_000)).status_code == 413


async def test_a_gateway_alone_answers_at_the_root_of_its_own_host(open_with):
    application = await open_with(settings=settings(gateway=False, base=BASE))
    app = build_gateway_app(application.installation, configure_logs("json", "info"))
    clinic = Clinic(replace(application, app=app))
    amy = await clinic.person("amy", "Patient/amy")
    asking = await clinic.asking(await clinic.client("app"), amy, "patient/*.rs", "amy")
    assert (await asking.get("Patient/amy")).json()["id"] == "amy"
    assert (await asking.read("Patient"))["entry"][0]["fullUrl"] == f"{BASE}/Patient/amy"
    assert (await asking.get("metadata")).json()["implementation"]["url"] == BASE
    await asking.refused("GET", "", 403)
    async with application.http() as http:
        assert (await http.get("/fhir/metadata")).status_code == 404
    for path in ("login", "oauth/authorize", ".well-known/openid-configuration"):
        answer = await asking.get(path)
        assert answer.status_code == 404
        assert answer.headers["content-type"].startswith(FHIR_JSON)
    health = await asking.get("health/live")
    assert health.json() == {"status": "ok"}


async def test_the_gateway_of_an_issuer_below_a_path_answers_below_it(open_with):
    application = await open_with(
        settings=Settings(server=ServerSettings(public_url=f"{PUBLIC_URL}/clinic", log_format="json"))
    )
    clinic = Clinic(application)
    amy = await clinic.person("amy", "Patient/amy")
    asking = await clinic.asking(await clinic.client("app"), amy, "patient/*.rs", "amy")
    assert asking.base == f"{PUBLIC_URL}/clinic/fhir"
    assert (await asking.read("Patient/amy"))["id"] == "amy"
    answer = await asking.get(".well-known/smart-configuration")
    assert answer.json()["token_endpoint"] == f"{PUBLIC_URL}/clinic/oauth/token"


@pytest.mark.parametrize(
    ("text", "is_refused"),
    [
        (f"[fhir]\nbase = '{BASE}'", True),
        (f"[fhir]\nbase = '{BASE}/'", True),
        (f"[fhir]\nbase = '{BASE}'\ngateway = false", False),
        (f"[fhir]\nbase = '{BASE}/r4'", False),
        ("[server]\npublic_url = 'https://a.example/clinic'\n[fhir]\nbase = 'https://a.example/r4'", True),
        (
            "[server]\npublic_url = 'https://a.example/clinic'\n[fhir]\nbase = 'https://a.example/clinic/r4'",
            False,
        ),
    ],
)
def test_a_gateway_beside_the_server_needs_a_path_of_its_own_below_the_issuers(text, is_refused):
    if not is_refused:
        read_settings_text(text, {})
        return
    with pytest.raises(ConfigurationError) as refused:
        read_settings_text(text, {})
    assert any("fhir.base: must have a path below" in mistake for mistake in refused.value.mistakes)
