"""Every page in the states that are worth a look. A new page's samples are added here."""

from typing import Any

from assent.web.messages import Messages
from assent.web.samples.access import own_pages
from assent.web.samples.approval import approvals, attestation
from assent.web.samples.context import contexts
from assent.web.samples.made_up import LONG, SITE
from assent.web.samples.passwords import password_pages
from assent.web.samples.refusal import errors
from assent.web.samples.signing_in import (
    PROVIDERS,
    login,
    logout,
    recovery_codes,
    second_factor,
    setting_up,
    signup,
    signup_finish,
)
from assent.web.samples.terms import all_terms
from assent.web.views import ModuleView, PageView


def sample_pages(messages: Messages) -> dict[str, tuple[str, dict[str, Any]]]:
    """Template and context of each sample, by the name of its picture."""
    return {
        "login": ("login.html", login()),
        "login-wrong": ("login.html", login(problem=messages.text("login.problem.wrong"), username="maria")),
        "login-choice": (
            "login.html",
            {
                **login(),
                "modules": (
                    ModuleView("local", messages.text("login.module.local")),
                    ModuleView("staff", "Staff account", is_chosen=True),
                ),
            },
        ),
        "login-elsewhere": (
            "login.html",
            {**login(), "modules": (), "providers": PROVIDERS, "app": LONG},
        ),
        "login-by-proxy": (
            "login.html",
            {**login(), "modules": (), "providers": (), "by_proxy": True},
        ),
        "login-refused": (
            "login.html",
            {
                **login(messages.text("login.problem.arrival", reference="7F3K-22")),
                "modules": (),
                "providers": PROVIDERS,
            },
        ),
        "login-down": (
            "login.html",
            login(messages.text("login.problem.down", reference="7F3K-22"), username="maria"),
        ),
        "login-mock": ("login.html", {**login(), "modules": (ModuleView("mock", "Test account"),)}),
        "login-passkey": ("login.html", {**login(), "passkey_options": "{}", "providers": ()}),
        "second-factor": ("second_factor.html", second_factor()),
        "second-factor-wrong": (
            "second_factor.html",
            {
                **second_factor(messages.text("factor.problem.wrong")),
                "passkey_options": None,
                "remember_days": 0,
            },
        ),
        "second-factor-passkey": ("second_factor.html", {**second_factor(), "has_codes": False}),
        "second-factor-setup": ("second_factor_setup.html", setting_up()),
        "second-factor-setup-wrong": (
            "second_factor_setup.html",
            {**setting_up(messages.text("factor.setup.problem")), "is_required": False, "can_leave": False},
        ),
        "recovery-codes": ("recovery_codes.html", recovery_codes()),
        "login-plain": ("login.html", {**login(), "app": None, "providers": (), "page": PageView(SITE)}),
        "login-signup": (
            "login.html",
            {**login(), "app": None, "providers": (), "page": PageView(SITE), "signup_url": "#"},
        ),
        "signup": ("signup.html", signup()),
        "signup-plain": (
            "signup.html",
            {**signup(messages.text("signup.problem.address"), "maria"), "app": None},
        ),
        "signup-finish": ("signup_finish.html", signup_finish()),
        "signup-finish-problem": (
            "signup_finish.html",
            {**signup_finish(messages.text("signup.problem.username_taken"), "username"), "app": None},
        ),
        **{name: ("terms.html", given) for name, given in all_terms(messages).items()},
        **{name: ("context.html", given) for name, given in contexts(messages).items()},
        **{name: ("approve.html", given) for name, given in approvals(messages).items()},
        "attestation": ("attestation.html", attestation(messages)),
        **own_pages(messages),
        **password_pages(messages),
        **errors(messages),
        "logout": ("logout.html", logout("Heart Diary")),
        "logout-own": ("logout.html", logout(None)),
        "send-on": (
            "send_on.html",
            {
                "page": PageView(SITE),
                "provider": "Clinic account",
                "action": "#",
                "hidden": (("SAMLRequest", "PHNhbWxw"), ("RelayState", "x")),
            },
        ),
        "signed-out-here": (
            "signed_out_here.html",
            {
                "page": PageView(SITE),
                "provider": "Clinic account",
                "back_url": "#",
                "sign_in_url": "/login",
            },
        ),
        "signed-out": (
            "signed_out.html",
            {"page": PageView(SITE), "back_url": "#", "back_name": "Heart Diary", "sign_in_url": "/login"},
        ),
    }
