"""A FHIR server with partitions: who asks in which, and what of the rights holds there."""

from urllib.parse import urlencode

import pytest

from assent.app.settings import FhirSettings, ServerSettings, Settings
from assent.demo.store.store import FhirStore
from assent.fhir.upstream import UpstreamRequest, UpstreamResponse, UpstreamStream, as_stream
from assent.testing.application import PUBLIC_URL
from gateway.clinic import Asking, Clinic, link_of

HEADER = "X-Request-Partition-IDs"
BASE = "http://fhir.internal"
ALL, ONE = "FHIR_ACCESS_PARTITION_ALL", "FHIR_ACCESS_PARTITION_NAME"


def patient(name: str, id_: str = "amy") -> dict[str, object]:
    return {"resourceType": "Patient", "id": id_, "name": [{"family": name}]}


class Partitioned:
    """Stores by partition. A request without the header is one too many."""

    base = BASE

    def __init__(self, **stores: list[dict[str, object]]) -> None:
        self.stores = {name: FhirStore(found, base_url=BASE) for name, found in stores.items()}
        self.asked: list[str] = []

    async def send(self, request: UpstreamRequest) -> UpstreamResponse:
        name = request.headers[HEADER]
        self.asked.append(name)
        store = self.stores[name]
        body = request.body or b""
        answer = store.handle(
            request.method, request.path, urlencode(request.query), dict(request.headers), body
        )
        return UpstreamResponse(
            answer.status, {key.lower(): one for key, one in answer.headers.items()}, answer.body
        )

    async def stream(self, request: UpstreamRequest) -> UpstreamStream:
        return as_stream(await self.send(request))


@pytest.fixture
async def hospital(open_with) -> tuple[Clinic, Partitioned]:
    """Partitions home, north and south: each has a Patient/amy, and they are three people."""
    fhir = FhirSettings(partition_header=HEADER, partition="home")
    settings = Settings(server=ServerSettings(public_url=PUBLIC_URL, log_format="json"), fhir=fhir)
    clinic = Clinic(await open_with(settings=settings))
    server = Partitioned(
        home=[patient("Home"), patient("Home", "bob")],
        north=[patient("North"), patient("North", "nils")],
        south=[patient("South")],
    )
    behind = clinic.application.fhir
    behind.store, behind.send, behind.stream = server, server.send, server.stream
    return clinic, server


async def backend(clinic: Clinic, *permissions: str, scope: str = "system/*.cruds") -> Asking:
    name = f"app-{len(permissions)}-{abs(hash(permissions)) % 10_000}"
    await clinic.client(name, permissions)
    return await clinic.own(name, scope)


async def family(asking: Asking, named: str | None = None, path: str = "Patient/amy") -> str:
    headers = {} if named is None else {HEADER: named}
    answer = await asking.send("GET", path, **headers)
    assert answer.status_code == 200, answer.text
    return answer.json()["name"][0]["family"]


async def test_a_request_goes_to_the_partition_that_it_names(hospital):
    clinic, _ = hospital
    asking = await backend(clinic, "FHIR_ALL_READ", ALL)
    assert await family(asking) == "Home"
    assert await family(asking, "north") == "North"
    assert await family(asking, "south") == "South"


async def test_who_may_ask_in_one_partition_alone_need_not_name_it(hospital):
    clinic, _ = hospital
    asking = await backend(clinic, "FHIR_ALL_READ", f"{ONE} north")
    assert await family(asking) == "North"
    for named in ("home", "south", "north,south", "_ALL"):
        await asking.refused("GET", "Patient/amy", 403, **{HEADER: named})
    both = await backend(clinic, "FHIR_ALL_READ", f"{ONE} north,south")
    await both.refused("GET", "Patient/amy", 400)
    assert await family(both, "south") == "South"


@pytest.mark.parametrize("permissions", [("FHIR_ALL_READ",), ("FHIR_ALL_READ", "FHIR_MANAGE_PARTITIONS")])
async def test_who_holds_no_partition_asks_nowhere(hospital, permissions):
    clinic, server = hospital
    asking = await backend(clinic, *permissions)
    for headers in ({}, {HEADER: "home"}, {HEADER: "north"}):
        await asking.refused("GET", "Patient/amy", 403, **headers)
    batch = {"resourceType": "Bundle", "type": "batch", "entry": []}
    await asking.refused("POST", "", 403, batch)
    assert server.asked == []


