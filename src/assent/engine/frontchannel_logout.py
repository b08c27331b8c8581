"""A browser brings a provider's word that one of its sessions ended: the session here that began in it ends.

Nothing is signed, and no cookie of ours comes along: whoever knows the provider's `sid` can end that one session, and
do nothing else. Source: OpenID Connect Front-Channel Logout 1.0 2 and 3.
"""

from assent.engine.server import AuthorizationServer, Caller
from assent.engine.sessions import end_session, session_there
from assent.storage.tables import SESSIONS

_MOST_SESSIONS = 100


async def end_session_of_provider(
    server: AuthorizationServer, module: str, provider_session: str, caller: Caller
) -> int:
    """Ends the sessions that began in this session of a provider (`module`); gives how many."""
    where = {"module": module, "provider_session": session_there(provider_session)}
    ended = 0
    for session in await server.storage.find(SESSIONS, where, limit=_MOST_SESSIONS):
        if not session.ended_at:
            ended += await end_session(
                server, session, because="signed out at the provider", actor=None, caller=caller
            )
    return ended
