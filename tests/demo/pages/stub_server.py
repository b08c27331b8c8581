"""The other side of the demo's pages, for their tests: an authorization server and a FHIR server.

It signs nobody in: whoever asks at `/oauth/authorize` gets a code. What it does check is what the pages are
responsible for: PKCE, client authentication, the fields of a launch. `answers` replaces an answer by path.
"""

import base64
import hashlib
import json
import secrets
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode

from joserfc import jwt
from joserfc.jwk import ECKey, OctKey
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

SIGNING = OctKey.import_key("only for looking at: nobody checks it here")
CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"


@dataclass
class Stub:
    """`url` is where it listens; `calls` what it was sent, by path; `scope` what it grants, when not all."""

    url: str
    backend_key: ECKey
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    answers: dict[str, Response] = field(default_factory=dict)
    scope: str | None = None
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    launches: dict[str, dict[str, Any]] = field(default_factory=dict)
    revoked: bool = False

    def sent_to(self, path: str) -> list[dict[str, Any]]:
        return [sent for where, sent in self.calls if where == path]

    def routes(self) -> list[Route]:
        return [
            Route("/oauth/authorize", self.authorize),
            Route("/oauth/token", self.token, methods=["POST"]),
            Route("/oauth/token/revoke", self.revoke, methods=["POST"]),
            Route("/oauth/launch", self.launch, methods=["POST"]),
            Route("/oauth/logout", self.logout),
            Route("/fhir/.well-known/smart-configuration", self.discovery),
            Route("/fhir/{type}/{id}", self.read),
            Route("/fhir/{type}", self.search),
        ]

    def note(self, request: Request, sent: dict[str, Any]) -> Response | None:
        self.calls.append((request.url.path, sent))
        return self.answers.get(request.url.path)

    async def discovery(self, request: Request) -> Response:
        return self.note(request, {}) or JSONResponse(
            {
                "authorization_endpoint": f"{self.url}/oauth/authorize",
                "token_endpoint": f"{self.url}/oauth/token",
                "revocation_endpoint": f"{self.url}/oauth/token/revoke",
                "code_challenge_methods_supported": ["S256"],
                "capabilities": ["launch-ehr", "launch-standalone"],
            }
        )

    async def authorize(self, request: Request) -> Response:
        sent = dict(request.query_params)
        if answer := self.note(request, sent):
            return answer
        code = secrets.token_urlsafe(8)
        self.codes[code] = sent
        return RedirectResponse(
            f"{sent['redirect_uri']}?{urlencode({'code': code, 'state': sent['state'], 'iss': self.url})}",
            303,
        )

    async def token(self, request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode()))
        if answer := self.note(request, form | {"authorization": request.headers.get("authorization", "")}):
            return answer
        if form["grant_type"] == "client_credentials":
            return self.for_client(request, form)
        if form["grant_type"] == "refresh_token":
            return JSONResponse(self.tokens(form["client_id"], {"scope": "offline_access patient/*.rs"}))
        asked = self.codes.pop(form["code"])
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != asked["code_challenge"]:
            return JSONResponse({"error": "invalid_grant"}, 400)
        return JSONResponse(self.tokens(form["client_id"], asked))

    def for_client(self, request: Request, form: dict[str, str]) -> Response:
        if "client_assertion" in form:
            claims = jwt.decode(form["client_assertion"], self.backend_key, algorithms=["ES384"]).claims
            known = claims["aud"] == f"{self.url}/oauth/token" and claims["exp"] - claims["iat"] <= 300
        else:
            known = request.headers.get("authorization") == "Basic " + base64.b64encode(
                b"demo-ehr:demo-secret"
            ).decode("ascii")
        if not known:
            return JSONResponse({"error": "invalid_client", "error_description": "no"}, 401)
        return JSONResponse(
            {"access_token": self.jwt({"sub": "client"}), "token_type": "Bearer", "expires_in": 300}
            | {"scope": form["scope"]}
        )

    def tokens(self, client_id: str, asked: dict[str, str]) -> dict[str, Any]:
        scope = self.scope if self.scope is not None else asked["scope"]
        claims = {"iss": self.url, "aud": f"{self.url}/fhir", "client_id": client_id, "scope": scope}
        answer: dict[str, Any] = {
            "access_token": self.jwt(claims),
            "token_type": "Bearer",
            "expires_in": 3600,
            "scope": scope,
            "patient": "amy",
        }
        if "openid" in scope:
            answer["id_token"] = self.jwt(
                {"sub": "p-1", "fhirUser": f"{self.url}/fhir/Patient/amy"} | claims | {"aud": client_id}
            )
        if "_access" in scope:
            answer["refresh_token"] = secrets.token_urlsafe(32)
        context = self.launches.get(asked.get("launch", ""), {})
        members = ("patient", "encounter", "intent", "need_patient_banner", "smart_style_url")
        return answer | {name: context[name] for name in members if name in context}

    def jwt(self, claims: dict[str, Any]) -> str:
        now = int(time.time())
        times = {"iat": now, "exp": now + 3600, "jti": secrets.token_urlsafe(6)}
        return jwt.encode({"alg": "HS256", "kid": "stub"}, claims | times, SIGNING, algorithms=["HS256"])

    async def revoke(self, request: Request) -> Response:
        return self.note(request, dict(parse_qsl((await request.body()).decode()))) or Response(
            status_code=200
        )

    async def logout(self, request: Request) -> Response:
        return self.note(request, dict(request.query_params)) or RedirectResponse(
            request.query_params.get("post_logout_redirect_uri", "/"), 303
        )

    async def launch(self, request: Request) -> Response:
        body = json.loads(await request.body())
        if answer := self.note(request, body | {"authorization": request.headers.get("authorization", "")}):
            return answer
        handle = secrets.token_urlsafe(16)
        self.launches[handle] = body
        query = urlencode({"iss": f"{self.url}/fhir", "launch": handle})
        return JSONResponse(
            {"launch": handle, "iss": f"{self.url}/fhir", "expires_in": 300}
            | {"launch_url": f"{body['launch_uri']}?{query}"},
            201,
        )

    async def read(self, request: Request) -> Response:
        if self.revoked:
            return JSONResponse({"resourceType": "OperationOutcome"}, 401)
        return self.note(request, {}) or JSONResponse(PATIENT)

    async def search(self, request: Request) -> Response:
        if self.revoked:
            return JSONResponse({"resourceType": "OperationOutcome"}, 401)
        if answer := self.note(request, dict(request.query_params)):
            return answer
        kind, category = request.path_params["type"], request.query_params.get("category")
        found = RESOURCES.get(f"{kind}/{category}" if category else kind, [])
        return JSONResponse(
            {
                "resourceType": "Bundle",
                "type": "searchset",
                "link": [{"relation": "self", "url": str(request.url)}],
                "entry": [{"resource": resource} for resource in found],
            }
        )


