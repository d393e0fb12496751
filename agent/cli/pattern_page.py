"""One pattern as a page of the terminal: what changed, how sure, and what that is worth."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from configs import output
from configs.errors import BadInput

if TYPE_CHECKING:
    from datetime import datetime

    from agent.cli.recorded import Row
    from storage.warehouse.port import Warehouse

MARKET = "market"
JSON_COLUMNS = ("prev_state", "new_state", "metrics")

SHOW = """
SELECT *, true AS kept FROM patterns WHERE startsWith(pattern_id, {id:String})
UNION ALL
SELECT *, false AS kept FROM withheld_patterns WHERE startsWith(pattern_id, {id:String})
ORDER BY pattern_id, kept DESC, run_id
"""
CARD = """
SELECT * FROM calibration_cards WHERE run_id = {run:String} AND card_id = {card:String}
ORDER BY card_id
"""
RESPONSES = """
SELECT kind, size_std, planted, noticed, power, delay_bars FROM calibration_responses
WHERE run_id = {run:String} AND card_id = {card:String} ORDER BY kind, size_std
"""
FEEDBACK = """
SELECT feedback_id, actor, rating, verdict, note, at FROM pattern_feedback
WHERE pattern_id = {id:String} ORDER BY at, feedback_id
"""


def find_pattern(warehouse: Warehouse, wanted: str) -> list[Row]:
    """Return the rows, one for each run that has it, of the pattern that a person means.

    Raises
    ------
    BadInput
        If no pattern's id, or more than one's, begins so.
    """
    found = warehouse.rows(SHOW, {"id": wanted})
    ids = list(dict.fromkeys(row["pattern_id"] for row in found))
    if len(ids) == 1:
        return [with_values(row) for row in found]
    raise BadInput(
        f"{len(ids)} patterns begin with `{wanted}`" if ids else f"there is no pattern `{wanted}`",
        hint=", ".join(ids[:10]) if ids else None,
        next_command="qraft patterns list",
    )


def gather_pattern(warehouse: Warehouse, found: list[Row]) -> tuple[Row, Row]:
    """Return all that is told of a pattern, and the run it is told of."""
    one = found[0]
    runs = {row["run_id"]: row for row in warehouse.rows("SELECT * FROM runs ORDER BY run_id")}
    wanted = {"run": one["run_id"], "card": one["card_id"]}
    cards = warehouse.rows(CARD, wanted)
    value = {
        **{name: content for name, content in one.items() if name != "run_id"},
        "runs": list(dict.fromkeys(row["run_id"] for row in found)),
        "calibration": {
            **{k: v for k, v in cards[0].items() if k not in {"run_id", "settings"}},
            "responses": warehouse.rows(RESPONSES, wanted),
        }
        if cards
        else None,
        "feedback": warehouse.rows(FEEDBACK, {"id": one["pattern_id"]}),
    }
    return value, runs[one["run_id"]]


def with_values(pattern: Row) -> Row:
    """Read the columns that hold JSON."""
    return {**pattern, **{name: json.loads(pattern[name]) for name in JSON_COLUMNS}}


def local(ts: datetime, run: Row) -> str:
    """Write a bar's time in the data's zone: its day alone where bars are days or longer."""
    here = ts.astimezone(ZoneInfo(run["zone"]))
    daily = run["frequency"] in {"day", "week", "month"}
    return f"{here:%Y-%m-%d}" if daily else f"{here:%Y-%m-%d %H:%M}"


def show_pattern(value: Row, run: Row) -> None:
    """Print the page."""
    level = json.loads(run["spec"])["discovery"]["level"]
    kept = "kept" if value["kept"] else "withheld: null data bring alarms like it too often"
    output.print_facts(
        {
            "pattern": value["pattern_id"],
            "type": value["type"],
            "time": f"{local(value['ts'], run)} ({run['zone']})",
            "symbol": value["symbol"] or MARKET,
            "watched": value["source"],
            "detector": value["detector"],
            "confidence": value["confidence"],
            "p-value a bar": value["p_value"],
            "at level": f"{level:g}, {kept}",
            "in runs": ", ".join(value["runs"]),
        }
    )
    output.print_rows(_figures(value), ["when", "figure", "value", "unit"], empty="",
                      title="Figures")  # fmt: skip
    output.print_facts(value["metrics"].get("settings", {}), title="Settings")
    output.print_rows(value["contributors"], ["field", "score"], empty="", title="Contributors")
    if value["calibration"]:
        _show_card(value["calibration"])
    if value["feedback"]:
        output.print_rows(value["feedback"], ["actor", "verdict", "note"], empty="",
                          title="Feedback", cut=["note"])  # fmt: skip


def _figures(value: Row) -> list[dict[str, Any]]:
    return [
        {"when": when, "figure": name, "value": figure["value"], "unit": figure["unit"]}
        for when, column in (
            ("before", "prev_state"),
            ("after", "new_state"),
            ("evidence", "metrics"),
        )
        for name, figure in value[column].items()
        if name != "settings"
    ]


def _show_card(card: Row) -> None:
    """Print how the detector does on this data set."""
    output.print_facts(
        {
            "null data": f"{card['null_bars']:,} bars from {card['sampled_series']} of "
            f"{card['series']} series, in blocks of {card['block_bars']:.0f} bars",
            "false alarms": f"{output.shown(card['false_alarms_per_1000'])} per 1,000 bars, at "
            f"most {output.shown(card['false_alarms_per_1000_upper'])} (95%)",
            "alarms here": f"{card['alarms']}, of which {card['kept']} kept",
        },
        title="Calibration",
    )
    output.print_rows(
        [
            {"planted": row["kind"], "size": f"{row['size_std']:g} std",
             "noticed": f"{row['noticed']} of {row['planted']}", "delay bars": row["delay_bars"]}
            for row in card["responses"]
        ],
        ["planted", "size", "noticed", "delay bars"],
        empty="",
    )  # fmt: skip
