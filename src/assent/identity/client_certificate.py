"""Signing in by the client certificate that a proxy in front was shown (smart cards, device certificates).

The proxy ends TLS and passes the certificate on; that it holds the private key is the proxy's word, so it is believed
from named proxies only. Who issued it is checked here again, against the authorities of the configuration.
Sources: RFC 9440 (`Client-Cert`), RFC 5280 6 (path validation, by the cryptography library).
"""

import base64
import binascii
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Final, Literal
from urllib.parse import unquote_to_bytes

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from cryptography.x509.verification import (
    Criticality,
    ExtensionPolicy,
    PolicyBuilder,
    Store,
    VerificationError,
)

from assent.engine.server import AuthorizationServer
from assent.identity import ArrivalRefused
from assent.identity.certificate_names import alternative_names
from assent.identity.mapping import PermissionRule, permissions_of, roles_of
from assent.identity.trusted_header import Proxies, only_header
from assent.records.identities import Arrival
from assent.spec.person_fields import mail_address_of, name_of

Format = Literal["rfc9440", "pem"]
Naming = Literal["common_name", "email", "upn", "subject"]
Identifying = Literal["subject", "serial_number", "email", "upn", "uri"]
_LONGEST: Final = 16_384


class ClientCertificate:
    """Fulfils `HeaderModule`. The organizational units of the certificate's subject are the groups of `rules`."""

    name = "certificate"

    def __init__(
        self,
        proxies: Proxies,
        header: str,
        form: Format,
        authorities: Iterable[x509.Certificate],
        naming: Naming,
        rules: tuple[PermissionRule, ...],
        identifying: Identifying = "subject",
    ) -> None:
        self._proxies = proxies
        self._header = header
        self._form = form
        self._store = Store(list(authorities))
        self._naming = naming
        self._rules = rules
        self._identifying = identifying

    async def recognise(
        self, server: AuthorizationServer, headers: Mapping[str, str], address: str | None
    ) -> Arrival | None:
        """Whose certificate it is. Raises `ArrivalRefused` on one that is malformed, expired or of another issuer."""
        text = only_header(headers, self._header) if self._proxies.has(address) else None
        if text is None:
            return None
        certificate = _read(text, self._form)
        self._verify(certificate, server.now())
        subject = certificate.subject
        units = [str(one.value) for one in subject.get_attributes_for_oid(NameOID.ORGANIZATIONAL_UNIT_NAME)]
        return Arrival(
            self.name,
            certificate.issuer.rfc4514_string(),
            self._subject(certificate),
            self._username(certificate),
            ("sc",),  # RFC 8176: proof of possession of a key, as on a smart card
            given_name=name_of(_first(subject, NameOID.GIVEN_NAME)),
            family_name=name_of(_first(subject, NameOID.SURNAME)),
            email=mail_address_of(_first_of(alternative_names(certificate, "email"))),
            permissions=permissions_of(self._rules, units) if self._rules else None,
            roles=roles_of(self._rules, units),
        )

    def _verify(self, certificate: x509.Certificate, now: int) -> None:
        ca = ExtensionPolicy.permit_all().require_present(x509.BasicConstraints, Criticality.AGNOSTIC, None)
        builder = (
            PolicyBuilder()
            .store(self._store)
            .time(datetime.fromtimestamp(now, UTC))
            .extension_policies(ca_policy=ca, ee_policy=ExtensionPolicy.permit_all())
        )
        try:
            builder.build_client_verifier().verify(certificate, [])
        except VerificationError as error:
            raise ArrivalRefused(f"the certificate is not good: {error}") from error
        _check_use(certificate)

    def _subject(self, certificate: x509.Certificate) -> str:
        """What identifies her for ever, beside the issuer. Which kind it is stands in it, but for a whole subject."""
        match self._identifying:
            case "subject":
                return certificate.subject.rfc4514_string()
            case "serial_number":
                return f"serial_number:{certificate.serial_number:x}"
            case kind:
                names = alternative_names(certificate, kind)
                if len(names) != 1:
                    raise ArrivalRefused(
                        f"the certificate has {len(names)} values of {kind}, which identifies people"
                    )
                return f"{kind}:{names[0]}"

    def _username(self, certificate: x509.Certificate) -> str:
        match self._naming:
            case "common_name":
                name = _first(certificate.subject, NameOID.COMMON_NAME)
            case "subject":
                name = certificate.subject.rfc4514_string()
            case kind:
                name = _first_of(alternative_names(certificate, kind))
        if not name:
            raise ArrivalRefused(f"the certificate has no {self._naming}")
        return name


def _check_use(certificate: x509.Certificate) -> None:
    """Refuses a certificate that says it is for something else (RFC 5280 4.2.1.12)."""
    try:
        uses = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return
    except ValueError as error:
        raise ArrivalRefused("the certificate's extensions cannot be read") from error
    if ExtendedKeyUsageOID.CLIENT_AUTH not in uses:
        raise ArrivalRefused("the certificate is not for client authentication")


def _read(text: str, form: Format) -> x509.Certificate:
    if len(text) > _LONGEST:
        raise ArrivalRefused("the certificate is too long")
    try:
        if form == "pem":
            return x509.load_pem_x509_certificate(unquote_to_bytes(text))
        if not (text.startswith(":") and text.endswith(":") and len(text) > 2):
            raise ArrivalRefused("the certificate's header is no byte sequence (RFC 9440 2.1)")
        return x509.load_der_x509_certificate(base64.b64decode(text[1:-1], validate=True))
    except (ValueError, binascii.Error) as error:
        raise ArrivalRefused("the certificate cannot be read") from error


def _first(name: x509.Name, oid: x509.ObjectIdentifier) -> str | None:
    found = name.get_attributes_for_oid(oid)
    return str(found[0].value) if found else None


def _first_of(names: list[str]) -> str | None:
    return names[0] if names else None
