"""Pages that say no."""

from typing import Any, Final

from assent.web.messages import Messages
from assent.web.samples.made_up import DIARY, SITE
from assent.web.views import AppView, PageView

_PLAIN: Final = (
    "ours",
    "browser",
    "denied",
    "busy",
    "missing",
    "request",
    "stale",
    "signup",
)


def errors(messages: Messages) -> dict[str, tuple[str, dict[str, Any]]]:
    """What people can meet, by the names of the pictures."""
    pages = {
        "app": _error(messages, "app", maker_note="redirect_uri is not one of this client"),
        "used": _error(messages, "used", app=DIARY),
        "expired": _error(messages, "expired", app=DIARY),
        "form": _error(messages, "form", link="#"),
        "records": _error(messages, "records", link="#"),
        **{words: _error(messages, words) for words in _PLAIN},
    }
    return {f"error-{words}": ("error.html", page) for words, page in pages.items()}


def _error(
    messages: Messages,
    words: str,
    *,
    maker_note: str | None = None,
    app: AppView | None = None,
    link: str | None = None,
) -> dict[str, Any]:
    return {
        "page": PageView(SITE),
        "title": messages.text(f"error.{words}.title"),
        "text": messages.text(f"error.{words}.text"),
        "maker_note": maker_note,
        "reference": "7F3K-22",
        "app": app,
        "link": link,
    }
