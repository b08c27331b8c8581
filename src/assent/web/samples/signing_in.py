"""Signing in and out."""

from typing import Any

from assent.web.samples.made_up import DIARY, FORM, SITE
from assent.web.views import ModuleView, PageView, ProviderView

LOCAL = (ModuleView("local", "An account of this site"),)


def login(problem: str | None = None, username: str = "") -> dict[str, Any]:
    """The sign-in page of a demo, with another place to sign in."""
    return {
        **FORM,
        "page": PageView(SITE, is_demo=True),
        "app": DIARY,
        "username": username,
        "problem": problem,
        "modules": LOCAL,
        "providers": (ProviderView("State eID", "#"),),
    }


def logout(app: str | None) -> dict[str, Any]:
    """The question whether to sign out, which an app may ask."""
    return {
        **FORM,
        "page": PageView(SITE, "Maria Keller"),
        "app": app,
        "hidden": (),
        "revoke_url": "#",
    }
