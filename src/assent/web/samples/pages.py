"""Every page in the states that are worth a look. A new page's samples are added here."""

from typing import Any

from assent.web.messages import Messages
from assent.web.samples.access import revoke
from assent.web.samples.approval import CHILD_SCOPES, WIDE_SCOPES, approve
from assent.web.samples.context import context, family, found, visits
from assent.web.samples.made_up import CHART, DIARY, FORM, LEO, SITE
from assent.web.samples.refusal import error
from assent.web.samples.signing_in import login
from assent.web.views import PageView, SearchView


def sample_pages(messages: Messages) -> dict[str, tuple[str, dict[str, Any]]]:
    """Template and context of each sample, by the name of its picture."""
    return {
        "login": ("login.html", login()),
        "login-wrong": ("login.html", login(problem=messages.text("login.problem.wrong"), username="maria")),
        "login-plain": ("login.html", {**login(), "app": None, "providers": (), "page": PageView(SITE)}),
        "context-family": ("context.html", context(records=family(), page=PageView(SITE, "Jonas Weber"))),
        "context-search": ("context.html", context(search=SearchView())),
        "context-found": (
            "context.html",
            context(
                search=SearchView("weber", has_more=True),
                records=found(),
                problem=messages.text("context.problem.none"),
            ),
        ),
        "context-none": ("context.html", context(search=SearchView("Wehber"))),
        "context-visit": ("context.html", context(patient=found()[0], encounters=visits())),
        "approve-child": ("approve.html", approve(messages, CHILD_SCOPES, DIARY, LEO)),
        "approve-wide": ("approve.html", approve(messages, WIDE_SCOPES, CHART, None)),
        "approve-clinician": ("approve.html", approve(messages, ("launch", "user/*.rs"), CHART, None)),
        "revoke": ("revoke.html", revoke(messages)),
        "revoke-empty": ("revoke.html", {**revoke(messages), "accesses": (), "done": "Heart Diary"}),
        "error-app": ("error.html", error(messages, "app", "redirect_uri is not one of this client")),
        "error-form": ("error.html", error(messages, "form", None)),
        "logout": (
            "logout.html",
            {
                **FORM,
                "page": PageView(SITE, "Maria Keller"),
                "app": "Heart Diary",
                "hidden": (),
                "revoke_url": "#",
            },
        ),
        "signed-out": (
            "signed_out.html",
            {"page": PageView(SITE), "back_url": "#", "back_name": "Heart Diary", "sign_in_url": "/login"},
        ),
    }
