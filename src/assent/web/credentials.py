"""The `Authorization` header of a request: one, or none.

Sources: RFC 9110 11.6.2 and 5.3 (it is no list, and not to be repeated), RFC 6750 2 (one token by one method).
"""

from starlette.requests import HTTPConnection

from assent.spec.errors import InvalidRequest


def authorization_of(request: HTTPConnection) -> str | None:
    """The header's value. Raises `InvalidRequest` when there are two: who is asking would depend on who reads it."""
    found = request.headers.getlist("authorization")
    if len(found) > 1:
        raise InvalidRequest("the Authorization header is repeated")
    return found[0] if found else None
