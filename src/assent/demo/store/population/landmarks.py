"""The resources that the demo's people, its pages and the tests know by name."""

from typing import Final

AMY: Final = "Patient/amy"
"""An adult, who signs in as `amy`."""

JONAS: Final = "Person/jonas"
"""A father, who signs in as `jonas`. No patient himself; linked to JONAS_FOR_LEO and JONAS_FOR_MIA."""

LEO: Final = "Patient/leo"
MIA: Final = "Patient/mia"
JONAS_FOR_LEO: Final = "RelatedPerson/jonas-for-leo"
JONAS_FOR_MIA: Final = "RelatedPerson/jonas-for-mia"

NORA: Final = "Patient/nora"
"""The mother of Leo and Mia, a patient too: her Person links her own record and the children's guardians."""

LEE: Final = "Practitioner/lee"
"""A clinician, who signs in as `lee`."""

TOMAS: Final = "Patient/tomas"
TOMAS_DUPLICATE: Final = "Patient/tomas-duplicate"
"""One man's second, inactive record; each of the two links to the other."""

CHIDI: Final = "Patient/chidi"
"""Amy's husband."""

MISFILED: Final = "Observation/misfiled"
"""Amy's; its first version was filed under Chidi by mistake, so its history holds another patient's name."""
