"""What was found in a source, and the report on it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import polars as pl

from tasks.ingest.rules import BY_NAME, RULES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tasks.ingest.times.clock import Clock

SCHEMA = {
    "rule": pl.String,
    "action": pl.String,
    "count": pl.Int64,
    "symbols": pl.Int64,
    "example": pl.String,
    "meaning": pl.String,
}


@dataclass(frozen=True, slots=True)
class Finding:
    """How often a rule applied."""

    rule: str
    count: int
    symbols: int = 0
    example: str = ""

    @classmethod
    def of(
        cls,
        rule: str,
        rows: pl.DataFrame,
        clock: Clock,
        *,
        show: Sequence[str] = (),
        count: int | None = None,
    ) -> Finding:
        """Describe the rows that a rule applied to; the first is the example.

        Parameters
        ----------
        rows
            At least `symbol` and `ts`.
        show
            Columns whose values the example shows.
        count
            How often, where it is not the number of rows.
        """
        if rows.is_empty():
            return cls(rule, 0)
        first = rows.row(0, named=True)
        values = ", ".join(f"{name} {_shown(first[name])}" for name in show)
        example = f"{first['symbol']} {clock.show(first['ts'])}" + (f": {values}" if values else "")
        counted = rows.height if count is None else count
        return cls(rule, counted, rows["symbol"].n_unique(), example)


def _shown(value: object) -> str:
    if value is None:
        return "missing"
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def _sum(known: Finding | None, more: Finding) -> Finding:
    """Add what one rule found in parts of a source and in the whole."""
    if known is None or not known.count:
        return more
    symbols = max(known.symbols, more.symbols)
    return replace(known, count=known.count + more.count, symbols=symbols)


def report(findings: Iterable[Finding]) -> pl.DataFrame:
    """Return the health frame: a row for each rule, in the order of the table.

    Guesses that were not made are left out; every other rule has a row, so that a zero says that
    it was looked for.

    Returns
    -------
    polars.DataFrame
        `rule, action, count, symbols, example, meaning`.

    Examples
    --------
    >>> report([Finding("gap", 3, 1, "A: 3 of 9")]).filter(pl.col("count") > 0).row(0)[:4]
    ('gap', 'flagged', 3, 1)
    """
    by_rule: dict[str, Finding] = {}
    for finding in findings:
        by_rule[finding.rule] = _sum(by_rule.get(finding.rule), finding)
    unknown = sorted(by_rule.keys() - BY_NAME.keys())
    if unknown:
        raise KeyError(unknown)
    rows = []
    for rule in RULES:
        finding = by_rule.get(rule.name, Finding(rule.name, 0))
        if finding.count or rule.action != "guessed":
            rows.append(
                (
                    rule.name,
                    rule.action,
                    finding.count,
                    finding.symbols,
                    finding.example,
                    rule.meaning,
                )
            )
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")
