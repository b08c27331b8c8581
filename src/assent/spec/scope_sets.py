"""Sets of scopes: what a request asks, a client may have, a grant holds.

Owns reading a `scope` parameter and a client's list, and the algebra that approval page, token, introspection
and enforcement share. One scope is `scopes`' matter.

A set keeps its order and the texts it was read from; it holds each meaning once in each way of writing, so
that an app that asks `patient/*.read patient/*.rs` finds both in the answer.

Sources: RFC 6749 3.3; SMART App Launch 2.2, scopes-and-launch-context (scopes of one kind add up).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Self

from assent.spec.constraints import implies_any
from assent.spec.resource_types import nearest_type
from assent.spec.scopes import (
    LaunchScope,
    MalformedScope,
    NamedScope,
    ResourceScope,
    Scope,
    covers,
    meet,
    read_scope,
    wire_text,
)


@dataclass(frozen=True)
class ScopeSet:
    """An ordered set of scopes. Made by `read_scopes`, `read_scope_definition` and `of`.

    What is worked out of the members is kept: a request asks for the same again and again.
    """

    scopes: tuple[Scope, ...] = ()

    @classmethod
    def of(cls, scopes: Iterable[Scope]) -> Self:
        """The set of `scopes` in their order, each meaning once in each way of writing."""
        kept: dict[tuple[Scope, bool], Scope] = {}
        for scope in scopes:
            kept.setdefault(_key(scope), scope)
        return cls(tuple(kept.values()))

    def __iter__(self) -> Iterator[Scope]:
        return iter(self.scopes)

    def __len__(self) -> int:
        return len(self.scopes)

    def __contains__(self, scope: object) -> bool:
        """Whether a scope of this meaning is a member, however it is written."""
        return scope in self.scopes

    @cached_property
    def text(self) -> str:
        """The set as a `scope` parameter, each scope as it was asked (RFC 6749 3.3)."""
        return " ".join(self.texts)

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """The scopes' texts, in order."""
        return tuple(wire_text(scope) for scope in self.scopes)

    @cached_property
    def resources(self) -> tuple[ResourceScope, ...]:
        """The members that give access to FHIR resources."""
        return tuple(scope for scope in self.scopes if isinstance(scope, ResourceScope))

    @cached_property
    def launches(self) -> tuple[LaunchScope, ...]:
        """The members that ask for a launch context."""
        return tuple(scope for scope in self.scopes if isinstance(scope, LaunchScope))

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names of the other members: `openid`, `offline_access`, custom ones …"""
        return tuple(scope.name for scope in self.scopes if isinstance(scope, NamedScope))

    @cached_property
    def needs_patient(self) -> bool:
        """Whether a `patient/` scope is a member: then a patient must be in context (SMART 2.2)."""
        return any(scope.context == "patient" for scope in self.resources)

    def has(self, text: str) -> bool:
        """Whether the scope written `text`, such as `openid` or `launch/patient`, is a member by meaning."""
        return read_scope(text) in self

    def covers(self, narrow: Scope | Self) -> bool:
        """Whether the members together allow all that `narrow` allows.

        `.r` and `.s` cover `.rs`; `?category=a` and `?category=b` cover `?category=a,b`.
        """
        if isinstance(narrow, ScopeSet):
            return all(self.covers(scope) for scope in narrow)
        if not isinstance(narrow, ResourceScope):
            return narrow in self
        near = [
            wide
            for wide in self.resources
            if wide.context == narrow.context and wide.resource_type in ("*", narrow.resource_type)
        ]
        wides = {
            tuple(wide.parameters for wide in near if letter in wide.interactions)
            for letter in narrow.interactions
        }
        return all(implies_any(narrow.parameters, of_letter) for of_letter in wides)

    def meet(self, listed: Self) -> Self:
        """What both sets allow, asked scope by asked scope.

        An asked scope that `listed` covers whole comes back as it was asked; of any other, the parts that
        `listed` allows; of one that meets nothing, nothing.
        """
        return self.of(part for asked in self.scopes for part in _parts(asked, listed))

    def join(self, other: Self) -> Self:
        """The members of both, these first."""
        return self.of((*self.scopes, *other.scopes))

    def without(self, other: Self) -> Self:
        """The members that are not, by meaning, members of `other`."""
        return self.of(scope for scope in self.scopes if scope not in other)

    def beyond(self, other: Self) -> Self:
        """The members that `other` does not cover: what is left to ask for when `other` was given."""
        return self.of(scope for scope in self.scopes if not other.covers(scope))


@dataclass(frozen=True, slots=True)
class ScopesRead:
    """A request's `scope`: what was understood, and the texts that were not."""

    scopes: ScopeSet
    malformed: tuple[str, ...]


def read_scopes(text: str) -> ScopesRead:
    """The scopes of a request's `scope` parameter; malformed ones set aside, to be ignored or refused."""
    scopes: list[Scope] = []
    malformed: dict[str, None] = {}
    for word in text.split(" "):
        if not word:
            continue
        try:
            scopes.append(read_scope(word))
        except MalformedScope:
            malformed[word] = None
    return ScopesRead(ScopeSet.of(scopes), tuple(malformed))


def read_scope_definition(texts: str | Iterable[str]) -> ScopeSet:
    """The scopes of a definition, as one space-separated text or one by one.

    Raises MalformedScope for the first bad one, with what was most likely meant.
    """
    words = texts.split() if isinstance(texts, str) else texts
    return ScopeSet.of(_read_defined(word) for word in words)


def _read_defined(text: str) -> Scope:
    try:
        return read_scope(text)
    except MalformedScope as error:
        meant = _meant(text)
        if meant is None:
            raise
        raise MalformedScope(text, f"{error.rule}; did you mean {meant!r}?") from error


def _meant(text: str) -> str | None:
    """`text` with its letters in order and its type's name mended, where that makes a scope of it."""
    context, _, rest = text.partition("/")
    main, question, query = rest.partition("?")
    resource_type, dot, suffix = main.partition(".")
    name = nearest_type(resource_type) or resource_type
    if context == "launch":
        name = name.lower()
    ordered = "".join(letter for letter in "cruds" if letter in suffix)
    for mended in (f"{name}{dot}{suffix}", f"{resource_type}{dot}{ordered}", f"{name}{dot}{ordered}"):
        try:
            read_scope(f"{context}/{mended}{question}{query}")
        except MalformedScope:
            continue
        return f"{context}/{mended}{question}{query}"
    return None


def _parts(asked: Scope, listed: ScopeSet) -> Iterator[Scope]:
    if listed.covers(asked):
        yield asked
        return
    parts = ScopeSet.of(part for one in listed if (part := meet(asked, one)) is not None)
    for part in parts:
        if not any(other != part and covers(other, part) for other in parts):
            yield part


def _key(scope: Scope) -> tuple[Scope, bool]:
    return scope, isinstance(scope, ResourceScope) and scope.v1
