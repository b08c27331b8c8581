"""Rights that a module gave, and gives no longer.

What a module says of a person's rights stands in her account, in place of what stood there. It is remembered beside
her identity too, so that it ends with the rule, the claim or the attribute that it came from: when the module says
nothing of a field any more, what it last gave there is taken out. What an administrator has put there since stays.
"""

from typing import Any

from assent.records.identities import Arrival, Given
from assent.records.people import Person

_LISTS = ("permissions", "roles", "represents", "default_launch_contexts")


def rights_given(arrival: Arrival) -> Given:
    """What the arrival says of her rights; None of a field: nothing."""
    return Given(arrival.fhir_user, *(getattr(arrival, name) for name in _LISTS))


def rights_taken_back(person: Person, before: Given | None, now: Given) -> dict[str, Any]:
    """The fields of the account without what was given `before`, where the module says nothing of them `now`.

    `before` None: it is not known what was given, as of accounts from before this was remembered.
    """
    if before is None:
        return {}
    fields: dict[str, Any] = {}
    if now.fhir_user is None and before.fhir_user is not None and person.fhir_user == before.fhir_user:
        fields["fhir_user"] = None
    for name in _LISTS:
        given = getattr(before, name)
        if given is not None and getattr(now, name) is None:
            fields[name] = tuple(one for one in getattr(person, name) if one not in given)
    return fields
