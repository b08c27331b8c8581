"""A request that may be made, and what its answer is checked against. `decide` and `calls` make them.

Owns the two values that the gateway carries from the decision to the answer, and to the answer's further pages.
"""

from dataclasses import dataclass

from assent.spec.fhir.interactions import FhirRequest, Interaction, Parameters
from assent.spec.fhir.rights import Letter
from assent.spec.fhir.views import WHOLE, View
from assent.spec.fhir.visibility import Visibility


@dataclass(frozen=True, slots=True)
class Allow:
    """A request to pass on, and what its answer is checked against."""

    request: FhirRequest
    letter: Letter
    visibility: Visibility
    parameters: Parameters = ()
    """The query to pass on, narrowed."""
    needs_current: bool = False
    """Whether the resource as it stands is to be fetched and checked before (`answers.check_current`)."""
    exact: bool = True
    """Whether a total in the answer counts nothing but what is allowed."""
    view: View = WHOLE
    as_it_is: bool = False
    """Whether nothing that can be answered lies outside the rights, so that the answer is not looked into."""


@dataclass(frozen=True, slots=True)
class Continuation:
    """What a further page of an answer needs to know of the first. To be sealed with the server's link."""

    interaction: Interaction
    resource_type: str
    id: str | None
    exact: bool
    view: View
    operation: str | None = None


def continuation_of(allow: Allow) -> Continuation:
    """What the next pages of the answer to `allow` need."""
    request = allow.request
    return Continuation(
        request.interaction,
        request.resource_type or "",
        request.id,
        allow.exact,
        allow.view,
        request.operation,
    )
