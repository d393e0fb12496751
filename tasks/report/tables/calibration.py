"""The table of calibration: how often each detector is wrong on these data, and what it notices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from configs.numbers import NONE, percent, plain, whole
from tasks.report.tables.tables import Table

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

    from taskspecs.discovery import DiscoverySpec

COLUMNS = (
    "detector", "watches", "false alarms per 1,000 bars", "small change", "medium", "large",
    "alarms", "kept",
)  # fmt: skip
METHODS = {
    "bh": "by Benjamini and Hochberg's procedure over all bars, series and detectors",
    "by": "by Benjamini and Yekutieli's procedure, under any dependence",
    "lord": "online, by LORD++",
    "saffron": "online, by SAFFRON",
    "none": "by no procedure: every alarm is kept",
}


def list_cards(cards: pl.DataFrame, responses: pl.DataFrame) -> Table:
    """Return a row for each detector's card.

    Parameters
    ----------
    cards, responses
        As the stage of detection made them; either may be empty.
    """
    if cards.is_empty():
        return Table((), ())
    return Table(COLUMNS, tuple(_row(card, responses) for card in cards.iter_rows(named=True)))


def tell_withheld(cards: pl.DataFrame, settings: DiscoverySpec) -> str:
    """Say at what level alarms were kept, and how many were not."""
    alarms, withheld = (
        int(cards[name].sum()) if len(cards) else 0 for name in ("alarms", "withheld")
    )
    return (
        f"{whole(withheld)} of {whole(alarms)} alarms are withheld at a false discovery rate of "
        f"{percent(settings.level, 0)}, {METHODS[settings.method]}."
    )


def _row(card: Mapping[str, Any], responses: pl.DataFrame) -> tuple[str, ...]:
    noticed = [_noticed(row) for row in _of(card, responses)][:3]
    rate, upper = card["false_alarms_per_1000"], card["false_alarms_per_1000_upper"]
    return (
        card["detector"].replace("_", " "),
        card["source"],
        f"{plain(rate, 2)} (≤ {plain(upper, 2)})" if rate is not None else NONE,
        *noticed,
        *[NONE] * (3 - len(noticed)),
        whole(card["alarms"]),
        whole(card["kept"]),
    )


def _of(card: Mapping[str, Any], responses: pl.DataFrame) -> list[dict[str, Any]]:
    mine = responses.filter(card_id=card["card_id"]) if len(responses) else responses
    return mine.sort("size_std").to_dicts() if len(mine) else []


def _noticed(row: Mapping[str, Any]) -> str:
    """Write power and delay, as ``1σ: 90 % in 50 bars``."""
    if row["power"] is None:
        return NONE
    after = f" in {plain(row['delay_bars'], 3)} bars" if row["delay_bars"] else ""
    return f"{row['size_std']:g}σ: {percent(row['power'], 0)}{after}"
