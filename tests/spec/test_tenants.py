"""Issuers of many tenants: which template is whose, and which tokens it makes good."""

from typing import Any

import pytest

from assent.spec.tenants import (
    BadTenant,
    is_for_many,
    is_key_of,
    is_template,
    is_template_of,
    issuer_of_tenant,
)

TEMPLATE = "https://login.microsoftonline.com/{tenantid}/v2.0"
OURS, THEIRS = "11111111-2222-4333-8444-555555555555", "99999999-2222-4333-8444-555555555555"


@pytest.mark.parametrize(
    ("issuer", "is_its"),
    [
        ("https://login.microsoftonline.com/organizations/v2.0", True),
        ("https://login.microsoftonline.com/common/v2.0/", True),
        ("https://login.microsoftonline.com/common", False),
        ("https://login.microsoftonline.com//v2.0", False),
        ("https://login.microsoftonline.com/a/b/v2.0", False),
        ("https://login.evil.example/common/v2.0", False),
        ("http://login.microsoftonline.com/common/v2.0", False),
    ],
)
def test_a_template_is_that_of_an_address_that_differs_in_the_tenant_alone(issuer: str, is_its: bool) -> None:
    assert is_template_of(TEMPLATE, issuer) == is_its


@pytest.mark.parametrize(
    "template",
    ["https://{tenantid}/v2.0", "https://{tenantid}/{tenantid}", "{tenantid}//id.example/v2.0", ""],
)
def test_host_and_scheme_are_nobodys_to_choose(template: str) -> None:
    for issuer in ("https://id.example/v2.0", "https://id.example/id.example"):
        assert not is_template_of(template, issuer)


def test_a_document_without_a_place_is_no_template() -> None:
    assert is_template(TEMPLATE)
    assert not is_template("https://id.example/v2.0")
    assert not is_template_of("https://id.example/v2.0", "https://id.example/v2.0")


def test_a_listed_tenant_has_its_own_issuer() -> None:
    found = issuer_of_tenant(TEMPLATE, (OURS,), {"tid": OURS})
    assert found == f"https://login.microsoftonline.com/{OURS}/v2.0"


@pytest.mark.parametrize("tid", [THEIRS, OURS.upper().replace("1", "A"), "", None, 7, [OURS], "{tenantid}"])
def test_no_other_tenant_has_one(tid: Any) -> None:
    with pytest.raises(BadTenant):
        issuer_of_tenant(TEMPLATE, (OURS,), {"tid": tid})


@pytest.mark.parametrize(
    ("named", "is_right"),
    [
        (None, True),
        (TEMPLATE, True),
        (f"https://login.microsoftonline.com/{OURS}/v2.0", True),
        (f"https://login.microsoftonline.com/{THEIRS}/v2.0", False),
        ("", False),
        (7, False),
    ],
)
def test_a_key_may_be_one_tenants_alone(named: Any, is_right: bool) -> None:
    claims = {"tid": OURS, "iss": f"https://login.microsoftonline.com/{OURS}/v2.0"}
    assert is_key_of({"kid": "1", "issuer": named}, claims) == is_right


@pytest.mark.parametrize(
    ("issuer", "is_so"),
    [
        ("https://login.microsoftonline.com/common/v2.0", True),
        ("https://login.microsoftonline.com/Organizations/v2.0/", True),
        ("https://login.microsoftonline.us/consumers/v2.0", True),
        (f"https://login.microsoftonline.com/{OURS}/v2.0", False),
        ("https://login.microsoftonline.com", False),
        ("https://id.example/common/v2.0", False),
    ],
)
def test_addresses_that_are_known_to_be_for_many(issuer: str, is_so: bool) -> None:
    assert is_for_many(issuer) == is_so
