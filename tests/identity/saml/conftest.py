"""The clinic that most tests of SAML are about."""

from pathlib import Path

import pytest

from applications import OpenWith
from identity.saml.clinic import Clinic, Desk, a_clinic, a_desk


@pytest.fixture
async def clinic(open_with: OpenWith) -> Clinic:
    """The whole application, with the settings' defaults."""
    return await a_clinic(open_with)


@pytest.fixture
async def desk(tmp_path: Path) -> Desk:
    """The module by itself, with the settings' defaults."""
    return await a_desk(tmp_path)
