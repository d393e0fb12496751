"""What is asked of patterns: those of a run, a page at a time, and all that is known of one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from storage.warehouse.port import Warehouse
    from storage.warehouse.rows import (
        CardRow,
        FeedbackRow,
        FoundPattern,
        NewestPattern,
        PatternRow,
        ResponseRow,
    )

TABLES: Final = {False: "patterns", True: "withheld_patterns"}
"""Where patterns are, by whether they were withheld."""
MARKET: Final = "market"
"""What stands for the symbol of the market's own patterns."""

_PAGE: Final = """
SELECT * FROM {table}
WHERE run_id = {{run:String}}
  AND ({{type:String}} = '' OR type = {{type:String}})
  AND ({{symbol:String}} = '' OR ifNull(symbol, 'market') = {{symbol:String}})
  AND ({{detector:String}} = '' OR detector = {{detector:String}})
  AND ({{id:String}} = '' OR (-toUnixTimestamp64Micro(ts), pattern_id)
       > (-{{ts:Int64}}, {{id:String}}))
ORDER BY ts DESC, pattern_id
LIMIT {{most:UInt64}}
"""
_BY_ID: Final = """
SELECT *, true AS kept FROM patterns WHERE startsWith(pattern_id, {id:String})
UNION ALL
SELECT *, false AS kept FROM withheld_patterns WHERE startsWith(pattern_id, {id:String})
ORDER BY pattern_id, kept DESC, run_id
"""
_NEWEST: Final = """
SELECT p.pattern_id AS pattern_id, p.run_id AS run_id, p.type AS type, p.ts AS ts,
  p.symbol AS symbol, p.source AS source, p.detector AS detector, p.confidence AS confidence,
  runs.name AS study, runs.zone AS zone, runs.frequency AS frequency
FROM patterns AS p JOIN runs ON p.run_id = runs.run_id
ORDER BY coalesce(p.confidence, 0) DESC, p.pattern_id, runs.tried_at DESC, p.run_id
LIMIT 1 BY p.pattern_id LIMIT {most:Int64}
"""
_SYMBOLS: Final = """
SELECT ifNull(symbol, 'market') AS symbol FROM patterns WHERE run_id = {run:String}
UNION DISTINCT
SELECT ifNull(symbol, 'market') AS symbol FROM withheld_patterns WHERE run_id = {run:String}
ORDER BY symbol
"""
_ALL: Final = 2**62
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which patterns of a run are wanted; empty for any."""

    run_id: str
    type: str = ""
    symbol: str = ""
    """A symbol, or `MARKET`."""
    detector: str = ""
    withheld: bool = False


def patterns_of(
    warehouse: Warehouse,
    wanted: Wanted,
    *,
    after: tuple[datetime, str] | None = None,
    limit: int | None = None,
) -> list[PatternRow]:
    """Return patterns of a run, the newest first.

    Parameters
    ----------
    after
        Time and id of the last pattern of the page before.
    limit
        At most so many.
    """
    at, pattern_id = after or (_EPOCH, "")
    asked = {
        "run": wanted.run_id, "type": wanted.type, "symbol": wanted.symbol,
        "detector": wanted.detector, "ts": microseconds(at), "id": pattern_id,
        "most": _ALL if limit is None else limit,
    }  # fmt: skip
    found: list[Any] = warehouse.rows(_PAGE.format(table=TABLES[wanted.withheld]), asked)
    return found


def microseconds(at: datetime) -> int:
    """Return a time as whole microseconds since 1970: seconds as a float would round them."""
    return (at - _EPOCH) // timedelta(microseconds=1)


def counts_of(warehouse: Warehouse, *, withheld: bool = False) -> dict[str, dict[str, int]]:
    """Count patterns: run to type to how many."""
    counts: dict[str, dict[str, int]] = {}
    table = TABLES[withheld]
    sql = f"SELECT run_id, type, count() AS n FROM {table} GROUP BY run_id, type ORDER BY type"  # noqa: S608
    for row in warehouse.rows(sql):
        counts.setdefault(row["run_id"], {})[row["type"]] = int(row["n"])
    return counts


def symbols_of(warehouse: Warehouse, run_id: str) -> list[str]:
    """Return the symbols that any alarm of a run is about, `MARKET` for the market."""
    return [row["symbol"] for row in warehouse.rows(_SYMBOLS, {"run": run_id})]


def patterns_named(warehouse: Warehouse, beginning: str) -> list[FoundPattern]:
    """Return the patterns whose id begins so, a row for each run, those that were kept first."""
    found: list[Any] = warehouse.rows(_BY_ID, {"id": beginning})
    return found


def newest_patterns(warehouse: Warehouse, most: int) -> list[NewestPattern]:
    """Return the most certain patterns, each in its newest run."""
    found: list[Any] = warehouse.rows(_NEWEST, {"most": most})
    return found


def card_of(warehouse: Warehouse, run_id: str, card_id: str) -> CardRow | None:
    """Return the calibration of a detector in a run."""
    found: list[Any] = _of_card(warehouse, "calibration_cards", run_id, card_id, "card_id")
    return found[0] if found else None


def responses_of(warehouse: Warehouse, run_id: str, card_id: str) -> list[ResponseRow]:
    """Return what a detector notices of planted changes, by kind and size."""
    return _of_card(warehouse, "calibration_responses", run_id, card_id, "kind, size_std")


def feedback_of(warehouse: Warehouse, pattern_id: str) -> list[FeedbackRow]:
    """Return the ratings of a pattern, the oldest first."""
    sql = "SELECT * FROM pattern_feedback WHERE pattern_id = {id:String} ORDER BY at, feedback_id"
    found: list[Any] = warehouse.rows(sql, {"id": pattern_id})
    return found


def _of_card(warehouse: Warehouse, table: str, run_id: str, card: str, order: str) -> list[Any]:
    sql = (
        f"SELECT * FROM {table} WHERE run_id = {{run:String}} AND card_id = {{card:String}}"  # noqa: S608
        f" ORDER BY {order}"
    )
    return list(warehouse.rows(sql, {"run": run_id, "card": card}))


_LIVE: Final = (
    "SELECT source AS stream, pattern_id, detector, watched AS source, '' AS card_id"
    " FROM pattern_events WHERE startsWith(pattern_id, {beginning:String})"
    " GROUP BY ALL ORDER BY pattern_id LIMIT 3"
)


def live_patterns_of(warehouse: Warehouse, beginning: str) -> list[dict[str, Any]]:
    """Return up to three patterns of live sources whose id begins so; ``stream`` is the source."""
    return warehouse.rows(_LIVE, {"beginning": beginning})
