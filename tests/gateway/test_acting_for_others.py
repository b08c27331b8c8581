"""Acting for others, whole: a delegate launches an app; its access ends with the delegation, on every node at once."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from assent.actions.accounts.delegations import add_delegation, remove_delegation
from assent.demo.store.store import FhirStore
from assent.engine.client_auth.secrets import hash_secret
from assent.records.clients import ClientSecret
from assent.spec.permissions import Permission
from assent.testing.application import SECRET, START, Application
from assent.testing.population import resources
from gateway.clinic import Asking

SCOPE = "openid fhirUser launch/patient patient/*.rs offline_access"
LIST = ("openid", "fhirUser", "launch/patient", "patient/*.cruds", "offline_access")
DAY = 86400
MIDNIGHT = START - START % DAY + DAY - 14 * 3600  # where the day begins first: in doubt a child is older
ROLE_CODES = "http://terminology.hl7.org/CodeSystem/v3-RoleCode"
OpenBeside = Callable[[Application], Awaitable[Application]]


def patient(id_: str, born: str) -> dict[str, Any]:
    return {"resourceType": "Patient", "id": id_, "birthDate": born, "gender": "female"}


def mother_of(id_: str) -> dict[str, Any]:
    return {
        "resourceType": "RelatedPerson",
        "id": f"mother-of-{id_}",
        "patient": {"reference": f"Patient/{id_}"},
        "relationship": [{"coding": [{"system": ROLE_CODES, "code": "MTH"}]}],
    }


CONFIDENTIAL = {
    "token_endpoint_auth_method": "client_secret_basic",
    "secrets": (ClientSecret("one", "", hash_secret(SECRET)),),
}
MORE = (
    patient("teen", "2014-01-16"),  # 13 tomorrow
    patient("grown", "2009-01-16"),  # 18 tomorrow
    mother_of("teen"),
    mother_of("grown"),
    {
        "resourceType": "Observation",
        "id": "of-teen",
        "status": "final",
        "subject": {"reference": "Patient/teen"},
    },
    {
        "resourceType": "Immunization",
        "id": "jab",
        "status": "completed",
        "patient": {"reference": "Patient/teen"},
    },
)


@pytest.fixture
async def home(open_with: Any) -> Application:
    """The application with a carer (Kim, who is nobody on the FHIR server) and two mothers."""
    application: Application = await open_with(
        store=FhirStore([*resources(), *MORE], base_url="http://fhir.internal")
    )
    await application.add_client(scope=LIST)
    await application.add_person("kim")
    await application.add_person("mum", fhir_user="RelatedPerson/mother-of-teen")
    await application.add_person("mama", fhir_user="RelatedPerson/mother-of-grown")
    return application


async def launch(application: Application, username: str, scope: str = SCOPE) -> dict[str, Any]:
    """The token response of an app that somebody with one record to choose from launched."""
    app, browser = application.smart_app(), application.browser()
    await app.launch(browser, scope)
    await browser.sign_in(username)
    page = await browser.approve()
    async with application.http() as http:
        answer = await app.redeem(http, page)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def delegate(application: Application, **fields: Any) -> None:
    given = {"username": "kim", "patient": "amy", "relationship": "carer", **fields}
    await add_delegation(application.server, given, actor="tests")


async def test_a_delegate_reads_until_the_delegation_expires(home: Application) -> None:
    await delegate(home, expires_at=START + 600)
    tokens = await launch(home, "kim")
    asking = Asking(home, tokens["access_token"])
    assert tokens["patient"] == "amy"
    assert await asking.keys("Encounter") == {"Encounter/amy-1", "Encounter/amy-2"}
    await asking.refused("GET", "Patient/zoe", 404)

    home.clock.advance(599)
    await asking.read("Patient/amy")
    home.clock.advance(1)
    await asking.refused("GET", "Patient/amy", 401)


async def test_a_delegation_that_is_removed_ends_apps_on_every_node_at_once(
    home: Application, open_beside: OpenBeside
) -> None:
    other = await open_beside(home)
    await delegate(home)
    tokens = await launch(home, "kim")
    there = Asking(other, tokens["access_token"])
    await there.read("Patient/amy")

    await remove_delegation(home.server, "kim", "Patient/amy", actor="tests")

    await there.refused("GET", "Patient/amy", 401)
    async with other.http() as http:
        form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
        refused = await home.smart_app().ask_token(http, form)
    assert refused.json()["error"] == "invalid_grant"


async def test_a_delegation_given_on_one_node_holds_on_the_other(
    home: Application, open_beside: OpenBeside
) -> None:
    other = await open_beside(home)
    await delegate(home)
    tokens = await launch(other, "kim")
    await Asking(other, tokens["access_token"]).read("Patient/amy")


async def test_who_may_only_read_cannot_write(home: Application) -> None:
    await delegate(home, access="read")
    tokens = await launch(home, "kim", "launch/patient patient/*.cruds")
    asking = Asking(home, tokens["access_token"])
    amy = await asking.read("Patient/amy")
    await asking.refused("PUT", "Patient/amy", 403, {**amy, "gender": "unknown"})

    await delegate(home, access="full")
    answer = await asking.send("PUT", "Patient/amy", {**amy, "gender": "unknown"})
    assert answer.status_code == 200


async def test_on_the_birthday_of_age_a_mothers_apps_end(home: Application) -> None:
    tokens = await launch(home, "mama")
    asking = Asking(home, tokens["access_token"])
    home.clock.advance(MIDNIGHT - START - 1)
    tokens = await _refreshed(home, tokens)
    asking = Asking(home, tokens["access_token"])
    await asking.read("Patient/grown")

    home.clock.advance(1)

    await asking.refused("GET", "Patient/grown", 401)
    await add_delegation(
        home.server, {"username": "mama", "patient": "grown", "relationship": "guardian"}, actor="tests"
    )
    await asking.read("Patient/grown")


async def test_on_the_birthday_of_adolescence_a_mother_sees_less(home: Application) -> None:
    tokens = await launch(home, "mum")
    home.clock.advance(MIDNIGHT - START - 1)
    asking = Asking(home, (await _refreshed(home, tokens))["access_token"])
    assert await asking.keys("Observation") == {"Observation/of-teen"}

    home.clock.advance(1)

    await asking.refused("GET", "Observation", 403)
    assert await asking.keys("Immunization") == {"Immunization/jab"}
    await asking.read("Patient/teen")


async def test_a_mothers_app_cannot_keep_a_child_young(home: Application) -> None:
    tokens = await launch(home, "mum", "launch/patient patient/*.cruds")
    asking = Asking(home, tokens["access_token"])
    teen = await asking.read("Patient/teen")

    outcome = await asking.refused("PUT", "Patient/teen", 403, {**teen, "birthDate": "2020-01-01"})
    assert "birth date" in outcome["issue"][0]["diagnostics"]
    del teen["birthDate"]
    await asking.refused("PUT", "Patient/teen", 403, teen)


async def test_token_introspection_and_audit_say_for_whom_somebody_acts(home: Application) -> None:
    await delegate(home)
    tokens = await launch(home, "kim")
    subject = f"{home.server.issuer.fhir_base}/Patient/amy"

    claims = await home.server.keys.verify(tokens["access_token"], "at+jwt")
    assert claims["acting_for"] == subject
    assert (await home.server.keys.verify(tokens["id_token"], "JWT"))["acting_for"] == subject
    await home.add_client("resource-server", can_introspect="any", **CONFIDENTIAL)
    async with home.http() as http:
        form = {"token": tokens["access_token"]}
        answer = (await http.post("/oauth/introspect", data=form, auth=("resource-server", SECRET))).json()
    assert answer["acting_for"] == subject
    for type_ in ("authorization.granted", "token.issued"):
        [row] = await home.audit(type_)
        assert (row.detail or {})["acting_for"] == "Patient/amy"
        assert row.person_id == (await home.audit("login.succeeded"))[0].person_id


async def test_a_refusal_at_the_gateway_is_kept_with_for_whom_she_acted(home: Application) -> None:
    await delegate(home)
    tokens = await launch(home, "kim")
    await Asking(home, tokens["access_token"]).refused(
        "POST", "Observation", 403, {"resourceType": "Observation"}
    )
    [row] = await home.audit("fhir.refused")
    assert (row.detail or {})["acting_for"] == "Patient/amy"


async def test_while_the_fhir_server_cannot_say_nothing_is_given_and_nothing_is_lost(
    home: Application,
) -> None:
    tokens = await launch(home, "mum")
    home.clock.advance(11)
    home.fhir.is_down = True
    form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    async with home.http() as http:
        answer = await home.smart_app().ask_token(http, form)
    assert (answer.status_code, answer.json()["error"]) == (503, "temporarily_unavailable")
    await Asking(home, tokens["access_token"]).refused("GET", "Patient/teen", 502)

    home.fhir.is_down = False
    await Asking(home, (await _refreshed(home, tokens))["access_token"]).read("Patient/teen")


async def test_of_ones_own_record_nothing_is_said(home: Application) -> None:
    await home.add_amy()
    tokens = await launch(home, "amy")
    assert "acting_for" not in await home.server.keys.verify(tokens["access_token"], "at+jwt")


async def test_whose_permissions_open_the_record_acts_for_nobody_and_stays(home: Application) -> None:
    await home.add_person("doc", permissions=(Permission("FHIR_READ_ALL_IN_COMPARTMENT", "Patient/amy"),))
    await delegate(home, username="doc")
    tokens = await launch(home, "doc")
    assert "acting_for" not in await home.server.keys.verify(tokens["access_token"], "at+jwt")

    await remove_delegation(home.server, "doc", "amy", actor="tests")
    await Asking(home, tokens["access_token"]).read("Patient/amy")


async def _refreshed(application: Application, tokens: dict[str, Any]) -> dict[str, Any]:
    async with application.http() as http:
        form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
        answer = await application.smart_app().ask_token(http, form)
    assert answer.status_code == 200, answer.text
    return answer.json()
