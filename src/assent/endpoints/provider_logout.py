"""`/login/{name}/backchannel-logout` and `/login/{name}/signed-out`: a provider signs somebody out, or did at our wish.

Sources: OpenID Connect Back-Channel Logout 1.0 2.5 to 2.8; RP-Initiated Logout 1.0 3.
"""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from assent.engine.events import audit_event
from assent.engine.provider_logout import Replayed, end_provider_sessions
from assent.identity import Inbound, LogoutRefused, ModuleDown, TakesLogoutTokens
from assent.spec.errors import InvalidRequest
from assent.spec.params import read_params
from assent.web.errors import PageRefused
from assent.web.forms import read_form
from assent.web.provider_exit import back_from_exit
from assent.web.site import Site, see_other

_NOT_KEPT = {"cache-control": "no-store"}  # Back-Channel Logout 2.8


def provider_logout_routes(site: Site, inbound: Inbound) -> list[Route]:
    """The endpoint for providers, and the page that people come back to."""

    async def notify(request: Request) -> Response:
        name = request.path_params["name"]
        module: object = await inbound.redirect_module(site.server, name)
        if not isinstance(module, TakesLogoutTokens):
            return _refuse(404, "there is no such provider")
        try:
            token = read_params(await read_form(request)).get("logout_token")
            if token is None:
                return _refuse(400, "logout_token is missing")
            notice = await module.read_logout(site.server, token)
            await end_provider_sessions(site.server, name, notice, site.caller(request))
        except InvalidRequest as error:
            return _refuse(400, error.description)
        except (LogoutRefused, Replayed) as error:
            note_no_logout(site, request, name, str(error) or "logout token: replayed")
            return _refuse(400, "the logout token is not valid")
        except ModuleDown as error:
            note_no_logout(site, request, name, str(error))
            return _refuse(503, "the provider's keys cannot be had now")
        return Response(status_code=200, headers=_NOT_KEPT)

    async def come_back(request: Request) -> Response:
        name = request.path_params["name"]
        if await inbound.exit_module(site.server, name) is None:
            raise PageRefused(404, "missing", detail="no such provider")
        browser = site.browser(request)
        departure = await back_from_exit(site, browser, name, request.query_params.get("state", ""))
        then = departure.kept.get("then") if departure is not None else None
        return see_other(then) if then is not None else signed_out_page(site, request)

    return [
        Route("/login/{name}/backchannel-logout", notify, methods=["POST"]),
        Route("/login/{name}/signed-out", come_back, methods=["GET"]),
    ]


def signed_out_page(site: Site, request: Request) -> Response:
    """The page that says so."""
    context = {
        "page": site.view(),
        "back_url": None,
        "back_name": None,
        "sign_in_url": site.to("/login"),
    }
    return site.page(request, "signed_out.html", context)


def note_no_logout(site: Site, request: Request, name: str, reason: str) -> None:
    """Why a provider's word signs nobody out, for logs and metrics alone.

    Anybody may send what is no such word, and must not fill the audit log.
    """
    detail = {"reason": reason, "module": name}
    site.server.observe(
        audit_event(site.server, "provider.logout", "refused", caller=site.caller(request), detail=detail)
    )


def _refuse(status: int, why: str) -> Response:
    body = {"error": "invalid_request", "error_description": why}
    return JSONResponse(body, status, _NOT_KEPT)
