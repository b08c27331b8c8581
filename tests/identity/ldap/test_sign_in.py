"""Signing in at a real OpenLDAP: who is let in, who is refused, and what is said of them."""

import pytest

from assent.identity import Refused
from assent.records.identities import Arrival
from identity.ldap.conftest import SignIn
from identity.ldap.staff import MARIA_ID, PASSWORD, UMLAUTS

WRONG = Refused("wrong name or password")


async def test_who_has_the_right_password_is_who_the_directory_says(sign_in: SignIn) -> None:
    arrival = await sign_in("maria", fhir_user="employeeNumber")
    assert arrival == Arrival(
        "ldap",
        "ldap",
        MARIA_ID,
        "maria",
        ("pwd",),
        given_name="Maria",
        family_name="Maria",
        email="maria@clinic.example",
        locale="es",
        fhir_user="Practitioner/maria",
    )


async def test_names_and_passwords_may_be_of_any_script(sign_in: SignIn) -> None:
    arrival = await sign_in("Jürgen", UMLAUTS)
    assert isinstance(arrival, Arrival)
    assert arrival.username == "jürgen"


async def test_what_the_directory_does_not_say_the_account_loses(sign_in: SignIn) -> None:
    arrival = await sign_in("outsider", fhir_user="employeeNumber")
    assert isinstance(arrival, Arrival)
    assert set(arrival.gone) == {"given_name", "email", "locale", "fhir_user"}


async def test_a_wrong_password_and_a_name_that_nobody_has_are_refused_alike(sign_in: SignIn) -> None:
    assert await sign_in("maria", "wrong") == await sign_in("nobody", "wrong") == WRONG


async def test_an_empty_password_is_no_password(sign_in: SignIn) -> None:
    """RFC 4513 5.1.2: many servers answer a bind without a password with success."""
    assert await sign_in("maria", "") == Refused()


async def test_a_password_that_ends_at_a_nul_is_another_password(sign_in: SignIn) -> None:
    assert await sign_in("maria", PASSWORD + "\0more") == Refused()


async def test_of_two_entries_with_a_name_neither_is_meant(sign_in: SignIn) -> None:
    assert await sign_in("twin") == WRONG


@pytest.mark.parametrize(
    "username",
    [
        "*",
        "mar*",
        "maria)(uid=*",
        "*)(objectClass=*",
        "maria\0",
        "\\6d\\61ria",
        "(",
        ")",
        "&",
        "maria\\",
        "mar\u00adia",
    ],
)
async def test_a_user_name_is_a_value_and_never_a_filter(sign_in: SignIn, username: str) -> None:
    assert await sign_in(username) == WRONG


@pytest.mark.parametrize("username", ["star*", "pare)n("])
async def test_signs_of_filters_may_be_in_a_name(sign_in: SignIn, username: str) -> None:
    arrival = await sign_in(username)
    assert isinstance(arrival, Arrival)
    assert arrival.username == username
