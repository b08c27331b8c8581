"""Providers as they are managed: strict definitions, secrets that never show, all or nothing at import."""

from typing import Any

import pytest

from assent.actions.providers.definition import provider_definition
from assent.actions.providers.desk import Desk, addresses_of, configured_provider
from assent.actions.providers.providers import (
    add_provider,
    disable_provider,
    edit_provider,
    enable_provider,
    export_providers,
    get_provider,
    import_providers,
    list_providers,
    remove_provider,
)
from assent.actions.refusals import Refused
from assent.identity.oidc.credentials import opened
from assent.storage.tables import PROVIDERS
from assent.testing.server import TestServer, private_jwk

SECRET = "a-secret-that-they-gave-us"
CLINIC = {
    "name": "clinic",
    "title": "Clinic account",
    "issuer": "https://id.clinic.example/",
    "client_id": "assent",
    "client_secret": SECRET,
}


@pytest.fixture
def desk(served: TestServer) -> Desk:
    return Desk(served.server, served.sealer)


async def refusal(desk: Desk, document: Any) -> tuple[str, ...]:
    with pytest.raises(Refused) as raised:
        await add_provider(desk, document, actor="me")
    return raised.value.mistakes


async def test_a_provider_is_added_with_its_secret_sealed(desk: Desk, served: TestServer) -> None:
    provider = await add_provider(desk, CLINIC, actor="me")
    assert provider.token_endpoint_auth_method == "client_secret_basic"
    assert provider.scope == ("openid", "profile", "email")
    stored = await desk.server.storage.get(PROVIDERS, "clinic")
    assert stored == provider
    assert stored.secret_sealed is not None
    assert SECRET.encode() not in stored.secret_sealed
    assert opened(desk.sealer, desk.server.issuer.id, stored).secret == SECRET
    assert SECRET not in repr(stored)
    [event] = served.events
    assert (event.type, event.actor, event.detail) == ("provider.added", "me", {"provider": "clinic"})


async def test_a_definition_that_is_shown_can_be_read_again_and_holds_no_secret(desk: Desk) -> None:
    claims = {"username": ["sub"], "groups": ["roles"], "launch_contexts": {"patient": ["patientId"]}}
    document = {
        **CLINIC,
        "claims": claims,
        "permission_rules": ["doctors => FHIR_ALL_READ"],
        "authorization_parameters": {"prompt": "select_account"},
        "trusted_for": ["sign_in"],
    }
    provider = await add_provider(desk, document, actor=None)
    shown = provider_definition(provider)
    assert "client_secret" not in shown
    assert shown["claims"] == claims
    await remove_provider(desk, "clinic", actor=None)
    again = await add_provider(desk, {**shown, "client_secret": SECRET}, actor=None)
    assert provider_definition(again) == shown


