"""`assent doctor`: the running installation, examined from outside: what apps, browsers and the gateway will meet.

`assent check` reads; this asks over the network. Each finding says what to do where something is amiss.
Sources: RFC 8414 3.3 (the issuer is the one that was asked), SMART App Launch 2.2 conformance.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, Final, Literal

import aiohttp
import aiosmtplib

from assent.actions.providers.desk import Desk, configured_providers
from assent.actions.providers.providers import list_providers, try_provider
from assent.app.configuration import quiet
from assent.app.directories import directory_problems
from assent.app.examination.saml import saml_providers
from assent.app.installation import Installation, open_installation
from assent.app.outbound.unreached import say_unreached
from assent.app.settings import IssuerSettings, Settings
from assent.engine.key_changes import ID_TOKEN_ALG
from assent.engine.keys import NoSigningKey
from assent.engine.server import AuthorizationServer
from assent.fhir.upstream import Upstream, UpstreamDown, UpstreamRequest
from assent.web.mails import MailDown

TIMEOUT_SECONDS: Final = 10.0
LARGEST_OFFSET_SECONDS: Final = 30
_FHIR_VERSIONS: Final = ("4.0.0", "4.0.1", "4.3.0")

Status = Literal["ok", "warn", "fail"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found about one subject."""

    status: Status
    subject: str
    detail: str


class _NoDocument(Exception):
    """What answers at a URL is not the document that belongs there."""


async def examine(settings: Settings, folder: Path) -> list[Finding]:
    """Every finding. Raises `InstallationError` and `StorageError` when there is nothing to examine."""
    findings: list[Finding] = []
    async with open_installation(quiet(settings), folder) as installation, _web() as web:
        findings.append(await _database(installation))
        findings += await _mail(installation)
        for issuer_id, server in installation.servers.items():
            findings += await _keys(server)
            findings += await _discovery(server, web)
            if not settings.demo:  # whose FHIR server lives in the demo's own process
                findings.append(await _upstream(installation.upstreams[issuer_id]))
            findings.append(await _gateway(server, web))
            findings += await _providers(installation, issuer_id)
            issuer = settings.all_issuers()[issuer_id]
            said = saml_providers(server, issuer, folder, installation.sealer)
            findings += [Finding(*one) async for one in said]
            findings += await _directory(settings.all_issuers()[issuer_id], folder)
    return findings


@asynccontextmanager
async def _web() -> AsyncIterator[aiohttp.ClientSession]:
    timeout = aiohttp.ClientTimeout(total=TIMEOUT_SECONDS)
    async with aiohttp.ClientSession(timeout=timeout) as session:
        yield session


async def _providers(installation: Installation, issuer_id: str) -> list[Finding]:
    """Each provider that is on, tried out as by `assent provider test`: the worst that came of it."""
    configured = configured_providers(installation.settings.all_issuers()[issuer_id].providers)
    desk = Desk(installation.servers[issuer_id], installation.sealer, configured)
    findings = []
    for provider in await list_providers(desk):
        if not provider.enabled:
            continue
        steps = await try_provider(desk, provider.name)
        worst = max((step.status for step in steps), key=("ok", "warn", "fail").index)
        told = [f"{step.name}: {step.detail}" for step in steps if step.status == worst]
        findings.append(Finding(worst, f"provider {provider.name}", told[-1]))
    return findings


async def _database(installation: Installation) -> Finding:
    problems = await installation.backend.problems()
    if problems:
        return Finding("fail", "database", "; ".join(problems))
    offset = await installation.backend.now() - time.time()
    if abs(offset) > LARGEST_OFFSET_SECONDS:
        return Finding(
            "warn", "database", f"its clock is {offset:+.0f} s from this machine's: run NTP on both"
        )
    return Finding("ok", "database", "durable, its schema the newest, its clock that of this machine")


async def _mail(installation: Installation) -> list[Finding]:
    """Whether the mail server would take mail, where there is one."""
    if installation.post is None:
        return []
    try:
        await installation.post.reach()
    except MailDown as error:
        is_answer = isinstance(error.__cause__, aiosmtplib.SMTPResponseException)
        hint = (
            "[mail], and ASSENT_MAIL_USERNAME and ASSENT_MAIL_PASSWORD"
            if is_answer
            else "mail.host, mail.port"
        )
        return [Finding("fail", "mail", f"{error}: see {hint}")]
    return [Finding("ok", "mail", "the mail server answers")]


async def _keys(server: AuthorizationServer) -> list[Finding]:
    findings = []
    for alg in dict.fromkeys((ID_TOKEN_ALG, server.settings.access_token_alg)):
        subject = f"signing key {alg}"
        try:
            token = await server.keys.sign(alg, "JWT", {"iss": server.issuer.url})
            await server.keys.verify(token, "JWT")
        except (NoSigningKey, ValueError) as error:
            findings.append(Finding("fail", subject, f"{error}: assent key list, assent key rotate"))
        else:
            findings.append(Finding("ok", subject, "signs, and what it signs can be verified"))
    return findings