PATIENT = {
    "resourceType": "Patient",
    "id": "amy",
    "name": [{"use": "official", "given": ["Amy"], "family": "Okafor"}],
    "birthDate": "1984-03-09",
}


def coded(code: str, words: str) -> dict[str, Any]:
    return {"coding": [{"system": "http://loinc.org", "code": code, "display": words}], "text": words}


def measured(code: str, words: str, year: int, month: int, value: float, unit: str) -> dict[str, Any]:
    return {
        "resourceType": "Observation",
        "id": f"{code}-{year}-{month}",
        "status": "final",
        "code": coded(code, words),
        "subject": {"reference": "Patient/amy"},
        "effectiveDateTime": f"{year}-{month:02}-14T09:30:00Z",
        "valueQuantity": {"value": value, "unit": unit},
    }


def pressure(year: int, month: int, systolic: int, diastolic: int) -> dict[str, Any]:
    whole = measured("85354-9", "Blood pressure", year, month, 0, "mmHg")
    del whole["valueQuantity"]
    whole["component"] = [
        {"code": coded("8480-6", "Systolic"), "valueQuantity": {"value": systolic, "unit": "mmHg"}},
        {"code": coded("8462-4", "Diastolic"), "valueQuantity": {"value": diastolic, "unit": "mmHg"}},
    ]
    return whole


MONTHS = [(year, month) for year in range(2019, 2026) for month in (2, 6, 10)]
RESOURCES = {
    "Observation/vital-signs": [
        *(pressure(y, m, 116 + (y * 7 + m) % 19, 72 + (y * 5 + m) % 13) for y, m in MONTHS),
        *(measured("8867-4", "Heart rate", y, m, 62 + (y * 3 + m * 7) % 21, "/min") for y, m in MONTHS),
        *(
            measured("29463-7", "Body weight", y, m, 61.5 + (y - 2019) * 0.9 + m / 10, "kg")
            for y, m in MONTHS
        ),
        *(measured("8310-5", "Body temperature", y, m, 36.4 + m / 20, "Cel") for y, m in MONTHS),
    ],
    "Observation/laboratory": [
        measured("4548-4", "Haemoglobin A1c", 2025, 3, 5.6, "%"),
        measured("2093-3", "Cholesterol, total", 2025, 3, 182, "mg/dL"),
        measured("718-7", "Haemoglobin", 2024, 11, 13.4, "g/dL"),
    ],
    "Condition": [
        {
            "resourceType": "Condition",
            "id": "c1",
            "code": {"text": "Essential hypertension"},
            "clinicalStatus": {"coding": [{"code": "active", "display": "Active"}]},
            "onsetDateTime": "2021-05-02",
            "subject": {"reference": "Patient/amy"},
        }
    ],
    "MedicationRequest": [
        {
            "resourceType": "MedicationRequest",
            "id": "m1",
            "status": "active",
            "medicationCodeableConcept": {"text": "Lisinopril 10 mg tablet"},
            "authoredOn": "2021-05-10",
        }
    ],
    "Patient": [PATIENT],
}
