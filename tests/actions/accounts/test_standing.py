"""Accounts as administrators see them, and that what they see can be brought in again."""

import asyncio
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assent.actions.accounts.people import add_person, import_people
from assent.actions.accounts.person_definition import PERSON_SHOWN, person_definition
from assent.actions.accounts.standing import get_account, list_accounts, say_ways, shown_account
from assent.actions.refusals import Refused
from assent.engine.arrivals import Unwelcome, welcome
from assent.engine.server import Caller
from assent.engine.settings import EngineSettings
from assent.identity.guarded import GuardedModule
from assent.identity.local.module import LocalModule
from assent.records.identities import Arrival
from assent.records.people import Person
from assent.records.second_factors import OneTimeCodes, Passkey, RecoveryCodes
from assent.spec.identifiers import is_fhir_id
from assent.storage.interface import Add, Change, Scalar, Table, act
from assent.storage.tables import ONE_TIME_CODES, PASSKEYS, PEOPLE, RECOVERY_CODES
from assent.testing.server import TestServer, a_server

HERE = Caller("192.0.2.7")
IDP = "https://id.clinic.example"


async def arrive(
    served: TestServer, name: str, module: str = "oidc", provider: str = IDP, **said: Any
) -> Person:
    arrival = Arrival(module, provider, f"sub-{name}", name, ("pwd",), **said)
    return await welcome(served.server, arrival, HERE)


async def add_factors(served: TestServer, person: Person) -> None:
    await served.server.storage.commit(
        act(
            Add(ONE_TIME_CODES, OneTimeCodes(person.person_id, b"sealed", 0, 1, 0)),
            Add(RECOVERY_CODES, RecoveryCodes(person.person_id, (b"a", b"b"), 1, 0)),
            Add(
                PASSKEYS,
                Passkey(person.person_id.encode(), person.person_id, b"id", b"key", 0, "phone", False, 1, 0),
            ),
            Change(PEOPLE, (person.person_id,), {"has_factors": True}),
        )
    )


async def lock(served: TestServer, username: str) -> None:
    for _ in range(10):
        await GuardedModule(LocalModule()).sign_in(served.server, username, "wrong", HERE)


@pytest.fixture
async def clinic() -> TestServer:
    """Amy with a password of ours and everything else, Ben of a provider, Cem who cannot sign in."""
    served = await a_server(EngineSettings(login_delay_seconds=0, address_free_failures=0))
    amy = await add_person(served.server, {"username": "amy", "password": "a secret"}, actor=None)
    await add_factors(served, amy)
    await lock(served, "amy")
    await arrive(served, "ben")
    await add_person(served.server, {"username": "cem", "enabled": False}, actor=None)
    return served


async def test_each_account_says_where_it_comes_from_and_how_it_stands(clinic: TestServer) -> None:
    amy, ben, cem = await list_accounts(clinic.server)
    assert [say_ways(one) for one in (amy, ben, cem)] == [["local"], [f"oidc ({IDP})"], []]
    assert shown_account(amy) == {
        "username": "amy",
        "enabled": True,
        "signs_in_by": [{"module": "local"}],
        "second_factors": ["one-time codes", "passkey phone", "recovery codes: 2"],
        "locked_until_at": clinic.server.now() + 900,
    }
    assert shown_account(ben)["signs_in_by"] == [{"module": "oidc", "provider": IDP, "subject": "sub-ben"}]
    assert shown_account(cem) == {"username": "cem", "enabled": False, "signs_in_by": []}


async def test_one_account_is_shown_as_it_is_in_the_list(clinic: TestServer) -> None:
    for account in await list_accounts(clinic.server):
        assert await get_account(clinic.server, account.person.username) == account


async def test_the_list_of_thousands_asks_no_more_often_than_that_of_a_few(clinic: TestServer) -> None:
    users = [{"username": f"p{number:04}"} for number in range(2500)]
    await import_people(clinic.server, {"users": users}, actor=None)
    asked: Counter[str] = Counter()

    class Counting:
        issuer = clinic.server.storage.issuer

        async def find(self, table: Table[Any], *given: Any, **more: Any) -> list[Any]:
            asked[table.name] += 1
            return await clinic.server.storage.find(table, *given, **more)

        async def get(self, table: Table[Any], *key: Scalar) -> Any:
            raise AssertionError(f"{table.name} is asked for each")

    accounts = await list_accounts(replace(clinic.server, storage=Counting()))
    assert [account.person.username for account in accounts] == [
        "amy",
        "ben",
        "cem",
        *(u["username"] for u in users),
    ]
    assert asked == {
        "people": 3,
        "identities": 1,
        "one_time_codes": 1,
        "recovery_codes": 1,
        "passkeys": 1,
        "throttles": 1,
    }


