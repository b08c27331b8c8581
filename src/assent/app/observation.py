"""What operators see: a log line and a count for every audit event.

Tokens, codes, secrets, assertions, cookies and patient data never reach a log; an event holds none.
"""

import sys
from collections.abc import Mapping
from typing import Any, Literal

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from assent.app.log_lines import json_line, text_line
from assent.records.audit import AuditEvent
from assent.web.log import Level, Log


def configure_logs(form: Literal["auto", "json", "text"], level: Level) -> Log:
    """The log on standard error: JSON lines, or text where a person reads them."""
    out = sys.stderr
    as_text = form == "text" or (form == "auto" and out.isatty())
    line_of = text_line if as_text else json_line

    def write(told: Mapping[str, Any]) -> None:
        out.write(line_of(told) + "\n")  # each line in one write: several processes share the stream
        out.flush()

    return Log(write, level)


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

    def __init__(self, log: Log, metrics: Metrics, issuer: str) -> None:
        self._log = log.bind(issuer=issuer)
        self._metrics = metrics
        self._is_logged = log.takes("info")

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
