"""A sweep: every point on the ledger first, then computed, recorded, and drawn."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from itertools import groupby, islice
from typing import TYPE_CHECKING, Any

from configs.children import protect_children
from configs.errors import BadInput, did_you_mean
from gate.evidence.outcomes import record_outcomes
from gate.evidence.trials import OWN, SWEEP
from storage.lake.manifest import DatasetId
from storage.locks import hold
from storage.open import open_lake, open_ledger, open_warehouse
from storage.warehouse.schema import TABLES
from tasks.aggregation.groups import with_members
from tasks.dag.code.closure import own_code
from tasks.dag.plan import make_plan
from tasks.dag.progress import Silent
from tasks.dag.session import Session, forget, share
from tasks.ingest.origin.landing import recall_cut, settle_cut
from tasks.ingest.origin.sources import digest as source_digest
from tasks.ingest.origin.sources import locate
from tasks.ingest.sealing import settle
from tasks.ingest.task import Ingest
from tasks.resampling import Resampling
from tasks.runs.announcement import announce
from tasks.runs.fetching import fetch
from tasks.runs.preflight import check_spec, extent_of
from tasks.sweep.computing import (
    Job,
    Source,
    compute,
    point_dataset,
    point_outcome,
    read_point,
)
from tasks.sweep.grid import leave_out
from tasks.sweep.page import draw
from tasks.sweep.table import best_first, compare_neighbours, points_table, warehouse_rows
from taskspecs.identity import SHORT, digest, spec_hash

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import polars as pl

    from configs.settings import Settings
    from configs.workspace import Workspace
    from storage.lake.lake import Lake
    from storage.lake.manifest import Manifest
    from storage.ledger import Ledger
    from tasks.dag.plan import RunPlan
    from tasks.dag.progress import Reporter
    from tasks.ingest.sealing import Sealing
    from tasks.sweep.grid import Grid

JOB_POINTS = 16
"""Points that a worker computes before it says so; few enough that little is lost by a kill."""
SAME_SWEEP_WAIT_S = 86_400.0


@dataclass(frozen=True, slots=True)
class Swept:
    """A finished sweep.

    Attributes
    ----------
    sweep_id
        Equal grids of equal studies on equal data have equal ids.
    table
        A row a point, in the order of the grid; see :func:`tasks.sweep.table.points_table`.
    manifest
        Of the result in the lake: ``points.parquet`` and ``sweep.html``.
    computed, tried
        How many points were computed now, and how many of them are new on the ledger.
    """

    sweep_id: str
    grid: Grid
    table: pl.DataFrame
    manifest: Manifest
    computed: int
    tried: int

    def best(self, by: str) -> pl.DataFrame:
        """Return the points, the highest figure first, each beside its neighbours."""
        return best_first(with_neighbours(self.table, self.grid, by), by)


def with_neighbours(table: pl.DataFrame, grid: Grid, by: str) -> pl.DataFrame:
    """Add how each point's neighbours did."""
    return table.hstack(compare_neighbours(grid, table[by].to_list()))


