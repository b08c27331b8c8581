"""How many records there are of what an app asks to see, in words: `14 lab results`.

Owns the choice of the noun; the numbers are `fhir.counts`'.
"""

from collections.abc import Mapping
from functools import reduce
from typing import Final

from assent.fhir.counts import Counts
from assent.spec.categories import CATEGORIES
from assent.spec.scopes import ResourceScope, Scope
from assent.web.messages import Messages

MOST_NAMED: Final = 3
"""Of a whole record, only the kinds of which there is most are named."""


def say_counts(counts: Counts, messages: Messages) -> dict[Scope, str]:
    """What is said of each scope that was counted."""
    said = ((scope, say_count_of(scope, numbers, messages)) for scope, numbers in counts.by_scope.items())
    return {scope: words for scope, words in said if words is not None}


def say_count_of(scope: ResourceScope, numbers: Mapping[str, int], messages: Messages) -> str | None:
    """How much one scope reaches: a number by type. None where several types have nothing: others may have some."""
    if scope.resource_type != "*":
        [number] = numbers.values()
        return _say(_noun(scope), number, messages)
    if "Patient" in numbers:
        return messages.count("counted.records", numbers["Patient"])
    largest = sorted(((number, kind) for kind, number in numbers.items() if number), reverse=True)[
        :MOST_NAMED
    ]
    if not largest:
        return None
    named = [_say(kind, number, messages) for number, kind in largest]
    return messages.text("counted.among", list=_listed(named, messages))


def _listed(words: list[str], messages: Messages) -> str:
    """One after the other, without an `and`: more follows. Babel lacks CLDR's style for that in most languages."""
    return reduce(messages.locale.list_patterns["standard"]["middle"].format, words)


def _noun(scope: ResourceScope) -> str:
    """The key of the noun that is counted: the category's where a scope is limited to one, else the type's."""
    if not scope.parameters:
        return scope.resource_type
    for category in CATEGORIES.get(scope.resource_type, ()):
        code = category.rpartition("|")[2]
        if scope.parameters in ((("category", category),), (("category", code),)):
            return code
    return "some"


def _say(noun: str, number: int, messages: Messages) -> str:
    if number == 0:
        return messages.text("counted.none")
    key = f"counted.{noun}"
    return messages.count(key if messages.has(f"{key}.other") else "counted.some", number)
