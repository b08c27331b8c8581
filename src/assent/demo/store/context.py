"""What every interaction of the store is handed: the resources, the store's own address, the clock, new ids."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlencode

from assent.demo.store.errors import NotFound, Unprocessable
from assent.demo.store.messages import Pairs
from assent.demo.store.resources import Resources, Version
from assent.demo.store.search.parameters import resource_elements


@dataclass(frozen=True, slots=True)
class Context:
    """`base_url` is the FHIR base without a slash at its end; `now` is aware; `new_id` never repeats itself."""

    resources: Resources
    base_url: str
    now: Callable[[], datetime]
    new_id: Callable[[], str]

    def instant(self) -> str:
        """The present moment as a FHIR instant."""
        return format_instant(self.now())

    def url(self, path: str, pairs: Pairs = ()) -> str:
        """The absolute URL of a path below the base."""
        query = urlencode(pairs)
        return f"{self.base_url}/{path}{'?' if query else ''}{query}"

    def version_url(self, version: Version) -> str:
        """The absolute URL of one version, as a Location header carries it."""
        return self.url(f"{version.key}/_history/{version.number}")


def format_instant(moment: datetime) -> str:
    """A FHIR instant in UTC with milliseconds."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def check_type(resource_type: str) -> None:
    """Raise NotFound for a type that the store does not know (http.html: 404 "resource type not supported")."""
    if resource_type not in resource_elements():
        raise NotFound(f"This store has no resources of the type {resource_type}.")


def check_stored_type(resource_type: object) -> None:
    """Raise Unprocessable for a `resourceType` that the store does not know."""
    if not isinstance(resource_type, str) or resource_type not in resource_elements():
        raise Unprocessable("The resourceType is missing or not one that this store knows.")
