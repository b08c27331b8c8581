"""What the settings of `[sign_up]` may be, and how they have to agree with the others."""

from collections.abc import Iterator
from typing import Any, Final

from assent.app.setting_checks import BadSetting, Check, between
from assent.app.settings import IssuerSettings, MailSettings
from assent.app.sign_in_settings import SignUpSettings
from assent.identity.mapping import EVERYBODY, BadRule, read_rules


def sign_up_agreements(issuer: IssuerSettings, mail: MailSettings, place: str) -> Iterator[str]:
    """Where an issuer's settings of sign-ups do not agree. `place`: what its dotted paths begin with."""
    if not issuer.sign_up.enabled:
        return
    if mail.host is None:
        yield f"{place}sign_up.enabled: needs mail.host: mail addresses are proven by a code that is mailed"
    module = issuer.sign_up.registration_module
    if module not in issuer.sign_in.modules:
        yield f"{place}sign_up.registration_module: {module} has to be one of {place}sign_in.modules"


def _rules(values: tuple[str, ...]) -> None:
    try:
        rules = read_rules(values)
    except BadRule as error:
        raise BadSetting(str(error)) from error
    for value, rule in zip(values, rules, strict=True):
        if rule.group != EVERYBODY:
            raise BadSetting(f"{value!r}: nobody who signs up is in a group; write {EVERYBODY} => PERMISSION")


SIGN_UP_CHECKS: Final[dict[tuple[type[Any], str], Check]] = {
    (SignUpSettings, "permissions"): _rules,
    (SignUpSettings, "code_seconds"): between(60, 86400),
    (SignUpSettings, "from_address_per_hour"): between(0, 100_000),
    (SignUpSettings, "to_address_per_hour"): between(0, 1000),
}
"""The check of each setting that its type does not say already, by settings class and field."""
