"""Reading a type search and making of it one that finds only what the rights reach.

Owns the parameters of a search: which are understood, which are passed on, which are ours to carry out. Unknown
parameters are refused, since they might reach anywhere. `_elements` and `_summary` are carried out here, on
checked resources: a server that left elements out could hide whose a resource is. `_include` and `_revinclude`
are passed on; what they bring is checked like everything else.

Sources: FHIR R4 Search 3.1.1.4 and 3.1.1.5 (parameters for results).
"""

import re
from dataclasses import dataclass
from typing import Final

from assent.spec.fhir.chains import Place, is_chained, read_chain
from assent.spec.fhir.compartments import patient_parameter
from assent.spec.fhir.explain import reaches_or_refusal
from assent.spec.fhir.interactions import FhirRequest, Parameters
from assent.spec.fhir.narrowing import narrow
from assent.spec.fhir.references import Bases
from assent.spec.fhir.refusals import malformed, undecidable
from assent.spec.fhir.rights import Rights
from assent.spec.fhir.search_values import known_parameter, read_criterion
from assent.spec.fhir.views import View, read_view
from assent.spec.resource_types import RESOURCE_TYPES
from assent.spec.search_parameters import find

_COUNT: Final = re.compile(r"[0-9]{1,6}")
_TOTALS: Final = frozenset({"none", "estimate", "accurate"})
_OURS: Final = frozenset({"_elements", "_summary", "_format", "_pretty"})
_SHAPING: Final = frozenset({"_count", "_sort", "_total", "_include", "_revinclude"})
_ITERATE: Final = frozenset({"", "iterate", "recurse"})


@dataclass(frozen=True, slots=True)
class Search:
    """A search to pass on."""

    parameters: Parameters
    exact: bool
    """Whether the parameters alone hold the answer to the rights, so that its total tells nothing more."""
    view: View


def read_search(request: FhirRequest, rights: Rights, bases: Bases) -> Search:
    """The search that answers `request` (search_type) within `rights`. Raises Refused (400, 403 or 406)."""
    resource_type = request.resource_type or ""
    reaches = reaches_or_refusal(rights, resource_type, "s")
    view = read_view(request.parameters)
    others = [pair for pair in request.parameters if pair[0] not in _OURS and pair[1]]
    shaping = [pair for pair in others if pair[0].partition(":")[0] in _SHAPING]
    criteria = [pair for pair in others if pair not in shaping]
    plain = _owner_criteria(request) + tuple(
        read_criterion(resource_type, name, value, bases) for name, value in criteria if not is_chained(name)
    )
    narrowing = narrow(resource_type, reaches, plain, bases)
    place = Place(resource_type, narrowing.patients)
    chained = tuple(
        criterion
        for name, value in criteria
        if is_chained(name)
        for criterion in read_chain(place, name, value, rights, bases)
    )
    shaped = tuple(
        pair for pair in shaping if _is_passed_on(resource_type, *pair, rights=rights, exact=narrowing.exact)
    )
    counted = (("_summary", "count"),) if _counts_only(request.parameters, exact=narrowing.exact) else ()
    parameters = tuple(dict.fromkeys((*plain, *chained, *narrowing.criteria, *shaped, *counted)))
    return Search(parameters, narrowing.exact, view)


def _owner_criteria(request: FhirRequest) -> Parameters:
    """The criterion of a search within a patient's compartment."""
    if request.owner is None:
        return ()
    parameter = patient_parameter(request.resource_type or "")
    if parameter is None:
        raise malformed("A compartment is searched for a type that lies in it")
    return ((parameter.name, f"Patient/{request.owner}"),)


def _is_passed_on(resource_type: str, name: str, value: str, *, rights: Rights, exact: bool) -> bool:
    """Whether a parameter that shapes the result goes to the server. Raises Refused (400)."""
    code, _, modifier = name.partition(":")
    match code:
        case "_include" | "_revinclude":
            if modifier not in _ITERATE:
                raise malformed("_include and _revinclude take the modifier iterate")
            source = _read_included(value)
            return code == "_include" or source == "*" or _may_show(rights, source)
        case _ if modifier:
            raise malformed("This search parameter takes no modifier")
        case "_count":
            if _COUNT.fullmatch(value) is None:
                raise malformed("_count is a number of at most six digits")
            return int(value) > 0
        case "_sort":
            _check_sort(resource_type, value)
            return True
        case _:
            if value not in _TOTALS:
                raise malformed("_total is none, estimate or accurate")
            return exact


def _read_included(value: str) -> str:
    """The type whose references are followed, `*` for any. Raises Refused (400)."""
    if value == "*":
        return value
    source, _, rest = value.partition(":")
    code, _, target = rest.partition(":")
    if source not in RESOURCE_TYPES or (target and target not in RESOURCE_TYPES):
        raise malformed("_include and _revinclude are written Type:parameter or Type:parameter:Type")
    if code != "*" and known_parameter(source, code).kind != "reference":
        raise malformed("_include and _revinclude follow a reference parameter")
    return source


def _may_show(rights: Rights, resource_type: str) -> bool:
    """Whether anything of the type could ever be shown: asking for it would otherwise be for nothing."""
    return bool(rights.reaches(resource_type, "r") or rights.reaches(resource_type, "s"))


def _check_sort(resource_type: str, value: str) -> None:
    for text in value.split(","):
        name = text.removeprefix("-")
        if name != "_score" and find(resource_type, name) is None:
            raise malformed("_sort names search parameters of the type, divided by commas")


def _counts_only(parameters: Parameters, *, exact: bool) -> bool:
    """Whether only the number of matches is asked. Raises Refused (403) where it would count more than is allowed."""
    if not any(
        (name == "_summary" and value == "count") or (name == "_count" and value and not int(value))
        for name, value in parameters
    ):
        return False
    if not exact:
        raise undecidable("A count for this access", "search without _summary=count and count what comes")
    return True
