"""People: added, imported, switched; what of theirs ends with it."""

from typing import Any

import bcrypt
import pytest

from assent.actions.accounts.people import (
    add_person,
    disable_person,
    enable_person,
    get_person,
    import_people,
    list_people,
)
from assent.actions.accounts.person_definition import PERSON_FIELDS, person_definition, read_person_definition
from assent.actions.definitions import Wrong, refused
from assent.actions.refusals import Refused
from assent.engine.liveness import Ended, look_at_grant
from assent.engine.server import Caller
from assent.engine.sessions import begin_session, find_session
from assent.identity.local.module import LocalModule
from assent.records.identities import Arrival
from assent.records.people import Person
from assent.records.second_factors import RememberedBrowser
from assent.storage.interface import Add, act
from assent.storage.tables import AUDIT, NAMES, REMEMBERED_BROWSERS
from assent.testing.server import TestServer

AMY: dict[str, Any] = {
    "username": "Amy",
    "given_name": "Amy",
    "family_name": "Shaw",
    "email": "amy@example.org",
    "locale": "en-GB",
    "enabled": True,
    "fhir_user": "Patient/1",
    "permissions": [{"permission": "FHIR_READ_INSTANCE", "argument": "Group/9"}],
    "represents": ["Patient/2", "3"],
    "default_launch_contexts": [{"type": "patient", "id": "2"}],
}


async def signs_in(served: TestServer, username: str, password: str) -> bool:
    """Whether the password is hers now."""
    answer = await LocalModule().sign_in(served.server, username, password, Caller())
    return isinstance(answer, Arrival)


async def test_a_definition_comes_back_as_it_was_read(served: TestServer) -> None:
    person = await add_person(served.server, {**AMY, "password": "a secret"}, actor="tests")

    assert person_definition(person) == AMY
    assert person.person_id.startswith("u-")


def test_every_field_of_a_definition_is_read_here() -> None:
    own = {"person_id", "name_key", "email_key", "has_delegations", "has_factors", "created_at", "updated_at"}

    assert set(PERSON_FIELDS) == (set(Person.__dataclass_fields__) - own) | {"password"}


async def test_a_password_is_kept_as_a_slow_hash_and_signs_in(served: TestServer) -> None:
    person = await add_person(served.server, {"username": "amy", "password": "pässword"}, actor="tests")

    assert person.password_hash is not None
    assert person.password_hash.startswith("$argon2id$")
    assert await signs_in(served, "AMY", "pässword")
    assert not await signs_in(served, "amy", "password")


async def test_a_bcrypt_hash_from_elsewhere_signs_in(served: TestServer) -> None:
    hashed = bcrypt.hashpw(b"a secret", bcrypt.gensalt(4)).decode()

    await import_people(
        served.server, {"users": [{"username": "amy", "password_hash": hashed}]}, actor="tests"
    )

    assert await signs_in(served, "amy", "a secret")


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"username": ""}, "username"),
        ({"username": " amy"}, "username"),
        ({"username": "a\tb"}, "username"),
        ({"username": "Practitioner/lee"}, "username"),
        ({"password": ""}, "password"),
        ({"password": "x" * 1025}, "password"),
        ({"password": "x", "password_hash": "$2b$12$" + "a" * 53}, "password_hash"),
        ({"password_hash": "5f4dcc3b5aa765d61d8327deb882cf99"}, "password_hash"),
        ({"password_hash": "$2b$31$" + "a" * 53}, "password_hash"),
        ({"password_hash": "$argon2id$v=19$m=4194304,t=1,p=1$c2FsdHNhbHQ$aGFzaA"}, "password_hash"),
        ({"email": "amy"}, "email"),
        ({"locale": "english please"}, "locale"),
        ({"enabled": 1}, "enabled"),
        ({"fhir_user": "Patent/1"}, "fhir_user"),
        ({"fhir_user": "Patient/"}, "fhir_user"),
        ({"fhir_user": "Observation/1"}, "fhir_user"),
        ({"fhir_user": "https://fhir.example/Patient/1"}, "fhir_user"),
        ({"permissions": [{"permission": "NO_SUCH"}]}, "permissions[0].permission"),
        ({"represents": ["Patient/../2"]}, "represents[0]"),
        ({"represents": ["Group/2"]}, "represents[0]"),
        ({"default_launch_contexts": [{"type": "patient"}]}, "default_launch_contexts[0].id"),
        ({"default_launch_contexts": [{"type": "x", "id": "1"}]}, "default_launch_contexts[0].type"),
        ({"fhirUser": "Patient/1"}, "fhirUser"),
    ],
)
def test_a_wrong_field_is_refused_by_its_path(fields: dict[str, Any], path: str) -> None:
    with pytest.raises(Wrong) as caught:
        read_person_definition({"username": "amy", **fields})

    [mistake] = refused("users[0]", caught.value)
    assert mistake.startswith(f"users[0].{path}: ")


