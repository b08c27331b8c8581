"""FHIR ids and relative references."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.spec.identifiers import Reference, is_fhir_id, read_reference


@pytest.mark.parametrize("text", ["1", "a-b.C", "x" * 64])
def test_ids(text: str) -> None:
    assert is_fhir_id(text)
    assert read_reference(f"Patient/{text}") == Reference("Patient", text)
    assert read_reference(f"Patient/{text}").text == f"Patient/{text}"


@pytest.mark.parametrize("text", ["", "x" * 65, "a_b", "a/b", "a b", "1\n", "١", ".", "..", "a?b"])
def test_what_is_no_id(text: str) -> None:
    assert not is_fhir_id(text)
    with pytest.raises(ValueError, match="an id is"):
        read_reference(f"Patient/{text}")


@pytest.mark.parametrize("text", ["Patient", "patient/1", "Resource/1", "https://x.example/Patient/1", "/1"])
def test_what_is_no_relative_reference(text: str) -> None:
    with pytest.raises(ValueError, match="Type/id"):
        read_reference(text)


@given(st.text())
def test_any_text_is_a_reference_or_a_value_error(text: str) -> None:
    try:
        assert read_reference(text).text == text
    except ValueError:
        return
