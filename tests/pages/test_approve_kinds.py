"""Allowing some kinds of what an app asks to read, through the form and down to the token."""

import pytest

from assent.spec.categories import CATEGORIES
from assent.storage.tables import GRANTS
from assent.testing.application import Application
from assent.testing.browser import Browser
from tests.applications import OpenWith
from tests.observations import store
from tests.pages.approval import asked, tokens

WIDE = "patient/Observation.rs"
KINDS = [f"{WIDE}?category={category}" for category in CATEGORIES["Observation"]]
LABORATORY, VITALS = KINDS[:2]


@pytest.fixture
async def browser(application: Application) -> Browser:
    """Amy's browser."""
    await application.add_amy()
    return application.browser()


def parts(browser: Browser) -> list[str]:
    return browser.here.form().values("part")


async def test_kinds_are_boxes_named_part_all_of_them_ticked(
    application: Application, browser: Browser
) -> None:
    await asked(application, browser, f"openid {WIDE} patient/Condition.rs")
    boxes = [one for one in browser.here.form().fields if one.name == "part"]
    assert {box.value for box in boxes} == {
        *KINDS,
        *(f"patient/Condition.rs?category={category}" for category in CATEGORIES["Condition"]),
    }
    assert all(box.is_checked and box.kind == "checkbox" for box in boxes)
    assert "Lifestyle and social history" in browser.here.text


async def test_all_kinds_left_ticked_grant_the_scope_as_it_was_asked(
    application: Application, browser: Browser
) -> None:
    app = await asked(application, browser, f"openid {WIDE}")
    await browser.submit()
    assert (await tokens(application, app, browser))["scope"] == f"openid {WIDE}"


@pytest.mark.row("S10", "S11")
async def test_some_kinds_ticked_are_what_the_app_gets_and_is_told(
    application: Application, browser: Browser
) -> None:
    app = await asked(application, browser, f"openid {WIDE}")
    await browser.submit(part=[VITALS, LABORATORY])
    told = await tokens(application, app, browser)
    assert told["scope"] == f"openid {LABORATORY} {VITALS}"
    (grant,) = await application.server.storage.find(GRANTS)
    assert grant.scope == told["scope"]


async def test_no_kind_ticked_grants_nothing_of_it(application: Application, browser: Browser) -> None:
    app = await asked(application, browser, f"openid {WIDE}")
    await browser.submit(part=[])
    assert (await tokens(application, app, browser))["scope"] == "openid"


async def test_kinds_do_not_bring_back_a_scope_that_is_not_ticked(
    application: Application, browser: Browser
) -> None:
    app = await asked(application, browser, f"openid {WIDE}")
    await browser.submit(scope=["openid"])
    assert (await tokens(application, app, browser))["scope"] == "openid"


@pytest.mark.parametrize(
    "forged",
    [
        "patient/*.cruds",
        "patient/Observation.cruds",
        "user/Observation.rs?category=" + CATEGORIES["Observation"][0],
        "patient/Observation.rs?category=anything",
        "patient/Condition.rs?category=" + CATEGORIES["Condition"][0],
    ],
)
async def test_a_kind_that_was_not_offered_is_not_granted(
    application: Application, browser: Browser, forged: str
) -> None:
    app = await asked(application, browser, f"openid {WIDE}")
    await browser.submit(part=[LABORATORY, forged])
    assert (await tokens(application, app, browser))["scope"] == f"openid {LABORATORY}"


async def test_a_required_scope_is_offered_whole(application: Application, browser: Browser) -> None:
    app = await asked(application, browser, f"openid {WIDE}", required_scope=(WIDE,))
    assert parts(browser) == []
    await browser.submit(scope=["openid"], part=[LABORATORY], opened=[WIDE])
    assert (await tokens(application, app, browser))["scope"] == f"openid {WIDE}"


async def test_a_scope_within_another_one_is_offered_whole(
    application: Application, browser: Browser
) -> None:
    await asked(application, browser, f"openid {WIDE} patient/*.rs")
    assert parts(browser) == []


async def test_what_was_chosen_before_is_ticked_the_next_time(
    application: Application, browser: Browser
) -> None:
    app = await asked(application, browser, f"openid {WIDE}", remember_approved_scopes=True)
    await browser.submit(part=[VITALS])
    page = await app.launch(browser, f"openid {WIDE}")
    ticked = [one.value for one in page.form().fields if one.name == "part" and one.is_checked]
    assert ticked == [VITALS]
    assert page.form().values("scope") == [WIDE]


@pytest.mark.row("S6")
async def test_the_gateway_enforces_the_kinds(open_with: OpenWith) -> None:
    application = await open_with(store=store())
    await application.add_amy()
    browser = application.browser()
    app = await asked(application, browser, f"openid launch/patient {WIDE}")
    await browser.submit(part=[VITALS])
    told = await tokens(application, app, browser)
    async with application.http() as http:
        bearer = {"Authorization": f"Bearer {told['access_token']}"}
        answer = await http.get(f"{app.fhir_base}/Observation", headers=bearer)
    assert [entry["resource"]["id"] for entry in answer.json()["entry"]] == ["amy-v"]
