"""Names of a person in a certificate's subject alternative name: addresses, URIs, user principal names.

Sources: RFC 5280 4.2.1.6; MS-WCCE 2.2.2.7.7.3 (the UPN is an other name, a UTF8String).
"""

from typing import Final, Literal

from cryptography import x509

Kind = Literal["email", "upn", "uri"]

_UPN: Final = x509.ObjectIdentifier("1.3.6.1.4.1.311.20.2.3")
_UTF8_STRING: Final = 0x0C


def alternative_names(certificate: x509.Certificate, kind: Kind) -> list[str]:
    """The names of this kind, in their order; none where the certificate has no such extension."""
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return []
    match kind:
        case "email":
            return names.get_values_for_type(x509.RFC822Name)
        case "uri":
            return names.get_values_for_type(x509.UniformResourceIdentifier)
        case "upn":
            others = names.get_values_for_type(x509.OtherName)
            texts = [_read_utf8_string(other.value) for other in others if other.type_id == _UPN]
            return [text for text in texts if text]


def _read_utf8_string(der: bytes) -> str | None:
    """The text of a DER UTF8String of less than 256 bytes (X.690 8.1.3); None where it is something else."""
    head = 3 if der[1:2] == b"\x81" else 2
    if len(der) < head or der[0] != _UTF8_STRING or der[head - 1] != len(der) - head:
        return None
    try:
        return der[head:].decode()
    except UnicodeDecodeError:
        return None
