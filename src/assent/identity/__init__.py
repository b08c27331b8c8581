"""Who is this person: the inbound security modules.

Owns finding out; what a sign-in leads to (accounts, sessions, steps) is `engine`'s business, how a page asks is
`pages`'. Three contracts: a module takes a password, sends the browser elsewhere, or trusts a header. One file, or one
folder, a module; which there are stands in `app.inbound`, and `testing.identity_suite` holds each to its contract.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

from assent.engine.provider_logout import NamedNotice
from assent.engine.server import AuthorizationServer, Caller
from assent.records.identities import Arrival
from assent.spec.id_tokens import LogoutNotice


@dataclass(frozen=True, slots=True)
class Refused:
    """Nobody was proven. `reason` is for the audit log: on the page all reasons look alike.

    Whom the module means by the name: `person_id`, where it keeps accounts of ours, else `known_as`, the provider and
    the subject of an identity. `is_locked`: with this attempt the account of `person_id` was locked, which she may want
    to know.
    """

    reason: str = "wrong name or password"
    person_id: str | None = None
    known_as: tuple[str, str] | None = None
    is_locked: bool = False


class ModuleDown(Exception):
    """What the module asks does not answer, or not sensibly; nobody is let in on a guess. The text is for the log."""


class ModuleBusy(ModuleDown):
    """More sign in at this moment than can be checked soon. Nothing was looked at, and nothing is counted."""

    def __init__(self, reason: str, *, retry_after_seconds: int) -> None:
        super().__init__(reason)
        self.retry_after_seconds = retry_after_seconds


class ArrivalRefused(Exception):
    """What came back from elsewhere proves nobody: forged, expired, replayed, or a refusal. The text is for the log."""


class LogoutRefused(Exception):
    """A provider's word that somebody signed out is none: forged, expired, another's. The text is for the log."""


class PasswordModule(Protocol):
    """A module that takes a user name and a password."""

    @property
    def name(self) -> str:
        """Its name in the configuration and in the audit log."""
        ...

    @property
    def title(self) -> str:
        """What people know it by, where there is a choice."""
        ...

    async def sign_in(
        self, server: AuthorizationServer, username: str, password: str, caller: Caller
    ) -> Arrival | Refused:
        """Who it is. Unknown name, wrong password and disabled account take as long as one another.

        Raises `ModuleDown`, `TooManyRequests`.
        """
        ...


@dataclass(frozen=True, slots=True)
class Trip:
    """Why a browser is sent elsewhere: `state` comes back with it, at `return_url`.

    `must_ask`: whoever is signed in there has to prove it again. `max_age`: how long ago she may have (seconds).
    """

    state: str = field(repr=False)
    return_url: str
    must_ask: bool = False
    max_age: int | None = None
    login_hint: str | None = None
    languages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sending:
    """Where the browser goes, and what the module wants to see again when it is back.

    `form`: what it posts there; it goes with a GET where there is nothing to post.
    """

    url: str
    kept: Mapping[str, Any] = field(default_factory=dict, repr=False)
    form: Mapping[str, str] = field(default_factory=dict, repr=False)


class RedirectModule(Protocol):
    """A module that sends the browser to a provider, from where it comes back with an answer.

    That the answer belongs to this browser and comes once was checked before `finish` is called.
    """

    @property
    def name(self) -> str:
        """Its name in the configuration, in URLs and in the audit log: `[a-z0-9-]`."""
        ...

    @property
    def title(self) -> str:
        """What people know the provider by."""
        ...

    async def begin(self, server: AuthorizationServer, trip: Trip) -> Sending:
        """Where to send the browser. Raises `ModuleDown`."""
        ...

    async def finish(
        self, server: AuthorizationServer, answer: Mapping[str, str], kept: Mapping[str, Any], return_url: str
    ) -> Arrival:
        """Who it is, from the parameters that came back. Raises `ArrivalRefused`, `ModuleDown`."""
        ...


@runtime_checkable
class SignsOutElsewhere(Protocol):
    """What a `RedirectModule` may be besides: one whose provider has sessions that end with ours."""

    @property
    def title(self) -> str:
        """What people know the provider by."""
        ...

    async def sign_out(
        self, server: AuthorizationServer, state: str, return_url: str, hint: str | None
    ) -> Sending | None:
        """Where the browser signs out there, to come back with `state`; None where it does not.

        `return_url` is where it comes back to, unless the provider knows that already. `hint`: the arrival's
        `logout_hint`. Raises `ModuleDown`.
        """
        ...


@runtime_checkable
class TakesLogoutTokens(Protocol):
    """What a `RedirectModule` may be besides: one whose provider tells us itself who signed out there."""

    async def read_logout(self, server: AuthorizationServer, logout_token: str) -> LogoutNotice:
        """Whom the provider itself signs out, of a logout token that is good. Raises `LogoutRefused`, `ModuleDown`."""
        ...


@runtime_checkable
class TakesFrontchannelLogout(Protocol):
    """What a `RedirectModule` may be besides: one whose provider has a browser say that a session ended."""

    async def read_frontchannel_logout(
        self, server: AuthorizationServer, issuer: str | None, session: str | None
    ) -> str:
        """The provider's session that ended, by `iss` and `sid`. Raises `LogoutRefused`, `ModuleDown`."""
        ...


