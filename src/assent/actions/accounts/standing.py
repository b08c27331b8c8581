"""People's accounts as administrators see them: the definition, where a person comes from, and how her account stands.

One person or all of them; for all, each table is read once, page by page, and nobody costs a look of her own.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from assent.actions.accounts.people import get_person, list_people
from assent.actions.accounts.person_definition import person_definition
from assent.actions.accounts.second_factors import name_factors
from assent.actions.changes import every
from assent.engine.second_factors import Factors, find_factors
from assent.engine.server import AuthorizationServer
from assent.identity.guarded import LOCAL
from assent.identity.locks import local_key, locks_of
from assent.records.identities import Identity
from assent.records.people import Person, Throttle
from assent.records.second_factors import Passkey
from assent.storage.tables import IDENTITIES, ONE_TIME_CODES, PASSKEYS, RECOVERY_CODES, THROTTLES


@dataclass(frozen=True, slots=True)
class Account:
    """A person, the identities by which she signs in elsewhere, her second factors in words, and the end of her lock
    (0 where there is none).
    """

    person: Person
    identities: tuple[Identity, ...]
    factors: tuple[str, ...]
    locked_until: int


async def get_account(server: AuthorizationServer, username: str) -> Account:
    """The account of this user name. Raises `Refused` when there is none."""
    person = await get_person(server, username)
    identities = await server.storage.find(IDENTITIES, {"person_id": person.person_id})
    factors = await find_factors(server, person.person_id)
    return Account(person, tuple(identities), name_factors(factors), _end(await locks_of(server, person)))


async def list_accounts(server: AuthorizationServer) -> tuple[Account, ...]:
    """Every account, by user name."""
    people = await list_people(server)
    identities: defaultdict[str, list[Identity]] = defaultdict(list)
    for identity in await every(server.storage, IDENTITIES):
        identities[identity.person_id].append(identity)
    factors = await _all_factors(server) if any(person.has_factors for person in people) else {}
    locks = await _all_locks(server, people)
    return tuple(
        Account(
            person,
            tuple(identities[person.person_id]),
            name_factors(factors.get(person.person_id, Factors())),
            _end(locks[person.person_id]),
        )
        for person in people
    )


def shown_account(account: Account) -> dict[str, Any]:
    """The definition, and beside it what is only shown (`person_definition.PERSON_SHOWN`): an import passes it over."""
    person = account.person
    shown = person_definition(person)
    ways = [{"module": LOCAL}] if person.password_hash is not None else []
    shown["signs_in_by"] = ways + [
        {"module": one.module, "provider": one.provider, "subject": one.subject} for one in account.identities
    ]
    if account.factors:
        shown["second_factors"] = list(account.factors)
    if account.locked_until:
        shown["locked_until_at"] = account.locked_until
    return shown


def say_ways(account: Account) -> list[str]:
    """By what a person signs in, in words: `local`, `oidc (https://id.example)`."""
    local = [LOCAL] if account.person.password_hash is not None else []
    return local + [
        one.module if one.provider == one.module else f"{one.module} ({one.provider})"
        for one in account.identities
    ]


async def _all_factors(server: AuthorizationServer) -> dict[str, Factors]:
    codes = {one.person_id: one for one in await every(server.storage, ONE_TIME_CODES)}
    recovery = {one.person_id: one for one in await every(server.storage, RECOVERY_CODES)}
    passkeys: defaultdict[str, list[Passkey]] = defaultdict(list)
    for passkey in await every(server.storage, PASSKEYS):
        passkeys[passkey.person_id].append(passkey)
    return {
        person_id: Factors(codes.get(person_id), tuple(passkeys.get(person_id, ())), recovery.get(person_id))
        for person_id in {*codes, *recovery, *passkeys}
    }


async def _all_locks(
    server: AuthorizationServer, people: Iterable[Person]
) -> defaultdict[str, list[Throttle]]:
    """The locks that hold now, by whom they lock out."""
    of_names = {local_key(server, person): person.person_id for person in people}
    locks: defaultdict[str, list[Throttle]] = defaultdict(list)
    for row in await every(server.storage, THROTTLES):
        person_id = row.person_id or of_names.get(row.key)
        if person_id is not None and row.locked_until > server.now():
            locks[person_id].append(row)
    return locks


def _end(locks: Iterable[Throttle]) -> int:
    return max((row.locked_until for row in locks), default=0)
