"""`[sign_up]`: what it may say, and what it needs beside it."""

import pytest

from assent.app.configuration import ConfigurationError, read_settings_text

MAIL = "[mail]\nhost = 'smtp.clinic.example'\nsender = 'no-reply@clinic.example'\n"


def mistakes(text: str) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        read_settings_text(text, {})
    return caught.value.mistakes


def test_it_is_off_until_it_is_switched_on() -> None:
    assert not read_settings_text("", {}).sign_up.enabled


def test_all_of_it_is_read_for_every_issuer() -> None:
    sign_up = (
        "enabled = true\npermissions = ['* => FHIR_CAPABILITIES']\n"
        "referrers = ['https://www.clinic.example']\ncode_seconds = 600\n"
    )
    text = (
        f"{MAIL}[sign_up]\n{sign_up}"
        f"[issuers.lab]\npublic_url = 'http://localhost:9200/lab'\n[issuers.lab.sign_up]\n{sign_up}"
    )
    issuers = read_settings_text(text, {}).all_issuers()
    assert issuers["default"].sign_up == issuers["lab"].sign_up
    assert issuers["lab"].sign_up.referrers == ("https://www.clinic.example",)


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("[sign_up]\nenabled = true", "sign_up.enabled: needs mail.host"),
        (
            f"{MAIL}[sign_up]\nenabled = true\n[sign_in]\nmodules = ['oidc']",
            "sign_up.registration_module: local has to be one of sign_in.modules",
        ),
        ("[sign_up]\nregistration_module = 'ldap'", "sign_up.registration_module: "),
        ("[sign_up]\npermissions = ['FHIR_ALL_READ']", "sign_up.permissions: 'FHIR_ALL_READ' is not written"),
        (
            "[sign_up]\npermissions = ['staff => FHIR_ALL_READ']",
            "sign_up.permissions: 'staff => FHIR_ALL_READ': nobody who signs up is in a group",
        ),
        ("[sign_up]\nreferrers = ['https://www.clinic.example/new']", "sign_up.referrers: "),
        ("[sign_up]\ncode_seconds = 5", "sign_up.code_seconds: "),
        ("[sign_up]\nfrom_address_per_hour = -1", "sign_up.from_address_per_hour: "),
    ],
)
def test_a_mistake_is_named_by_its_setting(text: str, mistake: str) -> None:
    assert [found for found in mistakes(text) if found.startswith(mistake)]
