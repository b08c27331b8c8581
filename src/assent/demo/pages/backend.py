"""`/demo/backend`: a backend service that signs itself in with a key and searches records.

Owns the four steps of SMART Backend Services (SMART App Launch 2.2, backend-services and client-confidential-
asymmetric): discovery, a signed assertion, the token, a FHIR search through the gateway; each is shown.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from assent.demo.pages.exchange import Exchange, send
from assent.demo.pages.site import DemoSite
from assent.demo.pages.view import RefusedForm, View
from assent.spec.jose import Key, read_private_key, sign
from assent.web.forms import Form

if TYPE_CHECKING:
    import aiohttp

BACKEND_CLIENT_ID = "demo-backend"
SCOPE = "system/Patient.rs system/Observation.rs system/Condition.rs"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTION_SECONDS = 240  # at most five minutes (client-confidential-asymmetric)
SEARCHES = {
    "Patient?_count=10": "Ten patients",
    "Observation?category=laboratory&_count=10": "Ten laboratory results",
    "Condition?_count=10": "Ten conditions",
    "MedicationRequest?_count=10": "Prescriptions, which the scope above leaves out (the gateway refuses)",
}


class UnusableKey(Exception):
    """The client's key file cannot be read as a private JWK."""


@dataclass(frozen=True, slots=True)
class ServiceKey:
    """The service's private key, its id, and the algorithm it signs with."""

    key: Key = field(repr=False)
    kid: str
    alg: str


@dataclass(frozen=True, slots=True)
class Assertion:
    """A signed client assertion and what is in it."""

    header: Mapping[str, Any]
    claims: Mapping[str, Any]
    text: str

    @property
    def decoded(self) -> str:
        """Header and claims, as the page shows them."""
        return json.dumps({"header": self.header, "claims": self.claims}, indent=2)


@dataclass(frozen=True, slots=True)
class BackendRun:
    """What happened, as far as it went; `rows` are (resource, what, detail)."""

    exchanges: Sequence[Exchange]
    assertion: Assertion | None = None
    rows: Sequence[tuple[str, str, str]] = ()


async def show_backend(view: View, request: Request) -> Response:
    """What will happen, and the button."""
    return view.elsewhere(request) or view.render(
        "backend.html", searches=SEARCHES, search=next(iter(SEARCHES)), run=None, failure=None, scope=SCOPE
    )


async def run_backend_page(view: View, request: Request) -> Response:
    """Run the four steps and show them."""
    try:
        search = read_search(await view.read_form(request))
    except RefusedForm as error:
        return view.refuse(error)
    run, failure = None, None
    try:
        async with view.demo.http() as session:
            run = await run_backend(session, view.demo, search)
    except UnusableKey as error:
        failure = str(error)
    return view.render(
        "backend.html", searches=SEARCHES, search=search, run=run, failure=failure, scope=SCOPE
    )


async def run_backend(session: "aiohttp.ClientSession", demo: DemoSite, search: str) -> BackendRun:
    """Discovery, assertion, token, search; stops at the first failure. Raises UnusableKey."""
    key = await run_in_threadpool(read_key_file, demo.backend_key_path)
    discovery = await send(session, "Where is the token endpoint?", "GET", demo.discovery_url)
    token_endpoint = discovery.answer.get("token_endpoint")
    if not discovery.ok or not isinstance(token_endpoint, str):
        return BackendRun([discovery])
    assertion = sign_assertion(key, token_endpoint, now=demo.now(), jti=demo.new_id())
    token = await send(
        session,
        "A token for the service",
        "POST",
        token_endpoint,
        form={
            "grant_type": "client_credentials",
            "scope": SCOPE,
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": assertion.text,
        },
    )
    if not token.ok:
        return BackendRun([discovery, token], assertion)
    found = await send(
        session,
        "A search through the gateway",
        "GET",
        f"{demo.fhir_base}/{search}",
        headers={
            "Authorization": f"Bearer {token.answer.get('access_token', '')}",
            "Accept": "application/fhir+json",
        },
        shown_headers={"Authorization": "Bearer …  (the token above)", "Accept": "application/fhir+json"},
    )
    return BackendRun([discovery, token, found], assertion, summarise_bundle(found.answer))


def read_search(form: Form) -> str:
    """The search that the form names. Raises RefusedForm for one that the page does not offer."""
    asked = form.many("search")
    if len(asked) != 1 or asked[0] not in SEARCHES:
        raise RefusedForm(400, "This search is not one of those offered.")
    return asked[0]


def read_key_file(path: Path) -> ServiceKey:
    """The private JWK in a file, ES384 for elliptic keys and RS384 for RSA ones. Raises UnusableKey."""
    try:
        jwk = json.loads(path.read_text(encoding="utf-8"))
        key = read_private_key(jwk)
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise UnusableKey(f"{path} is not a private JWK: {error}") from error
    return ServiceKey(key, str(jwk.get("kid", "")), "RS384" if jwk["kty"] == "RSA" else "ES384")


def sign_assertion(key: ServiceKey, audience: str, *, now: int, jti: str) -> Assertion:
    """A client assertion for `audience`, good for a few minutes and for one use."""
    claims = {
        "iss": BACKEND_CLIENT_ID,
        "sub": BACKEND_CLIENT_ID,
        "aud": audience,
        "iat": now,
        "exp": now + ASSERTION_SECONDS,
        "jti": jti,
    }
    header = {"alg": key.alg, "typ": "JWT", "kid": key.kid}
    return Assertion(header, claims, sign(key.key, key.alg, key.kid, "JWT", claims))


def summarise_bundle(bundle: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """A line for each resource of a searchset bundle."""
    resources = [entry.get("resource", {}) for entry in bundle.get("entry", [])]
    return [summarise(resource) for resource in resources]


def summarise(resource: Mapping[str, Any]) -> tuple[str, str, str]:
    """Reference, what it is, and a detail, for a Patient, an Observation or anything with a code."""
    reference = f"{resource.get('resourceType')}/{resource.get('id')}"
    if resource.get("resourceType") == "Patient":
        name = (resource.get("name") or [{}])[0]
        words = [*name.get("given", []), name.get("family", "")]
        return reference, " ".join(filter(None, words)), f"born {resource.get('birthDate', 'unknown')}"
    code = resource.get("code", {})
    label = code.get("text") or next((c.get("display", "") for c in code.get("coding", [])), "")
    quantity = resource.get("valueQuantity")
    if quantity:
        return reference, label, f"{quantity.get('value')} {quantity.get('unit', '')}".strip()
    return reference, label, resource.get("subject", {}).get("reference", "")
