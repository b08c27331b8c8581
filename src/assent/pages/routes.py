"""The list of pages."""

from starlette.routing import BaseRoute

from assent.identity import PasswordModule
from assent.pages.approve import approve_routes
from assent.pages.context import context_routes
from assent.pages.login import login_routes
from assent.pages.revoke import revoke_routes
from assent.web.site import Site


def page_routes(site: Site, module: PasswordModule) -> list[BaseRoute]:
    """Every page of an issuer."""
    return [
        *login_routes(site, module),
        *context_routes(site),
        *approve_routes(site),
        *revoke_routes(site),
    ]