@pytest.mark.parametrize(
    ("change", "mistake"),
    [
        ({"name": None}, "name: is required"),
        ({"issuer": None}, "issuer: is required"),
        ({"client_id": None}, "client_id: is required"),
        ({"name": "Clinic"}, "name: must have 1 to 40 of a-z, 0-9 and -"),
        ({"name": "local"}, "name: is the name of a sign-in module or page: choose another"),
        ({"issuer": "http://id.example"}, "issuer: http is allowed for localhost, 127.0.0.1 and [::1] alone"),
        ({"issuer": "https://id.example?x=1"}, "issuer: must have no query (OpenID Connect Discovery 3)"),
        ({"clientSecret": "x"}, "clientSecret: unknown field; did you mean client_secret?"),
        ({"claims": {"grups": "x"}}, "claims.grups: unknown field; did you mean groups?"),
        ({"claims": {"username": []}}, "claims.username: must name at least one claim"),
        (
            {"claims": {"launch_contexts": {"pacient": "x"}}},
            "claims.launch_contexts.pacient: must be the type of a launch context, such as patient",
        ),
        ({"claims": {"groups": "roles"}}, "claims.groups: has no effect without permission_rules"),
        ({"scope": "profile"}, "scope: must have openid in it"),
        ({"leeway_seconds": 61}, "leeway_seconds: must be 0 to 60"),
        ({"id_token_algs": ["none"]}, "id_token_algs[0]: must be one of RS256"),
        ({"id_token_algs": ["HS256"]}, "id_token_algs[0]: must be one of RS256"),
        ({"id_token_algs": []}, "id_token_algs: must name at least one algorithm"),
        (
            {"authorization_parameters": {"state": "x"}},
            "authorization_parameters.state: is what this server says",
        ),
        (
            {"authorization_parameters": {"nonce": "x"}},
            "authorization_parameters.nonce: is what this server says",
        ),
        (
            {"permission_rules": ["doctors FHIR_ALL_READ"]},
            "permission_rules[0]: 'doctors FHIR_ALL_READ' is not",
        ),
        ({"permission_rules": ["x => FHIR_ALL_REED"]}, "permission_rules[0]: 'x => FHIR_ALL_REED': unknown"),
        ({"jwks": {"keys": [private_jwk("ES256", "k")]}}, "jwks.keys[0]: member d is private"),
        ({"jwks": {"keys": []}, "jwks_uri": "https://a.example/j"}, "jwks_uri: must not be there together"),
        ({"discovery": False}, "authorization_endpoint: is required without discovery"),
        (
            {"token_endpoint_auth_method": "none"},
            "client_secret: has no use with token_endpoint_auth_method none",
        ),
        (
            {"client_secret": None, "token_endpoint_auth_method": "client_secret_post"},
            "client_secret: is required",
        ),
        ({"client_key": {"kty": "RSA"}}, "client_key: member d is missing"),
        ({"trusted_for": []}, "trusted_for: must name at least one"),
        ({"fhir_user_type": "Device"}, "fhir_user_type: must be one of Patient"),
    ],
)
async def test_a_mistake_is_named_by_its_place(desk: Desk, change: dict[str, Any], mistake: str) -> None:
    document = {name: value for name, value in {**CLINIC, **change}.items() if value is not None}
    found = await refusal(desk, document)
    assert any(one.startswith(mistake) for one in found), found
    assert await desk.server.storage.find(PROVIDERS) == []


async def test_every_mistake_is_told_at_once(desk: Desk) -> None:
    assert len(await refusal(desk, {"name": "X", "tittle": "x", "leeway_seconds": -1})) == 3


async def test_a_name_is_taken_once(desk: Desk) -> None:
    await add_provider(desk, CLINIC, actor=None)
    assert await refusal(desk, CLINIC) == ("name: there is a provider clinic already",)


async def test_a_name_of_another_modules_provider_is_taken_too(served: TestServer) -> None:
    desk = Desk(served.server, served.sealer, taken=frozenset({"clinic"}))
    assert await refusal(desk, CLINIC) == (
        "name: clinic is a provider of another module: choose another name",
    )


async def test_an_edit_changes_what_it_names_and_keeps_the_secret(desk: Desk, served: TestServer) -> None:
    before = await add_provider(desk, CLINIC, actor=None)
    served.events.clear()
    after = await edit_provider(desk, "clinic", {"title": "Clinic", "leeway_seconds": 5}, actor="me")
    assert (after.title, after.leeway_seconds, after.secret_sealed) == ("Clinic", 5, before.secret_sealed)
    [event] = served.events
    assert event.detail == {"provider": "clinic", "fields": ["title", "leeway_seconds"]}
    back = await edit_provider(desk, "clinic", {"title": None, "leeway_seconds": None}, actor="me")
    assert (back.title, back.leeway_seconds) == ("clinic", 30)
    served.events.clear()
    assert await edit_provider(desk, "clinic", {"title": "clinic"}, actor="me") == back
    assert await edit_provider(desk, "clinic", {"client_secret": SECRET}, actor="me") == back
    assert served.events == []


async def test_a_secret_is_taken_away_by_null(desk: Desk) -> None:
    await add_provider(desk, CLINIC, actor=None)
    with pytest.raises(Refused, match="client_secret: is required for client_secret_basic"):
        await edit_provider(desk, "clinic", {"client_secret": None}, actor=None)
    changes = {"client_secret": None, "token_endpoint_auth_method": "private_key_jwt"}
    assert (await edit_provider(desk, "clinic", changes, actor=None)).secret_sealed is None


async def test_a_private_key_is_sealed_as_well(desk: Desk) -> None:
    document = {**CLINIC, "client_secret": None, "client_key": private_jwk("ES256", "ours")}
    provider = await add_provider(desk, document, actor=None)
    assert provider.token_endpoint_auth_method == "private_key_jwt"
    assert provider.key_sealed is not None
    assert private_jwk("ES256", "ours")["d"].encode() not in provider.key_sealed
    assert "client_key" not in provider_definition(provider)


