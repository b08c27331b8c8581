"""`docs/reference/settings.md`: every setting, from the dataclasses and the words behind their fields."""

import ast
import dataclasses
import inspect
import re
import textwrap
import types
from collections.abc import Iterator
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from assent.app.rules.configuration import CHECKS
from assent.app.settings import (
    DatabaseSettings,
    FhirSettings,
    IssuerSettings,
    MailSettings,
    OutboundSettings,
    SecretsSettings,
    ServerSettings,
    SkinSettings,
)
from assent.app.sign_in_settings import (
    CertificateSettings,
    LocalSettings,
    MockSettings,
    SignInSettings,
    SignUpSettings,
    TrustedHeaderSettings,
)
from assent.engine.settings import EngineSettings
from assent.fhir.representation import RepresentationSettings
from assent.identity.ldap.settings import LdapSettings
from assent.identity.saml.settings import SamlSettings

TABLES = {
    "server": ServerSettings,
    "database": DatabaseSettings,
    "secrets": SecretsSettings,
    "fhir": FhirSettings,
    "outbound": OutboundSettings,
    "engine": EngineSettings,
    "sign_in": SignInSettings,
    "sign_in.local": LocalSettings,
    "sign_in.ldap": LdapSettings,
    "sign_in.saml.<name>": SamlSettings,
    "sign_in.header": TrustedHeaderSettings,
    "sign_in.certificate": CertificateSettings,
    "sign_in.mock": MockSettings,
    "sign_up": SignUpSettings,
    "mail": MailSettings,
    "representation": RepresentationSettings,
    "skin": SkinSettings,
    "issuers.<id>": IssuerSettings,
}

INTRODUCTION = """\
# Settings

Generated from the code by `make docs`. Everything that `assent.toml` may say; what is left out has its default.
`assent check` names every mistake in a file at once, and `assent init` writes a first one.

Any text may be taken from the environment instead: `url = { env = "ASSENT_DATABASE_URL" }`. Paths are relative to the
file's folder. Durations are seconds. `demo = true`, outside of all tables, is set by `assent demo` alone.
"""


def render() -> str:
    """The page: a section for each table of the file."""
    return INTRODUCTION + "".join(_section(name, kind) for name, kind in TABLES.items())


def documented() -> Iterator[tuple[type[Any], str, str]]:
    """Every setting: its table, its name, and the words behind it (empty where there are none)."""
    for kind in TABLES.values():
        words = _words(kind)
        for one in dataclasses.fields(kind):
            yield kind, one.name, words.get(one.name, "")


def _section(name: str, kind: type[Any]) -> str:
    about = (kind.__doc__ or "").partition(":")[2].strip() or (kind.__doc__ or "")
    rows = [
        f"| `{setting}` | {_shape(kind, setting)} | {_cell(_default(kind, setting))} | {_cell(words)} |"
        for owner, setting, words in documented()
        if owner is kind
    ]
    head = ["| setting | value | default | meaning |", "| --- | --- | --- | --- |"]
    return "\n".join(["", f"## `[{name}]`", "", about[:1].upper() + about[1:], "", *head, *rows, ""])


def _words(kind: type[Any]) -> dict[str, str]:
    """The texts that stand behind the fields of a class."""
    [tree] = ast.parse(textwrap.dedent(inspect.getsource(kind))).body
    words: dict[str, str] = {}
    name = None
    for node in getattr(tree, "body", []):
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            name = node.target.id
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and name:
            words[name] = inspect.cleandoc(str(node.value.value))
            name = None
    return words


def _shape(kind: type[Any], name: str) -> str:
    hint = get_type_hints(kind)[name]
    if get_origin(hint) in (Union, types.UnionType):
        [hint] = [one for one in get_args(hint) if one is not type(None)]
    if get_origin(hint) is Literal:
        return " ".join(f"`{one}`" for one in get_args(hint))
    if dataclasses.is_dataclass(hint):
        return "table"
    if get_origin(hint) is tuple:
        return "list of texts"
    if get_origin(hint) is dict:
        return "table of texts" if get_args(hint)[1] is str else "table of tables"
    if hint is int:
        return f"number, {_bounds(kind, name)}"
    return "true or false" if hint is bool else "text"


def _bounds(kind: type[Any], name: str) -> str:
    """The bounds that the check of a number tells when it is broken."""
    try:
        CHECKS[kind, name](-1)
    except ValueError as error:
        return str(error).removeprefix("must be ")
    raise LookupError(f"{kind.__name__}.{name} has no lower bound")


def _default(kind: type[Any], name: str) -> str:
    [field] = [one for one in dataclasses.fields(kind) if one.name == name]
    if field.default_factory is not dataclasses.MISSING:
        return "none" if field.default_factory is dict else "every default"
    value = field.default
    if value is dataclasses.MISSING:
        return "required"
    if value is None or value == ():
        return "none"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, tuple):
        return " ".join(f"`{one}`" for one in value)
    return f"`{value}`" if value != "" else "empty"


def _cell(words: str) -> str:
    return re.sub(r"\s+", " ", words).replace("|", "\\|")
