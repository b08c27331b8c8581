"""Which web pages may read what the gateway answers."""

import pytest

from gateway.clinic import Asking

OWN, FOREIGN = "https://app.example", "https://evil.example"


@pytest.mark.row("X1")
@pytest.mark.parametrize("path", ["metadata", ".well-known/smart-configuration"])
async def test_any_page_reads_what_describes_the_server(clinic, path):
    answer = await clinic.nobody().get(path, Origin=FOREIGN)
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in answer.headers


@pytest.mark.row("X2")
async def test_a_clients_own_pages_read_the_data_and_others_do_not(ask):
    asking = await ask("amy", "patient/*.rs", "amy")
    own = await asking.get("Patient/amy", Origin=OWN)
    assert own.headers["access-control-allow-origin"] == OWN
    assert {"ETag", "Location", "WWW-Authenticate"} <= set(
        own.headers["access-control-expose-headers"].split(", ")
    )
    for origin in (
        FOREIGN,
        "null",
        "http://app.example",
        "https://app.example:444",
        "https://app.example.evil",
    ):
        answer = await asking.get("Patient/amy", Origin=origin)
        assert answer.status_code == 200
        assert "access-control-allow-origin" not in answer.headers
        assert "Origin" in answer.headers["vary"]


@pytest.mark.row("X2")
@pytest.mark.parametrize("path", ["Patient/chidi", "Condition?foo=bar", "Patient/$everything", "Nonsense"])
async def test_a_clients_own_pages_read_why_they_were_refused(ask, path):
    asking = await ask("amy", "patient/*.rs", "amy")
    assert (await asking.get(path, Origin=OWN)).headers["access-control-allow-origin"] == OWN
    assert "access-control-allow-origin" not in (await asking.get(path, Origin=FOREIGN)).headers


@pytest.mark.row("X2")
async def test_a_page_reads_that_its_token_is_over(clinic):
    for asking in (clinic.nobody(), Asking(clinic.application, "x.y.z")):
        answer = await asking.get("Patient/amy", Origin=OWN)
        assert answer.status_code == 401
        assert answer.headers["access-control-allow-origin"] == "*"
        assert "WWW-Authenticate" in answer.headers["access-control-expose-headers"]


@pytest.mark.row("X2")
@pytest.mark.parametrize("origin", [OWN, FOREIGN])
@pytest.mark.parametrize("path", ["Patient/amy", "Observation/_search", "metadata", "Nonsense/%2e"])
async def test_a_preflight_is_answered_for_any_origin_and_without_a_token(clinic, origin, path):
    answer = await clinic.nobody().send(
        "OPTIONS",
        path,
        Origin=origin,
        Access_Control_Request_Method="PUT",
        Access_Control_Request_Headers="authorization, content-type, if-match",
    )
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == "*"
    assert {"GET", "POST", "PUT", "DELETE"} <= set(answer.headers["access-control-allow-methods"].split(", "))
    allowed = {name.lower() for name in answer.headers["access-control-allow-headers"].split(", ")}
    assert {"authorization", "content-type", "if-match"} <= allowed
    assert answer.content == b""