@dataclass(frozen=True, slots=True)
class Brought:
    """A message that a browser brings from a provider. `query`: as it was sent; None when the message was posted."""

    fields: Mapping[str, str] = field(repr=False)
    query: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class LogoutOrder:
    """A provider's word, brought by a browser, that somebody signed out there. `answer`: where it goes then."""

    notice: NamedNotice
    answer: Sending | None


@runtime_checkable
class SignsOutByBrowser(Protocol):
    """What a `RedirectModule` may be besides: one whose provider speaks of signing out by way of the browser."""

    @property
    def title(self) -> str:
        """What people know the provider by."""
        ...

    async def read_logout_order(self, server: AuthorizationServer, brought: Brought) -> LogoutOrder:
        """Whom the provider signs out, of a message that is good. Raises `LogoutRefused`, `ModuleDown`."""
        ...

    async def check_logout_answer(
        self, server: AuthorizationServer, brought: Brought, kept: Mapping[str, Any]
    ) -> None:
        """Refuses what does not say that she is signed out there, as `kept` asked.

        That it belongs to this browser and comes once was checked before. Raises `LogoutRefused`, `ModuleDown`.
        """
        ...


@runtime_checkable
class Describes(Protocol):
    """What a `RedirectModule` may be besides: one whose provider reads who we are from a document of ours."""

    def begins_anew(self, answer: Mapping[str, str]) -> bool:
        """Whether an answer that nobody waits for makes the browser go there with a request of ours."""
        ...

    async def describe(self, server: AuthorizationServer) -> tuple[str, bytes]:
        """The document with its media type."""
        ...


class HeaderModule(Protocol):
    """A module that trusts what a proxy in front says of each request."""

    @property
    def name(self) -> str:
        """Its name in the configuration and in the audit log."""
        ...

    async def recognise(
        self, server: AuthorizationServer, headers: Mapping[str, str], address: str | None
    ) -> Arrival | None:
        """Who it is; None when the request says nothing, or comes from elsewhere than the proxy.

        `address`: the peer's own, whatever forwarding headers say. Raises `ArrivalRefused` on a malformed header.
        """
        ...


Redirects = Callable[[AuthorizationServer], Awaitable[tuple[RedirectModule, ...]]]
"""The modules that send elsewhere, as they are now: providers are added while the server runs."""


async def nowhere(_server: AuthorizationServer) -> tuple[RedirectModule, ...]:
    """No provider."""
    return ()


@dataclass(frozen=True, slots=True)
class Inbound:
    """The modules of one issuer, in the order in which they are offered."""

    passwords: tuple[PasswordModule, ...] = ()
    redirects: Redirects = nowhere
    headers: tuple[HeaderModule, ...] = ()

    def password_module(self, name: str | None) -> PasswordModule | None:
        """The module that a form names; the first where it names none."""
        if name is None:
            return self.passwords[0] if self.passwords else None
        return next((module for module in self.passwords if module.name == name), None)

    async def redirect_module(self, server: AuthorizationServer, name: str) -> RedirectModule | None:
        """The module of this name."""
        return next((module for module in await self.redirects(server) if module.name == name), None)

    async def exit_module(self, server: AuthorizationServer, name: str) -> SignsOutElsewhere | None:
        """The module of this name, where its provider has sessions that end with ours."""
        module: object = await self.redirect_module(server, name)
        return module if isinstance(module, SignsOutElsewhere) else None
