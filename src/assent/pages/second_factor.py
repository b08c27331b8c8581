"""`/second-factor`: the second thing that shows who she is, for an authorization request (`flow`) or a page (`to`).

Whoever has set nothing up, and must, sets up an authenticator app here. A factor that was proven begins a session under
a new id. Source: OWASP Multifactor Authentication, NIST SP 800-63B 5.
"""

from dataclasses import dataclass

from starlette.responses import Response
from starlette.routing import Route

from assent.engine.authorize.resume import settle_second_factor
from assent.engine.authorize.steps import LOGIN, NEW_PASSWORD, SECOND_FACTOR
from assent.engine.second_factors import Factors, find_factors, is_fresh
from assent.engine.sessions import HalfSignedIn, step_up
from assent.identity.second_factor.changing import confirm_codes
from assent.identity.second_factor.codes import begin_setup
from assent.identity.second_factor.passkeys import PasskeyRefused, amr_of, prove_passkey
from assent.identity.second_factor.proving import Proven, note_refused, prove_by_code
from assent.identity.second_factor.remembering import remember_browser
from assent.pages.arriving import mark_proven
from assent.pages.factor_setup import qr_routes, setup_view
from assent.pages.passkeys import party_of, proving_options
from assent.pages.stopped import Stopped, leave, show_stopped, stopped_route
from assent.spec.errors import TooManyRequests
from assent.web.dates import say_duration
from assent.web.forms import Form
from assent.web.headers import add_header
from assent.web.journey import advance
from assent.web.site import Site, see_other


@dataclass(frozen=True, slots=True)
class Problem:
    """Why the page is shown again."""

    text: str
    status: int = 200
    retry_after: int | None = None


def second_factor_routes(site: Site) -> list[Route]:
    """The page, and the picture that it shows where an app is set up."""
    return [stopped_route(site, SECOND_FACTOR, _answer), *qr_routes(site)]


async def _answer(asked: Stopped, form: Form | None) -> Response:
    factors = await find_factors(asked.site.server, asked.sign_in.person.person_id)
    elsewhere = _way_on(asked, factors)
    if elsewhere is not None:
        return see_other(elsewhere)
    if form is None:
        return await _show(asked, factors)
    if form.one("decision") == "leave":
        return await leave(asked)
    if not factors.has_any:
        return await _set_up(asked, factors, form)
    answer = await _prove(asked, factors, form)
    if isinstance(answer, Problem):
        return await _show(asked, factors, answer)
    if form.one("remember") is not None:
        await _remember(asked)
    return await _go_on(asked, answer)


def _way_on(asked: Stopped, factors: Factors) -> str | None:
    """Where she goes where nothing is left to ask here."""
    site, sign_in, waiting = asked.site, asked.sign_in, asked.waiting
    if isinstance(sign_in, HalfSignedIn):
        lacks_factor = sign_in.lacks == "factor"
        return None if lacks_factor else site.to(f"{NEW_PASSWORD.path}?to={asked.to}")
    fresh = is_fresh(site.server, sign_in.session, factors)
    if waiting is None and (fresh or not factors.has_any):
        return site.to(asked.to)
    if waiting is not None and not (fresh or factors.has_any):
        # a browser that was left alone sets up nothing: she signs in again first
        return site.to(f"{LOGIN.path}?flow={waiting.handle}&again")
    return None


async def _prove(asked: Stopped, factors: Factors, form: Form) -> Proven | Problem:
    site, messages = asked.site, asked.messages
    server, caller = site.server, site.caller(asked.request)
    try:
        if answer := form.one("passkey"):
            proven = await _prove_by_passkey(asked, answer)
        else:
            code = form.one("recovery_code") or form.one("code") or ""
            proven = await prove_by_code(server, site.sealer, asked.sign_in, factors, code, caller)
    except TooManyRequests as slow:
        time = say_duration(slow.retry_after_seconds, messages)
        return Problem(messages.text("factor.problem.slow", time=time), 429, slow.retry_after_seconds)
    except PasskeyRefused as refused:
        await note_refused(server, asked.sign_in.person.person_id, "passkey", caller, reason=str(refused))
        return Problem(messages.text("factor.problem.passkey"))
    return proven or Problem(messages.text("factor.problem.wrong"))


async def _prove_by_passkey(asked: Stopped, answer: str) -> Proven | None:
    site = asked.site
    party = party_of(site)
    if party is None:
        raise PasskeyRefused("passkeys are switched off")
    passkey = await prove_passkey(site.server, party, asked.browser.id, asked.sign_in.person, answer)
    detail = {"kind": "passkey"}
    stepped = await step_up(
        site.server, asked.sign_in, amr_of(passkey), site.caller(asked.request), detail=detail
    )
    return Proven(*stepped) if stepped else None


async def _set_up(asked: Stopped, factors: Factors, form: Form) -> Response:
    """Takes an app into use that was set up on the way, and shows the recovery codes before going on."""
    site, caller = asked.site, asked.site.caller(asked.request)
    codes = await confirm_codes(site.server, site.sealer, asked.sign_in, form.one("code") or "", caller)
    if codes is None:
        return await _show(asked, factors, Problem(asked.messages.text("factor.setup.problem")))
    stepped = await step_up(site.server, asked.sign_in, ("otp",), caller, detail={"kind": "one-time code"})
    if stepped is None:
        return see_other(asked.url)
    cookie, session = stepped
    add_header(asked.request, "set-cookie", site.session_cookie.header(cookie))
    mark_proven(site, asked.request, session.person_id)
    if asked.waiting is not None:
        await settle_second_factor(site.server, asked.waiting, session)
    context = {
        "page": site.view(asked.sign_in.person),
        "codes": codes,
        "next_url": asked.url,
    }
    return site.page(asked.request, "recovery_codes.html", context)


async def _go_on(asked: Stopped, proven: Proven) -> Response:
    site, request = asked.site, asked.request
    # on whatever answers: the session before is ended
    add_header(request, "set-cookie", site.session_cookie.header(proven.cookie))
    mark_proven(site, request, proven.session.person_id)
    if asked.waiting is None:
        return see_other(site.to(asked.to))
    await settle_second_factor(site.server, asked.waiting, proven.session)
    return await advance(site, request, asked.waiting.handle, asked.browser, proven.cookie)


async def _remember(asked: Stopped) -> None:
    site, request = asked.site, asked.request
    if site.server.settings.second_factor_remember_days == 0:
        return
    known = site.remembered_cookie.read(request)
    value = await remember_browser(site.server, known, asked.sign_in.person, site.caller(request))
    add_header(request, "set-cookie", site.remembered_cookie.header(value))


async def _show(asked: Stopped, factors: Factors, problem: Problem | None = None) -> Response:
    site, request = asked.site, asked.request
    own: dict[str, object] = {"problem": problem.text if problem else None, "can_leave": True}
    if factors.has_any:
        template = "second_factor.html"
        own |= {
            "has_codes": factors.one_time_codes is not None,
            "passkey_options": proving_options(site, request, asked.browser, asked.sign_in, factors),
            "remember_days": site.server.settings.second_factor_remember_days,
        }
    else:
        template = "second_factor_setup.html"
        setup = await begin_setup(site.server, site.sealer, asked.sign_in, site.organization)
        own |= {"setup": setup_view(site, setup), "is_required": True}
    response = await show_stopped(asked, template, own, problem.status if problem else 200)
    if problem is not None and problem.retry_after is not None:
        response.headers["Retry-After"] = str(problem.retry_after)
    return response
