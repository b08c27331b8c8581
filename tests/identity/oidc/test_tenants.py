"""An issuer of many tenants: people of the listed ones come in, each as her own tenant's; nobody else does."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from applications import OpenWith
from assent.actions.providers.providers import add_provider, edit_provider, try_provider
from assent.actions.refusals import Refused
from assent.storage.tables import IDENTITIES
from identity.oidc.forger import Forger, a_forger
from identity.oidc.pair import desk_of

OURS, OTHER = "11111111-2222-4333-8444-555555555555", "22222222-2222-4333-8444-555555555555"
STRANGER = "99999999-2222-4333-8444-555555555555"


@pytest.fixture
async def forger(open_with: OpenWith) -> AsyncIterator[Forger]:
    async with a_forger(open_with) as one:
        one.metadata = {"issuer": f"{one.issuer}/{{tenantid}}/v2.0"}
        changes = {"issuer": f"{one.issuer}/organizations/v2.0", "allowed_tenants": [OURS, OTHER]}
        await edit_provider(desk_of(one.home), "clinic", changes, actor=None)
        yield one


def of_tenant(forger: Forger, tenant: str | None, issuer_of: str | None = None) -> None:
    forger.claims = {"tid": tenant, "iss": f"{forger.issuer}/{issuer_of or tenant}/v2.0"}


async def reason(forger: Forger, answer: str = "code=c-1") -> str:
    page = await forger.arrive(answer)
    assert page.left_to is None
    return await forger.reason()


async def test_people_of_listed_tenants_come_in_each_as_her_own_tenants(forger: Forger) -> None:
    of_tenant(forger, OURS)
    assert "code" in (await forger.arrive()).answered
    of_tenant(forger, OTHER)
    forger.claims["preferred_username"] = "jonas"
    assert "code" in (await forger.arrive_anew()).answered
    found = await forger.home.server.storage.find(IDENTITIES)
    assert {one.provider for one in found} == {f"{forger.issuer}/{one}/v2.0" for one in (OURS, OTHER)}
    assert len({one.person_id for one in found}) == 2  # the same sub is another person in another tenant


@pytest.mark.parametrize("tid", [STRANGER, None, "{tenantid}", "", 7])
async def test_a_tenant_that_is_not_listed_lets_nobody_in(forger: Forger, tid: Any) -> None:
    of_tenant(forger, tid)
    assert await reason(forger) == "ID token: tid is none of allowed_tenants"


async def test_the_tenant_and_the_issuer_of_a_token_must_agree(forger: Forger) -> None:
    for claimed in (OTHER, STRANGER, "organizations", "{tenantid}"):
        of_tenant(forger, OURS, issuer_of=claimed)
        forger.browser = forger.home.browser()
        assert await reason(forger) == "ID token: iss is not the provider's issuer"


async def test_an_answer_that_names_another_tenant_is_refused(forger: Forger) -> None:
    of_tenant(forger, OURS)
    assert await reason(forger, f"code=c-1&iss={forger.issuer}/{OTHER}/v2.0") == (
        "ID token: iss is not that of the answer"
    )
    forger.home.clock.advance(1)
    assert await reason(forger, f"code=c-1&iss={forger.issuer}/{STRANGER}/v2.0") == (
        "iss of the answer is another provider's"
    )
    assert "code" in (await forger.arrive(f"code=c-1&iss={forger.issuer}/{OURS}/v2.0")).answered


async def test_a_key_of_another_tenant_signs_for_nobody_else(forger: Forger) -> None:
    forger.published = [{**forger.key, "issuer": f"{forger.issuer}/{OTHER}/v2.0"}]
    of_tenant(forger, OURS)
    assert await reason(forger) == "ID token: the key is that of another tenant"
    of_tenant(forger, OTHER)
    assert "code" in (await forger.arrive_anew()).answered


async def test_a_template_without_a_list_is_said_by_the_test(forger: Forger) -> None:
    desk = desk_of(forger.home)
    await edit_provider(desk, "clinic", {"allowed_tenants": None}, actor=None)
    steps = await try_provider(desk, "clinic")
    assert (steps[-1].status, "list yours in allowed_tenants" in steps[-1].detail) == ("fail", True)
    assert (await forger.arrive()).status == 503


async def test_a_list_without_a_template_is_said_by_the_test(forger: Forger) -> None:
    desk = desk_of(forger.home)
    forger.metadata = {}
    await edit_provider(desk, "clinic", {"issuer": forger.issuer}, actor=None)
    [step] = await try_provider(desk, "clinic")
    assert (step.status, "has no place for the tenants" in step.detail) == ("fail", True)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        (
            {"issuer": "https://login.microsoftonline.com/common/v2.0"},
            "issuer: is for people of any tenant: enter",
        ),
        ({"issuer": "https://login.microsoftonline.com/consumers/v2.0"}, "allowed_tenants whose people"),
        ({"issuer": "https://login.microsoftonline.com/{tenantid}/v2.0"}, "issuer: must name a tenant"),
        ({"allowed_tenants": ["common"]}, r"allowed_tenants\[0\]: must be a tenant's id"),
        ({"allowed_tenants": ["*"]}, "must be a tenant's id"),
        ({"allowed_tenants": [OURS.replace("1", "A")]}, "in lower case"),
        ({"allowed_tenants": [OURS], "trusted_for": ["resource_server"]}, "must not have resource_server"),
        ({"allowed_tenants": [OURS], "assertion_audience": "issuer"}, "must be token_endpoint"),
        (
            {
                "allowed_tenants": [OURS],
                "discovery": False,
                "authorization_endpoint": "https://id.example/a",
                "token_endpoint": "https://id.example/t",
                "jwks_uri": "https://id.example/j",
            },
            "allowed_tenants: needs discovery",
        ),
    ],
)
async def test_definitions_that_say_too_little_or_too_much_are_refused(
    forger: Forger, changes: dict[str, Any], why: str
) -> None:
    definition = {"name": "entra", "issuer": "https://id.example", "client_id": "x", **changes}
    with pytest.raises(Refused, match=why):
        await add_provider(desk_of(forger.home), definition, actor=None)
