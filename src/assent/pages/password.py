"""`/account/password`: another password, for whoever is signed in and knows the one she has."""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from assent.actions.accounts.passwords import change_password
from assent.actions.refusals import Refused
from assent.identity import Inbound
from assent.identity.guarded import LOCAL
from assent.pages.forgot import tell_of_change
from assent.pages.own import Own, open_own, read_own_form
from assent.pages.password_words import say_flaw
from assent.records.people import Person
from assent.spec.errors import TooManyRequests
from assent.web.site import Site, page_route, see_other

PATH: Final = "/account/password"
ACCOUNT: Final = "/account"
PURPOSE: Final = "password"


def has_password(inbound: Inbound, person: Person) -> bool:
    """Whether a person signs in with a password of ours."""
    return person.password_hash is not None and inbound.password_module(LOCAL) is not None


def password_routes(site: Site, inbound: Inbound) -> list[Route]:
    """The page."""

    async def get(request: Request) -> Response:
        own = await open_own(site, request, PATH)
        if not isinstance(own, Own):
            return own
        return _show(own) if has_password(inbound, own.person) else see_other(site.to(ACCOUNT))

    async def post(request: Request) -> Response:
        read = await read_own_form(site, request, PURPOSE, PATH)
        if isinstance(read, Response):
            return read
        form, own = read
        if not has_password(inbound, own.person):
            return see_other(site.to(ACCOUNT))
        new, again = form.one("password") or "", form.one("again")
        if again is not None and again != new:
            return _show(own, own.messages.text("password.problem.differ"), "password")
        return await _change(own, form.one("current") or "", new)

    return [page_route(PATH, get, post)]


async def _change(own: Own, current: str, new: str) -> Response:
    site, text = own.site, own.messages.text
    try:
        flaw = await change_password(
            site.server, site.passwords, own.signed_in, current, new, site.caller(own.request)
        )
    except TooManyRequests as slow:
        response = _show(own, text("reset.problem.slow"), "current", 429)
        response.headers["Retry-After"] = str(slow.retry_after_seconds)
        return response
    except Refused:
        return _show(own, text("password.problem.changed"), "password", 409)
    if flaw is not None:
        return _show(own, say_flaw(flaw, own.messages), "current" if flaw.words == "current" else "password")
    tell_of_change(site, own.person, own.messages)
    return see_other(site.to(f"{ACCOUNT}?password"))


def _show(own: Own, problem: str | None = None, field: str = "password", status: int = 200) -> Response:
    context = {
        "csrf": own.csrf(PURPOSE),
        "action": own.site.to(PATH),
        "least": own.site.passwords.least_length,
        "problem": problem,
        "problem_field": field,
        "account_url": own.site.to(ACCOUNT),
    }
    return own.show("password.html", context, status)