@pytest.mark.parametrize("changes", [{"name": "other"}, {"issuer": None}, {"client_id": None}])
async def test_some_things_cannot_be_edited(desk: Desk, changes: dict[str, Any]) -> None:
    await add_provider(desk, CLINIC, actor=None)
    with pytest.raises(Refused):
        await edit_provider(desk, "clinic", changes, actor=None)


async def test_a_provider_is_switched_off_and_on_and_removed(desk: Desk, served: TestServer) -> None:
    await add_provider(desk, CLINIC, actor=None)
    assert not (await disable_provider(desk, "clinic", actor=None)).enabled
    assert not (await disable_provider(desk, "clinic", actor=None)).enabled
    assert (await enable_provider(desk, "clinic", actor=None)).enabled
    await remove_provider(desk, "clinic", actor=None)
    assert [event.type for event in served.events] == [
        "provider.added",
        "provider.disabled",
        "provider.enabled",
        "provider.removed",
    ]
    with pytest.raises(Refused, match="there is no provider 'clinic'"):
        await get_provider(desk, "clinic")


async def test_the_nearest_name_is_told(desk: Desk) -> None:
    await add_provider(desk, CLINIC, actor=None)
    with pytest.raises(Refused, match="did you mean clinic"):
        await get_provider(desk, "clinik")


async def test_an_import_adds_replaces_and_keeps_secrets(desk: Desk) -> None:
    first = await add_provider(desk, CLINIC, actor=None)
    await add_provider(desk, {**CLINIC, "name": "same"}, actor=None)
    exported = await export_providers(desk)
    assert SECRET not in str(exported)
    exported["providers"][0]["title"] = "New"
    other = {**CLINIC, "name": "other"}
    done = await import_providers(desk, {"providers": [*exported["providers"], other]}, actor=None)
    assert (done.added, done.replaced, done.unchanged) == (("other",), ("clinic",), ("same",))
    new = await get_provider(desk, "clinic")
    assert (new.title, new.secret_sealed, new.created_at) == ("New", first.secret_sealed, first.created_at)


async def test_an_import_is_all_or_nothing(desk: Desk) -> None:
    bad = {**CLINIC, "name": "bad", "scope": "profile"}
    with pytest.raises(Refused) as raised:
        await import_providers(desk, {"providers": [CLINIC, bad, CLINIC, {"name": "x"}]}, actor=None)
    assert raised.value.mistakes == (
        "providers[1].scope: must have openid in it",
        "providers[2].name: clinic stands at providers[0] already",
        "providers[3].issuer: is required",
        "providers[3].client_id: is required",
    )
    assert await desk.server.storage.find(PROVIDERS) == []


async def test_those_of_the_configuration_are_shown_beside_and_not_changed(served: TestServer) -> None:
    table = {"issuer": "https://id.state.example", "client_id": "assent"}
    desk = Desk(served.server, served.sealer, (configured_provider("state", table),))
    await add_provider(desk, CLINIC, actor=None)
    assert [one.name for one in await list_providers(desk)] == ["state", "clinic"]
    assert (await get_provider(desk, "state")).title == "state"
    assert [one["name"] for one in (await export_providers(desk))["providers"]] == ["clinic"]
    for change in (
        edit_provider(desk, "state", {"title": "x"}, actor=None),
        remove_provider(desk, "state", actor=None),
    ):
        with pytest.raises(Refused, match="state is in the configuration: change it there"):
            await change
    assert await refusal(desk, {**CLINIC, "name": "state"}) == (
        "name: state is in the configuration: change it there",
    )


async def test_what_is_registered_at_the_provider(desk: Desk) -> None:
    addresses = addresses_of(desk.server, "clinic")
    assert addresses.redirect_uri == "https://auth.example/login/clinic/callback"
    assert addresses.post_logout_redirect_uri == "https://auth.example/login/clinic/signed-out"
    assert addresses.backchannel_logout_uri == "https://auth.example/login/clinic/backchannel-logout"
    assert addresses.frontchannel_logout_uri == "https://auth.example/login/clinic/frontchannel-logout"
