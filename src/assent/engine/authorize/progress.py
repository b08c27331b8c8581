"""What is known of an authorization request by now: one frozen value, made anew whenever something was settled."""

from dataclasses import dataclass, field

from assent.engine.authorize.request import AuthorizeRequest
from assent.engine.authorize.scope import cached_scopes, possible_for
from assent.engine.sessions import HalfSignedIn, SignedIn
from assent.records.clients import Client
from assent.records.sessions import Launch, Session
from assent.records.terms import Agreement
from assent.spec.scope_sets import ScopeSet


@dataclass(frozen=True, slots=True)
class Progress:
    """The request, its client, who is signed in, and what the pages settled.

    `half` is who has still to show a second factor or to choose another password; then nobody is signed in.
    `remembered` is what this person gave this client before (only where the client remembers), `agreement` what she
    agreed to for it (only where there are terms of service). `remembered_until` is when what is remembered ends as she
    chose (0: she had no choice), `keep_seconds` what she chose for this request.
    """

    request: AuthorizeRequest
    client: Client
    now: int
    signed_in: SignedIn | None = None
    half: HalfSignedIn | None = None
    launch: Launch | None = None
    agreement: Agreement | None = None
    reauthenticated_at: int = 0
    patient: str | None = None
    encounter: str | None = None
    encounter_settled: bool = False
    approved_scope: str | None = None
    keep_seconds: int | None = None
    remembered: ScopeSet = field(default_factory=ScopeSet)
    remembered_until: int = 0

    @property
    def session(self) -> Session | None:
        """The session of whoever is signed in, wholly or half."""
        found = self.signed_in or self.half
        return found.session if found else None

    @property
    def candidate(self) -> ScopeSet:
        """What can be granted: to this person, once somebody is signed in."""
        scope = cached_scopes(self.request.scope).scopes
        return possible_for(scope, self.signed_in.person) if self.signed_in else scope

    @property
    def patient_in_context(self) -> str | None:
        """The patient that the EHR's launch, or the person, put into context."""
        if self.launch is not None and self.launch.context.get("patient"):
            return str(self.launch.context["patient"])
        return self.patient

    @property
    def encounter_in_context(self) -> str | None:
        """The encounter that the EHR's launch, or the person, put into context."""
        if self.launch is not None and self.launch.context.get("encounter"):
            return str(self.launch.context["encounter"])
        return self.encounter
