"""What `[sign_in.saml.<name>]` may say, how that has to agree, and whether the files that it names are good.

signxml, which reads the files, comes with the extra `saml` and is imported only where the module is on.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

from assent.actions.providers.definition import RESERVED_NAMES
from assent.app.inbound import SAML_MISSING
from assent.app.setting_checks import BadSetting, Check, between, filled, prefix
from assent.app.settings import IssuerSettings
from assent.identity.mapping import BadRule, read_rules
from assent.identity.saml.settings import SamlSettings
from assent.spec.redirects import BadUri, check_web_uri_definition

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_FORBIDDEN: Final = re.compile(r"[\s\x00-\x1f\x7f]")
_LONGEST: Final = 1024
_DAY: Final = 86_400


def saml_agreements(issuer: IssuerSettings, place: str) -> Iterator[str]:
    """Where an issuer's SAML providers do not agree with themselves or the rest. `place`: what its paths begin with."""
    providers = issuer.sign_in.saml
    if "saml" in issuer.sign_in.modules and not providers:
        yield f"{place}sign_in.saml: is needed, as sign_in.modules names saml: a table for each provider"
    for name, settings in providers.items():
        at = f"{place}sign_in.saml.{name}"
        if _NAME.fullmatch(name) is None or name in RESERVED_NAMES:
            yield f"{at}: a provider's name is 1 to 40 of a-z, 0-9 and -, and not the name of a module"
        if name in issuer.providers:
            yield f"{at}: {place}providers has one of this name, too"
        if (settings.metadata_url is None) == (settings.metadata_file is None):
            yield f"{at}: needs metadata_url or metadata_file, and not both"
        if (settings.key is None) != (settings.certificate is None):
            yield f"{at}.key, {at}.certificate: are needed both, or none"
        if settings.permissions and not settings.groups and _names_groups(settings):
            yield f"{at}.groups: names no attribute, so that permissions can only say what everybody (*) may do"


def saml_file_mistakes(issuer: IssuerSettings, place: str, folder: Path) -> Iterator[str]:
    """What is wrong with the files of an issuer's SAML providers, and with what reads them."""
    if "saml" not in issuer.sign_in.modules:
        return
    try:
        from assent.identity.saml.keys import BadKeyFile, read_pair
        from assent.identity.saml.metadata import BadMetadata, read_certificate_file, read_metadata
    except ModuleNotFoundError:
        yield f"{place}sign_in.modules: saml {SAML_MISSING}"
        return
    for name, settings in issuer.sign_in.saml.items():
        at = f"{place}sign_in.saml.{name}"
        if settings.key is not None and settings.certificate is not None:
            try:
                read_pair(folder / settings.key, folder / settings.certificate)
            except BadKeyFile as error:
                yield f"{at}.key: {error}"
        try:
            signer = settings.metadata_certificate
            certificate = read_certificate_file(folder / signer) if signer is not None else None
        except BadMetadata as error:
            yield f"{at}.metadata_certificate: {error}"
            continue
        if settings.metadata_file is not None:
            try:
                data = (folder / settings.metadata_file).read_bytes()
                read_metadata(data, settings.entity_id, certificate)
            except (OSError, BadMetadata) as error:
                yield f"{at}.metadata_file: {error}"


def _names_groups(settings: SamlSettings) -> bool:
    return any(rule.group != "*" for rule in read_rules(settings.permissions))


def _url(value: str) -> None:
    try:
        check_web_uri_definition(value)
    except BadUri as error:
        raise BadSetting(f"must be an https URL (http on loopback only): {error}") from error


def _uri(value: str) -> None:
    if not 0 < len(value) <= _LONGEST or _FORBIDDEN.search(value):
        raise BadSetting(f"must be a URI of 1 to {_LONGEST} characters")


def _uris(values: tuple[str, ...]) -> None:
    for value in values:
        _uri(value)


def _attributes(values: tuple[str, ...]) -> None:
    for value in values:
        if not value.strip() or not value.isprintable() or len(value) > _LONGEST:
            raise BadSetting(f"{value!r} is no attribute's name: 1 to {_LONGEST} printable characters")


def _rules(values: tuple[str, ...]) -> None:
    try:
        read_rules(values)
    except BadRule as error:
        raise BadSetting(str(error)) from error


_BY_NAME: Final[dict[str, Callable[[Any], None]]] = {
    "metadata_url": _url,
    "metadata_file": filled,
    "metadata_certificate": filled,
    "metadata_seconds": between(60, 30 * _DAY),
    "entity_id": _uri,
    "title": prefix,
    "own_entity_id": _uri,
    "key": filled,
    "certificate": filled,
    "subject": _attributes,
    "authn_contexts": _uris,
    "leeway_seconds": between(0, 60),
    "username": _attributes,
    "username_prefix": prefix,
    "given_name": _attributes,
    "family_name": _attributes,
    "email": _attributes,
    "locale": _attributes,
    "fhir_user": _attributes,
    "groups": _attributes,
    "permissions": _rules,
}
SAML_CHECKS: Final[dict[tuple[type[Any], str], Check]] = {
    (SamlSettings, name): check for name, check in _BY_NAME.items()
}
"""The check of each setting that its type does not say already."""
