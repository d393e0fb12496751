"""Which results belong to a run, also where the code has changed since it was made."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gate.evidence import proposals, trials
from storage.lake.manifest import DatasetId
from storage.lake.objects import NotFound
from tasks.dag.session import plan_path
from tasks.dag.stages import BY_NAME
from tasks.runs.names import LAST, RunName, choose_run

if TYPE_CHECKING:
    from collections.abc import Mapping

    from storage.lake.lake import Lake
    from storage.ledger import Entry, Ledger


@dataclass(frozen=True, slots=True)
class Results:
    """The committed results of one run."""

    run_id: str
    study: str
    datasets: Mapping[str, DatasetId]
    """Stage to where its result is; a stage without a result is left out."""

    @property
    def finished(self) -> bool:
        """Whether the report is there, and with it everything it was made from."""
        return "report" in self.datasets


def tried(ledger: Ledger) -> list[str]:
    """Return the runs that were ever begun, the newest first, by the ledger."""
    return [entry.body["run_id"] for entry in _begun(ledger)][::-1]


def _begun(ledger: Ledger) -> list[Entry]:
    """Return the trials that are runs; a sweep's or a research's are where they were proposed."""
    proposed = {entry.body["run_id"] for entry in ledger.entries(proposals.KIND)}
    return [
        entry
        for entry in ledger.entries(trials.KIND)
        if entry.body["road"] not in trials.WITHOUT_REPORT or entry.body["run_id"] in proposed
    ]


def pick(ledger: Ledger, wanted: str = LAST) -> str:
    """Return the run that a person means, of those that were ever begun.

    Raises
    ------
    BadInput
        If there is none, or more than one; see :func:`tasks.runs.names.choose_run`.
    """
    begun = [
        RunName(
            entry.body["run_id"],
            entry.body["strategy"].partition("@")[0],
            trials.varied_by(entry.body),
        )
        for entry in _begun(ledger)
    ]
    return choose_run(begun[::-1], wanted)


def results_of(lake: Lake, ledger: Ledger, run_id: str) -> Results:
    """Find what a run has committed, by the keys that were written down when it was made.

    They are in the plan that the run saved when it began, and in what it proposed when it was done.
    The plan of a run that was begun anew by other code, and stopped, does not hide what the run had
    committed before.
    """
    saved = _saved(lake, run_id)
    begun = _committed(lake, saved.get("keys", {}))
    study = saved.get("spec", {}).get("name", run_id)
    if "report" in begun:
        return Results(run_id, study, begun)
    proposed = [
        entry.body["evidence"].get("keys", {})
        for entry in ledger.entries(proposals.KIND)
        if entry.body["run_id"] == run_id
    ]
    done = _committed(lake, proposed[-1]) if proposed else {}
    return Results(run_id, study, done if "report" in done else begun)


def _saved(lake: Lake, run_id: str) -> dict[str, Any]:
    try:
        saved = json.loads(lake.store.get(plan_path(run_id)))
    except (NotFound, ValueError):
        return {}
    return saved if isinstance(saved, dict) else {}


def _committed(lake: Lake, keys: Mapping[str, str]) -> dict[str, DatasetId]:
    datasets = {
        stage: DatasetId(BY_NAME[stage].zone, stage, key)
        for stage, key in keys.items()
        if stage in BY_NAME
    }
    return {stage: dataset for stage, dataset in datasets.items() if lake.exists(dataset)}
