"""The FHIR server behind, over real HTTP: what it is told, and its addresses in what it answers."""

import base64
import json

import pytest

from gateway.behind import AMY, MOOD, amy_of, open_behind, resource, run_odd_server
from gateway.clinic import FHIR_JSON, FORM, page_of


@pytest.fixture
async def server():
    async with run_odd_server() as running:
        running.answers["Patient/amy"] = resource(AMY, ETag='W/"3"')
        yield running


@pytest.fixture
async def clinic(installation_template, tmp_path, server):
    async with open_behind(installation_template, tmp_path / "here", server.base) as opened:
        yield opened


CREDENTIALS = [
    ("none", {}, {"authorization": None}),
    ("bearer", {"ASSENT_FHIR_TOKEN": "our-own"}, {"authorization": "Bearer our-own"}),
    (
        "basic",
        {"ASSENT_FHIR_USERNAME": "gate", "ASSENT_FHIR_PASSWORD": "p:w é"},
        {"authorization": "Basic " + base64.b64encode("gate:p:w é".encode()).decode()},
    ),
    ("header", {"ASSENT_FHIR_HEADER": "X-Api-Key: abc"}, {"x-api-key": "abc", "authorization": None}),
]


@pytest.mark.parametrize(("auth", "environment", "expected"), CREDENTIALS)
async def test_the_fhir_server_sees_our_credentials_and_never_the_apps(
    installation_template, tmp_path, server, monkeypatch, auth, environment, expected
):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    async with open_behind(installation_template, tmp_path / "here", server.base, auth=auth) as clinic:
        amy = await amy_of(clinic)
        extra = {
            "Cookie": "session=amy",
            "X_Api_Key": "forged",
            "X_Forwarded_User": "lee",
            "Prefer": "return=minimal",
        }
        assert (await amy.get("Patient/amy", **extra)).status_code == 200
        await amy.get("Observation?code=x", **extra)
        await amy.send("POST", "Observation/_search", b"code=x", content_type=FORM, **extra)
        await amy.send("POST", "Observation", MOOD, **extra)
        await clinic.nobody().get("metadata", Authorization="Bearer somebody's")
        assert len(server.asked) == 5
        for _, target, headers, body in server.asked:
            seen = repr((target, headers, body))
            assert (amy.token or "") not in seen
            for secret in ("session=amy", "forged", "lee", "somebody's"):
                assert secret not in seen
            assert {name: headers.get(name) for name in expected} == expected


async def test_the_fhir_server_is_asked_for_just_what_is_allowed(clinic, server):
    amy = await amy_of(clinic)
    server.answers["Observation"] = resource({"resourceType": "Bundle", "type": "searchset"})
    await amy.get("Observation?code=a%26b%20c&_elements=status")
    method, target, headers, body = server.asked[-1]
    assert (method, target, body) == ("GET", "/r4/Observation?code=a%26b+c&patient=Patient%2Famy", b"")
    assert headers["accept"] == FHIR_JSON


async def test_a_bound_write_goes_out_with_the_version_that_was_looked_at(clinic, server):
    amy = await amy_of(clinic)
    await amy.send("PUT", "Patient/amy", {"resourceType": "Patient", "id": "amy"})
    assert [(method, target) for method, target, _, _ in server.asked] == [
        ("GET", "/r4/Patient/amy"),
        ("PUT", "/r4/Patient/amy"),
    ]
    assert server.asked[-1][2]["if-match"] == 'W/"3"'


async def test_what_goes_out_is_what_was_checked_and_not_the_bytes_that_came(clinic, server):
    """A member that stands twice could be read otherwise by another reader."""
    amy = await amy_of(clinic)
    twice = (
        b'{"resourceType":"Observation","status":"final",'
        b'"subject":{"reference":"Patient/chidi"},"subject":{"reference":"Patient/amy"}}'
    )
    await amy.send("POST", "Observation", twice)
    body = server.asked[-1][3]
    assert json.loads(body) == MOOD
    assert b"chidi" not in body


async def test_a_redirect_of_the_fhir_server_is_not_followed(clinic, server):
    amy = await amy_of(clinic)
    server.answers["elsewhere"] = resource(AMY)
    server.answers["Patient/amy"] = resource(b"", 302, Location=f"{server.base}/elsewhere")
    await amy.refused("GET", "Patient/amy", 502)
    assert [target for _, target, _, _ in server.asked] == ["/r4/Patient/amy"]


async def test_links_and_locations_of_the_fhir_server_become_ours(clinic, server):
    amy = await amy_of(clinic)
    observation = {**MOOD, "id": "1", "subject": {"reference": f"{server.base}/Patient/amy"}}
    server.answers["Observation"] = resource(
        {
            "resourceType": "Bundle",
            "type": "searchset",
            "link": [
                {"relation": "self", "url": f"{server.base}/Observation?patient=Patient/amy"},
                {"relation": "next", "url": f"{server.base}?_getpages=abc&_offset=1"},
                {"relation": "alternate", "url": "http://elsewhere.example/"},
            ],
            "entry": [
                {
                    "fullUrl": f"{server.base}/Observation/1",
                    "resource": observation,
                    "search": {"mode": "match"},
                }
            ],
        },
    )
    bundle = await amy.read("Observation")
    assert [link["relation"] for link in bundle["link"]] == ["self", "next"]
    assert bundle["entry"][0]["fullUrl"] == f"{amy.base}/Observation/1"
    server.otherwise = resource({"resourceType": "Bundle", "type": "searchset"})
    await amy.read(page_of(bundle, amy.base))
    assert server.asked[-1][1] == "/r4?_getpages=abc&_offset=1"
    server.answers["Observation"] = resource(
        {**MOOD, "id": "new"}, 201, Location=f"{server.base}/Observation/new/_history/1", ETag='W/"1"'
    )
    answer = await amy.send("POST", "Observation", MOOD)
    assert answer.headers["location"] == f"{amy.base}/Observation/new/_history/1"


@pytest.mark.parametrize(
    "url",
    [
        "http://another-name.example/r4/Observation?page=2",
        "/r4/Observation?page=2",
        "Observation?page=2",
        "https://another-name.example:8443/r4/Observation?page=2",
    ],
)
async def test_a_next_link_under_another_of_its_names_is_asked_at_its_base(clinic, server, url):
    amy = await amy_of(clinic)
    link = [{"relation": "next", "url": url}]
    server.answers["Observation"] = resource({"resourceType": "Bundle", "type": "searchset", "link": link})
    await amy.read(page_of(await amy.read("Observation"), amy.base))
    assert server.asked[-1][1] == "/r4/Observation?page=2"


@pytest.mark.parametrize(
    "url", ["http://elsewhere.example/Observation?page=2", "/other/Observation", "javascript:x"]
)
async def test_an_answer_whose_next_page_cannot_be_asked_for_is_not_given_as_if_it_were_whole(
    clinic, server, url
):
    amy = await amy_of(clinic)
    link = [{"relation": "next", "url": url}]
    server.answers["Observation"] = resource({"resourceType": "Bundle", "type": "searchset", "link": link})
    await amy.refused("GET", "Observation", 502)
