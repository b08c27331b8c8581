"""Passwords: forgotten, reset by a mailed code, changed; an account that is locked."""

from typing import Any

from assent.web.dates import say_duration
from assent.web.messages import Messages
from assent.web.samples.made_up import DIARY, FORM, SITE
from assent.web.views import PageView


def password_pages(messages: Messages) -> dict[str, tuple[str, dict[str, Any]]]:
    """The pages by the names of their pictures."""
    text = messages.text
    wrong_code, short = text("reset.problem.code"), text("password.flaw.short", number=10)
    wrong, common = text("password.problem.current"), text("password.flaw.common", number=0)
    return {
        "forgot": ("forgot.html", _forgot()),
        "forgot-slow": ("forgot.html", _forgot(text("forgot.problem.slow"), "maria")),
        "reset": ("reset.html", _reset(messages)),
        "reset-wrong": ("reset.html", _reset(messages, wrong_code, "code")),
        "reset-by-mail": ("reset.html", {**_reset(messages), "lasts": None}),
        "reset-short": ("reset.html", {**_reset(messages, short), "stop_apps": True}),
        "reset-done": ("told.html", _told(messages, "reset.done")),
        "reset-over": (
            "told.html",
            {**_told(messages, "reset.over"), "link_text": text("reset.over_again")},
        ),
        "password": ("password.html", _password()),
        "password-wrong": ("password.html", _password(wrong, "current")),
        "password-common": ("password.html", _password(common)),
        "new-password": ("new_password.html", {**_must_change(), "app": None}),
        "new-password-app": ("new_password.html", {**_must_change(wrong, "current"), "app": DIARY}),
        "unlock": ("unlock.html", {**FORM, "page": PageView(SITE)}),
        "unlock-over": ("told.html", _told(messages, "unlock.over")),
    }


def _forgot(problem: str | None = None, username: str = "") -> dict[str, Any]:
    page = PageView(SITE)
    return {**FORM, "page": page, "username": username, "problem": problem, "sign_in_url": "#"}


def _reset(messages: Messages, problem: str | None = None, at: str = "password") -> dict[str, Any]:
    return {
        **FORM,
        "page": PageView(SITE),
        "code": "" if problem is None else "K7QMN-3VXRP",
        "stop_apps": False,
        "lasts": say_duration(900, messages),
        "least": 10,
        "problem": problem,
        "problem_field": at,
        "again_url": "#",
    }


def _password(problem: str | None = None, at: str = "password") -> dict[str, Any]:
    return {
        **FORM,
        "page": PageView(SITE, "Maria Keller"),
        "least": 10,
        "problem": problem,
        "problem_field": at,
        "account_url": "#",
    }


def _must_change(problem: str | None = None, at: str = "password") -> dict[str, Any]:
    page = PageView(SITE, "Maria Keller")
    return {**FORM, "page": page, "least": 10, "problem": problem, "problem_field": at}


def _told(messages: Messages, key: str) -> dict[str, Any]:
    return {
        "page": PageView(SITE),
        "title": messages.text(key),
        "text": messages.text(f"{key}_text"),
        "link_url": "#",
        "link_text": messages.text("reset.done_sign_in"),
    }
