"""Whatever goes wrong on a page, it says what happened and whose turn it is, with a reference."""

import re
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from assent.storage.interface import StorageError
from assent.testing.application import Application
from assent.testing.browser import Browser, Page
from assent.testing.smart_app import SmartApp
from assent.web.languages import read_messages
from assent.web.limits import KILOBYTE

SCOPE = "openid launch/patient patient/*.rs"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
MESSAGES = read_messages("en")
REFERENCE = re.compile(r"Reference: ([2-9A-Z]{4}-[2-9A-Z]{2})")
OWN = ["/login", "/context", "/approve", "/oauth/revoke", "/oauth/logout"]
PAGES = [*OWN, "/oauth/authorize", "/oauth/authorize/continue"]


def check_explained(answer: httpx.Response, words: str) -> None:
    """The answer is a page with these words, nothing of our inside, and a reference."""
    assert answer.headers["content-type"].startswith("text/html")
    for part in ("title", "text"):
        assert MESSAGES.text(f"error.{words}.{part}") in answer.text
    assert "Traceback" not in answer.text
    assert ".py" not in answer.text
    assert REFERENCE.search(answer.text)


@pytest.fixture
async def app(application: Application) -> SmartApp:
    await application.add_client()
    await application.add_amy()
    await application.add_jonas()
    return application.smart_app()


async def _at_login(app: SmartApp, browser: Browser) -> Page:
    return await app.launch(browser, SCOPE)


async def _at_context(app: SmartApp, browser: Browser) -> Page:
    await app.launch(browser, SCOPE)
    return await browser.sign_in("jonas")


async def _at_approval(app: SmartApp, browser: Browser) -> Page:
    await app.launch(browser, SCOPE)
    return await browser.sign_in("amy")


async def _at_apps(app: SmartApp, browser: Browser) -> Page:
    await _at_approval(app, browser)
    await browser.approve()
    return await browser.open("/oauth/revoke")


async def _at_logout(app: SmartApp, browser: Browser) -> Page:
    await _at_approval(app, browser)
    return await browser.open("/oauth/logout")


JOURNEYS: dict[str, Callable[[SmartApp, Browser], Awaitable[Page]]] = {
    "/login": _at_login,
    "/context": _at_context,
    "/approve": _at_approval,
    "/oauth/revoke": _at_apps,
    "/oauth/logout": _at_logout,
}
GIVEN = {"/login": {"username": "amy", "password": "demo"}, "/context": {"patient": "amy"}}


def fields_of(page: Page) -> list[tuple[str, str]]:
    form = page.forms[0]
    return form.filled(next(iter(form.buttons)), **GIVEN.get(page.path, {}))


# --- faults of ours --------------------------------------------------------------------------------------------------


def failing(error: Exception) -> Any:
    async def fail(*_given: Any, **_named: Any) -> Any:
        raise error

    return fail


@pytest.mark.parametrize("path", OWN)
@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    ("error", "status"),
    [
        (StorageError("secret-inside"), 503),
        (RuntimeError("secret-inside"), 500),
        (KeyError("secret-inside"), 500),
    ],
)
async def test_a_database_that_is_down_or_a_bug_is_told_as_ours(
    application: Application,
    app: SmartApp,
    monkeypatch: pytest.MonkeyPatch,
    path: str,
    method: str,
    error: Exception,
    status: int,
) -> None:
    browser = application.browser()
    page = await JOURNEYS[path](app, browser)
    assert page.path == path
    fields = fields_of(page)
    storage = type(application.server.storage)
    for name in ("get", "find", "commit"):
        monkeypatch.setattr(storage, name, failing(error))
    answer = (
        await browser.open(page.url) if method == "GET" else await browser.post(page.url, fields)
    ).answer
    assert answer.status_code == status
    check_explained(answer, "ours")
    assert "secret-inside" not in answer.text


