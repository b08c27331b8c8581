"""All that keeps one person from signing in after wrong passwords or codes, whichever module she gave them to.

A row of the throttle is found by whom the module knew it to be about, under whatever name she typed there and in
whatever browser; that of an account of our own by its name, too.
"""

from assent.engine.server import AuthorizationServer
from assent.identity.guarded import LOCAL, account_of
from assent.identity.second_factor.attempts import counts_attempts
from assent.identity.throttle import account_key, end_wait, held_rows, lift_lock
from assent.records.people import Person, Throttle


async def locks_of(server: AuthorizationServer, person: Person) -> tuple[Throttle, ...]:
    """The locks and delays that hold now."""
    return await held_rows(server, person.person_id, local_key(server, person))


async def lift_locks(server: AuthorizationServer, person: Person) -> bool:
    """Ends all of them; whether there was one. The next lock is as long as if these had run their time."""
    lifted = [await lift_lock(server, row.key) for row in await locks_of(server, person)]
    return any(lifted)


async def lift_locks_by_mail(server: AuthorizationServer, person: Person) -> bool:
    """The same for whoever reads her mail, which is one proof: of the wrong second factors, the wait ends and the count
    goes on, so that a reset or a link is worth one more guess at them and no more.
    """
    held = await locks_of(server, person)
    lifted = [await (end_wait if counts_attempts(row) else lift_lock)(server, row.key) for row in held]
    return any(lifted)


def local_key(server: AuthorizationServer, person: Person) -> str:
    """The key of the account that a person has here by her name."""
    return account_key(server, account_of(server, LOCAL, person.username))
