"""The pair of issuers that most tests of federated sign-in are about."""

from collections.abc import AsyncIterator

import pytest

from applications import OpenWith
from identity.oidc.pair import Pair, a_pair


@pytest.fixture
async def pair(open_with: OpenWith) -> AsyncIterator[Pair]:
    """Home and clinic, with the definition's defaults."""
    async with a_pair(open_with) as both:
        yield both
