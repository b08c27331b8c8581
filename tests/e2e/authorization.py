"""An authorization request as any app would send it, for tests that need no app: its URL, and the answer in an URL."""

from urllib.parse import parse_qsl, urlencode, urlsplit

from assent.spec.pkce import challenge_of
from e2e.deployments import Deployment

VERIFIER = "a-verifier-of-forty-three-characters-or-more"
SCOPE = "openid fhirUser launch/patient patient/Patient.r patient/Observation.rs"


def authorize_url(deployment: Deployment, **given: str) -> str:
    """The authorization URL of `demo-app`, with `given` instead of the usual values."""
    request = {
        "response_type": "code",
        "client_id": "demo-app",
        "redirect_uri": f"{deployment.app_url}/demo/app/",
        "scope": SCOPE,
        "state": "an opaque state",
        "aud": deployment.fhir_base,
        "code_challenge": challenge_of(VERIFIER),
        "code_challenge_method": "S256",
        **given,
    }
    return f"{deployment.url}/oauth/authorize?{urlencode(request)}"


def answer_in(url: str) -> dict[str, str]:
    """What an app finds in the query of its redirect URI."""
    return dict(parse_qsl(urlsplit(url).query))
