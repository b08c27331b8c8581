"""What operators see: a log line and a count for every audit event.

Tokens, codes, secrets, assertions, cookies and patient data never reach a log; an event holds none.
"""

import logging
import sys
from collections.abc import Callable
from typing import Any, Literal

import msgspec
import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from structlog.typing import EventDict, FilteringBoundLogger

from assent.records.audit import AuditEvent


def configure_logs(form: Literal["auto", "json", "text"], level: str) -> FilteringBoundLogger:
    """Structured logs on standard error: JSON lines, or text where a person reads them."""
    as_text = form == "text" or (form == "auto" and sys.stderr.isatty())
    renderer: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer()
        if as_text
        else structlog.processors.JSONRenderer(serializer=_write_json)
    )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        # each line in one write: several processes share the stream
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    logger: FilteringBoundLogger = structlog.get_logger()
    return logger


def _write_json(event: EventDict, default: Callable[[Any], Any]) -> str:
    return msgspec.json.encode(event, enc_hook=default).decode()


class Metrics:
    """The counters behind `/metrics`."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._events = Counter(
            "assent_events", "Audit events, by type and outcome", ["type", "outcome"], registry=self.registry
        )
        self.requests = Histogram(
            "assent_request_seconds",
            "Time to answer, by route",
            ["route"],
            registry=self.registry,
            buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
        )
        self.up = Gauge("assent_ready", "1 while the node is ready to serve", registry=self.registry)
        self._bound: dict[tuple[str, str], Counter] = {}

    def count(self, event: AuditEvent) -> None:
        """Counts an event."""
        key = (event.type, event.outcome)
        counter = self._bound.get(key)
        if counter is None:
            counter = self._bound[key] = self._events.labels(*key)
        counter.inc()


class Observation:
    """Fulfils `engine.server.Observer`: counts each event and logs it by name."""

    def __init__(self, log: FilteringBoundLogger, metrics: Metrics, issuer: str) -> None:
        self._log = log.bind(issuer=issuer)
        self._metrics = metrics
        self._is_logged = log.is_enabled_for(logging.INFO) if hasattr(log, "is_enabled_for") else True

    def __call__(self, event: AuditEvent) -> None:
        """Takes note of a durable event."""
        self._metrics.count(event)
        if not self._is_logged:
            return
        self._log.info(
            event.type,
            outcome=event.outcome,
            event_id=event.event_id,
            client_id=event.client_id,
            person_id=event.person_id,
            grant_id=event.grant_id,
            reference=event.reference,
        )
