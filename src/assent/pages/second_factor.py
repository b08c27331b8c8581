"""`/second-factor`: the second thing that shows who she is, for an authorization request (`flow`) or a page (`to`).

Whoever has set nothing up, and must, sets up an authenticator app here. A factor that was proven begins a session under
a new id. Source: OWASP Multifactor Authentication, NIST SP 800-63B 5.
"""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from assent.engine.authorize.resume import Waiting, settle_second_factor
from assent.engine.authorize.steps import LOGIN, NEW_PASSWORD, SECOND_FACTOR
from assent.engine.second_factors import Factors, find_factors, is_fresh
from assent.engine.sessions import HalfSignedIn, SignedIn, SomeSignIn, end_session, find_sign_in, step_up
from assent.identity.second_factor.changing import confirm_codes
from assent.identity.second_factor.codes import begin_setup
from assent.identity.second_factor.passkeys import PasskeyRefused, amr_of, prove_passkey
from assent.identity.second_factor.proving import Proven, note_refused, prove_by_code
from assent.identity.second_factor.remembering import remember_browser
from assent.pages.arriving import mark_proven, wanted_page
from assent.pages.factor_setup import qr_routes, setup_view
from assent.pages.journey import Visit, asking_app, visit
from assent.pages.passkeys import party_of, proving_options
from assent.spec.errors import TooManyRequests
from assent.web.csrf import Browser
from assent.web.dates import say_duration
from assent.web.forms import Form, read_page_form
from assent.web.headers import add_header, allow_form_target
from assent.web.journey import advance
from assent.web.messages import Messages
from assent.web.site import Site, page_route, see_other

PATH = SECOND_FACTOR.path


@dataclass(frozen=True, slots=True)
class Asked:
    """Who has to show a second factor, and what for: a waiting request, or the page `to`."""

    site: Site
    request: Request
    browser: Browser
    sign_in: SomeSignIn
    factors: Factors
    waiting: Waiting | None
    to: str

    @property
    def messages(self) -> Messages:
        """The texts in her language."""
        return self.site.messages(self.request)

    @property
    def url(self) -> str:
        """This page, for what she wants."""
        asked = f"flow={self.waiting.handle}" if self.waiting else f"to={self.to}"
        return self.site.to(f"{PATH}?{asked}")


@dataclass(frozen=True, slots=True)
class Problem:
    """Why the page is shown again."""

    text: str
    status: int = 200
    retry_after: int | None = None


def second_factor_routes(site: Site) -> list[Route]:
    """The page, and the picture that it shows where an app is set up."""

    async def get(request: Request) -> Response:
        asked = await _asked(site, request, site.browser(request))
        return await _show(asked) if isinstance(asked, Asked) else asked

    async def post(request: Request) -> Response:
        form = await read_page_form(request)
        browser = site.guard.check_form(request, form, _purpose(site, request))
        asked = await _asked(site, request, browser)
        if not isinstance(asked, Asked):
            return asked
        if form.one("decision") == "leave":
            return await _leave(asked)
        if not asked.factors.has_any:
            return await _set_up(asked, form)
        answer = await _prove(asked, form)
        if isinstance(answer, Problem):
            return await _show(asked, answer)
        if form.one("remember") is not None:
            await _remember(asked)
        return await _go_on(asked, answer)

    return [page_route(PATH, get, post), *qr_routes(site)]


async def _asked(site: Site, request: Request, browser: Browser) -> Asked | Response:
    """Who is asked for what, or the way on where nothing is left to ask."""
    waiting: Waiting | None = None
    if "flow" in request.query_params:
        seen = await visit(site, request, SECOND_FACTOR, browser)
        if not isinstance(seen, Visit):
            return seen
        waiting = seen.waiting
        sign_in: SomeSignIn | None = waiting.progress.half or waiting.progress.signed_in
    else:
        sign_in = await find_sign_in(site.server, site.session_cookie.read(request))
    to = wanted_page(request)
    if sign_in is None:
        return see_other(site.to(f"{LOGIN.path}?to={to}"))
    if isinstance(sign_in, HalfSignedIn) and sign_in.lacks != "factor":
        return see_other(site.to(f"{NEW_PASSWORD.path}?to={to}"))
    factors = await find_factors(site.server, sign_in.person.person_id)
    if isinstance(sign_in, SignedIn):
        fresh = is_fresh(site.server, sign_in.session, factors)
        if waiting is None and (fresh or not factors.has_any):
            return see_other(site.to(to))
        if waiting is not None and not (fresh or factors.has_any):
            # a browser that was left alone sets up nothing: she signs in again first
            return see_other(site.to(f"{LOGIN.path}?flow={waiting.handle}&again"))
    return Asked(site, request, browser, sign_in, factors, waiting, to)


