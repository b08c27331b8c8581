"""An app as pages show it. Whatever the app brought is hostile until it is cleaned here.

Owns which of a client's fields are shown, and how. Names and reasons are made fit by `spec.shown_text`; links are https
alone, to a host that can be named; hosts are shown in ASCII (`xn--…`), so that none passes for another; a logo is our
own picture of it (`actions.apps.logos`), and no page waits for one.
Sources: RFC 7591 2 and 5 (what registered clients say of themselves), RFC 5891 4.4 (A-labels), RFC 3986 7.6.
"""

import re
from collections.abc import Mapping
from typing import Final

from assent.actions.apps.logos import is_due, logo_of
from assent.records.clients import Client
from assent.spec.shown_text import LONGEST_REASON, shown_text
from assent.web.dates import say_instant
from assent.web.messages import Messages
from assent.web.origins import host_of
from assent.web.site import Site
from assent.web.views import AppView

_LINK: Final = re.compile(r"https://[^\s\\@/?#]+([/?#][^\s\\]*)?", re.ASCII)


async def show_app(
    site: Site, client: Client, messages: Messages, redirect_uri: str | None = None
) -> AppView:
    """The app with its logo, where we have one; one that is still to be fetched is asked for, and not waited for.

    `redirect_uri`: where the person will be sent, if she will.
    """
    logo = await logo_of(site.server, client)
    if is_due(client, logo, site.server.now()):
        site.want_logo(client.client_id)
    picture = logo.picture_hash if logo else None
    return app_view(client, messages, redirect_uri, site.to(f"/logos/{picture}.png") if picture else None)


def app_view(
    client: Client, messages: Messages, redirect_uri: str | None = None, logo_url: str | None = None
) -> AppView:
    """The app without asking for its logo."""
    return AppView(
        name=shown_name(client),
        publisher=shown_text(client.publisher or "") or None,
        logo_url=logo_url,
        reviewed=say_instant(client.reviewed_at, messages) if client.reviewed_at else None,
        host=host_of(redirect_uri) if redirect_uri else None,
        site_url=_link(client.client_uri),
        policy_url=_link(client.policy_uri),
        terms_url=_link(client.tos_uri),
    )


def shown_name(client: Client) -> str:
    """The app's name; its client_id where nothing of the name can be shown."""
    return shown_text(client.client_name) or shown_text(client.client_id)


def shown_reasons(client: Client) -> Mapping[str, str]:
    """The app's own words for why it needs a scope, by the scope's text; none that is empty."""
    cleaned = {
        scope: shown_text(words, LONGEST_REASON) for scope, words in (client.scope_reasons or {}).items()
    }
    return {scope: words for scope, words in cleaned.items() if words}


def _link(uri: str | None) -> str | None:
    """The address, if a page may link to it: https, a host that can be named, nothing that browsers read otherwise."""
    return uri if uri is not None and _LINK.fullmatch(uri) and host_of(uri) else None
