"""What the pages share on which an authenticator app is set up: the key as text, the QR code as a picture of ours,
and a link for whoever is on the phone itself.

The picture is served to the session that is setting up, never kept by anybody, and never part of a page: the policy of
our pages takes pictures from this site alone. Source: ISO/IEC 18004 (QR), the Key Uri Format.
"""

import io
from typing import Final

import segno
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from assent.engine.second_factors import find_factors, is_fresh
from assent.engine.sessions import HalfSignedIn, SomeSignIn, find_sign_in
from assent.identity.second_factor.codes import Setup, find_setup
from assent.web.account_views import SetupView
from assent.web.site import Site

QR_PATH: Final = "/second-factor/qr.svg"


def setup_view(site: Site, setup: Setup) -> SetupView:
    """What the page shows of an app that is being set up: the key in groups of four, to be typed, and as a link."""
    secret = setup.secret
    key = " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
    return SetupView(key, site.to(QR_PATH), setup.uri)


def qr_routes(site: Site) -> list[Route]:
    """The QR code of what is being set up in this session."""

    async def get(request: Request) -> Response:
        sign_in = await find_sign_in(site.server, site.session_cookie.read(request))
        if sign_in is None or not await _may_set_up(site, sign_in):
            raise HTTPException(404)
        setup = await find_setup(site.server, site.sealer, sign_in, site.organization)
        if setup is None:
            raise HTTPException(404)
        return Response(
            _picture(setup.uri), media_type="image/svg+xml", headers={"Cache-Control": "no-store"}
        )

    return [Route(QR_PATH, get, methods=["GET"])]


async def _may_set_up(site: Site, sign_in: SomeSignIn) -> bool:
    """Not who knows a password alone, where there is a second factor already."""
    factors = await find_factors(site.server, sign_in.person.person_id)
    if isinstance(sign_in, HalfSignedIn):
        return sign_in.lacks == "factor" and not factors.has_any
    return is_fresh(site.server, sign_in.session, factors)


def _picture(uri: str) -> bytes:
    drawn = io.BytesIO()
    # its own light ground, with the quiet zone: scanners need it in dark mode too
    segno.make(uri, error="m").save(drawn, kind="svg", scale=4, border=4, light="#fff", dark="#000")
    return drawn.getvalue()
