"""`/`: a newcomer's first minute."""

from starlette.requests import Request
from starlette.responses import Response

from assent.demo.pages.view import View


async def show_start(view: View, request: Request) -> Response:
    """Three launches to try, the last tokens, taking back, and an integrator's links."""
    return view.elsewhere(request) or view.render("start.html")
