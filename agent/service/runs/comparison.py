"""Runs side by side, and a run held against its own repetition."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from agent.service.model import Model
from agent.service.runs.naming import find_id, find_run, need_runs
from configs.errors import BadInput
from configs.remedies import Mend

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agent.service.service import Service
    from storage.warehouse.rows import RunRow
    from tasks.dag.progress import Reporter
    from tasks.runs.comparison.table import Compared

FIGURES: Final = (
    "annual_return", "benchmark_annual_return", "annual_volatility", "sharpe",
    "sharpe_standard_error", "sortino", "max_drawdown", "max_drawdown_days", "calmar",
    "annual_turnover", "annual_cost", "exposure", "ic_mean", "ic_t", "capacity",
)  # fmt: skip
"""The figures that are compared without being asked for."""
MOST: Final = 8


class ComparedRun(Model):
    """One of the runs."""

    label: str
    """What the figures call it."""
    run_id: str
    study: str


class ComparedFigure(Model):
    """A figure of all the runs."""

    name: str
    unit: str
    values: dict[str, float | None]
    """By the runs' labels."""


class Comparison(Model):
    """Two to eight runs side by side."""

    runs: list[ComparedRun]
    figures: list[ComparedFigure]
    page: str
    """The file of an overlay plot."""


class ReplayedFile(Model):
    """A file of a run, as it was and as it is made now: its digests, or none."""

    stage: str
    name: str
    same: bool
    before: str | None
    now: str | None


class Replay(Model):
    """What came of repeating a run."""

    run_id: str
    study: str
    identical: bool
    files: list[ReplayedFile]
    changed: dict[str, list[str]]
    """Stage to what of its making is different now."""


def compare_runs(
    service: Service, wanted: Sequence[str], *, everything: bool = False
) -> Comparison:
    """Compare runs by figures and a plot.

    Parameters
    ----------
    wanted
        Two to eight of them: ``last``, the beginnings of ids, or studies' names.
    everything
        All figures, instead of `FIGURES`.

    Raises
    ------
    BadInput
        If one of them is not there, or there are too few or too many.
    Damaged
        If a file of theirs differs from its manifest.
    """
    from tasks.runs.comparison.page import draw
    from tasks.runs.comparison.table import compare_figures
    from tasks.scheduler.page_link import write_once

    compared = [_compared(service, row, label) for row, label in _chosen(service, wanted)]
    page = write_once(
        service.workspace.reports / f"compare-{'-'.join(run.run_id[:6] for run in compared)}.html",
        draw(compared).encode(),
    )
    labels = [run.label for run in compared]
    return Comparison(
        runs=[ComparedRun(label=run.label, run_id=run.run_id, study=run.study) for run in compared],
        figures=[
            ComparedFigure(
                name=row["name"], unit=row["unit"], values={label: row[label] for label in labels}
            )
            for row in compare_figures(compared, None if everything else FIGURES)
        ],
        page=str(page),
    )


def replay_run(service: Service, wanted: str, *, reporter: Reporter | None = None) -> Replay:
    """Repeat a run in a scratch folder, and compare every file; it changes nothing.

    Raises
    ------
    BadInput
        If there is no such run.
    """
    from tasks.runs.replay import replay

    run_id = find_id(service, wanted)
    done = replay(run_id, service.workspace, service.settings, reporter=reporter)
    return Replay(
        run_id=done.run_id,
        study=done.study,
        identical=done.identical,
        files=[
            ReplayedFile(stage=v.stage, name=v.name, same=v.same, before=v.before, now=v.now)
            for v in done.verdicts
        ],
        changed={stage: list(what) for stage, what in done.changed.items()},
    )


def _chosen(service: Service, wanted: Sequence[str]) -> list[tuple[RunRow, str]]:
    """Return the rows of the runs that are meant, each once, and what to call them."""
    from tasks.runs.comparison.table import labels

    need_runs(service)
    with service.warehouse() as warehouse:
        found = {row["run_id"]: row for row in (find_run(warehouse, each) for each in wanted)}
    if not 2 <= len(found) <= MOST:
        raise BadInput(
            f"{len(found)} run{'s' if len(found) != 1 else ''} cannot be compared",
            hint=f"name two to {MOST} different runs",
            remedy=Mend.LIST_RUNS(),
        )
    names = labels([(row["name"], run_id) for run_id, row in found.items()])
    return list(zip(found.values(), names, strict=True))


def _compared(service: Service, row: RunRow, label: str) -> Compared:
    """Read a run's figures and its account from the lake, where every byte is checked."""
    from tasks.runs.comparison.table import Compared
    from tasks.runs.results import results_of

    lake = service.lake
    results = results_of(lake, service.ledger, row["run_id"])
    manifest = lake.manifest(results.datasets["backtest"])
    return Compared(
        label,
        row["run_id"],
        row["name"],
        lake.frame(manifest, "metrics.parquet"),
        lake.frame(manifest, "equity.parquet"),
    )
