"""Search criteria: is a parameter with this modifier understood, and its value in the form every server reads.

Owns single criteria of one type. Chains are `chains`', what narrows a search is `narrowing`'s.

Sources: FHIR R4 Search 3.1.1.4.4 (modifiers), 3.1.1.5.8 (references).
"""

import re
from typing import Final

from assent.spec.fhir.matching import alternatives
from assent.spec.fhir.references import Bases, relative_to
from assent.spec.fhir.refusals import Refuse, Refused, malformed
from assent.spec.identifiers import is_fhir_id
from assent.spec.search_parameters import SearchParameter, find

_NAME: Final = re.compile(r"[a-z_][A-Za-z-]{1,39}")
_MODIFIERS: Final[dict[str, frozenset[str]]] = {
    "token": frozenset({"", "missing", "text", "not", "above", "below", "in", "not-in", "of-type"}),
    "reference": frozenset({"", "missing", "identifier"}),
    "string": frozenset({"", "missing", "exact", "contains"}),
    "uri": frozenset({"", "missing", "above", "below"}),
    "date": frozenset({"", "missing"}),
    "quantity": frozenset({"", "missing"}),
    "number": frozenset({"", "missing"}),
    "composite": frozenset({""}),
    "special": frozenset({""}),
}


def known_parameter(resource_type: str, name: str) -> SearchParameter:
    """The parameter `name` of the type; raises Refused (400) where R4 has none: it might reach anywhere."""
    parameter = find(resource_type, name)
    if parameter is None:
        rule = f"A search of {resource_type} has no parameter of this name that is understood here"
        named = (
            f": {name}" if _NAME.fullmatch(name) else ""
        )  # a name may be anything, a token or a person's too
        raise Refused(Refuse(400, "not-supported", rule, f"{rule}{named}"))
    return parameter


def read_criterion(resource_type: str, name: str, value: str, bases: Bases) -> tuple[str, str]:
    """The criterion `name[:modifier]=value` as it is passed on. Raises Refused (400).

    Bare ids and absolute URLs of references to one type become `Type/id`, which every server understands.
    """
    code, colon, modifier = name.partition(":")
    parameter = known_parameter(resource_type, code)
    if colon and modifier in parameter.targets:
        typed = (_typed(text, modifier, bases) for text in alternatives(value))
        return code, ",".join(typed)
    if modifier not in _MODIFIERS[parameter.kind] or (colon and not modifier):
        raise malformed("This search parameter does not take this modifier")
    if parameter.kind != "reference" or modifier:
        return name, value
    only = next(iter(parameter.targets)) if len(parameter.targets) == 1 else None
    texts = alternatives(value)
    return code, ",".join(_typed(text, only, bases) if only else relative_to(text, bases) for text in texts)


def _typed(text: str, resource_type: str, bases: Bases) -> str:
    relative = relative_to(text, bases)
    return f"{resource_type}/{relative}" if is_fhir_id(relative) else relative
