"""The frames of a run by the names under which people ask for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from storage.lake.objects import FolderObjects
from tasks.dag.outputs import TABLES

if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextlib import ExitStack
    from pathlib import Path

    from storage.lake.lake import Lake
    from storage.lake.manifest import Manifest, StoredFile
    from tasks.dag.outputs import Output
    from tasks.runs.results import Results


@dataclass(frozen=True, slots=True)
class Dataset:
    """A table of one run: the file in the lake behind it."""

    output: Output
    manifest: Manifest

    @property
    def stored(self) -> StoredFile:
        """The file, as it was when it was committed."""
        return self.manifest.file(self.output.file)

    def verified(self, lake: Lake, stack: ExitStack) -> Path:
        """Return a path to the file's bytes, after comparing them with the manifest.

        Parameters
        ----------
        stack
            Lives as long as the path is used: a lake that is no folder gives a copy.

        Raises
        ------
        Damaged
            If the file is missing or differs.
        """
        if not isinstance(lake.store, FolderObjects):
            return stack.enter_context(lake.as_file(self.manifest, self.output.file))
        lake.read(self.manifest, self.output.file)
        return lake.store.local_path(self.stored.path)


def datasets(lake: Lake, results: Results) -> Mapping[str, Dataset]:
    """Return the tables of a run whose stages are committed, name to dataset."""
    manifests = {stage: lake.manifest(dataset) for stage, dataset in results.datasets.items()}
    found = {}
    for output in TABLES:
        manifest = manifests.get(output.stage)
        if manifest and manifest.has(output.file):
            found[output.name] = Dataset(output, manifest)
    return found
