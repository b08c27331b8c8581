"""The answer to the terms of service: a yes is kept with exactly what was read, a no goes back to the app.

Agreed to once for a person, a client and a version, by a conditional write: of two answers at once one is kept.
"""

from dataclasses import dataclass

from assent.engine.authorize.request import PageError
from assent.engine.authorize.respond import deny
from assent.engine.authorize.resume import Waiting
from assent.engine.events import audit_event, commit
from assent.engine.server import AuthorizationServer, Caller
from assent.engine.terms import wanted_version
from assent.records.terms import Agreement
from assent.spec.errors import InvalidRequest
from assent.storage.interface import Add, Change, Write
from assent.storage.tables import AGREEMENTS, PENDING


@dataclass(frozen=True, slots=True)
class ShownTerms:
    """What a person had before her: `text_hash` is the SHA-256 of the text's bytes."""

    version: str
    language: str
    text_hash: bytes


async def accept_terms(
    server: AuthorizationServer, waiting: Waiting, shown: ShownTerms, caller: Caller
) -> bool:
    """Keeps the person's yes to what she was shown; False when another version is wanted by now.

    Raises `PageError` when the request was answered meanwhile.
    """
    pending, progress = waiting.pending, waiting.progress
    if progress.signed_in is None or shown.version != wanted_version(server.settings, progress.client):
        return False
    agreement = Agreement(
        person_id=progress.signed_in.person.person_id,
        client_id=pending.client_id,
        version=shown.version,
        agreed_at=server.now(),
        language=shown.language,
        text_hash=shown.text_hash,
    )
    event = audit_event(
        server,
        "terms.accepted",
        caller=caller,
        client_id=agreement.client_id,
        person_id=agreement.person_id,
        detail={
            "version": agreement.version,
            "language": agreement.language,
            "text_hash": agreement.text_hash.hex(),
        },
    )
    still_open = Change(PENDING, (pending.pending_hash,), {}, {"closed_at": 0})
    outcomes = await commit(server, still_open, _keeping(agreement, progress.agreement), event=event)
    if outcomes.lost_at == 0:
        raise PageError(InvalidRequest("this request was answered already"), progress.client, "used")
    return True  # where the second write lost, the same person said yes in another window: kept once


def _keeping(new: Agreement, old: Agreement | None) -> Write:
    """Adds the agreement, or puts it in the place of the one that was taken back."""
    if old is None or old.version != new.version:
        return Add(AGREEMENTS, new)
    said = {
        "agreed_at": new.agreed_at,
        "language": new.language,
        "text_hash": new.text_hash,
        "revoked_at": 0,
    }
    return Change(AGREEMENTS, AGREEMENTS.key_of(old), said, {"revoked_at": old.revoked_at})


async def decline_terms(server: AuthorizationServer, waiting: Waiting, caller: Caller) -> str:
    """Closes the request with the person's no; gives the URL to send the browser to."""
    version = wanted_version(server.settings, waiting.progress.client)
    return await deny(
        server,
        waiting.progress,
        waiting.pending,
        caller,
        type="terms.declined",
        detail={"version": version},
        told="the terms of service were not accepted",
    )
