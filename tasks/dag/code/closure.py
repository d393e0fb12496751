"""Closure: all that can be reached by imports from where the work begins, and its digest."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from configs.errors import Failed
from configs.remedies import Mend
from tasks.dag.code.exclusions import LIBRARIES, OF_PUBLISHING, OF_STAGES
from tasks.dag.code.families import FAMILIES
from tasks.dag.code.kept import own_cache
from tasks.dag.code.libraries import versions
from tasks.dag.code.tree import HOME, INIT, PACKAGES, Tree
from taskspecs.identity import canonical_json, digest

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from tasks.dag.code.families import Family

PUBLISHING: Final = "tasks.runs.run"
"""Where the road of a run begins: it ends with targets that are published."""


@dataclass(frozen=True, slots=True)
class Closure:
    """What was reached.

    Attributes
    ----------
    sources
        Modules of the six packages by their names, and files that are no Python by their paths
        below the root, each with the sha256 of its bytes.
    libraries
        Distributions with versions, and ``python``.
    digest
        The sha256 of all that, in hex.
    """

    sources: Mapping[str, str]
    libraries: Mapping[str, str]
    digest: str

    @property
    def parts(self) -> dict[str, str]:
        """Every source with its sha256, every library with its version."""
        return {**self.sources, **self.libraries}


class Code:
    """The code of a folder, asked what it says of a piece of work; each answer is found once.

    Parameters
    ----------
    tree
        The six packages.
    """

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self._found: dict[str, Closure] = {}

    def of_stage(self, name: str, section: Mapping[str, Any]) -> Closure:
        """Return what a stage reaches, given its section of the spec."""
        return self.of((f"tasks.{name}.task",), section)

    def of_publishing(self) -> Closure:
        """Return what is reached from a run's beginning to the signal that it publishes."""
        return self.of((PUBLISHING,), {}, without=OF_PUBLISHING)

    def of(
        self,
        roots: Iterable[str],
        section: Mapping[str, Any],
        *,
        without: Collection[str] = OF_STAGES.keys(),
    ) -> Closure:
        """Return what some modules reach, and the members of families that a section names.

        Raises
        ------
        Failed
            If a source is not there, or does not say what it loads.
        """
        named = {family.module: sorted(set(family.named(section))) for family in FAMILIES}
        key = canonical_json([list(roots), named, sorted(without)])
        if key not in self._found:
            self._found[key] = self._walk(roots, named, without)
            self.tree.kept.save()
        return self._found[key]

    def _walk(
        self, roots: Iterable[str], named: Mapping[str, list[str]], without: Collection[str]
    ) -> Closure:
        families = {family.module: family for family in FAMILIES}
        waiting, modules = list(roots), set[str]()
        libraries, files = set[str](), set[str]()
        while waiting:
            module = waiting.pop()
            if module in modules or _is_in(module, without):
                continue
            modules.add(module)
            loaded = self.tree.loaded(module)
            waiting += loaded.modules
            libraries |= loaded.libraries
            files.update(path.relative_to(self.tree.root).as_posix() for path in loaded.files)
            if family := families.get(module):
                waiting += self._members(family, named[module])
        found = versions(libraries, self.tree.kept, without=LIBRARIES)
        used = found | {"python": platform.python_version()}
        sources = {name: self.tree.digest(name) for name in sorted(modules | files)}
        return Closure(sources, used, digest({"sources": sources, "libraries": used}))

    def _members(self, family: Family, names: Iterable[str]) -> list[str]:
        """Return the modules of members; a name that is not in the table is a person's own set."""
        table = self.tree.imports(family.module).tables.get(family.table)
        if not table:
            raise Failed(f"{family.module} has no table {family.table} that is written out")
        at = family.module
        package = at if self.tree.is_package(at) else at.rpartition(".")[0]
        found = []
        for name in names:
            texts = table.get(name, ())
            modules = [m for t in texts for m in (t, f"{package}.{t}") if m in self.tree.modules]
            if texts and not modules:
                raise Failed(f"{at}: the row of {name} in {family.table} names no module")
            found += modules
        return found


@cache
def own_code() -> Code:
    """Return the code that this process runs; what is known of it is kept for the next one.

    Raises
    ------
    Failed
        If one of the six packages was loaded from another folder than the others.
    """
    for package in PACKAGES:
        spec = find_spec(package)
        origin = spec.origin if spec else None
        if origin is None or Path(origin).resolve() != (HOME / package / INIT).resolve():
            raise Failed(
                f"{package} is loaded from {origin}, and not from {HOME} as this code is",
                hint="PYTHONPATH must not name a folder with a package of that name",
                remedy=Mend.REINSTALL(),
            )
    return Code(Tree(kept=own_cache()))


def _is_in(module: str, rooms: Collection[str]) -> bool:
    return any(module == room or module.startswith(f"{room}.") for room in rooms)
