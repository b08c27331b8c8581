"""The list of the demo's routes."""

from functools import partial

from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from assent.demo.pages.backend import run_backend_page, show_backend
from assent.demo.pages.ehr import open_app, show_ehr
from assent.demo.pages.sample_app import (
    fhirclient_folder,
    show_app,
    show_app_launch,
    show_app_settings,
    static_folder,
)
from assent.demo.pages.site import DemoSite
from assent.demo.pages.start import show_start
from assent.demo.pages.style import show_style
from assent.demo.pages.view import make_view


class RevalidatedFiles(StaticFiles):
    """Static files that a browser asks about each time, so that an upgraded demo never runs on old scripts."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file, with its ETag and `no-cache`."""
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = "no-cache"
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response


def routes(demo: DemoSite) -> list[BaseRoute]:
    """Every page and file of `demo`, at the paths where they are published."""
    view = make_view(demo)
    return [
        Route("/", partial(show_start, view)),
        Route("/smart-style.json", show_style),
        Route("/demo/app/", partial(show_app, view)),
        Route("/demo/app/launch.html", partial(show_app_launch, view)),
        Route("/demo/app/settings.json", partial(show_app_settings, view)),
        Route("/demo/ehr/", partial(show_ehr, view)),
        Route("/demo/ehr/launch", partial(open_app, view), methods=["POST"]),
        Route("/demo/backend", partial(show_backend, view)),
        Route("/demo/backend", partial(run_backend_page, view), methods=["POST"]),
        Mount("/demo/third-party/fhirclient", RevalidatedFiles(directory=fhirclient_folder())),
        Mount("/demo/static", RevalidatedFiles(directory=static_folder())),
    ]
