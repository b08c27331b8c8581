"""From the sign-in page to an account here: the whole way of somebody whom a directory knows."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from applications import OpenWith
from assent.app.settings import Settings
from assent.app.sign_in_settings import SignInSettings
from assent.identity.ldap.settings import LdapSettings
from assent.storage.interface import Change, act
from assent.storage.tables import IDENTITIES, PEOPLE, SESSIONS
from assent.testing.application import Application
from assent.testing.browser import Browser, Page
from identity.ldap.staff import MARIA_ID, PASSWORD, STAFF, dn
from services.openldap import GROUPS, OpenLdap, StartOpenLdap

OpenAt = Callable[..., Awaitable[Application]]
MODIFY = "dn: {dn}\nchangetype: modify\n{change}\n\n"


@pytest.fixture
def open_at(open_with: OpenWith) -> OpenAt:
    """Opens the application with the module `ldap` on."""

    async def open_(ldap: LdapSettings, *modules: str) -> Application:
        sign_in = SignInSettings(modules or ("ldap",), ldap=ldap)
        return await open_with(settings=replace(Settings(), sign_in=sign_in))

    return open_


@pytest.fixture(scope="module")
def changing(start_openldap: StartOpenLdap) -> OpenLdap:
    """A directory that tests change."""
    return start_openldap(STAFF)


async def come(application: Application, username: str, password: str = PASSWORD) -> tuple[Browser, Page]:
    browser = application.browser()
    await browser.open("/login")
    return browser, await browser.sign_in(username, password)


async def test_somebody_signs_in_and_the_app_gets_its_token(open_at: OpenAt, clinic: OpenLdap) -> None:
    rules = ("doctors => FHIR_ALL_READ",)
    ldap = clinic.settings(
        fhir_user="employeeNumber", permissions=rules, required_group=f"cn=doctors,{GROUPS}"
    )
    application = await open_at(ldap)
    await application.add_client(auto_approve_scope=("openid", "fhirUser"))
    app, browser = application.smart_app(), application.browser()
    await app.launch(browser, "openid fhirUser")
    page = await browser.sign_in("maria", PASSWORD)
    tokens = (await app.redeem(application.http(), page)).json()
    claims = await application.server.keys.verify(tokens["id_token"], "JWT")
    assert claims["fhirUser"].endswith("/Practitioner/maria")
    assert claims["amr"] == ["pwd"]
    [person] = await application.server.storage.find(PEOPLE)
    assert (person.username, person.given_name, person.email, person.locale) == (
        "maria",
        "Maria",
        "maria@clinic.example",
        "es",
    )
    assert [permission.name for permission in person.permissions] == ["FHIR_ALL_READ"]
    assert person.password_hash is None
    [identity] = await application.server.storage.find(IDENTITIES)
    assert (identity.module, identity.provider, identity.subject) == ("ldap", "ldap", MARIA_ID)


@pytest.mark.parametrize(
    ("username", "password"), [("maria", "wrong"), ("nobody", PASSWORD), ("twin", PASSWORD)]
)
async def test_who_is_refused_sees_the_same_page(
    open_at: OpenAt, clinic: OpenLdap, username: str, password: str
) -> None:
    application = await open_at(clinic.settings())
    _, page = await come(application, username, password)
    assert (page.status, page.path) == (200, "/login")
    assert "not right" in page.text
    assert await application.server.storage.find(SESSIONS) == []
    [refused] = await application.audit("login.refused")
    assert refused.detail == {"reason": "wrong name or password", "module": "ldap"}


async def test_a_directory_that_is_down_is_told_without_a_detail(open_at: OpenAt, clinic: OpenLdap) -> None:
    application = await open_at(clinic.settings(servers=("ldap://127.0.0.1:1",)))
    _, page = await come(application, "maria")
    assert page.status == 503
    assert "127.0.0.1" not in page.text
    [unavailable] = await application.audit("login.unavailable")
    assert "ldap://127.0.0.1:1" in str(unavailable.detail)
    assert PASSWORD not in str(unavailable.detail)


async def test_local_accounts_sign_in_while_the_directory_is_down(open_at: OpenAt, clinic: OpenLdap) -> None:
    application = await open_at(clinic.settings(servers=("ldap://127.0.0.1:1",)), "local", "ldap")
    await application.add_amy()
    browser = application.browser()
    await browser.open("/login")
    page = await browser.submit("submit", username="amy", password="demo", module="local")
    assert page.path == "/oauth/revoke"


async def test_guesses_lock_the_name_and_the_right_password_has_to_wait(
    open_at: OpenAt, clinic: OpenLdap
) -> None:
    application = await open_at(clinic.settings())
    browser = application.browser()
    await browser.open("/login")
    spellings = ["outsider", "OUTSIDER", " outsider ", "ｏｕｔｓｉｄｅｒ"]
    for spelling in spellings:
        assert (await browser.sign_in(spelling, "wrong")).status == 200
    page = await browser.sign_in("outsider", PASSWORD)
    assert page.status == 429
    application.clock.advance(3600)
    assert (await browser.sign_in("outsider", PASSWORD)).path == "/oauth/revoke"


async def test_a_name_that_somebody_has_here_is_not_taken_over(open_at: OpenAt, clinic: OpenLdap) -> None:
    application = await open_at(clinic.settings())
    await application.add_person("maria")
    _, page = await come(application, "maria")
    assert page.path == "/login"
    assert "belongs to somebody else here" in page.text
    assert await application.server.storage.find(IDENTITIES) == []


async def test_the_account_follows_the_directory_at_each_sign_in(open_at: OpenAt, changing: OpenLdap) -> None:
    rules = ("doctors => FHIR_ALL_READ",)
    application = await open_at(changing.settings(fhir_user="employeeNumber", permissions=rules))
    await come(application, "maria")
    [before] = await application.server.storage.find(PEOPLE)
    group = f"cn=doctors,{GROUPS}"
    changing.modify(
        MODIFY.format(
            dn=dn("maria"), change="replace: sn\nsn: Weber\n-\ndelete: mail\n-\ndelete: employeeNumber"
        )
        + MODIFY.format(dn=group, change=f"delete: member\nmember: {dn('maria')}")
    )
    await come(application, "maria")
    [after] = await application.server.storage.find(PEOPLE)
    assert before.permissions
    assert (after.person_id, after.family_name, after.email, after.fhir_user, after.permissions) == (
        before.person_id,
        "Weber",
        None,
        None,
        (),
    )


async def test_who_is_renamed_in_the_directory_stays_the_same_person(
    open_at: OpenAt, changing: OpenLdap
) -> None:
    application = await open_at(changing.settings())
    await come(application, "outsider")
    [before] = await application.server.storage.find(PEOPLE)
    changing.modify(MODIFY.format(dn=dn("outsider"), change="add: uid\nuid: insider"))
    await come(application, "insider")
    [after] = await application.server.storage.find(PEOPLE)
    assert after.person_id == before.person_id


async def test_who_is_disabled_here_does_not_come_in(open_at: OpenAt, clinic: OpenLdap) -> None:
    application = await open_at(clinic.settings())
    await come(application, "maria")
    [person] = await application.server.storage.find(PEOPLE)
    await application.server.storage.commit(act(Change(PEOPLE, (person.person_id,), {"enabled": False})))
    _, page = await come(application, "maria")
    assert "switched off" in page.text


async def test_who_wants_two_directories_is_offered_them_by_title(open_at: OpenAt, clinic: OpenLdap) -> None:
    application = await open_at(clinic.settings(title="Clinic staff"), "local", "ldap")
    page = await application.browser().open("/login")
    assert "Clinic staff" in page.text
