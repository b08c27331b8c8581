"""A person's definition: JSON in, frozen values out, and back again.

Owns each field by itself. `fhir_user` is neither unique nor looked up; a password has no policy here, since definitions
also come from elsewhere. Sources: SMART App Launch 2.2 (fhirUser); RFC 5646 (locale); the PHC string format.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from argon2 import extract_parameters
from argon2.exceptions import InvalidHashError

from assent.actions.definitions import (
    Reader,
    Wrong,
    checked,
    flag,
    list_of,
    matching,
    nearest,
    read_fields,
    text,
    without_shown,
    wrong,
)
from assent.actions.permissions.definition import permission_definition, read_permission_definition
from assent.identity.local.imported_hashes import read_phc
from assent.records.people import LaunchDefault, Person
from assent.spec.identifiers import is_fhir_id
from assent.spec.person_fields import (
    FHIR_USER_TYPES,
    LANGUAGE_TAG,
    LONGEST_NAME,
    MAIL_ADDRESS,
    read_fhir_user,
    reads_like_a_record,
)
from assent.spec.resource_types import LOWER_CASE_TYPES

_BCRYPT: Final = re.compile(r"\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}")
_DEAREST_BCRYPT: Final = 16
_MOST_MEMORY_KIB: Final = 1 << 20
_MOST_PASSES: Final = 20


@dataclass(frozen=True, slots=True)
class PersonDefinition:
    """What a definition says: the fields that it names, and one of password and password hash, if any."""

    values: Mapping[str, Any]
    password: str | None = field(default=None, repr=False)
    password_hash: str | None = field(default=None, repr=False)

    @property
    def username(self) -> str:
        """The user name, as it is written."""
        name: str = self.values["username"]
        return name


def read_person_definition(document: Any) -> PersonDefinition:
    """The definition in a JSON object; fields left out are not in it, nor is what is only shown. Raises `Wrong`."""
    found = read_fields(without_shown(document, PERSON_SHOWN), PERSON_FIELDS, required=("username",))
    password, password_hash = found.pop("password", None), found.pop("password_hash", None)
    if password is not None and password_hash is not None:
        raise Wrong((".password_hash", "must not be there together with password"))
    values = {name: value for name, value in found.items() if value is not None}
    return PersonDefinition(values, password, password_hash)


def person_definition(person: Person) -> dict[str, Any]:
    """The definition of a person, as JSON: what can be read again. Never her password, nor what is not set."""
    shown: dict[str, Any] = {"username": person.username, "enabled": person.enabled}
    if person.must_change_password:
        shown["must_change_password"] = True
    for name in ("given_name", "family_name", "email", "locale", "fhir_user"):
        if getattr(person, name) is not None:
            shown[name] = getattr(person, name)
    if person.permissions:
        shown["permissions"] = [permission_definition(permission) for permission in person.permissions]
    if person.roles:
        shown["roles"] = list(person.roles)
    if person.represents:
        shown["represents"] = list(person.represents)
    if person.default_launch_contexts:
        shown["default_launch_contexts"] = [
            {"type": one.type, "id": one.id} for one in person.default_launch_contexts
        ]
    return shown


def _read_username(value: Any) -> str:
    name: str = text(200)(value)
    if name != name.strip():
        raise wrong("must not begin or end with a space")
    if reads_like_a_record(name):
        raise wrong("must not begin with a type of record and a slash: it would read like a fhirUser")
    return name


def _read_password_hash(value: Any) -> str:
    """What can be verified later, and within reason: argon2, bcrypt, scrypt or PBKDF2."""
    if not isinstance(value, str) or len(value) > 300:
        raise wrong("must be a text")
    bcrypt = _BCRYPT.fullmatch(value)
    if bcrypt is not None:
        if not 4 <= int(bcrypt[1]) <= _DEAREST_BCRYPT:
            raise wrong(f"must have a bcrypt cost of 4 to {_DEAREST_BCRYPT}")
        return value
    try:
        if read_phc(value) is not None:
            return value
    except ValueError as error:
        raise wrong(str(error)) from error
    try:
        parameters = extract_parameters(value)
    except InvalidHashError as error:
        raise wrong(
            "must be a PHC string of argon2, scrypt or PBKDF2 ($argon2id$…, $scrypt$…, $pbkdf2-sha256$…) or a bcrypt"
            " hash ($2b$…)"
        ) from error
    if parameters.memory_cost > _MOST_MEMORY_KIB or parameters.time_cost > _MOST_PASSES:
        raise wrong("must not need more than 1 GiB of memory or 20 passes")
    return value


def _read_fhir_user(value: Any) -> str:
    found: str = text()(value)
    resource_type = found.partition("/")[0]
    if resource_type not in FHIR_USER_TYPES:
        hint = nearest(resource_type, FHIR_USER_TYPES)
        raise wrong(f"must begin with one of {', '.join(one + '/' for one in FHIR_USER_TYPES)}{hint}")
    try:
        read_fhir_user(found)
    except ValueError as error:
        raise wrong(str(error)) from error
    return found


def _read_launch_default(value: Any) -> LaunchDefault:
    readers: dict[str, Reader] = {"type": checked(_check_context_type), "id": checked(_check_id)}
    found = read_fields(value, readers, required=("type", "id"))
    return LaunchDefault(found["type"].lower(), found["id"])


def _check_context_type(value: str) -> None:
    if value.lower() not in LOWER_CASE_TYPES:
        raise ValueError("must be the type of a launch context, such as patient or encounter")


def _check_id(value: str) -> None:
    if not is_fhir_id(value):
        raise ValueError("must be a bare id: 1 to 64 letters, digits, dots and hyphens")


def _check_patient(value: str) -> None:
    if not is_fhir_id(value.removeprefix("Patient/")):
        raise ValueError("must be a patient: a bare id or Patient/<id>")


read_patient: Final = checked(_check_patient)
"""A patient of the FHIR server, as it is written."""

PERSON_FIELDS: Final[Mapping[str, Reader]] = {
    "username": _read_username,
    "password": matching(r"[^\ud800-\udfff]{1,1024}", "must be a text of 1 to 1024 characters"),
    "password_hash": _read_password_hash,
    "must_change_password": flag,
    "given_name": text(LONGEST_NAME),
    "family_name": text(LONGEST_NAME),
    "email": matching(MAIL_ADDRESS, "must be an address such as amy@example.org"),
    "locale": matching(LANGUAGE_TAG, "must be a language tag such as en or de-CH (BCP 47)"),
    "enabled": flag,
    "fhir_user": _read_fhir_user,
    "permissions": list_of(read_permission_definition),
    "roles": list_of(text(100), 50),
    "represents": list_of(read_patient),
    "default_launch_contexts": list_of(_read_launch_default, 20),
}
"""Every field of a definition, in the order in which definitions are written."""

PERSON_SHOWN: Final = ("signs_in_by", "second_factors", "locked_until_at")
"""What is shown beside a definition (`standing`), and is passed over where it is brought back."""
