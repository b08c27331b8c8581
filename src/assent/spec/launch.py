"""Launch context: what an app is told about where it was launched.

Owns the values, their check at the door, and their JSON form, which is the token response's and the one that
is remembered. Whether a person may have a patient in context is decided elsewhere; `identifier` and
`canonical` items give no access to anything (SMART 2.2).

Decisions: a member that is not known here is refused; `role` is `launch` or an absolute URI; an item's `type`
agrees with its `reference`.

Source: SMART App Launch 2.2, scopes-and-launch-context, "launch context arrives with your access token".
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

from assent.spec.identifiers import is_fhir_id, read_reference
from assent.spec.redirects import BadUri, check_web_uri_definition
from assent.spec.resource_types import RESOURCE_TYPES
from assent.spec.scope_sets import ScopeSet

_ABSOLUTE_URI: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s\"<>\\^`{}]+")
_OWN_MEMBERS: Final = frozenset({"Patient", "Encounter"})
_LONGEST_TEXT: Final = 1000
_MOST_ITEMS: Final = 100

MEMBERS: Final = (
    "patient",
    "encounter",
    "fhirContext",
    "intent",
    "need_patient_banner",
    "tenant",
    "smart_style_url",
)
"""The members of a launch context, as they stand in the token response."""

_ITEM_MEMBERS: Final = ("reference", "canonical", "identifier", "role", "type")


class BadLaunchContext(ValueError):
    """A launch context that is refused: the `parameter` and the `rule` it breaks."""

    def __init__(self, parameter: str, rule: str) -> None:
        super().__init__(f"{parameter} {rule}")
        self.parameter = parameter
        self.rule = rule


@dataclass(frozen=True, slots=True)
class ContextItem:
    """One item of `fhirContext`: at least one of `reference`, `canonical` and `identifier`."""

    reference: str | None = None
    """Relative, as `Type/id`."""
    canonical: str | None = None
    """An absolute URI, perhaps with `|version`."""
    identifier: str | None = None
    """A FHIR Identifier as compact JSON text, so that the value stays frozen."""
    role: str | None = None
    """An absolute URI; None means `launch`."""
    type: str | None = None


@dataclass(frozen=True, slots=True)
class LaunchContext:
    """What an app learns beside its access token. Made by `read_launch_context` or member by member."""

    patient: str | None = None
    """A bare id."""
    encounter: str | None = None
    """A bare id."""
    fhir_context: tuple[ContextItem, ...] = ()
    intent: str | None = None
    need_patient_banner: bool | None = None
    tenant: str | None = None
    smart_style_url: str | None = None


@dataclass(frozen=True, slots=True)
class LaunchNeeds:
    """What must still be put into context before a grant can be made."""

    patient: bool
    encounter: bool


def read_launch_context(members: Mapping[str, object], besides: tuple[str, ...] = ()) -> LaunchContext:
    """The launch context that a JSON object describes. Raises BadLaunchContext, unknown members included.

    `besides` names members that are the caller's to read.
    """
    _check_members(members, (*besides, *MEMBERS), "launch context")
    return LaunchContext(
        patient=_read_id(members, "patient"),
        encounter=_read_id(members, "encounter"),
        fhir_context=_read_items(members),
        intent=_read_text(members, "intent"),
        need_patient_banner=_read_flag(members, "need_patient_banner"),
        tenant=_read_text(members, "tenant"),
        smart_style_url=_read_web_uri(members, "smart_style_url"),
    )


def members(context: LaunchContext) -> dict[str, object]:
    """The token response's members, those that are set; `read_launch_context` reads them back."""
    values: dict[str, object | None] = {
        "patient": context.patient,
        "encounter": context.encounter,
        "fhirContext": [_item_members(item) for item in context.fhir_context] or None,
        "intent": context.intent,
        "need_patient_banner": context.need_patient_banner,
        "tenant": context.tenant,
        "smart_style_url": context.smart_style_url,
    }
    return {name: value for name, value in values.items() if value is not None}


def launch_needs(scopes: ScopeSet, context: LaunchContext) -> LaunchNeeds:
    """What `scopes` need in context that is not there.

    A `patient/` scope needs a patient even when no `launch/patient` was asked (SMART 2.2). A `launch/<type>`
    with another role than `launch` needs nothing: such items are given where there are any.
    """
    asked = {scope.resource_type for scope in scopes.launches if scope.role in (None, "launch")}
    return LaunchNeeds(
        patient=context.patient is None and (scopes.needs_patient or "patient" in asked),
        encounter=context.encounter is None and "encounter" in asked,
    )


