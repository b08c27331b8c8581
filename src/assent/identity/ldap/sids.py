"""Security identifiers of Active Directory, and the group that is somebody's by them alone: her primary group.

No group lists whom it is primary for, and she lists it by a number: it is the group of her own domain with that number.
Sources: MS-DTYP 2.4.2.2 (a SID as octets), MS-ADTS 3.1.1.1.6 and MS-SAMR 3.1.1.8 (`primaryGroupID`).
"""

from typing import Final

from assent.identity.ldap.entries import OBJECT_SID, PRIMARY_GROUP, BadEntry, first_value
from assent.identity.ldap.wire import Entry

_REVISION: Final = 1
_HEAD: Final = 8  # revision, how many numbers, and six octets of authority
_NUMBER: Final = 4
_MOST_NUMBERS: Final = 15


def primary_group_sid(entry: Entry) -> bytes | None:
    """The SID of a person's primary group; None where the entry says nothing of one. Raises `BadEntry`."""
    sid, number = first_value(entry, OBJECT_SID), first_value(entry, PRIMARY_GROUP)
    if sid is None or number is None:
        return None
    if not _is_sid(sid) or sid[1] < 2:  # a domain's SID has at least one number in front of hers
        raise BadEntry(f"{OBJECT_SID} is no SID of somebody in a domain")
    if not number.isdigit() or int(number) >= 2**32:
        raise BadEntry(f"{PRIMARY_GROUP} is no number of a group")
    return sid[:-_NUMBER] + int(number).to_bytes(_NUMBER, "little")


def _is_sid(octets: bytes) -> bool:
    return (
        len(octets) >= _HEAD
        and octets[0] == _REVISION
        and octets[1] <= _MOST_NUMBERS
        and len(octets) == _HEAD + _NUMBER * octets[1]
    )
