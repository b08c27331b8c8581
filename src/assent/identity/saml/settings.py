"""What `[sign_in.saml.<name>]` may say of an identity provider. The name is in URLs: `/login/<name>`."""

from dataclasses import dataclass
from typing import Final, Literal

ANSWER_BYTES: Final = 384 * 1024
"""How long the body of a posted answer may be: 256 kB of XML in base64, percent-encoded."""


@dataclass(frozen=True, slots=True)
class SamlSettings:
    """`[sign_in.saml.<name>]`: for the module `saml`, an identity provider where people sign in."""

    metadata_url: str | None = None
    """The https address of the provider's metadata; this or `metadata_file`."""

    metadata_file: str | None = None
    """A file (relative to this one) with the provider's metadata, read anew when it changes."""

    metadata_certificate: str | None = None
    """A PEM file with the certificate whose key must have signed the metadata."""

    metadata_seconds: int = 3600
    """How long fetched metadata is used before it is fetched again."""

    entity_id: str | None = None
    """The provider's entity id; needed where the metadata is of several."""

    title: str = ""
    """What people know the provider by; its name when not said."""

    own_entity_id: str | None = None
    """Our entity id there; the address of our metadata, `<issuer>/login/<name>/metadata`, when not said."""

    key: str | None = None
    """A PEM file with our RSA key, where the provider knows one already; made and kept sealed when not said."""

    certificate: str | None = None
    """A PEM file with the certificate of `key`."""

    sign_metadata: bool = False
    """Whether our metadata is signed."""

    name_id_format: Literal["persistent", "emailAddress", "unspecified"] = "persistent"
    """The format of the NameID that is asked for, and the only one that identifies somebody."""

    subject: tuple[str, ...] = ()
    """Attributes of which the first that is there identifies the person for ever, in place of the NameID. The name of
    one that is not the first in this list becomes part of what identifies: `mail:lee@clinic.example`."""

    authn_contexts: tuple[str, ...] = ()
    """Authentication context classes of which the provider must fulfil one."""

    authn_comparison: Literal["exact", "minimum"] = "exact"
    """Whether it must be one of `authn_contexts` itself, which is checked, or one that is at least as strong, which
    only the provider can tell."""

    allow_unsolicited: bool = False
    """Whether a sign-in may begin at the provider. What it sends then signs nobody in: the browser goes back there
    with a request of ours, which the provider answers at once."""

    sign_out_there: bool = True
    """Whether who signs out here goes on to the provider, to sign out there too, where its metadata says how."""

    leeway_seconds: int = 60
    """How far the provider's clock may be off."""

    username: tuple[str, ...] = (
        "uid",
        "urn:oid:0.9.2342.19200300.100.1.1",
        "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name",
    )
    """Attributes of which the first that is there is the user name; the identifier itself where none is."""

    username_prefix: str = ""
    """What is put before every user name from this provider, so that it is nobody else's."""

    given_name: tuple[str, ...] = (
        "givenName",
        "urn:oid:2.5.4.42",
        "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/givenname",
    )
    """Attributes with the given name."""

    family_name: tuple[str, ...] = (
        "sn",
        "urn:oid:2.5.4.4",
        "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/surname",
    )
    """Attributes with the family name."""

    email: tuple[str, ...] = (
        "mail",
        "urn:oid:0.9.2342.19200300.100.1.3",
        "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress",
    )
    """Attributes with the mail address."""

    locale: tuple[str, ...] = ("preferredLanguage", "urn:oid:2.16.840.1.113730.3.1.39")
    """Attributes with the language."""

    fhir_user: tuple[str, ...] = ()
    """Attributes with the person's own FHIR resource, as `Practitioner/123`; no attribute is believed unless named."""

    fhir_user_type: Literal["", "Patient", "Practitioner", "RelatedPerson", "Person"] = ""
    """The type of the person's own FHIR resource, where the attribute is an id alone."""

    groups: tuple[str, ...] = ()
    """Attributes with the person's groups, for `permissions`."""

    permissions: tuple[str, ...] = ()
    """What groups may do, each as `group => PERMISSION` or `group => PERMISSION:argument`; `*` is everybody."""
