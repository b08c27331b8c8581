"""`assent check`: permissions, roles and ages that are allowed and probably not meant, or that do not agree."""

from pathlib import Path

import pytest

from assent.actions.apps.clients import import_clients
from assent.actions.permissions.roles import add_role
from assent.app.configuration import read_settings
from assent.app.examination.check import check_installation
from assent.app.init import init_installation
from assent.app.installation import open_installation
from assent.engine.arrivals import welcome
from assent.engine.server import Caller
from assent.records.identities import Arrival

CLIENT = {
    "client_id": "nightly",
    "token_endpoint_auth_method": "private_key_jwt",
    "jwks_uri": "https://nightly.example/jwks",
    "grant_types": ["client_credentials"],
    "scope": "system/*.rs cdr_all_user_authorities",
    "permissions": [{"permission": "VIEW_METRICS"}, {"permission": "FHIR_ALL_READ"}],
}


@pytest.fixture
async def file(tmp_path: Path) -> Path:
    """The configuration of a new installation."""
    made = tmp_path / "assent.toml"
    await init_installation(
        made,
        public_url="http://localhost:9200",
        fhir="https://hapi.example/fhir",
        database="sqlite:///assent.db",
    )
    return made


def append(file: Path, text: str) -> None:
    """Puts a text behind a file's."""
    file.write_text(file.read_text() + text)


async def test_what_has_no_effect_is_told(file: Path) -> None:
    async with open_installation(read_settings(file), file.parent) as installation:
        server = installation.server
        await import_clients(server, {"clients": [CLIENT]}, actor=None)
        role = {"name": "ops", "permissions": [{"permission": "VIEW_USERS"}, {"permission": "FHIR_ALL_READ"}]}
        await add_role(server, role, actor=None)
        arrival = Arrival("header", "", "kim", "kim", (), roles=("nurse", "ops"))
        await welcome(server, arrival, Caller())

    warnings = (await check_installation(file)).warnings

    assert "role ops: has permissions that have no effect here: VIEW_USERS" in warnings
    assert "role nurse: there is none, and 1 person holds it" in warnings
    assert "client nightly: has permissions that have no effect here: VIEW_METRICS" in warnings
    assert any("lists cdr_all_user_authorities, which has no effect" in one for one in warnings)


async def test_all_authorities_are_warned_of_where_they_are_on(file: Path) -> None:
    append(file, "\n[engine]\ncdr_all_user_authorities = true\n")
    warnings = (await check_installation(file)).warnings
    assert any(one.startswith("engine.cdr_all_user_authorities: an app that asks") for one in warnings)


@pytest.mark.parametrize(
    ("settings", "mistake"),
    [
        ("adolescent_from = 18", "representation.adolescent_from: must be less than minor_until, 18"),
        ("minor_until = 31", "representation.minor_until: must be 0 to 30"),
        ('adolescent_types = ["Patiend"]', "did you mean Patient?"),
        ('adolescent_types = ["Immunization"]', "must name Patient"),
        ('adolescent_types = ["Patient", "CodeSystem"]', "'CodeSystem' is not part of a patient's record"),
    ],
)
async def test_ages_that_do_not_agree_are_mistakes(file: Path, settings: str, mistake: str) -> None:
    append(file, f"\n[representation]\n{settings}\n")
    [told] = (await check_installation(file)).mistakes
    assert mistake in told


@pytest.mark.parametrize("settings", ["minor_until = 0", "adolescent_from = 0", "adolescent_types = []"])
async def test_ages_may_be_switched_off(file: Path, settings: str) -> None:
    append(file, f"\n[representation]\n{settings}\n")
    assert (await check_installation(file)).mistakes == ()
