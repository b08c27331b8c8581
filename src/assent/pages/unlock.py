"""`/unlock`: the page of the link that is mailed when an account is locked. It unlocks, and signs nobody in.

Opening the link changes nothing, since mail programs open links by themselves; the button does.
"""

from typing import Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from assent.actions.accounts.locks import offer_unlocking, unlock_by_link
from assent.web.dates import say_duration
from assent.web.forms import read_page_form
from assent.web.mails import messages_for, write_mail
from assent.web.site import Site, page_route

PATH: Final = "/unlock"


def unlock_routes(site: Site) -> list[Route]:
    """The page; none where no mail can be sent."""
    if site.post is None:
        return []

    async def get(request: Request) -> Response:
        browser, handle = site.browser(request), request.query_params.get("link", "")
        context = {
            "page": site.view(),
            "csrf": site.guard.token(browser, _purpose(handle)),
            "action": site.to(f"{PATH}?{urlencode({'link': handle})}"),
        }
        response = site.page(request, "unlock.html", context)
        site.guard.remember(response, browser)
        return response

    async def post(request: Request) -> Response:
        form, handle = await read_page_form(request), request.query_params.get("link", "")
        site.guard.check_form(request, form, _purpose(handle))
        is_done = await unlock_by_link(site.server, handle, site.caller(request))
        messages, words = site.messages(request), "done" if is_done else "over"
        context = {
            "page": site.view(),
            "title": messages.text(f"unlock.{words}"),
            "text": messages.text(f"unlock.{words}_text"),
            "link_url": site.to("/login"),
            "link_text": messages.text("reset.done_sign_in"),
        }
        return site.page(request, "told.html", context, 200 if is_done else 410)

    return [page_route(PATH, get, post)]


async def tell_of_lock(site: Site, request: Request, person_id: str | None) -> None:
    """Mails somebody whose account was just locked how to unlock it, where that can be done."""
    if site.post is None or person_id is None:
        return
    lock = await offer_unlocking(site.server, person_id)
    if lock is None:
        return
    messages = messages_for(lock.person, site.looks.own.language.languages, site.messages(request))
    mail = write_mail(
        messages,
        "locked",
        lock.person.email or "",
        site.organization,
        link=f"{site.server.issuer.url}{PATH}?{urlencode({'link': lock.handle})}",
        person_id=lock.person.person_id,
        username=lock.person.username,
        duration=say_duration(lock.until - site.server.now(), messages),
    )
    site.post.send_later(mail)


def _purpose(handle: str) -> str:
    return f"unlock {handle[:200]}"
