"""In what volumes and amounts of money are counted: single shares, lots of 100, thousands."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from tasks.ingest.health import Finding
from tasks.ingest.understanding import Understood

if TYPE_CHECKING:
    from collections.abc import Mapping

    from taskspecs.schema import DataSpec

_BRACKETS = re.compile(r"[(\[（]\s*(.*?)\s*[)\]）]|,\s*(thousands?|millions?)\s*$|\bin\s+(\S+)$")
_IN_HEADINGS = {
    "手": 100, "股": 1, "千股": 1e3, "万股": 1e4, "百万股": 1e6, "亿股": 1e8, "張": 1e3, "张": 1e3,
    "元": 1, "千元": 1e3, "万元": 1e4, "百万元": 1e6, "亿元": 1e8, "円": 1, "千円": 1e3,
    "百万円": 1e6, "株": 1, "千株": 1e3, "shares": 1, "share": 1,
    "000": 1e3, "000s": 1e3, "'000": 1e3, "'000s": 1e3, "’000": 1e3, "in 000s": 1e3, "in 000": 1e3,
    "thousand": 1e3, "thousands": 1e3, "in thousands": 1e3, "k": 1e3, "tsd": 1e3, "tsd.": 1e3,
    "million": 1e6, "millions": 1e6, "in millions": 1e6, "m": 1e6, "mm": 1e6, "mio": 1e6,
    "mio.": 1e6, "mln": 1e6, "mn": 1e6, "lakh": 1e5, "lakhs": 1e5, "in lakhs": 1e5, "lacs": 1e5,
    "₹ lakhs": 1e5, "rs. lakhs": 1e5, "rs. in lakhs": 1e5, "₹ crores": 1e7, "crore": 1e7,
    "crores": 1e7, "in crores": 1e7, "₹ cr": 1e7, "rs. cr.": 1e7, "rs. cr": 1e7, "cr": 1e7,
    "billion": 1e9, "billions": 1e9, "mrd": 1e9, "mrd.": 1e9,
}  # fmt: skip
# Amount over close times volume: units of volume and of amount that explain it, the usual first.
_RATIOS = (
    (1.0, 1.0, 1.0),
    (100.0, 100.0, 1.0),
    (0.1, 100.0, 1e3),
    (1e-3, 1.0, 1e3),
    (1e-4, 1.0, 1e4),
    (1e-2, 100.0, 1e4),
    (1e3, 1e3, 1.0),
    (1e-6, 1.0, 1e6),
    (1e4, 1e4, 1.0),
    (1e-5, 1.0, 1e5),
    (1e-7, 1.0, 1e7),
    (1e-8, 1.0, 1e8),
)
_NEAR, _STEADY, _ROWS = 0.15, 0.3, 3


@dataclass(frozen=True, slots=True)
class Units:
    """What volumes and amounts are multiplied by."""

    volume: float
    amount: float
    understood: tuple[Understood, ...]
    findings: tuple[Finding, ...]


def tell(rows: pl.DataFrame, headings: Mapping[str, str], data: DataSpec) -> Units:
    """Tell the units of volume and amount.

    As a spec or a heading says; else by their ratio, for close times volume is about the amount.

    Parameters
    ----------
    rows
        `close`, `volume`, and `amount` where the file has it, as written.
    headings
        Canonical column to heading.
    data
        The `data` section of a spec.

    Returns
    -------
    Units
        With a finding where something was multiplied, or where nothing explains the ratio.

    Examples
    --------
    >>> from taskspecs.schema import DataSpec
    >>> rows = pl.DataFrame({"close": [10.0] * 3, "volume": [5.0] * 3, "amount": [5000.0] * 3})
    >>> tell(rows, {}, DataSpec()).volume
    100.0
    """
    told = {"volume": data.volume_unit, "amount": data.amount_unit}
    known = {name: told[name] or of_heading(headings.get(name, "")) for name in told}
    ratio = _ratio(rows)
    volume, amount, certainty = known["volume"] or 1.0, known["amount"] or 1.0, "guessed"
    mismatch = ""
    if ratio is not None:
        fitting = [
            (v, a)
            for size, v, a in _RATIOS
            if _is_near(ratio, size)
            and known["volume"] in {None, v}
            and known["amount"] in {None, a}
        ]
        if fitting:
            (volume, amount), certainty = (
                fitting[0],
                "sure" if ratio and len(fitting) == 1 else "guessed",
            )
        elif not _is_near(ratio * amount / volume, 1.0):
            mismatch = f"the amount is {ratio * amount / volume:.4g} times close times volume"
    findings = []
    if (volume, amount) != (1.0, 1.0):
        what = [f"{n} times {u:g}" for n, u in (("volume", volume), ("amount", amount)) if u != 1.0]
        findings.append(Finding("units", rows.height, 0, ", ".join(what)))
    findings.append(Finding("unit_mismatch", int(bool(mismatch)), 0, mismatch))
    understood = tuple(
        Understood(
            f"{name} unit",
            f"{unit:g}" + (" (close times volume is the amount)" if ratio and not mismatch else ""),
            "told" if told[name] else "sure" if known[name] else certainty,  # type: ignore[arg-type]
            f"{name}_unit: {100 if unit == 1 else 1}",
        )
        for name, unit in (("volume", volume), ("amount", amount))
        if name in rows.columns and rows[name].null_count() < rows.height
    )
    return Units(volume, amount, understood, tuple(findings))


def of_heading(heading: str) -> float | None:
    """Return the unit that a heading says in brackets or behind `in`, if it does.

    Examples
    --------
    >>> of_heading("成交量(手)"), of_heading("Volume (in 000s)"), of_heading("Volume")
    (100, 1000.0, None)
    """
    for match in _BRACKETS.finditer(heading.strip().lower()):
        said = next(group for group in match.groups() if group)
        for text in (said, said.removeprefix("in ").strip(), said.replace("₹", "").strip()):
            if text in _IN_HEADINGS:
                return _IN_HEADINGS[text]
    return None


def _ratio(rows: pl.DataFrame) -> float | None:
    """Return the usual ratio of amount to close times volume; None where it is not steady."""
    if not {"close", "volume", "amount"} <= set(rows.columns):
        return None
    usable = rows.select("close", "volume", "amount").filter(
        pl.all_horizontal(pl.all().is_finite() & (pl.all() > 0))
    )
    if usable.height < min(_ROWS, rows.height) or usable.is_empty():
        return None
    logs = usable.select(
        (pl.col("amount") / pl.col("close") / pl.col("volume")).log10()
    ).to_series()
    middle = logs.median()
    if not isinstance(middle, float):
        return None
    steady = ((logs - middle).abs() < _STEADY).mean()
    return float(10**middle) if isinstance(steady, float) and steady > 0.8 else None


def _is_near(ratio: float, size: float) -> bool:
    from math import log10

    return ratio > 0 and abs(log10(ratio / size)) < _NEAR
