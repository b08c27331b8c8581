"""Fields of a person, whoever says them."""

import pytest

from assent.spec.person_fields import language_of, mail_address_of, name_of, read_fhir_user


@pytest.mark.parametrize("text", ["Patient/amy", "Practitioner/7", "RelatedPerson/a.b-c", "Person/1"])
def test_who_somebody_is_on_the_fhir_server(text: str) -> None:
    assert read_fhir_user(text).text == text


@pytest.mark.parametrize(
    "text", ["", "amy", "Observation/1", "Patient/", "https://x.example/Patient/1", "Patient/1/_history/2"]
)
def test_what_can_be_nobody_on_the_fhir_server(text: str) -> None:
    with pytest.raises(ValueError, match="is"):
        read_fhir_user(text)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Amy", "Amy"),
        (" Amy\n Lee ", "Amy Lee"),
        ("A\u202emy", "Amy"),
        ("\u200b", None),
        ("", None),
        (None, None),
    ],
)
def test_a_name_is_as_it_may_be_shown(text: str | None, name: str | None) -> None:
    assert name_of(text) == name


@pytest.mark.parametrize("text", ["amy@mail.example", "søren@møller.example", "o'neil+x@mail.example"])
def test_mail_addresses(text: str) -> None:
    assert mail_address_of(text) == text


@pytest.mark.parametrize(
    "text", [None, "", "amy", "amy@", "@mail.example", "a@b@c", "a b@c", "a@b\nBcc: c@d"]
)
def test_what_is_no_mail_address_is_left_out(text: str | None) -> None:
    assert mail_address_of(text) is None


@pytest.mark.parametrize(("text", "tag"), [("en", "en"), ("de-CH", "de-CH"), ("zh_Hans_CN", "zh-Hans-CN")])
def test_language_tags(text: str, tag: str) -> None:
    assert language_of(text) == tag


@pytest.mark.parametrize("text", [None, "", "e", "de-", "de CH", "de-CH,en;q=0.5", "*"])
def test_what_is_no_language_tag_is_left_out(text: str | None) -> None:
    assert language_of(text) is None
