"""Signing in with a directory's name and password.

The service account finds the one entry that a name means; then the person proves herself by a bind of her own. A name
that nobody has, one that several have, a wrong password and a disabled account are refused alike, after as long.
Sources: RFC 4511 4.2, RFC 4513 5.1.2 (a bind without a password proves nothing) and 6.3.
"""

import asyncio
import secrets
import time
from collections.abc import Callable

from sansldap import SearchScope

from assent.engine.server import AuthorizationServer, Caller
from assent.identity import ModuleDown, Refused
from assent.identity.ldap.entries import (
    ACCOUNT_CONTROL,
    BadEntry,
    first_value,
    known_as,
    read_entry,
    wanted_attributes,
)
from assent.identity.ldap.filters import FilterTemplate
from assent.identity.ldap.groups import Groups, comparable
from assent.identity.ldap.names import is_password, is_username, same_dn
from assent.identity.ldap.pace import Pace
from assent.identity.ldap.refusals import WRONG, is_disabled, refusal_of
from assent.identity.ldap.servers import Servers
from assent.identity.ldap.settings import LdapSettings
from assent.identity.ldap.wire import Connection, Entry, Found, Search, ServerDown
from assent.identity.mapping import EVERYBODY, permissions_of, read_rules, roles_of
from assent.records.identities import Arrival


class LdapModule:
    """Fulfils `PasswordModule` by the directory of the settings, which have been checked. `clock` is monotonic."""

    name = "ldap"

    def __init__(
        self, settings: LdapSettings, servers: Servers, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.title = settings.title
        self._settings = settings
        self._servers = servers
        self._pace = Pace(clock)
        self._person = FilterTemplate(settings.person_filter, ("username",))
        group_filter = settings.group_filter
        template = FilterTemplate(group_filter, ("dn", "username")) if group_filter else None
        self._groups = Groups(settings, template)
        self._rules = comparable(read_rules(settings.permissions))

    async def sign_in(
        self, server: AuthorizationServer, username: str, password: str, caller: Caller
    ) -> Arrival | Refused:
        """The person whose entry and password these are. Raises `ModuleDown`."""
        try:
            async with asyncio.timeout(self._settings.timeout_seconds):
                return await self._sign_in(username.strip(), password)
        except TimeoutError as error:
            raise ModuleDown(f"no answer within {self._settings.timeout_seconds} s") from error
        except (ServerDown, BadEntry) as error:
            raise ModuleDown(str(error)) from error

    async def _sign_in(self, username: str, password: str) -> Arrival | Refused:
        if not is_username(username) or not is_password(password):
            return Refused()
        entry = await self._find(username)
        if entry is None:
            return await self._refuse_nobody(password)
        begun = self._pace.begin()
        answer = await self._servers.prove(entry.dn, password)
        self._pace.note(begun)
        refusal = refusal_of(answer)
        if refusal is not None:
            return Refused(refusal, known_as=known_as(self._settings, entry))
        if is_disabled(first_value(entry, ACCOUNT_CONTROL)):
            return Refused("disabled in the directory", known_as=known_as(self._settings, entry))
        return await self._arrival(entry)

    async def _find(self, username: str) -> Entry | None:
        """The entry of this name; None where there is none, or more than one."""
        settings = self._settings
        scope = SearchScope.SUBTREE if settings.scope == "subtree" else SearchScope.ONE_LEVEL
        filled = self._person.filled({"username": username})
        search = Search(settings.base, filled, wanted_attributes(settings), scope)

        async def find(connection: Connection) -> Found:
            return await connection.search(search)

        found = await self._servers.ask(find)
        return found.entries[0] if found.is_whole and len(found.entries) == 1 else None

    async def _refuse_nobody(self, password: str) -> Refused:
        """As much work, and as long, as refusing a wrong password."""
        begun = self._pace.begin()
        await self._servers.prove(f"cn={secrets.token_hex(16)},{self._settings.base}", password)
        await self._pace.keep(begun)
        return Refused(WRONG)

    async def _arrival(self, entry: Entry) -> Arrival | Refused:
        settings, said = self._settings, read_entry(self._settings, entry)
        groups: frozenset[str] = frozenset()
        if settings.required_group or any(rule.group != EVERYBODY for rule in self._rules):
            groups = await self._servers.ask(lambda one: self._groups.find(one, entry, said.username))
        if settings.required_group and same_dn(settings.required_group) not in groups:
            return Refused("not in the required group", known_as=(settings.provider, said.subject))
        return Arrival(
            self.name,
            settings.provider,
            said.subject,
            settings.username_prefix + said.username,
            ("pwd",),
            given_name=said.given_name,
            family_name=said.family_name,
            email=said.email,
            locale=said.locale,
            fhir_user=said.fhir_user,
            permissions=permissions_of(self._rules, groups) if self._rules else None,
            roles=roles_of(self._rules, groups),
            gone=said.gone,
        )
