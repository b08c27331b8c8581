"""`/demo/ehr/`: a mock EHR, from which a clinician opens the sample app.

Owns the patient list, the choice of a visit, and the EHR's part of an EHR launch (SMART App Launch 2.2, "Launch from
an EHR"): registering a launch context at `/oauth/launch` as the confidential client `demo-ehr`, then opening the
app's launch URL. Needs no script.
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from assent.demo.pages.exchange import Exchange, send
from assent.demo.pages.sample_app import CLIENT_ID
from assent.demo.pages.site import DemoSite, EncounterChoice, PatientChoice
from assent.demo.pages.style import style_url
from assent.demo.pages.view import RefusedForm, View
from assent.spec.errors import InvalidRequest
from assent.web.forms import Form

if TYPE_CHECKING:
    import aiohttp

EHR_CLIENT_ID = "demo-ehr"
EHR_SECRET = "demo-secret"
CLINICIAN = "lee"
INTENTS = {
    "": "nothing in particular",
    "vital-signs": "look at vital signs",
    "lab-results": "look at lab results",
}
OPENINGS = ("tab", "frame", "show")


@dataclass(frozen=True, slots=True)
class LaunchChoice:
    """What the clinician chose; `opening` is one of `OPENINGS`."""

    patient: PatientChoice
    encounter: EncounterChoice | None
    intent: str
    opening: str


async def show_ehr(view: View, request: Request) -> Response:
    """The patient list, and the visits of the patient that the query names."""
    if redirect := view.elsewhere(request):
        return redirect
    patients = await view.demo.list_patients()
    wanted = request.query_params.get("name", "").strip()
    patient = find_patient(patients, request.query_params.get("patient", ""))
    return view.render(
        "ehr.html",
        patients=[p for p in patients if wanted.casefold() in p.name.casefold()],
        wanted=wanted,
        patient=patient,
        encounters=await view.demo.list_encounters(patient.id) if patient else (),
        intents=INTENTS,
        clinician=CLINICIAN,
    )


async def open_app(view: View, request: Request) -> Response:
    """Register the launch, then open the app: at once (303), or below what was exchanged."""
    try:
        choice = await read_choice(view.demo, await view.read_form(request))
    except RefusedForm as error:
        return view.refuse(error)
    async with view.demo.http() as session:
        exchanges = await register_launch(session, view.demo, choice)
    launch_url = exchanges[-1].answer.get("launch_url") if exchanges[-1].ok else None
    if launch_url and choice.opening == "tab":
        return RedirectResponse(str(launch_url), 303)
    return view.render(
        "ehr_launch.html",
        status=200 if launch_url else 502,
        choice=choice,
        exchanges=exchanges,
        launch_url=launch_url,
    )


async def read_choice(demo: DemoSite, form: Form) -> LaunchChoice:
    """The posted choice, checked against what the EHR has. Raises RefusedForm."""
    try:
        fields = {name: form.one(name) or "" for name in ("patient", "encounter", "intent", "open")}
    except InvalidRequest as error:
        raise RefusedForm(400, "The form says one thing twice.") from error
    patient = find_patient(await demo.list_patients(), fields["patient"])
    if patient is None:
        raise RefusedForm(400, "There is no such patient.")
    encounters = {encounter.id: encounter for encounter in await demo.list_encounters(patient.id)}
    if fields["encounter"] and fields["encounter"] not in encounters:
        raise RefusedForm(400, "This patient has no such visit.")
    if fields["intent"] not in INTENTS or fields["open"] not in OPENINGS:
        raise RefusedForm(400, "The form has a value that the EHR does not offer.")
    return LaunchChoice(patient, encounters.get(fields["encounter"]), fields["intent"], fields["open"])


def find_patient(patients: Sequence[PatientChoice], patient_id: str) -> PatientChoice | None:
    """The patient with this id, if there is one."""
    return next((patient for patient in patients if patient.id == patient_id), None)


async def register_launch(
    session: "aiohttp.ClientSession", demo: DemoSite, choice: LaunchChoice
) -> Sequence[Exchange]:
    """Get a token that may create launches, then create one; stops at the first failure."""
    credentials = base64.b64encode(f"{EHR_CLIENT_ID}:{EHR_SECRET}".encode()).decode()
    token = await send(
        session,
        "The EHR signs itself in",
        "POST",
        f"{demo.issuer_url}/oauth/token",
        headers={"Authorization": f"Basic {credentials}"},
        shown_headers={"Authorization": f"Basic …  ({EHR_CLIENT_ID}:{EHR_SECRET} in base64)"},
        form={"grant_type": "client_credentials", "scope": "launch:create"},
    )
    if not token.ok:
        return [token]
    launch = await send(
        session,
        "The EHR registers the launch context",
        "POST",
        f"{demo.issuer_url}/oauth/launch",
        headers={"Authorization": f"Bearer {token.answer.get('access_token', '')}"},
        shown_headers={"Authorization": "Bearer …  (the token above)"},
        body=describe_launch(demo, choice),
    )
    return [token, launch]


def describe_launch(demo: DemoSite, choice: LaunchChoice) -> dict[str, Any]:
    """The body of `POST /oauth/launch`.

    `need_patient_banner` is false only where the EHR's own banner stays in sight, around the framed app (SMART App
    Launch 2.2, launch context).
    """
    launch: dict[str, Any] = {
        "client_id": CLIENT_ID,
        "user": CLINICIAN,
        "patient": choice.patient.id,
        "need_patient_banner": choice.opening != "frame",
        "smart_style_url": style_url(demo),
        "launch_uri": demo.app_launch_url,
    }
    if choice.encounter:
        launch["encounter"] = choice.encounter.id
    if choice.intent:
        launch["intent"] = choice.intent
    return launch
