"""One scope: what its text means, its canonical text, and the algebra of two scopes.

Owns the grammar of SMART v1, v2 and granular scopes, of `launch…` and of named scopes. Sets of scopes are in
`scope_sets`; which request needs which scope is decided in `assent.spec.fhir`.

Not supported, and therefore malformed: modifiers, chains and `_filter` in constraints, optional in SMART 2.2, and
parameters that the type does not have or that the gateway cannot decide on a resource (dates, quantities …): a scope
that is granted is one that can be honoured.

Sources: SMART App Launch 2.2, scopes-and-launch-context; RFC 6749 3.3; OpenID Connect Core 1.0 5.4.
"""

import re
from dataclasses import dataclass, field
from typing import Final, Literal, cast
from urllib.parse import quote, unquote_to_bytes

from assent.spec.constraints import (
    Constraints,
    canonical,
    constraints_text,
    implies,
    read_constraints,
)
from assent.spec.resource_types import LOWER_CASE_TYPES, RESOURCE_TYPES
from assent.spec.search_parameters import undecidable_names

Context = Literal["patient", "user", "system"]

_TOKEN: Final = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+")  # RFC 6749 3.3: scope-token, NQCHAR
_RESERVED: Final = ("patient/", "user/", "system/", "launch/")
_LETTERS: Final = re.compile(r"c?r?u?d?s?")
_V1_LETTERS: Final = {"read": "rs", "write": "cud", "*": "cruds"}
_V1_SUFFIX: Final = {letters: suffix for suffix, letters in _V1_LETTERS.items()}
_ROLE_SAFE: Final = ":/#?=,;@!$'()*~"


class MalformedScope(ValueError):
    """A text that is no scope: `text` as it was given, `rule` that it breaks."""

    def __init__(self, text: str, rule: str) -> None:
        super().__init__(f"{text!r}: {rule}")
        self.text = text
        self.rule = rule


@dataclass(frozen=True, slots=True)
class ResourceScope:
    """Access to FHIR resources, such as `patient/Observation.rs?category=laboratory`.

    Equality is equality of meaning: how the scope was written (`v1`, `written`) takes no part in it, so that
    `patient/*.read` equals `patient/*.rs`. Made by `read_scope` and `meet`, which keep `parameters`
    canonical.
    """

    context: Context
    resource_type: str
    """A type name, or `*` for all types, now and in the future."""
    interactions: str
    """Letters of `cruds` in that order, at least one."""
    parameters: Constraints = ()
    """Clauses (name, value), decoded, all of which hold; a value's commas are alternatives."""
    v1: bool = field(default=False, compare=False)
    """Whether it was written, and is to be answered, as `.read`, `.write` or `.*`."""
    written: str = field(default="", compare=False, repr=False)
    """The text it was read from; empty where it was computed."""


