"""The texts of English that nobody asks for: no template or page names the key, nor makes it of words that it knows.

A key is asked for where it stands as it is. One that is put together, `f"login.problem.{words}"`, counts as asked for
where its varying words stand too: in the module that puts it together, in one that this imports from, or in one that
imports it. Words that stand there for something else hide a text that nobody asks for.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from assent.web.message_files import MessageFile
from assent.web.message_rules import plural_stems

SURFACES: Final = ("web", "pages")
FROM_RECORDS: Final = ("category.", "context.relation.", "counted.", "parameter.", "type.", "words.reads_")
"""Beginnings of keys that go on with codes of FHIR or letters of a scope, which no module has to say."""
_KEY: Final = re.compile(r"""["']([a-z_]+(?:\.[\w-]+)+)["']""")
_VARIES: Final = "(.+)"


@dataclass(frozen=True)
class Module:
    """A module's words: those it says, and the forms in which it puts words together."""

    name: str
    tree: ast.Module

    @cached_property
    def words(self) -> frozenset[str]:
        """Every text that it has as it stands."""
        said = (one.value for one in ast.walk(self.tree) if isinstance(one, ast.Constant))
        return frozenset(one for one in said if isinstance(one, str))

    @cached_property
    def forms(self) -> tuple[re.Pattern[str], ...]:
        """What its f-strings may become, where they begin with words of a key."""
        found = (_form(one) for one in ast.walk(self.tree) if isinstance(one, ast.JoinedStr))
        return tuple(re.compile(one) for one in found if re.match(r"[a-z_]+(\\\.|_)", one))

    @cached_property
    def imported(self) -> frozenset[str]:
        """The modules that it imports from."""
        found = (one for one in ast.walk(self.tree) if isinstance(one, ast.ImportFrom) and one.module)
        return frozenset(name for one in found for name in _imported(one))


def unused(english: MessageFile, source: Path) -> Iterator[str]:
    """The keys that nobody asks for. `source`: the folder of the package."""
    modules = [_module(path, source) for path in sorted(source.rglob("*/*.py"))]
    surfaces = [one for one in modules if one.name.split(".")[1] in SURFACES]
    asked = {word for one in surfaces for word in one.words}
    for path in sorted(source.rglob("*.html")):
        asked |= set(_KEY.findall(path.read_text(encoding="utf-8")))
    counted = set(plural_stems(english.texts))
    makers = [(one, _known(one, modules)) for one in surfaces if one.forms]
    for key in (one for one in english.texts if not one.startswith(FROM_RECORDS)):
        stem = key.rpartition(".")[0]
        wanted = stem if stem in counted else key
        if wanted not in asked and not any(_makes(module, known, wanted) for module, known in makers):
            yield key


def _makes(module: Module, known: frozenset[str], key: str) -> bool:
    for form in module.forms:
        found = form.fullmatch(key)
        if found is not None and all(_is_known(words, known) for words in found.groups()):
            return True
    return False


def _is_known(words: str, known: frozenset[str]) -> bool:
    return words in known or all(word in known for word in re.split(r"[._]", words) if word)


def _known(module: Module, modules: list[Module]) -> frozenset[str]:
    near = (one for one in modules if one.name in module.imported or module.name in one.imported)
    return module.words.union(*(one.words for one in near))


def _module(path: Path, source: Path) -> Module:
    name = ".".join((source.name, *path.relative_to(source).with_suffix("").parts))
    return Module(name.removesuffix(".__init__"), ast.parse(path.read_text(encoding="utf-8")))


def _imported(statement: ast.ImportFrom) -> Iterator[str]:
    yield statement.module or ""
    yield from (f"{statement.module}.{one.name}" for one in statement.names)


def _form(text: ast.JoinedStr) -> str:
    return "".join(
        re.escape(str(one.value)) if isinstance(one, ast.Constant) else _VARIES for one in text.values
    )
