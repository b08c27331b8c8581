"""Each server of a directory tried out, as `assent doctor` shows it. Nobody signs in, and no person is looked for."""

from sansldap import FilterPresent, SearchScope

from assent.identity.ldap.servers import Access, open_service
from assent.identity.ldap.settings import LdapSettings
from assent.identity.ldap.urls import ServerUrl
from assent.identity.ldap.wire import Search, ServerDown


async def find_problem(settings: LdapSettings, access: Access, url: ServerUrl) -> str | None:
    """What is amiss with one server: reached, secured, the service account let in, people and groups to be read."""
    try:
        connection = await open_service(access, url)
        try:
            for base in dict.fromkeys((settings.base, settings.group_base or settings.base)):
                search = Search(base, FilterPresent("objectClass"), ("1.1",), SearchScope.BASE)
                if not (await connection.search(search)).entries:
                    return f"{url}: the service account cannot read {base}"
        finally:
            await connection.close()
    except ServerDown as problem:
        return str(problem)
    return None
