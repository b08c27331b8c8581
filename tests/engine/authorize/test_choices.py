"""What is offered: by her powers, and by the hook, which can narrow and suggest and never widen."""

from assent.engine.authorize.choices import listed_patients, may_search, narrow_encounters, narrow_patients
from assent.engine.authorize.reach import named_patients
from assent.engine.hooks import ContextOffer, Hooks
from assent.records.clients import Client
from assent.records.people import Person
from assent.spec.permissions import Power
from assent.testing.server import TestServer, a_server

APP = Client("app", "App")
LEE = Person("u-lee", "lee", "lee")
MIA, LEO = Power("read", "*", within="Patient/mia"), Power("read", "*", within="Patient/leo")


class Turning(Hooks):
    """Leaves out `mia`, adds `zoe`, turns the order round; remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[ContextOffer] = []

    async def on_context_choices(self, offer: ContextOffer) -> tuple[str, ...]:
        self.asked.append(offer)
        return (*(one for one in reversed(offer.offered) if one != "mia"), "zoe")


async def turned(*powers: Power) -> tuple[TestServer, Turning]:
    hooks = Turning()
    served = await a_server(hooks=hooks)
    served.records.powers_of["lee"] = powers
    return served, hooks


def test_permissions_name_patients_by_compartment_and_by_instance() -> None:
    powers = (
        MIA,
        Power("write", "*", within="Patient/ida"),
        Power("read", "Observation", within="Patient/amy"),
        Power("read", "Patient", instance="Patient/leo"),
        Power("read", "Observation", instance="Observation/o1"),
        Power("read", "*", within="RelatedPerson/zoe"),
        MIA,
    )
    assert named_patients(powers) == ("mia", "leo")


async def test_own_records_come_before_those_that_permissions_name(served: TestServer) -> None:
    served.records.patients_of["lee"] = ("lee",)
    served.records.powers_of["lee"] = (MIA, Power("read", "*", within="Patient/lee"))
    assert await listed_patients(served.server, APP, LEE) == ("lee", "mia")
    assert not await may_search(served.server, LEE)


async def test_a_hook_is_told_who_asks_for_which_app() -> None:
    served, hooks = await turned(MIA, LEO)
    await listed_patients(served.server, APP, LEE)
    assert hooks.asked == [ContextOffer(APP, LEE, "patient", None, ("mia", "leo"))]
    await served.close()


async def test_a_hook_narrows_and_cannot_widen() -> None:
    served, _ = await turned(MIA, LEO)
    assert await listed_patients(served.server, APP, LEE) == ("leo",)
    assert await narrow_patients(served.server, APP, LEE, ("mia",)) == ()
    await served.close()


async def test_a_hook_may_suggest_a_patient_whom_she_may_open_anyway() -> None:
    served, _ = await turned(Power("read", "*"))
    assert await narrow_patients(served.server, APP, LEE, ("mia", "leo")) == ("leo", "zoe")
    await served.close()


async def test_of_visits_only_those_that_are_the_patients_can_be_left() -> None:
    served, hooks = await turned(Power("read", "*"))
    assert await narrow_encounters(served.server, APP, LEE, "amy", ("v1", "mia", "v2")) == ("v2", "v1")
    assert (hooks.asked[0].kind, hooks.asked[0].patient) == ("encounter", "amy")
    await served.close()
