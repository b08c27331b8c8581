"""How a patient is related to the reader, in words: `your daughter`."""

from assent.fhir.cards import PatientCard
from assent.fhir.relations import Relation
from assent.web.messages import Messages

_BY_SEX = ("child", "parent")


def say_relation(relation: Relation | None, card: PatientCard, messages: Messages) -> str | None:
    """The words for what this patient is to the reader; None where nothing is known of it."""
    if relation is None:
        return None
    form = f".{card.gender}" if relation in _BY_SEX and card.gender in ("female", "male") else ""
    return messages.text(f"context.relation.{relation}{form}")