@dataclass(frozen=True, slots=True)
class LaunchScope:
    """`launch` (resource_type None), or `launch/<type>` in lower case, perhaps with one `?role=`."""

    resource_type: str | None = None
    role: str | None = None
    written: str = field(default="", compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class NamedScope:
    """`openid`, `fhirUser`, `offline_access` … and custom scopes: nothing but their name."""

    name: str


Scope = ResourceScope | LaunchScope | NamedScope


def read_scope(text: str) -> Scope:
    """The scope that `text` says. Raises MalformedScope.

    What begins `patient/`, `user/`, `system/` or `launch/` and breaks the grammar, or names an unknown
    resource type, is malformed and never a custom scope.
    """
    if _TOKEN.fullmatch(text) is None:
        raise MalformedScope(
            text, "a scope is printable ASCII without space, quote or backslash (RFC 6749 3.3)"
        )
    if not text.startswith(_RESERVED):
        return LaunchScope() if text == "launch" else NamedScope(text)
    context, _, rest = text.partition("/")
    if context == "launch":
        return _read_launch(text, rest)
    return _read_resource(text, cast("Context", context), rest)


def _read_resource(text: str, context: Context, rest: str) -> ResourceScope:
    main, question, query = rest.partition("?")
    resource_type, dot, suffix = main.partition(".")
    if not dot:
        raise MalformedScope(text, "a resource scope is written context/Type.interactions")
    if resource_type != "*" and resource_type not in RESOURCE_TYPES:
        raise MalformedScope(text, "the resource type is * or a type of FHIR R4")
    if suffix in _V1_LETTERS:
        if question:
            raise MalformedScope(text, "constraints need the letters of SMART v2, such as .rs")
        return ResourceScope(context, resource_type, _V1_LETTERS[suffix], v1=True, written=text)
    if not suffix or _LETTERS.fullmatch(suffix) is None:
        raise MalformedScope(text, "interactions are letters of cruds, in that order, at least one")
    if not question:
        return ResourceScope(context, resource_type, suffix, written=text)
    try:
        parameters = read_constraints(query)
    except ValueError as error:
        raise MalformedScope(text, str(error)) from error
    undecidable = undecidable_names(resource_type, (name for name, _ in parameters))
    if undecidable:
        named = "no resource type" if resource_type == "*" else resource_type
        holds = "can be held" if resource_type == "*" else "cannot be held"
        raise MalformedScope(text, f"{named} {holds} to a constraint on {' and '.join(undecidable)}")
    return ResourceScope(context, resource_type, suffix, parameters, written=text)


def _read_launch(text: str, rest: str) -> LaunchScope:
    resource_type, question, query = rest.partition("?")
    if resource_type not in LOWER_CASE_TYPES:
        raise MalformedScope(text, "launch/ is followed by a resource type of FHIR R4 in lower case")
    if not question:
        return LaunchScope(resource_type, written=text)
    name, equals, value = query.partition("=")
    if name != "role" or not equals or "&" in value:
        raise MalformedScope(text, "a launch scope takes one role and no other parameter")
    try:
        role = unquote_to_bytes(value).decode("utf-8")
    except UnicodeDecodeError as error:
        raise MalformedScope(text, "percent-encoded text is UTF-8") from error
    if not role or not role.isprintable():
        raise MalformedScope(text, "a role is printable and not empty")
    return LaunchScope(resource_type, role, written=text)


def canonical_text(scope: Scope) -> str:
    """The one text of a scope's meaning, its parameters sorted and encoded alike.

    v1 stays v1 where v1 can say it.
    """
    match scope:
        case NamedScope(name):
            return name
        case LaunchScope(None):
            return "launch"
        case LaunchScope(resource_type, None):
            return f"launch/{resource_type}"
        case LaunchScope(resource_type, role):
            return f"launch/{resource_type}?role={quote(role or '', safe=_ROLE_SAFE)}"
        case ResourceScope():
            suffix = _V1_SUFFIX[scope.interactions] if _is_v1(scope) else scope.interactions
            text = f"{scope.context}/{scope.resource_type}.{suffix}"
            return f"{text}?{constraints_text(scope.parameters)}" if scope.parameters else text


def wire_text(scope: Scope) -> str:
    """The scope as it was written, or its canonical text where it was computed.

    A scope that is granted whole goes back to the app letter for letter: apps compare strings.
    """
    if isinstance(scope, NamedScope):
        return scope.name
    return scope.written or canonical_text(scope)


def covers(wide: Scope, narrow: Scope) -> bool:
    """Whether `wide` allows all that `narrow` allows: a partial order on meaning."""
    if not isinstance(wide, ResourceScope) or not isinstance(narrow, ResourceScope):
        return wide == narrow  # SMART 2.2: launch and launch/patient are different requests
    return (
        wide.context == narrow.context
        and wide.resource_type in ("*", narrow.resource_type)
        and set(narrow.interactions) <= set(wide.interactions)
        and implies(narrow.parameters, wide.parameters)
    )


def meet(asked: Scope, listed: Scope) -> Scope | None:
    """What both allow, or None. Commutative in meaning; the text follows `asked`.

    `asked` itself where `listed` covers it; else v1 stays v1 where v1 can say the result.
    """
    if covers(listed, asked):
        return asked
    if not isinstance(asked, ResourceScope) or not isinstance(listed, ResourceScope):
        return None
    if asked.context != listed.context:
        return None
    if asked.resource_type == "*":
        resource_type = listed.resource_type
    elif listed.resource_type in ("*", asked.resource_type):
        resource_type = asked.resource_type
    else:
        return None
    interactions = "".join(letter for letter in asked.interactions if letter in listed.interactions)
    if not interactions:
        return None
    parameters = canonical((*asked.parameters, *listed.parameters))
    if undecidable_names(resource_type, (name for name, _ in parameters)):
        return None  # `*?category=…` and `Patient`: no Patient fulfils it
    return _as_written_by(asked, ResourceScope(asked.context, resource_type, interactions, parameters))


def _as_written_by(asked: ResourceScope, result: ResourceScope) -> ResourceScope:
    v1 = asked.v1 and result.interactions in _V1_SUFFIX and not result.parameters
    return ResourceScope(result.context, result.resource_type, result.interactions, result.parameters, v1=v1)


def _is_v1(scope: ResourceScope) -> bool:
    return scope.v1 and scope.interactions in _V1_SUFFIX and not scope.parameters
