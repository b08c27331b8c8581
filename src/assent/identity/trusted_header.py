"""Signing in by a header that a proxy in front has set, after it asked the person itself.

A header is believed only on connections from the proxies that are named: whoever else can reach the server could write
it too. The proxy has to remove the header from what it is sent. Where a proxy is named, a request of its without the
header is nobody's.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from assent.engine.server import AuthorizationServer
from assent.identity import ArrivalRefused
from assent.identity.mapping import PermissionRule, permissions_of, roles_of
from assent.records.identities import Arrival
from assent.spec.address_lists import AddressList
from assent.spec.person_fields import mail_address_of, name_of, read_fhir_user


@dataclass(frozen=True, slots=True)
class HeaderNames:
    """Which header says what; None: none does. Without a header for `subject`, `username` identifies people."""

    username: str
    subject: str | None = None
    given_name: str | None = None
    family_name: str | None = None
    email: str | None = None
    fhir_user: str | None = None
    groups: str | None = None


class Proxies(AddressList):
    """The addresses that are believed."""


class TrustedHeader:
    """Fulfils `HeaderModule` by the headers of a proxy."""

    name = "header"

    def __init__(
        self, proxies: Proxies, names: HeaderNames, rules: tuple[PermissionRule, ...], provider: str
    ) -> None:
        self._proxies = proxies
        self._names = names
        self._rules = rules
        self._provider = provider

    async def recognise(
        self, server: AuthorizationServer, headers: Mapping[str, str], address: str | None
    ) -> Arrival | None:
        """Whom the proxy names. Raises `ArrivalRefused` on a malformed header, and without the one for `subject`."""
        if not self._proxies.has(address):
            return None
        names = self._names
        username = only_header(headers, names.username)
        if username is None:
            return None
        subject = only_header(headers, names.subject) if names.subject is not None else username
        if subject is None:  # a user name instead may be what identifies another
            raise ArrivalRefused(f"the header {names.subject}, which identifies the person, is missing")
        groups = (only_header(headers, names.groups) or "").split(",")
        fhir_user = _fhir_user(only_header(headers, names.fhir_user))
        return Arrival(
            self.name,
            self._provider,
            subject,
            username,
            (),
            given_name=name_of(only_header(headers, names.given_name)),
            family_name=name_of(only_header(headers, names.family_name)),
            email=mail_address_of(only_header(headers, names.email)),
            fhir_user=fhir_user,
            permissions=permissions_of(self._rules, groups) if self._rules else None,
            roles=roles_of(self._rules, groups),
            gone=("fhir_user",) if names.fhir_user and fhir_user is None else (),
        )


def only_header(headers: Mapping[str, str], name: str | None) -> str | None:
    """The value of a header, None where it is missing or empty. Raises `ArrivalRefused` when it is there twice."""
    if name is None:
        return None
    getlist = getattr(headers, "getlist", None)
    values = getlist(name) if getlist else [headers[name]] if name in headers else []
    if len(values) > 1:
        raise ArrivalRefused(f"the header {name} is there {len(values)} times")
    return values[0].strip() or None if values else None


def _fhir_user(text: str | None) -> str | None:
    if text is None:
        return None
    try:
        return read_fhir_user(text).text
    except ValueError as error:
        raise ArrivalRefused(f"the header for fhir_user names nobody of our FHIR server: {error}") from error