def _item_members(item: ContextItem) -> dict[str, object]:
    identifier: object = None if item.identifier is None else json.loads(item.identifier)
    values = {
        "reference": item.reference,
        "canonical": item.canonical,
        "identifier": identifier,
        "role": item.role,
        "type": item.type,
    }
    return {name: value for name, value in values.items() if value is not None}


def _read_items(members: Mapping[str, object]) -> tuple[ContextItem, ...]:
    if "fhirContext" not in members:
        return ()
    items = members["fhirContext"]
    if not isinstance(items, list) or len(items) > _MOST_ITEMS:
        raise BadLaunchContext("fhirContext", f"must be an array of at most {_MOST_ITEMS} objects")
    return tuple(_read_item(item, f"fhirContext[{index}]") for index, item in enumerate(items))


def _read_item(item: object, path: str) -> ContextItem:
    if not isinstance(item, Mapping):
        raise BadLaunchContext(path, "must be an object")
    _check_members(item, _ITEM_MEMBERS, path)
    reference = _read_text(item, "reference", path)
    canonical = _read_absolute_uri(item, "canonical", path)
    identifier = _read_identifier(item, path)
    if reference is None and canonical is None and identifier is None:
        raise BadLaunchContext(path, "needs a reference, a canonical or an identifier")
    role = _read_role(item, path)
    type_ = _read_text(item, "type", path)
    if type_ is not None and type_ not in RESOURCE_TYPES:
        raise BadLaunchContext(f"{path}.type", "must be a resource type of FHIR R4")
    types = {type_} if type_ is not None else set()
    if reference is not None:
        try:
            types.add(read_reference(reference).resource_type)
        except ValueError as error:
            raise BadLaunchContext(f"{path}.reference", f"must be relative: {error}") from error
    if len(types) > 1:
        raise BadLaunchContext(f"{path}.type", "must be the type of its reference")
    if types & _OWN_MEMBERS and role is None:
        # SMART 2.2: Patient and Encounter have their own members, unless they come in another role.
        raise BadLaunchContext(f"{path}.role", "must tell a Patient or Encounter from the one in context")
    return ContextItem(reference, canonical, identifier, role, type_)


def _read_role(item: Mapping[str, object], path: str) -> str | None:
    if item.get("role") == "launch":
        return None  # SMART 2.2: an absent role means launch
    return _read_absolute_uri(item, "role", path)


def _read_identifier(item: Mapping[str, object], path: str) -> str | None:
    if "identifier" not in item:
        return None
    identifier = item["identifier"]
    if not isinstance(identifier, dict) or not (identifier.get("system") or identifier.get("value")):
        raise BadLaunchContext(f"{path}.identifier", "must be a FHIR Identifier with a system or a value")
    try:
        text = json.dumps(
            identifier, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
        )
        text.encode("utf-8")
    except (ValueError, RecursionError) as error:
        raise BadLaunchContext(f"{path}.identifier", "must be plain JSON") from error
    if len(text) > _LONGEST_TEXT:
        raise BadLaunchContext(f"{path}.identifier", f"must have at most {_LONGEST_TEXT} characters as JSON")
    return text


def _check_members(members: Mapping[str, object], known: tuple[str, ...], path: str) -> None:
    for name in members:
        if name not in known:
            near = get_close_matches(str(name)[:100], known, n=1)
            hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}"
            raise BadLaunchContext(path, f"has an unknown member; {hint}")


def _read_id(members: Mapping[str, object], name: str) -> str | None:
    text = _read_text(members, name)
    if text is not None and not is_fhir_id(text):
        raise BadLaunchContext(name, "must be a bare id: 1 to 64 letters, digits, dots and hyphens")
    return text


def _read_text(members: Mapping[str, object], name: str, path: str = "") -> str | None:
    if name not in members:
        return None
    value = members[name]
    if not isinstance(value, str) or not value or len(value) > _LONGEST_TEXT or not value.isprintable():
        raise BadLaunchContext(
            f"{path}.{name}" if path else name,
            f"must be a text of 1 to {_LONGEST_TEXT} printable characters",
        )
    return value


def _read_absolute_uri(members: Mapping[str, object], name: str, path: str) -> str | None:
    text = _read_text(members, name, path)
    if text is not None and _ABSOLUTE_URI.fullmatch(text) is None:
        raise BadLaunchContext(f"{path}.{name}", "must be an absolute URI")
    return text


def _read_web_uri(members: Mapping[str, object], name: str) -> str | None:
    text = _read_text(members, name)
    if text is None:
        return None
    try:
        check_web_uri_definition(text)
    except BadUri as error:
        raise BadLaunchContext(name, f"must be a web address: {error}") from error
    return text


def _read_flag(members: Mapping[str, object], name: str) -> bool | None:
    if name not in members:
        return None
    value = members[name]
    if not isinstance(value, bool):
        raise BadLaunchContext(name, "must be true or false")
    return value
