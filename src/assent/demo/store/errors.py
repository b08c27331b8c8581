"""What the store refuses, and how it says so: every refusal becomes an OperationOutcome.

Source: https://hl7.org/fhir/R4/http.html (status codes) and operationoutcome.html (issue types).
"""

from assent.demo.store.wire import Json


class StoreError(Exception):
    """A refusal: `status` is the HTTP status, `code` the issue type, the message goes into `diagnostics`.

    BadRequest, NotSupported, UnknownParameter 400 · NotFound 404 · NotAllowed 405 · NotAcceptable 406 · Gone 410
    PreconditionFailed 412 · TooLarge 413 · UnsupportedMediaType 415 · Unprocessable 422
    """

    status = 400
    code = "invalid"


class BadRequest(StoreError):
    """The request cannot be read."""


class NotSupported(StoreError):
    """The request is valid FHIR that this store does not do."""

    code = "not-supported"


class UnknownParameter(StoreError):
    """A search parameter that the type does not have; refused under `Prefer: handling=strict`, else left out."""

    code = "not-supported"


class NotFound(StoreError):
    """No such type, resource or version."""

    status = 404
    code = "not-found"


class NotAllowed(StoreError):
    """The path exists, but not with this method; `allowed` are those that it has."""

    status = 405
    code = "not-supported"

    def __init__(self, message: str, allowed: tuple[str, ...]) -> None:
        super().__init__(message)
        self.allowed = allowed


class NotAcceptable(StoreError):
    """Only JSON is spoken here."""

    status = 406
    code = "not-supported"


class Gone(StoreError):
    """The resource was deleted."""

    status = 410
    code = "deleted"


class PreconditionFailed(StoreError):
    """`If-Match` names another version, or a condition meets more than one resource."""

    status = 412
    code = "conflict"


class TooLarge(StoreError):
    """The body is larger than the store takes."""

    status = 413
    code = "too-long"


class UnsupportedMediaType(StoreError):
    """The body's content type is not the one of this interaction."""

    status = 415
    code = "not-supported"


class Unprocessable(StoreError):
    """The body is JSON, but not a resource that may be stored here."""

    status = 422
    code = "processing"


def outcome(severity: str, code: str, diagnostics: str) -> Json:
    """An OperationOutcome with one issue."""
    issue = {"severity": severity, "code": code, "diagnostics": diagnostics}
    return {"resourceType": "OperationOutcome", "issue": [issue]}
