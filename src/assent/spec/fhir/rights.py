"""What an access token lets its holder do in FHIR: rights = scope ∩ permission.

Owns joining one scope with one power into a `Reach`, and the reaches of a whole token. What reaches have to do
with one another is `reaches`', what they mean for one resource `visibility`'s.

| scope | acting for a person | a client on its own (client credentials) |
|---|---|---|
| `patient/` | what her powers say of the patient in context | what the client's powers say (*) |
| `user/` | what her powers say | what the client's powers say |
| `system/` | nothing | what the client's powers say |

(*) of the patient in context alone, where there is one. A person without a patient in context has nothing by
`patient/` scopes.

Scopes add up, so do powers. A scope alone, or a power alone, gives nothing. A power within a compartment that
is not a patient's (Encounter, Practitioner …) gives nothing: membership there is not decided yet.

A person's powers are not hers to write: what says who represents whom (`REPRESENTING_TYPES`) lies in the
compartments of the very patients it speaks of, and is written and deleted only by a power over all of the type,
in a scope that is not limited to a patient (docs/concepts/enforcement.md).

Sources: SMART App Launch 2.2, scopes-and-launch-context (table of interactions; scopes of several contexts),
backend-services 1.1.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, Literal

from assent.spec.fhir.compartments import REPRESENTING_TYPES, SUPPORTING_TYPES, is_member_type
from assent.spec.fhir.reaches import Reach, Way, read_ways, widest
from assent.spec.identifiers import read_reference
from assent.spec.permissions import Power, Verb
from assent.spec.scope_sets import ScopeSet
from assent.spec.scopes import ResourceScope
from assent.spec.search_parameters import undecidable_names

Letter = Literal["c", "r", "u", "d", "s"]

VERBS: Final[dict[Letter, Verb]] = {"c": "write", "r": "read", "u": "write", "d": "delete", "s": "read"}
"""The power that each letter of a scope needs beside it."""

MAX_CONSTRAINED: Final = 50
"""Scopes with constraints that are looked at for one type and letter; further ones give nothing."""

_MOST_REMEMBERED: Final = 32


@dataclass(frozen=True, slots=True)
class Rights:
    """What a token carries, and who acts by it."""

    scopes: ScopeSet
    powers: tuple[Power, ...]
    patient: str | None
    """The bare id of the patient in context."""
    acting: Literal["person", "client"]
    """A person through an app, or a client on its own."""
    _known: dict[tuple[str, Letter], tuple[tuple[Reach, ...], tuple[Way, ...]]] = field(
        default_factory=dict, init=False, compare=False, repr=False
    )
    """Reaches and ways by type and letter: they are asked for with every resource of an answer."""

    def reaches(self, resource_type: str, letter: Letter) -> tuple[Reach, ...]:
        """What is within reach of `resource_type` for the interactions of `letter`; none: refused."""
        return self._read(resource_type, letter)[0]

    def ways(self, resource_type: str, letter: Letter) -> tuple[Way, ...]:
        """The same as `reaches`, to be matched with resources of the type."""
        return self._read(resource_type, letter)[1]

    def is_whole(self, resource_type: str, letter: Letter) -> bool:
        """Whether all resources of the type are within reach for `letter`."""
        return any(reach.is_whole for reach in self.reaches(resource_type, letter))

    def is_unlimited(self, letter: Letter) -> bool:
        """Whether all resources of all types are within reach for `letter`, by one scope and one power of all types."""
        return any(
            scope.resource_type == "*"
            and letter in scope.interactions
            and not scope.parameters
            and self._patients_of_context(scope) == frozenset()
            for scope in self.scopes.resources
        ) and any(
            power.resource_type == "*" and power.within is None and power.instance is None
            for power in self.powers_for("*", letter)
        )

    def scopes_for(self, resource_type: str, letter: Letter) -> tuple[ResourceScope, ...]:
        """The granted scopes that name the type and the letter, whatever the powers say."""
        return tuple(
            scope
            for scope in self.scopes.resources
            if scope.resource_type in ("*", resource_type) and letter in scope.interactions
        )

    def powers_for(self, resource_type: str, letter: Letter) -> tuple[Power, ...]:
        """The powers that name the type and serve the letter, whatever the scopes say."""
        return tuple(
            power
            for power in self.powers
            if power.resource_type in ("*", resource_type) and power.verb == VERBS[letter]
        )

    @property
    def partitions(self) -> frozenset[str]:
        """The partitions of the FHIR server that the permissions name; ANY_PARTITION: all."""
        return frozenset(power.partition for power in self.powers if power.partition is not None)

    def _read(self, resource_type: str, letter: Letter) -> tuple[tuple[Reach, ...], tuple[Way, ...]]:
        known = self._known.get((resource_type, letter))
        if known is None:
            reaches = widest(self._reaches(resource_type, letter))
            known = reaches, read_ways(resource_type, reaches)
            if len(self._known) >= _MOST_REMEMBERED:
                self._known.clear()
            self._known[resource_type, letter] = known
        return known

    def _reaches(self, resource_type: str, letter: Letter) -> Iterator[Reach]:
        constrained = 0
        for scope in self.scopes_for(resource_type, letter):
            context = self._patients_of_context(scope)
            if context is None or undecidable_names(resource_type, (name for name, _ in scope.parameters)):
                continue
            constrained += bool(scope.parameters)
            if scope.parameters and constrained > MAX_CONSTRAINED:
                continue
            for power in self.powers_for(resource_type, letter):
                reach = _join(resource_type, scope, context, power)
                if reach is not None and _is_possible(reach, resource_type, letter):
                    yield reach

    def _patients_of_context(self, scope: ResourceScope) -> frozenset[str] | None:
        """The patients to whom the scope's context limits it; None where the context gives nothing at all."""
        if scope.context == "system":
            return frozenset() if self.acting == "client" else None
        if scope.context == "user":
            return frozenset()
        if self.patient is not None:
            return frozenset((self.patient,))
        # SMART 2.2: a patient/ scope speaks of the patient in context; without one a person has nothing by it.
        return frozenset() if self.acting == "client" else None


def _join(resource_type: str, scope: ResourceScope, context: frozenset[str], power: Power) -> Reach | None:
    """What `scope`, limited to the patients of `context`, and `power` allow together; None: nothing."""
    patients, instance = context, None
    if power.within is not None:
        owner = read_reference(power.within)
        if owner.resource_type != "Patient":
            return None
        patients |= {owner.id}
    if power.instance is not None:
        named = read_reference(power.instance)
        if named.resource_type != resource_type:
            return None
        instance = named.id
    return Reach(patients, instance, scope.parameters)


def _is_possible(reach: Reach, resource_type: str, letter: Letter) -> bool:
    """Whether any resource of the type can be within reach."""
    if resource_type in REPRESENTING_TYPES and VERBS[letter] != "read":
        return not reach.patients and reach.instance is None
    if not reach.patients:
        return True
    if resource_type == "Patient":
        return len(reach.patients) == 1 and reach.instance in (None, *reach.patients)
    if resource_type in SUPPORTING_TYPES:
        return VERBS[letter] == "read"
    return is_member_type(resource_type)
