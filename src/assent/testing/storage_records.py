"""Records for the storage suite: plain examples with distinct keys, and any record at all (hypothesis)."""

import types
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from hypothesis import strategies as st

from assent.records.audit import AuditEvent
from assent.records.clients import Client
from assent.records.grants import Code, Grant, RefreshToken, SeenAssertion
from assent.records.people import Person, PersonName
from assent.records.sessions import Launch, Pending
from assent.storage.interface import Table
from assent.storage.tables import TABLES

NOW = 1_800_000_000


def hashed(name: str) -> bytes:
    """Thirty-two bytes that stand for the hash of something."""
    return name.encode().ljust(32, b".")


def a_client(client_id: str = "app") -> Client:
    """A client."""
    return Client(client_id, f"The app {client_id}", redirect_uris=("https://app.example/cb",))


def a_person(person_id: str = "p1", username: str = "amy") -> Person:
    """A person."""
    return Person(person_id, username, username)


def a_name(username: str = "amy", person_id: str = "p1") -> PersonName:
    """A taken user name."""
    return PersonName(username, person_id)


def a_grant(grant_id: str = "g1", person_id: str = "p1", client_id: str = "app") -> Grant:
    """A grant."""
    return Grant(
        grant_id=grant_id,
        client_id=client_id,
        person_id=person_id,
        session_hash=None,
        scope="openid patient/*.rs",
        context={"patient": "1"},
        aud="https://fhir.example/r4",
        nonce=None,
        auth_time=NOW,
        acr=None,
        amr=("pwd",),
        fhir_user="Patient/1",
        online=False,
        created_at=NOW,
        expires_at=NOW + 1000,
    )


def a_code(name: str = "code", grant_id: str = "g1", expires_at: int = NOW + 60) -> Code:
    """An unused code."""
    return Code(hashed(name), grant_id, "app", "https://app.example/cb", "challenge", expires_at)


def a_refresh_token(name: str = "token", grant_id: str = "g1", expires_at: int = NOW + 600) -> RefreshToken:
    """An unused refresh token."""
    return RefreshToken(hashed(name), grant_id, "app", "openid", NOW, expires_at)


def a_seen_assertion(name: str = "jti", expires_at: int = NOW + 300) -> SeenAssertion:
    """The trace of an assertion."""
    return SeenAssertion(hashed(name), expires_at)


def a_launch(name: str = "launch") -> Launch:
    """An unspent launch context."""
    return Launch(hashed(name), "app", "ehr", None, {"patient": "1"}, NOW, NOW + 300)


def a_pending(name: str = "pending") -> Pending:
    """An authorization request on its way."""
    return Pending(hashed(name), hashed("browser"), "app", {"scope": "openid"}, NOW, NOW + 600)


def an_event(
    event_id: str = "e1", event_type: str = "token.issued", client_id: str | None = "app"
) -> AuditEvent:
    """An audit row."""
    return AuditEvent(event_id, NOW, event_type, "ok", client_id=client_id)


_TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)
_INTEGER = st.integers(-(2**63), 2**63 - 1)
_JSON = st.recursive(
    st.none() | st.booleans() | _INTEGER | _TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXT, inner, max_size=3),
    max_leaves=8,
)


def any_record() -> st.SearchStrategy[tuple[Table[Any], Any]]:
    """A table and any record of it that can be kept."""
    return st.sampled_from(TABLES).flatmap(lambda table: st.tuples(st.just(table), _values(table.record)))


def _values(hint: Any) -> st.SearchStrategy[Any]:
    plain: dict[Any, st.SearchStrategy[Any]] = {
        str: _TEXT,
        int: _INTEGER,
        bytes: st.binary(max_size=40),
        bool: st.booleans(),
        type(None): st.none(),
        Any: _JSON,
    }
    if hint in plain:
        return plain[hint]
    origin, args = get_origin(hint), get_args(hint)
    if origin is Literal:
        return st.sampled_from(args)
    if origin in (Union, types.UnionType):
        return st.one_of([_values(arg) for arg in args])
    if origin is tuple:
        return st.lists(_values(args[0]), max_size=3).map(tuple)
    if origin is dict:
        return st.dictionaries(_values(args[0]), _values(args[1]), max_size=3)
    return st.builds(hint, **{name: _values(field) for name, field in get_type_hints(hint).items()})
