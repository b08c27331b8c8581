"""How the demo's pages are rendered, and the headers they carry.

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


def origin_of(url: str) -> str:
    """Scheme, host and port of a URL."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def page_headers(demo: DemoSite) -> Mapping[str, str]:
    """Headers of every HTML page of the demo: scripts may reach this server and the FHIR base, nobody else."""
    connect = " ".join(dict.fromkeys(["'self'", origin_of(demo.issuer_url), origin_of(demo.fhir_base)]))
    policy = (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        f"connect-src {connect}; frame-src 'self'; frame-ancestors 'self'; form-action 'self'; base-uri 'none'"
    )
    return {
        "Content-Security-Policy": policy,
        # same-origin, not no-referrer: with the latter a form's Origin header would be "null" (Fetch, 3.2)
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }


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
        """A redirect to the same page at the issuer's own address, when asked for it at another.

        `127.0.0.1` and `localhost` are two origins: an app that starts at one and returns to the other has lost its
        session storage on the way.
        """
        if request.url.netloc == urlsplit(self.demo.issuer_url).netloc:
            return None
        query = f"?{request.url.query}" if request.url.query else ""
        return RedirectResponse(f"{self.demo.issuer_url}{request.url.path}{query}", 307)

    def is_own_form(self, request: Request) -> bool:
        """Whether a POST was sent by one of our own pages, not by another site's (Fetch Metadata; RFC 6454)."""
        site = request.headers.get("sec-fetch-site")
        if site is not None:
            return site in ("same-origin", "none")
        origin = request.headers.get("origin")
        return origin is None or origin == origin_of(self.demo.issuer_url)


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
