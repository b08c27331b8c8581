"""Which providers are offered: those that are on, as they are at this very moment."""

from applications import OpenWith
from assent.actions.providers.providers import (
    disable_provider,
    edit_provider,
    enable_provider,
    remove_provider,
)
from assent.storage.tables import PEOPLE
from assent.testing.application import PUBLIC_URL
from identity.oidc.forger import a_forger
from identity.oidc.pair import Pair, a_pair, define_clinic, desk_of, settings


async def test_a_provider_is_offered_from_when_it_is_added_to_when_it_is_switched_off(
    open_with: OpenWith,
) -> None:
    home = await open_with(settings=settings(PUBLIC_URL, "local", "oidc"))
    browser = home.browser()
    assert "Clinic account" not in (await browser.open("/login")).text
    await define_clinic(home, "https://id.clinic.example")
    assert "Sign in with Clinic account" in (await browser.open("/login")).text
    await disable_provider(desk_of(home), "clinic", actor=None)
    assert "Clinic account" not in (await browser.open("/login")).text
    for path in ("/login/clinic", "/login/clinic/callback?state=x", "/login/clinic/signed-out"):
        assert (await browser.open(path)).status == 404
    await enable_provider(desk_of(home), "clinic", actor=None)
    assert "Sign in with Clinic account" in (await browser.open("/login")).text
    await edit_provider(desk_of(home), "clinic", {"trusted_for": ["resource_server"]}, actor=None)
    assert (await browser.open("/login/clinic")).status == 404


async def test_without_the_module_no_provider_signs_anybody_in(open_with: OpenWith) -> None:
    home = await open_with(settings=settings(PUBLIC_URL, "local"))
    await define_clinic(home, "https://id.clinic.example")
    browser = home.browser()
    assert "Clinic account" not in (await browser.open("/login")).text
    assert (await browser.open("/login/clinic")).status == 404


async def test_a_provider_of_the_configuration_signs_people_in(open_with: OpenWith) -> None:
    async with a_pair(open_with) as pair:
        await remove_provider(desk_of(pair.home), "clinic", actor=None)
        table = {
            "issuer": pair.clinic.origin,
            "client_id": "home",
            "client_secret": "a-secret-of-at-least-32-characters",
        }
        home = await open_with(settings=settings(PUBLIC_URL, "oidc", providers={"clinic": table}))
        await home.add_client(auto_approve_scope=("openid", "fhirUser"))
        configured = Pair(home, pair.clinic, home.smart_app(), home.browser(), pair.there)
        assert "code" in (await configured.arrive()).answered


async def test_an_account_follows_the_provider_and_stays_one(open_with: OpenWith) -> None:
    """What is said of her changes, who she is does not; a group that is gone takes its permission away."""
    fields = {"claims": {"groups": "groups"}, "permission_rules": ["doctors => FHIR_ALL_READ"]}
    async with a_forger(open_with, **fields) as forger:
        forger.claims = {"groups": ["doctors"], "family_name": "Silva"}
        await forger.arrive()
        [before] = await forger.home.server.storage.find(PEOPLE)
        assert [one.name for one in before.permissions] == ["FHIR_ALL_READ"]
        forger.claims = {"family_name": "Costa", "preferred_username": "maria.costa"}
        forger.home.clock.advance(10)
        await forger.arrive_anew()
        [after] = await forger.home.server.storage.find(PEOPLE)
        assert after.person_id == before.person_id
        assert (after.username, after.family_name, after.permissions) == ("maria.costa", "Costa", ())


async def test_a_fhir_user_that_is_gone_there_is_gone_here(open_with: OpenWith) -> None:
    async with a_forger(open_with, claims={"fhir_user": "fhirUser"}) as forger:
        forger.claims = {"fhirUser": "Practitioner/lee"}
        await forger.arrive()
        forger.claims = {}
        forger.home.clock.advance(10)
        await forger.arrive_anew()
        [person] = await forger.home.server.storage.find(PEOPLE)
        assert person.fhir_user is None
