"""The decision on what a server's keepers do: expunging, deleting in cascades, rewriting what was.

Owns what each needs. Nothing of it can be undone, so each has a permission of its own, and `$expunge` one for each of
its parameters: what the request says is read, checked and written anew.

| call | needs besides its permission |
|---|---|
| `$expunge` | to do everything |
| `$delete-expunge` | to do everything; and the permission to cascade, where it does |
| `DELETE …?_cascade=delete` | to read, search and delete everything |
| `PUT …/_history/…` with X-Rewrite-History | to read and update all of the type |

Source: the documentation of HAPI FHIR, which has them.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from assent.spec.fhir.allowed import Allow
from assent.spec.fhir.calling import (
    ALL_LETTERS,
    check_named,
    check_unlimited,
    check_whole,
    level_of,
    may_call,
)
from assent.spec.fhir.interactions import FhirRequest
from assent.spec.fhir.references import Bases
from assent.spec.fhir.refusals import malformed
from assent.spec.fhir.rights import Rights
from assent.spec.fhir.visibility import Visibility
from assent.spec.operation_permissions import CASCADE, EXPUNGES, REWRITE

_LIMIT: Final = "limit"
_OF_DELETE_EXPUNGE: Final = (
    ("url", "valueString", (str,)),
    ("batchSize", "valueInteger", (int,)),
    ("batchSize", "valueDecimal", (int, Decimal)),
    ("cascade", "valueBoolean", (bool,)),
    ("cascadeMaxRounds", "valueInteger", (int,)),
)


def decide_expunge(request: FhirRequest, rights: Rights, bases: Bases) -> Allow:
    """Whether anything may be expunged there; what, `read_expunge` says. Raises Refused."""
    level = level_of(request)
    if not any(may_call(rights, name, level, request.resource_type) for name in EXPUNGES.values()):
        check_named(rights, EXPUNGES["expungeDeletedResources"], level, request.resource_type)
    if not request.is_posted or request.parameters:
        raise malformed("$expunge is posted, with Parameters as its body and none in the query")
    check_unlimited(rights, ALL_LETTERS, "An expunge")
    return Allow(request, "d", Visibility(rights, bases), exact=False, as_it_is=True)


def read_expunge(request: FhirRequest, rights: Rights, sent: Mapping[str, Any]) -> dict[str, Any]:
    """The Parameters of an `$expunge`, written anew once each is known and within the permissions. Raises Refused."""
    if sent.get("resourceType") != "Parameters":
        raise malformed("$expunge takes Parameters")
    named: dict[str, Any] = {}
    parameters = sent.get("parameter")
    for parameter in parameters if isinstance(parameters, list) else ():
        name = parameter.get("name") if isinstance(parameter, Mapping) else None
        if not isinstance(name, str) or name in named:
            raise malformed("Each parameter of $expunge has a name, and stands once")
        named[name] = _value(name, parameter)
    if not any(named.get(name) for name in EXPUNGES):
        raise malformed(f"One of {', '.join(EXPUNGES)} is true in an $expunge")
    for name, call in EXPUNGES.items():
        if named.get(name):
            check_named(rights, call, level_of(request), request.resource_type)
    written = [
        {"name": name, "valueInteger" if name == _LIMIT else "valueBoolean": value}
        for name, value in named.items()
    ]
    return {"resourceType": "Parameters", "parameter": written}


def read_delete_expunge(request: FhirRequest, rights: Rights, sent: Mapping[str, Any]) -> dict[str, Any]:
    """The Parameters of a `$delete-expunge`, written anew; to cascade needs its own permission. Raises Refused."""
    if request.parameters or sent.get("resourceType") != "Parameters":
        raise malformed("$delete-expunge is posted, with Parameters as its body and none in the query")
    parameters = sent.get("parameter")
    written = [_of_delete_expunge(one) for one in (parameters if isinstance(parameters, list) else ())]
    if any(one.get("name") == "cascade" and one["valueBoolean"] for one in written):
        check_named(rights, CASCADE, "instance", None)
    return {"resourceType": "Parameters", "parameter": written}


def _of_delete_expunge(parameter: object) -> dict[str, Any]:
    for name, kind, types in _OF_DELETE_EXPUNGE:
        if (
            isinstance(parameter, Mapping)
            and parameter.keys() == {"name", kind}
            and parameter["name"] == name
        ):
            value = parameter[kind]
            if isinstance(value, types) and (kind == "valueBoolean" or not isinstance(value, bool)):
                return {"name": name, kind: value}
    taken = ", ".join(f"{name} ({kind})" for name, kind, _ in _OF_DELETE_EXPUNGE)
    raise malformed(f"$delete-expunge takes {taken}")


def _value(name: str, parameter: Mapping[str, Any]) -> int | bool:
    if name == _LIMIT:
        value = parameter.get("valueInteger")
        if parameter.keys() == {"name", "valueInteger"} and type(value) is int and value >= 0:
            return value
        raise malformed("The limit of an $expunge is a valueInteger of 0 or more")
    value = parameter.get("valueBoolean")
    if name not in EXPUNGES:
        raise malformed(f"$expunge takes {', '.join((_LIMIT, *EXPUNGES))}")
    if parameter.keys() != {"name", "valueBoolean"} or not isinstance(value, bool):
        raise malformed(f"{name} of an $expunge is a valueBoolean")
    return value


def decide_cascade(request: FhirRequest, rights: Rights, bases: Bases) -> Allow:
    """How a resource may be deleted with all that refers to it, whatever and whose that is. Raises Refused."""
    check_named(rights, CASCADE, "instance", request.resource_type)
    check_unlimited(rights, ("r", "s", "d"), "A cascading deletion")
    return Allow(request, "d", Visibility(rights, bases), (("_cascade", "delete"),), as_it_is=True)


def decide_rewrite(request: FhirRequest, rights: Rights, bases: Bases) -> Allow:
    """How a version that was may be written over. Raises Refused."""
    check_named(rights, REWRITE, "instance", request.resource_type)
    check_whole(rights, request.resource_type or "", ("u", "r"))  # what was may have been anybody's
    return Allow(request, "u", Visibility(rights, bases))
