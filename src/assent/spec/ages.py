"""How old somebody is, by a FHIR date. In doubt she is older: who may act for her is decided by it.

Source: FHIR R4 datatypes, date (a year, a month or a day).
"""

import re
from datetime import date
from typing import Final

_DATE: Final = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")


def is_age(birth_date: str | None, years: int, today: date) -> bool | None:
    """Whether whoever was born on `birth_date` is `years` old `today`; None where the date cannot be read.

    Of a date without a day, or without a month, the first counts.
    """
    found = _DATE.fullmatch(birth_date or "")
    if found is None:
        return None
    year, month, day = (int(part) if part else 1 for part in found.groups())
    if not 1 <= month <= 12 or not 1 <= day <= 31:
        return None
    return (today.year - year, today.month, today.day) >= (years, month, day)
