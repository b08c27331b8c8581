"""What the settings of `[representation]` may be, and how they have to agree."""

from collections.abc import Iterator
from typing import Any, Final

from assent.app.setting_checks import BadSetting, Check, between
from assent.fhir.representation import RepresentationSettings
from assent.spec.fhir.compartments import is_member_type
from assent.spec.resource_types import RESOURCE_TYPES, nearest_type

OLDEST: Final = 30


def representation_agreements(settings: RepresentationSettings, place: str) -> Iterator[str]:
    """Where the settings of an issuer do not agree. `place`: what its dotted paths begin with."""
    if settings.minor_until and settings.adolescent_from >= settings.minor_until:
        yield f"{place}representation.adolescent_from: must be less than minor_until, {settings.minor_until}"


def _types(values: tuple[str, ...]) -> None:
    for value in values:
        if value not in RESOURCE_TYPES:
            near = nearest_type(value)
            raise BadSetting(f"{value!r} is no resource type{f'; did you mean {near}?' if near else ''}")
        if value != "Patient" and not is_member_type(value):
            raise BadSetting(f"{value!r} is not part of a patient's record")
    if values and "Patient" not in values:
        raise BadSetting("must name Patient, without which no record opens; or nothing at all")


REPRESENTATION_CHECKS: Final[dict[tuple[type[Any], str], Check]] = {
    (RepresentationSettings, "minor_until"): between(0, OLDEST),
    (RepresentationSettings, "adolescent_from"): between(0, OLDEST),
    (RepresentationSettings, "adolescent_types"): _types,
}
