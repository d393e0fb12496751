"""One pattern as a page of the terminal: what changed, how sure, and what that is worth."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from configs import output

if TYPE_CHECKING:
    from datetime import datetime

    from agent.service.patterns.models import Calibration, PatternDetail

MARKET = "market"


def local(ts: datetime, *, zone: str, frequency: str) -> str:
    """Write a bar's time in the data's zone: its day alone where bars are days or longer."""
    here = ts.astimezone(ZoneInfo(zone))
    daily = frequency in {"day", "week", "month"}
    return f"{here:%Y-%m-%d}" if daily else f"{here:%Y-%m-%d %H:%M}"


def show_pattern(pattern: PatternDetail) -> None:
    """Print the page."""
    kept = "kept" if pattern.kept else "withheld: null data bring alarms like it too often"
    time = local(pattern.ts, zone=pattern.zone, frequency=pattern.frequency)
    output.print_facts(
        {
            "pattern": pattern.pattern_id,
            "type": pattern.type,
            "time": f"{time} ({pattern.zone})",
            "symbol": pattern.symbol or MARKET,
            "watched": pattern.source,
            "detector": pattern.detector,
            "confidence": pattern.confidence,
            "p-value a bar": pattern.p_value,
            "at level": f"{pattern.level:g}, {kept}",
            "in runs": ", ".join(pattern.runs),
        }
    )
    output.print_rows(_figures(pattern), ["when", "figure", "value", "unit"], empty="",
                      title="Figures")  # fmt: skip
    output.print_facts(pattern.metrics.get("settings", {}), title="Settings")
    contributors = [dict(each) for each in pattern.contributors]
    output.print_rows(contributors, ["field", "score"], empty="", title="Contributors")
    if pattern.calibration:
        _show_card(pattern.calibration)
    if pattern.feedback:
        ratings = [dict(each) for each in pattern.feedback]
        output.print_rows(ratings, ["actor", "verdict", "note"], empty="", title="Feedback",
                          cut=["note"])  # fmt: skip


def _figures(pattern: PatternDetail) -> list[dict[str, Any]]:
    return [
        {"when": when, "figure": name, "value": figure["value"], "unit": figure["unit"]}
        for when, figures in (
            ("before", pattern.prev_state),
            ("after", pattern.new_state),
            ("evidence", pattern.metrics),
        )
        for name, figure in figures.items()
        if name != "settings"
    ]


def _show_card(card: Calibration) -> None:
    """Print how the detector does on this data set."""
    output.print_facts(
        {
            "null data": f"{card.null_bars:,} bars from {card.sampled_series} of "
            f"{card.series} series, in blocks of {card.block_bars:.0f} bars",
            "false alarms": f"{output.shown(card.false_alarms_per_1000)} per 1,000 bars, at "
            f"most {output.shown(card.false_alarms_per_1000_upper)} (95%)",
            "alarms here": f"{card.alarms}, of which {card.kept} kept",
        },
        title="Calibration",
    )
    output.print_rows(
        [
            {"planted": each.kind, "size": f"{each.size_std:g} std",
             "noticed": f"{each.noticed} of {each.planted}", "delay bars": each.delay_bars}
            for each in card.responses
        ],
        ["planted", "size", "noticed", "delay bars"],
        empty="",
    )  # fmt: skip
