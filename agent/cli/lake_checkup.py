"""A look at every result in the lake: what its manifest names, and what is really there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.cli.findings import Finding
from configs.errors import Damaged
from storage.manifest import read_manifest
from tasks.stages import STAGES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from storage.lake import Lake

ZONES = ("raw", *dict.fromkeys(kind.zone for kind in STAGES))
MANIFEST = "/manifest.json"


def examine_results(lake: Lake) -> Finding:
    """Compare the size of every file with its manifest.

    Sizes are compared here, digests whenever a file is read.
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
        if any(sizes.get(file.path) != file.bytes for file in files):
            damaged.append(path.removesuffix(MANIFEST))
    return _finding(len(manifests), damaged, _left_behind(sizes, named))


def _left_behind(sizes: Mapping[str, int], named: set[str]) -> list[str]:
    """Return the files that no manifest names: what stopped runs left."""
    return [path for path in sizes if path not in named]


def _finding(count: int, damaged: list[str], orphans: list[str]) -> Finding:
    if damaged:
        more = f" and {len(damaged) - 1} more" if len(damaged) > 1 else ""
        return Finding(
            "results",
            "wrong",
            f"{len(damaged)} of {count} differ from their manifests: {damaged[0]}{more}",
            f"rm -r {' '.join(f'.qraft/lake/{path}' for path in damaged[:5])}"
            "   (the next run makes them again)",
        )
    count_left = "1 file" if len(orphans) == 1 else f"{len(orphans)} files"
    left = f"; {count_left} that stopped runs left, never read" if orphans else ""
    return Finding("results", "ok", f"{count}, all as their manifests say{left}")
