"""Which part of the gateway answers which request: one table, for requests that stand alone and entries of batches."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from types import MappingProxyType
from typing import Final

from assent.fhir.partitions import InPartition
from assent.gateway.access import Access
from assent.gateway.attachments import read_attachment, write_attachment
from assent.gateway.bulk import begin, cancel, download, status
from assent.gateway.calls import answer_operation, answer_patch
from assent.gateway.downloads import Download, OpenFiles
from assent.gateway.exchange import Answer, Exchange, Sent
from assent.gateway.reading import read_cursor
from assent.gateway.upkeep import answer_cascade, answer_expunge, answer_rewrite
from assent.spec.fhir.partitions import Partitions, choose_partition, rights_within
from assent.spec.operation_permissions import (
    BINARY_READ,
    BINARY_WRITE,
    DELETE_EXPUNGE,
    EXPORT,
    EXPUNGE,
    IMPORT,
)

PAGED: Final = frozenset({"search_type", "search_system", "history_instance", "history_type", "operation"})

_ANSWERS: Final[Mapping[str, Callable[[Exchange, Access, Sent], Awaitable[Answer]]]] = MappingProxyType(
    {
        "patch": answer_patch,
        "delete_cascading": answer_cascade,
        "rewrite_history": answer_rewrite,
        "bulk_status": status,
        "bulk_cancel": cancel,
        EXPORT: begin,
        IMPORT: begin,
        EXPUNGE: answer_expunge,
        DELETE_EXPUNGE: answer_expunge,
        BINARY_WRITE: write_attachment,
        "operation": answer_operation,
    }
)
"""By an operation's name, else by the interaction; all others are the exchange's own."""


@dataclass(frozen=True, slots=True)
class Answering:
    """One gateway: its exchange, and whether the FHIR server behind has partitions."""

    exchange: Exchange
    partitions: Partitions | None
    files: OpenFiles

    def place(self, access: Access, named: str | None) -> Access:
        """The access in the partition that the request names by its header, and what of it holds there.

        Raises `Refused` (400, 403).
        """
        if self.partitions is None:
            return access
        chosen = choose_partition(access.rights, named, self.partitions)
        return replace(access, rights=rights_within(access.rights, chosen, self.partitions), partition=chosen)

    def exchange_of(self, access: Access) -> Exchange:
        """The exchange with the partition of an access that `place` gave."""
        if self.partitions is None or access.partition is None:
            return self.exchange
        upstream = InPartition(self.exchange.upstream, self.partitions.header, access.partition)
        return replace(self.exchange, upstream=upstream)

    async def file(self, access: Access, sent: Sent) -> Download | None:
        """What is answered piece by piece; None for any other request. Raises `Refused`, `UpstreamDown`."""
        if sent.request.interaction == "bulk_file":
            opened = download
        elif sent.request.operation == BINARY_READ:
            opened = read_attachment
        else:
            return None
        exchange = self.exchange_of(access)
        return await self.files.let_in(access.holder, partial(opened, exchange, access, sent))

    async def alone(self, access: Access, sent: Sent) -> Answer:
        """The answer to a request that is no batch. Raises `Refused`, `UpstreamDown`."""
        exchange, interaction = self.exchange_of(access), sent.request.interaction
        cursor = read_cursor(sent.query) if interaction in PAGED else None
        if cursor is not None:
            return await exchange.further_page(access, cursor)
        answers = _ANSWERS.get(sent.request.operation or interaction) or _ANSWERS.get(interaction)
        return (
            await exchange.answer(access, sent) if answers is None else await answers(exchange, access, sent)
        )
