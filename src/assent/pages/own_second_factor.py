"""`/account/second-factor`: what a person has set up beside her password, and changing it.

Whoever looks has shown a second factor a moment ago, or signed in a moment ago where she has none: a browser that was
left alone changes nothing. Source: NIST SP 800-63B 6.1.2 (binding further authenticators).
"""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from assent.engine.authorize.steps import LOGIN, SECOND_FACTOR
from assent.engine.second_factors import Factors, find_factors, is_fresh, is_required
from assent.engine.sessions import step_up
from assent.identity.second_factor.changing import (
    confirm_codes,
    keep_passkey,
    remove_codes,
    remove_passkey,
    renew_recovery_codes,
)
from assent.identity.second_factor.codes import begin_setup
from assent.identity.second_factor.passkeys import PasskeyRefused, amr_of, read_new_passkey
from assent.identity.second_factor.proving import note_refused
from assent.identity.second_factor.remembering import forget_browser, remembered_browsers
from assent.pages.arriving import mark_proven
from assent.pages.factor_setup import setup_view
from assent.pages.own import Own, open_own, read_own_form
from assent.pages.passkeys import making_options, party_of
from assent.records.second_factors import Passkey, RememberedBrowser
from assent.web.account_views import PasskeyView, RememberedView
from assent.web.browsers import say_browser
from assent.web.dates import say_ago, say_instant
from assent.web.errors import PageRefused
from assent.web.forms import Form
from assent.web.headers import add_header
from assent.web.site import Site, page_route, see_other

PATH = "/account/second-factor"
APP_PATH = "/account/second-factor/app"
ACCOUNT = "/account"
PURPOSE = "second factor of the account"


def own_second_factor_routes(site: Site) -> list[Route]:
    """The page, and the one on which an authenticator app is set up."""

    async def get(request: Request) -> Response:
        opened = await _open(site, request)
        return await _show(*opened) if isinstance(opened, tuple) else opened

    async def post(request: Request) -> Response:
        opened = await _read(site, request)
        return await _change(*opened) if isinstance(opened, tuple) else opened

    async def get_app(request: Request) -> Response:
        opened = await _open(site, request)
        return await _show_setup(opened[0]) if isinstance(opened, tuple) else opened

    async def post_app(request: Request) -> Response:
        opened = await _read(site, request)
        return await _set_up(opened[0], opened[2]) if isinstance(opened, tuple) else opened

    return [page_route(PATH, get, post), page_route(APP_PATH, get_app, post_app)]


async def _open(site: Site, request: Request) -> tuple[Own, Factors] | Response:
    own = await open_own(site, request, PATH)
    return await _looked_at(own) if isinstance(own, Own) else own


async def _read(site: Site, request: Request) -> tuple[Own, Factors, Form] | Response:
    read = await read_own_form(site, request, PURPOSE, PATH)
    if isinstance(read, Response):
        return read
    form, own = read
    looked = await _looked_at(own)
    return (*looked, form) if isinstance(looked, tuple) else looked


async def _looked_at(own: Own) -> tuple[Own, Factors] | Response:
    """Her factors, or the way to showing one first."""
    site = own.site
    if site.server.settings.second_factor == "off":
        return see_other(site.to(ACCOUNT))
    factors = await find_factors(site.server, own.person.person_id)
    if not is_fresh(site.server, own.signed_in.session, factors):
        step = SECOND_FACTOR if factors.has_any else LOGIN
        return see_other(site.to(f"{step.path}?to={PATH}"))
    return own, factors


async def _change(own: Own, factors: Factors, form: Form) -> Response:
    site, person, caller = own.site, own.person, own.site.caller(own.request)
    match form.one("decision"):
        case "remove-app":
            await remove_codes(site.server, person, caller)
        case "remove-passkey":
            await remove_passkey(site.server, own.signed_in, _hash(form.one("passkey_id")), caller)
        case "forget":
            await forget_browser(site.server, own.signed_in, form.one("browser") or "", caller)
        case "new-codes" if factors.has_any:
            return _show_codes(own, await renew_recovery_codes(site.server, person, caller))
        case "add-passkey":
            return await _add_passkey(own, factors, form)
        case _:
            raise PageRefused(400, "request", detail="decision is missing")
    return see_other(site.to(PATH))


