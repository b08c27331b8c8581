"""`/smart-style.json`: the look that the mock EHR asks apps to take on.

Source: SMART App Launch 2.2, scopes and launch context, `smart_style_url` (requirement table row L8).
"""

import hashlib
import json

from starlette.requests import Request
from starlette.responses import JSONResponse

from assent.demo.pages.site import DemoSite

STYLE = {
    "color_background": "#f4f8f7",
    "color_error": "#9e2a2f",
    "color_highlight": "#0b5a4d",
    "color_modal_backdrop": "#17211f",
    "color_success": "#1e5e2f",
    "color_text": "#17211f",
    "dim_border_radius": "4px",
    "dim_font_size": "16px",
    "dim_spacing_size": "16px",
    "font_family_body": "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif",
    "font_family_heading": "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif",
}


def style_url(demo: DemoSite) -> str:
    """The style's address, which changes whenever its content does, as the specification demands."""
    version = hashlib.sha256(json.dumps(STYLE, sort_keys=True).encode()).hexdigest()[:12]
    return f"{demo.url}/smart-style.json?v={version}"


async def show_style(_request: Request) -> JSONResponse:
    """The style, for apps of any origin."""
    return JSONResponse(
        STYLE, headers={"Access-Control-Allow-Origin": "*", "Cache-Control": "public, max-age=86400"}
    )
