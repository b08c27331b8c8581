"""How the demo's pages are rendered, the policy they carry, and which forms they take.

Source of the policy: CSP Level 3. No inline script or style, nothing from third parties; the app may be framed by the
mock EHR, which is the same site.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from assent.demo.pages.site import DemoSite
from assent.spec.errors import InvalidRequest
from assent.web.forms import Form, read_page_form
from assent.web.origins import origin_of


class RefusedForm(Exception):
    """A posted form that the page did not offer, or that another site sent."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


def page_headers(demo: DemoSite) -> Mapping[str, str]:
    """Headers of every HTML page of the demo: scripts may reach this server and the FHIR base, nobody else."""
    origins = filter(None, (origin_of(demo.issuer_url), origin_of(demo.fhir_base)))
    connect = " ".join(dict.fromkeys(["'self'", *origins]))
    policy = (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        f"connect-src {connect}; frame-src 'self'; frame-ancestors 'self'; form-action 'self'; base-uri 'none'"
    )
    return {"Content-Security-Policy": policy, "Cache-Control": "no-store"}


@dataclass(frozen=True, slots=True)
class View:
    """A demo and its templates."""

    demo: DemoSite
    templates: Environment

    def render(self, template: str, *, status: int = 200, **values: object) -> HTMLResponse:
        """The page made from `template`, which sees `demo` and `values`."""
        text = self.templates.get_template(template).render(demo=self.demo, **values)
        return HTMLResponse(text, status, headers=dict(page_headers(self.demo)))

    def elsewhere(self, request: Request) -> Response | None:
        """A redirect to the same page at the pages' own address, when asked for it at another.

        `127.0.0.1` and `localhost` are two origins: an app that starts at one and returns to the other has lost its
        session storage on the way.
        """
        if request.url.netloc == urlsplit(self.demo.url).netloc:
            return None
        query = f"?{request.url.query}" if request.url.query else ""
        return RedirectResponse(f"{self.demo.url}{request.url.path}{query}", 307)

    def refuse(self, error: RefusedForm) -> HTMLResponse:
        """The page that says why a form was not taken."""
        return self.render("refused.html", status=error.status, reason=error.reason)

    async def read_form(self, request: Request) -> Form:
        """The fields of a form that one of our own pages sent. Raises RefusedForm.

        Nobody is signed in at these pages, so the sender's origin is all there is to check (Fetch Metadata; RFC 6454).
        """
        site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
        is_foreign = origin is not None and origin != origin_of(self.demo.url)
        if is_foreign or site not in (None, "same-origin", "none"):
            raise RefusedForm(403, "This form was sent by another site.")
        try:
            return await read_page_form(request)
        except InvalidRequest as error:
            raise RefusedForm(400, "This is not a form of this page.") from error


def make_view(demo: DemoSite) -> View:
    """The view of `demo`, with the templates of this package."""
    templates = Environment(
        loader=PackageLoader("assent.demo", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return View(demo, templates)
