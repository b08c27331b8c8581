"""Signature wrapping: what is signed is moved aside, and a forgery stands where it was.

The variants are the eight of "On Breaking SAML: Be Whoever You Want to Be" (Somorovsky and others, 2012), each with an
ID of its own and with that of what was signed.
"""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest
from lxml import etree

from assent.identity.saml.names import DS, SAML, SAMLP
from assent.storage.tables import PEOPLE
from identity.saml.clinic import Clinic, Desk
from identity.saml.forger import Forger, attributes, sign

Element = Any
Wrap = Callable[[Element, Element], Element]


def _assertion(response: Element) -> Element:
    return response.find(f"{{{SAML}}}Assertion")


def _signature(element: Element) -> Element:
    return element.find(f"{{{DS}}}Signature")


def _bare(element: Element) -> Element:
    copy = deepcopy(element)
    copy.remove(_signature(copy))
    return copy


def xsw1(response: Element, evil: Element) -> Element:
    """The signed response inside its signature, in a forged one."""
    forged = deepcopy(response)
    forged.replace(_assertion(forged), evil)
    forged.set("ID", "_evil")
    _signature(forged).append(_bare(response))
    return forged


def xsw2(response: Element, evil: Element) -> Element:
    """The signed response before its signature, in a forged one."""
    forged = deepcopy(response)
    forged.replace(_assertion(forged), evil)
    forged.set("ID", "_evil")
    _signature(forged).addprevious(_bare(response))
    return forged


def xsw3(response: Element, evil: Element) -> Element:
    """A forged assertion before the signed one."""
    _assertion(response).addprevious(evil)
    return response


def xsw4(response: Element, evil: Element) -> Element:
    """The signed assertion inside a forged one."""
    original = _assertion(response)
    response.replace(original, evil)
    evil.append(original)
    return response


def xsw5(response: Element, evil: Element) -> Element:
    """The signature inside a forged assertion, the signed one behind."""
    original = _assertion(response)
    evil.insert(1, deepcopy(_signature(original)))
    response.replace(original, evil)
    response.append(_bare(original))
    return response


def xsw6(response: Element, evil: Element) -> Element:
    """The signature inside a forged assertion, the signed one inside the signature."""
    original = _assertion(response)
    signature = deepcopy(_signature(original))
    signature.append(_bare(original))
    evil.insert(1, signature)
    response.replace(original, evil)
    return response


def xsw7(response: Element, evil: Element) -> Element:
    """A forged assertion among the extensions, where any element may be."""
    extensions = etree.Element(f"{{{SAMLP}}}Extensions")
    extensions.append(evil)
    response.insert(1, extensions)
    return response


def xsw8(response: Element, evil: Element) -> Element:
    """The signed assertion in an object of its signature, which is inside a forged one."""
    original = _assertion(response)
    signature = deepcopy(_signature(original))
    etree.SubElement(signature, f"{{{DS}}}Object").append(_bare(original))
    evil.insert(1, signature)
    response.replace(original, evil)
    return response


def only_forged(response: Element, evil: Element) -> Element:
    """The signature alone, inside a forged assertion."""
    evil.insert(1, deepcopy(_signature(_assertion(response))))
    response.replace(_assertion(response), evil)
    return response


def signed_response_forged_assertion(response: Element, evil: Element) -> Element:
    """The signed response among the extensions of a forged one, which has the forged assertion."""
    forged = deepcopy(response)
    forged.remove(_signature(forged))
    forged.replace(_assertion(forged), evil)
    extensions = etree.Element(f"{{{SAMLP}}}Extensions")
    extensions.append(response)
    forged.insert(1, extensions)
    return forged


ANY: list[Wrap] = [xsw3, xsw4, xsw5, xsw6, xsw7, xsw8, only_forged]
OF_RESPONSES: list[Wrap] = [xsw1, xsw2, signed_response_forged_assertion]
CASES = [(wrap, False) for wrap in ANY] + [(wrap, True) for wrap in ANY + OF_RESPONSES]


def _wrapped(forger: Forger, wrap: Wrap, is_response_signed: bool, assertion_id: str) -> bytes:
    document = forger.response()
    response = etree.fromstring(sign(document, forger.pair) if is_response_signed else document)
    evil = forger.saying(assertion_id=assertion_id, name_id="victim", attributes=attributes(uid="victim"))
    return bytes(etree.tostring(wrap(response, etree.fromstring(evil.assertion()))))


@pytest.mark.parametrize("assertion_id", ["_evil_assertion", "_assertion"], ids=["own id", "same id"])
@pytest.mark.parametrize(
    ("wrap", "is_response_signed"),
    CASES,
    ids=[f"{wrap.__name__}, {'both' if both else 'assertion'} signed" for wrap, both in CASES],
)
async def test_a_wrapped_signature_proves_nobody(
    desk: Desk, wrap: Wrap, is_response_signed: bool, assertion_id: str
) -> None:
    reason = await desk.refused(_wrapped(desk.forger, wrap, is_response_signed, assertion_id))
    assert reason.startswith("SAML: ")


@pytest.mark.parametrize("is_response_signed", [False, True], ids=["assertion signed", "both signed"])
async def test_what_is_not_wrapped_proves_somebody(desk: Desk, is_response_signed: bool) -> None:
    document = desk.forger.response()
    arrival = await desk.finish(sign(document, desk.forger.pair) if is_response_signed else document)
    assert arrival.subject == "p-4711"


async def test_nobody_comes_in_by_a_wrapped_signature(clinic: Clinic) -> None:
    forger, left = await clinic.forger()
    page = await clinic.post(_wrapped(forger, xsw3, False, "_evil_assertion"), left.state)
    assert page.status == 403
    assert await clinic.application.server.storage.find(PEOPLE) == []
    assert "victim" not in page.text
