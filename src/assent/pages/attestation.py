"""`/attestation`: what makers of apps are asked to promise, in plain language. For anybody, signed in or not."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from assent.web.messages import locale_of
from assent.web.site import Site

PATH = "/attestation"


def attestation_routes(site: Site) -> list[Route]:
    """The page of the rules for handling data."""

    async def get(request: Request) -> Response:
        language, blocks = site.attestations.text(site.messages(request).language)
        context = {
            "page": site.view(),
            "blocks": blocks,
            "text_language": language,
            "text_direction": locale_of(language).text_direction,
        }
        return site.page(request, "attestation.html", context)

    return [Route(PATH, get, methods=["GET"])]


def attestation_url(site: Site) -> str:
    """Where the rules stand."""
    return site.to(PATH)
