"""What scopes open about a person."""

from typing import Any

import pytest

from assent.engine.token_endpoint import respond
from assent.engine.userinfo import userinfo
from assent.spec.errors import InsufficientScope, InvalidToken
from assent.spec.jose import read_unverified
from assent.testing.server import TestServer


async def ask(served: TestServer, scope: str, **client_fields: Any) -> tuple[dict[str, Any], str]:
    """What userinfo tells on this scope, and the `sub` of the ID token."""
    client = await served.add_client(**client_fields)
    person = await served.add_person(
        given_name="Amy", family_name="Shaw", email="amy@example.org", locale="de", fhir_user="Patient/p1"
    )
    grant = await served.add_grant(client, person, scope)
    body = await served.redeem(client, grant)
    told, asked_by = await userinfo(served.server, f"Bearer {body['access_token']}")
    assert asked_by == client
    return told, read_unverified(body["id_token"]).claims["sub"]


@pytest.mark.row("O4")
async def test_each_scope_opens_its_claims(served: TestServer) -> None:
    told, sub = await ask(served, "openid profile email fhirUser")
    assert told == {
        "sub": sub,
        "name": "Amy Shaw",
        "given_name": "Amy",
        "family_name": "Shaw",
        "preferred_username": "amy",
        "locale": "de",
        "email": "amy@example.org",
        "fhirUser": "https://fhir.example/r4/Patient/p1",
    }


@pytest.mark.row("O4")
@pytest.mark.parametrize("fields", [{}, {"subject_type": "pairwise"}])
async def test_openid_alone_opens_the_subject(served: TestServer, fields: dict[str, Any]) -> None:
    told, sub = await ask(served, "openid", **fields)
    assert told == {"sub": sub}


async def test_a_token_without_openid_is_refused(served: TestServer) -> None:
    client = await served.add_client(scope=("system/*.rs",))
    body = await respond(served.server, served.ask(client, grant_type="client_credentials"))
    with pytest.raises(InsufficientScope):
        await userinfo(served.server, f"Bearer {body['access_token']}")
    with pytest.raises(InvalidToken):
        await userinfo(served.server, None)
