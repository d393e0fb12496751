"""The source of the six packages: which modules there are, what is in them, what each loads."""

from __future__ import annotations

import hashlib
import sys
from contextlib import suppress
from dataclasses import asdict
from functools import cached_property
from importlib.machinery import BYTECODE_SUFFIXES, EXTENSION_SUFFIXES
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from configs.errors import Damaged, Failed
from configs.remedies import Mend
from tasks.dag.code.families import LOADERS
from tasks.dag.code.imports import ANY, UNSEEN, Imports, read_imports
from tasks.dag.code.kept import Kept

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

PACKAGES: Final = ("agent", "configs", "gate", "storage", "tasks", "taskspecs")
HOME: Final = Path(__file__).parents[3]
"""The folder that this very code was loaded from."""
INIT: Final = "__init__.py"
PROSE: Final = ".md"
_COMPILED: Final = (*BYTECODE_SUFFIXES, *EXTENSION_SUFFIXES)


class Loaded(NamedTuple):
    """What a module loads: modules of the six packages, other packages, and files beside it."""

    modules: frozenset[str]
    libraries: frozenset[str]
    files: frozenset[Path]


class Tree:
    """The six packages in one folder; what was read once is not read again.

    Parameters
    ----------
    root
        The folder that holds the packages.
    kept
        What was found of the same sources before; default nothing.
    """

    def __init__(self, root: Path = HOME, kept: Kept | None = None) -> None:
        self.root = root
        self.kept = kept or Kept()
        self._content: dict[str, bytes] = {}
        self._loaded: dict[str, Loaded] = {}
        self._digests: dict[str, str] = {}

    @cached_property
    def modules(self) -> dict[str, Path]:
        """Every module there is, and its file.

        Raises
        ------
        Failed
            If a package is not there as source files that can be read.
        """
        found: dict[str, Path] = {}
        for package in PACKAGES:
            if not (self.root / package / INIT).is_file():
                raise Failed(
                    f"the source of {package} cannot be read at {self.root / package}; what a "
                    "result is made by cannot be told without it",
                    hint="install Qraft as files with their sources, not as a zip or as .pyc alone",
                    remedy=Mend.REINSTALL(),
                )
            for module, path in self._walk(self.root / package, package):
                if module in found:
                    raise Failed(
                        f"{module} is there twice, as {found[module]} and as {path}",
                        remedy=Mend.REINSTALL(),
                    )
                found[module] = path
        return found

    def _walk(self, folder: Path, package: str) -> Iterator[tuple[str, Path]]:
        yield package, folder / INIT
        for path in sorted(folder.iterdir()):
            name = f"{package}.{path.name.partition('.')[0]}"
            if path.name.endswith(_COMPILED):
                raise Failed(
                    f"{path} is compiled, and its source decides what a result is made by",
                    hint="a module of Qraft's is a .py file",
                    remedy=Mend.REINSTALL(),
                )
            if path.suffix == ".py" and path.name != INIT:
                yield name, path
            elif (path / INIT).is_file():
                yield from self._walk(path, name)

    def is_package(self, module: str) -> bool:
        """Whether a module is a package."""
        return self.modules[module].name == INIT

    def content(self, module: str) -> bytes:
        """Return a module's source, as it was when it was first asked for."""
        if module not in self._content:
            self._content[module] = _read(self.modules[module])
        return self._content[module]

    def digest(self, name: str) -> str:
        """Return the sha256 of a module's source, or of a file by its path below the root."""
        if name not in self._digests:
            path = self.root / name
            content = self.content(name) if name in self.modules else _read(path)
            self._digests[name] = hashlib.sha256(content).hexdigest()
        return self._digests[name]

    def imports(self, module: str) -> Imports:
        """Return what a module's source says that it loads.

        Raises
        ------
        Damaged
            If it is no Python.
        """
        package = module if self.is_package(module) else module.rpartition(".")[0]
        key = f"{package} {self.digest(module)}"
        with suppress(TypeError):  # of another form, or nothing: it is read again
            return Imports(**self.kept.find(key))
        try:
            found = read_imports(self.content(module), package)
        except (SyntaxError, ValueError) as error:
            raise Damaged(
                f"{self.modules[module]} cannot be read as Python: {error}", remedy=Mend.REINSTALL()
            ) from error
        self.kept.keep(key, {k: value for k, value in asdict(found).items() if value})
        return found

    def loaded(self, module: str) -> Loaded:
        """Return what a module loads, by way of its package and of names that load lazily.

        Raises
        ------
        Failed
            If its source does not say what it loads.
        """
        if module not in self._loaded:
            self._loaded[module] = self._resolve(module, self.imports(module))
        return self._loaded[module]

    def _resolve(self, module: str, imports: Imports) -> Loaded:
        if imports.unknown and module not in LOADERS:
            raise Failed(
                f"{self.modules[module]}:{imports.unknown[0]} imports by a name that is not "
                "written there, so what it loads cannot be told",
                hint="write the name out, or list the module in tasks/dag/code/families.py",
            )
        modules, libraries = set[str](), set[str]()
        if above := module.rpartition(".")[0]:
            modules.add(above)
        for source, name in imports.names:
            if source.partition(".")[0] in PACKAGES:
                modules.update(self._taken(source, name, by=module))
            elif source in UNSEEN or f"{source}.{name}" in UNSEEN:
                raise Failed(f"{self.modules[module]} loads by {source}, which is not followed")
            elif (top := source.partition(".")[0]) not in sys.stdlib_module_names:
                libraries.add(top)
        files = frozenset(self._beside(module, imports))
        return Loaded(frozenset(modules - {module}), frozenset(libraries), files)

    def _taken(self, source: str, name: str, *, by: str) -> Iterator[str]:
        """Name the modules that taking a name from a module loads."""
        if source not in self.modules:
            raise Failed(f"{self.modules[by]} imports {source}, which has no source")
        yield source
        inner = f"{source}.{name}"
        if inner in self.modules:
            yield inner
            source, name = inner, ""
        if not self.is_package(source):
            return
        lazy = self.imports(source).lazy
        names = lazy if name in {"", "*"} else [key for key in (name, ANY) if key in lazy]
        for key in names:
            for module, taken in lazy[key]:
                if module in self.modules:
                    yield module
                    if f"{module}.{taken}" in self.modules:
                        yield f"{module}.{taken}"

    def _beside(self, module: str, imports: Imports) -> Iterator[Path]:
        """Name the files beside modules that a module reads: those it names, else all there are.

        Templates take in one another: where one is named, or their package is, all count.
        """
        own = module if self.is_package(module) else module.rpartition(".")[0]
        for package in (named or own for named in imports.beside):
            there = self.files(package)
            yield from [path for path in there if path.name in imports.texts] or there
        for package in {own, *imports.texts}:
            inner = [p for p in self.files(package) if p.parent != self.modules[package].parent]
            if package in imports.texts or any(path.name in imports.texts for path in inner):
                yield from inner
        yield from (path for path in self.files(own) if path.name in imports.texts)

    def files(self, package: str) -> Iterable[Path]:
        """List the files in a package's folder, and in folders of it, that are no Python."""
        return self._files.get(package, ())

    @cached_property
    def _files(self) -> dict[str, list[Path]]:
        return {
            name: sorted(_plain_files(path.parent))
            for name, path in self.modules.items()
            if path.name == INIT
        }


def _plain_files(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.is_dir():
            if path.name != "__pycache__" and not (path / INIT).is_file():
                yield from _plain_files(path)
        elif path.suffix not in {".py", PROSE} and not path.name.startswith("."):
            yield path


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Failed(
            f"the source {path} cannot be read: {error.strerror}",
            remedy=Mend.INSPECT_FILE(path=path),
        ) from error
