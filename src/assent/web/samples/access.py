"""The person's own pages: apps with access, what one of them may keep, her account, what she allowed."""

from typing import Any

from assent.web.dates import say_date
from assent.web.messages import Messages
from assent.web.samples.made_up import CHART, DIARY, FORM, SITE
from assent.web.views import AccessView, PageView, RecordAccessView

TITLES = ("Lab results", "Vital signs", "Know that it is you")


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
