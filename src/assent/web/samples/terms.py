"""Terms of service, made up: an organization's own, the sample, and what is said around them."""

from typing import Any

from assent.web.dates import say_date
from assent.web.messages import Messages
from assent.web.prose import read_prose
from assent.web.samples.made_up import CHART, DIARY, FORM, SITE
from assent.web.terms import TermsText, read_terms
from assent.web.views import PageView, TermsView

OWN = """# Terms of service of St. Elsewhere Health

These terms hold **between you and St. Elsewhere Health** when you connect an app to your record.

## 1. What we promise

1. An app sees only what you allow.
2. You can stop it at any time, *without giving a reason*.

### What that means

- Every access is written down.
- We tell you when something goes wrong: [privacy office](https://st-elsewhere.example/privacy).

## 2. What we ask of you

Keep your password to yourself, and tell us when somebody else may know it.
"""


def all_terms(messages: Messages) -> dict[str, dict[str, Any]]:
    """The page's states, by the name of the picture."""
    sample = read_terms().text("2026-05", messages.language)
    own = TermsText("en", bytes(32), read_prose(OWN))
    before = say_date("2025-11-03", messages)
    problem = messages.text("terms.problem.changed")
    is_read_here = messages.language == own.language
    only_in = None if is_read_here else str(messages.locale.languages[own.language])
    return {
        "terms": _terms(own, only_in=only_in),
        "terms-new": _terms(own, only_in=only_in, accepted_before=before, problem=problem),
        "terms-sample": {**_terms(sample), "app": CHART, "only_this_app": True},
    }


def _terms(
    text: TermsText,
    only_in: str | None = None,
    accepted_before: str | None = None,
    problem: str | None = None,
) -> dict[str, Any]:
    return {
        **FORM,
        "page": PageView(SITE, "Maria Keller"),
        "app": DIARY,
        "terms": TermsView(
            version="2026-05",
            text=text.text_hash.hex(),
            language=text.language,
            direction=text.direction,
            blocks=text.blocks,
            is_sample=text.is_sample,
            only_in=only_in,
        ),
        "only_this_app": False,
        "accepted_before": accepted_before,
        "problem": problem,
    }
