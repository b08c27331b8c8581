"""A refused request: what the app is told, and why, for those entitled to know.

`diagnostics` is public: it names the rule and echoes nothing of anybody's record. `detail` is for the log and for
the app's own developer: the rule that decided, and the smallest change that would flip it.

Source: FHIR R4 OperationOutcome, value set issue-type.
"""

from dataclasses import dataclass
from typing import Any, Literal

IssueCode = Literal[
    "forbidden", "not-found", "not-supported", "invalid", "exception", "conflict", "login", "throttled"
]


@dataclass(frozen=True, slots=True)
class Refuse:
    """The decision not to make a request, or not to answer it."""

    status: int
    code: IssueCode
    diagnostics: str
    detail: str
    retry_after: int | None = None
    """Seconds after which to ask again."""

    @property
    def outcome(self) -> dict[str, Any]:
        """The OperationOutcome to answer with."""
        issue = {"severity": "error", "code": self.code, "diagnostics": self.diagnostics}
        return {"resourceType": "OperationOutcome", "issue": [issue]}


class Refused(Exception):
    """Raised where a part of a request cannot be allowed; carries the refusal."""

    def __init__(self, refusal: Refuse) -> None:
        super().__init__(refusal.diagnostics)
        self.refusal = refusal


def malformed(rule: str) -> Refused:
    """400: the request breaks `rule` of FHIR's RESTful API."""
    return Refused(Refuse(400, "invalid", rule, rule))


def undecidable(what: str, change: str) -> Refused:
    """403: `what` cannot be checked against the rights; `change` says what can."""
    return Refused(Refuse(403, "not-supported", f"{what} is not supported here", f"{what}: {change}"))


def forbidden(diagnostics: str, detail: str) -> Refused:
    """403: the rights do not reach this."""
    return Refused(Refuse(403, "forbidden", diagnostics, detail))


def not_found(detail: str) -> Refuse:
    """404, the same for what is not there and for what is somebody else's."""
    return Refuse(404, "not-found", "There is no such resource, or it is not within this access", detail)