async def _discovery(server: AuthorizationServer, web: aiohttp.ClientSession) -> list[Finding]:
    """The documents at the public URL: there, of this issuer, and with these keys."""
    url = server.issuer.endpoint("/.well-known/openid-configuration")
    try:
        document, date = await _get_json(web, url)
        keys, _ = await _get_json(web, str(document.get("jwks_uri")))
    except (aiohttp.ClientError, TimeoutError, ValueError, _NoDocument) as error:
        return [
            Finding(
                "fail",
                "discovery",
                f"{url}: {_words(error)}; is assent serve running, and does the public URL lead to it?",
            )
        ]
    findings = [_clock("this server, seen from outside", date)]
    if document.get("issuer") != server.issuer.url:
        findings.append(
            Finding("fail", "discovery", f"{url} says that the issuer is {document.get('issuer')}")
        )
    else:
        findings.append(Finding("ok", "discovery", f"{url} answers, and names this issuer"))
    published = {key["kid"] for key in (await server.keys.published())["keys"]}
    found = {key.get("kid") for key in keys.get("keys", []) if isinstance(key, dict)}
    if found != published:
        findings.append(
            Finding(
                "fail", "keys", "what is published there are not this installation's keys: another database?"
            )
        )
    else:
        findings.append(Finding("ok", "keys", f"published: {', '.join(sorted(published))}"))
    return findings


async def _upstream(upstream: Upstream) -> Finding:
    """The FHIR server: reachable, with our credentials, and R4."""
    if not upstream.base:
        return Finding("warn", "FHIR server", "none is configured: set fhir.upstream")
    try:
        answer = await asyncio.wait_for(upstream.send(UpstreamRequest("GET", "metadata")), TIMEOUT_SECONDS)
        statement = answer.json() if answer.status == 200 else {}
    except (UpstreamDown, TimeoutError) as error:
        return Finding("fail", "FHIR server", f"{upstream.base}: {_words(error)}")
    if answer.status != 200:
        return Finding(
            "fail", "FHIR server", f"{upstream.base}/metadata answers {answer.status}: see fhir.auth"
        )
    version = statement.get("fhirVersion")
    if version not in _FHIR_VERSIONS:
        return Finding("warn", "FHIR server", f"{upstream.base} speaks FHIR {version}; made for R4")
    return Finding("ok", "FHIR server", f"{upstream.base} answers, FHIR {version}")


async def _gateway(server: AuthorizationServer, web: aiohttp.ClientSession) -> Finding:
    """The FHIR base that apps use: there, and with the discovery that leads them to this issuer (SMART 2.2)."""
    base = server.issuer.fhir_base
    try:
        statement, _ = await _get_json(web, f"{base}/metadata")
        document, _ = await _get_json(web, f"{base}/.well-known/smart-configuration")
    except (aiohttp.ClientError, TimeoutError, ValueError, _NoDocument) as error:
        return Finding("fail", "gateway", f"{base}: {_words(error)}")
    if statement.get("resourceType") != "CapabilityStatement":
        return Finding(
            "fail", "gateway", f"{base}/metadata is no CapabilityStatement: does another server answer?"
        )
    if document.get("token_endpoint") != server.issuer.endpoint("/oauth/token"):
        return Finding(
            "fail", "gateway", f"{base} leads apps to {document.get('token_endpoint')}, not to this issuer"
        )
    return Finding("ok", "gateway", f"{base} answers, and leads apps to this issuer")


async def _directory(issuer: IssuerSettings, folder: Path) -> list[Finding]:
    """Every server of the directory where people sign in."""
    settings = issuer.sign_in.ldap
    if settings is None or "ldap" not in issuer.sign_in.modules:
        return []
    return [
        Finding("fail", f"directory {url}", problem)
        if problem
        else Finding(
            "ok", f"directory {url}", "lets the service account in, which can read people and groups"
        )
        for url, problem in await directory_problems(settings, folder)
    ]


def _clock(subject: str, date: str | None) -> Finding:
    try:
        offset = parsedate_to_datetime(date or "").timestamp() - time.time()
    except ValueError:
        return Finding("warn", "clock", f"{subject}: no Date header")
    if abs(offset) > LARGEST_OFFSET_SECONDS:
        return Finding(
            "warn", "clock", f"{subject}: {offset:+.0f} s from this machine's: tokens will be refused"
        )
    return Finding("ok", "clock", f"{subject}: agrees with this machine's")


async def _get_json(web: aiohttp.ClientSession, url: str) -> tuple[dict[str, Any], str | None]:
    async with web.get(url, allow_redirects=False) as answer:
        if answer.status != 200:
            raise _NoDocument(f"answers {answer.status}")
        document = await answer.json(content_type=None)
        if not isinstance(document, dict):
            raise _NoDocument("answers with something else than a JSON object")
        return document, answer.headers.get("Date")


def _words(error: Exception) -> str:
    network = (aiohttp.ClientError, TimeoutError, OSError)
    unreached = error.__cause__ if isinstance(error, UpstreamDown) else error
    if isinstance(unreached, network):
        return say_unreached(unreached)
    return str(error) or type(error).__name__
