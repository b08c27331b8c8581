"""The start page: what a newcomer finds, and that it is safe to serve."""

import dataclasses
import re

import httpx
import pytest
from playwright.sync_api import Page, expect
from running_site import Running, make_site

from assent.demo.pages.view import make_view

PAGES = ["/", "/demo/app/", "/demo/app/launch.html", "/demo/ehr/", "/demo/ehr/?patient=amy", "/demo/backend"]


def test_every_launch_says_who_signs_in_and_with_which_password(running: Running) -> None:
    page = httpx.get(running.url, timeout=60).text
    for name in ("amy", "lee", "jonas"):
        assert f"<kbd>{name}</kbd>" in page
    assert page.count("<kbd>demo</kbd>") >= 3
    for target in ("preset=kinds", "preset=clinician", "/demo/ehr/", "/demo/backend", "/oauth/revoke"):
        assert target in page


def test_the_links_for_integrators_lead_to_what_is_there(running: Running) -> None:
    page = httpx.get(running.url, timeout=60).text
    assert f'href="{running.url}/fhir/.well-known/smart-configuration"' in page
    assert f'href="{running.url}/fhir/metadata"' in page
    assert f'href="{running.url}/admin"' in page
    assert 'href="https://docs.example/"' in page


def test_no_link_leads_to_a_console_or_documentation_that_does_not_exist(running: Running) -> None:
    site = dataclasses.replace(running.site, has_admin=False, docs_url=None)
    page = make_view(site).render("start.html").body.decode()
    assert "/admin" not in page
    assert "Documentation" not in page


@pytest.mark.parametrize("path", PAGES)
def test_a_page_has_a_banner_and_nothing_inline_or_foreign(running: Running, path: str) -> None:
    answer = httpx.get(running.url + path, timeout=60)
    policy = answer.headers["content-security-policy"]
    assert answer.status_code == 200
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "This is a demo." in answer.text
    assert not re.search(r"<script(?![^>]*\ssrc=)|<style|\sstyle=|\son[a-z]+=", answer.text)
    assert not re.search(r'(?:src|href)="(?:https?:)?//(?!localhost|docs\.example)', answer.text)


def test_another_name_of_this_computer_leads_to_the_issuers_own_address(running: Running) -> None:
    other = running.url.replace("localhost", "127.0.0.1")
    answer = httpx.get(f"{other}/demo/app/launch.html?preset=patient", timeout=60)
    assert answer.status_code == 307
    assert answer.headers["location"] == f"{running.url}/demo/app/launch.html?preset=patient"


def test_scripts_are_asked_for_again_after_an_upgrade(running: Running) -> None:
    answer = httpx.get(f"{running.url}/demo/static/start.js", timeout=60)
    assert answer.headers["cache-control"] == "no-cache"
    again = {"If-None-Match": answer.headers["etag"]}
    assert httpx.get(f"{running.url}/demo/static/start.js", headers=again, timeout=60).status_code == 304


def test_nothing_outside_the_static_folder_is_served(running: Running) -> None:
    assert httpx.get(f"{running.url}/demo/static/../pages/site.py", timeout=60).status_code == 404
    assert httpx.get(f"{running.url}/demo/static/%2e%2e/pages/site.py", timeout=60).status_code == 404


def test_a_site_has_its_urls_without_a_doubled_slash(running: Running) -> None:
    site = make_site("http://localhost:9200", running.site.folder)
    assert site.app_url == "http://localhost:9200/demo/app/"
    assert site.discovery_url == "http://localhost:9200/fhir/.well-known/smart-configuration"


@pytest.mark.browser
@pytest.mark.parametrize("launched", [False, True], ids=["first visit", "after a launch"])
def test_the_page_fits_a_laptop_without_scrolling(page: Page, running: Running, launched: bool) -> None:
    if launched:
        page.goto(f"{running.url}/demo/app/launch.html?preset=patient")
        page.wait_for_selector("html[data-ready]")
    page.goto(running.url)
    assert page.evaluate("document.documentElement.scrollHeight") <= 720
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280


@pytest.mark.browser
@pytest.mark.parametrize("path", [path for path in PAGES if path != "/demo/app/launch.html"])
def test_a_page_fits_the_width_of_a_phone(page: Page, running: Running, path: str) -> None:
    page.set_viewport_size({"width": 360, "height": 640})
    page.goto(running.url + path)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


@pytest.mark.browser
def test_the_launched_app_fits_the_width_of_a_phone(page: Page, running: Running) -> None:
    page.set_viewport_size({"width": 360, "height": 640})
    page.goto(f"{running.url}/demo/app/launch.html?preset=patient")
    page.wait_for_selector("html[data-ready]")
    page.click("#tokens-panel summary")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


@pytest.mark.browser
def test_the_last_launch_is_shown_decoded_and_without_its_refresh_token(page: Page, running: Running) -> None:
    page.goto(f"{running.url}/demo/app/launch.html?preset=patient")
    page.wait_for_selector("html[data-ready]")
    page.goto(running.url)
    expect(page.locator("#last-launch")).to_contain_text("Patient/amy for Patient/amy, 5 scopes")
    page.click("#show-tokens")
    expect(page.locator("#tokens")).to_contain_text("fhirUser")
    expect(page.locator("#tokens h3")).to_have_text(["Token response", "Access token", "ID token"])
    stored = page.evaluate("localStorage.getItem('assent-demo-last-launch')")
    assert re.search(r'"refresh_token":"[^"]{16}…', stored)


@pytest.mark.browser
def test_the_page_tells_a_token_that_works_from_one_that_was_taken_back(page: Page, running: Running) -> None:
    page.goto(f"{running.url}/demo/app/launch.html?preset=patient")
    page.wait_for_selector("html[data-ready]")
    page.goto(running.url)
    page.click("#check-token")
    expect(page.locator("#token-check")).to_contain_text("200: yes")
    running.stub.revoked = True
    page.click("#check-token")
    expect(page.locator("#token-check")).to_contain_text("401: no")
