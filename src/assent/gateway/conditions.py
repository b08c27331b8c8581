"""The conditions of a write: upon which version, or only where nothing is. Sources: FHIR R4 3.1.0.5, RFC 9110 13.1."""

import re
from collections.abc import Mapping
from typing import Final

from assent.spec.fhir.interactions import FhirRequest
from assent.spec.fhir.refusals import Refuse, malformed

_ETAG: Final = re.compile(r'(?:W/)?"([A-Za-z0-9.-]{1,64})"')


def version_wanted(request: FhirRequest, headers: Mapping[str, str]) -> str | None:
    """The version that If-Match names. Raises `Refused` (400): one version, or no header (FHIR R4 3.1.0.5)."""
    if request.interaction == "create" or "if-match" not in headers:
        return None
    found = _ETAG.fullmatch(headers["if-match"].strip())
    if found is None:
        raise malformed('If-Match names one version, as W/"3"')
    return found[1]


def wants_new(request: FhirRequest, headers: Mapping[str, str]) -> bool:
    """Whether an update must write over nothing. Raises `Refused` (400) for another condition than `*`.

    RFC 9110 13.1.2; FHIR R4 says nothing of it for writes, and a condition that is not heeded would lose data.
    """
    condition = headers.get("if-none-match")
    if condition is None or request.interaction == "create":
        return False
    if condition.strip() != "*" or request.interaction != "update" or "if-match" in headers:
        raise malformed("If-None-Match of a write is * for an update, and stands without If-Match")
    return True


def heeds_no_version(headers: Mapping[str, str]) -> None:
    """Raises `Refused` (400) where a version is named for what is written whichever it is."""
    if not {"if-match", "if-none-match"}.isdisjoint(headers):
        raise malformed("If-Match and If-None-Match are not heeded here")


def taken() -> Refuse:
    """For a write that had to be new, of an id that is not."""
    rule = "If-None-Match asks for an id that is not taken, and this one is"
    return Refuse(412, "conflict", rule, rule)


def conflict() -> Refuse:
    """For a write upon another version than it names."""
    rule = "The resource is at another version than If-Match names"
    return Refuse(412, "conflict", rule, rule)
