"""The routes of an issuer that people's browsers ask for. A large part of all there is to load.

So it is imported once the process listens (`tasks`), or when somebody asks for what no other route takes (`http`).
"""

from starlette.routing import BaseRoute

from assent.endpoints.authorize import authorize_routes
from assent.endpoints.browser_logout import browser_logout_routes
from assent.endpoints.frontchannel_logout import frontchannel_logout_routes
from assent.endpoints.logout import logout_routes
from assent.endpoints.provider_logout import provider_logout_routes
from assent.identity import Inbound
from assent.pages.routes import page_routes
from assent.web.routing import without_head
from assent.web.site import Site


def browser_routes(site: Site, inbound: Inbound) -> list[BaseRoute]:
    """Authorizing, signing out, and every page."""
    return without_head(
        [
            *authorize_routes(site),
            *logout_routes(site, inbound),
            *provider_logout_routes(site, inbound),
            *frontchannel_logout_routes(site, inbound),
            *browser_logout_routes(site, inbound),
            *page_routes(site, inbound),
        ]
    )
