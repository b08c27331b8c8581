"""A browser without script: keeps cookies, follows redirects, fills in the forms of a page as a person would.

It stays within one origin: where a page sends it elsewhere (an app's redirect URI), it stops and tells where to.
What a real browser makes of our headers is shown with a real one; this one is for everything else.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Final
from urllib.parse import parse_qsl, urljoin, urlsplit

import httpx
from starlette.types import ASGIApp

MOST_REDIRECTS: Final = 10
ELSEWHERE: Final = "https://elsewhere.example"


@dataclass(frozen=True, slots=True)
class Field:
    """One control of a form, as the page wrote it."""

    kind: str
    name: str
    value: str
    is_checked: bool = False


@dataclass(slots=True)
class HtmlForm:
    """A form of a page. `buttons` are its submit buttons by id (by value where they have none)."""

    action: str
    fields: list[Field] = field(default_factory=list)
    buttons: dict[str, Field] = field(default_factory=dict)

    def values(self, name: str) -> list[str]:
        """The values of the controls of this name, ticked or not."""
        return [one.value for one in self.fields if one.name == name]

    def filled(self, button: str, **given: str | Sequence[str] | None) -> list[tuple[str, str]]:
        """What is sent when the form is filled in so: `given` replaces the fields of its names, None drops them."""
        names = dict.fromkeys(one.name for one in self.fields)
        sent: list[tuple[str, str]] = []
        for name in names:
            if name not in given:
                sent += [(name, one.value) for one in self.fields if one.name == name and _is_sent(one)]
        for name, value in given.items():
            values = [] if value is None else [value] if isinstance(value, str) else value
            sent += [(name, one) for one in values]
        pressed = self.buttons[button]
        if pressed.name and pressed.name not in given:
            sent.append((pressed.name, pressed.value))
        return sent


def _is_sent(control: Field) -> bool:
    return control.is_checked or control.kind not in ("checkbox", "radio")


class _Forms(HTMLParser):
    """Finds the forms of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[HtmlForm] = []
        self._open: HtmlForm | None = None
        self._by_id: dict[str, HtmlForm] = {}
        self._elsewhere: list[tuple[str, str, Field]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = dict(attrs)
        if tag == "form":
            self._open = HtmlForm(has.get("action") or "")
            self.forms.append(self._open)
            self._by_id[has.get("id") or ""] = self._open
        elif self._open is not None and tag == "input" and has.get("name"):
            control = Field(
                has.get("type") or "text", has["name"] or "", has.get("value") or "", "checked" in has
            )
            self._open.fields.append(control)
        elif tag == "button" and (self._open is not None or has.get("form")):
            button = Field("submit", has.get("name") or "", has.get("value") or "")
            name = has.get("id") or button.value
            if has.get("form"):
                self._elsewhere.append((has["form"] or "", name, button))
            elif self._open is not None:
                self._open.buttons[name] = button

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None

    def join(self) -> None:
        """Gives buttons that name their form to it."""
        for form_id, name, button in self._elsewhere:
            if form_id in self._by_id:
                self._by_id[form_id].buttons[name] = button


def read_forms(html: str) -> tuple[HtmlForm, ...]:
    """The forms of a page."""
    found = _Forms()
    found.feed(html)
    found.join()
    return tuple(found.forms)


@dataclass(frozen=True, slots=True)
class Page:
    """Where the browser is: an answer of ours, or `left_to`, the URL of another origin that it was sent to.

    `trail`: the answers on the way here, the last one included.
    """

    url: str
    answer: httpx.Response
    trail: tuple[httpx.Response, ...]
    forms: tuple[HtmlForm, ...] = ()
    left_to: str | None = None

    @property
    def status(self) -> int:
        """The status of the last answer."""
        return self.answer.status_code

    @property
    def path(self) -> str:
        """The path of the page."""
        return urlsplit(self.url).path

    @property
    def text(self) -> str:
        """The page itself."""
        return self.answer.text

    @property
    def answered(self) -> dict[str, str]:
        """What an app finds in the query of its redirect URI; empty on a page of ours."""
        return dict(parse_qsl(urlsplit(self.left_to or "").query, keep_blank_values=True))

    def form(self, button: str = "submit") -> HtmlForm:
        """The form with this button. Raises LookupError with the page's text when there is none."""
        for form in self.forms:
            if button in form.buttons:
                return form
        raise LookupError(f"no form with a button {button!r} at {self.url} ({self.status}):\n{self.text}")


@dataclass
class Browser:
    """A person's browser at `origin`, which `app` serves in process, or (None) a real server. `page` is where it is."""

    app: ASGIApp | None
    origin: str
    address: str = "192.0.2.7"
    page: Page | None = None

    def __post_init__(self) -> None:
        self._client = self._new_client()

    def _new_client(self) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(self.app, client=(self.address, 50000)) if self.app else None
        return httpx.AsyncClient(
            transport=transport, base_url=self.origin, headers={"User-Agent": "a browser"}, timeout=60
        )

    @property
    def cookies(self) -> dict[str, str]:
        """The cookies it has, by name."""
        return {cookie.name: cookie.value or "" for cookie in self._client.cookies.jar}

    async def open(self, url: str) -> Page:
        """Goes to an address, as when a link is followed."""
        return await self._follow(await self._client.get(url))

    async def ask(self, method: str, url: str) -> httpx.Response:
        """Sends a request with its cookies, and follows nothing."""
        return await self._client.request(method, url)

    async def post(
        self, url: str, fields: Sequence[tuple[str, str]], headers: Mapping[str, str] | None = None
    ) -> Page:
        """Sends a form of a page of ours."""
        own = {"Origin": self.origin, "Sec-Fetch-Site": "same-origin"}
        return await self._follow(await self._post(self._client, url, fields, {**own, **(headers or {})}))

    async def post_from_elsewhere(self, url: str, fields: Sequence[tuple[str, str]]) -> Page:
        """Sends a form of another site: no SameSite=Lax cookie goes along, but on the redirects they do."""
        async with self._new_client() as bare:
            headers = {"Origin": ELSEWHERE, "Sec-Fetch-Site": "cross-site"}
            answer = await self._post(bare, url, fields, headers)
        self._client.cookies.update(bare.cookies)
        return await self._follow(answer)

    async def submit(self, button: str = "submit", **given: str | Sequence[str] | None) -> Page:
        """Fills in the form with this button and presses it."""
        return await self.submit_on(self.here, button, **given)

    async def submit_on(
        self, page: Page, button: str = "submit", **given: str | Sequence[str] | None
    ) -> Page:
        """The same on a page that is still open in another tab."""
        form = page.form(button)
        return await self.post(urljoin(page.url, form.action), form.filled(button, **given))

    async def sign_in(self, username: str, password: str = "demo") -> Page:
        """Fills in `/login`."""
        return await self.submit(username=username, password=password)

    async def choose(self, name: str, value: str) -> Page:
        """Picks one on `/context`: `patient` or `encounter`. Raises LookupError for what is not there to pick."""
        choices = self.here.form().values(name)
        if value not in choices:
            raise LookupError(f"no {name} {value} among {choices}")
        return await self.submit(**{name: value})

    async def approve(self, *, untick: Sequence[str] = ()) -> Page:
        """Says yes on `/approve`, but for what is unticked. Raises LookupError for a box that is not there."""
        boxes = self.here.form().values("scope")
        missing = set(untick) - set(boxes)
        if missing:
            raise LookupError(f"no box for {missing} among {boxes}")
        return await self.submit(scope=[box for box in boxes if box not in untick])

    async def deny(self) -> Page:
        """Presses the button that refuses."""
        return await self.submit("deny")

    @property
    def here(self) -> Page:
        """The page. Raises LookupError before the first."""
        if self.page is None:
            raise LookupError("the browser has not been anywhere")
        return self.page

    async def close(self) -> None:
        """Closes its connections to a real server."""
        await self._client.aclose()

    @staticmethod
    async def _post(
        client: httpx.AsyncClient, url: str, fields: Sequence[tuple[str, str]], headers: Mapping[str, str]
    ) -> httpx.Response:
        body = httpx.QueryParams(list(fields))
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        return await client.post(url, content=str(body).encode(), headers={**form, **headers})

    async def _follow(self, answer: httpx.Response) -> Page:
        trail = [answer]
        while answer.is_redirect:
            if len(trail) > MOST_REDIRECTS:
                raise RuntimeError(f"too many redirects: {[str(one.url) for one in trail]}")
            target = urljoin(str(answer.url), answer.headers["location"])
            if not target.startswith(self.origin + "/"):
                self.page = Page(str(answer.url), answer, tuple(trail), (), target)
                return self.page
            answer = await self._client.get(target)
            trail.append(answer)
        is_page = answer.headers.get("content-type", "").startswith("text/html")
        forms = read_forms(answer.text) if is_page else ()
        self.page = Page(str(answer.url), answer, tuple(trail), forms)
        return self.page
