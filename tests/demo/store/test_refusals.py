"""Requests that are refused, and that odd ones never break the store."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assent.demo.store.store import FhirStore
from store.asking import BASE, Asking, Json, codes


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "", "POST"),
        ("PUT", "Patient", "GET, HEAD, POST"),
        ("DELETE", "Patient?name=a", "GET, HEAD, POST"),
        ("POST", "Patient/amy", "GET, HEAD, PUT, PATCH, DELETE"),
        ("GET", "Patient/_search", "POST"),
        ("POST", "metadata", "GET, HEAD"),
        ("DELETE", "Patient/amy/_history", "GET, HEAD"),
        ("DELETE", "Patient/amy/_history/1", "GET, HEAD"),
        ("DELETE", "Patient/amy/Observation", "GET, HEAD"),
        ("TRACE", "Patient", "GET, HEAD, POST"),
    ],
)
def test_a_method_that_the_path_does_not_have_is_refused(whole, method, path, allowed):
    response = whole.send(method, path)
    assert (response.status, response.headers["Allow"]) == (405, allowed)


def test_an_unknown_parameter_is_left_out_or_refused_as_the_client_prefers(whole):
    assert whole.send("GET", "Patient?colour=blue").status == 200
    assert whole.send("GET", "Patient?colour=blue", prefer="handling=lenient").status == 200
    response = whole.send("GET", "Patient?colour=blue", prefer="handling=strict")
    assert (response.status, codes(response)) == (400, ["not-supported"])
    assert "colour" in response.json()["issue"][0]["diagnostics"]


@pytest.mark.parametrize(
    "query",
    [
        "gender:above=male",
        "name:text=a",
        "general-practitioner:Nothing=lee",
        "general-practitioner:not=lee",
        "birthdate=soon",
        "organization.name.more=a",
        "link:missing=perhaps",
        "_has:Observation:patient=a",
        "_has:Observation:code:status=final",
        "_has:Nothing:patient:code=a",
        "_id=",
        "name=%FF",
        "_summary=all",
        "_elements=name&_summary=true",
        "general-practitioner=/",
        "link.link.link.link.link.link.link.name=a",
        "&".join(["name=a"] * 300),
    ],
)
def test_a_search_that_cannot_be_understood_is_refused(whole, query):
    assert whole.send("GET", f"Patient?{query}").status == 400


@pytest.mark.parametrize("wanted", ["application/fhir+xml", "text/html"])
def test_only_json_is_spoken(whole, wanted):
    assert whole.send("GET", "Patient/amy", accept=wanted).status == 406
    assert whole.send("GET", f"Patient/amy?_format={wanted}").status == 406


@pytest.mark.parametrize(
    "wanted", ["json", "application/fhir+json", "application/json", "application%2Ffhir%2Bjson"]
)
def test_json_may_be_asked_for_by_any_of_its_names(whole, wanted):
    assert whole.send("GET", f"Patient/amy?_format={wanted}", accept="text/html").status == 200


@pytest.mark.parametrize("path", ["Patient/$match", "$export", "Patient/amy/$nothing"])
def test_an_unknown_operation_is_not_found(whole, path):
    assert whole.send("GET", path).status == 404


ODD: Json = {
    "resourceType": "Patient",
    "id": "odd",
    "meta": {"tag": 4, "profile": [5]},
    "name": [{"given": 5, "family": ["a", 3]}, 7, None],
    "birthDate": 4,
    "identifier": {"value": 3},
    "managingOrganization": {"reference": 4},
    "communication": [{"language": {"coding": [4, {"display": 5}], "text": 6}}],
    "telecom": [[1], {"system": "phone"}],
    "deceasedBoolean": "perhaps",
}


@pytest.mark.parametrize(
    "query",
    [
        "name=a",
        "_tag=a",
        "_profile=a",
        "identifier=3",
        "language=a",
        "language:text=a",
        "organization=a",
        "birthdate=2000",
        "phone=1",
        "deceased=true",
        "_summary=true",
        "_sort=name,birthdate,identifier,language,organization,telecom,_profile",
        "_include=*&_revinclude=*",
    ],
)
def test_a_resource_of_odd_shape_breaks_no_search(small, query):
    assert small(ODD).send("GET", f"Patient?{query}").status == 200


WORDS = st.sampled_from(
    [
        *("name", "_id", "birthdate", "patient", "_has:Observation:patient:code", "subject:Patient.name"),
        *("_sort", "_include", "_cursor", "_count", ":missing", ":not", "gt", "amy", "2024"),
        *"=&,|\\%$*.:",
    ]
)


@settings(deadline=None)  # the first search reads the tables of parameters
@given(path=st.lists(WORDS, max_size=8).map("".join), tail=st.text(max_size=20))
def test_no_query_breaks_the_store(path, tail):
    response = STORE.send("GET", f"Observation?{path}{tail}")
    assert response.status in (200, 400, 406)


@settings(deadline=None)  # the first search reads the tables of parameters
@given(st.text(max_size=40))
def test_no_path_breaks_the_store(path):
    assert STORE.send("GET", path).status in (200, 400, 404, 405, 406)


@settings(deadline=None)  # the first search reads the tables of parameters
@given(st.binary(max_size=60))
def test_no_body_breaks_the_store(body):
    assert STORE.send("POST", "Patient", body, content_type="application/json").status in (400, 422)


STORE = Asking(
    FhirStore(
        [{"resourceType": "Observation", "id": "1", "subject": {"reference": "Patient/amy"}}], base_url=BASE
    )
)
