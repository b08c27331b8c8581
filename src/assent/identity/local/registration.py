"""Making accounts of our own for people who ask for one.

A user name is taken by the write that adds it, so of two who want the same at once one gets it.
"""

from assent.engine.events import audit_event
from assent.engine.handles import new_id
from assent.engine.people import name_key
from assent.engine.server import AuthorizationServer, Caller
from assent.identity.local.policy import Flaw, PasswordPolicy
from assent.records.identities import Arrival
from assent.records.people import Person, PersonName
from assent.records.sign_ups import Newcomer
from assent.storage.interface import Act, Add, Write
from assent.storage.tables import AUDIT, NAMES, PEOPLE


class LocalRegistration:
    """Fulfils `identity.registration.RegistrationModule` with the people of the storage."""

    name = "local"

    def __init__(self, policy: PasswordPolicy) -> None:
        self._policy = policy

    async def check_password(self, newcomer: Newcomer, password: str) -> Flaw | None:
        """What the policy for passwords says."""
        return await self._policy.check(password, _person(newcomer))

    async def register(
        self,
        server: AuthorizationServer,
        newcomer: Newcomer,
        password: str,
        *,
        spending: tuple[Write, ...],
        caller: Caller,
    ) -> Arrival | int:
        """The account, and how its person has signed in with it."""
        now = server.now()
        person = _person(
            newcomer,
            person_id=new_id(server, "u"),
            name_key=name_key(server.settings, newcomer.username),
            password_hash=await server.passwords.hash(password),
            fhir_user=newcomer.fhir_user,
            permissions=newcomer.permissions,
            roles=newcomer.roles,
            created_at=now,
            updated_at=now,
        )
        event = audit_event(
            server,
            "user.registered",
            caller=caller,
            client_id=newcomer.client_id,
            person_id=person.person_id,
            actor=person.person_id,
            detail={"username": person.username, "module": self.name},
        )
        name = PersonName(person.name_key, person.person_id)
        writes = (*spending, Add(NAMES, name), Add(PEOPLE, person), Add(AUDIT, event))
        lost_at = (await server.storage.commit(Act(writes, whole=True))).lost_at
        if lost_at is not None:
            return lost_at
        server.observe(event)
        return Arrival(
            self.name,
            server.issuer.url,
            person.person_id,
            person.username,
            ("pwd",),
            person_id=person.person_id,
        )


def _person(newcomer: Newcomer, person_id: str = "", name_key: str = "", **more: object) -> Person:
    return Person(
        person_id=person_id,
        username=newcomer.username,
        name_key=name_key,
        given_name=newcomer.given_name,
        family_name=newcomer.family_name,
        email=newcomer.email,
        locale=newcomer.locale,
        **more,  # type: ignore[arg-type]
    )
