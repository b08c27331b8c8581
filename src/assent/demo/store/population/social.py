"""Social history, surveys, and the questionnaires that were answered.

Codes: LOINC for questions, LOINC answer lists and SNOMED CT for answers.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from assent.demo.store.population.chart import Chart
from assent.demo.store.population.elements import (
    HL7,
    LOINC,
    SNOMED,
    US_CORE,
    coding,
    concept,
    instant,
    reference,
)
from assent.demo.store.wire import Json

_SOCIAL: Final = [concept(f"{HL7}observation-category", "social-history", "Social History")]
_SURVEY: Final = [
    concept(f"{HL7}observation-category", "survey", "Survey"),
    concept(f"{US_CORE}CodeSystem/us-core-category", "sdoh", "SDOH"),
]
_HUNGER: Final = "https://st-elsewhere.example/Questionnaire/hunger-vital-sign"
_WORRIED: Final = (
    "88122-7",
    "Within the past 12Mo we worried whether our food would run out before we got money to buy more",
)
_RAN_OUT: Final = (
    "88123-5",
    "Within the past 12Mo the food we bought just didn't last and we didn't have money to get more",
)
_ANSWERS: Final = (("LA28397-0", "Often true"), ("LA6729-3", "Sometimes true"), ("LA28398-8", "Never true"))
_SMOKING: Final = (
    ("266919005", "Never smoked tobacco"),
    ("266919005", "Never smoked tobacco"),
    ("8517006", "Ex-smoker"),
    ("449868002", "Smokes tobacco daily"),
)
_SMOKING_AGE: Final = 12


def questionnaires() -> Iterator[Json]:
    """The forms that are asked to be filled in."""
    yield {
        "resourceType": "Questionnaire",
        "id": "hunger-vital-sign",
        "meta": {"lastUpdated": "2019-01-02T08:00:00Z"},
        "url": _HUNGER,
        "name": "HungerVitalSign",
        "title": "Hunger Vital Sign",
        "status": "active",
        "subjectType": ["Patient"],
        "code": [coding(LOINC, "88121-9", "Hunger Vital Sign [HVS]")],
        "item": [
            {
                "linkId": code,
                "code": [coding(LOINC, code, shown)],
                "text": shown,
                "type": "choice",
                "answerOption": [{"valueCoding": coding(LOINC, *answer)} for answer in _ANSWERS],
            }
            for code, shown in (_WORRIED, _RAN_OUT)
        ],
    }


def record_social(chart: Chart) -> None:
    """At every other visit: household, smoking from twelve years on, the hunger questions and their answers."""
    smoking = chart.chance.choice(_SMOKING)
    hungry = any(each.ailment.slug == "food" for each in chart.problems)
    for visit in chart.visits[::2]:
        common: Json = {
            "status": "final",
            "subject": chart.subject,
            "encounter": reference(visit.key),
            "effectiveDateTime": instant(visit.at),
        }
        chart.record(
            "Observation",
            "household-size",
            visit.at,
            **common,
            category=_SOCIAL,
            code=concept(LOINC, "63512-8", "How many people are living or staying at this address [#]"),
            valueInteger=len(chart.kin) + 1,
        )
        if chart.who.age_on(visit.at.date()) >= _SMOKING_AGE:
            chart.record(
                "Observation",
                "smoking",
                visit.at,
                **common,
                category=_SOCIAL,
                code=concept(LOINC, "72166-2", "Tobacco smoking status"),
                valueCodeableConcept=concept(SNOMED, *smoking),
            )
        answer = _ANSWERS[chart.chance.randrange(2)] if hungry else _ANSWERS[2]
        form = _record_form(chart, visit.at, visit.key, answer)
        for slug, question in (("food-worry", _WORRIED), ("food-ran-out", _RAN_OUT)):
            chart.record(
                "Observation",
                slug,
                visit.at,
                **common,
                category=_SURVEY,
                code=concept(LOINC, *question),
                valueCodeableConcept=concept(LOINC, *answer),
                derivedFrom=[reference(form)],
            )


def _record_form(chart: Chart, at: datetime, visit_key: str, answer: tuple[str, str]) -> str:
    guardians = chart.guardians()
    author = reference(guardians[0].key, guardians[0].name) if guardians else chart.subject
    return chart.record(
        "QuestionnaireResponse",
        "hunger-answers",
        at,
        questionnaire=_HUNGER,
        status="completed",
        subject=chart.subject,
        encounter=reference(visit_key),
        authored=instant(at),
        author=author,
        item=[
            {"linkId": code, "text": shown, "answer": [{"valueCoding": coding(LOINC, *answer)}]}
            for code, shown in (_WORRIED, _RAN_OUT)
        ],
    )