@pytest.mark.parametrize("role", ["ROLE_FHIR_CLIENT_SUPERUSER", "ROLE_FHIR_CLIENT_SUPERUSER_RO"])
async def test_a_superuser_asks_in_all_partitions(hospital, role):
    clinic, _ = hospital
    assert await family(await backend(clinic, role), "south") == "South"


@pytest.mark.parametrize("named", ["", "no th", "north,", "../north", "north\u00e9", "a" * 201])
async def test_what_is_no_name_is_refused(hospital, named):
    clinic, server = hospital
    asking = await backend(clinic, "FHIR_ALL_READ", ALL)
    await asking.refused("GET", "Patient/amy", 400, **{HEADER: named.encode("latin-1")})
    assert server.asked == []


async def test_what_is_limited_to_one_record_holds_at_home_alone(hospital):
    """The same id is somebody else in another partition."""
    clinic, server = hospital
    asking = await backend(
        clinic, "FHIR_READ_INSTANCE Patient/amy", "FHIR_READ_ALL_IN_COMPARTMENT Patient/amy", ALL
    )
    assert await family(asking) == "Home"
    await asking.refused("GET", "Patient/amy", 403, **{HEADER: "north"})
    person = await clinic.person("amy-herself", "Patient/amy", (ALL,))
    own = await clinic.asking(await clinic.client("app"), person, "patient/*.rs user/*.rs", "amy")
    assert await family(own) == "Home"
    before = len(server.asked)
    await own.refused("GET", "Patient/amy", 403, **{HEADER: "north"})
    await own.refused("GET", "Patient/amy", 403, **{HEADER: "home,north"})
    assert len(server.asked) == before


async def test_further_pages_stay_in_their_partition(hospital):
    clinic, _ = hospital
    asking = await backend(clinic, "FHIR_ALL_READ", ALL)
    first = (await asking.send("GET", "Patient?_count=1", **{HEADER: "north"})).json()
    link = link_of(first, "next").removeprefix(f"{asking.base}/")
    second = await asking.send("GET", link, **{HEADER: "north"})
    assert second.status_code == 200, second.text
    assert second.json()["entry"][0]["resource"]["name"] == [{"family": "North"}]
    for headers in ({}, {HEADER: "south"}):
        await asking.refused("GET", link, 400, **headers)


async def test_the_entries_of_a_batch_go_where_the_batch_goes(hospital):
    clinic, server = hospital
    asking = await backend(clinic, "FHIR_ALL_READ", "FHIR_BATCH", ALL)
    batch = {
        "resourceType": "Bundle",
        "type": "batch",
        "entry": [{"request": {"method": "GET", "url": "Patient/amy"}}],
    }
    answer = await asking.send("POST", "", batch, **{HEADER: "south"})
    assert answer.json()["entry"][0]["resource"]["name"] == [{"family": "South"}]
    assert set(server.asked) == {"south"}


async def test_a_write_lands_in_its_partition(hospital):
    clinic, server = hospital
    asking = await backend(clinic, "FHIR_ALL_READ", "FHIR_ALL_WRITE", ALL)
    answer = await asking.send("PUT", "Patient/new", patient("New", "new"), **{HEADER: "north"})
    assert answer.status_code == 201, answer.text
    assert set(server.asked) == {"north"}
    await asking.refused("GET", "Patient/new", 404)
    assert await family(asking, "north", "Patient/new") == "New"


async def test_a_person_signs_in_with_the_record_at_home(hospital):
    """What the product itself asks names the partition too: the stub fails on a request without it."""
    clinic, server = hospital
    person = await clinic.person("amy-herself", "Patient/amy", (f"{ONE} home",))
    records = clinic.application.installation.records["default"]
    assert await records.powers(person)
    assert (
        await clinic.application.installation.upstreams["default"].send(UpstreamRequest("GET", "Patient/amy"))
    ).status == 200
    assert set(server.asked) == {"home"}


async def test_web_apps_may_send_the_header(hospital):
    clinic, _ = hospital
    asking = Asking(clinic.application, None)
    answer = await asking.send(
        "OPTIONS", "Patient/amy", Origin="https://app.example", Access_Control_Request_Method="GET"
    )
    assert HEADER in answer.headers["access-control-allow-headers"]


async def test_a_server_without_partitions_hears_of_none(ward):
    clinic = await ward(patient("Alone"))
    asking = await backend(clinic, "FHIR_ALL_READ")
    assert await family(asking, "north") == "Alone"
