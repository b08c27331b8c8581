"""The approval page as its template is given it: what is asked, in groups, with what there is to choose about each.

Owns the shape of the question in words. What is asked, and what an answer grants, is `engine.consent`'s; the words for
scopes are `words`'.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from assent.engine.consent import Question, offered_parts
from assent.engine.lasting import THIS_VISIT
from assent.records.clients import Client
from assent.spec.scope_sets import ScopeSet
from assent.spec.scopes import Scope, wire_text
from assent.web.apps import shown_reasons
from assent.web.dates import say_duration
from assent.web.messages import Messages
from assent.web.views import AttestationView, DurationView, GivenView, PartView, ScopeChoice, ScopeGroup
from assent.web.words import GROUPS, ScopeWords, describe_scope, group_title

FOR_EVER_SECONDS: Final = 10 * 365 * 86_400
"""A choice of ten years or more is said as what it comes to: until it is taken back."""


@dataclass(frozen=True, slots=True)
class Asking:
    """What the page is made of, beside the question itself.

    `owner`: whose record it is, None where it is the reader's own. `remembered`: all that the person gave the app
    before. `durations`: what there is to choose for lasting access. `counted`: how much there is, by scope, in words.
    """

    client: Client
    messages: Messages
    owner: str | None
    remembered: ScopeSet
    durations: tuple[DurationView, ...]
    counted: Mapping[Scope, str]


def approval_groups(asked: Question, asking: Asking) -> tuple[ScopeGroup, ...]:
    """The scopes that are asked, by what people know; within a group the sensitive first."""
    described = [(scope, describe_scope(scope, asking.messages)) for scope in asked.asked]
    described.sort(key=lambda one: (GROUPS.index(one[1].group), not one[1].sensitive))
    groups = []
    for group in GROUPS:
        choices = tuple(
            _choice(asked, asking, scope, words) for scope, words in described if words.group == group
        )
        if choices:
            title = group_title(group, asking.messages, asking.owner)
            groups.append(ScopeGroup(title, choices, group == "changes"))
    return tuple(groups)


def given_views(scopes: Iterable[Scope], messages: Messages) -> tuple[GivenView, ...]:
    """Scopes that are shown and not asked."""
    described = (describe_scope(scope, messages) for scope in scopes)
    return tuple(GivenView(words.title, words.technical) for words in described)


def duration_views(choices: Sequence[int], chosen: int, messages: Messages) -> tuple[DurationView, ...]:
    """For how long an app may keep access, as the client offers it."""
    unique = dict.fromkeys(choices)
    return tuple(DurationView(one, _say_choice(one, messages), one == chosen) for one in unique)


def attestation_view(client: Client, url: str, messages: Messages) -> AttestationView | None:
    """What the maker of an app of the portal answered; None for an app that nobody asked."""
    if not client.managed_by_portal:
        return None
    said = {True: "accepted", False: "declined", None: "unanswered"}[client.attestation_accepted]
    return AttestationView(messages.text(f"approve.attestation_{said}"), url)


def _say_choice(seconds: int, messages: Messages) -> str:
    if seconds == THIS_VISIT:
        return messages.text("approve.this_visit")
    if seconds >= FOR_EVER_SECONDS:
        return messages.text("approve.until_revoked")
    return say_duration(seconds, messages)


def _choice(asked: Question, asking: Asking, scope: Scope, words: ScopeWords) -> ScopeChoice:
    text = wire_text(scope)
    return ScopeChoice(
        value=text,
        title=words.title,
        description=words.short,
        explanation=words.long,
        technical=words.technical,
        sensitive=words.sensitive,
        required=scope in asked.required,
        reason=shown_reasons(asking.client).get(text),
        counted=asking.counted.get(scope),
        parts=_parts(offered_parts(asked, scope), asking),
        until=asking.durations if text == "offline_access" else (),
        news=_news(scope in asked.remembered, asking),
    )


def _parts(parts: ScopeSet, asking: Asking) -> tuple[PartView, ...]:
    """The kinds of a scope, all ticked, or those that the person chose before."""
    before = [part for part in parts if asking.remembered.covers(part)]
    return tuple(
        PartView(
            wire_text(part), describe_scope(part, asking.messages).title, part in before if before else True
        )
        for part in parts
    )


def _news(was_given: bool, asking: Asking) -> str | None:
    if not asking.remembered:
        return None
    return asking.messages.text("approve.before" if was_given else "approve.new")
