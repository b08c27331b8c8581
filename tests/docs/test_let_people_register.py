"""docs/how-to/let-people-register.md: its settings, its hook, its limits, and what is written down."""

from dataclasses import replace

import pytest

from assent.app.configuration import ConfigurationError, read_settings_text
from assent.app.sign_in_settings import SignUpSettings
from assent.engine.hooks import Hooks
from assent.records.sign_ups import Newcomer
from assent.spec.errors import AccessDenied
from assent.storage.tables import PEOPLE
from docs.pages import HowTo, is_written
from pages.test_signup import Open, open_place

__all__ = ["open_place"]

PAGE = HowTo("let-people-register.md")
FIRST, *OTHERS = PAGE.blocks("toml")


def test_its_first_settings_are_good_ones_and_need_mail() -> None:
    assert read_settings_text(FIRST, {}).sign_up.enabled
    with pytest.raises(ConfigurationError, match="mail"):
        read_settings_text("[sign_up]" + FIRST.partition("[sign_up]")[2], {})


@pytest.mark.parametrize("table", OTHERS)
def test_the_others_go_beside_them(table: str) -> None:
    settings = read_settings_text(FIRST + table.removeprefix("[sign_up]\n"), {}).sign_up
    assert settings != read_settings_text(FIRST, {}).sign_up


def test_the_limits_that_it_tells_are_the_defaults() -> None:
    defaults = SignUpSettings()
    assert f"`code_seconds` ({defaults.code_seconds // 60} minutes)" in PAGE.text
    assert f"`to_address_per_hour` mails ({defaults.to_address_per_hour})" in PAGE.text
    assert f"`from_address_per_hour` sign-ups ({defaults.from_address_per_hour})" in PAGE.text


async def find_member(email: str) -> str | None:
    """A list of members that the page's hook can ask."""
    return {"maria@mail.example": "maria"}.get(email)


def page_hooks() -> Hooks:
    """The hook of the page, as it stands there."""
    known = {
        "Hooks": Hooks,
        "Newcomer": Newcomer,
        "AccessDenied": AccessDenied,
        "replace": replace,
        "find_member": find_member,
    }
    [code] = PAGE.blocks("python")
    exec(code, known)
    made = known["Members"]
    assert isinstance(made, type)
    hooks = made()
    assert isinstance(hooks, Hooks)
    return hooks


async def test_its_hook_says_whose_record_it_is_or_refuses(open_place: Open) -> None:
    place = await open_place(page_hooks())
    browser = place.application.browser()
    await place.begin(browser)
    assert (await place.finish(browser)).path == "/account"
    [person] = await place.application.server.storage.find(PEOPLE)
    assert (person.fhir_user, person.permissions) == ("Patient/maria", ())
    stranger = place.application.browser()
    await place.begin(stranger, "stranger@mail.example")
    page = await place.finish(stranger, username="stranger")
    assert "We cannot make an account for you here" in page.text
    assert len(await place.application.server.storage.find(PEOPLE)) == 1


@pytest.mark.parametrize("event", PAGE.codes("event"))
def test_every_audit_row_that_it_names_is_written(event: str) -> None:
    assert is_written(event)
