"""A look at every result in the lake: what its manifest names, and what is really there."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agent.checkup.finding import Finding
from configs.errors import Damaged
from storage.lake.lake import remedy
from storage.lake.manifest import DatasetId, read_manifest
from tasks.dag.stages import STAGES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from storage.lake.lake import Lake
    from storage.lake.manifest import StoredFile

ZONES = ("raw", *dict.fromkeys(kind.zone for kind in STAGES))
MANIFEST = "/manifest.json"
SHOWN = 5


def examine_results(lake: Lake, *, deep: bool = False) -> Finding:
    """Compare every file with its manifest.

    Parameters
    ----------
    deep
        Read every byte and compare digests; else sizes, and digests whenever a file is read.
    """
    sizes = {info.path: info.bytes for zone in ZONES for info in lake.store.list(zone)}
    manifests = [path for path in sizes if path.endswith(MANIFEST)]
    named: set[str] = set(manifests)
    damaged: list[str] = []
    for path in manifests:
        try:
            files = read_manifest(lake.store.get(path), path).files
        except Damaged:
            damaged.append(path.removesuffix(MANIFEST))
            continue
        named.update(file.path for file in files)
        if not all(_is_whole(lake, file, sizes, deep=deep) for file in files):
            damaged.append(path.removesuffix(MANIFEST))
    compared = _Compared(len(manifests), len(named) - len(manifests), deep=deep)
    return _finding(lake, compared, damaged, _left_behind(sizes, named))


@dataclass(frozen=True, slots=True)
class _Compared:
    """What was looked at, and how closely."""

    results: int
    files: int
    deep: bool

    def __str__(self) -> str:
        how = "every byte read" if self.deep else "by size; qraft doctor --deep reads every byte"
        return f"{self.results} results, {self.files} files, {how}"


def _is_whole(lake: Lake, file: StoredFile, sizes: Mapping[str, int], *, deep: bool) -> bool:
    """Whether a file is as its manifest says; nothing of what is read is handed on."""
    if sizes.get(file.path) != file.bytes:
        return False
    return not deep or hashlib.sha256(lake.store.get(file.path)).hexdigest() == file.sha256


def _left_behind(sizes: Mapping[str, int], named: set[str]) -> list[str]:
    """Return the files that no manifest names: what stopped runs left."""
    return [path for path in sizes if path not in named]


def _finding(lake: Lake, compared: _Compared, damaged: list[str], orphans: list[str]) -> Finding:
    if damaged:
        more = f" and {len(damaged) - 1} more" if len(damaged) > 1 else ""
        remedies = tuple(remedy(lake.store, _dataset(path)) for path in damaged[:SHOWN])
        return Finding(
            "results",
            "wrong",
            f"{len(damaged)} of {compared.results} differ from their manifests: "
            f"{damaged[0]}{more} ({compared})",
            remedies=remedies,
        )
    count_left = "1 file" if len(orphans) == 1 else f"{len(orphans)} files"
    left = f"; {count_left} that stopped runs left, never read" if orphans else ""
    return Finding("results", "ok", f"all as their manifests say: {compared}{left}")


def _dataset(prefix: str) -> DatasetId:
    zone, stage, key = prefix.split("/", 2)
    return DatasetId(zone, stage, key)
