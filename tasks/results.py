"""Which results belong to a run, also where the code has changed since it was made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from configs.errors import BadInput, Damaged, Failed, did_you_mean
from gate import trials
from storage.manifest import DatasetId
from storage.objects import NotFound
from tasks.plan import RunPlan, read_plan
from tasks.session import plan_path
from tasks.stages import BY_NAME

if TYPE_CHECKING:
    from collections.abc import Mapping

    from storage.lake import Lake
    from storage.ledger import Ledger

LAST = "last"
"""What people write for the newest run."""


@dataclass(frozen=True, slots=True)
class Results:
    """The committed results of one run."""

    run_id: str
    study: str
    datasets: Mapping[str, DatasetId]
    """Stage to where its result is; a stage without a result is left out."""
    plan: RunPlan | None = None
    """The run's plan, if this code can still read it."""

    @property
    def finished(self) -> bool:
        """Whether the report is there, and with it everything it was made from."""
        return "report" in self.datasets


def tried(ledger: Ledger) -> list[str]:
    """Return the runs that were ever begun, the newest first, by the ledger."""
    return [entry.body["run_id"] for entry in ledger.entries(trials.KIND)][::-1]


def pick(ledger: Ledger, wanted: str = LAST) -> str:
    """Return the run that a person means: ``last``, or the beginning of its id.

    Raises
    ------
    BadInput
        If there is none, or more than one.
    """
    known = tried(ledger)
    matching = known[:1] if wanted == LAST else [run for run in known if run.startswith(wanted)]
    if len(matching) == 1:
        return matching[0]
    if not known:
        raise BadInput("there are no runs in this workspace yet", next_command="qraft demo")
    what = (
        f"more than one run begins with `{wanted}`" if matching else f"there is no run `{wanted}`"
    )
    hint = ", ".join(matching) if matching else did_you_mean(wanted, [LAST, *known])
    raise BadInput(what, hint=hint, next_command="qraft runs list")


def results_of(lake: Lake, ledger: Ledger, run_id: str) -> Results:
    """Find what a run has committed.

    Results are found by the keys that the code of today gives; where the code has changed since the
    run, by the report that the run announced in the ledger, whose manifest names all it was made
    from.
    """
    plan = _saved_plan(lake, run_id)
    planned = {s.name: s.dataset for s in plan.stages if lake.exists(s.dataset)} if plan else {}
    trial = _trial(ledger, run_id)
    study = plan.spec.name if plan else str(trial.get("strategy", run_id)).partition("@")[0]
    if "report" in planned:
        return Results(run_id, study, planned, plan)
    return Results(run_id, study, _announced(lake, trial) or planned, plan)


def _saved_plan(lake: Lake, run_id: str) -> RunPlan | None:
    try:
        return read_plan(lake.store.get(plan_path(run_id)))
    except (NotFound, Damaged):
        return None


def _trial(ledger: Ledger, run_id: str) -> Mapping[str, object]:
    found = [e.body for e in ledger.entries(trials.KIND) if e.body["run_id"] == run_id]
    return found[-1] if found else {}


def _announced(lake: Lake, trial: Mapping[str, object]) -> dict[str, DatasetId]:
    """Follow the report that a trial named to the results it was made from."""
    report = DatasetId(BY_NAME["report"].zone, "report", str(trial.get("report", "none")))
    try:
        inputs = lake.manifest(report).inputs
    except Failed:
        return {}
    found = {
        stage: DatasetId(BY_NAME[stage].zone, stage, key)
        for stage, key in inputs.items()
        if stage in BY_NAME
    }
    return {stage: data for stage, data in found.items() if lake.exists(data)} | {"report": report}
