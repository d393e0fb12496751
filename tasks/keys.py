"""Content-addressed keys: equal key, equal bytes."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib import metadata, util
from pathlib import Path
from typing import TYPE_CHECKING, Any

from configs.errors import Failed
from tasks.stages import STAGES
from taskspecs.identity import digest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tasks.stages import StageKind

_SOURCE_SUFFIXES = frozenset({".py", ".html", ".css", ".js", ".yaml"})


def stage_key(kind: StageKind, section: Mapping[str, Any], inputs: Mapping[str, str]) -> str:
    """Return the key of a stage's result, a sha256 in hex."""
    return digest(
        {"stage": kind.name, "section": section, "code": code_digest(kind), "inputs": inputs}
    )


@cache
def code_digest(kind: StageKind) -> str:
    """Digest what decides a stage's values: the source of its packages, its libraries' versions."""
    libraries = {name: metadata.version(name) for name in kind.libraries}
    return digest({"source": {p: source_digest(p) for p in kind.packages}, "with": libraries})


@cache
def ingredients() -> dict[str, str]:
    """Return what decides all stages' values: packages with digests, libraries with versions."""
    return {
        **{package: source_digest(package) for kind in STAGES for package in kind.packages},
        **{library: metadata.version(library) for kind in STAGES for library in kind.libraries},
    }


@cache
def source_digest(package: str) -> str:
    """Digest all source files of a package, by relative path and content.

    Raises
    ------
    Failed
        If the package has no files to read.
    """
    spec = util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise Failed(f"the source of {package} cannot be found")
    root = Path(next(iter(spec.submodule_search_locations)))
    summary = hashlib.sha256()
    for path in sorted(p for p in root.rglob("*") if p.suffix in _SOURCE_SUFFIXES):
        content = path.read_bytes()
        summary.update(f"{path.relative_to(root).as_posix()}\0{len(content)}\0".encode())
        summary.update(content)
    return summary.hexdigest()
