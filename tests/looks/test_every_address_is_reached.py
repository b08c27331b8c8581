"""Every address that answers with a page is one that the tests of running pages go to."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import aiohttp
from starlette.routing import BaseRoute, Mount, Route, Router

from applications import OpenWith
from assent.app.sign_in_settings import SignUpSettings
from assent.demo.pages.routes import routes as demo_routes
from assent.demo.pages.site import DemoSite
from assent.testing.application import Application
from looks.addresses import PAGES
from pages.mail import open_with_mail
from services.smtp_sink import Sink

FOR_PROGRAMS = (
    "/.well-known/",
    "/account/consents.",
    "/fhir",
    "/health/",
    "/jwk",
    "/login/{name}/metadata",
    "/logos/",
    "/metrics",
    "/oauth/token",
    "/oauth/userinfo",
    "/second-factor/qr.svg",
    "/smart-style.json",
    "/demo/app/settings.json",
    "/static/",
)
"""The beginnings of addresses that answer with data."""

PASSED_THROUGH = {
    "/login/{name}": "leads to another place to sign in",
    "/login/{name}/callback": "comes from there, and goes on",
    "/login/{name}/logout": "comes from there after signing out, and goes on or back there",
    "/login/{name}/frontchannel-logout": "is called in a frame of theirs that nobody sees",
    "/login/{name}/signed-out": "comes from there after signing out, and goes on",
    "/logout": "the same page as /oauth/logout",
    "/oauth/authorize": "leads to the page that is next, or to a page that says no",
    "/oauth/authorize/continue": "leads to the page that is next",
    "/demo/app/launch.html": "the sample app's own way to the sign-in",
}
"""Addresses that only lead elsewhere, or that another name leads to."""


def inner_routes(app: object) -> Sequence[BaseRoute]:
    """The routes within the layers of an application."""
    while not isinstance(app, Router):
        layer = vars(app)
        app = next(layer[name] for name in ("app", "_app", "_router") if name in layer)
    return app.routes


async def pages_of(application: Application) -> set[str]:
    """The addresses of the server's pages."""
    await application.http().get("/nothing")  # whatever no program asks for loads the pages
    found = pages_among(inner_routes(application.app))
    assert "/login" in found
    return found


def addresses(routes: Sequence[BaseRoute], before: str = "") -> Iterator[str]:
    """Every path that a browser may open."""
    for route in routes:
        if isinstance(route, Mount):
            yield from addresses(route.routes, before + route.path)
        elif isinstance(route, Route) and "GET" in (route.methods or ()):
            yield before + route.path


def pages_among(routes: Sequence[BaseRoute]) -> set[str]:
    """The addresses of pages: what is neither for programs nor only passed through."""
    found = {each for each in addresses(routes) if not each.startswith(FOR_PROGRAMS)}
    return found - PASSED_THROUGH.keys()


async def test_every_page_of_the_server_is_looked_at(application: Application) -> None:
    assert await pages_of(application) - PAGES.keys() == set()


async def test_every_page_of_a_server_with_mail_is_looked_at(open_with: OpenWith, sink: Sink) -> None:
    application = await open_with_mail(open_with, sink, sign_up=SignUpSettings(enabled=True))
    assert await pages_of(application) - PAGES.keys() == set()


def test_every_page_of_the_demo_is_looked_at(tmp_path: Path) -> None:
    async def nobody(*_asked: str) -> Sequence[Any]:
        return ()

    site = DemoSite(
        issuer_url="http://localhost",
        fhir_base="http://localhost/fhir",
        folder=tmp_path,
        http=aiohttp.ClientSession,
        list_patients=nobody,
        list_encounters=nobody,
        now=lambda: 0,
        new_id=lambda: "",
    )
    assert pages_among(demo_routes(site)) - PAGES.keys() == set()
