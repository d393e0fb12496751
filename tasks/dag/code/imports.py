"""What a module's source says that it loads: by imports, by name, and from files beside it. Pure.

Imports in functions count, and those in every branch; what stands under ``if TYPE_CHECKING`` is
never run and does not.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from typing import Final, TypeGuard

IMPORTERS: Final = frozenset({"import_module", "__import__"})
"""Functions that import what they are given the name of."""
HIDING: Final = frozenset({"spec_from_file_location", "exec_module", "load_module", "exec"})
"""Functions that load what no name says; none may be called, or handed on."""
UNSEEN: Final = frozenset({"runpy", "pkgutil", "zipimport", "importlib.resources"})
"""Modules of the standard library that load code or files in ways that are not followed here."""
ANY: Final = ""
"""In `Imports.lazy`: whichever name of the package is asked for."""
LAZY: Final = "__getattr__"
_DOTTED: Final = re.compile(r"[\w-]+(\.[\w-]+)+")

Name = tuple[str, str]
"""A module, and a name that is taken from it; an empty name is the module itself."""


class _Text(ast.Constant):
    value: str


@dataclass(slots=True)
class Imports:
    """What one module loads.

    Attributes
    ----------
    names
        What is imported, as ``("numpy", "")`` or ``("configs.errors", "BadInput")``.
    lazy
        Of a package with a ``__getattr__``: what is imported when a name is asked for.
    unknown
        Lines that load a module whose name is not written there.
    tables
        Of a module with such lines: its dicts, by name, each from a key to the texts in its row.
    beside
        Modules whose ``__file__`` is looked at, to find files; empty for its own.
    texts
        Texts that could be names of such files, or of packages whose files are read.
    """

    names: list[Name] = field(default_factory=list)
    lazy: dict[str, list[Name]] = field(default_factory=dict)
    unknown: list[int] = field(default_factory=list)
    tables: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    beside: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)


def read_imports(source: bytes, package: str) -> Imports:
    r"""Read what a module loads.

    Parameters
    ----------
    package
        The package that it is in, or is; relative imports start there.

    Raises
    ------
    SyntaxError
        If it is no Python.

    Examples
    --------
    >>> read_imports(b"import numpy as np\ndef f():\n    from .sets import kbar", "specs").names
    [('numpy', ''), ('specs.sets', 'kbar')]
    """
    reader = _Reader(package)
    tree = ast.parse(source)
    reader.read(tree)
    found = reader.found
    if found.unknown or reader.lazily:
        found.tables = _tables(tree)
    if reader.lazily:
        for table in found.tables.values():
            for name, texts in table.items():
                found.lazy.setdefault(name, []).extend((text, "") for text in texts)
    return found


class _Reader:
    def __init__(self, package: str) -> None:
        self.package = package
        self.found = Imports()
        self.lazily = False
        """Whether ``__getattr__`` looks up in a table what to import."""

    def read(self, node: ast.AST, *, lazy: bool = False) -> None:
        into = self.found.lazy.setdefault(ANY, []) if lazy else self.found.names
        children = ast.iter_child_nodes(node)
        match node:
            case ast.If(test=test) if _name(test) == "TYPE_CHECKING":
                children = iter(node.orelse)
            case ast.Import(names=names):
                into.extend((each.name, "") for each in names)
            case ast.ImportFrom(names=names):
                module = self._absolute(node)
                into.extend((module, each.name) for each in names)
                if any(each.asname and each.name in IMPORTERS | HIDING for each in names):
                    self.found.unknown.append(node.lineno)
            case ast.Call(func=called) if _name(called) in IMPORTERS:
                self._read_call(node, into, lazy=lazy)
                children = iter((*node.args, *node.keywords))
            case ast.expr() if _name(node) in IMPORTERS | HIDING:
                self.found.unknown.append(node.lineno)  # handed on, to be called elsewhere
            case _:
                self._read_files(node)
        for child in children:
            here = isinstance(node, ast.Module) and getattr(child, "name", "") == LAZY
            self.read(child, lazy=lazy or here)

    def _read_files(self, node: ast.AST) -> None:
        match node:
            case ast.Name(id="__file__"):
                self.found.beside.append("")
            case ast.Attribute(attr="__file__", value=module):
                self.found.beside.append(ast.unparse(module))
            case ast.Constant(value=str(text)) if _DOTTED.fullmatch(text):
                self.found.texts.append(text)

    def _read_call(self, call: ast.Call, into: list[Name], *, lazy: bool) -> None:
        match call.args:
            case [ast.Constant(value=str(module)), *_] if not module.startswith("."):
                into.append((module, ""))
            case _ if lazy:
                self.lazily = True
            case _:
                self.found.unknown.append(call.lineno)

    def _absolute(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        above = self.package.split(".")[: len(self.package.split(".")) - node.level + 1]
        return ".".join([*above, node.module] if node.module else above)


def _name(node: ast.expr) -> str:
    return str(getattr(node, "id", getattr(node, "attr", "")))


def _tables(tree: ast.Module) -> dict[str, dict[str, list[str]]]:
    """Return the dicts that are written out in a module, with the texts of their rows."""
    found = {}
    for node in tree.body:
        match node:
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.Dict() as table):
                found[name] = _rows(table)
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Dict() as table):
                found[name] = _rows(table)
    return found


def _rows(table: ast.Dict) -> dict[str, list[str]]:
    return {
        key.value: [each.value for each in ast.walk(row) if _is_text(each)]
        for key, row in zip(table.keys, table.values, strict=True)
        if key is not None and _is_text(key)
    }


def _is_text(node: ast.AST) -> TypeGuard[_Text]:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)
