"""The `?param=value&…` part of a granular scope, and its algebra.

Owns reading, writing, comparing and joining constraints; which resource fulfils one is `assent.spec.fhir`'s.
A constraint is a conjunction of clauses `(param, value)`; a value's commas are alternatives, as in a FHIR
search (FHIR R4, Search: `&` is AND, `,` is OR, `\\,` a comma). The algebra knows nothing about what a single
alternative matches, so that its answers hold for every server: where it says *implies*, that is so whatever
the alternatives mean.

Sources: SMART App Launch 2.2, scopes-and-launch-context, "finer-grained resource constraints"; RFC 6749 3.3
(characters of a scope), RFC 3986 2.1 (percent-encoding; `+` is a plus sign, not a space).
"""

import re
from collections.abc import Iterable, Iterator
from itertools import product
from math import prod
from typing import Final
from urllib.parse import quote, unquote_to_bytes

Constraints = tuple[tuple[str, str], ...]
"""Clauses `(param, value)`, decoded, in canonical form: see `canonical`."""

_Clauses = tuple[tuple[str, frozenset[str]], ...]

_NAME: Final = re.compile(r"_?[a-z][A-Za-z0-9-]*")
_BAD_PERCENT: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")
_ALTERNATIVE: Final = re.compile(r"(?:[^\\,]|\\.)+")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")

# Of FHIR's common parameters those that say something about one resource; the others shape the answer or
# reach further than a constraint may: _filter (optional in SMART 2.2), _has, _query, _include, _count …
_COMMON: Final = frozenset({"_id", "_lastUpdated", "_tag", "_profile", "_security", "_source"})

_SAFE: Final = ":/|,$!*'()@;"  # of RFC 6749's NQCHAR, what neither ends nor divides a constraint
_MOST_CLAUSES: Final = 8  # real ones have one to three; the algebra compares them pair by pair
MOST_STEPS: Final = 1024
"""The comparisons that one question of `implies_any` may take; real ones take fewer than ten."""


def read_constraints(text: str) -> Constraints:
    """The canonical clauses of `text`, what follows the `?` of a scope.

    Raises ValueError, saying the rule, for an empty or repeated divider, a modifier (`code:in`), a chain
    (`patient.birthdate`), `_filter` and other parameters that are not about one resource, bad
    percent-encoding, bad UTF-8, control characters, empty alternatives and more than 8 clauses.
    """
    clauses = text.split("&")
    if len(clauses) > _MOST_CLAUSES:
        raise ValueError(f"a scope holds at most {_MOST_CLAUSES} constraints")
    return canonical(_read_clause(clause) for clause in clauses)


def _read_clause(clause: str) -> tuple[str, str]:
    raw_name, equals, raw_value = clause.partition("=")
    if not equals:
        raise ValueError("a constraint is written param=value")
    name = _decode(raw_name)
    if ":" in name:
        raise ValueError("modifiers are not supported in a scope")
    if "." in name:
        raise ValueError("chained parameters are not supported in a scope")
    if _NAME.fullmatch(name) is None:
        raise ValueError("a constraint names a FHIR search parameter")
    if name.startswith("_") and name not in _COMMON:
        raise ValueError("this parameter is not supported in a scope")
    value = _decode(raw_value)
    if ",".join(_ALTERNATIVE.findall(value)) != value or not value:
        raise ValueError("a constraint's value may not be empty, nor one of its alternatives")
    return name, value


def _decode(text: str) -> str:
    if "%" not in text:
        return text
    if _BAD_PERCENT.search(text):
        raise ValueError("a percent sign is followed by two hexadecimal digits")
    try:
        decoded = unquote_to_bytes(text).decode("utf-8")
    except UnicodeDecodeError as error:
        raise ValueError("percent-encoded text is UTF-8") from error
    if _CONTROL.search(decoded):
        raise ValueError("a constraint holds no control characters")
    return decoded


def constraints_text(constraints: Constraints) -> str:
    """`constraints` as they stand in a scope, percent-encoded to RFC 6749 3.3's characters."""
    return "&".join(f"{name}={quote(value, safe=_SAFE)}" for name, value in constraints)


def canonical(clauses: Iterable[tuple[str, str]]) -> Constraints:
    """The one form of all conjunctions of one meaning: sorted, nothing twice, nothing implied by the rest."""
    sets = {(name, _alternatives(value)) for name, value in clauses}
    kept = (
        (name, ",".join(sorted(alternatives)))
        for name, alternatives in sets
        if not any(name == other and fewer < alternatives for other, fewer in sets)
    )
    return tuple(sorted(kept))


def implies(narrow: Constraints, wide: Constraints) -> bool:
    """Whether every resource that fulfils `narrow` fulfils `wide`, whatever the alternatives mean."""
    return _holds_all(_read(narrow), _read(wide))


def implies_any(narrow: Constraints, wides: Iterable[Constraints]) -> bool:
    """Whether every resource that fulfils `narrow` fulfils one of `wides`.

    Exact by cases: one alternative of each clause of `narrow` is taken to hold and nothing else
    (`category=a,b` is covered by `category=a` and `category=b` together). Where that would take more than
    `MOST_STEPS` comparisons of a case with one of `wides`, it says no, though yes might be right: whoever
    writes a scope must not be able to make this dear, and no gives nothing.
    """
    clauses = _read(narrow)
    near = [read for wide in wides if _may_hold(clauses, read := _read(wide))]
    if any(_holds_all(clauses, wide) for wide in near):
        return True
    if len(near) * prod(len(alternatives) for _, alternatives in clauses) > MOST_STEPS:
        return False
    return bool(near) and all(any(_holds_all(case, wide) for wide in near) for case in _cases(clauses))


def _read(constraints: Constraints) -> _Clauses:
    return tuple((name, _alternatives(value)) for name, value in constraints)


def _may_hold(narrow: _Clauses, wide: _Clauses) -> bool:
    """Whether any case of `narrow` fulfils `wide`."""
    return all(any(name == other and few & many for other, many in narrow) for name, few in wide)


def _holds_all(narrow: _Clauses, wide: _Clauses) -> bool:
    return all(any(name == other and few <= wider for other, few in narrow) for name, wider in wide)


def _cases(clauses: _Clauses) -> Iterator[_Clauses]:
    yield from product(*([(name, frozenset((one,))) for one in many] for name, many in clauses))


def _alternatives(value: str) -> frozenset[str]:
    return frozenset(_ALTERNATIVE.findall(value) if "\\" in value else value.split(","))
