"""What the template is filled with: one group of values for each section of the page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

from tasks.backtest.remarks import remarks_of
from tasks.report import arcs, provenance
from tasks.report.choice import choose_symbols
from tasks.report.figures.correlation import draw_correlation
from tasks.report.figures.equity import draw_equity
from tasks.report.figures.holdings import draw_holdings
from tasks.report.figures.importance import draw_importance
from tasks.report.figures.marks import legend_of
from tasks.report.figures.occurrences import draw_occurrences
from tasks.report.figures.prices import draw_series
from tasks.report.figures.rolling import draw_rolling_sharpe
from tasks.report.figures.trading import draw_trading
from tasks.report.figures.years import draw_years
from tasks.report.tables import tables
from tasks.report.tables.calibration import list_cards, tell_withheld
from tasks.report.tables.cards import deal_cards
from tasks.report.tables.findings import list_findings
from tasks.report.tables.heat import lay_out_heat
from tasks.report.verdict.evidence import estimate_signal, gather
from tasks.report.verdict.verdict import benchmark_name, compose

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tasks.report.figures.drawing import Drawing
    from tasks.report.inputs import ReportInputs
    from tasks.report.verdict.evidence import Evidence


def fill(inputs: ReportInputs) -> dict[str, Any]:
    """Return every value that the template names, but for the scripts and styles."""
    return {
        "spec": inputs.spec,
        "clock": inputs.clock,
        **_performance(inputs),
        **_model(inputs),
        **_signs(inputs),
        **_data(inputs),
        **_origins(inputs),
    }


def _performance(inputs: ReportInputs) -> dict[str, Any]:
    """What the account did: verdict, figures and plots."""
    evidence = gather(inputs)
    ic, decisions = estimate_signal(inputs)
    metrics = tables.list_metrics(inputs.metrics)
    return {
        "remarks": remarks_of(
            inputs.spec, dict(inputs.metrics.select("name", "value").iter_rows())
        ),
        "verdict": compose(evidence, ic, decisions, inputs.clock, inputs.spec.backtest.benchmark),
        "evidence": evidence,
        "benchmark": benchmark_name(inputs.spec.backtest.benchmark),
        "cards": deal_cards(metrics),
        "metrics": metrics,
        "year": inputs.year,
        "heat": lay_out_heat(inputs),
        "years": tables.list_years(inputs.by_year, inputs.clock),
        "stress": tables.list_stress(inputs.stress, inputs.clock),
        "regimes": tables.list_years(inputs.regimes, inputs.clock),
        **_drawings(inputs, evidence),
    }


PLOTS: Mapping[str, Callable[[ReportInputs], Drawing | None]] = {
    "rolling_plot": draw_rolling_sharpe,
    "years_plot": draw_years,
    "trading_plot": draw_trading,
    "holdings_plot": draw_holdings,
}
"""Plots of the account, by their name in the template."""


def _drawings(inputs: ReportInputs, evidence: Evidence | None) -> dict[str, Drawing | None]:
    correlation = {"correlation_plot": draw_correlation(inputs)}
    if evidence is None:
        return {"equity_plot": None, **dict.fromkeys(PLOTS), **correlation}
    plots = {name: draw(inputs) for name, draw in PLOTS.items()}
    return {"equity_plot": draw_equity(inputs, evidence), **plots, **correlation}


def _model(inputs: ReportInputs) -> dict[str, Any]:
    """What a model learnt from, and what it made of it; nothing for an expression."""
    return {
        "windows": tables.list_windows(inputs.windows, inputs.clock),
        "importance_plot": draw_importance(inputs),
    }


def _signs(inputs: ReportInputs) -> dict[str, Any]:
    """What the detectors found, and the series with their patterns."""
    symbols = choose_symbols(inputs)
    return {
        "symbols_drawn": len(symbols),
        "symbols_all": inputs.bars["symbol"].n_unique(),
        "series": draw_series(inputs, symbols),
        "series_legend": legend_of(inputs.patterns),
        "occurrences_plot": draw_occurrences(inputs, symbols),
        "findings": list_findings(inputs.patterns, inputs.clock),
        "patterns_all": len(inputs.patterns),
        "alarms_all": int(inputs.cards["alarms"].sum()) if len(inputs.cards) else 0,
        "cards_table": list_cards(inputs.cards, inputs.responses),
        "withheld": tell_withheld(inputs.cards, inputs.spec.discovery),
    }


def _data(inputs: ReportInputs) -> dict[str, Any]:
    """What the study was made from."""
    health, absent = tables.list_health(inputs.health)
    bars = inputs.bars
    return {
        "health": health,
        "health_absent": absent,
        "reading": tables.list_reading(inputs.reading),
        "bars_all": len(bars),
        "period": [inputs.clock.say(ts) for ts in bars["ts"].sort()[[0, -1]]] if len(bars) else [],
        "leak": {"clean": None, "cuts": 0, "rows_compared": 0, "text": "", **inputs.leak},
    }


def _origins(inputs: ReportInputs) -> dict[str, Any]:
    """Where everything came from."""
    stages = provenance.stage_rows(inputs.lineage)
    sources = provenance.sources(stages)
    read_here = list(dict.fromkeys(source.stage for source in sources.values()))
    resolved = inputs.spec.model_dump(mode="json")
    return {
        "identity": tuple((name.replace("_", " "), v) for name, v in inputs.identity.items()),
        "stages": stages,
        "sources": sources,
        "diagram": arcs.draw(stages, read_here),
        "yaml": yaml.safe_dump(resolved, sort_keys=False, allow_unicode=True, width=88),
    }
