"""Reading and writing XML that others may have forged: no DTD, no entities, no comments, no ID twice.

Comments and processing instructions are refused, not skipped: canonicalisation leaves comments out, so that a name cut
in two by one would be signed as a whole and read as its first half.
Sources: OWASP XML External Entity Prevention, SAML Security Considerations; VU#475445 (comments in a NameID).
"""

import re
from calendar import timegm
from datetime import UTC, datetime
from typing import Any, Final

from lxml import etree

from assent.identity.saml.names import name

Element = Any
"""An lxml element: lxml has no types of its own."""

MOST_BYTES: Final = 256 * 1024
_DEEPEST: Final = 40
_STRICT: Final[dict[str, Any]] = {
    "encoding": "utf-8",  # whatever the document says: what is looked at is what is parsed
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "dtd_validation": False,
    "huge_tree": False,
}
_ID_ATTRIBUTES: Final = ("ID", "Id", "id", "{http://www.w3.org/XML/1998/namespace}id")
_MOST_ELEMENTS: Final = 5000
_INSTANT: Final = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(\.\d{1,9})?Z", re.ASCII)


class BadXml(ValueError):
    """A document that is not read further; the text says why."""


def read_xml(data: bytes, most_bytes: int = MOST_BYTES) -> Element:
    """The root of a message. Raises `BadXml`."""
    root = _parsed(data, most_bytes, etree.XMLParser(**_STRICT))
    nodes = [*root.itersiblings(preceding=True), *root.itersiblings(), *root.iter()]
    if not all(isinstance(node.tag, str) for node in nodes):
        raise BadXml("the XML has comments, entities or processing instructions")
    if len(nodes) > _MOST_ELEMENTS:
        raise BadXml(f"the XML has more than {_MOST_ELEMENTS} elements")
    _check_ids(root)
    return root


def read_published_xml(data: bytes, most_bytes: int) -> Element:
    """The root of a document that people wrote, such as metadata: without its comments. Raises `BadXml`."""
    root = _parsed(data, most_bytes, etree.XMLParser(**_STRICT, remove_comments=True, remove_pis=True))
    _check_ids(root)
    return root


def _parsed(data: bytes, most_bytes: int, parser: Any) -> Element:
    if len(data) > most_bytes:
        raise BadXml(f"the XML is longer than {most_bytes} bytes")
    if b"<!DOCTYPE" in data:  # before anything of it is parsed
        raise BadXml("the XML has a document type definition")
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise BadXml("this is no well-formed XML") from error
    if root.getroottree().docinfo.doctype or next(root.iter(etree.Entity), None) is not None:
        raise BadXml("the XML has a document type definition")
    if _depth(root) > _DEEPEST:
        raise BadXml(f"the XML is nested deeper than {_DEEPEST}")
    return root


def _check_ids(root: Element) -> None:
    seen: set[str] = set()
    for node in root.iter(etree.Element):
        for key in _ID_ATTRIBUTES:
            value = node.get(key)
            if value is not None and value in seen:
                raise BadXml("the XML has an ID twice")
            if value is not None:
                seen.add(value)


def _depth(root: Element) -> int:
    deepest, stack = 0, [(root, 1)]
    while stack:
        node, depth = stack.pop()
        deepest = max(deepest, depth)
        stack.extend((child, depth + 1) for child in node)
    return deepest


def as_bytes(element: Element) -> bytes:
    """The element as a document of its own, with the namespaces that it inherits."""
    return bytes(etree.tostring(element, with_tail=False))


def only(parent: Element, namespace: str, local: str) -> Element:
    """The one child of this name. Raises `BadXml` when there is none, or several."""
    found = maybe(parent, namespace, local)
    if found is None:
        raise BadXml(f"{_local(parent)} has no {local}")
    return found


def maybe(parent: Element, namespace: str, local: str) -> Element | None:
    """The child of this name, or None. Raises `BadXml` when there are several."""
    found = parent.findall(name(namespace, local))
    if len(found) > 1:
        raise BadXml(f"{_local(parent)} has {local} {len(found)} times")
    return found[0] if found else None


def text_of(element: Element) -> str:
    """The text of an element that has nothing else inside. Raises `BadXml`."""
    if len(element):
        raise BadXml(f"{_local(element)} is no text alone")
    return (element.text or "").strip()


def attribute(element: Element, key: str) -> str:
    """An attribute that has to be there. Raises `BadXml`."""
    value = element.get(key)
    if value is None:
        raise BadXml(f"{_local(element)} has no {key}")
    return str(value)


def read_instant(text: str) -> float:
    """Epoch seconds of a time in UTC (Core 1.3.3). Raises `BadXml`."""
    match = _INSTANT.fullmatch(text)
    if match is None:
        raise BadXml("a time is not written in UTC")
    try:
        moment = datetime(*(int(part) for part in match.groups()[:6]), tzinfo=UTC)  # type: ignore[misc,arg-type]
    except ValueError as error:
        raise BadXml("a time is none") from error
    return timegm(moment.utctimetuple()) + float(match[7] or 0)


def instant(seconds: int) -> str:
    """A time as SAML writes it."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _local(element: Element) -> str:
    return str(etree.QName(element).localname)
