"""The demo's clients and people, as the definitions that an administrator would import.

Every password is `demo`, every secret `demo-secret`: that is why a demo listens on loopback only.
"""

from typing import Any

from assent.demo.store.population.landmarks import AMY, JONAS, LEE

PASSWORD = "demo"
SECRET = "demo-secret"

IDENTITY = ["openid", "fhirUser", "profile", "email"]
CONTEXT = ["launch", "launch/patient", "launch/encounter"]
RECORDS = ["patient/*.cruds", "user/*.cruds"]
LASTING = ["offline_access", "online_access"]


def clients(issuer_url: str, backend_jwks: dict[str, Any]) -> list[dict[str, Any]]:
    """The definitions of `demo-app`, `demo-confidential`, `demo-backend` and `demo-ehr`."""
    app = f"{issuer_url}/demo/app/"
    return [
        {
            "client_id": "demo-app",
            "client_name": "Vital Signs",
            "publisher": "Assent demo",
            "token_endpoint_auth_method": "none",
            "grant_types": ["authorization_code", "refresh_token"],
            "redirect_uris": [app],
            "launch_uris": [f"{app}launch.html"],
            "post_logout_redirect_uris": [app, f"{issuer_url}/"],
            "scope": [*IDENTITY, *CONTEXT, *RECORDS, *LASTING],
            "scope_reasons": {"patient/*.rs": "to draw your chart"},
        },
        {
            "client_id": "demo-confidential",
            "client_name": "Clinic Portal",
            "publisher": "Assent demo",
            "token_endpoint_auth_method": "client_secret_basic",
            "secrets": [{"description": "the demo's secret", "secret": SECRET}],
            "grant_types": ["authorization_code", "refresh_token", "client_credentials"],
            "redirect_uris": [app, "http://127.0.0.1/callback"],
            "launch_uris": [f"{app}launch.html"],
            "post_logout_redirect_uris": [app, f"{issuer_url}/"],
            "scope": [*IDENTITY, *CONTEXT, *RECORDS, *LASTING, "system/*.rs"],
            "can_introspect": "any",
        },
        {
            "client_id": "demo-backend",
            "client_name": "Nightly Report",
            "publisher": "Assent demo",
            "token_endpoint_auth_method": "private_key_jwt",
            "jwks": backend_jwks,
            "grant_types": ["client_credentials"],
            "response_types": [],
            "scope": ["system/*.rs"],
            "permissions": [{"permission": "FHIR_ALL_READ"}],
        },
        {
            "client_id": "demo-ehr",
            "client_name": "Demo EHR",
            "publisher": "Assent demo",
            "token_endpoint_auth_method": "client_secret_basic",
            "secrets": [{"description": "the demo's secret", "secret": SECRET}],
            "grant_types": ["client_credentials"],
            "response_types": [],
            "scope": ["launch:create"],
        },
    ]


def people() -> list[dict[str, Any]]:
    """The definitions of `amy`, `jonas`, `lee` and `admin`."""
    return [
        {
            "username": "amy",
            "password": PASSWORD,
            "given_name": "Amy",
            "family_name": "Okafor",
            "email": "amy@demo.example",
            "fhir_user": AMY,
        },
        {
            "username": "jonas",
            "password": PASSWORD,
            "given_name": "Jonas",
            "family_name": "Weber",
            "email": "jonas@demo.example",
            "fhir_user": JONAS,
        },
        {
            "username": "lee",
            "password": PASSWORD,
            "given_name": "Hannah",
            "family_name": "Lee",
            "email": "lee@demo.example",
            "fhir_user": LEE,
            "permissions": [{"permission": "FHIR_ALL_READ"}],
        },
        {
            "username": "admin",
            "password": PASSWORD,
            "given_name": "Ada",
            "family_name": "Brandt",
            "email": "admin@demo.example",
            "permissions": [{"permission": "ROLE_SUPERUSER"}],
        },
    ]
