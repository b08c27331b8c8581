"""A rule or a header that is gone gives nothing from the next sign-in on, whatever it gave before."""

from typing import Any

from starlette.datastructures import Headers

from assent.engine.arrivals import welcome
from assent.engine.server import Caller
from assent.identity.mapping import read_rules
from assent.identity.trusted_header import HeaderNames, Proxies, TrustedHeader
from assent.records.people import Person

PROXY = "10.0.0.5"
NAMES = HeaderNames("x-user", fhir_user="x-fhir", groups="x-groups")


async def come(app: Any, rules: list[str], **headers: str) -> Person:
    module = TrustedHeader(Proxies([PROXY]), NAMES, read_rules(rules), "proxy")
    said = Headers({f"x-{name}": value for name, value in headers.items()})
    arrival = await module.recognise(app.server, said, PROXY)
    assert arrival is not None
    return await welcome(app.server, arrival, Caller(PROXY))


async def test_the_last_rule_for_roles_and_the_last_of_all_take_what_they_gave_along(open_with: Any) -> None:
    app = await open_with()
    rules = ["doctors => FHIR_ALL_WRITE", "doctors => role:chief"]
    person = await come(app, rules, user="lee", groups="doctors")
    assert (person.permissions[0].name, person.roles) == ("FHIR_ALL_WRITE", ("chief",))
    person = await come(app, ["doctors => FHIR_ALL_READ"], user="lee", groups="doctors")
    assert ([one.name for one in person.permissions], person.roles) == (["FHIR_ALL_READ"], ())
    person = await come(app, [], user="lee", groups="doctors")
    assert (person.permissions, person.roles) == ((), ())


async def test_a_fhir_user_that_the_proxy_no_longer_names_is_hers_no_longer(open_with: Any) -> None:
    app = await open_with()
    assert (await come(app, [], user="lee", fhir="Practitioner/7")).fhir_user == "Practitioner/7"
    assert (await come(app, [], user="lee")).fhir_user is None
