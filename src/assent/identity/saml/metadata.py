"""An identity provider's metadata: where to send browsers, and which keys sign its assertions.

Read from a file or fetched, and read again in time, so that the provider's certificates can rotate; when a signature
fits none of the known keys, at most once a minute besides. While the provider's metadata cannot be fetched, what was
known is used for a day more, never past its `validUntil`.
Sources: SAML Metadata 2.2, 2.2.2, 2.3.2, 2.4.1.1, 2.4.2, 2.4.3; Metadata Interoperability Profile 2.6.1.
"""

import base64
import binascii
from asyncio import Lock
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from assent.engine.server import AuthorizationServer, FetchFailed
from assent.identity import ModuleDown
from assent.identity.saml.keys import LEAST_BITS
from assent.identity.saml.names import DS, MD, POST, REDIRECT, SAMLP, name
from assent.identity.saml.settings import SamlSettings
from assent.identity.saml.signatures import BadSignature, signed
from assent.identity.saml.xml import BadXml, Element, read_instant, read_published_xml, text_of
from assent.spec.redirects import BadUri, check_web_uri_definition

MOST_BYTES: Final = 4 * 1024 * 1024
RETRY_SECONDS: Final = 60
_STALE_SECONDS: Final = 86_400
_MEDIA_TYPE: Final = "application/samlmetadata+xml"


class BadMetadata(ValueError):
    """Metadata that is not used; the text says why."""


@dataclass(frozen=True, slots=True)
class Exit:
    """A SingleLogoutService: where its `binding` takes requests, and where answers to its own."""

    binding: str
    url: str
    answer_url: str


@dataclass(frozen=True, slots=True)
class Idp:
    """What an identity provider's metadata says. `valid_until`: epoch seconds."""

    entity_id: str
    sign_in_url: str
    certificates: tuple[x509.Certificate, ...]
    valid_until: float | None = None
    exit: Exit | None = None


@dataclass(frozen=True, slots=True)
class _Known:
    idp: Idp
    read_at: float
    mark: float


class IdpMetadata:
    """One provider's metadata as it is now. `folder`: where the configuration lies."""

    def __init__(self, settings: SamlSettings, folder: Path) -> None:
        self._settings = settings
        self._folder = folder
        self._known: _Known | None = None
        self._tried_at = float("-inf")
        self._why = "not read yet"
        self._lock = Lock()

    async def get(self, server: AuthorizationServer) -> Idp:
        """The provider. Raises `ModuleDown`."""
        async with self._lock:
            known = self._known
            if known is None or not self._is_fresh(known, server.moment()):
                await self._read_again(server)
            return self._usable(server)

    async def renewed(self, server: AuthorizationServer) -> Idp | None:
        """The provider by metadata that was read just now; None when that was done less than a minute ago."""
        async with self._lock:
            before = self._known
            await self._read_again(server)
            return self._usable(server) if self._known is not before else None

    def _is_fresh(self, known: _Known, now: float) -> bool:
        if self._settings.metadata_file is not None:
            return known.mark == _changed_at(self._folder / self._settings.metadata_file)
        return now < known.read_at + self._settings.metadata_seconds

    def _usable(self, server: AuthorizationServer) -> Idp:
        known, now = self._known, server.moment()
        if known is None:
            raise ModuleDown(f"metadata: {self._why}")
        if known.idp.valid_until is not None and known.idp.valid_until <= now:
            raise ModuleDown("metadata: its validUntil is past")
        if now >= known.read_at + self._settings.metadata_seconds + _STALE_SECONDS and (
            self._settings.metadata_url is not None
        ):
            raise ModuleDown(f"metadata: too old to be used: {self._why}")
        return known.idp

    async def _read_again(self, server: AuthorizationServer) -> None:
        now = server.moment()
        if self._settings.metadata_url is not None and now < self._tried_at + RETRY_SECONDS:
            return
        self._tried_at = now
        try:
            mark, data = await self._data(server)
            idp = read_metadata(data, self._settings.entity_id, self._certificate())
        except (OSError, FetchFailed, BadMetadata) as error:
            self._why = str(error)
            if self._settings.metadata_file is not None:
                self._known = None  # a file that was spoilt is told at once, by nobody getting in
            return
        self._known = _Known(idp, now, mark)

    async def _data(self, server: AuthorizationServer) -> tuple[float, bytes]:
        if self._settings.metadata_url is not None:
            fetched = await server.fetch(self._settings.metadata_url, _MEDIA_TYPE, MOST_BYTES)
            return 0.0, fetched.body
        file = self._folder / (self._settings.metadata_file or "")
        return _changed_at(file), file.read_bytes()

    def _certificate(self) -> x509.Certificate | None:
        if self._settings.metadata_certificate is None:
            return None
        return read_certificate_file(self._folder / self._settings.metadata_certificate)


