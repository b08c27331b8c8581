"""Signing in and out."""

from typing import Any

from assent.web.account_views import SetupView
from assent.web.samples.made_up import DIARY, FORM, SITE
from assent.web.views import ModuleView, PageView, ProviderView

PROVIDERS = (
    ProviderView("State eID", "#"),
    ProviderView("the staff account of the University Hospital of St. Elsewhere", "#"),
)
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
        "passkey_options": None,
        "by_proxy": False,
        "forgot_url": "#",
        "signup_url": None,
        "providers": (ProviderView("State eID", "#"),),
    }


def signup(problem: str | None = None, email: str = "") -> dict[str, Any]:
    """Somebody without an account, on her way to an app."""
    return {
        **FORM,
        "page": PageView(SITE),
        "app": DIARY,
        "email": email,
        "problem": problem,
        "sign_in_url": "#",
    }


def signup_finish(problem: str | None = None, problem_at: str | None = None) -> dict[str, Any]:
    """The same, with the code before her."""
    return {
        **FORM,
        "page": PageView(SITE),
        "app": DIARY,
        "email": "maria.keller@mail.example",
        "code": "" if problem is None else "2041 7736",
        "username": "" if problem is None else "maria",
        "given_name": "",
        "family_name": "",
        "least": 10,
        "problem": problem,
        "problem_at": problem_at,
        "again_url": "#",
    }


def second_factor(problem: str | None = None) -> dict[str, Any]:
    """Someone with an authenticator app and a passkey, whose browser may be remembered."""
    return {
        **FORM,
        "page": PageView(SITE, "Maria Keller"),
        "app": DIARY,
        "problem": problem,
        "has_codes": True,
        "passkey_options": "{}",
        "remember_days": 30,
        "can_leave": True,
    }


def setting_up(problem: str | None = None) -> dict[str, Any]:
    """An authenticator app that is set up on the way to an app."""
    return {
        **FORM,
        "page": PageView(SITE, "Maria Keller"),
        "app": DIARY,
        "problem": problem,
        "setup": SetupView(
            "JBSW Y3DP EHPK 3PXP JBSW Y3DP EHPK 3PXP",
            "/static/icon.svg",
            "otpauth://totp/St.%20Elsewhere:maria?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=St.%20Elsewhere",
        ),
        "is_required": True,
        "can_leave": True,
    }


def recovery_codes() -> dict[str, Any]:
    """Codes as they are shown once."""
    letters = "abcdefghij"
    codes = tuple(f"{letter}2k7-m4q{letter}-xw3n-5zr6" for letter in letters)
    return {"page": PageView(SITE, "Maria Keller"), "codes": codes, "next_url": "#"}


def logout(app: str | None) -> dict[str, Any]:
    """The question whether to sign out, which an app may ask."""
    return {
        **FORM,
        "page": PageView(SITE, "Maria Keller"),
        "app": app,
        "hidden": (),
        "revoke_url": "#",
    }
