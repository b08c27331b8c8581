"""Reading method, path and parameters as a FHIR interaction."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.spec.fhir.interactions import LETTERS, FhirRequest, read_request
from assent.spec.fhir.refusals import Refused

READ_AS = [
    ("GET", "metadata", FhirRequest("capabilities"), None),
    ("GET", ".well-known/smart-configuration", FhirRequest("smart_configuration"), None),
    ("GET", "Patient/1", FhirRequest("read", "Patient", "1"), "r"),
    ("GET", "/Patient/1/", FhirRequest("read", "Patient", "1"), "r"),
    ("GET", "Patient/a.b-C", FhirRequest("read", "Patient", "a.b-C"), "r"),
    ("GET", "Patient/1/_history/2", FhirRequest("vread", "Patient", "1", "2"), "r"),
    ("GET", "Patient/1/_history", FhirRequest("history_instance", "Patient", "1"), "r"),
    ("GET", "Patient/_history", FhirRequest("history_type", "Patient"), "s"),
    ("GET", "_history", FhirRequest("history_system"), "s"),
    ("GET", "Observation", FhirRequest("search_type", "Observation"), "s"),
    ("POST", "Observation/_search", FhirRequest("search_type", "Observation"), "s"),
    ("GET", "", FhirRequest("search_system"), "s"),
    ("POST", "_search", FhirRequest("search_system"), "s"),
    ("GET", "Patient/1/Observation", FhirRequest("search_type", "Observation", owner="1"), "s"),
    ("POST", "Patient/1/Observation/_search", FhirRequest("search_type", "Observation", owner="1"), "s"),
    ("GET", "Patient/1/*", FhirRequest("search_compartment"), None),
    ("GET", "Encounter/1/Observation", FhirRequest("search_compartment"), None),
    ("POST", "Observation", FhirRequest("create", "Observation"), "c"),
    ("PUT", "Observation/1", FhirRequest("update", "Observation", "1"), "u"),
    ("PATCH", "Observation/1", FhirRequest("patch", "Observation", "1"), "u"),
    ("DELETE", "Observation/1", FhirRequest("delete", "Observation", "1"), "d"),
    ("POST", "", FhirRequest("batch"), None),
    ("GET", "Patient/1/$everything", FhirRequest("operation", "Patient", "1", operation="$everything"), None),
    (
        "POST",
        "Patient/$everything",
        FhirRequest("operation", "Patient", operation="$everything", is_posted=True),
        None,
    ),
    ("GET", "$export", FhirRequest("operation", operation="$export"), None),
    ("POST", "$graphql", FhirRequest("operation", operation="$graphql", is_posted=True), None),
]


@pytest.mark.row("S1")
@pytest.mark.parametrize(("method", "path", "request_", "letter"), READ_AS)
def test_a_request_is_read_as_one_interaction_with_its_letter(method, path, request_, letter):
    assert read_request(method, path) == request_
    assert LETTERS.get(request_.interaction) == letter


def test_query_and_form_of_a_search_are_read_together_and_decoded():
    read = read_request("POST", "Observation/_search", "code=a%7Cb", "date=ge2020&code=x+y&status")
    assert read.parameters == (("code", "a|b"), ("date", "ge2020"), ("code", "x y"), ("status", ""))


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "Patient/../Observation/2", 400),
        ("GET", "Patient/./1", 400),
        ("GET", "Patient/..", 400),
        ("GET", "Patient/%2e%2e/Observation", 400),
        ("GET", "Patient%2F2", 400),
        ("GET", "Patient//2", 400),
        ("GET", "//Patient/2", 400),
        ("GET", "Patient/2//", 400),
        ("GET", "Patient/2;x=1", 400),
        ("GET", "Patient/2\\3", 400),
        ("GET", "Patient/" + "a" * 65, 400),
        ("GET", "Patient/a_b", 400),
        ("GET", "Patient/1/_history/a_b", 400),
        ("GET", "Patient/ä", 400),
        ("GET", "patient/1", 404),
        ("GET", "Nonsense", 404),
        ("GET", "Patient/1/Observation/2/3", 404),
        ("HEAD", "Patient/1", 405),
        ("GET", "Patient/_search", 405),
        ("POST", "metadata", 405),
        ("POST", "Patient/1", 405),
        ("POST", "Patient/1/Observation", 405),
        ("DELETE", "Patient/1/_history", 405),
        ("PUT", "Observation", 403),
        ("PATCH", "Observation", 403),
        ("DELETE", "Observation", 403),
    ],
)
def test_a_path_that_could_be_read_otherwise_is_refused(method, path, status):
    with pytest.raises(Refused) as refused:
        read_request(method, path)
    assert refused.value.refusal.status == status


@pytest.mark.parametrize(
    "query", ["code=%", "code=%zz", "code=%ff", "code=a%00b", "code=a%0ab", "&".join(["a=b"] * 201)]
)
def test_a_query_that_is_no_clean_text_is_refused(query):
    with pytest.raises(Refused) as refused:
        read_request("GET", "Observation", query)
    assert refused.value.refusal.status == 400


@pytest.mark.parametrize("header", ["if-none-exist", "x-provenance"])
def test_headers_that_write_or_search_on_the_side_are_refused(header):
    with pytest.raises(Refused) as refused:
        read_request("POST", "Observation", headers={header: "identifier=1"})
    assert refused.value.refusal.status == 403


@given(
    st.sampled_from(["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE"]),
    st.lists(
        st.sampled_from(["Patient", "1", "..", "", "_history", "_search", "$x", "*", "%2f", "metadata"])
    ).map("/".join),
    st.text(max_size=30),
)
def test_any_request_is_read_with_a_clean_path_or_refused(method, path, query):
    with suppress(Refused):
        read = read_request(method, path, query)
        assert read.path == "" or not {"", ".", ".."} & set(read.path.split("/"))
        assert "%" not in read.path
