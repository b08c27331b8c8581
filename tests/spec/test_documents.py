"""Discovery computed from what is on (rows D1 to D20, C1)."""

from dataclasses import replace
from typing import Any

import pytest

from assent.spec.documents import Capabilities, discovery_document
from assent.spec.scopes import NamedScope, read_scope

ALL = Capabilities(
    issuer="https://auth.example",
    surfaces=frozenset(
        {
            "authorize",
            "launch",
            "introspection",
            "revocation",
            "userinfo",
            "logout",
            "management",
            "registration",
        }
    ),
    grant_types=("authorization_code", "refresh_token", "client_credentials"),
    auth_methods=("none", "client_secret_basic", "client_secret_post", "private_key_jwt"),
    assertion_algs=("RS384", "ES384"),
    id_token_algs=("RS256",),
    locales=("en", "de"),
)


@pytest.mark.row("D3", "D4", "D5", "D6", "D7", "D12", "D13")
@pytest.mark.parametrize(
    ("member", "url"),
    [
        ("issuer", ""),
        ("jwks_uri", "/.well-known/jwks.json"),
        ("authorization_endpoint", "/oauth/authorize"),
        ("token_endpoint", "/oauth/token"),
        ("introspection_endpoint", "/oauth/introspect"),
        ("revocation_endpoint", "/oauth/token/revoke"),
        ("userinfo_endpoint", "/oauth/userinfo"),
        ("end_session_endpoint", "/oauth/logout"),
        ("management_endpoint", "/oauth/revoke"),
        ("registration_endpoint", "/oauth/register"),
    ],
)
def test_endpoints_are_absolute_urls(member: str, url: str) -> None:
    assert discovery_document(ALL)[member] == f"https://auth.example{url}"


@pytest.mark.row("D4", "D8", "D9", "D10", "D12", "D14")
def test_members_that_apps_depend_on() -> None:
    document = discovery_document(ALL)
    assert document["grant_types_supported"] == list(ALL.grant_types)
    assert document["code_challenge_methods_supported"] == ["S256"]
    assert document["response_types_supported"] == ["code"]
    assert document["response_modes_supported"] == ["query"]
    assert document["id_token_signing_alg_values_supported"] == ["RS256"]
    assert document["token_endpoint_auth_signing_alg_values_supported"] == ["RS384", "ES384"]
    assert document["authorization_response_iss_parameter_supported"] is True
    assert document["request_uri_parameter_supported"] is False
    assert document["subject_types_supported"] == ["public", "pairwise"]
    assert document["ui_locales_supported"] == ["en", "de"]
    assert document["introspection_endpoint_auth_methods_supported"] == [
        "client_secret_basic",
        "client_secret_post",
        "private_key_jwt",
    ]
    assert "sso-openid-connect" in document["capabilities"]


@pytest.mark.row("D11")
def test_every_scope_is_one_that_is_understood() -> None:
    scopes = discovery_document(ALL)["scopes_supported"]
    assert len(set(scopes)) == len(scopes)
    assert all(read_scope(scope) for scope in scopes)
    assert read_scope("launch") in [read_scope(scope) for scope in scopes]
    assert NamedScope("phone") not in [read_scope(scope) for scope in scopes]  # we know no person's number


@pytest.mark.row("D18", "C1")
@pytest.mark.parametrize(
    "capability_set",
    [
        {"launch-standalone", "context-standalone-patient", "permission-patient"},
        {"launch-ehr", "context-ehr-patient", "permission-patient"},
        {"launch-standalone", "permission-user", "permission-patient"},
        {
            "launch-ehr",
            "context-ehr-patient",
            "context-ehr-encounter",
            "permission-user",
            "permission-patient",
        },
    ],
)
def test_every_capability_set_is_whole(capability_set: set[str]) -> None:
    capabilities = set(discovery_document(ALL)["capabilities"])
    assert capability_set <= capabilities
    assert {"client-public", "client-confidential-symmetric"} <= capabilities


OFF: list[tuple[dict[str, Any], set[str]]] = [
    (
        {"surfaces": ALL.surfaces - {"launch"}},
        {"launch-ehr", "context-ehr-patient", "context-ehr-encounter", "context-banner", "context-style"},
    ),
    (
        {"surfaces": ALL.surfaces - {"authorize"}},
        {"launch-standalone", "launch-ehr", "authorize-post", "sso-openid-connect", "permission-patient"},
    ),
    (
        {"grant_types": ("refresh_token", "client_credentials")},
        {"launch-standalone", "launch-ehr", "sso-openid-connect", "permission-offline"},
    ),
    ({"grant_types": ("authorization_code",)}, {"permission-offline", "permission-online"}),
    ({"auth_methods": ("private_key_jwt",)}, {"client-public", "client-confidential-symmetric"}),
    (
        {"auth_methods": ("none", "client_secret_post")},
        {"client-confidential-asymmetric"},
    ),
]


@pytest.mark.row("C1")
@pytest.mark.parametrize(("changes", "missing"), OFF)
def test_a_capability_is_named_only_while_it_is_on(changes: dict[str, Any], missing: set[str]) -> None:
    assert missing <= set(discovery_document(ALL)["capabilities"])
    assert not missing & set(discovery_document(replace(ALL, **changes))["capabilities"])


@pytest.mark.row("D6", "D11", "D13", "C1")
def test_members_of_what_is_off_are_left_out() -> None:
    bare = discovery_document(
        replace(
            ALL,
            surfaces=frozenset(),
            grant_types=("client_credentials",),
            auth_methods=("client_secret_basic",),
            locales=(),
        )
    )
    assert [name for name in bare if name.endswith("_endpoint")] == ["token_endpoint"]
    assert "token_endpoint_auth_signing_alg_values_supported" not in bare
    assert "ui_locales_supported" not in bare
    assert bare["response_types_supported"] == []
    assert all(scope.startswith("system/") for scope in bare["scopes_supported"])


@pytest.mark.row("D17")
def test_capabilities_are_the_specifications_own_words() -> None:
    known = {
        *("launch-ehr", "launch-standalone", "authorize-post", "client-public", "sso-openid-connect"),
        *("client-confidential-symmetric", "client-confidential-asymmetric", "context-banner"),
        *("context-style", "context-ehr-patient", "context-ehr-encounter", "context-standalone-patient"),
        *("context-standalone-encounter", "permission-offline", "permission-online", "permission-patient"),
        *("permission-user", "permission-v1", "permission-v2"),
    }
    assert set(discovery_document(ALL)["capabilities"]) == known


@pytest.mark.row("D13", "D15", "D16")
def test_nothing_is_named_that_is_not_served() -> None:
    document = discovery_document(ALL)
    served_elsewhere = {
        "user_access_brand_bundle",
        "user_access_brand_identifier",
        "smart_app_state_endpoint",
        "associated_endpoints",
    }
    assert not served_elsewhere & document.keys()
