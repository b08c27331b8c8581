"""A server that answers in the shapes of Active Directory: capabilities, SIDs, and long attributes in ranges."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from sansldap import (
    BindRequest,
    ExtendedRequest,
    FilterEquality,
    FilterExtensibleMatch,
    SearchRequest,
    SearchScope,
)

from identity.ldap.doubles import Answer

DOMAIN = "DC=clinic,DC=example"
CAPABILITY = b"1.2.840.113556.1.4.800"
DOMAIN_SID = (21, 1004336348, 1177238915, 682003330)
PART = 1500
"""MaxValRange: how many values of an attribute come at once (MS-ADTS 3.1.1.3.4.6)."""

Attributes = Mapping[str, list[bytes]]


def sid(*numbers: int) -> bytes:
    """A SID of the authority NT (MS-DTYP 2.4.2.2)."""
    head = bytes([1, len(numbers)]) + (5).to_bytes(6, "big")
    return head + b"".join(number.to_bytes(4, "little") for number in numbers)


def in_domain(number: int) -> bytes:
    """The SID of whom the clinic's domain has this number for."""
    return sid(*DOMAIN_SID, number)


def a_person(**attributes: list[bytes]) -> tuple[str, dict[str, list[bytes]]]:
    """A person as the directory has her; her primary group is Domain Users."""
    own = {
        "entryUUID": [b"1"],
        "uid": [b"maria"],
        "objectSid": [in_domain(1105)],
        "primaryGroupID": [b"513"],
        **attributes,
    }
    return f"CN=Maria,OU=Staff,{DOMAIN}", {key: values for key, values in own.items() if values}


def a_group(dn: str, number: int) -> tuple[str, dict[str, list[bytes]]]:
    """A group with this number in the domain."""
    return dn, {"cn": [dn.partition(",")[0][3:].encode()], "objectSid": [in_domain(number)]}


@dataclass
class ActiveDirectory:
    """One person, the groups there are, and which of them each DN is in by way of others (`chains`)."""

    person: tuple[str, Attributes]
    groups: list[tuple[str, Attributes]] = field(default_factory=list)
    chains: dict[str, list[str]] = field(default_factory=dict)
    capabilities: list[bytes] = field(default_factory=lambda: [CAPABILITY])
    searches: list[tuple[str, str]] = field(default_factory=list)

    async def handle(self, answer: Answer) -> None:
        """One request."""
        match answer.message:
            case BindRequest():
                answer.bind(answer.SUCCESS)
            case SearchRequest() as search:
                self.searches.append((search.base_object, str(search.filter)))
                for dn, attributes in self._found(search):
                    answer.entry(dn, **attributes)
                answer.done()
            case ExtendedRequest():
                answer.extended(answer.UNAVAILABLE)

    def _found(self, search: SearchRequest) -> list[tuple[str, dict[str, list[bytes]]]]:
        if search.base_object == "":
            root = {"supportedCapabilities": self.capabilities, "defaultNamingContext": [DOMAIN.encode()]}
            return [("", root)]
        match search.filter:
            case FilterEquality(attribute="objectSid", value=wanted):
                return [(dn, dict(said)) for dn, said in self.groups if said["objectSid"] == [wanted]]
            case FilterExtensibleMatch(value=member):
                return [
                    (dn, dict(said)) for dn, said in self.groups if dn in self.chains.get(member.decode(), [])
                ]
        if search.scope == SearchScope.BASE or "uid=" in str(search.filter):
            dn, attributes = self.person
            return [(dn, self.given(attributes, search.attributes))]
        return []

    def given(self, attributes: Attributes, asked: list[str]) -> dict[str, list[bytes]]:
        """The attributes as they come: of a long one the part that is asked for, and beside it the empty name."""
        said: dict[str, list[bytes]] = {}
        for name in asked:
            plain, _, wanted = name.partition(";range=")
            values = attributes.get(plain)
            if values is None:
                continue
            begin = int(re.match(r"\d+", wanted or "0")[0])  # type: ignore[index]
            if len(values) <= PART and not wanted:
                said[plain] = values
                continue
            part = values[begin : begin + PART]
            end = "*" if begin + len(part) == len(values) else str(begin + len(part) - 1)
            said |= {plain: [], f"{plain};range={begin}-{end}": part}
        return said
