"""`_include`, `_revinclude`, and the shape of what is returned."""

import pytest

from store.asking import Json, key_of, keys


def included(whole, path: str) -> set[str]:
    return set(keys(whole.get(path), "include"))


def test_include_brings_what_a_match_refers_to(whole):
    assert included(whole, "Observation?_id=amy-heart-rate-1&_include=Observation:patient") == {"Patient/amy"}
    assert included(whole, "Observation?_id=amy-heart-rate-1&_include=Observation:encounter") == {
        "Encounter/amy-visit-1"
    }


def test_include_of_one_target_type_leaves_others_out(whole):
    path = "Observation?_id=mia-temperature-by-nora&_include=Observation:performer"
    assert included(whole, path) == {"Patient/nora"}
    assert included(whole, f"{path}:Practitioner") == set()
    assert included(whole, f"{path}:Patient") == {"Patient/nora"}


def test_include_of_everything_follows_every_reference_parameter(whole):
    assert included(whole, "Observation?_id=amy-heart-rate-1&_include=*") == {
        "Patient/amy",
        "Encounter/amy-visit-1",
        "Practitioner/doyle",
    }


def test_include_iterate_goes_on_from_what_was_included(whole):
    once = (
        "Observation?_id=amy-heart-rate-1&_include=Observation:patient&_include=Patient:general-practitioner"
    )
    doctor = whole.get("Patient/amy")["generalPractitioner"][0]["reference"]
    assert included(whole, once) == {"Patient/amy"}
    iterated = once.replace("&_include=Patient", "&_include:iterate=Patient")
    assert included(whole, iterated) == {"Patient/amy", doctor}


def test_revinclude_brings_what_refers_to_a_match(whole, people):
    path = "Patient?_id=amy&_revinclude=Condition:patient"
    expected = {
        key_of(each)
        for each in people
        if each["resourceType"] == "Condition" and each["subject"]["reference"] == "Patient/amy"
    }
    assert included(whole, path) == expected != set()


def test_revinclude_iterate_reaches_the_next_compartment(whole):
    path = (
        "Patient?_id=amy&_revinclude=Observation:performer&_revinclude:iterate=Provenance:target"
        "&_include:iterate=Provenance:target&_include:iterate=Observation:patient&_revinclude=Observation:patient"
    )
    assert {"Provenance/okafor-home-device", "Observation/chidi-heart-rate-1", "Patient/chidi"} <= included(
        whole, path
    )


def test_revinclude_of_everything_brings_all_that_refers(whole):
    found = included(whole, "RelatedPerson?_id=jonas-for-leo&_revinclude=*")
    assert found == {"Person/jonas", "Appointment/siblings-together"}


def test_a_match_is_never_repeated_as_an_include(whole):
    bundle = whole.get(
        "Patient?name=okafor&_revinclude=Patient:link&_include=Patient:link&_revinclude=List:patient"
    )
    everything = [key_of(entry["resource"]) for entry in bundle["entry"]]
    assert len(everything) == len(set(everything))


def test_includes_go_with_the_page_not_with_the_whole_search(whole):
    bundle = whole.get("Observation?code=8867-4&_count=1&_include=Observation:patient")
    assert len(keys(bundle, "include")) == 1


@pytest.mark.parametrize(
    "include",
    [
        "_include=Observation",
        "_include=Nothing:patient",
        "_include=Observation:code",
        "_revinclude=Observation",
    ],
)
def test_an_include_that_cannot_be_read_is_refused(whole, include):
    assert whole.send("GET", f"Observation?patient=amy&{include}").status == 400


def subsetted(resource: Json) -> bool:
    return any(tag["code"] == "SUBSETTED" for tag in resource["meta"].get("tag", []))


def test_elements_leave_the_rest_out_and_say_so(whole):
    resource = whole.get("Observation?_id=amy-heart-rate-1&_elements=value,subject")["entry"][0]["resource"]
    assert set(resource) == {"resourceType", "id", "meta", "status", "code", "subject", "valueQuantity"}
    assert subsetted(resource)


def test_a_summary_keeps_the_summary_elements(whole):
    resource = whole.get("Patient?_id=amy&_summary=true")["entry"][0]["resource"]
    assert "name" in resource
    assert "birthDate" in resource
    assert "text" not in resource
    assert "communication" not in resource
    assert subsetted(resource)


def test_summary_text_and_summary_data_divide_the_resource(whole):
    text = whole.get("Patient?_id=amy&_summary=text")["entry"][0]["resource"]
    data = whole.get("Patient?_id=amy&_summary=data")["entry"][0]["resource"]
    assert set(text) == {"resourceType", "id", "meta", "text"}
    assert "text" not in data
    assert "communication" in data
    assert subsetted(text)
    assert subsetted(data)


def test_a_read_can_be_summarized_too(whole):
    assert subsetted(whole.get("Patient/amy?_elements=gender"))
    assert not subsetted(whole.get("Patient/amy"))
