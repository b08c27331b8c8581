"""Claims about a person, as texts."""

import pytest

from assent.spec.claims import at_hash, fhir_user_url, opened_claims, pairwise_subject, sector_of

BASE = "https://fhir.example/r4"


@pytest.mark.row("O2")
@pytest.mark.parametrize(
    ("reference", "url"),
    [
        ("Patient/p1", f"{BASE}/Patient/p1"),
        ("https://other.example/fhir/Practitioner/lee", "https://other.example/fhir/Practitioner/lee"),
    ],
)
def test_fhir_user_is_an_absolute_url(reference: str, url: str) -> None:
    assert fhir_user_url(BASE, reference) == url


def test_a_pairwise_subject_depends_on_key_sector_and_person() -> None:
    subjects = {
        pairwise_subject(key, sector, person)
        for key in (b"k" * 32, b"l" * 32)
        for sector in ("a.example", "b.example")
        for person in ("u-1", "u-2")
    }
    assert len(subjects) == 8
    assert all(subject.startswith("u-") and len(subject) == 34 for subject in subjects)
    assert pairwise_subject(b"k", "a", "u") == pairwise_subject(b"k", "a", "u")


@pytest.mark.parametrize(
    ("uris", "sector"),
    [
        (("https://a.example/x", "https://a.example:8443/y"), "a.example"),
        (("https://a.example/x", "https://b.example/x"), "app"),
        (("com.example.app:/done",), "app"),
        ((), "app"),
    ],
)
def test_the_sector_is_the_one_host_or_the_client_itself(uris: tuple[str, ...], sector: str) -> None:
    assert sector_of(uris, "app") == sector


def test_at_hash_is_the_left_half_by_the_algorithm() -> None:
    # OpenID Connect Core 1.0, appendix A.3: this access token, this hash
    token = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y"
    assert at_hash(token, "RS256") == "77QmUPtjPfzWtF2AnpK9RQ"
    assert len(at_hash(token, "ES384")) == 32


def test_scopes_open_what_is_known_and_nothing_else() -> None:
    known: dict[str, str | int | None] = {"sub": "u-1", "name": "Amy", "email": None, "fhirUser": "x"}
    assert opened_claims(("openid", "profile", "email", "custom"), known) == {"sub": "u-1", "name": "Amy"}
    assert opened_claims((), known) == {}
