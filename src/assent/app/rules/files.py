"""What is wrong with the files that settings name, and with the environment: known before a server starts."""

import os
import ssl
from pathlib import Path

from assent.app.directories import BadDirectory, read_access
from assent.app.installation import InstallationError, read_master_key, upstream_headers
from assent.app.local_accounts import local_file_mistakes, mail_file_mistakes
from assent.app.looks import skin_mistakes
from assent.app.rules.saml import saml_file_mistakes
from assent.app.settings import DEFAULT_ISSUER, Settings
from assent.web.attestations import read_attestations
from assent.web.message_rules import folder_mistakes
from assent.web.terms import read_terms


def file_mistakes(settings: Settings, folder: Path) -> list[str]:
    """What is wrong with the files and the environment that the settings name."""
    mistakes: list[str] = []
    try:
        read_master_key(folder / settings.secrets.master_key_file)
    except InstallationError as error:
        mistakes.append(str(error))
    if settings.server.tls_certificate is not None and settings.server.tls_key is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        try:
            context.load_cert_chain(settings.server.tls_certificate, settings.server.tls_key)
        except OSError as error:
            mistakes.append(f"server.tls_certificate: certificate and key cannot be used together: {error}")
    messages = settings.server.messages_folder
    if messages is not None:
        mistakes += [f"server.messages: {mistake}" for mistake in folder_mistakes(messages)]
    mistakes += skin_mistakes(settings)
    mistakes += mail_file_mistakes(settings.mail, folder)
    terms = read_terms(settings.server.terms_folder)
    mistakes += [f"server.terms: {mistake}" for mistake in terms.mistakes]
    attestations = read_attestations(settings.server.attestation_folder)
    mistakes += [f"server.attestation: {mistake}" for mistake in attestations.mistakes]
    for issuer_id, issuer in settings.all_issuers().items():
        place = "" if issuer_id == DEFAULT_ISSUER else f"issuers.{issuer_id}."
        mistakes += saml_file_mistakes(issuer, place, folder)
        mistakes += local_file_mistakes(issuer, place, folder)
        try:
            upstream_headers(issuer.fhir, os.environ)
        except InstallationError as error:
            mistakes.append(f"{place}{error}")
        try:
            if issuer.sign_in.ldap is not None:
                read_access(issuer.sign_in.ldap, folder)
        except BadDirectory as error:
            mistakes.append(f"{place}{error}")
    return mistakes
