"""Request parameters as a value: each at most once, empty ones as if not sent.

Owns the rule on repeated parameters; what a parameter means is its reader's business.
Sources: RFC 6749 3.1 and 3.2 (no parameter more than once; empty = omitted), RFC 8707 2 (`resource` may repeat).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar, overload
from urllib.parse import unquote_plus

from assent.spec.errors import InvalidRequest

REPEATABLE = frozenset({"resource"})
MAX_PARAMETERS = 100

Otherwise = TypeVar("Otherwise")


@dataclass(frozen=True, slots=True)
class Params(Mapping[str, str]):
    """Parameters of one request. `params["x"]` is the one value; `many("resource")` all of a repeatable one."""

    values_by_name: dict[str, tuple[str, ...]]

    def __getitem__(self, name: str) -> str:
        return self.values_by_name[name][0]

    def __iter__(self) -> Iterator[str]:
        return iter(self.values_by_name)

    def __len__(self) -> int:
        return len(self.values_by_name)

    def __contains__(self, name: object) -> bool:
        return name in self.values_by_name

    @overload
    def get(self, name: str) -> str | None: ...

    @overload
    def get(self, name: str, otherwise: Otherwise) -> str | Otherwise: ...

    def get(self, name: str, otherwise: Otherwise | None = None) -> str | Otherwise | None:
        """The value, or `otherwise`. Asked for so often that what `Mapping` gives is too slow."""
        values = self.values_by_name.get(name)
        return otherwise if values is None else values[0]

    def __repr__(self) -> str:
        return f"Params({', '.join(self.values_by_name)})"

    def many(self, name: str) -> tuple[str, ...]:
        """All values of a parameter that may repeat, in order."""
        return self.values_by_name.get(name, ())

    def required(self, name: str) -> str:
        """The value; raises `InvalidRequest` naming the parameter when it is missing."""
        try:
            return self.values_by_name[name][0]
        except KeyError:
            raise InvalidRequest(f"{name} is required") from None


def read_params(pairs: Iterable[tuple[str, str]]) -> Params:
    """Give the parameters of a query or form. Raises `InvalidRequest` on a repeated one (RFC 6749 3.1, 3.2)."""
    values: dict[str, tuple[str, ...]] = {}
    for name, value in pairs:
        if value == "":
            continue  # RFC 6749 3.1: parameters sent without a value are treated as omitted
        if name in values:
            if name not in REPEATABLE:
                raise InvalidRequest("a parameter is repeated", detail=f"repeated: {name[:80]!r}")
            values[name] = (*values[name], value)
        else:
            values[name] = (value,)
        if len(values) > MAX_PARAMETERS:
            raise InvalidRequest("too many parameters")
    return Params(values)


def form_decoded(text: str) -> str:
    """What was form-encoded (RFC 6749 appendix B). Raises UnicodeDecodeError where it is not UTF-8."""
    return unquote_plus(text, errors="strict") if "%" in text or "+" in text else text
