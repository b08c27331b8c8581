"""Scopes in plain words: what a person reads where an app asked for `patient/Observation.rs?category=laboratory`.

Owns the choice of words and the group a scope is shown in; the words themselves are in `messages/`. It decides
nothing: a scope's meaning is `spec.scopes`'. What a deployment's messages say of a scope by its name is said before
all else. What has no words is shown with its technical name, never left out.
Source: SMART App Launch 2.2, best practices (short and long descriptions), scopes (wildcards reach future types).
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from babel.lists import format_list

from assent.spec.scopes import LaunchScope, NamedScope, ResourceScope, Scope, wire_text
from assent.web.dates import say_date
from assent.web.messages import Messages

Group = Literal["record", "records", "everyone", "changes", "away", "who", "other"]

GROUPS: Final[tuple[Group, ...]] = ("record", "records", "everyone", "changes", "away", "who", "other")
"""In the order of the page: what weighs most first."""

_GROUP_OF_CONTEXT: Final[dict[str, Group]] = {"patient": "record", "user": "records", "system": "everyone"}
_GROUP_OF_NAME: Final[dict[str, Group]] = {
    **dict.fromkeys(("openid", "fhirUser", "profile", "email", "phone", "address"), "who"),
    **dict.fromkeys(("offline_access", "online_access"), "away"),
}
_VERBS: Final = (("rs", "see"), ("c", "add"), ("u", "change"), ("d", "delete"))
_ESCAPED_COMMA: Final = "\\,"
_COMMA: Final = re.compile(r"(?<!\\),")
_DATE_LIMIT: Final = re.compile(r"(ge|gt|le|lt|sa|eb)(\d{4}(?:-\d\d)*(?:T.*)?)")
_KNOWN_SYSTEMS: Final = (
    "http://terminology.hl7.org/CodeSystem/",
    "http://hl7.org/fhir/us/core/CodeSystem/",
)
_LIMIT_WORDS: Final = {
    "ge": "at_least",
    "gt": "more_than",
    "sa": "more_than",
    "le": "at_most",
    "lt": "less_than",
    "eb": "less_than",
}


@dataclass(frozen=True, slots=True)
class ScopeWords:
    """A scope as it is told. `sensitive` says why one may hesitate, empty where there is no special reason."""

    title: str
    short: str
    long: str
    group: Group
    sensitive: str
    technical: str


@dataclass(frozen=True, slots=True)
class _Kind:
    """A kind of data: `what` as it stands within a sentence."""

    what: str
    about: str
    sensitive: str = ""
    limits: tuple[str, ...] = ()


def describe_scope(scope: Scope, messages: Messages) -> ScopeWords:
    """Give title, short and long description, and group of any scope."""
    if isinstance(scope, LaunchScope):
        return _describe_launch(scope, messages)
    if isinstance(scope, NamedScope):
        return _describe_named(scope.name, messages)
    words, said = _describe_resource(scope, messages), messages.scope(scope)
    return replace(
        words,
        title=said.name or words.title,
        short=said.description or words.short,
        long=said.details or words.long,
    )


def has_name(scope: Scope, messages: Messages) -> bool:
    """Whether a scope is called by words: a custom scope only where the messages name it."""
    return not isinstance(scope, NamedScope) or bool(messages.scope(scope).name)


def group_title(group: Group, messages: Messages, owner: str | None = None) -> str:
    """The heading of a group. `owner`: whose record it is, None where it is the reader's own."""
    if group != "record":
        return messages.text(f"approve.group.{group}")
    if owner is None:
        return messages.text("approve.group.record_own")
    return messages.text("approve.group.record_other", name=owner)


def ask_approval(scopes: Iterable[Scope], app: str, messages: Messages, owner: str | None = None) -> str:
    """The question over the approval page. `owner` as in `group_title`."""
    resources = [scope for scope in scopes if isinstance(scope, ResourceScope)]
    if not resources:
        return messages.text("approve.title_sign_in", app=app)
    change = "_change" if any(_is_changing(scope) for scope in resources) else ""
    if any(scope.context != "patient" for scope in resources):
        return messages.text(f"approve.title_many{change}", app=app)
    if owner is None:
        return messages.text(f"approve.title_own{change}", app=app)
    return messages.text(f"approve.title_other{change}", app=app, name=owner)


def order_words(words: Iterable[ScopeWords]) -> list[ScopeWords]:
    """The order of the page: by group, within a group the sensitive first, else as asked."""
    return sorted(words, key=lambda one: (GROUPS.index(one.group), not one.sensitive))


def _describe_resource(scope: ResourceScope, messages: Messages) -> ScopeWords:
    kind = _kind_of(scope, messages)
    is_changing = _is_changing(scope)
    title = _title(scope, kind, messages)
    group: Group = "changes" if is_changing else _GROUP_OF_CONTEXT[scope.context]
    if is_changing and scope.context != "patient":
        reach = "everywhere" if scope.context == "user" else "for_all"
        title = messages.text(f"words.{reach}", title=title)
    return ScopeWords(
        title=title,
        short=" ".join(kind.limits) or kind.about,
        long=" ".join(_sentences(scope, kind, messages)),
        group=group,
        sensitive=kind.sensitive,
        technical=wire_text(scope),
    )


def _title(scope: ResourceScope, kind: _Kind, messages: Messages) -> str:
    if not _is_changing(scope):
        return _capital(kind.what)
    # a whole phrase for each combination: languages put verbs, articles and pronouns in places of their own
    names = [name for letters, name in _VERBS if any(letter in scope.interactions for letter in letters)]
    return _capital(messages.text(f"changes.{'_'.join(names)}", what=kind.what))


