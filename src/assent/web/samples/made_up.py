"""The people, apps and form that the samples share."""

from assent.web.views import AppView, SubjectView

SITE = "St. Elsewhere Health"
DIARY = AppView(
    "Heart Diary",
    publisher="Cordia Ltd",
    reviewed="12 May 2026",
    policy_url="https://cordia.example/privacy",
    terms_url="https://cordia.example/terms",
    site_url="https://cordia.example/",
)
CHART = AppView("Growth Chart", host="chart.example", logo_url="/static/icon.svg")
LONG = AppView(
    "Blutdrucktagebuchauswertungsprogramm for the whole family and its friends",
    publisher="The Society for the Advancement of Home Measurement of Blood Pressure e. V.",
    host="measurements-at-home.society-for-blood-pressure.example",
)
POCKET = AppView("Growth Chart")  # installed on the device itself
LEO = SubjectView("Leo Weber", "4 June 2018", "your son")
ADA = SubjectView("Ada Weber")
FORM = {"csrf": "sample", "action": "/login"}
