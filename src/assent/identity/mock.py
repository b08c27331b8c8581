"""For development only: lets anybody in under any user name, and asks for no password.

It is refused on a public URL that is not loopback, `assent check` warns of it, and the sign-in page says so.
"""

from assent.engine.server import AuthorizationServer, Caller
from assent.identity import Refused
from assent.identity.mapping import PermissionRule, permissions_of, roles_of
from assent.records.identities import Arrival
from assent.spec.identifiers import is_fhir_id


class Mock:
    """Fulfils `PasswordModule`. `fhir_user_type`: everybody is the resource of this type with the user name as id."""

    name = "mock"

    def __init__(self, title: str, fhir_user_type: str, rules: tuple[PermissionRule, ...]) -> None:
        self.title = title
        self._type = fhir_user_type
        self._rules = rules

    async def sign_in(
        self, server: AuthorizationServer, username: str, password: str, caller: Caller
    ) -> Arrival | Refused:
        """Whoever it says it is."""
        name = username.strip()
        if not name:
            return Refused("no user name")
        return Arrival(
            self.name,
            "mock",
            name,
            name,
            (),
            fhir_user=f"{self._type}/{name}" if self._type and is_fhir_id(name) else None,
            permissions=permissions_of(self._rules, ()),
            roles=roles_of(self._rules, ()),
        )
