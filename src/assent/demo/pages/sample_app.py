"""`/demo/app/`: the sample app, static files and the one thing they cannot know, where the FHIR server is.

The app is a public client (SMART App Launch 2.2: `client-public`) that uses the `fhirclient` library. It could
live on any web server; here it shares the demo's origin.
"""

from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response

from assent.demo.pages.view import View, page_headers

CLIENT_ID = "demo-app"


def static_folder() -> Path:
    """The folder of scripts, styles and the app's pages."""
    return Path(__file__).parent.parent / "static"


def fhirclient_folder() -> Path:
    """The folder of the `fhirclient` library: inside an installed package, else in the repository."""
    packaged = Path(__file__).parent.parent / "third_party" / "fhirclient"
    return packaged if packaged.is_dir() else Path(__file__).parents[4] / "third_party" / "fhirclient"


async def show_app(view: View, request: Request) -> Response:
    """The page at the app's redirect URI."""
    return view.elsewhere(request) or FileResponse(
        static_folder() / "app" / "index.html", headers=dict(page_headers(view.demo))
    )


async def show_app_launch(view: View, request: Request) -> Response:
    """The page at the app's launch URI, for the EHR launch and the standalone ones."""
    return view.elsewhere(request) or FileResponse(
        static_folder() / "app" / "launch.html", headers=dict(page_headers(view.demo))
    )


async def show_app_settings(view: View, _request: Request) -> JSONResponse:
    """What the app was configured with: its client id, its redirect URI and the FHIR server it belongs to."""
    settings = {
        "client_id": CLIENT_ID,
        "fhir_base": view.demo.fhir_base,
        "issuer": view.demo.issuer_url,
        "redirect_uri": view.demo.app_url,
    }
    return JSONResponse(settings, headers={"Cache-Control": "no-store"})
