"""What people suffer from, and what they take for it: tables.

Codes: SNOMED CT and ICD-10-CM for conditions, RxNorm for medicines.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Drug:
    """A medicine that can be prescribed. `form`: SNOMED code and display of the dose form."""

    slug: str
    rxnorm: str
    display: str
    dosage: str
    per_day: int
    form: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Ailment:
    """A condition, the ages it is given to, and its medicine. `is_passing`: it ends after some weeks."""

    slug: str
    snomed: str
    display: str
    icd10: str
    ages: tuple[int, int]
    drug: str
    is_passing: bool = False


_TABLET: Final = ("385055001", "Tablet")
_CAPSULE: Final = ("385049006", "Capsule")
_INHALER: Final = ("420641004", "Solution for inhalation")
_CREAM: Final = ("385099005", "Cutaneous cream")

DRUGS: Final = {
    drug.slug: drug
    for drug in (
        Drug("lisinopril", "314076", "lisinopril 10 MG Oral Tablet", "1 tablet each morning", 1, _TABLET),
        Drug(
            "metformin",
            "860975",
            "24 HR metformin hydrochloride 500 MG Extended Release Oral Tablet",
            "1 tablet with the evening meal",
            1,
            _TABLET,
        ),
        Drug("atorvastatin", "617310", "atorvastatin 20 MG Oral Tablet", "1 tablet at bedtime", 1, _TABLET),
        Drug(
            "levothyroxine",
            "966222",
            "levothyroxine sodium 0.075 MG Oral Tablet",
            "1 tablet each morning, on an empty stomach",
            1,
            _TABLET,
        ),
        Drug("sertraline", "312941", "sertraline 50 MG Oral Tablet", "1 tablet each morning", 1, _TABLET),
        Drug(
            "omeprazole",
            "198051",
            "omeprazole 20 MG Delayed Release Oral Capsule",
            "1 capsule before breakfast",
            1,
            _CAPSULE,
        ),
        Drug(
            "albuterol",
            "745679",
            "200 ACTUAT albuterol 0.09 MG/ACTUAT Metered Dose Inhaler",
            "2 puffs when breathing is hard, every 4 hours at most",
            4,
            _INHALER,
        ),
        Drug("loratadine", "665078", "loratadine 5 MG Chewable Tablet", "1 tablet each day", 1, _TABLET),
        Drug(
            "hydrocortisone",
            "106258",
            "hydrocortisone 10 MG/ML Topical Cream",
            "a thin layer on the skin twice a day",
            2,
            _CREAM,
        ),
        Drug("ibuprofen", "310965", "ibuprofen 200 MG Oral Tablet", "1 tablet when in pain", 3, _TABLET),
        Drug(
            "acetaminophen",
            "313782",
            "acetaminophen 325 MG Oral Tablet",
            "1 tablet against fever, every 6 hours at most",
            4,
            _TABLET,
        ),
        Drug(
            "amoxicillin",
            "308182",
            "amoxicillin 250 MG Oral Capsule",
            "1 capsule three times a day",
            3,
            _CAPSULE,
        ),
        Drug(
            "sumatriptan",
            "313161",
            "sumatriptan 50 MG Oral Tablet",
            "1 tablet when the migraine begins",
            1,
            _TABLET,
        ),
        Drug(
            "iron",
            "310325",
            "ferrous sulfate 325 MG Oral Tablet",
            "1 tablet each day, with juice",
            1,
            _TABLET,
        ),
        Drug(
            "warfarin",
            "855332",
            "warfarin sodium 5 MG Oral Tablet",
            "as the clinic says, each evening",
            1,
            _TABLET,
        ),
    )
}

# fmt: off
LASTING: Final = (
    Ailment("hypertension", "59621000", "Essential hypertension", "I10", (38, 120), "lisinopril"),
    Ailment("diabetes", "44054006", "Diabetes mellitus type 2", "E11.9", (42, 120), "metformin"),
    Ailment("hyperlipidemia", "55822004", "Hyperlipidemia", "E78.5", (40, 120), "atorvastatin"),
    Ailment("hypothyroidism", "40930008", "Hypothyroidism", "E03.9", (25, 120), "levothyroxine"),
    Ailment("depression", "35489007", "Depressive disorder", "F32.A", (18, 120), "sertraline"),
    Ailment("anxiety", "197480006", "Anxiety disorder", "F41.9", (16, 70), "sertraline"),
    Ailment("reflux", "235595009", "Gastroesophageal reflux disease", "K21.9", (20, 120), "omeprazole"),
    Ailment("osteoarthritis", "396275006", "Osteoarthritis", "M19.90", (50, 120), "ibuprofen"),
    Ailment("fibrillation", "49436004", "Atrial fibrillation", "I48.91", (65, 120), "warfarin"),
    Ailment("migraine", "37796009", "Migraine", "G43.909", (16, 60), "sumatriptan"),
    Ailment("asthma", "195967001", "Asthma", "J45.909", (4, 60), "albuterol"),
    Ailment("eczema", "24079001", "Atopic dermatitis", "L20.9", (0, 30), "hydrocortisone"),
    Ailment("hay-fever", "367498001", "Seasonal allergic rhinitis", "J30.2", (3, 70), "loratadine"),
    Ailment("anemia", "271737000", "Anemia", "D64.9", (1, 55), "iron"),
)

PASSING: Final = (
    Ailment("bronchitis", "10509002", "Acute bronchitis", "J20.9", (0, 120), "acetaminophen", is_passing=True),
    Ailment("pharyngitis", "195662009", "Acute viral pharyngitis", "J02.9", (0, 120), "acetaminophen", is_passing=True),
    Ailment("otitis", "65363002", "Otitis media", "H66.90", (0, 14), "amoxicillin", is_passing=True),
    Ailment("sinusitis", "444814009", "Viral sinusitis", "J01.90", (12, 120), "ibuprofen", is_passing=True),
    Ailment("sprain", "44465007", "Sprain of ankle", "S93.409A", (6, 120), "ibuprofen", is_passing=True),
)

CONCERNS: Final = (
    Ailment("stress", "73595000", "Stress", "Z73.3", (16, 120), ""),
    Ailment("food", "733423003", "Food insecurity", "Z59.41", (0, 120), ""),
    Ailment("transport", "713458007", "Lack of access to transportation", "Z75.3", (0, 120), ""),
    Ailment("loneliness", "422650009", "Social isolation", "Z60.4", (60, 120), ""),
)
# fmt: on

GIVEN: Final = {"amy": ("hypertension", "migraine"), "leo": ("asthma",), "mia": ("eczema",)}
"""What the demo's own people have; everybody else's is drawn."""
