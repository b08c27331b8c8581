"""What the browser noticed: complaints of its console, answers that failed, hosts that were asked."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, Response

OUR_HOSTS = {"localhost", "127.0.0.1"}


@dataclass
class Watch:
    """Of one browser context. `allowed` are words that a complaint may contain, where a test provokes it."""

    complaints: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    hosts: set[str] = field(default_factory=set)
    allowed: list[str] = field(default_factory=list)

    def over(self, context: BrowserContext) -> "Watch":
        """Looks at every page of the context, those that it opens later too."""
        context.on("console", self._heard)
        context.on("request", self._asked)
        context.on("response", self._answered)
        context.on("page", self._opened)
        return self

    def expect(self, words: str) -> None:
        """The browser will complain about this, rightly."""
        self.allowed.append(words)

    def check(self) -> None:
        """Nothing went wrong that was not expected, and nobody else was asked."""
        noticed = [*self.complaints, *self.faults]
        assert [each for each in noticed if not any(words in each for words in self.allowed)] == []
        assert self.hosts <= OUR_HOSTS

    def _opened(self, page: Page) -> None:
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))

    def _heard(self, message: ConsoleMessage) -> None:
        # a violated Content-Security-Policy is told here too
        if message.type in ("error", "warning"):
            self.complaints.append(f"{message.location.get('url', '')}: {message.text}")

    def _asked(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in ("http", "https", "ws", "wss"):
            self.hosts.add(parts.hostname or "")

    def _answered(self, response: Response) -> None:
        if response.status >= 500:
            self.faults.append(f"{response.status} {response.url}")
