"""The frames of a run by the names under which people ask for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from storage.lake.objects import FolderObjects

if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextlib import ExitStack
    from pathlib import Path

    from storage.lake.lake import Lake
    from storage.lake.manifest import Manifest, StoredFile
    from tasks.runs.results import Results


@dataclass(frozen=True, slots=True)
class View:
    """One name, and the stage and file that it stands for."""

    name: str
    stage: str
    file: str
    meaning: str


VIEWS: tuple[View, ...] = (
    View("bars", "ingest", "bars.parquet", "prices and volumes, adjusted"),
    View("health", "ingest", "health.parquet", "what was wrong with the data, and what was done"),
    View("study_bars", "resampling", "bars.parquet", "coarser bars, where the study works on such"),
    View("features", "features", "features.parquet", "one column for each expression"),
    View("aggregated", "aggregation", "features.parquet", "features at the times of decision"),
    View("market", "aggregation", "market.parquet", "series of the whole market"),
    View("scores", "signal", "scores.parquet", "the signal, one number a symbol and time"),
    View("ic", "signal", "ic.parquet", "information coefficient of the signal"),
    View("model_windows", "signal", "windows.parquet", "what a model learnt from and predicted"),
    View("importance", "signal", "importance.parquet", "what each feature does for a model"),
    View("alarms", "detection", "alarms.parquet", "all that the detectors said"),
    View("patterns", "detection", "patterns.parquet", "those of their alarms that stand out"),
    View("withheld", "detection", "withheld.parquet", "those that null data bring, too"),
    View("cards", "detection", "cards.parquet", "how often each detector is wrong on these data"),
    View("responses", "detection", "responses.parquet", "what each notices of planted changes"),
    View("equity", "backtest", "equity.parquet", "account, returns, costs, drawdown"),
    View("positions", "backtest", "positions.parquet", "what was held"),
    View("trades", "backtest", "trades.parquet", "what was bought and sold, and at what cost"),
    View("metrics", "backtest", "metrics.parquet", "the figures of the backtest"),
    View("by_year", "backtest", "by_year.parquet", "its figures, year by year"),
    View("stress", "backtest", "stress.parquet", "its figures under harder conditions"),
)
"""All views, in the order of the DAG."""


@dataclass(frozen=True, slots=True)
class Dataset:
    """A view of one run: the file in the lake behind it."""

    view: View
    manifest: Manifest

    @property
    def stored(self) -> StoredFile:
        """The file, as it was when it was committed."""
        return self.manifest.file(self.view.file)

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
            return stack.enter_context(lake.as_file(self.manifest, self.view.file))
        lake.read(self.manifest, self.view.file)
        return lake.store.local_path(self.stored.path)


def datasets(lake: Lake, results: Results) -> Mapping[str, Dataset]:
    """Return the views of a run whose stages are committed, name to dataset."""
    manifests = {stage: lake.manifest(dataset) for stage, dataset in results.datasets.items()}
    found = {}
    for view in VIEWS:
        manifest = manifests.get(view.stage)
        if manifest and any(file.name == view.file for file in manifest.files):
            found[view.name] = Dataset(view, manifest)
    return found
