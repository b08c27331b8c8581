"""Terms of service: which version holds for a client, and whether it is still to be accepted.

The client's own version stands over the issuer's. It is a version that is agreed to, so that a text may be corrected
without asking everybody again, and a new version asks them. What the texts say is `web.terms`' business.
"""

from assent.engine.authorize.progress import Progress
from assent.engine.settings import EngineSettings
from assent.records.clients import Client


def wanted_version(settings: EngineSettings, client: Client) -> str | None:
    """The version that has to be accepted before this client gets anything; None where there are no terms."""
    return client.terms_version or settings.terms_version


def needs_terms(settings: EngineSettings, progress: Progress) -> bool:
    """Whether the person has to be asked: she has not accepted this version for this client, or took it back."""
    version = wanted_version(settings, progress.client)
    if version is None:
        return False
    agreement = progress.agreement
    return agreement is None or agreement.version != version or agreement.revoked_at != 0
