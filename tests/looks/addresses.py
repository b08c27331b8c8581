"""The pages of a running server by their address, each with a journey that ends there.

The journeys are those of `scripts.pages_to_show`, and of `looks.at_the_clinic`.
"""

from typing import Final

PAGES: Final = {
    "/": "start",
    "/account": "account",
    "/account/app": "narrow",
    "/account/consents": "consents",
    "/account/password": "password",
    "/account/second-factor": "account-second-factor",
    "/account/second-factor/app": "account-app",
    "/approve": "approve",
    "/attestation": "attestation",
    "/context": "context-own",
    "/demo/app/": "app",
    "/demo/backend": "backend",
    "/demo/ehr/": "ehr",
    "/forgot-password": "forgot",
    "/forgot-password/code": "reset",
    "/forgot-password/done": "reset-done",
    "/login": "login",
    "/new-password": "new-password",
    "/oauth/logout": "logout",
    "/oauth/revoke": "access",
    "/second-factor": "second-factor",
    "/signup": "signup",
    "/signup/finish": "signup-finish",
    "/terms": "terms",
    "/unlock": "unlock",
}
"""A new page has its line here, and its journey there."""

ADDRESSES: Final = {journey: address for address, journey in PAGES.items()}
