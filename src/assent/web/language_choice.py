"""In which language a page is: who may say so, in which order, and the switch on the page.

1. what the person chose on a page of this very request (the switch: `?language=de`),
2. what the app asked for (`ui_locales`),
3. what the person chose before,
4. what her browser says (`Accept-Language`).

The switch is a link to the page itself with `language` added, so that it needs no script and loses no request. The
choice is kept in a cookie, which remembers the request that it was made in: there it goes before the app's wish.
A preference is all that such a link can set.

Sources: OpenID Connect Core 1.0 3.1.2.1 (ui_locales), RFC 9110 12.5.4, WCAG 2.2 3.1.1 (language of page).
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Final, Literal
from urllib.parse import urlencode

from starlette.requests import HTTPConnection

from assent.web.cookies import Cookie
from assent.web.headers import add_header
from assent.web.languages import Languages
from assent.web.messages import Messages
from assent.web.negotiation import negotiate, read_accept_language, read_ui_locales

PARAMETER: Final = "language"
FLOW: Final = "flow"
_WISHES: Final = "assent.ui_locales"


@dataclass(frozen=True, slots=True)
class LanguageLink:
    """One language of the switch: its own name of itself, and the page in it."""

    language: str
    name: str
    direction: Literal["ltr", "rtl"]
    url: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class LanguageChoice:
    """The languages of an issuer's pages, and the cookie that keeps a choice."""

    languages: Languages
    cookie: Cookie

    def messages(self, request: HTTPConnection) -> Messages:
        """The texts for whoever sent `request`."""
        for wishes in self._wishes(request):
            found = negotiate(wishes, self.languages.tags)
            if found is not None:
                language, tag = found
                return replace(self.languages.by_tag[language], language=tag)
        return self.languages.english

    def links(self, request: HTTPConnection) -> tuple[LanguageLink, ...]:
        """The switch; none where there is nothing to choose, or where the page answers what cannot be sent again."""
        if request.scope.get("method") != "GET" and FLOW not in request.query_params:
            return ()
        current = self.messages(request).language
        known = [(name, value) for name, value in request.query_params.multi_items() if name != PARAMETER]
        links = tuple(
            LanguageLink(
                language=tag,
                name=name_of(messages),
                direction=messages.direction,
                url=f"?{urlencode([*known, (PARAMETER, tag)])}",
                is_current=current == tag
                or (current.startswith(f"{tag}-") and current not in self.languages.tags),
            )
            for tag, messages in self.languages.by_tag.items()
        )
        return links if len(links) > 1 else ()

    def keep(self, request: HTTPConnection) -> None:
        """Keep what the switch says, on whatever answers `request`."""
        chosen = request.query_params.get(PARAMETER)
        if chosen in self.languages.tags:
            add_header(request, "set-cookie", self.cookie.header(f"{chosen}.{_flow_mark(request)}"))

    def _wishes(self, request: HTTPConnection) -> Iterator[tuple[str, ...]]:
        yield (request.query_params.get(PARAMETER, ""),)
        kept, _, mark = (self.cookie.read(request) or "").partition(".")
        is_of_this_flow = mark != "" and mark == _flow_mark(request)
        if is_of_this_flow:
            yield (kept,)
        asked = request.scope.get(_WISHES) or request.query_params.get("ui_locales", "")
        yield read_ui_locales(asked)
        yield (kept,)
        yield read_accept_language(request.headers.get("accept-language", ""))


def prefer_locales(request: HTTPConnection, ui_locales: str | None) -> None:
    """Remember what the app of a stored request asked for, for every page that answers `request`."""
    request.scope[_WISHES] = ui_locales or ""


def name_of(messages: Messages) -> str:
    """A language's own name of itself: `English`, `Español`, `العربية`."""
    locale = messages.locale
    name = str(locale.get_language_name(locale) or messages.language)
    if "-" in messages.language:
        name = str(locale.get_display_name(locale) or name)
    return name[:1].upper() + name[1:]


def _flow_mark(request: HTTPConnection) -> str:
    """Stands for the authorization request of a page in the cookie; empty outside of one."""
    flow = request.query_params.get(FLOW, "")
    return sha256(flow.encode()).hexdigest()[:16] if flow else ""
