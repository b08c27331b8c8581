"""Which client is asking, and the proof of it: the contract of a method, and the order in which methods are heard.

Owns the order: evidence of **every** known method first, so that a request with two credentials is refused even when
one of the two methods is off; then the client; then whether the method is its registered one and on; then the proof.
Each method is a file beside this one. Unknown, disabled and wrong are told in the same words; the reason is in the
refusal's private detail.

Sources: RFC 6749 2.3 and 5.2, RFC 7521 4.2, OpenID Connect Core 1.0 9.
"""

from contextlib import suppress
from dataclasses import dataclass, field
from typing import Protocol

from assent.engine.server import AuthorizationServer, Caller
from assent.records.clients import Client
from assent.spec.errors import InvalidClient, InvalidRequest
from assent.spec.params import Params
from assent.storage.interface import Write
from assent.storage.tables import CLIENTS

FAILED = "client authentication failed"
_STRANGER = Client(client_id="", client_name="")


@dataclass(frozen=True, slots=True)
class Presented:
    """What a client brings to an endpoint: parameters, its `Authorization` header, and where it comes from."""

    params: Params
    authorization: str | None = field(default=None, repr=False)
    caller: Caller = field(default_factory=Caller)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one method found: who the client says it is, and its proof. `proof` is None where nothing proves it.

    `address` is where it comes from, for methods whose proof may be guessed.
    """

    client_id: str
    proof: str | None = field(default=None, repr=False)
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Authenticated:
    """A client that is who it says. `writes` must win in the act that follows: they use up its evidence (a `jti`)."""

    client: Client
    writes: tuple[Write, ...] = ()


class ClientAuthMethod(Protocol):
    """One way for a client to say who it is."""

    @property
    def name(self) -> str:
        """The method's `token_endpoint_auth_method`."""
        ...

    def evidence(self, presented: Presented) -> Evidence | None:
        """This method's evidence, None when there is none. Raises `InvalidClient` when it is malformed."""
        ...

    async def prove(
        self, server: AuthorizationServer, client: Client, evidence: Evidence
    ) -> tuple[Write, ...]:
        """The writes that use the evidence up, once it proves the client. Raises `InvalidClient`, `TooManyRequests`."""
        ...


async def authenticate(server: AuthorizationServer, presented: Presented) -> Authenticated:
    """The client that the request shows and proves.

    Raises `InvalidClient`; `InvalidRequest` when more than one method is used (RFC 6749 2.3); `TooManyRequests`
    when too much is guessed.
    """
    method, evidence = _sole_evidence(server, presented)
    claimed = presented.params.get("client_id")
    if claimed is not None and claimed != evidence.client_id:
        raise InvalidClient(FAILED, detail="client_id differs from the client of the credentials")
    client = await server.storage.get(CLIENTS, evidence.client_id)
    refusal = _refusal(server, client, method)
    if client is None or refusal is not None:
        with suppress(InvalidClient):
            await method.prove(
                server, _STRANGER, evidence
            )  # an unknown client takes as long as a wrong secret
        raise InvalidClient(FAILED, detail=refusal)
    return Authenticated(client, await method.prove(server, client, evidence))


def claimed_client_id(server: AuthorizationServer, presented: Presented) -> str | None:
    """Who the client says it is, unproven: good for choosing whose web pages may read the refusal."""
    with suppress(InvalidClient, InvalidRequest):
        return _sole_evidence(server, presented)[1].client_id
    return presented.params.get("client_id")


def _sole_evidence(server: AuthorizationServer, presented: Presented) -> tuple[ClientAuthMethod, Evidence]:
    unproven: list[tuple[ClientAuthMethod, Evidence]] = []
    proofs: list[tuple[ClientAuthMethod, Evidence]] = []
    for method in server.client_auth:
        evidence = method.evidence(presented)
        if evidence is not None:
            (unproven if evidence.proof is None else proofs).append((method, evidence))
    if len(proofs) > 1:
        names = ", ".join(method.name for method, _ in proofs)
        raise InvalidRequest("more than one client authentication method is used", detail=f"used: {names}")
    if not proofs and not unproven:
        raise InvalidClient("client authentication is required")
    return (proofs or unproven)[0]


def _refusal(server: AuthorizationServer, client: Client | None, method: ClientAuthMethod) -> str | None:
    if client is None:
        return "client_id is unknown"
    if not client.enabled:
        return "the client is disabled"
    if method.name != client.token_endpoint_auth_method:
        return f"{method.name} was used, {client.token_endpoint_auth_method} is registered"
    if method.name not in server.settings.token_endpoint_auth_methods:
        return f"{method.name} is switched off here"
    return None
