"""The choice of a record or a visit, in the states that are worth a look."""

from typing import Any

from assent.web.messages import Messages
from assent.web.samples.made_up import CHART, FORM, SITE
from assent.web.views import EncounterView, PagerView, PageView, RecordGroup, RecordView, SearchView


def contexts(messages: Messages) -> dict[str, dict[str, Any]]:
    """What the page is given, by the name of the sample."""
    text = messages.text
    people = found(messages)
    recent = RecordGroup(text("context.group.recent"), people[:2])
    answer = RecordGroup(text("context.found_for", query="weber"), people)
    pager = PagerView(text("context.shown", first=21, last=40, total=50), 1, 3)
    return {
        "context-family": context(
            groups=(RecordGroup(None, family(messages)),), page=PageView(SITE, "Jonas Weber")
        ),
        "context-first": context(search=SearchView()),
        "context-search": context(search=SearchView(), groups=(recent,)),
        "context-found": context(
            search=SearchView("weber", has_more=True),
            groups=(answer,),
            pager=pager,
            problem=text("context.problem.none"),
        ),
        "context-none": context(search=SearchView("Wehber 1958-04-23")),
        "context-short": context(
            search=SearchView("w"),
            problem=text("context.problem.short"),
            problem_field="search",
            groups=(recent,),
        ),
        "context-down": context(
            search=SearchView("weber"), problem=text("context.problem.down"), problem_field="search"
        ),
        "context-nobody": context(page=PageView(SITE, "Maria Keller")),
        "context-no-visit": context(patient=people[0]),
        "context-visit": context(patient=people[0], encounters=visits(messages), are_latest=True),
    }


def context(**given: Any) -> dict[str, Any]:
    """The choice of a patient; a clinician's unless `given` says otherwise."""
    return {
        **FORM,
        "page": PageView(SITE, "Dr. Hana Lee"),
        "app": CHART,
        "problem": None,
        "problem_field": "choices",
        "search": None,
        "groups": (),
        "pager": None,
        "patient": None,
        "encounters": (),
        "are_latest": False,
        **given,
    }


def family(messages: Messages) -> tuple[RecordView, ...]:
    """A parent's choice."""
    text = messages.text
    return (
        RecordView("jonas", "Jonas Weber", "2 January 1985", relation=text("context.relation.you")),
        RecordView("leo", "Leo Weber", "4 June 2018", relation=text("context.relation.child.male")),
        RecordView("mia", "Mia Weber", "30 November 2021", relation=text("context.relation.child.female")),
        RecordView("ada", "Ada Weber", "11 March 1951", relation=text("context.relation.acting")),
    )


def found(messages: Messages) -> tuple[RecordView, ...]:
    """A clinician's choice; two of one name, and one that is written from right to left."""
    female, male = messages.text("context.sex.female"), messages.text("context.sex.male")
    return (
        RecordView("p1", "Anna Weber", "23 April 1958", female, "MRN 100 482"),
        RecordView("p2", "Anna Weber", "11 March 1991", female, "MRN 100 977"),
        RecordView("p3", "ليلى فيبر", "June 2001", female, "MRN 101 310"),
        RecordView("p4", "Maximilian-Alexander von Weber-Oberkirchhausen", None, male, "MRN 102 004"),
    )


def visits(messages: Messages) -> tuple[EncounterView, ...]:
    """Visits of one patient."""
    now = messages.text("context.under_way")
    return (
        EncounterView("e1", "Heart clinic, Dr. Lee", "4 May 2026", is_chosen=True, state=now),
        EncounterView("e2", "Emergency room", "3 March 2026"),
    )
