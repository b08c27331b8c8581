"""Why a type and letter are out of reach, and the smallest change that would bring them in.

Owns the words of the private `detail` of such refusals, for the log and for the app's own developer.
"""

from typing import Final

from assent.spec.fhir.compartments import REPRESENTING_TYPES
from assent.spec.fhir.reaches import Reach
from assent.spec.fhir.refusals import forbidden
from assent.spec.fhir.rights import VERBS, Letter, Rights
from assent.spec.scopes import wire_text

_PERMISSIONS: Final = {"read": "FHIR_READ", "write": "FHIR_WRITE", "delete": "FHIR_DELETE"}


def reaches_or_refusal(rights: Rights, resource_type: str, letter: Letter) -> tuple[Reach, ...]:
    """The ways in to the type for `letter`, at least one; raises Refused (403) where there is none."""
    reaches = rights.reaches(resource_type, letter)
    if reaches:
        return reaches
    raise forbidden(
        f"This access does not include {resource_type} for this interaction",
        _missing(rights, resource_type, letter),
    )


def _missing(rights: Rights, resource_type: str, letter: Letter) -> str:
    wanted = f"{resource_type}.{letter}"
    scopes = rights.scopes_for(resource_type, letter)
    if not scopes:
        would = (
            f"user/{wanted} would, or patient/{wanted}"
            if rights.acting == "person"
            else f"system/{wanted} would"
        )
        return f"no granted scope covers {wanted}; {would}"
    named = " ".join(wire_text(scope) for scope in scopes)
    if rights.acting == "person" and all(scope.context == "system" for scope in scopes):
        return f"{named} works for a client on its own only; user/{wanted} would work for a person"
    if (
        rights.acting == "person"
        and rights.patient is None
        and all(scope.context != "user" for scope in scopes)
    ):
        return f"{named} needs a patient in context and there is none; launch/patient would ask for one"
    if not rights.powers_for(resource_type, letter):
        permission = f"{_PERMISSIONS[VERBS[letter]]}_ALL_OF_TYPE with the argument {resource_type}"
        return f"{named} covers {wanted} but no permission stands behind it; {permission} would"
    if resource_type in REPRESENTING_TYPES and VERBS[letter] != "read":
        permission = f"{_PERMISSIONS[VERBS[letter]]}_ALL_OF_TYPE with the argument {resource_type}"
        return (
            f"{resource_type} says who represents whom: {permission} and user/{wanted} would let it be written, "
            "a compartment, a single instance or a patient in context does not"
        )
    return f"{named} covers {wanted}, but nothing of this type is within both the scopes and the permissions"
