"""What a server's keepers do, passed on once it is decided: expunging, deleting in cascades, rewriting what was.

Source: the documentation of HAPI FHIR, which has them.
"""

from assent.fhir.json import encode_resource
from assent.fhir.upstream import FHIR_JSON, UpstreamRequest
from assent.gateway.access import Access
from assent.gateway.calls import answer_call
from assent.gateway.conditions import heeds_no_version, version_wanted, wants_new
from assent.gateway.exchange import WRITTEN, Answer, Exchange, Sent, read_resource, refused_upstream
from assent.spec.fhir.answers import check_sent
from assent.spec.fhir.decide import decide
from assent.spec.fhir.upkeep import read_delete_expunge, read_expunge
from assent.spec.operation_permissions import EXPUNGE


async def answer_expunge(exchange: Exchange, access: Access, sent: Sent) -> Answer:
    """What was expunged, or the job that will. Raises `Refused`, `UpstreamDown`."""
    allow = decide(sent.request, access.rights, exchange.bases)
    read = read_expunge if sent.request.operation == EXPUNGE else read_delete_expunge
    parameters = read(sent.request, access.rights, read_resource(sent.body))
    headers = {"content-type": FHIR_JSON}
    asked = UpstreamRequest("POST", sent.request.path, (), headers, encode_resource(parameters))
    return answer_call(exchange, access, allow, await exchange.upstream.send(asked), exchange.self_link(sent))


async def answer_cascade(exchange: Exchange, access: Access, sent: Sent) -> Answer:
    """What was deleted. Raises `Refused`, `UpstreamDown`."""
    allow = decide(sent.request, access.rights, exchange.bases)
    wants_new(sent.request, sent.headers)
    version = version_wanted(sent.request, sent.headers)
    headers = {} if version is None else {"if-match": f'W/"{version}"'}
    asked = UpstreamRequest("DELETE", sent.request.path, allow.parameters, headers)
    return answer_call(exchange, access, allow, await exchange.upstream.send(asked), exchange.self_link(sent))


async def answer_rewrite(exchange: Exchange, access: Access, sent: Sent) -> Answer:
    """The version as it became. Raises `Refused`, `UpstreamDown`."""
    allow = decide(sent.request, access.rights, exchange.bases)
    heeds_no_version(sent.headers)
    resource = read_resource(sent.body)
    check_sent(allow, resource)
    headers = {"content-type": FHIR_JSON, "x-rewrite-history": "true"}
    asked = UpstreamRequest("PUT", sent.request.path, (), headers, encode_resource(resource))
    found = await exchange.upstream.send(asked)
    if found.status not in WRITTEN:
        return refused_upstream(found)
    return exchange.shown(allow, found)