def sweep(
    grid: Grid,
    workspace: Workspace,
    settings: Settings,
    *,
    by: str = "sharpe",
    jobs: int = -1,
    reporter: Reporter | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> Swept:
    """Compute all points of a grid; what is done already is not done again.

    Parameters
    ----------
    grid
        From :func:`tasks.sweep.grid.lay_out_grid`.
    by
        The figure by which the page ranks points.
    jobs
        Processes; -1 for one a core. The result is the same for any number.
    on_progress
        Called with the number of points that are done, and of all points.

    Raises
    ------
    BadInput
        If a point does not fit the data, or there is no figure of that name.
    """
    ledger = open_ledger(settings, workspace)
    plans, sealing = _plans(grid, workspace, settings, ledger)
    lake = open_lake(settings, workspace)
    session = Session(workspace, settings, plans[0], lake, reporter or Silent())
    extent = extent_of(session)
    kept = leave_out(grid, partial(check_spec, extent=extent))
    settle_cut(session)
    if kept is not grid:
        grid, (plans, sealing) = kept, _plans(kept, workspace, settings, ledger)
    plans = [plan.cut_at(session.plan.cut) for plan in plans]
    session.plan = plans[0]
    ingest_bars(session)
    dataset = _dataset(plans, by)
    workspace.locks.mkdir(parents=True, exist_ok=True)
    lock = workspace.locks / f"sweep-{dataset.key[:SHORT]}.lock"
    with hold(lock, timeout_s=SAME_SWEEP_WAIT_S, what="this sweep",
              on_wait=session.reporter.waiting):  # fmt: skip
        pending = [plan for plan in plans if not lake.exists(point_dataset(plan))]
        own = spec_hash(with_members(grid.base, workspace.root)) if grid.base else ""
        about = [(plan, _about(plan, dataset.key, own)) for plan in plans]
        tried = announce(session, ledger, sealing, about, road=SWEEP)
        _compute(session, pending, len(plans), jobs, on_progress)
        record_outcomes(ledger, [point_outcome(lake, plan) for plan in plans], actor=SWEEP)
        table, manifest = _commit(lake, dataset, grid, plans, by)
        _record(session, dataset.key[:SHORT], table)
    return Swept(dataset.key[:SHORT], grid, table, manifest, len(pending), tried)


def _plans(
    grid: Grid, workspace: Workspace, settings: Settings, ledger: Ledger
) -> tuple[list[RunPlan], Sealing]:
    data = grid.points[0].spec.data
    lake = open_lake(settings, workspace)
    fetch(data, workspace, lake.store)
    bytes_digest = source_digest(data, workspace.root)
    sealing = settle(data, workspace, settings, ledger, data_digest=bytes_digest)
    plan = partial(
        make_plan,
        data_digest=bytes_digest,
        original_name=locate(data, workspace.root).name,
        sealed_from=sealing.sealed_from,
    )
    plans = [plan(with_members(point.spec, workspace.root)) for point in grid.points]
    cut = recall_cut(lake, plans[0]).cut
    return [planned.cut_at(cut) for planned in plans], sealing


def ingest_bars(session: Session) -> None:
    """Commit the bars, as the first stage of a run does."""
    share(session)
    try:
        if not session.lake.exists(session.plan.stage("ingest").dataset):
            Ingest.of(session).run()
    finally:
        forget(session)


def _dataset(plans: Sequence[RunPlan], by: str) -> DatasetId:
    key = digest(
        {
            "points": [[plan.run_id, point_dataset(plan).key] for plan in plans],
            "by": by,
            "code": _code(),
        }
    )
    return DatasetId("report", SWEEP, key)


def _code() -> str:
    """Return the digest of all code that makes a table and its page of points."""
    return own_code().of((__name__,), {}).digest


def _about(plan: RunPlan, sweep_key: str, own: str) -> dict[str, Any]:
    about: dict[str, Any] = {"sweep": sweep_key[:SHORT], "point": point_dataset(plan).key}
    return about | ({OWN: True} if plan.spec_hash == own else {})


def _compute(
    session: Session,
    pending: Sequence[RunPlan],
    total: int,
    jobs: int,
    on_progress: Callable[[int, int], None] | None,
) -> None:
    """Compute what is pending; processes of their own, for those that fork would hang."""
    from joblib import Parallel, delayed

    done = total - len(pending)
    if on_progress:
        on_progress(done, total)
    work = list(_jobs(session, pending))
    if not work:
        return
    protect_children()
    pool = Parallel(n_jobs=jobs, backend="loky", return_as="generator_unordered")
    for count in pool(delayed(compute)(job) for job in work):
        done += count
        if on_progress:
            on_progress(done, total)


def _jobs(session: Session, pending: Sequence[RunPlan]) -> Iterator[Job]:
    """Cut the points into jobs, each of points that share one signal."""

    def signal(plan: RunPlan) -> str:
        return plan.stage("signal").key

    dataset = session.plan.stage("ingest").dataset
    for _, plans in groupby(sorted(pending, key=signal), key=signal):
        while part := tuple(islice(plans, JOB_POINTS)):
            resampling = Resampling.of(part[0].spec)
            yield Job(Source(session.workspace, session.settings, dataset, resampling), part)


def _commit(
    lake: Lake, dataset: DatasetId, grid: Grid, plans: Sequence[RunPlan], by: str
) -> tuple[pl.DataFrame, Manifest]:
    results = [read_point(lake, plan) for plan in plans]
    table = points_table(grid, [plan.run_id for plan in plans], results)
    if by not in table.columns:
        known = table.columns[4:]
        reasons = sorted({result["refusal"] for result in results if result["refusal"]})
        if not known:
            raise BadInput(f"no point can be traded: {reasons[0]}")
        raise BadInput(f"there is no figure `{by}`", hint=did_you_mean(by, known))
    manifest = lake.commit(
        dataset,
        {
            "points.parquet": table,
            "sweep.html": draw(with_neighbours(table, grid, by), grid, by, plans[0]).encode(),
        },
        inputs={plan.run_id: point_dataset(plan).key for plan in plans},
        section={"by": by, "grid": {axis.name: list(axis.texts) for axis in grid.axes}},
        code=_code(),
    )
    return table, manifest


def _record(session: Session, sweep_id: str, table: pl.DataFrame) -> None:
    """Load the points into the warehouse: one partition a sweep, replaced by a repeated load."""
    columns = next(t for t in TABLES if t.name == "sweep_points").columns
    figures = [column.name for column in columns if column.kind.value == "Float64"]
    rows = warehouse_rows(table, figures, session.plan.spec.name)
    waiting = session.reporter.waiting
    with open_warehouse(session.settings, session.workspace, on_wait=waiting) as warehouse:
        warehouse.replace("sweep_points", sweep_id, rows)
