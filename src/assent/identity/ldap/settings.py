"""What `[sign_in.ldap]` may say."""

from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class LdapSettings:
    """`[sign_in.ldap]`: for the module `ldap`, signing in with a directory's names and passwords."""

    servers: tuple[str, ...]
    """`ldaps://host` or `ldap://host`, with a port where it is not 636 or 389. The first that answers is asked."""

    base: str
    """The DN below which people are, as `ou=people,dc=clinic,dc=example`. The smaller the subtree, the quicker."""

    bind_dn: str
    """The service account that looks for people: a DN (Active Directory: `name@domain` too). It needs to read only."""

    bind_password: str = field(repr=False)
    """Its password: `{ env = "ASSENT_LDAP_PASSWORD" }`."""

    title: str = "Directory"
    """What people know the directory by, where there is a choice of modules."""

    provider: str = "ldap"
    """The name under which these identities are kept; another name makes other people of them."""

    start_tls: bool = True
    """Whether `ldap://` is secured with StartTLS before anything is said. Without it passwords cross the network."""

    authorities: str | None = None
    """A PEM file with the authorities of the servers' certificates; this machine's own when not said."""

    person_filter: str = "(&(objectClass=person)(uid={username}))"
    """Who is meant by a user name. Active Directory: `(&(objectClass=user)(sAMAccountName={username}))`."""

    scope: Literal["subtree", "one"] = "subtree"
    """Whether people are anywhere below `base`, or right below it."""

    subject: str = "entryUUID"
    """The attribute that never changes and is never given again. Active Directory: `objectGUID`."""

    username: str = "uid"
    """The attribute with the user name, as accounts here spell it. Active Directory: `sAMAccountName`."""

    username_prefix: str = ""
    """What is put before every user name from the directory, so that it is nobody else's. People sign in without it."""

    given_name: str | None = "givenName"
    """The attribute with the given name."""

    family_name: str | None = "sn"
    """The attribute with the family name."""

    email: str | None = "mail"
    """The attribute with the mail address."""

    locale: str | None = "preferredLanguage"
    """The attribute with the language."""

    fhir_user: str | None = None
    """The attribute with the person's own FHIR resource, as `Practitioner/123`."""

    permissions: tuple[str, ...] = ()
    """What groups may do, each as `group => PERMISSION` or `group => PERMISSION:argument`. A group is a DN, or the
    name of one below `group_base`; `*` is everybody whom the directory lets in."""

    required_group: str | None = None
    """The DN of the group that everybody has to be in who may sign in here."""

    member_of: str | None = None
    """The person's attribute that lists her groups (`memberOf`), where the directory keeps one."""

    group_filter: str | None = "(|(member={dn})(uniqueMember={dn}))"
    """Which groups have somebody as a member, by her `{dn}` or `{username}`; not searched when empty."""

    group_base: str | None = None
    """The DN below which groups are searched; `base` when not said. Keep it small."""

    group_name: str = "cn"
    """The attribute with a group's name."""

    nested_groups: bool = False
    """Whether who is in a group is in the groups, too, that this group is in."""

    most_groups: int = 1000
    """With more groups than this, somebody is not let in: a limit on what one sign-in may ask."""

    timeout_seconds: int = 10
    """How long a sign-in may take in all; then the directory counts as down."""

    answer_seconds: int = 3
    """How long a server may take to connect, and for each answer; then the next one is asked."""

    connections: int = 4
    """Connections of the service account that each process keeps at most; as many people at a time prove themselves."""
