"""What identifies somebody by attributes: none says what another one does."""

from dataclasses import replace

import pytest

from assent.identity.saml.assertions import Said
from assent.identity.saml.attributes import arrival_of
from assent.identity.saml.responses import NotGood
from assent.identity.saml.settings import SamlSettings
from assent.testing.server import a_server

SETTINGS = SamlSettings(metadata_file="clinic.xml", username=("uid", "mail"))


async def subject_of(names: tuple[str, ...] = ("uid", "mail"), **attributes: str) -> str:
    settings = replace(SETTINGS, subject=names)
    said = Said("id", 1, None, 1, None, None, {name: (value,) for name, value in attributes.items()})
    return arrival_of((await a_server()).server, "clinic", settings, "https://idp.example", said).subject


async def test_the_first_attribute_identifies_by_its_value_alone() -> None:
    assert await subject_of(uid="amy", mail="amy@clinic.example") == "amy"


async def test_another_one_identifies_with_its_name() -> None:
    assert await subject_of(mail="amy") == "mail:amy"


async def test_the_first_cannot_say_what_another_would() -> None:
    with pytest.raises(NotGood, match="reads like"):
        await subject_of(uid="mail:amy")


@pytest.mark.parametrize("names", [("uid", "mail", "mail:work"), ("uid", "mail:work", "mail")])
async def test_an_attribute_whose_name_begins_like_anothers_is_not_taken_for_it(
    names: tuple[str, ...],
) -> None:
    assert await subject_of(names, **{"mail:work": "amy"}) == "mail:work:amy"
    assert await subject_of(names, mail="amy") == "mail:amy"
    assert await subject_of(names, mail="workshop:amy") == "mail:workshop:amy"
    with pytest.raises(NotGood, match="reads like"):
        await subject_of(names, mail="work:amy")