def _sentences(scope: ResourceScope, kind: _Kind, messages: Messages) -> Iterable[str]:
    """What the scope lets an app do, one sentence after the other."""
    yield from kind.limits
    if kind.limits:
        yield messages.text("words.others_hidden")
    reading = "".join(letter for letter in "rs" if letter in scope.interactions)
    if reading:
        yield messages.text(f"words.reads_{reading}")
    if _is_changing(scope):
        yield messages.text("words.changes_about")
    for letter, key in (("c", "adds"), ("u", "changes_old"), ("d", "deletes")):
        if letter in scope.interactions:
            yield messages.text(f"words.{key}")
    if scope.context != "patient":
        yield messages.text("words.users" if scope.context == "user" else "words.systems")


def _kind_of(scope: ResourceScope, messages: Messages) -> _Kind:
    """The kind of data in words: a known category by its own name, else some of its type, with the limits."""
    kind = _kind_of_type(scope, messages)
    if not scope.parameters:
        return kind
    categories = _known_categories(scope, messages)
    if categories:
        sensitive = (one.sensitive for one in categories)
        return _Kind(
            what=_join([one.what for one in categories], "standard", messages),
            about=" ".join(one.about for one in categories),
            sensitive=next((words for words in sensitive if words), ""),
        )
    limits = tuple(_limit(name, value, messages) for name, value in scope.parameters)
    some = "words.some_of_all" if scope.resource_type == "*" else "words.some"
    return _Kind(messages.text(some, what=kind.what), kind.about, kind.sensitive, limits)


def _kind_of_type(scope: ResourceScope, messages: Messages) -> _Kind:
    if scope.resource_type == "*":
        # SMART 2.2: a wildcard type stands for all types, now and in the future
        what = messages.text("words.all" if scope.context == "patient" else "words.all_of_many")
        return _Kind(what, messages.text("words.all_about"), messages.text("words.all_sensitive"))
    if messages.has(f"type.{scope.resource_type}.what"):
        return _kind_at(f"type.{scope.resource_type}", messages)
    type_words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", scope.resource_type).lower()
    return _Kind(
        messages.text("words.unlisted", type=type_words),
        messages.text("words.unlisted_about", type=scope.resource_type),
    )


def _known_categories(scope: ResourceScope, messages: Messages) -> list[_Kind]:
    """The categories that a scope is limited to, when that is its only limit and each has words."""
    if len(scope.parameters) != 1 or scope.parameters[0][0] != "category":
        return []
    keys = [
        _category_key(scope.resource_type, value, messages) for value in _COMMA.split(scope.parameters[0][1])
    ]
    return [_kind_at(key, messages) for key in dict.fromkeys(keys) if key] if all(keys) else []


def _category_key(resource_type: str, value: str, messages: Messages) -> str | None:
    """Where the words of a category are; None for codes of systems that we do not know."""
    system, _, code = value.rpartition("|")
    if system and not system.startswith(_KNOWN_SYSTEMS):
        return None
    keys = (f"category.{resource_type}.{code}", f"category.{code}")
    return next((key for key in keys if messages.has(f"{key}.what")), None)


def _kind_at(key: str, messages: Messages) -> _Kind:
    sensitive = messages.text(f"{key}.sensitive") if messages.has(f"{key}.sensitive") else ""
    return _Kind(messages.text(f"{key}.what"), messages.text(f"{key}.about"), sensitive)


def _limit(name: str, value: str, messages: Messages) -> str:
    alternatives = [_value_words(one, messages) for one in _COMMA.split(value)]
    known = f"parameter.{name}"
    return messages.text(
        "words.only",
        name=messages.text(known) if messages.has(known) else messages.text("words.quoted", text=name),
        value=_join(alternatives, "or", messages),
    )


def _value_words(value: str, messages: Messages) -> str:
    found = _DATE_LIMIT.fullmatch(value)
    if found:
        said = found[2] if "T" in found[2] else say_date(found[2], messages)  # a time of day is never dropped
        return messages.text(f"limit.{_LIMIT_WORDS[found[1]]}", value=said)
    _, _, code = value.rpartition("|")  # a token such as `http://loinc.org|8480-6`
    return messages.text("words.quoted", text=(code or value).replace(_ESCAPED_COMMA, ","))


def _describe_launch(scope: LaunchScope, messages: Messages) -> ScopeWords:
    said = messages.scope(scope)
    role = f" {messages.text('launch.role', role=scope.role)}" if scope.role else ""
    return ScopeWords(
        title=said.name or messages.text("launch.name"),
        short=said.description or messages.text("launch.description"),
        long=(said.details or messages.text("launch.details", type=scope.resource_type or "")) + role,
        group="other",
        sensitive="",
        technical=wire_text(scope),
    )


def _describe_named(name: str, messages: Messages) -> ScopeWords:
    said = messages.scope(NamedScope(name))
    short = said.description or messages.text("words.custom_named" if said.name else "words.custom")
    return ScopeWords(
        title=said.name or name,
        short=short,
        long=said.details or short,
        group=_GROUP_OF_NAME.get(name, "other"),
        sensitive="",
        technical=name,
    )


def _is_changing(scope: ResourceScope) -> bool:
    return any(letter in scope.interactions for letter in "cud")


def _join(parts: Sequence[str], style: Literal["standard", "or"], messages: Messages) -> str:
    return str(format_list(parts, style=style, locale=messages.locale))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
