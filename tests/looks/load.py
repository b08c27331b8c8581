"""What came over the wire while a page was loaded, and what the browser said about it."""

import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Error, Page, Request, Response


@dataclass
class Load:
    """All requests of one page since the last navigation of its main frame."""

    requests: list[Request] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    document: Response | None = None

    def over(self, page: Page) -> "Load":
        """Looks at this page from now on."""
        page.on("request", self._asked)
        page.on("response", self._answered)
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        return self

    def forget(self) -> None:
        """Begins anew."""
        self.requests.clear()
        self.complaints.clear()
        self.document = None

    @property
    def origins(self) -> set[str]:
        """Every origin that was asked."""
        return {"{0.scheme}://{0.netloc}".format(urlsplit(each.url)) for each in self.requests}

    @property
    def weight(self) -> int:
        """Bytes of the page, its style sheets and its pictures, as they were sent; an app's own script is not ours."""
        kinds = ("document", "stylesheet", "image", "font")
        bodies = [each.response() for each in self.requests if each.resource_type in kinds]
        return sum(_size(body) for body in bodies if body is not None and body.status == 200)

    @property
    def policy(self) -> str:
        """The Content-Security-Policy of the document."""
        return self._document().headers.get("content-security-policy", "")

    @property
    def source(self) -> str:
        """The document's text as it was sent, before the browser made a tree of it."""
        return self._document().text()

    def _document(self) -> Response:
        assert self.document is not None, "no page was loaded"
        return self.document

    def _asked(self, request: Request) -> None:
        if request.is_navigation_request() and request.frame.parent_frame is None:
            self.forget()
        self.requests.append(request)

    def _answered(self, response: Response) -> None:
        request = response.request
        if request.is_navigation_request() and request.frame.parent_frame is None:
            self.document = response

    def _heard(self, message: ConsoleMessage) -> None:
        # a violated Content-Security-Policy is told here too; an error page's own status is no complaint about it
        is_own_status = re.search(r"the server responded with a status of (4|503)", message.text)
        if message.type in ("error", "warning") and not is_own_status:
            self.complaints.append(message.text)


def _size(response: Response) -> int:
    try:
        return len(response.body())
    except Error as error:
        if "navigated away" not in error.message:
            raise
        return 0  # of the page before: its picture was asked for when this page had begun to load


@dataclass
class Loads:
    """Of all pages of a browser context, those that it opens later too."""

    by_page: dict[Page, Load] = field(default_factory=dict)

    def over(self, context: BrowserContext) -> "Loads":
        """Looks at every page from now on."""
        context.on("page", self._opened)
        return self

    def of(self, page: Page) -> Load:
        """What this page has loaded."""
        return self.by_page[page]

    def _opened(self, page: Page) -> None:
        self.by_page[page] = Load().over(page)