def _hash(text: str | None) -> bytes:
    try:
        return bytes.fromhex(text or "")
    except ValueError as error:
        raise PageRefused(400, "request", detail="passkey_id is no id") from error


async def _add_passkey(own: Own, factors: Factors, form: Form) -> Response:
    site, person, caller = own.site, own.person, own.site.caller(own.request)
    party = party_of(site)
    if party is None:
        raise PageRefused(400, "request", detail="passkeys are switched off")
    answer, name = form.one("passkey") or "", form.one("name") or ""
    try:
        passkey = await read_new_passkey(site.server, party, own.browser.id, person, answer, name)
    except PasskeyRefused as refused:
        await note_refused(site.server, person.person_id, "passkey", caller, reason=str(refused))
        return await _show(own, factors, own.messages.text("factor.problem.passkey"))
    codes = await keep_passkey(site.server, person, factors, passkey, caller)
    if codes is None:
        return await _show(own, factors, own.messages.text("factor.problem.passkey"))
    await _step_up(own, amr_of(passkey), "passkey")
    return _show_codes(own, codes) if codes else see_other(site.to(PATH))


async def _set_up(own: Own, form: Form) -> Response:
    site, caller = own.site, own.site.caller(own.request)
    codes = await confirm_codes(site.server, site.sealer, own.signed_in, form.one("code") or "", caller)
    if codes is None:
        return await _show_setup(own, own.messages.text("factor.setup.problem"))
    await _step_up(own, ("otp",), "one-time code")
    return _show_codes(own, codes)


async def _step_up(own: Own, amr: tuple[str, ...], kind: str) -> None:
    """What was set up was shown in this: the session goes on under a new id."""
    site = own.site
    stepped = await step_up(site.server, own.signed_in, amr, site.caller(own.request), detail={"kind": kind})
    if stepped is not None:
        add_header(own.request, "set-cookie", site.session_cookie.header(stepped[0]))
        mark_proven(site, own.request, own.person.person_id)


def _show_codes(own: Own, codes: tuple[str, ...]) -> Response:
    return own.show("recovery_codes.html", {"codes": codes, "next_url": own.site.to(PATH)})


async def _show_setup(own: Own, problem: str | None = None) -> Response:
    site = own.site
    setup = await begin_setup(site.server, site.sealer, own.signed_in, site.organization)
    context: dict[str, object] = {
        "csrf": own.csrf(PURPOSE),
        "action": site.to(APP_PATH),
        "app": None,
        "problem": problem,
        "setup": setup_view(site, setup),
        "is_required": False,
        "can_leave": False,
    }
    return own.show("second_factor_setup.html", context)


async def _show(own: Own, factors: Factors, problem: str | None = None) -> Response:
    site, messages = own.site, own.messages
    kept = factors.one_time_codes
    left = factors.recovery_codes
    context: dict[str, object] = {
        "csrf": own.csrf(PURPOSE),
        "action": site.to(PATH),
        "problem": problem,
        "app_since": say_instant(kept.created_at, messages) if kept else None,
        "app_url": site.to(APP_PATH),
        "passkeys": tuple(_passkey_view(own, one) for one in factors.passkeys),
        "passkey_options": making_options(site, own.request, own.browser, own.signed_in, factors),
        "codes_left": len(left.code_hashes) if left and factors.has_any else None,
        "browsers": tuple(
            _remembered_view(own, one) for one in await remembered_browsers(site.server, own.person)
        ),
        "is_required": await is_required(site.server, own.person),
        "account_url": site.to(ACCOUNT),
    }
    return own.show("account_second_factor.html", context)


def _passkey_view(own: Own, passkey: Passkey) -> PasskeyView:
    messages, used = own.messages, passkey.last_used_at
    return PasskeyView(
        id=passkey.credential_hash.hex(),
        name=passkey.name or messages.text("factor.own.passkey_unnamed"),
        added=messages.text("factor.own.since", date=say_instant(passkey.created_at, messages)),
        used=messages.text("account.seen", ago=say_ago(used, own.site.server.now(), messages))
        if used
        else None,
    )


def _remembered_view(own: Own, browser: RememberedBrowser) -> RememberedView:
    messages = own.messages
    return RememberedView(
        id=browser.public_id,
        browser=say_browser(browser.user_agent, messages),
        until=messages.text("factor.own.browser_until", date=say_instant(browser.expires_at, messages)),
    )
