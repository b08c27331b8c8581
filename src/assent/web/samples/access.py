"""The person's own pages: apps with access, what one of them may keep, her account, what she allowed."""

from itertools import groupby
from typing import Any

from assent.spec.scopes import read_scope
from assent.web.account_views import (
    ConsentView,
    DecisionView,
    FactView,
    KeepGroup,
    KeepView,
    PasskeyView,
    RememberedView,
    SessionView,
    TermsView,
)
from assent.web.browsers import say_browser
from assent.web.dates import say_ago, say_date
from assent.web.messages import Messages
from assent.web.samples.made_up import CHART, DIARY, FORM, SITE
from assent.web.views import AccessView, PageView, RecordAccessView
from assent.web.words import describe_scope, group_title, order_words

TITLES = ("Lab results", "Vital signs", "Know that it is you")


def own_pages(messages: Messages) -> dict[str, tuple[str, dict[str, Any]]]:
    """The pages by the names of their pictures."""
    nothing: dict[str, Any] = {"active": (), "ended": (), "decisions": (), "has_older": False}
    stopped = messages.text("revoke.done", app=DIARY.name)
    refused = messages.text("narrow.problem", titles=TITLES[0])
    signed_out = {"page": PageView(SITE), "sign_in_url": "/login"}
    quiet = {"ended": True, "apps": 0, "terms": (), "second_factor": False}
    return {
        "revoke": ("revoke.html", revoke(messages)),
        "revoke-empty": ("revoke.html", {**revoke(messages), "accesses": (), "done": stopped}),
        "narrow": ("narrow.html", narrow(messages)),
        "narrow-refused": ("narrow.html", narrow(messages, refused)),
        "account": ("account.html", account(messages)),
        "account-ended": (
            "account.html",
            {**account(messages), **quiet, "password_changed": True},
        ),
        "account-second-factor": ("account_second_factor.html", second_step(messages)),
        "account-second-factor-used-up": (
            "account_second_factor.html",
            {**second_step(messages), "codes_left": 0},
        ),
        "account-second-factor-none": ("account_second_factor.html", no_second_step(messages)),
        "consents": ("consents.html", consents(messages)),
        "consents-none": ("consents.html", {**consents(messages), **nothing}),
        "signed-out-everywhere": ("signed_out_everywhere.html", signed_out),
    }


def revoke(messages: Messages) -> dict[str, Any]:
    """Two apps, one of them with two records."""
    since, until = say_date("2026-05-12", messages), say_date("2027-05-12", messages)
    return {
        **FORM,
        "page": PageView(SITE, "Jonas Weber"),
        "done": None,
        "accesses": (
            AccessView(
                "diary",
                DIARY,
                (
                    RecordAccessView(
                        TITLES[:1],
                        since=say_date("2026-11-01", messages),
                        until=messages.text("revoke.until_stopped"),
                        subject=messages.text("revoke.own_record"),
                    ),
                    RecordAccessView(
                        TITLES,
                        since=since,
                        until=messages.text("revoke.until", date=until),
                        last_used=say_date("2026-11-20", messages),
                        subject=messages.text("revoke.subject", name="Leo Weber"),
                        is_own=False,
                    ),
                ),
                "#",
            ),
            AccessView(
                "chart",
                CHART,
                (RecordAccessView(TITLES[:1], since=since, until=messages.text("revoke.while_signed_in")),),
                "#",
            ),
        ),
        "account_url": "#",
        "sign_out_url": "#",
    }


def narrow(messages: Messages, problem: str | None = None) -> dict[str, Any]:
    """What the heart diary may keep; it needs one thing, and gets another anyway."""
    texts = (
        "patient/Observation.rs?category=laboratory",
        "patient/MedicationRequest.rs",
        "patient/Observation.cu?category=vital-signs",
        "offline_access",
        "openid",
    )
    notes = {
        texts[0]: (messages.text("narrow.needed", app=DIARY.name, reason="to draw your charts"),),
        "openid": (messages.text("narrow.comes_back"),),
    }
    words = order_words(describe_scope(read_scope(text), messages) for text in texts)
    groups = tuple(
        KeepGroup(
            messages.text("narrow.group") if group == "record" else group_title(group, messages),
            tuple(
                KeepView(
                    one.technical,
                    one.title,
                    one.short,
                    one.long,
                    one.technical,
                    notes.get(one.technical, ()),
                )
                for one in members
            ),
            is_changing=group == "changes",
        )
        for group, members in groupby(words, key=lambda one: one.group)
    )
    return {
        **FORM,
        "page": PageView(SITE, "Jonas Weber"),
        "client_id": "diary",
        "app": DIARY,
        "records": (
            messages.text("revoke.own_record"),
            messages.text("revoke.subject", name="Leo Weber"),
        ),
        "groups": groups,
        "problem": problem,
        "apps_url": "#",
    }