async def _prove(asked: Asked, form: Form) -> Proven | Problem:
    site, messages = asked.site, asked.messages
    server, caller = site.server, site.caller(asked.request)
    try:
        if answer := form.one("passkey"):
            proven = await _prove_by_passkey(asked, answer)
        else:
            code = form.one("recovery_code") or form.one("code") or ""
            proven = await prove_by_code(server, site.sealer, asked.sign_in, asked.factors, code, caller)
    except TooManyRequests as slow:
        time = say_duration(slow.retry_after_seconds, messages)
        return Problem(messages.text("factor.problem.slow", time=time), 429, slow.retry_after_seconds)
    except PasskeyRefused as refused:
        await note_refused(server, asked.sign_in.person.person_id, "passkey", caller, reason=str(refused))
        return Problem(messages.text("factor.problem.passkey"))
    return proven or Problem(messages.text("factor.problem.wrong"))


async def _prove_by_passkey(asked: Asked, answer: str) -> Proven | None:
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


async def _set_up(asked: Asked, form: Form) -> Response:
    """Takes an app into use that was set up on the way, and shows the recovery codes before going on."""
    site, caller = asked.site, asked.site.caller(asked.request)
    codes = await confirm_codes(site.server, site.sealer, asked.sign_in, form.one("code") or "", caller)
    if codes is None:
        return await _show(asked, Problem(asked.messages.text("factor.setup.problem")))
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


async def _go_on(asked: Asked, proven: Proven) -> Response:
    site, request = asked.site, asked.request
    # on whatever answers: the session before is ended
    add_header(request, "set-cookie", site.session_cookie.header(proven.cookie))
    mark_proven(site, request, proven.session.person_id)
    if asked.waiting is None:
        return see_other(site.to(asked.to))
    await settle_second_factor(site.server, asked.waiting, proven.session)
    return await advance(site, request, asked.waiting.handle, asked.browser, proven.cookie)


async def _remember(asked: Asked) -> None:
    site, request = asked.site, asked.request
    if site.server.settings.second_factor_remember_days == 0:
        return
    known = site.remembered_cookie.read(request)
    value = await remember_browser(site.server, known, asked.sign_in.person, site.caller(request))
    add_header(request, "set-cookie", site.remembered_cookie.header(value))


async def _leave(asked: Asked) -> Response:
    """Somebody else sits here: what was begun ends, the request waits for the next to sign in."""
    site, session = asked.site, asked.sign_in.session
    await end_session(
        site.server,
        session,
        because="not the person",
        actor=session.person_id,
        caller=site.caller(asked.request),
    )
    response = see_other(asked.url.replace(site.to(PATH), site.to(LOGIN.path)))
    site.session_cookie.clear(response)
    return response


async def _show(asked: Asked, problem: Problem | None = None) -> Response:
    site, request, messages = asked.site, asked.request, asked.messages
    waiting = asked.waiting
    if waiting is not None:
        allow_form_target(request, waiting.progress.request.redirect_uri)
    context: dict[str, object] = {
        "page": site.view(asked.sign_in.person),
        "csrf": site.guard.token(asked.browser, _purpose(site, request)),
        "action": asked.url,
        "app": await asking_app(site, waiting, messages) if waiting else None,
        "problem": problem.text if problem else None,
        "can_leave": True,
    }
    if asked.factors.has_any:
        template = "second_factor.html"
        context |= {
            "has_codes": asked.factors.one_time_codes is not None,
            "passkey_options": proving_options(site, request, asked.browser, asked.sign_in, asked.factors),
            "remember_days": site.server.settings.second_factor_remember_days,
        }
    else:
        template = "second_factor_setup.html"
        setup = await begin_setup(site.server, site.sealer, asked.sign_in, site.organization)
        context |= {"setup": setup_view(site, setup), "is_required": True}
    response = site.page(request, template, context, problem.status if problem else 200)
    if problem is not None and problem.retry_after is not None:
        response.headers["Retry-After"] = str(problem.retry_after)
    site.guard.remember(response, asked.browser)
    return response


def _purpose(site: Site, request: Request) -> str:
    """What the form's token is bound to: this very sign-in, and what it is for."""
    wanted = request.query_params.get("flow") or wanted_page(request)
    return f"second factor {wanted} {site.session_cookie.read(request) or ''}"