async def test_what_is_shown_is_passed_over_where_it_is_brought_back(clinic: TestServer) -> None:
    shown = [shown_account(one) for one in await list_accounts(clinic.server)]
    done = await import_people(clinic.server, {"users": shown}, actor=None)
    assert (done.added, done.replaced, done.unchanged) == ((), (), ("amy", "ben", "cem"))
    assert [shown_account(one) for one in await list_accounts(clinic.server)] == shown
    with pytest.raises(Refused, match="second_factor: unknown field"):
        await import_people(clinic.server, {"users": [{"username": "amy", "second_factor": []}]}, actor=None)


async def test_nobody_arrives_with_a_name_that_reads_like_a_record(clinic: TestServer) -> None:
    with pytest.raises(Unwelcome):
        await arrive(clinic, "Practitioner/lee")
    assert (await arrive(clinic, "CLINIC/lee")).username == "CLINIC/lee"


# --- whoever they are ------------------------------------------------------------------------------------------------

NAMES = st.sampled_from(["Ana María", "O'Brien", "李", "Müller-Lüdenscheidt", "نور", "J.", "van der Berg"])
IDS = st.from_regex(r"[A-Za-z0-9.-]{1,12}", fullmatch=True).filter(is_fhir_id)
PATIENTS = IDS.map(lambda one: f"Patient/{one}")
OPTIONAL = {
    "given_name": NAMES,
    "family_name": NAMES,
    "email": st.sampled_from(["ana@mail.example", "O'Brien+x@Mail.example", "j@b.cd"]),
    "locale": st.sampled_from(["en", "de-CH", "zh-Hant-TW", "ar"]),
    "fhir_user": st.one_of(PATIENTS, IDS.map(lambda one: f"Practitioner/{one}")),
}
USERS = st.sampled_from(
    ["amy", "Ben O'Brien", "c.d@clinic.example", "DOMAIN\\dora", "CLINIC/eva", "李", "zoë"]
)
DEFINITIONS = st.fixed_dictionaries(
    {"enabled": st.booleans()},
    optional={
        **OPTIONAL,
        "password": st.just("a secret"),
        "must_change_password": st.booleans(),
        "permissions": st.lists(
            st.sampled_from(
                [
                    {"permission": "FHIR_ALL_READ"},
                    {"permission": "FHIR_READ_INSTANCE", "argument": "Group/9"},
                ]
            ),
            max_size=2,
            unique_by=lambda one: one["permission"],
        ),
        "represents": st.lists(PATIENTS, max_size=3, unique=True),
        "default_launch_contexts": st.lists(st.just({"type": "patient", "id": "2"}), max_size=1),
    },
)
ARRIVALS = st.fixed_dictionaries({"module": st.sampled_from(["ldap", "oidc", "saml"])}, optional=OPTIONAL)
CROWDS = st.dictionaries(USERS, st.tuples(st.one_of(DEFINITIONS, ARRIVALS), st.booleans()), max_size=5)


async def gather(crowd: dict[str, tuple[dict[str, Any], bool]]) -> TestServer:
    served = await a_server()
    for username, (said, has_factors) in crowd.items():
        if "module" in said:
            person = await arrive(served, username, **said)
        else:
            person = await add_person(served.server, {"username": username, **said}, actor=None)
        if has_factors:
            await add_factors(served, person)
    return served


async def check_round_trip(crowd: dict[str, tuple[dict[str, Any], bool]]) -> None:
    served, elsewhere = await gather(crowd), await a_server()
    shown = [shown_account(one) for one in await list_accounts(served.server)]
    same = await import_people(served.server, {"users": shown}, actor=None)
    assert (len(same.unchanged), same.added, same.replaced) == (len(crowd), (), ())
    await import_people(elsewhere.server, {"users": shown}, actor=None)
    there = [person_definition(one.person) for one in await list_accounts(elsewhere.server)]
    assert there == [{k: v for k, v in one.items() if k not in PERSON_SHOWN} for one in shown]
    await served.close()
    await elsewhere.close()


@settings(max_examples=25, deadline=None)
@given(crowd=CROWDS)
def test_whoever_is_listed_can_be_brought_in_again_here_and_elsewhere(
    crowd: dict[str, tuple[dict[str, Any], bool]],
) -> None:
    asyncio.run(check_round_trip(crowd))
