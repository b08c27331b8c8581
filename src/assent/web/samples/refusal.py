"""Pages that say no."""

from typing import Any

from assent.web.messages import Messages
from assent.web.samples.made_up import SITE
from assent.web.views import PageView


def error(messages: Messages, words: str, maker_note: str | None, link: str | None = None) -> dict[str, Any]:
    """A refusal."""
    return {
        "page": PageView(SITE),
        "title": messages.text(f"error.{words}.title"),
        "text": messages.text(f"error.{words}.text"),
        "maker_note": maker_note,
        "reference": "7F3K-22",
        "link": link,
    }
