"""The people and groups of the clinic's directory, as LDIF."""

from services.openldap import GROUPS, PEOPLE, SUFFIX

PASSWORD = "correct horse"
UMLAUTS = "Schlüssel für 病院 🔑"
MARIA_ID = "11111111-2222-4333-8444-555555555555"


def person(uid: str, password: str = PASSWORD, *lines: str) -> str:
    """An entry; `lines` are added to it."""
    own = "".join(f"{line}\n" for line in lines)
    return f"""\
dn: uid={uid},{PEOPLE}
objectClass: inetOrgPerson
uid: {uid}
cn: {uid}
sn: {uid.title()}
userPassword: {password}
{own}
"""


def group(name: str, *members: str, base: str = GROUPS) -> str:
    """A group; members are DNs."""
    own = "".join(f"member: {member}\n" for member in members)
    return f"dn: cn={name},{base}\nobjectClass: groupOfNames\ncn: {name}\n{own}\n"


def dn(uid: str) -> str:
    """The DN of a person."""
    return f"uid={uid},{PEOPLE}"


_SECOND_TWIN = f"""\
dn: cn=other,{PEOPLE}
objectClass: inetOrgPerson
cn: other
sn: Other
uid: twin
userPassword: {PASSWORD}

"""

STAFF = "".join(
    [
        person(
            "maria",
            PASSWORD,
            f"entryUUID: {MARIA_ID}",
            "givenName: Maria",
            "mail: maria@clinic.example",
            "preferredLanguage: es, en;q=0.5",
            "employeeNumber: Practitioner/maria",
        ),
        person("jürgen", UMLAUTS),
        person("twin", PASSWORD),
        _SECOND_TWIN,
        person("outsider", PASSWORD),
        person("star*", PASSWORD),
        person("pare)n(", PASSWORD),
        group("doctors", dn("maria"), dn("jürgen")),
        group("staff", f"cn=doctors,{GROUPS}"),
        group("house", f"cn=staff,{GROUPS}"),
        f"dn: ou=elsewhere,{SUFFIX}\nobjectClass: organizationalUnit\nou: elsewhere\n\n",
        group("administrators", dn("maria"), base=f"ou=elsewhere,{SUFFIX}"),
    ]
)
