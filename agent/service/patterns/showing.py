"""One pattern with its evidence, and the bars around it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from agent.service.patterns.models import Bars, Calibration, Feedback, PatternDetail, Response
from agent.service.patterns.reading import find_pattern, level_of, with_values
from agent.service.runs.naming import need_runs
from configs.errors import BadInput
from storage.warehouse import patterns as queries

if TYPE_CHECKING:
    from collections.abc import Mapping

    from agent.service.model import Model
    from agent.service.service import Service
    from storage.warehouse.rows import FoundPattern

AROUND: Final = 20
"""Bars before and after a pattern that are shown where nothing else is asked for."""


def show_pattern(service: Service, wanted: str) -> PatternDetail:
    """Return all that is known of a pattern.

    Parameters
    ----------
    wanted
        Its id, or the beginning of it.

    Raises
    ------
    BadInput
        If no pattern's id, or more than one's, begins so.
    """
    from storage.warehouse.runs import run_of

    need_runs(service)
    with service.warehouse() as warehouse:
        found = find_pattern(warehouse, wanted)
        one = found[0]
        run = run_of(warehouse, one["run_id"])
        card = queries.card_of(warehouse, one["run_id"], one["card_id"])
        responses = queries.responses_of(warehouse, one["run_id"], one["card_id"])
        ratings = queries.feedback_of(warehouse, one["pattern_id"])
    told = with_values(one)
    return PatternDetail(
        **_only(PatternDetail, told),
        runs=list(dict.fromkeys(each["run_id"] for each in found)),
        zone=run["zone"] if run else "UTC",
        frequency=run["frequency"] if run else "day",
        level=level_of(run) if run else 0.0,
        calibration=Calibration(
            **_only(Calibration, card),
            responses=[Response(**_only(Response, r)) for r in responses],
        )
        if card
        else None,
        feedback=[Feedback(**_only(Feedback, each)) for each in ratings],
    )


def bars_around(
    service: Service, wanted: str, *, before: int = AROUND, after: int = AROUND
) -> Bars:
    """Return the bars before and after a pattern, from the lake, where every byte is checked.

    Raises
    ------
    BadInput
        If there is no such pattern, or its run's bars are not there any more.
    Forbidden
        If they reach into what has been sealed since.
    """
    import polars as pl

    need_runs(service)
    with service.warehouse() as warehouse:
        one = find_pattern(warehouse, wanted)[0]
    frame = _series(service, one)
    if one["symbol"] is not None:
        frame = frame.filter(pl.col("symbol") == one["symbol"])
    frame = frame.sort("ts")
    earlier = frame.filter(pl.col("ts") <= one["ts"]).tail(before + 1)
    later = frame.filter(pl.col("ts") > one["ts"]).head(after)
    return Bars(
        pattern_id=one["pattern_id"], run_id=one["run_id"], ts=one["ts"], symbol=one["symbol"],
        bars=pl.concat([earlier, later]).to_dicts(),
    )  # fmt: skip


def _series(service: Service, one: FoundPattern) -> Any:
    """Return the frame that a pattern is about: bars, or the market's series."""
    from tasks.dag.datasets import datasets
    from tasks.runs.results import results_of

    views = datasets(service.lake, results_of(service.lake, service.ledger, one["run_id"]))
    names = ("study_bars", "bars") if one["symbol"] is not None else ("market",)
    view = next((views[name] for name in names if name in views), None)
    if view is None:
        raise BadInput(f"the bars of the run {one['run_id']} are not there any more")
    return service.lake.frame(view.manifest, view.output.file)


def _only(model: type[Model], row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name in model.model_fields}
