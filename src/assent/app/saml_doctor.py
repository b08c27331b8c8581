"""The SAML providers of an issuer as `assent doctor` finds them: is their metadata there, and how long is it good?"""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Literal

from assent.app.settings import IssuerSettings
from assent.engine.server import AuthorizationServer
from assent.identity import ModuleDown

Said = tuple[Literal["ok", "warn", "fail"], str, str]
"""How it is, whose, and what there is to say."""
_SOON_SECONDS: Final = 30 * 86_400


async def saml_providers(
    server: AuthorizationServer, issuer: IssuerSettings, folder: Path
) -> AsyncIterator[Said]:
    """What there is to say of each provider, where the module is on; `folder` is the configuration's."""
    if "saml" not in issuer.sign_in.modules:
        return
    from assent.identity.saml.metadata import IdpMetadata

    for name, settings in issuer.sign_in.saml.items():
        subject = f"provider {name}"
        try:
            idp = await IdpMetadata(settings, folder).get(server)
        except ModuleDown as error:
            yield "fail", subject, f"{error}: see sign_in.saml.{name}"
            continue
        last = max(one.not_valid_after_utc.timestamp() for one in idp.certificates)
        until = min(last, idp.valid_until) if idp.valid_until is not None else last
        if until < server.now() + _SOON_SECONDS:
            day = datetime.fromtimestamp(until, UTC).date()
            yield (
                "warn",
                subject,
                f"its metadata or last certificate ends on {day}: expect new ones from {idp.entity_id}",
            )
        else:
            keys = f"{len(idp.certificates)} key{'s' if len(idp.certificates) > 1 else ''} for signatures"
            yield "ok", subject, f"the metadata is that of {idp.entity_id}, with {keys}"
