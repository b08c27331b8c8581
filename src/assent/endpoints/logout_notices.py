"""What a provider is answered that says that somebody signed out, by whichever channel.

Why a notice signs nobody out is for logs and metrics alone: anybody may send what is none, and must not fill the audit
log. Sources: OpenID Connect Back-Channel Logout 1.0 2.8, Front-Channel Logout 1.0 2.
"""

from collections.abc import Awaitable, Callable
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from assent.engine.events import audit_event
from assent.engine.provider_logout import Replayed
from assent.identity import LogoutRefused, ModuleDown
from assent.spec.errors import InvalidRequest
from assent.web.site import Site

_NOT_KEPT: Final = {"cache-control": "no-store"}


async def answer_notice(
    site: Site, request: Request, name: str, end: Callable[[], Awaitable[None]]
) -> Response:
    """Does what the notice of the provider `name` asks for, and says how that went."""
    try:
        await end()
    except InvalidRequest as error:
        return refuse_notice(400, error.description)
    except (LogoutRefused, Replayed) as error:
        note_no_logout(site, request, name, str(error) or "logout token: replayed")
        return refuse_notice(400, "this signs nobody out")
    except ModuleDown as error:
        note_no_logout(site, request, name, str(error))
        return refuse_notice(503, "the provider does not answer")
    return Response(status_code=200, headers=_NOT_KEPT)


def refuse_notice(status: int, why: str) -> Response:
    """No to a notice."""
    return JSONResponse({"error": "invalid_request", "error_description": why}, status, _NOT_KEPT)


def note_no_logout(site: Site, request: Request, name: str, reason: str) -> None:
    """Why a provider's word signs nobody out."""
    detail = {"reason": reason, "module": name}
    site.server.observe(
        audit_event(site.server, "provider.logout", "refused", caller=site.caller(request), detail=detail)
    )
