"""Operations and patches: passed on once they are decided, their answers checked as far as they have to be.

What an app asks for by `Prefer` or other headers is not passed on: an answer that comes later, or in parts, could not
be checked. Sources: FHIR R4 operations.html, http.html#patch.
"""

import re
from decimal import Decimal
from typing import Any, Final

import msgspec

from assent.fhir.json import encode_resource
from assent.fhir.upstream import FHIR_JSON, UpstreamDown, UpstreamRequest, UpstreamResponse
from assent.gateway.access import Access
from assent.gateway.conditions import version_wanted, wants_new
from assent.gateway.exchange import WRITTEN, Answer, Exchange, Sent, read_resource, refused_upstream
from assent.spec.fhir.allowed import Allow
from assent.spec.fhir.decide import decide
from assent.spec.fhir.references import moved
from assent.spec.fhir.refusals import malformed

JSON_PATCH: Final = "application/json-patch+json"
_decode_list = msgspec.json.Decoder(list[dict[str, Any]], float_hook=Decimal).decode
_encode = msgspec.json.Encoder(decimal_format="number").encode


async def answer_operation(exchange: Exchange, access: Access, sent: Sent) -> Answer:
    """The answer to an operation. Raises `Refused`, `UpstreamDown`."""
    allow = decide(sent.request, access.rights, exchange.bases)
    if allow.needs_current:
        await exchange.check_current(allow)
    method, headers, body = "GET", {}, None
    if sent.request.is_posted:
        method = "POST"
        # an operation without parameters may be posted with no body at all
        resource = read_resource(sent.body) if sent.body else {"resourceType": "Parameters"}
        headers, body = {"content-type": FHIR_JSON}, encode_resource(resource)
    asked = UpstreamRequest(method, sent.request.path, allow.parameters, headers, body)
    return answer_call(exchange, access, allow, await exchange.upstream.send(asked), exchange.self_link(sent))


def answer_call(
    exchange: Exchange, access: Access, allow: Allow, found: UpstreamResponse, self_link: str
) -> Answer:
    """What of the FHIR server's answer is passed on: a Bundle as it is checked, other things only as they are."""
    if found.status not in WRITTEN:
        return refused_upstream(found)
    if not found.body:
        return Answer(found.status)
    answered = found.json()
    if answered.get("resourceType") == "Bundle" and found.status == 200:
        return exchange.bundle(access, allow, found, self_link)
    if not allow.as_it_is:
        raise UpstreamDown("the FHIR server answered $everything with something else than a Bundle")
    return Answer(found.status, moved(answered, exchange.bases, exchange.public_base))


async def answer_patch(exchange: Exchange, access: Access, sent: Sent) -> Answer:
    """The answer to a patch: the resource as it became, where it may be read. Raises `Refused`, `UpstreamDown`."""
    allow = decide(sent.request, access.rights, exchange.bases)
    body, media_type = _patch(sent)
    headers = {"content-type": media_type}
    wants_new(sent.request, sent.headers)
    version = version_wanted(sent.request, sent.headers)
    if version is not None:
        headers["if-match"] = f'W/"{version}"'
    found = await exchange.upstream.send(UpstreamRequest("PATCH", sent.request.path, (), headers, body))
    if found.status not in WRITTEN:
        return refused_upstream(found)
    return exchange.shown(allow, found)


def _patch(sent: Sent) -> tuple[bytes, str]:
    """The patch, read and written anew, and its media type. Raises `Refused` (400)."""
    media_type = re.split(r"[;,\s]", sent.headers.get("content-type", ""), maxsplit=1)[0].lower()
    if media_type != JSON_PATCH:
        resource = read_resource(sent.body)
        if resource.get("resourceType") != "Parameters":
            raise malformed(f"A patch is {JSON_PATCH}, or Parameters")
        return encode_resource(resource), FHIR_JSON
    try:
        return _encode(_decode_list(sent.body)), JSON_PATCH
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise malformed("A JSON Patch is a list of operations") from error