@pytest.mark.parametrize("path", ["/oauth/token", "/oauth/introspect", "/oauth/token/revoke"])
async def test_programs_are_told_of_a_database_that_is_down_in_json(
    application: Application, app: SmartApp, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.setattr(type(application.server.storage), "get", failing(StorageError("secret-inside")))
    form = {"grant_type": "authorization_code", "client_id": "app", "code": "x", "token": "x"}
    answer = await application.http().post(path, data=form)
    assert answer.status_code == 503
    assert answer.json()["error"] == "temporarily_unavailable"
    assert "secret-inside" not in answer.text


async def test_a_record_system_that_is_down_is_told_apart_and_the_sign_in_stays(
    application: Application, app: SmartApp
) -> None:
    browser = application.browser()
    await app.launch(browser, SCOPE)
    application.fhir.is_down = True
    page = await browser.sign_in("jonas")
    assert page.status == 503
    check_explained(page.answer, "records")
    application.fhir.is_down = False
    again = await browser.open(page.url)
    assert (again.path, again.status) == ("/context", 200)


async def test_an_error_page_that_fails_itself_is_not_blank(
    application: Application, app: SmartApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_given: Any, **_named: Any) -> str:
        raise RuntimeError("secret-inside")

    monkeypatch.setattr("assent.web.templates.Templates.render", fail)
    answer = await application.http().get("/login")
    assert answer.status_code == 500
    assert re.search(r"our side.*Reference: [2-9A-Z]{4}-[2-9A-Z]{2}", answer.text)
    assert "secret-inside" not in answer.text


# --- what was sent ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path", ["/nothing", "/login/", "/LOGIN", "/static/nothing.css", "/oauth/", "/a%00b", "/%ff%fe"]
)
async def test_a_page_that_is_not_there(application: Application, path: str) -> None:
    answer = await application.http().get(path)
    assert answer.status_code == 404
    check_explained(answer, "missing")


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("method", ["HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
async def test_another_method_is_405_on_every_page(application: Application, path: str, method: str) -> None:
    answer = await application.http().request(method, path)
    assert answer.status_code == 405
    assert "GET" in answer.headers["allow"]
    assert "HEAD" not in answer.headers["allow"]
    if method != "HEAD":
        check_explained(answer, "method")


@pytest.mark.parametrize("path", OWN)
@pytest.mark.parametrize(
    ("content", "headers"),
    [
        (b"username=%ff%fe", FORM),
        (b"username=\xff", FORM),
        (b"username=a%00b", FORM),
        (b"a=1&" * 600, FORM),
        (b"{}", {"Content-Type": "application/json"}),
        (b"username=amy", {}),
        (b"--x\r\n\r\n--x--", {"Content-Type": "multipart/form-data; boundary=x"}),
    ],
)
async def test_a_malformed_form_is_told_to_who_sent_it_and_not_blamed_on_an_app(
    application: Application, path: str, content: bytes, headers: dict[str, str]
) -> None:
    answer = await application.http().post(path, content=content, headers=headers)
    assert answer.status_code == 400
    check_explained(answer, "request")


@pytest.mark.parametrize("path", ["/login", "/context", "/approve"])
@pytest.mark.parametrize("field", ["csrf", "username", "patient", "decision"])
async def test_a_field_that_comes_twice_is_refused(
    app: SmartApp, application: Application, path: str, field: str
) -> None:
    browser = application.browser()
    page = await JOURNEYS[path](app, browser)
    answer = await browser.post(page.url, [*fields_of(page), (field, "x"), (field, "y")])
    assert answer.status in (200, 303, 400, 403)
    assert "code" not in answer.answered


@pytest.mark.parametrize("path", [*OWN, "/oauth/authorize"])
async def test_too_much_is_told_as_too_much(application: Application, path: str) -> None:
    http = application.http()
    long = await http.get(f"{path}?x={'a' * 61 * KILOBYTE}")
    assert long.status_code == 414
    check_explained(long, "large")
    big = await http.post(path, content=b"a=" + b"b" * 65 * KILOBYTE, headers=FORM)
    assert big.status_code == 413
    check_explained(big, "large")
    proud = await http.get(path, headers={"X-Long": "a" * 33 * KILOBYTE})
    assert proud.status_code == 431
    check_explained(proud, "large")


@pytest.mark.parametrize(
    "query",
    ["flow=%ff", "flow=%00", "flow=", "flow=x&flow=y", "flow=" + "a" * 5000, "%", "&&==", "to=//evil"],
)
@pytest.mark.parametrize("path", OWN)
async def test_a_query_of_any_kind_is_answered_with_a_page(
    application: Application, path: str, query: str
) -> None:
    answer = await application.http().get(f"{path}?{query}")
    assert answer.status_code in (200, 303, 400)
    if answer.status_code == 400:
        assert REFERENCE.search(answer.text)


@pytest.mark.parametrize(
    "query", ["", "client_id=%ff", "client_id=a&client_id=b", "client_id=ghost", "client_id=%00"]
)
async def test_a_request_that_names_no_app_of_ours_is_the_apps_turn(
    application: Application, query: str
) -> None:
    answer = await application.http().get(f"/oauth/authorize?{query}")
    assert answer.status_code == 400
    check_explained(answer, "app")


async def test_who_tries_too_often_is_told_to_wait_on_the_page_itself(
    application: Application, app: SmartApp
) -> None:
    browser = application.browser()
    await app.launch(browser, SCOPE)
    for _ in range(40):
        page = await browser.sign_in("amy", "wrong")
        if page.status == 429:
            break
    assert page.status == 429
    assert int(page.answer.headers["retry-after"]) > 0
    assert MESSAGES.text("login.problem.slow") in page.text
    assert page.form()
