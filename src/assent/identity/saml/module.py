"""Signing in at a SAML identity provider: the way out with a signed request, the way back by the book.

Sources: SAML Profiles 4.1 (Web Browser SSO), Core 3.4.
"""

import asyncio
import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from assent.engine.server import AuthorizationServer
from assent.identity import ArrivalRefused, Sending, Trip
from assent.identity.saml.assertions import Said, read_assertion
from assent.identity.saml.attributes import arrival_of
from assent.identity.saml.encryption import CannotDecrypt
from assent.identity.saml.keys import MadeKeys, OwnKeys, read_pair
from assent.identity.saml.metadata import Idp, IdpMetadata
from assent.identity.saml.requests import (
    authn_request,
    must_ask_again,
    new_request_id,
    own_metadata,
    redirect_url,
)
from assent.identity.saml.responses import Expected, NotGood, read_response, trusted_assertion
from assent.identity.saml.settings import SamlSettings
from assent.identity.saml.signatures import BadSignature
from assent.identity.saml.xml import BadXml
from assent.records.grants import SeenAssertion
from assent.records.identities import Arrival
from assent.storage.interface import Add, act
from assent.storage.tables import SEEN_ASSERTIONS


class SamlModule:
    """`identity.RedirectModule` and `identity.Describes` of one provider. `folder`: where the configuration lies.

    Raises `BadKeyFile` when a key or certificate that the settings name cannot be used.
    """

    def __init__(self, name: str, settings: SamlSettings, folder: Path, made: MadeKeys) -> None:
        self.name = name
        self.title = settings.title or name
        self._settings = settings
        self._made = made
        self._metadata = IdpMetadata(settings, folder)
        self._imported: OwnKeys | None = None
        if settings.key is not None and settings.certificate is not None:
            pair = read_pair(folder / settings.key, folder / settings.certificate)
            self._imported = OwnKeys(pair, pair)

    def begins_anew(self, answer: Mapping[str, str]) -> bool:
        """Whether the provider began, and may: what it sends then is not read, and we ask it ourselves.

        An answer to a request is never taken for one, so that no browser is sent to and fro for ever.
        """
        if not self._settings.allow_unsolicited:
            return False
        try:
            return read_response(answer.get("SAMLResponse", "")).get("InResponseTo") is None
        except BadXml:
            return False

    async def describe(self, server: AuthorizationServer) -> tuple[str, bytes]:
        """Our metadata, with its media type."""
        document = own_metadata(
            self._settings, self._entity_id(server), self._return_url(server), await self._keys(server)
        )
        return "application/samlmetadata+xml", document

    async def begin(self, server: AuthorizationServer, trip: Trip) -> Sending:
        """The signed request. Raises `ModuleDown`."""
        idp = await self._metadata.get(server)
        keys, now = await self._keys(server), server.now()
        request_id = new_request_id(server)
        request = authn_request(idp, self._settings, self._entity_id(server), trip, request_id, now)
        since = max(now - (0 if trip.must_ask else trip.max_age or 0), 0) if must_ask_again(trip) else None
        kept = {"request": request_id, "provider": idp.entity_id, "since": since}
        return Sending(redirect_url(idp.sign_in_url, request, trip.state, keys.signing), kept)

    async def finish(
        self, server: AuthorizationServer, answer: Mapping[str, str], kept: Mapping[str, Any], return_url: str
    ) -> Arrival:
        """Who it is. Raises `ArrivalRefused`, `ModuleDown`."""
        idp = await self._metadata.get(server)
        if kept["provider"] != idp.entity_id:
            raise ArrivalRefused("the provider's metadata changed meanwhile")
        if "SAMLResponse" not in answer:
            raise ArrivalRefused("the answer has no SAMLResponse")
        expected = Expected(
            idp.entity_id,
            self._entity_id(server),
            return_url,
            kept["request"],
            server.now(),
            self._settings.leeway_seconds,
            kept["since"],
            ((await self._keys(server)).encryption.key,),
        )
        try:
            said = await self._said(server, idp, answer["SAMLResponse"], expected)
            arrival = arrival_of(server, self.name, self._settings, idp.entity_id, said)
        except (NotGood, BadXml, BadSignature, CannotDecrypt) as error:
            raise ArrivalRefused(f"SAML: {error}") from error
        await self._use(server, idp, said)
        return arrival

    async def _said(self, server: AuthorizationServer, idp: Idp, text: str, expected: Expected) -> Said:
        """What is said, by the keys that are known; by those of today's metadata where none of them fits."""
        try:
            return await asyncio.to_thread(_read, idp, text, expected)
        except BadSignature:
            renewed = await self._metadata.renewed(server)
            if renewed is None or renewed.entity_id != idp.entity_id:
                raise
            return await asyncio.to_thread(_read, renewed, text, expected)

    async def _use(self, server: AuthorizationServer, idp: Idp, said: Said) -> None:
        """Profiles 4.1.4.5: an assertion is good once."""
        mark = hashlib.sha256(f"saml\0{idp.entity_id}\0{said.assertion_id}".encode()).digest()
        seen = SeenAssertion(mark, said.ends_at)
        if not (await server.storage.commit(act(Add(SEEN_ASSERTIONS, seen)))).all:
            raise ArrivalRefused("SAML: the assertion was used before")

    async def _keys(self, server: AuthorizationServer) -> OwnKeys:
        return self._imported if self._imported is not None else await self._made.get(server)

    def _entity_id(self, server: AuthorizationServer) -> str:
        return self._settings.own_entity_id or server.issuer.endpoint(f"/login/{self.name}/metadata")

    def _return_url(self, server: AuthorizationServer) -> str:
        return server.issuer.endpoint(f"/login/{self.name}/callback")


def _read(idp: Idp, text: str, expected: Expected) -> Said:
    return read_assertion(trusted_assertion(read_response(text), idp.certificates, expected), expected)
