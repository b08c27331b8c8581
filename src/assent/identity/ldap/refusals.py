"""Why a directory refuses a bind: for our log. On the page all reasons look alike.

Sources: RFC 4511 4.1.9, draft-behera-ldap-password-policy-10 6.2, MS-ADTS 3.1.1.5.2.1 and the Win32 error codes that
Active Directory names in its words.
"""

import re
from typing import Final

from sansldap import LDAPResultCode
from sansldap.asn1 import ASN1Reader, NotEnougData, TagClass

from assent.identity.ldap.wire import BindAnswer

WRONG: Final = "wrong name or password"
_ACTIVE_DIRECTORY: Final = re.compile(r"AcceptSecurityContext error, data ([0-9a-f]{1,8})\b")
_ACCOUNT_DISABLED: Final = 0x2  # userAccountControl, MS-ADTS 2.2.16
_REASONS: Final = {
    "525": WRONG,
    "52e": WRONG,
    "530": "not at this hour",
    "531": "not from this machine",
    "532": "the password has expired",
    "533": "disabled in the directory",
    "701": "the account has expired",
    "773": "the password has to be changed first",
    "775": "locked in the directory",
}
_POLICY_REASONS: Final = {
    0: "the password has expired",
    1: "locked in the directory",
    2: "the password has to be changed first",
}


def refusal_of(answer: BindAnswer) -> str | None:
    """Why nobody is proven by a bind; None where somebody is."""
    policy = _POLICY_REASONS.get(_policy_error(answer.policy))
    if answer.code == LDAPResultCode.SUCCESS:
        return policy
    found = _ACTIVE_DIRECTORY.search(answer.words)
    if found:
        return _REASONS.get(found.group(1), f"the directory says {found.group(1)}")
    if answer.code == LDAPResultCode.INVALID_CREDENTIALS:
        return policy or WRONG
    return policy or f"the directory says {answer.code}"


def is_disabled(account_control: bytes | None) -> bool:
    """Whether Active Directory's flags say so; what is no number says so too."""
    if account_control is None:
        return False
    try:
        return bool(int(account_control) & _ACCOUNT_DISABLED)
    except ValueError:
        return True


def _policy_error(value: bytes | None) -> int:
    """`error [1]` of a PasswordPolicyResponseValue; -1 where there is none."""
    try:
        reader = ASN1Reader(value or b"").read_sequence()
        while reader:
            header = reader.peek_header()
            if header.tag.tag_class == TagClass.CONTEXT_SPECIFIC and header.tag.tag_number == 1:
                return reader.read_enumerated(int, tag=header.tag)
            reader.skip_value(header)
    except (ValueError, NotEnougData):
        return -1
    return -1
