"""A SAML provider that speaks of signing out: whatever a test wants, by HTTP-Redirect or HTTP-POST, good or bad."""

import base64
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from lxml import etree

from assent.identity.saml.keys import KeyPair
from assent.identity.saml.names import POST, REDIRECT, SAML, SAMLP
from assent.identity.saml.xml import instant
from assent.testing.application import PUBLIC_URL
from identity.saml.forger import IDP, PERSISTENT, SUCCESS, metadata, sign
from services.key_pairs import a_pair

EXIT = "https://idp.clinic.example/slo"
HERE = f"{PUBLIC_URL}/login/clinic/logout"
RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
REQUEST = """<samlp:LogoutRequest xmlns:samlp="{samlp}" xmlns:saml="{saml}" ID="{id}" Version="{version}"
 IssueInstant="{issued}" {destination} {ends}><saml:Issuer>{issuer}</saml:Issuer>
<saml:NameID Format="{format}" {qualifiers}>{name_id}</saml:NameID>{indexes}</samlp:LogoutRequest>"""
RESPONSE = """<samlp:LogoutResponse xmlns:samlp="{samlp}" xmlns:saml="{saml}" ID="{id}" Version="{version}"
 IssueInstant="{issued}" {destination} InResponseTo="{in_response_to}">{issuer_element}
<samlp:Status>{status}</samlp:Status></samlp:LogoutResponse>"""
INDEX = "<samlp:SessionIndex>{}</samlp:SessionIndex>"


def metadata_with_exit(*services: tuple[str, str], more: str = "") -> bytes:
    """The forger's metadata with these SingleLogoutServices: binding and location."""
    elements = "".join(
        f'<md:SingleLogoutService Binding="{binding}" Location="{url}" {more}/>' for binding, url in services
    )
    place = b"<md:SingleSignOnService"
    return metadata(a_pair("idp")).replace(place, elements.encode() + place)


BY_REDIRECT = metadata_with_exit((REDIRECT, EXIT))
BY_POST = metadata_with_exit((POST, EXIT))


@dataclass(frozen=True, slots=True)
class Leaver:
    """What is said. `said` replaces the parts of the templates by name."""

    now: int
    pair: KeyPair = field(default_factory=lambda: a_pair("idp"))
    said: Mapping[str, Any] = field(default_factory=dict)

    def saying(self, **said: Any) -> "Leaver":
        """The same, but for these parts."""
        return replace(self, said={**self.said, **said})

    @property
    def parts(self) -> dict[str, Any]:
        """Every part of the templates, good unless said otherwise."""
        good = {
            "saml": SAML,
            "samlp": SAMLP,
            "id": "_logout",
            "version": "2.0",
            "issued": instant(self.now),
            "destination": f'Destination="{HERE}"',
            "ends": f'NotOnOrAfter="{instant(self.now + 300)}"',
            "issuer": IDP,
            "issuer_element": f"<saml:Issuer>{IDP}</saml:Issuer>",
            "format": PERSISTENT,
            "qualifiers": "",
            "name_id": "p-4711",
            "indexes": INDEX.format("s-1"),
            "in_response_to": "_none",
            "status": SUCCESS,
        }
        return {**good, **self.said}

    def request(self) -> bytes:
        """A LogoutRequest, not signed."""
        return REQUEST.format(**self.parts).encode()

    def response(self) -> bytes:
        """A LogoutResponse, not signed."""
        return RESPONSE.format(**self.parts).encode()

    def query(
        self, message: bytes, kind: str = "SAMLRequest", relay_state: str | None = None, alg: str = RSA_SHA256
    ) -> str:
        """The message by HTTP-Redirect, signed."""
        return sign_query({kind: deflated(message), **relayed(relay_state)}, self.pair, alg)

    def form(
        self, message: bytes, kind: str = "SAMLRequest", relay_state: str | None = None, **how: Any
    ) -> list[tuple[str, str]]:
        """The message by HTTP-POST, signed by `how` (`forger.sign`)."""
        text = base64.b64encode(sign(message, self.pair, **how)).decode()
        return [(kind, text), *relayed(relay_state).items()]


def relayed(relay_state: str | None) -> dict[str, str]:
    """The field for it."""
    return {} if relay_state is None else {"RelayState": relay_state}


def sign_query(fields: Mapping[str, str], pair: KeyPair, alg: str = RSA_SHA256) -> str:
    """The fields in a query, with a signature over them."""
    covered = "&".join(f"{key}={quote(value, safe='')}" for key, value in {**fields, "SigAlg": alg}.items())
    algorithm = hashes.SHA1() if alg.endswith("sha1") else hashes.SHA256()
    signature = base64.b64encode(pair.key.sign(covered.encode(), PKCS1v15(), algorithm)).decode()
    return f"{covered}&Signature={quote(signature, safe='')}"


def deflated(message: bytes) -> str:
    """The message as it is in a query."""
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
    return base64.b64encode(deflate.compress(message) + deflate.flush()).decode()


def read_query_message(url: str, kind: str) -> tuple[Any, dict[str, str]]:
    """The message in an address, and all its fields."""
    fields = dict(parse_qsl(urlsplit(url).query))
    return etree.fromstring(zlib.decompress(base64.b64decode(fields[kind]), -15)), fields


def is_signed_by(url: str, pair: KeyPair) -> bool:
    """Whether the query of an address has a good signature of the pair."""
    covered, _, signature = urlsplit(url).query.partition("&Signature=")
    raw = base64.b64decode(dict(parse_qsl(f"s={signature}"))["s"])
    pair.certificate.public_key().verify(raw, covered.encode(), PKCS1v15(), hashes.SHA256())  # type: ignore[union-attr,call-arg,arg-type]
    return True