def test_a_misspelt_field_gets_its_right_name() -> None:
    with pytest.raises(Wrong, match="did you mean fhir_user"):
        read_person_definition({"username": "amy", "fhirUser": "Patient/1"})


async def test_a_user_name_is_taken_once_however_it_is_written(served: TestServer) -> None:
    await add_person(served.server, {"username": "amy"}, actor="tests")

    with pytest.raises(Refused, match="already"):
        await add_person(served.server, {"username": "AMY"}, actor="tests")
    assert len(await served.server.storage.find(NAMES)) == 1


async def test_an_import_replaces_by_user_name_and_keeps_who_she_is_and_her_password(
    served: TestServer,
) -> None:
    await import_people(served.server, {"users": [{**AMY, "password": "a secret"}]}, actor="tests")
    before = await get_person(served.server, "amy")

    done = await import_people(
        served.server, {"users": [{"username": "amy", "email": "new@example.org"}]}, actor="tests"
    )

    after = await get_person(served.server, "amy")
    assert done.replaced == ("amy",)
    assert after.person_id == before.person_id
    assert after.password_hash == before.password_hash
    assert after.email == "new@example.org"
    assert after.permissions == ()


async def test_the_same_import_twice_changes_nothing(served: TestServer) -> None:
    document = {"users": [{**AMY, "password": "a secret"}]}
    await import_people(served.server, document, actor="tests")
    before = await list_people(served.server)

    done = await import_people(served.server, document, actor="tests")

    assert done.unchanged == ("Amy",)
    assert await list_people(served.server) == before


async def test_one_mistake_keeps_everybody_out(served: TestServer) -> None:
    document = {"users": [AMY, {"username": "AMY"}, {"username": "lee", "fhir_user": "x"}]}

    with pytest.raises(Refused) as caught:
        await import_people(served.server, document, actor="tests")

    assert [mistake.partition(": ")[0] for mistake in caught.value.mistakes] == [
        "users[1].username",
        "users[2].fhir_user",
    ]
    assert await list_people(served.server) == ()


async def test_disabling_ends_sessions_and_grants_at_once_and_for_good(served: TestServer) -> None:
    person = await add_person(served.server, {"username": "amy", "password": "a secret"}, actor="tests")
    cookie, _ = await begin_session(served.server, person, ("pwd",), Caller(), None)
    grant = await served.add_grant(await served.add_client(), person, "openid offline_access")

    await disable_person(served.server, "amy", actor="root")

    assert await find_session(served.server, cookie) is None
    assert isinstance(await look_at_grant(served.server, grant.grant_id), Ended)
    assert not await signs_in(served, "amy", "a secret")
    await enable_person(served.server, "amy", actor="root")
    assert await find_session(served.server, cookie) is None
    assert isinstance(await look_at_grant(served.server, grant.grant_id), Ended)
    assert await signs_in(served, "amy", "a secret")


async def test_an_import_that_switches_off_ends_the_same(served: TestServer) -> None:
    person = await add_person(served.server, {"username": "amy"}, actor="tests")
    grant = await served.add_grant(await served.add_client(), person, "openid offline_access")

    await import_people(served.server, {"users": [{"username": "amy", "enabled": False}]}, actor="tests")
    await enable_person(served.server, "amy", actor="tests")

    assert isinstance(await look_at_grant(served.server, grant.grant_id), Ended)


