"""The apps with access."""

from typing import Any

from assent.web.dates import say_date
from assent.web.messages import Messages
from assent.web.samples.made_up import CHART, DIARY, FORM, SITE
from assent.web.views import AccessView, PageView


def revoke(messages: Messages) -> dict[str, Any]:
    """Two apps, one of them about a child."""
    titles = ("Lab results", "Vital signs", "Know that it is you")
    return {
        **FORM,
        "page": PageView(SITE, "Jonas Weber"),
        "done": None,
        "accesses": (
            AccessView(
                "diary",
                DIARY,
                titles,
                since=say_date("2026-05-12", messages),
                last_used="today",
                until=say_date("2027-05-12", messages),
                subject="Leo Weber",
            ),
            AccessView("chart", CHART, titles[:1], since=say_date("2026-11-01", messages)),
        ),
    }
