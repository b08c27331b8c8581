"""Signing in at a SAML identity provider, and out: the way there with a signed request, the way back by the book.

Sources: SAML Profiles 4.1 (Web Browser SSO), 4.4 (Single Logout), Core 3.4, 3.7.
"""

import asyncio
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from assent.engine.provider_logout import NamedNotice
from assent.engine.server import AuthorizationServer
from assent.identity import ArrivalRefused, Brought, LogoutOrder, LogoutRefused, Sending, Trip
from assent.identity.saml.assertions import Said, read_assertion
from assent.identity.saml.attributes import arrival_of
from assent.identity.saml.bindings import Kind, received, redirecting, sending
from assent.identity.saml.encryption import CannotDecrypt
from assent.identity.saml.keys import MadeKeys, OwnKeys, read_pair
from assent.identity.saml.logout import (
    KeptName,
    check_logout_response,
    logout_request,
    logout_response,
    read_logout_request,
    said_name,
)
from assent.identity.saml.metadata import Idp, IdpMetadata
from assent.identity.saml.requests import authn_request, must_ask_again, new_request_id, own_metadata
from assent.identity.saml.responses import Expected, NotGood, read_response, trusted_assertion
from assent.identity.saml.settings import SamlSettings
from assent.identity.saml.signatures import BadSignature
from assent.identity.saml.xml import BadXml, Element
from assent.records.grants import SeenAssertion
from assent.records.identities import Arrival
from assent.storage.interface import Add, act
from assent.storage.tables import SEEN_ASSERTIONS

_Read = TypeVar("_Read")


class SamlModule:
    """The contracts of `identity` for one provider: `RedirectModule`, `Describes`, `SignsOutElsewhere`,
    `SignsOutByBrowser`. `folder`: where the configuration lies.

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
            self._settings,
            self._entity_id(server),
            self._return_url(server),
            self._sign_out_url(server),
            await self._keys(server),
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
        leaving = redirecting(idp.sign_in_url, "SAMLRequest", request, trip.state, keys.signing)
        return replace(leaving, kept=kept)

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
        text = answer["SAMLResponse"]
        try:
            said = await self._by_known_keys(server, idp, lambda known: _read(known, text, expected))
            arrival = arrival_of(server, self.name, self._settings, idp.entity_id, said)
        except (NotGood, BadXml, BadSignature, CannotDecrypt) as error:
            raise ArrivalRefused(f"SAML: {error}") from error
        await self._use(server, idp, said)
        if said.name_id is None:
            return arrival
        hint = msgspec.json.encode(KeptName(idp.entity_id, said.name_id, said.session_index)).decode()
        return replace(
            arrival,
            logout_name=said_name(said.name_id),
            logout_hint=hint if self._settings.sign_out_there else None,
        )

    async def sign_out(
        self, server: AuthorizationServer, state: str, return_url: str, hint: str | None
    ) -> Sending | None:
        """The signed request; None where the session or the provider has nothing for it. Raises `ModuleDown`.

        Where the browser comes back to, the provider knows from our metadata.
        """
        if hint is None or not self._settings.sign_out_there:
            return None
        idp = await self._metadata.get(server)
        kept = msgspec.json.decode(hint, type=KeptName)
        if idp.exit is None or kept.provider != idp.entity_id:
            return None
        request_id, keys = new_request_id(server), await self._keys(server)
        request = logout_request(self._entity_id(server), idp.exit.url, request_id, kept, server.now())
        leaving = sending(idp.exit.binding, idp.exit.url, "SAMLRequest", request, state, keys.signing)
        return replace(leaving, kept={"request": request_id, "provider": idp.entity_id})

    async def read_logout_order(self, server: AuthorizationServer, brought: Brought) -> LogoutOrder:
        """Whom the provider signs out, and our answer. Raises `LogoutRefused`, `ModuleDown`."""
        idp = await self._metadata.get(server)
        try:
            root = await self._received(server, idp, brought, "SAMLRequest")
            asked = read_logout_request(root, self._expected_at_exit(server, idp, ""))
        except (NotGood, BadXml, BadSignature) as error:
            raise LogoutRefused(f"SAML: {error}") from error
        notice = NamedNotice(
            idp.entity_id,
            asked.request_id,
            said_name(asked.name_id),
            asked.session_indexes,
            asked.remember_until,
        )
        if idp.exit is None:
            return LogoutOrder(notice, None)
        keys, to = await self._keys(server), idp.exit.answer_url
        response = logout_response(
            self._entity_id(server), to, new_request_id(server), asked.request_id, server.now()
        )
        relay_state = brought.fields.get("RelayState")  # Bindings 3.4.3: goes back as it came
        return LogoutOrder(
            notice, sending(idp.exit.binding, to, "SAMLResponse", response, relay_state, keys.signing)
        )

    async def check_logout_answer(
        self, server: AuthorizationServer, brought: Brought, kept: Mapping[str, Any]
    ) -> None:
        """Refuses what does not say that she is signed out there. Raises `LogoutRefused`, `ModuleDown`."""
        idp = await self._metadata.get(server)
        if kept["provider"] != idp.entity_id:
            raise LogoutRefused("the provider's metadata changed meanwhile")
        try:
            root = await self._received(server, idp, brought, "SAMLResponse")
            check_logout_response(root, self._expected_at_exit(server, idp, kept["request"]))
        except (NotGood, BadXml, BadSignature) as error:
            raise LogoutRefused(f"SAML: {error}") from error

    async def _received(self, server: AuthorizationServer, idp: Idp, brought: Brought, kind: Kind) -> Element:
        return await self._by_known_keys(
            server, idp, lambda known: received(brought, kind, known.certificates)
        )

    def _expected_at_exit(self, server: AuthorizationServer, idp: Idp, request_id: str) -> Expected:
        return Expected(
            idp.entity_id,
            self._entity_id(server),
            self._sign_out_url(server),
            request_id,
            server.now(),
            self._settings.leeway_seconds,
        )

    async def _by_known_keys(
        self, server: AuthorizationServer, idp: Idp, read: Callable[[Idp], _Read]
    ) -> _Read:
        """What is read by the keys that are known; by those of today's metadata where none of them fits."""
        try:
            return await asyncio.to_thread(read, idp)
        except BadSignature:
            renewed = await self._metadata.renewed(server)
            if renewed is None or renewed.entity_id != idp.entity_id:
                raise
            return await asyncio.to_thread(read, renewed)

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

    def _sign_out_url(self, server: AuthorizationServer) -> str:
        return server.issuer.endpoint(f"/login/{self.name}/logout")


def _read(idp: Idp, text: str, expected: Expected) -> Said:
    return read_assertion(trusted_assertion(read_response(text), idp.certificates, expected), expected)
