"""Who brings no good token gets 401 whatever is asked, and leaves no trace that would fill anything."""

import json

import pytest

from gateway.clinic import FHIR_JSON, FORM, Asking

OBSERVATION = {"resourceType": "Observation", "status": "final", "subject": {"reference": "Patient/amy"}}
ASKED = [
    ("GET", "", b"", None),
    ("GET", "Patient", b"", None),
    ("GET", "Patient/amy", b"", None),
    ("GET", "Foo", b"", None),
    ("GET", "Patient/amy/x/y/z", b"", None),
    ("GET", "Patient?a=%", b"", None),
    ("GET", "Patient?foo=1&_format=xml", b"", None),
    ("GET", "Patient?_page=x", b"", None),
    ("GET", "Patient/amy/$everything", b"", None),
    ("GET", "$export", b"", None),
    ("GET", ".well-known/openid-configuration", b"", None),
    ("GET", "metadata/x", b"", None),
    ("POST", "metadata", b"", None),
    ("HEAD", "Patient/amy", b"", None),
    ("OPTIONS", "Patient/amy", b"", None),
    ("POST", "", b"{}", FHIR_JSON),
    ("POST", "Observation", json.dumps(OBSERVATION).encode(), FHIR_JSON),
    ("POST", "Observation", b"{", FHIR_JSON),
    ("POST", "Observation", b"<x/>", "text/xml"),
    ("POST", "Observation/_search", b"code=\xff", FORM),
    ("PUT", "Patient", b"{}", FHIR_JSON),
    ("PUT", "Patient/amy", b"{}", FHIR_JSON),
    ("PUT", "Patient/amy/_history", b"{}", FHIR_JSON),
    ("PATCH", "Patient/amy", b"[]", "application/json-patch+json"),
    ("DELETE", "Patient?name=x", b"", None),
]
TOKENS = [None, "Bearer x.y.z", "Bearer", "Basic YTpi", ""]


@pytest.mark.row("T10")
@pytest.mark.parametrize("authorization", TOKENS)
@pytest.mark.parametrize(("method", "path", "body", "content_type"), ASKED)
async def test_whatever_is_asked_without_a_good_token_is_401(
    clinic, method, path, body, content_type, authorization
):
    nobody = Asking(clinic.application, None)
    headers = {} if authorization is None else {"Authorization": authorization}
    before = len(await clinic.application.audit("fhir.refused"))
    answer = await nobody.send(
        method, path, body or None, content_type=content_type, Accept="text/turtle", Origin="https://x.example",
        **headers,
    )  # fmt: skip
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith('Bearer realm="fhir"')
    assert ('error="invalid_token"' in answer.headers["www-authenticate"]) == (authorization is not None)
    assert answer.headers["access-control-allow-origin"] == "*"
    assert len(await clinic.application.audit("fhir.refused")) == before


async def test_refusals_of_strangers_are_counted(clinic):
    async def counted():
        async with clinic.application.http("127.0.0.1") as http:
            text = (await http.get("/metrics")).text
        line = 'assent_events_total{outcome="refused",type="fhir.refused"}'
        found = [float(one.split()[-1]) for one in text.splitlines() if one.startswith(line)]
        return sum(found)

    before = await counted()
    await clinic.nobody().get("Patient/amy")
    await Asking(clinic.application, "x.y.z").get("Patient/amy")
    assert await counted() == before + 2


async def test_what_describes_the_server_leaves_no_row_when_it_is_refused(ward):
    clinic = await ward()
    assert (await clinic.nobody().get("metadata", Accept="text/turtle")).status_code == 406
    clinic.application.fhir.is_down = True
    assert (await clinic.nobody().get("metadata")).status_code == 502
    assert await clinic.application.audit("fhir.refused") == []
