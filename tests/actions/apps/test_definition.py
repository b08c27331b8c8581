"""A client's definition, field by field and as a whole."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.json_values import VALUES
from assent.actions.apps.definition import (
    CLIENT_FIELDS,
    client_definition,
    read_client_definition,
)
from assent.actions.apps.rules import client_mistakes, client_warnings
from assent.actions.definitions import Wrong, refused
from assent.records.clients import Client, ClientSecret
from assent.spec.permissions import Permission
from assent.testing.server import private_jwk, public_jwks

FULL: dict[str, Any] = {
    "client_id": "heart",
    "client_name": "Heart Diary",
    "enabled": False,
    "redirect_uris": ["https://heart.example/done"],
    "launch_uris": ["https://heart.example/launch"],
    "grant_types": ["authorization_code", "refresh_token"],
    "response_types": ["code"],
    "token_endpoint_auth_method": "private_key_jwt",
    "jwks": public_jwks(private_jwk("ES384", "one")),
    "scope": "openid fhirUser launch/patient patient/*.rs offline_access",
    "auto_approve_scope": "openid",
    "auto_grant_scope": "profile",
    "required_scope": "launch/patient",
    "scope_reasons": {"openid": "to greet you"},
    "remember_approved_scopes": True,
    "always_require_approval": False,
    "offline_choices": [3600, 86400],
    "access_token_seconds": 600,
    "refresh_token_seconds": 86400,
    "refresh_retry_seconds": 30,
    "pkce": "optional",
    "assertion_profile": "fapi2",
    "permissions": [
        {"permission": "FHIR_ALL_READ"},
        {"permission": "FHIR_READ_ALL_OF_TYPE", "argument": "Observation"},
    ],
    "roles": ["nightly-export"],
    "client_credentials_scope": "all",
    "can_introspect": "own",
    "terms_version": "2",
    "client_uri": "https://heart.example/",
    "publisher": "Cordia Ltd",
    "logo_uri": "https://heart.example/logo.png",
    "policy_uri": "https://heart.example/policy",
    "tos_uri": "https://heart.example/terms",
    "contacts": ["help@heart.example"],
    "reviewed_at": 1_700_000_000,
    "managed_by_portal": True,
    "attestation_accepted": True,
    "post_logout_redirect_uris": ["https://heart.example/bye"],
    "backchannel_logout_uri": "https://heart.example/logout",
    "subject_type": "pairwise",
    "require_pushed_authorization_requests": True,
    "dpop_bound_access_tokens": True,
}


def mistakes(**fields: Any) -> list[str]:
    """What a definition with these fields is refused for."""
    with pytest.raises(Wrong) as caught:
        read_client_definition(fields)
    return refused("", caught.value)


def test_a_definition_comes_back_as_it_was_read() -> None:
    definition = read_client_definition(FULL)

    assert client_definition(Client(**definition.values)) == FULL


def test_every_field_of_a_client_can_be_defined() -> None:
    assert set(CLIENT_FIELDS) == set(Client.__dataclass_fields__) - {"created_at", "updated_at"}
    assert set(CLIENT_FIELDS) - {"secrets", "jwks_uri"} == set(FULL)


def test_a_definition_never_shows_a_secret_or_its_hash() -> None:
    client = Client("heart", "Heart", secrets=(ClientSecret("k", "d", "sha256$00"),))

    assert "secrets" not in client_definition(client)


def test_scopes_may_be_a_list_too_and_come_out_as_one_text() -> None:
    definition = read_client_definition({"scope": ["openid", "patient/*.rs"]})

    assert definition.values["scope"] == ("openid", "patient/*.rs")


def test_an_unknown_field_is_refused_with_the_nearest_right_name() -> None:
    assert mistakes(redirect_uri=[]) == ["redirect_uri: unknown field; did you mean redirect_uris?"]


def test_a_malformed_scope_is_refused_with_what_was_meant() -> None:
    [mistake] = mistakes(scope="openid patient/Observation.sr")

    assert mistake.startswith("scope: 'patient/Observation.sr'")
    assert "did you mean 'patient/Observation.rs'?" in mistake


def test_a_scope_that_the_gateway_could_never_honour_is_refused() -> None:
    [mistake] = mistakes(scope="openid patient/Observation.rs?date=gt2020")

    assert mistake.startswith("scope: 'patient/Observation.rs?date=gt2020'")
    assert mistake.endswith("Observation cannot be held to a constraint on date")


def test_unknown_members_of_a_key_are_kept_and_private_ones_refused() -> None:
    private = private_jwk("ES384", "one")
    public = public_jwks(private)["keys"][0]
    definition = read_client_definition({"jwks": {"keys": [{**public, "x5t#S256": "abc", "mine": 1}]}})

    assert definition.values["jwks"]["keys"][0]["mine"] == 1
    [mistake] = mistakes(jwks={"keys": [private]})
    assert mistake.startswith("jwks.keys[0]: member d is private")


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"client_id": "u-abc"}, "client_id"),
        ({"client_id": "U-abc"}, "client_id"),
        ({"client_id": "a b"}, "client_id"),
        ({"client_id": "é"}, "client_id"),
        ({"client_id": ""}, "client_id"),
        ({"client_id": "x" * 201}, "client_id"),
        ({"client_id": 7}, "client_id"),
        ({"client_name": " "}, "client_name"),
        ({"enabled": "yes"}, "enabled"),
        ({"redirect_uris": ["http://app.example/"]}, "redirect_uris[0]"),
        ({"redirect_uris": ["https://a.example/", "https://b.example/#x"]}, "redirect_uris[1]"),
        ({"redirect_uris": "https://a.example/"}, "redirect_uris"),
        ({"launch_uris": ["com.example:/launch"]}, "launch_uris[0]"),
        ({"grant_types": ["authorisation_code"]}, "grant_types[0]"),
        ({"grant_types": ["implicit"]}, "grant_types[0]"),
        ({"grant_types": ["password"]}, "grant_types[0]"),
        ({"response_types": ["token"]}, "response_types[0]"),
        ({"token_endpoint_auth_method": "client_secret_jwt"}, "token_endpoint_auth_method"),
        ({"jwks": {"keys": [{"kty": "oct", "k": "AA"}]}}, "jwks.keys[0]"),
        ({"jwks": {"keys": [], "more": 1}}, "jwks.more"),
        ({"jwks": {}}, "jwks.keys"),
        ({"jwks_uri": "http://app.example/jwks"}, "jwks_uri"),
        ({"secrets": [{"description": "x"}]}, "secrets[0].secret"),
        ({"secrets": [{"secret": "x", "secret_hash": "y"}]}, "secrets[0].secret_hash"),
        ({"secrets": [{"secret": "with space"}]}, "secrets[0].secret"),
        ({"secrets": [{"secret": str(n)} for n in range(11)]}, "secrets"),
        ({"scope_reasons": {"patient/*.sr": "x"}}, "scope_reasons.patient/*.sr"),
        ({"scope_reasons": {"openid": ""}}, "scope_reasons.openid"),
        ({"offline_choices": [-1]}, "offline_choices[0]"),
        ({"access_token_seconds": 0}, "access_token_seconds"),
        ({"access_token_seconds": 86401}, "access_token_seconds"),
        ({"access_token_seconds": True}, "access_token_seconds"),
        ({"refresh_retry_seconds": -1}, "refresh_retry_seconds"),
        ({"pkce": "plain"}, "pkce"),
        ({"permissions": [{"permission": "FHIR_ALL_REED"}]}, "permissions[0].permission"),
        (
            {"permissions": [{"permission": "FHIR_READ_ALL_OF_TYPE", "argument": "Observaton"}]},
            "permissions[0].argument",
        ),
        ({"permissions": ["FHIR_ALL_READ"]}, "permissions[0]"),
        ({"can_introspect": "some"}, "can_introspect"),
        ({"logo_uri": "javascript:alert(1)"}, "logo_uri"),
        ({"subject_type": "private"}, "subject_type"),
    ],
)
def test_a_wrong_field_is_refused_by_its_path(fields: dict[str, Any], path: str) -> None:
    [mistake] = mistakes(**fields)

    assert mistake.startswith(f"{path}: ")


@given(st.dictionaries(st.sampled_from(sorted(CLIENT_FIELDS)), VALUES, max_size=4))
def test_whatever_is_in_a_definition_it_is_read_or_refused(document: dict[str, Any]) -> None:
    with suppress(Wrong):
        read_client_definition(document)


def agreed(**fields: Any) -> list[str]:
    """The places where a client with these fields does not agree with itself."""
    defaults: dict[str, Any] = {
        "redirect_uris": ("https://app.example/",),
        "scope": ("openid", "patient/*.rs"),
    }
    client = Client("app", "App", **{**defaults, **fields})
    return [place for place, _ in client_mistakes(client)]


def test_the_defaults_agree_once_there_is_a_redirect_uri() -> None:
    assert agreed() == []


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"redirect_uris": ()}, ".redirect_uris"),
        ({"response_types": ()}, ".response_types"),
        ({"grant_types": ("client_credentials",)}, ".response_types"),
        ({"grant_types": (), "response_types": ()}, ".grant_types"),
        ({"grant_types": ("client_credentials", "refresh_token"), "response_types": ()}, ".grant_types"),
        (
            {
                "token_endpoint_auth_method": "none",
                "grant_types": ("authorization_code", "client_credentials"),
            },
            ".grant_types",
        ),
        (
            {"token_endpoint_auth_method": "none", "secrets": (ClientSecret("k", "", "sha256$0"),)},
            ".secrets",
        ),
        ({"token_endpoint_auth_method": "private_key_jwt"}, ".jwks"),
        ({"jwks": {"keys": []}, "jwks_uri": "https://app.example/jwks"}, ".jwks_uri"),
        ({"required_scope": ("launch/patient",)}, ".required_scope"),
        ({"auto_approve_scope": ("patient/*.cud",)}, ".auto_approve_scope"),
        (
            {"secrets": (ClientSecret("k", "", "sha256$0", activates_at=20, expires_at=20),)},
            ".secrets[0].expires_at",
        ),
    ],
)
def test_fields_that_do_not_agree_are_refused(fields: dict[str, Any], place: str) -> None:
    assert agreed(**fields) == [place]


def test_what_is_approved_unasked_may_be_wider_than_the_list_and_an_automatic_scope_beside_it() -> None:
    assert agreed(auto_approve_scope=("patient/*.cruds",), auto_grant_scope=("profile",)) == []


def test_a_secret_for_system_scopes_is_a_warning() -> None:
    client = Client(
        "app",
        "App",
        scope=("system/*.rs",),
        permissions=(Permission("FHIR_ALL_READ"),),
        secrets=(ClientSecret("k", "", "sha256$0"),),
    )

    assert ["Backend Services wants keys" in warning for warning in client_warnings(client)] == [True]
