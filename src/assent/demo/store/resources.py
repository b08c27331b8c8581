"""The stored resources: every version of each, in the order of writing, and who refers to whom.

Owns: versions, the log, the index of references, undoing writes. Resources are kept as encoded JSON, so that nobody can
change what is stored, and a population of thousands stays small. Leaves what a request means to the interactions.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from assent.demo.store.wire import Json, decode_object, encode

WriteMethod = Literal["POST", "PUT", "PATCH", "DELETE"]

_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
_LOCAL = re.compile(r"([A-Z][A-Za-z]+)/([A-Za-z0-9\-.]{1,64})(?:/_history/[A-Za-z0-9\-.]{1,64})?")
_REFERENCE = re.compile(rb'"reference":"([^"\\]+)"')


def is_id(text: str) -> bool:
    """Whether the text is a FHIR logical id (R4 datatypes.html#id)."""
    return _ID.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class Version:
    """One version of one resource. `raw` is None when this version is its deletion.

    `position` counts writes to the whole store; `created` is the position at which the resource first appeared.
    """

    resource_type: str
    id: str
    number: int
    position: int
    created: int
    updated: str
    method: WriteMethod
    raw: bytes | None

    @property
    def key(self) -> str:
        """The relative reference, `Patient/amy`."""
        return f"{self.resource_type}/{self.id}"

    def resource(self) -> Json:
        """A fresh copy of the resource; raises ValueError for a deletion."""
        if self.raw is None:
            raise ValueError(f"{self.key} was deleted in version {self.number}")
        return decode_object(self.raw)


class Resources:
    """All versions of all resources of a store whose own URL is `base_url`. One thread at a time."""

    def __init__(self, base_url: str) -> None:
        self._base = base_url.rstrip("/") + "/"
        self._live: dict[str, dict[str, Version]] = {}
        self._chains: dict[str, list[Version]] = {}
        self._referring: dict[str, dict[str, set[str]]] = {}
        self._keys: dict[bytes, str | None] = {}
        self.log: list[Version] = []

    def get(self, resource_type: str, resource_id: str) -> Version | None:
        """The current version, or None; deleted resources have none."""
        return self._live.get(resource_type, {}).get(resource_id)

    def versions(self, resource_type: str, resource_id: str) -> tuple[Version, ...]:
        """Every version, oldest first, deletions included."""
        return tuple(self._chains.get(f"{resource_type}/{resource_id}", ()))

    def live(self, resource_type: str) -> Mapping[str, Version]:
        """id -> current version of all resources of the type."""
        return self._live.get(resource_type, {})

    def referring(self, resource_type: str, targets: Iterable[str]) -> set[str]:
        """The ids of the resources of the type that hold a reference, anywhere, to one of the targets."""
        return {
            resource_id
            for target in targets
            for resource_id in self._referring.get(target, {}).get(resource_type, ())
        }

    def referring_types(self, target: str) -> Iterator[str]:
        """The types of which some resource refers to the target."""
        return (resource_type for resource_type, ids in self._referring.get(target, {}).items() if ids)

    def local_key(self, reference: str) -> str | None:
        """`Type/id` that a reference means in this store; None when it points elsewhere."""
        match = _LOCAL.fullmatch(reference.removeprefix(self._base))
        return f"{match[1]}/{match[2]}" if match else None

    def targets(self, version: Version) -> set[str]:
        """The keys of what a version refers to in this store, whether or not it is there."""
        return {key for text in _REFERENCE.findall(version.raw or b"") if (key := self._key(text))}

    def write(self, resource: Json, *, method: WriteMethod, updated: str) -> Version:
        """Store the next version of the resource (its `resourceType` and `id` say which) and give it."""
        resource_type, resource_id = resource["resourceType"], resource["id"]
        chain = self._chains.get(f"{resource_type}/{resource_id}", ())
        number = len(chain) + 1
        meta = {**resource.get("meta", {}), "versionId": str(number), "lastUpdated": updated}
        rest = {name: value for name, value in resource.items() if name not in ("resourceType", "id", "meta")}
        stored = {"resourceType": resource_type, "id": resource_id, "meta": meta, **rest}
        return self._append(resource_type, resource_id, method, updated, encode(stored))

    def delete(self, resource_type: str, resource_id: str, *, updated: str) -> Version:
        """Store the deletion of a live resource as its next version."""
        return self._append(resource_type, resource_id, "DELETE", updated, None)

    def undo_to(self, position: int) -> None:
        """Take back every write from the position on, the latest first."""
        while len(self.log) > position:
            version = self.log.pop()
            chain = self._chains[version.key]
            self._retire(chain.pop())
            if chain:
                self._make_current(chain[-1])
            else:
                del self._chains[version.key]

    def _key(self, text: bytes) -> str | None:
        """`local_key`, remembered: few references are new, and one string for each target keeps the index small."""
        if text not in self._keys:
            self._keys[text] = self.local_key(text.decode())
        return self._keys[text]

    def _append(
        self, resource_type: str, resource_id: str, method: WriteMethod, updated: str, raw: bytes | None
    ) -> Version:
        chain = self._chains.setdefault(f"{resource_type}/{resource_id}", [])
        position = len(self.log)
        version = Version(
            resource_type=resource_type,
            id=resource_id,
            number=len(chain) + 1,
            position=position,
            created=chain[0].created if chain else position,
            updated=updated,
            method=method,
            raw=raw,
        )
        if chain:
            self._retire(chain[-1])
        chain.append(version)
        self.log.append(version)
        self._make_current(version)
        return version

    def _make_current(self, version: Version) -> None:
        if version.raw is None:
            return
        self._live.setdefault(version.resource_type, {})[version.id] = version
        for target in self.targets(version):
            self._referring.setdefault(target, {}).setdefault(version.resource_type, set()).add(version.id)

    def _retire(self, version: Version) -> None:
        if version.raw is None:
            return
        self._live[version.resource_type].pop(version.id, None)
        for target in self.targets(version):
            self._referring[target][version.resource_type].discard(version.id)
