"""Which partition of the FHIR server a request goes to, and what of the rights holds there.

Owns the choice. Some FHIR servers hold several stores of records, named partitions, and are told by a header which one
is meant. Access to one is a permission of its own: `FHIR_ACCESS_PARTITION_NAME`, or `…_ALL`.

The people whose records are known here, and whoever stands in a compartment, are of the home partition; the same ids
may be somebody else's in another. So what is limited to single patients or resources holds at home alone.

Source: the documentation of HAPI FHIR on partitions and its `X-Request-Partition-IDs`.
"""

from dataclasses import dataclass, replace

from assent.spec.fhir.refusals import forbidden, malformed
from assent.spec.fhir.rights import Rights
from assent.spec.permissions import ANY_PARTITION, is_partition


@dataclass(frozen=True, slots=True)
class Partitions:
    """That the FHIR server has partitions: the header that names one, and the one in which people are known."""

    header: str
    home: str


def choose_partition(rights: Rights, named: str | None, partitions: Partitions) -> str:
    """The partitions that the request goes to, as the header is written. `named` is the header that was sent.

    Without one: home, where that is within the permissions, else the only one that is. Raises Refused (400 or 403).
    """
    held = rights.partitions
    if not held:
        raise forbidden(
            "This access does not include any partition of the FHIR server",
            f"FHIR_ACCESS_PARTITION_NAME with the argument {partitions.home} would",
        )
    if named is None:
        if held & {partitions.home, ANY_PARTITION}:
            return partitions.home
        if len(held) == 1:
            return next(iter(held))
        raise malformed(f"{partitions.header} names the partition: this access includes several")
    names = dict.fromkeys(name.strip() for name in named.split(","))
    if not all(is_partition(name) for name in names):
        raise malformed(
            f"{partitions.header} names partitions of letters, digits, - and _, with commas between"
        )
    if ANY_PARTITION not in held and not held.issuperset(names):
        raise forbidden(
            "This access does not include this partition of the FHIR server",
            "FHIR_ACCESS_PARTITION_NAME with its name as the argument would, or FHIR_ACCESS_PARTITION_ALL",
        )
    return ",".join(names)


def rights_within(rights: Rights, chosen: str, partitions: Partitions) -> Rights:
    """What of the rights holds in the partitions that were chosen. Raises Refused (403)."""
    if chosen == partitions.home:
        return rights
    if rights.patient is not None:
        raise forbidden(
            "An access with a patient in context stays in one partition of the FHIR server",
            f"the patient is of the partition {partitions.home}; an access without launch/patient may ask in others",
        )
    everywhere = tuple(power for power in rights.powers if power.within is None and power.instance is None)
    return replace(rights, powers=everywhere)
