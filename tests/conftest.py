"""What every test may ask for: the real services of `tests/services/`, the whole application, and the event loop."""

import pytest
from hypothesis import HealthCheck, settings

# How long a case takes, to make or to check, says nothing on a busy machine.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")

pytest_plugins = [
    "services.postgres",
    "services.fhir_router",
    "services.oidc_provider",
    "services.openldap",
    "services.saml_idp",
    "services.smtp_sink",
    "services.browser",
    "applications",
]


@pytest.fixture(scope="session")
def anyio_backend() -> tuple[str, dict[str, bool]]:
    """`async def test_…` runs on asyncio with uvloop, as the server does."""
    return "asyncio", {"use_uvloop": True}
