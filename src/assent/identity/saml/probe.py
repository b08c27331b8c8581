"""A SAML provider tried out, step by step, as `assent provider test` and `assent doctor` show it.

Nobody signs in: the provider is sent what a browser would bring, a signed request, and whether it answers with a page
tells whether it has our metadata.
"""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from assent.engine.handles import new_handle
from assent.engine.sealing import Sealer
from assent.engine.server import AuthorizationServer, FetchFailed, Outgoing
from assent.identity import ModuleDown, Trip
from assent.identity.probing import Step
from assent.identity.saml.keys import BadKeyFile, MadeKeys
from assent.identity.saml.metadata import Idp, IdpMetadata
from assent.identity.saml.module import SamlModule
from assent.identity.saml.settings import SamlSettings

_SOON_SECONDS: Final = 30 * 86_400
_REFUSALS: Final = 400


async def probe(
    server: AuthorizationServer, name: str, settings: SamlSettings, folder: Path, sealer: Sealer
) -> AsyncIterator[Step]:
    """The steps, in order; the last one is the first that fails. `folder`: where the configuration lies."""
    try:
        idp = await IdpMetadata(settings, folder).get(server)
        module = SamlModule(name, settings, folder, MadeKeys(sealer))
    except ModuleDown as error:
        yield Step("fail", "metadata", f"{error}: see sign_in.saml.{name}")
        return
    except BadKeyFile as error:
        yield Step("fail", "our keys", f"{error}: see sign_in.saml.{name}")
        return
    yield Step("ok", "metadata", f"the metadata is that of {idp.entity_id}")
    yield _keys(server, idp)
    yield await _sign_in(server, module)
    yield _sign_out(idp, settings)


def _keys(server: AuthorizationServer, idp: Idp) -> Step:
    last = max(one.not_valid_after_utc.timestamp() for one in idp.certificates)
    until = min(last, idp.valid_until) if idp.valid_until is not None else last
    if until < server.now() + _SOON_SECONDS:
        day = datetime.fromtimestamp(until, UTC).date()
        told = f"its metadata or last certificate ends on {day}: expect new ones from {idp.entity_id}"
        return Step("warn", "keys", told)
    return Step("ok", "keys", f"{len(idp.certificates)} for signatures")


async def _sign_in(server: AuthorizationServer, module: SamlModule) -> Step:
    at = server.issuer.endpoint(f"/login/{module.name}")
    sending = await module.begin(server, Trip(new_handle(server), f"{at}/callback"))
    try:
        answer = await server.fetch.send(Outgoing(sending.url, accept="text/html"))
    except FetchFailed as error:
        return Step("warn", "sign-in", f"our signed request is not answered, as seen from here: {error}")
    if answer.status >= _REFUSALS:
        told = f"answers our signed request with {answer.status}: does it have our metadata, {at}/metadata?"
        return Step("warn", "sign-in", told)
    return Step("ok", "sign-in", "our signed request is answered")


def _sign_out(idp: Idp, settings: SamlSettings) -> Step:
    if not settings.sign_out_there:
        return Step("ok", "sign-out", "is switched off: who signs out here stays signed in there")
    if idp.exit is None:
        return Step("ok", "sign-out", "its metadata names no place: who signs out here stays signed in there")
    return Step("ok", "sign-out", f"goes on at {idp.exit.url}, by {idp.exit.binding.rpartition(':')[2]}")
