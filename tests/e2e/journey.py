"""What a person does on the pages, named; each verb ends where the next page stands."""

from playwright.sync_api import Page, expect

from e2e.deployments import Deployment

PASSWORD = "demo"
VITAL_SIGNS = ["Blood pressure", "Heart rate", "Body weight"]
DRAWN_MS = 60_000


def sign_in(page: Page, username: str, password: str = PASSWORD) -> None:
    """Fills in the sign-in page and sends it."""
    page.fill("#username", username)
    page.fill("#password", password)
    page.click("#submit")


def choose(page: Page, record: str) -> None:
    """Picks a patient on the page that asks whose record."""
    page.check(f"input[name=patient][value={record}]")
    page.click("#submit")


def allow(page: Page) -> None:
    """Says yes to what is ticked."""
    page.wait_for_url("**/approve?**")
    page.click("#submit")


def expect_record(page: Page, name: str) -> None:
    """The sample app shows this person's record, with vital signs drawn from what it has read."""
    page.wait_for_selector("html[data-ready]", timeout=DRAWN_MS)
    expect(page.locator("#patient-name")).to_have_text(name)
    expect(page.locator("#charts figure h3")).to_have_text(VITAL_SIGNS)
    assert page.locator("#charts polyline").count() == 4  # blood pressure has two lines
    assert "measurements from" in str(page.locator("#charts [role=img]").first.get_attribute("aria-label"))


def launch(page: Page, deployment: Deployment, link: str, username: str) -> None:
    """Follows a launch of the start page and signs in."""
    page.goto(f"{deployment.app_url}/")
    page.click(f"#launch-{link}")
    sign_in(page, username)


def revoke(page: Page, deployment: Deployment, client_id: str) -> None:
    """Takes an app's access back, on the page of apps with access; the person is signed in."""
    page.goto(f"{deployment.url}/oauth/revoke")
    page.locator(f"form:has(input[name=client_id][value={client_id}])").get_by_role("button").click()
