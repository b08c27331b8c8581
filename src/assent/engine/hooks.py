"""The points at which a deployment may add to the server's own decisions.

Typed, so that a misspelt point is refused when it is filled, not silently never called. `Hooks` here does
nothing; scripts fill it later. A hook may narrow and add claims; it can never widen what was granted.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from assent.records.clients import Client
from assent.records.grants import Grant
from assent.records.identities import Arrival
from assent.records.people import Person
from assent.records.sign_ups import Newcomer


@dataclass(frozen=True, slots=True)
class TokenDraft:
    """What is about to be signed: `person` and `grant` are None for a client acting on its own."""

    client: Client
    person: Person | None
    grant: Grant | None
    scope: str


@dataclass(frozen=True, slots=True)
class TokenAdditions:
    """What a hook adds: claims of the access token that the server does not set itself."""

    access_token_claims: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ContextOffer:
    """What a person is about to choose from, or chose: bare ids, in the order of the page.

    `kind` encounter: those of `patient`, which is None where patients are offered.
    """

    client: Client
    person: Person
    kind: Literal["patient", "encounter"]
    patient: str | None
    offered: tuple[str, ...]


class Hooks:
    """The do-nothing default."""

    async def on_context_choices(self, offer: ContextOffer) -> tuple[str, ...]:
        """Before a record or a visit is offered, and again when one was chosen: the bare ids that may be.

        A patient that was not offered may be added; whatever the person may not open anyway is left out again.
        """
        return offer.offered

    async def on_sign_in(self, arrival: Arrival) -> Arrival:
        """When a module, our own too, or a passkey has proven somebody. Raises `AccessDenied` to refuse her.

        Who she is stays as the module says. Of somebody who comes from elsewhere it may say more, or another user name
        to wish for; an account of ours (`person_id`) stays as it is kept.
        """
        return arrival

    async def on_user_self_registration_request(self, newcomer: Newcomer) -> Newcomer:
        """When somebody registers herself, her mail address proven: may give permissions, a `fhir_user`, another name.

        The address stays the one that was proven. Raises `AccessDenied` to refuse her.
        """
        return newcomer

    async def on_token(self, draft: TokenDraft) -> TokenAdditions:
        """Before an access token is signed. Raises `AccessDenied` to refuse it."""
        return TokenAdditions()
