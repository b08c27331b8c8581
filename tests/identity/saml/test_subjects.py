"""What identifies somebody by attributes: none says what another one does."""

import pytest

from assent.identity.saml.assertions import Said
from assent.identity.saml.attributes import arrival_of
from assent.identity.saml.responses import NotGood
from assent.identity.saml.settings import SamlSettings
from assent.testing.server import a_server

SETTINGS = SamlSettings(metadata_file="clinic.xml", subject=("uid", "mail"), username=("uid", "mail"))


async def subject_of(**attributes: str) -> str:
    said = Said("id", 1, None, 1, None, None, {name: (value,) for name, value in attributes.items()})
    return arrival_of((await a_server()).server, "clinic", SETTINGS, "https://idp.example", said).subject


async def test_the_first_attribute_identifies_by_its_value_alone() -> None:
    assert await subject_of(uid="amy", mail="amy@clinic.example") == "amy"


async def test_another_one_identifies_with_its_name() -> None:
    assert await subject_of(mail="amy") == "mail:amy"


async def test_the_first_cannot_say_what_another_would() -> None:
    with pytest.raises(NotGood, match="reads like"):
        await subject_of(uid="mail:amy")