def read_certificate_file(file: Path) -> x509.Certificate:
    """The certificate of a PEM file. Raises `BadMetadata`."""
    try:
        return x509.load_pem_x509_certificate(file.read_bytes())
    except (OSError, ValueError) as error:
        raise BadMetadata(f"{file.name}: is no PEM certificate: {error}") from error


def read_metadata(data: bytes, entity_id: str | None, signer: x509.Certificate | None) -> Idp:
    """The identity provider (of this entity id) in a document that `signer` has signed. Raises `BadMetadata`."""
    try:
        root = read_published_xml(data, MOST_BYTES)
        if signer is not None:
            root = signed(root, [signer])
        return _provider(root, entity_id)
    except BadSignature as error:
        raise BadMetadata(f"not signed by the key of metadata_certificate: {error}") from error
    except BadXml as error:
        raise BadMetadata(str(error)) from error


def _provider(root: Element, entity_id: str | None) -> Idp:
    found = [
        (entity, role)
        for entity in root.iter(name(MD, "EntityDescriptor"))
        for role in entity.findall(name(MD, "IDPSSODescriptor"))
        if SAMLP in role.get("protocolSupportEnumeration", "").split()
        and entity_id in (None, entity.get("entityID"))
    ]
    if len(found) != 1:
        wanted = f" {entity_id}" if entity_id else ""
        raise BadMetadata(
            f"has {len(found)} SAML 2.0 identity providers{wanted}, where one is needed: see entity_id"
        )
    [(entity, role)] = found
    if not entity.get("entityID"):
        raise BadMetadata("the identity provider has no entityID")
    certificates = tuple(_certificates(role))
    if not certificates:
        raise BadMetadata("the identity provider has no key for signatures: RSA of 2048 bits, or EC")
    ends = [read_instant(one.get("validUntil")) for one in (root, entity, role) if one.get("validUntil")]
    return Idp(
        entity.get("entityID"), _sign_in_url(role), certificates, min(ends) if ends else None, _exit(role)
    )


def _sign_in_url(role: Element) -> str:
    for service in role.findall(name(MD, "SingleSignOnService")):
        if service.get("Binding") == REDIRECT:
            url = str(service.get("Location", ""))
            try:
                check_web_uri_definition(url)
            except BadUri as error:
                raise BadMetadata(f"SingleSignOnService: {error}") from error
            return url
    raise BadMetadata("the identity provider has no SingleSignOnService with the binding HTTP-Redirect")


def _exit(role: Element) -> Exit | None:
    """Where people sign out: by HTTP-Redirect if it can be, by HTTP-POST else; None where there is no such place.

    Nobody's sign-in fails on an address that is none.
    """
    for binding in (REDIRECT, POST):
        for service in role.findall(name(MD, "SingleLogoutService")):
            url = str(service.get("Location", ""))
            answer_url = str(service.get("ResponseLocation", url))
            if service.get("Binding") == binding and _is_web(url) and _is_web(answer_url):
                return Exit(binding, url, answer_url)
    return None


def _is_web(url: str) -> bool:
    try:
        check_web_uri_definition(url)
    except BadUri:
        return False
    return True


def _certificates(role: Element) -> Iterator[x509.Certificate]:
    for descriptor in role.findall(name(MD, "KeyDescriptor")):
        if descriptor.get("use") not in (None, "signing"):
            continue
        for element in descriptor.iter(name(DS, "X509Certificate")):
            try:
                der = base64.b64decode("".join(text_of(element).split()), validate=True)
                certificate = x509.load_der_x509_certificate(der)
                key = certificate.public_key()
            except (binascii.Error, ValueError) as error:
                raise BadMetadata(f"a certificate cannot be read: {error}") from error
            is_strong_rsa = isinstance(key, RSAPublicKey) and key.key_size >= LEAST_BITS
            if is_strong_rsa or isinstance(key, EllipticCurvePublicKey):
                yield certificate


def _changed_at(file: Path) -> float:
    try:
        return file.stat().st_mtime
    except OSError:
        return -1.0