def account(messages: Messages) -> dict[str, Any]:
    """Somebody who is signed in on a phone and at a desk."""
    return {
        **FORM,
        "page": PageView(SITE, "Maria Keller"),
        "facts": (
            FactView(messages.text("account.name"), "Maria Keller"),
            FactView(messages.text("account.username"), "maria"),
            FactView(messages.text("account.email"), "maria.keller@a-long-name-of-a-provider.example"),
            FactView(messages.text("account.language"), None),
        ),
        "apps": 2,
        "apps_url": "#",
        "second_factor": True,
        "second_factor_url": "#",
        "sessions": (
            _session(messages, 60, 3_600, is_this=True),
            _session(messages, 7_200, 180_000, is_this=False),
        ),
        "password_url": "#",
        "password_changed": False,
        "ended": False,
        "terms": (TermsView("Heart Diary", "2026-1", say_date("2026-05-12", messages)),),
        "consents_url": "#",
        "json_url": "#",
        "fhir_url": "#",
    }


def second_step(messages: Messages) -> dict[str, Any]:
    """An authenticator app, two passkeys, a few recovery codes, a browser that does not ask."""
    since = messages.text("factor.own.since", date=say_date("2026-05-12", messages))
    used = messages.text("account.seen", ago=say_ago(0, 7_200, messages))
    until = messages.text("factor.own.browser_until", date=say_date("2026-12-23", messages))
    return {
        **FORM,
        "page": PageView(SITE, "Maria Keller"),
        "problem": None,
        "app_since": say_date("2026-05-12", messages),
        "app_url": "#",
        "passkeys": (
            PasskeyView("a", "Phone", since, used),
            PasskeyView("b", messages.text("factor.own.passkey_unnamed"), since, None),
        ),
        "passkey_options": "{}",
        "codes_left": 8,
        "browsers": (RememberedView("b", say_browser(None, messages), until),),
        "is_required": True,
        "account_url": "#",
    }


def no_second_step(messages: Messages) -> dict[str, Any]:
    """Nothing is set up yet."""
    return {
        **second_step(messages),
        "problem": messages.text("factor.problem.passkey"),
        "app_since": None,
        "passkeys": (),
        "codes_left": None,
        "browsers": (),
        "is_required": False,
    }


def consents(messages: Messages) -> dict[str, Any]:
    """One app that has access, one that had it, and what was decided."""
    given = messages.text("consents.given", date=say_date("2026-05-12", messages))
    held = ConsentView(
        DIARY,
        messages.text("revoke.until_stopped"),
        given,
        TITLES,
        is_active=True,
        record=messages.text("revoke.own_record"),
    )
    ended = messages.text("consents.ended", date=say_date("2026-11-01", messages))
    return {
        "page": PageView(SITE, "Maria Keller"),
        "lead": messages.text(
            "consents.lead", name="Maria Keller", site=SITE, date=say_date("2026-11-23", messages)
        ),
        "active": (held,),
        "ended": (ConsentView(CHART, ended, given, TITLES[:1], is_active=False),),
        "decisions": (
            DecisionView(
                say_date("2026-11-01", messages),
                messages.text("consents.decided.narrowed", app=DIARY.name),
                TITLES[:2],
            ),
            DecisionView(
                say_date("2026-05-12", messages),
                messages.text("consents.decided.granted", app=DIARY.name),
                TITLES,
            ),
        ),
        "has_older": True,
        "json_url": "#",
        "fhir_url": "#",
        "account_url": "#",
        "apps_url": "#",
    }


def _session(messages: Messages, seen: int, begun: int, *, is_this: bool) -> SessionView:
    agent = "(iPhone) Version/17.5 Safari/604.1" if is_this else "(Windows NT 10.0) Firefox/127.0"
    return SessionView(
        id="s-1",
        browser=say_browser(agent, messages),
        signed_in=messages.text("account.signed_in", ago=say_ago(0, begun, messages)),
        seen=messages.text("account.seen", ago=say_ago(0, seen, messages)),
        address="192.0.2.7" if is_this else "2001:db8:85a3::8a2e:370:7334",
        is_this=is_this,
    )
