"""Every table: which record, under which key, found by what, kept how long. The SQL is made from this list."""

from typing import Any

from assent.records.audit import AuditEvent
from assent.records.clients import Client
from assent.records.delegations import Delegation
from assent.records.grants import Code, Grant, RefreshToken, RevokedToken, SeenAssertion, TokenScope
from assent.records.identities import Departure, Identity
from assent.records.keys import SealedSecret, SigningKey
from assent.records.logos import Logo, Picture
from assent.records.mailed_codes import MailedCode
from assent.records.people import Person, PersonName, Throttle
from assent.records.providers import LogoutHint, Provider
from assent.records.recent import RecentPatients
from assent.records.roles import Role
from assent.records.second_factors import (
    AnsweredChallenge,
    CodesBeingSetUp,
    OneTimeCodes,
    Passkey,
    RecoveryCodes,
    RememberedBrowser,
)
from assent.records.sessions import Launch, Pending, Session
from assent.records.sign_ups import ClaimedAddress, SignUp
from assent.records.terms import Agreement
from assent.storage.interface import Table

CLIENTS = Table("clients", Client, key=("client_id",), repeats=True)
PEOPLE = Table("people", Person, key=("person_id",), finds=(("email_key",),))
NAMES = Table("names", PersonName, key=("name_key",))
THROTTLES = Table("throttles", Throttle, key=("key",), finds=(("person_id",),), expires="expires_at")
GRANTS = Table(
    "grants",
    Grant,
    key=("grant_id",),
    finds=(("person_id", "client_id"), ("client_id",), ("session_hash",)),
)
CODES = Table("codes", Code, key=("code_hash",), expires="expires_at")
REFRESH_TOKENS = Table(
    "refresh_tokens", RefreshToken, key=("token_hash",), finds=(("grant_id",),), expires="expires_at"
)
TOKEN_SCOPES = Table("token_scopes", TokenScope, key=("jti",), expires="expires_at")
REVOKED_TOKENS = Table("revoked_tokens", RevokedToken, key=("jti",), expires="expires_at")
SEEN_ASSERTIONS = Table("seen_assertions", SeenAssertion, key=("jti_hash",), expires="expires_at")
SESSIONS = Table(
    "sessions",
    Session,
    key=("session_hash",),
    finds=(("person_id",), ("provider_session",)),
    expires="expires_at",
)
PENDING = Table("pending", Pending, key=("pending_hash",), expires="expires_at")
AGREEMENTS = Table(
    "agreements",
    Agreement,
    key=("person_id", "client_id", "version"),
    finds=(("person_id", "client_id"), ("client_id",)),
)
IDENTITIES = Table("identities", Identity, key=("module", "provider", "subject"), finds=(("person_id",),))
DEPARTURES = Table("departures", Departure, key=("state_hash",), expires="expires_at")
PROVIDERS = Table("providers", Provider, key=("name",), repeats=True)
LOGOUT_HINTS = Table(
    "logout_hints", LogoutHint, key=("session_hash",), finds=(("name_hash",),), expires="expires_at"
)
ROLES = Table("roles", Role, key=("name",), repeats=True)
DELEGATIONS = Table(
    "delegations",
    Delegation,
    key=("person_id", "patient"),
    finds=(("person_id",), ("patient",)),
    expires="expires_at",
)
ONE_TIME_CODES = Table("one_time_codes", OneTimeCodes, key=("person_id",))
CODES_BEING_SET_UP = Table("codes_being_set_up", CodesBeingSetUp, key=("person_id",), expires="expires_at")
RECOVERY_CODES = Table("recovery_codes", RecoveryCodes, key=("person_id",))
PASSKEYS = Table("passkeys", Passkey, key=("credential_hash",), finds=(("person_id",),))
ANSWERED_CHALLENGES = Table(
    "answered_challenges", AnsweredChallenge, key=("challenge_hash",), expires="expires_at"
)
REMEMBERED_BROWSERS = Table(
    "remembered_browsers",
    RememberedBrowser,
    key=("cookie_hash", "person_id"),
    finds=(("person_id",),),
    expires="expires_at",
)
MAILED_CODES = Table(
    "mailed_codes", MailedCode, key=("request_hash",), finds=(("person_id",),), expires="expires_at"
)
SIGN_UPS = Table("sign_ups", SignUp, key=("sign_up_hash",), expires="expires_at")
CLAIMED_ADDRESSES = Table("claimed_addresses", ClaimedAddress, key=("email_key",), expires="expires_at")
LAUNCHES = Table("launches", Launch, key=("launch_hash",), expires="expires_at")
RECENT_PATIENTS = Table("recent_patients", RecentPatients, key=("person_id",), expires="expires_at")
SIGNING_KEYS = Table("signing_keys", SigningKey, key=("kid",), repeats=True)
SECRETS = Table("secrets", SealedSecret, key=("name",))
LOGOS = Table("logos", Logo, key=("client_id",), repeats=True)
PICTURES = Table("pictures", Picture, key=("picture_hash", "client_id"))
AUDIT = Table(
    "audit",
    AuditEvent,
    key=("event_id",),
    finds=(("person_id",), ("client_id",), ("type",)),
    append_only=True,
)

KEPT_SECONDS = 600
"""How long a row is kept past its expiry, so that what is used again too late is still recognised as used."""

TABLES: tuple[Table[Any], ...] = (
    CLIENTS,
    PEOPLE,
    NAMES,
    THROTTLES,
    GRANTS,
    CODES,
    REFRESH_TOKENS,
    TOKEN_SCOPES,
    REVOKED_TOKENS,
    SEEN_ASSERTIONS,
    SESSIONS,
    PENDING,
    AGREEMENTS,
    MAILED_CODES,
    SIGN_UPS,
    CLAIMED_ADDRESSES,
    LAUNCHES,
    IDENTITIES,
    DEPARTURES,
    PROVIDERS,
    LOGOUT_HINTS,
    ROLES,
    DELEGATIONS,
    ONE_TIME_CODES,
    CODES_BEING_SET_UP,
    RECOVERY_CODES,
    PASSKEYS,
    ANSWERED_CHALLENGES,
    REMEMBERED_BROWSERS,
    RECENT_PATIENTS,
    SIGNING_KEYS,
    SECRETS,
    LOGOS,
    PICTURES,
    AUDIT,
)
