"""Grant types: the contract of one, and the value that it answers with.

A grant type answers one question: *what is this client to be given, and on whose word?* Who the client is was settled
before (`engine.client_auth`); tokens are made after (`engine.issue`). It reads and decides, and writes nothing: what
must happen once is a write in its answer that has to win. Each grant type is a file beside this one.
Source: RFC 6749 1.3 and 4.
"""

from dataclasses import dataclass
from typing import Protocol

from assent.engine.refresh_tokens import NewRefreshToken
from assent.engine.server import AuthorizationServer
from assent.records.clients import Client
from assent.records.grants import Grant
from assent.records.people import Person
from assent.spec.errors import InvalidGrant
from assent.spec.params import Params
from assent.spec.scope_sets import ScopeSet
from assent.storage.interface import Write


class Reused(InvalidGrant):
    """What is good once came a second time: the grant that it belongs to has to end (RFC 6749 4.1.2, 10.4)."""

    def __init__(self, description: str, *, grant_id: str, detail: str) -> None:
        super().__init__(description, detail=detail)
        self.grant_id = grant_id


@dataclass(frozen=True, slots=True)
class ByPerson:
    """What a person's grant gives now.

    `scope` is what the access token gets; `refresh_token` the one that goes with it; `is_first` says that this
    answers the authorization itself (then there is an ID token). `uses` must win in the act that gives it out;
    when they lose, `lost` is what the client is told.
    """

    client: Client
    person: Person
    grant: Grant
    scope: ScopeSet
    refresh_token: NewRefreshToken | None
    is_first: bool
    uses: tuple[Write, ...]
    lost: InvalidGrant


@dataclass(frozen=True, slots=True)
class ByClient:
    """What a client may do on its own."""

    client: Client
    scope: ScopeSet


Given = ByPerson | ByClient


class GrantType(Protocol):
    """One way to come by an access token."""

    @property
    def name(self) -> str:
        """The `grant_type`."""
        ...

    async def authorize(self, server: AuthorizationServer, client: Client, params: Params) -> Given:
        """What is to be given. Raises an `OAuthError`; `Reused` when a whole grant must end with it."""
        ...
