"""The people, apps and form that the samples share."""

from assent.web.views import AppView, SubjectView

SITE = "St. Elsewhere Health"
DIARY = AppView(
    "Heart Diary",
    publisher="Cordia Ltd",
    reviewed="12 May 2026",
    policy_url="https://cordia.example/privacy",
)
CHART = AppView("Growth Chart")
LEO = SubjectView("Leo Weber", "4 June 2018", "your son")
FORM = {"csrf": "sample", "action": "/login"}
