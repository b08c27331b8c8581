"""What an assertion says, made what we know of a person: by the attributes that the settings name, and nothing beside.

What gives rights is taken only where an attribute is named for it, and then the provider has the last word: one that is
gone takes the right away, one that cannot be understood lets nobody in. What is only shown is left out when malformed.
Sources: SAML Core 8.3 (name identifiers), Authentication Context 3.4, RFC 8176 (amr).
"""

from typing import Final

from assent.engine.server import AuthorizationServer
from assent.identity.mapping import permissions_of, read_rules, roles_of
from assent.identity.saml.assertions import Said
from assent.identity.saml.names import NAME_ID_FORMATS
from assent.identity.saml.responses import NotGood
from assent.identity.saml.settings import SamlSettings
from assent.records.identities import Arrival
from assent.spec.identifiers import is_fhir_id
from assent.spec.permissions import Permission
from assent.spec.person_fields import language_of, mail_address_of, name_of, read_fhir_user

_LONGEST_SUBJECT: Final = 1024
_LONGEST_MARK: Final = 255
_CLASSES: Final = "urn:oasis:names:tc:SAML:2.0:ac:classes:"
_METHODS: Final[dict[str, tuple[str, ...]]] = {
    f"{_CLASSES}Password": ("pwd",),
    f"{_CLASSES}PasswordProtectedTransport": ("pwd",),
    f"{_CLASSES}Kerberos": ("wia",),
    "urn:federation:authentication:windows": ("wia",),
    f"{_CLASSES}X509": ("sc",),
    f"{_CLASSES}TLSClient": ("sc",),
    f"{_CLASSES}Smartcard": ("sc",),
    f"{_CLASSES}SmartcardPKI": ("sc", "mfa"),
    f"{_CLASSES}TimeSyncToken": ("otp",),
    f"{_CLASSES}MobileTwoFactorContract": ("mfa",),
    f"{_CLASSES}MobileTwoFactorUnregistered": ("mfa",),
    "https://refeds.org/profile/mfa": ("mfa",),
    "http://schemas.microsoft.com/claims/multipleauthn": ("mfa",),
}
"""How somebody signed in, by the context classes that say it."""


def arrival_of(
    server: AuthorizationServer, name: str, settings: SamlSettings, provider: str, said: Said
) -> Arrival:
    """Who has come. Raises `NotGood`."""
    _check_context(settings, said)
    subject = _subject(settings, said)
    fhir_user = _fhir_user(server, settings, said)
    return Arrival(
        module=name,
        provider=provider,
        subject=subject,
        username=settings.username_prefix + _username(settings, said, subject),
        amr=_METHODS.get(said.context or "", ()),
        given_name=name_of(_first(said, settings.given_name)),
        family_name=name_of(_first(said, settings.family_name)),
        email=mail_address_of(_first(said, settings.email)),
        locale=language_of(_first(said, settings.locale)),
        fhir_user=fhir_user,
        permissions=_permissions(settings, said),
        roles=roles_of(read_rules(settings.permissions), _groups(settings, said)),
        auth_time=said.authenticated_at,
        acr=_mark(said.context),
        provider_session=said.session_index,
        gone=("fhir_user",) if settings.fhir_user and fhir_user is None else (),
    )


def _check_context(settings: SamlSettings, said: Said) -> None:
    """Refuses another class than was asked for: who is signed in may have changed the request on its way.

    Which classes are stronger than which only the provider knows (Core 3.3.2.2.1), so `minimum` is its word.
    """
    if settings.authn_comparison == "exact" and said.context not in (
        settings.authn_contexts or (said.context,)
    ):
        raise NotGood("she did not sign in by one of authn_contexts")


def _username(settings: SamlSettings, said: Said, subject: str) -> str:
    for one in settings.username:
        for value in said.attributes.get(one, ()):
            if "/" not in value:  # with a slash it reads like a fhirUser
                return value
    return subject.replace("/", "_")


def _subject(settings: SamlSettings, said: Said) -> str:
    if settings.subject:
        subject = _named_subject(settings.subject, said)
    else:
        wanted = NAME_ID_FORMATS[settings.name_id_format]
        unspecified = NAME_ID_FORMATS["unspecified"]
        # Core 2.2.2: without a format it is the unspecified one
        if said.name_id is None or (said.name_id.format or unspecified) != wanted:
            raise NotGood(f"the NameID is not of the format {settings.name_id_format}")
        subject = said.name_id.value
    if not 0 < len(subject) <= _LONGEST_SUBJECT or not subject.isprintable():
        raise NotGood("what identifies her is empty, too long, or has control characters")
    return subject


def _named_subject(names: tuple[str, ...], said: Said) -> str:
    """The value of the first of these attributes that is there; which one it was stands before it, but for the first.

    So what one attribute says never identifies whom another one does.
    """
    found = next((one for one in names if one in said.attributes), None)
    values = said.attributes[found] if found is not None else ()
    if len(values) != 1:
        raise NotGood(f"no attribute, or one of several values, identifies her: {names}")
    own = "" if found == names[0] else f"{found}:"
    subject = own + values[0]
    # of two attributes of which one's name begins like the other's (`mail`, `mail:work`) the longer name has the text
    if any(len(one) >= len(own) and subject.startswith(f"{one}:") for one in names[1:]):
        raise NotGood(f"the value of {found} reads like one of another attribute")
    return subject


def _first(said: Said, names: tuple[str, ...]) -> str | None:
    """The first value of the first of these attributes that is there."""
    return next((said.attributes[one][0] for one in names if one in said.attributes), None)


def _fhir_user(server: AuthorizationServer, settings: SamlSettings, said: Said) -> str | None:
    value = _first(said, settings.fhir_user)
    if value is None:
        return None
    value = value.removeprefix(f"{server.issuer.fhir_base}/")
    if settings.fhir_user_type and is_fhir_id(value):
        value = f"{settings.fhir_user_type}/{value}"
    try:
        return read_fhir_user(value).text
    except ValueError as error:
        raise NotGood(f"the attribute for fhir_user names nobody of our FHIR server: {error}") from error


def _permissions(settings: SamlSettings, said: Said) -> tuple[Permission, ...] | None:
    """What the rules make of the groups; None where there are no rules: then an administrator gives them."""
    if not settings.permissions:
        return None
    return permissions_of(read_rules(settings.permissions), _groups(settings, said))


def _groups(settings: SamlSettings, said: Said) -> list[str]:
    return [value for one in settings.groups for value in said.attributes.get(one, ())]


def _mark(text: str | None) -> str | None:
    return text if text and len(text) <= _LONGEST_MARK and text.isprintable() else None
