"""The clinic that most tests of SAML are about."""

import pytest

from applications import OpenWith
from identity.saml.clinic import Clinic, a_clinic


@pytest.fixture
async def clinic(open_with: OpenWith) -> Clinic:
    """With the settings' defaults."""
    return await a_clinic(open_with)
