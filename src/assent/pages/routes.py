"""The list of pages."""

from starlette.routing import BaseRoute

from assent.identity import Inbound
from assent.pages.account import account_routes
from assent.pages.approve import approve_routes
from assent.pages.attestation import attestation_routes
from assent.pages.consents import consents_routes
from assent.pages.context import context_routes
from assent.pages.forgot import forgot_routes
from assent.pages.login import login_routes
from assent.pages.narrow import narrow_routes
from assent.pages.new_password import new_password_routes
from assent.pages.own_second_factor import own_second_factor_routes
from assent.pages.password import password_routes
from assent.pages.revoke import revoke_routes
from assent.pages.second_factor import second_factor_routes
from assent.pages.signup import signup_routes
from assent.pages.terms import terms_routes
from assent.pages.unlock import unlock_routes
from assent.web.site import Site


def page_routes(site: Site, inbound: Inbound) -> list[BaseRoute]:
    """Every page of an issuer."""
    return [
        *login_routes(site, inbound),
        *second_factor_routes(site),
        *new_password_routes(site),
        *signup_routes(site),
        *forgot_routes(site),
        *unlock_routes(site),
        *terms_routes(site),
        *context_routes(site),
        *approve_routes(site),
        *attestation_routes(site),
        *revoke_routes(site),
        *narrow_routes(site),
        *account_routes(site, inbound),
        *password_routes(site, inbound),
        *own_second_factor_routes(site),
        *consents_routes(site),
    ]