async def test_another_password_signs_out_and_leaves_the_grants(served: TestServer) -> None:
    person = await add_person(served.server, {"username": "amy", "password": "old"}, actor="tests")
    cookie, _ = await begin_session(served.server, person, ("pwd",), Caller(), None)
    grant = await served.add_grant(await served.add_client(), person, "openid offline_access")

    await import_people(served.server, {"users": [{"username": "amy", "password": "new"}]}, actor="tests")

    assert await find_session(served.server, cookie) is None
    assert not isinstance(await look_at_grant(served.server, grant.grant_id), Ended)


@pytest.mark.parametrize(
    "given", [{"password": "another one, quite long"}, {"password_hash": "$2b$12$" + "a" * 53}]
)
async def test_with_another_password_every_browser_is_asked_for_a_second_factor_again(
    served: TestServer, given: dict[str, str]
) -> None:
    amy, lee = [
        await add_person(served.server, {"username": name, "password": "a fine secret"}, actor=None)
        for name in ("amy", "lee")
    ]
    for one in (amy, lee):
        browser = RememberedBrowser(one.person_id.encode(), one.person_id, one.username, None, 0, 2**40)
        await served.server.storage.commit(act(Add(REMEMBERED_BROWSERS, browser)))
    await import_people(served.server, {"users": [{"username": "amy", **given}]}, actor="admin")
    rows = await served.server.storage.find(REMEMBERED_BROWSERS)
    assert [row.person_id for row in rows if row.expires_at > served.server.now()] == [lee.person_id]


async def test_changes_are_audited_without_what_they_hold(served: TestServer) -> None:
    await add_person(served.server, {**AMY, "password": "a secret"}, actor="root")
    served.clock.advance(1)
    await import_people(
        served.server, {"users": [{**AMY, "password": "another", "email": "b@example.org"}]}, actor="root"
    )
    served.clock.advance(1)
    person = await disable_person(served.server, "amy", actor="root")

    rows = await served.server.storage.find(AUDIT, {"person_id": person.person_id})
    assert [(row.type, row.actor, row.detail) for row in rows] == [
        ("user.added", "root", None),
        ("user.edited", "root", {"fields": ["password_hash", "email"]}),
        ("user.disabled", "root", None),
    ]


async def test_an_unknown_user_is_refused_with_the_nearest_one(served: TestServer) -> None:
    await add_person(served.server, {"username": "jonas"}, actor="tests")

    with pytest.raises(Refused, match="did you mean jonas"):
        await get_person(served.server, "jons")


@pytest.mark.parametrize("locale", ["xx_yy", "de_CH", "e", "de-", "12", "en-GB-x"])
async def test_a_locale_is_a_language_tag(served: TestServer, locale: str) -> None:
    with pytest.raises(Refused, match=r"locale: must be a language tag such as en or de-CH \(BCP 47\)"):
        await add_person(served.server, {"username": "amy", "locale": locale}, actor=None)


@pytest.mark.parametrize(
    "locale", ["en", "de-CH", "es-419", "zh-Hant-TW", "sl-rozaj-biske", "de-CH-1996", "en-u-hc-h12", "gsw"]
)
async def test_a_language_tag_is_taken(served: TestServer, locale: str) -> None:
    person = await add_person(served.server, {"username": "amy", "locale": locale}, actor=None)
    assert person.locale == locale


async def test_all_that_is_wrong_with_a_new_person_is_told_at_once(served: TestServer) -> None:
    await add_person(served.server, {"username": "maria"}, actor=None)
    wrong = {
        "username": "maria",
        "permissions": [{"permission": "FHIR_ALL_RED"}],
        "roles": ["nurse"],
    }
    with pytest.raises(Refused) as caught:
        await add_person(served.server, wrong, actor=None)
    assert [one.partition(":")[0] for one in caught.value.mistakes] == [
        "permissions[0].permission",
        "username",
        "roles[0]",
    ]
