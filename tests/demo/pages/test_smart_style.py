"""The style that the mock EHR hands to apps."""

import httpx
import pytest
from running_site import Running

from assent.demo.pages import style
from assent.demo.pages.site import DemoSite


@pytest.mark.row("L8")
def test_the_style_has_the_keys_of_the_specification(running: Running) -> None:
    answer = httpx.get(f"{running.url}/smart-style.json", timeout=60)
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert sorted(answer.json()) == [
        "color_background",
        "color_error",
        "color_highlight",
        "color_modal_backdrop",
        "color_success",
        "color_text",
        "dim_border_radius",
        "dim_font_size",
        "dim_spacing_size",
        "font_family_body",
        "font_family_heading",
    ]


@pytest.mark.row("L8")
def test_the_styles_address_changes_with_its_content(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    site: DemoSite = running.site
    before = style.style_url(site)
    assert httpx.get(before, timeout=60).status_code == 200
    assert style.style_url(site) == before
    monkeypatch.setitem(style.STYLE, "color_text", "#000000")
    assert style.style_url(site) != before
