"""Finding a person by name: the one place where user names are compared."""

from assent.engine.server import AuthorizationServer
from assent.engine.settings import EngineSettings
from assent.records.people import Person
from assent.storage.tables import NAMES, PEOPLE


def name_key(settings: EngineSettings, username: str) -> str:
    """A user name as it is compared: without surrounding space, case-folded unless the setting says otherwise."""
    name = username.strip()
    return name if settings.username_case_sensitive else name.casefold()


async def find_person_by_name(server: AuthorizationServer, username: str) -> Person | None:
    """The person with this user name, enabled or not."""
    name = await server.storage.get(NAMES, name_key(server.settings, username))
    if name is None:
        return None
    return await server.storage.get(PEOPLE, name.person_id)
