"""Many variants of one study, by the fast engine; the best of them is run again by qlib."""

from __future__ import annotations

import json
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any, Final

from agent.service.model import Model
from agent.service.specs import locating

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager

    from agent.service.service import Service
    from agent.service.specs import Written
    from tasks.dag.progress import Reporter
    from tasks.runs.run import Outcome
    from tasks.sweep.grid import Grid
    from tasks.sweep.sweep import Swept as Done

    OnProgress = Callable[[int, int], None]

SHOWN: Final = 10
"""Points that are told, the best first."""
AGAIN: Final = ("annual_return", "sharpe", "max_drawdown", "annual_turnover", "final_account")
"""Figures of the winner, by both engines."""


class BothEngines(Model):
    """A figure of the best point, by the fast engine and by qlib."""

    name: str
    fast: float | None
    qlib: float | None


class Winner(Model):
    """The best point, run again by qlib, with a report of its own."""

    run_id: str
    figures: list[BothEngines]


class Swept(Model):
    """What came of a sweep; every point is a trial on the ledger."""

    sweep_id: str
    axes: list[str]
    """What was varied."""
    points: int
    computed: int
    """Here and now; the others were found done."""
    new_trials: int
    left_out: int
    refused: int
    by: str
    """The figure that ranks points."""
    best: list[dict[str, Any]]
    """The best points first: what was ``changed``, figures, and those of their neighbours."""
    winner: Winner | None
    page: str


def lay_out(
    spec: Written, axes: Sequence[str], *, sample: int | None = None, seed: int = 0
) -> Grid:
    """Lay out the points of a sweep.

    Parameters
    ----------
    axes
        Keys of the TaskSpec and their values, as ``topk=1,2,3``; ``KEY@NUMBER`` varies a number of
        an expression.
    sample
        Draw so many points; default all.

    Raises
    ------
    BadInput
        If an axis names no key, or no point is left.
    """
    from tasks.sweep.axes import read_axis
    from tasks.sweep.grid import lay_out_grid

    varied = [read_axis(text, spec.taskspec) for text in axes]
    return lay_out_grid(spec.document, varied, sample=sample, seed=seed)


def _show_nobody(_points: int) -> AbstractContextManager[OnProgress]:
    return nullcontext(lambda _done, _total: None)


def sweep(
    service: Service,
    spec: Written,
    grid: Grid,
    *,
    by: str = "sharpe",
    jobs: int = -1,
    showing: Callable[[int], AbstractContextManager[OnProgress]] = _show_nobody,
    reporting: Callable[[], AbstractContextManager[Reporter | None]] = nullcontext,
) -> Swept:
    """Run every point of a grid that is not done yet, and the best of them by qlib.

    Parameters
    ----------
    jobs
        Processes; -1 for one a core.
    showing
        Opened, with the number of points, as long as they are computed; what it gives is told how
        many of how many are done.
    reporting
        Opened as long as the best point is run; what it gives hears how that goes.

    Raises
    ------
    BadInput
        Located in the spec's document, if no point fits the data.
    """
    from tasks.sweep.sweep import sweep as sweep_

    with locating(spec):
        with showing(len(grid.points)) as tell:
            done = sweep_(
                grid, service.workspace, service.settings, by=by, jobs=jobs, on_progress=tell
            )
        if (misfits := done.grid.left_out - grid.left_out) > 0:
            service.say(f"{misfits} combinations do not fit the data: {done.grid.reason}")
        with reporting() as reporter:
            winner = _run_winner(service, done, by, reporter)
    return _tell(service, done, winner, by)


def _run_winner(service: Service, done: Done, by: str, reporter: Reporter | None) -> Outcome | None:
    """Run the best point by qlib, as any study is run."""
    from gate.evidence.trials import SWEEP
    from tasks.runs.run import run

    best = done.best(by)
    if best.is_empty():
        return None
    spec = next(p.spec for p in done.grid.points if p.number == best["number"][0])
    return run(spec, service.workspace, service.settings, road=SWEEP, reporter=reporter)


def _tell(service: Service, done: Done, winner: Outcome | None, by: str) -> Swept:
    from tasks.scheduler.page_link import write_once

    page = write_once(
        service.workspace.reports / f"sweep-{done.sweep_id}.html",
        service.lake.read(done.manifest, "sweep.html"),
    )
    best = done.best(by).to_dicts()
    return Swept(
        sweep_id=done.sweep_id,
        axes=[axis.name for axis in done.grid.axes],
        points=done.table.height,
        computed=done.computed,
        new_trials=done.tried,
        left_out=done.grid.left_out,
        refused=done.table.filter(done.table["refusal"] != "").height,
        by=by,
        best=[{**row, "changed": json.loads(row["changed"])} for row in best[:SHOWN]],
        winner=_winner(winner, best[0]) if winner and best else None,
        page=str(page),
    )


def _winner(winner: Outcome, point: dict[str, Any]) -> Winner:
    metrics = dict(winner.session.frame("backtest", "metrics").select("name", "value").iter_rows())
    return Winner(
        run_id=winner.session.plan.run_id,
        figures=[BothEngines(name=n, fast=point.get(n), qlib=metrics.get(n)) for n in AGAIN],
    )
