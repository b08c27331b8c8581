"""Checking one resource: as it stands, as it was sent, as it is returned.

Owns reads and writes; Bundles are `bundles`'. A resource outside the rights is answered like one that is not
there, so that nothing tells which it is.

Sources: SMART App Launch 2.2, scopes-and-launch-context (omit or refuse); FHIR R4 RESTful API 3.1.0.
"""

from collections.abc import Mapping
from typing import Any, Final

from assent.spec.fhir.allowed import Allow
from assent.spec.fhir.refusals import Refused, forbidden, malformed, not_found
from assent.spec.fhir.views import show
from assent.spec.identifiers import Reference

Resource = Mapping[str, Any]
_KEPT_OF_ISSUE: Final = ("severity", "code", "expression")


def check_current(allow: Allow, current: Resource | None) -> None:
    """Checks the resource as it stands (None: there is none). Raises Refused: 404, or 403 where it may be read."""
    if current is not None and not _is_asked_for(allow, current):
        current = None
    if current is not None and allow.visibility.allows(current, allow.letter):
        return
    if current is not None and allow.visibility.shows(current):
        raise forbidden(
            "This access does not include this interaction with this resource",
            f"a scope and a permission for the letter {allow.letter} that reach the resource would",
        )
    raise Refused(not_found("the resource as it stands is absent or outside scopes and permissions"))


def check_sent(allow: Allow, sent: Resource) -> None:
    """Checks the resource that create or update would store. Raises Refused (400 or 403)."""
    request = allow.request
    if sent.get("resourceType") != request.resource_type:
        raise malformed("The resource sent is of the type that the path names")
    if request.interaction in ("update", "rewrite_history") and sent.get("id") != request.id:
        raise malformed("The resource sent has the id that the path names")
    if not allow.visibility.accepts(sent, allow.letter):
        raise forbidden(
            "The resource sent lies outside this access",
            "it must be in the compartment of a patient within the rights, name no other patient in those "
            f"elements, and fulfil the scope's constraints (letter {allow.letter})",
        )


def check_kept(allow: Allow, current: Resource, sent: Resource) -> None:
    """Checks that an update within limited rights leaves what says who may act for a patient: her birth date.

    Whoever acts for a child does so until she is of age; she could otherwise stay a child. Raises Refused (403).
    """
    if allow.request.resource_type == "Patient" and sent.get("birthDate") != current.get("birthDate"):
        raise forbidden(
            "This access does not include changing a birth date",
            "it says until when parents and guardians act for the patient: FHIR_WRITE_ALL_OF_TYPE with the argument "
            "Patient and user/Patient.u would let it be changed",
        )


def vouchers_needed(allow: Allow, resource: Resource) -> tuple[Reference, ...]:
    """Resources of which one has to be read, and found allowed, before `resource` can be shown; mostly none.

    A Provenance is shown with what it is about; read alone, one of its targets has to be looked at first.
    """
    return allow.visibility.vouchers_needed(resource, "r")


def answer_resource(
    allow: Allow, resource: Resource, vouched: frozenset[Reference] = frozenset()
) -> dict[str, Any] | None:
    """The resource to answer with after read, vread, create, update or delete; None: an answer without a body.

    `vouched` are those of `vouchers_needed` that turned out to be allowed. Raises Refused (404).
    """
    if resource.get("resourceType") == "OperationOutcome":
        return plain_outcome(resource)
    if _is_asked_for(allow, resource) and allow.visibility.allows(resource, allow.letter, vouched):
        return show(resource, allow.view)
    if allow.request.interaction in ("read", "vread"):
        raise Refused(not_found("the resource is outside scopes and permissions"))
    return None


def _is_asked_for(allow: Allow, resource: Resource) -> bool:
    """Whether `resource` is the one, or of the type, that the path names: a server may give another."""
    request = allow.request
    return resource.get("resourceType") == request.resource_type and request.id in (None, resource.get("id"))


def plain_outcome(outcome: Resource) -> dict[str, Any]:
    """An outcome of the server without its texts, which may speak of anybody's records."""
    found = outcome.get("issue")
    issues = [
        {name: issue[name] for name in _KEPT_OF_ISSUE if name in issue}
        for issue in (found if isinstance(found, list) else ())
        if isinstance(issue, Mapping)
    ]
    return {"resourceType": "OperationOutcome", "issue": issues}
