"""The environment of a skin's templates: text is always escaped, and nothing can be reached but what is shown.

A list of what may be done, not of what may not: fields of the views, some filters, macros, and the few words that every
template is given. No methods, no modules, no filter that makes markup of text, no way to switch escaping off. The
operator writes skins, but people copy them from each other, and what apps bring passes through them.

Sources: Jinja, "Sandbox"; OWASP Cross Site Scripting Prevention and Server Side Template Injection.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Final

from jinja2 import (
    BaseLoader,
    FunctionLoader,
    StrictUndefined,
    TemplateAssertionError,
    TemplateSyntaxError,
    nodes,
)
from jinja2.environment import TemplateModule
from jinja2.exceptions import SecurityError
from jinja2.runtime import BlockReference, LoopContext, Macro
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.tests import TESTS
from jinja2.utils import Namespace

from assent.actions.definitions import nearest
from assent.web.skins.findings import Finding

FILTERS: Final = frozenset(
    {
        "abs",
        "batch",
        "capitalize",
        "count",
        "d",
        "default",
        "dictsort",
        "e",
        "escape",
        "first",
        "float",
        "groupby",
    }
    | {"int", "items", "join", "last", "length", "list", "lower", "map", "max", "min", "reject", "rejectattr"}
    | {
        "replace",
        "reverse",
        "round",
        "select",
        "selectattr",
        "slice",
        "sort",
        "string",
        "sum",
        "title",
        "trim",
    }
    | {"truncate", "unique", "upper", "urlencode", "wordcount"}
)
_PLAIN_FORMAT: Final = re.compile(r"(?:[^%]|%[ds])*")
_OF_LOOPS: Final = frozenset({"cycle", "changed"})


@dataclass(frozen=True, slots=True)
class Word:
    """Something that a template may call."""

    say: Callable[..., Any]

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        return self.say(*arguments, **named)


class SkinEnvironment(ImmutableSandboxedEnvironment):
    """Escapes always; see the module. What is unknown or forbidden raises while it is drawn."""

    intercepted_binops = frozenset({"*", "**", "%"})

    def __init__(self, loader: BaseLoader) -> None:
        super().__init__(
            loader=loader,
            autoescape=True,
            undefined=StrictUndefined,
            auto_reload=False,
            cache_size=-1,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self.filters = {name: self.filters[name] for name in FILTERS}
        self.globals = {"namespace": Namespace}

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Fields of views, and what a loop, a namespace or an imported file of macros has."""
        if attr.startswith("_"):
            return False
        if isinstance(obj, LoopContext | Namespace):
            return True
        if isinstance(obj, TemplateModule):
            return isinstance(value, Macro)
        return is_view(obj) and (
            attr in field_names(obj) or isinstance(getattr(type(obj), attr, None), property)
        )

    def is_safe_callable(self, obj: Any) -> bool:
        """Macros, blocks, loops, and the words that are handed in."""
        if isinstance(obj, Word | Macro | BlockReference | LoopContext):
            return True
        if isinstance(getattr(obj, "__self__", None), LoopContext):
            return obj.__name__ in _OF_LOOPS
        return obj is Namespace

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        """Numbers, and `"%d" % number`: a text times a number, or a wide format, can fill the memory."""
        is_number = isinstance(left, int) and isinstance(right, int) and operator != "**"
        is_plain_format = (
            operator == "%" and isinstance(left, str) and _PLAIN_FORMAT.fullmatch(left) is not None
        )
        if not (is_number or is_plain_format):
            raise SecurityError(f"{operator} is for whole numbers only, and for %d and %s")
        return super().call_binop(context, operator, left, right)


def is_view(obj: object) -> bool:
    """A value made to be shown: a frozen dataclass."""
    return is_dataclass(obj) and not isinstance(obj, type) and not isinstance(obj, Word)


def field_names(obj: Any) -> frozenset[str]:
    """The fields of a view."""
    return frozenset(one.name for one in fields(obj))


def loader_of(sources: Mapping[str, tuple[str, str]]) -> BaseLoader:
    """Loads from memory: the text and the file of each template by its name."""

    def load(name: str) -> tuple[str, str, Callable[[], bool]] | None:
        found = sources.get(name)
        return (*found, lambda: True) if found else None

    return FunctionLoader(load)


def forbidden(file: str, source: str, known: frozenset[str]) -> Iterator[Finding]:
    """Why a template of a skin is not used. `known`: the templates that it may extend, include and import."""
    environment = SkinEnvironment(loader_of({}))
    try:
        tree = environment.parse(source)
    except TemplateSyntaxError as error:
        yield Finding(file, error.message or "cannot be read", error.lineno)
        return
    found = [*_of_nodes(file, tree, known)]
    yield from found
    if not found:
        try:
            environment.compile(tree)
        except TemplateAssertionError as error:
            yield Finding(file, error.message or "cannot be used", error.lineno)


def _of_nodes(file: str, tree: nodes.Template, known: frozenset[str]) -> Iterator[Finding]:
    modules = {"loop", "self", *(one.target for one in tree.find_all(nodes.Import))}
    for node in tree.find_all(nodes.Node):
        text = _rule_broken(node, known, modules)
        if text is not None:
            yield Finding(file, text, node.lineno)


def _rule_broken(node: nodes.Node, known: frozenset[str], modules: set[str]) -> str | None:
    match node:
        case nodes.EvalContextModifier():
            return "autoescape is on and stays on: leave {% autoescape %} out"
        case nodes.Filter(name="safe"):
            return "the filter safe is not there: text is always escaped"
        case nodes.Filter(name=name) if name not in FILTERS:
            return f"unknown filter {name}{nearest(name, FILTERS)}"
        case nodes.Test(name=name) if name not in TESTS:
            return f"unknown test {name}{nearest(name, TESTS)}"
        case nodes.Getattr(attr=name) | nodes.Getitem(arg=nodes.Const(value=str() as name)) if (
            name.startswith("_")
        ):
            return f"{name}: names that begin with _ are out of reach"
        case nodes.Name(name=name) if name.startswith("__"):
            return f"{name}: names that begin with __ are out of reach"
        case nodes.Call(node=nodes.Getattr(node=base, attr=name)):
            if not (isinstance(base, nodes.Name) and base.name in modules):
                return f"{name}(): nothing of a value is called; use a filter"
        case nodes.Extends() | nodes.Include() | nodes.Import() | nodes.FromImport():
            return _unknown_template(node.template, known)
    return None


def _unknown_template(named: nodes.Node, known: frozenset[str]) -> str | None:
    if not isinstance(named, nodes.Const) or not isinstance(named.value, str):
        return "a template is named by a text, so that it is known which one it is"
    if named.value not in known:
        return f"unknown template {named.value}{nearest(named.value, known)}"
    return None
