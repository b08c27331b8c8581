"""Names that a template uses and nobody gives it: variables, fields of views, blocks."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from jinja2 import Environment, meta, nodes

from assent.actions.definitions import nearest
from assent.web.skin_check.contract import WORDS, TemplateContract, view_fields, views_given
from assent.web.skins.findings import Finding

_SAME: Final = frozenset(
    {"select", "reject", "selectattr", "rejectattr", "sort", "list", "unique", "reverse"}
)
_ONE: Final = frozenset({"first", "last"})
_GLOBAL: Final = frozenset({"namespace", "loop", "self", "super", "caller", "varargs", "kwargs"})


@dataclass(frozen=True, slots=True)
class _Shown:
    """What is known of a value: a view, or many of them."""

    view: type[Any]
    is_many: bool


def unknown_names(
    file: str, source: str, contract: TemplateContract | None, environment: Environment
) -> Iterator[Finding]:
    """What a template asks for in vain. Without `contract` (a piece of one's own) only views' fields are looked at."""
    tree = environment.parse(source)
    if contract is not None:
        given = {*WORDS, *(one.name for one in contract.variables), *_own_names(tree)}
        for name in sorted(meta.find_undeclared_variables(tree) - given - _GLOBAL):
            line = next(one.lineno for one in tree.find_all(nodes.Name) if one.name == name)
            yield Finding(file, f"unknown variable {name}{nearest(name, given)}", line)
    shown: dict[str, _Shown | None] = {
        name: _Shown(view, is_many)
        for name, (view, is_many) in views_given(contract.name if contract else "").items()
    }
    yield from _Walk(file, shown).walk(tree)


def _own_names(tree: nodes.Template) -> Iterator[str]:
    """What a template defines itself, for all of its blocks."""
    for node in tree.body:
        match node:
            case nodes.FromImport(names=names):
                yield from (name if isinstance(name, str) else name[1] for name in names)
            case (
                nodes.Import(target=name)
                | nodes.Macro(name=name)
                | nodes.Assign(target=nodes.Name(name=name))
            ):
                yield name


def unknown_blocks(
    file: str, source: str, parents: Mapping[str, str], environment: Environment
) -> Iterator[Finding]:
    """Blocks that the template below does not have: what is in them would never be seen."""
    tree = environment.parse(source)
    extended = tree.find(nodes.Extends)
    known: set[str] = set()
    above: nodes.Template | None = tree
    while extended is not None and isinstance(extended.template, nodes.Const) and above is not None:
        parent = parents.get(extended.template.value)
        if parent is None:
            return
        above = environment.parse(parent)
        known |= {block.name for block in above.find_all(nodes.Block)}
        extended = above.find(nodes.Extends)
    if not known:
        return
    outer = [node for node in tree.body if isinstance(node, nodes.Block)]
    for block in outer:
        if block.name not in known:
            yield Finding(
                file,
                f"unknown block {block.name}{nearest(block.name, known)}: it would never be shown",
                block.lineno,
            )


@dataclass(frozen=True, slots=True)
class _Walk:
    """Follows what is known of each name through loops and assignments."""

    file: str
    shown: dict[str, _Shown | None]

    def walk(self, node: nodes.Node) -> Iterator[Finding]:
        """Every field that a view does not have."""
        if isinstance(node, nodes.Macro):
            inner = dict.fromkeys(argument.name for argument in node.args)
            yield from self._children(node, _Walk(self.file, {**self.shown, **inner}))
            return
        if isinstance(node, nodes.For) and isinstance(node.target, nodes.Name):
            many = self.type_of(node.iter)
            one = _Shown(many.view, is_many=False) if many is not None and many.is_many else None
            yield from self.walk(node.iter)
            inside = _Walk(self.file, {**self.shown, node.target.name: one})
            for child in (*node.body, *node.else_, *([node.test] if node.test else [])):
                yield from inside.walk(child)
            return
        if isinstance(node, nodes.Assign) and isinstance(node.target, nodes.Name):
            self.shown[node.target.name] = self.type_of(node.node)
        if isinstance(node, nodes.Getattr):
            base = self.type_of(node.node)
            known = _field_types(base.view) if base is not None and not base.is_many else None
            if known is not None and node.attr not in known:
                kind = base.view.__name__ if base is not None else ""
                yield Finding(self.file, f"{kind} has no {node.attr}{nearest(node.attr, known)}", node.lineno)
        yield from self._children(node, self)

    def _children(self, node: nodes.Node, walk: "_Walk") -> Iterator[Finding]:
        for child in node.iter_child_nodes():
            yield from walk.walk(child)

    def type_of(self, node: nodes.Node | None) -> _Shown | None:
        """What is known of an expression."""
        match node:
            case nodes.Name(name=name):
                return self.shown.get(name)
            case nodes.Getattr(node=base, attr=attr):
                of = self.type_of(base)
                return _field_types(of.view).get(attr) if of is not None and not of.is_many else None
            case nodes.Filter(node=base, name=name) if name in _SAME:
                return self.type_of(base)
            case nodes.Filter(node=base, name=name) if name in _ONE:
                of = self.type_of(base)
                return _Shown(of.view, is_many=False) if of is not None else None
        return None


def _field_types(view: type[Any]) -> dict[str, _Shown | None]:
    return {name: _Shown(*inner) if inner is not None else None for name, inner in view_fields(view).items()}
