"""Attachments, read and written as the bytes that they are. Source: HAPI FHIR's `$binary-access-read` and `…-write`."""

from assent.fhir.upstream import UpstreamRequest
from assent.gateway.access import Access
from assent.gateway.conditions import heeds_no_version
from assent.gateway.downloads import Download, media_type_of
from assent.gateway.exchange import WRITTEN, Answer, Exchange, Sent, refused_upstream
from assent.spec.fhir.decide import decide
from assent.spec.fhir.refusals import Refuse, Refused, malformed, not_found


async def read_attachment(exchange: Exchange, access: Access, sent: Sent) -> Download:
    """The bytes of one attachment of a resource that may be read. Raises `Refused`, `UpstreamDown`."""
    allow = decide(sent.request, access.rights, exchange.bases)
    if allow.needs_current:
        await exchange.check_current(allow)
    asked = UpstreamRequest("GET", sent.request.path, allow.parameters, {"accept": "*/*"})
    found = await exchange.upstream.stream(asked)
    if found.status == 200:
        return Download(media_type_of(found.headers), found.chunks, found.close)
    await found.close()
    if found.status in (400, 404, 410, 422):
        raise Refused(not_found("the FHIR server has no such resource, or no attachment at this path"))
    rule = "The FHIR server could not give the attachment"
    raise Refused(Refuse(502, "exception", rule, f"the FHIR server answered {found.status}"))


async def write_attachment(exchange: Exchange, access: Access, sent: Sent) -> Answer:
    """The resource as it became, where it may be read. Raises `Refused`, `UpstreamDown`."""
    allow = decide(sent.request, access.rights, exchange.bases)
    heeds_no_version(sent.headers)
    headers = {"content-type": media_type_of(sent.headers)}
    if "content-type" not in sent.headers:
        raise malformed("An attachment is posted with its Content-Type")
    asked = UpstreamRequest("POST", sent.request.path, allow.parameters, headers, sent.body)
    found = await exchange.upstream.send(asked)
    if found.status not in WRITTEN:
        return refused_upstream(found)
    return exchange.shown(allow, found)
