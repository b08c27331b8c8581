"""Tokens of another issuer that do not say whose they are: they are nobody's, and no client's own."""

import pytest

from assent.actions.providers.providers import edit_provider
from gateway.test_foreign_tokens import ask, desk_of, forger, introspecting, token
from identity.oidc.forger import Forger

__all__ = ["forger"]  # the fixture


async def rights_of_the_definition(forger: Forger) -> None:
    await edit_provider(desk_of(forger.home), "clinic", {"token_rights": "provider"}, actor=None)


@pytest.mark.parametrize("scope", ["patient/*.rs", "system/*.rs"])
async def test_a_jwt_without_sub_opens_nothing(forger: Forger, scope: str) -> None:
    await rights_of_the_definition(forger)
    nobodys = token(forger, groups=["doctors"], sub=None, patient=None, scope=scope)
    for path in ("Patient/amy", "Patient/chidi", "Observation?_count=5"):
        assert (await ask(forger, nobodys, path)).status_code == 401


@pytest.mark.parametrize("scope", ["patient/*.rs", "system/*.rs"])
async def test_an_answer_of_introspection_without_sub_is_no_client_on_its_own(
    forger: Forger, scope: str
) -> None:
    await rights_of_the_definition(forger)
    said = {"groups": ["doctors"], "client_id": "their-app", "patient": None, "scope": scope}
    await introspecting(forger, sub=None, **said)
    for path in ("Patient/amy", "Observation?_count=5"):
        assert (await ask(forger, "an-opaque-token", path)).status_code == 403


async def test_an_answer_of_introspection_whose_sub_is_the_client_is(forger: Forger) -> None:
    await rights_of_the_definition(forger)
    said = {"groups": ["doctors"], "client_id": "their-app", "patient": None, "scope": "system/Patient.r"}
    await introspecting(forger, sub="their-app", **said)
    assert (await ask(forger, "an-opaque-token")).status_code == 200
