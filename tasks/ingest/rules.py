"""The rules of the data-health report: what is looked for, and what is always done about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Action = Literal["kept", "repaired", "dropped", "flagged", "guessed"]


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that is looked for, and what is always done about it."""

    name: str
    action: Action
    meaning: str


RULES = (
    Rule("rows_read", "kept", "rows of the file"),
    Rule(
        "column_names",
        "guessed",
        "columns told by their headings; `data.columns` names them otherwise",
    ),
    Rule("unused_columns", "flagged", "columns that bars do not need; not read"),
    Rule(
        "symbol_from_file_name",
        "guessed",
        "no column names the symbol; the file's name does; `data.columns: {symbol: ...}`",
    ),
    Rule("frequency", "guessed", "the most frequent distance between two bars of a symbol"),
    Rule(
        "date_order",
        "guessed",
        "day and month told apart by all dates together; `data.dayfirst` says otherwise",
    ),
    Rule(
        "day_of_instant",
        "guessed",
        "days are stamped with instants; the day is the instant's date in the zone shown",
    ),
    Rule(
        "bar_stamp",
        "guessed",
        "whether a stamp is a bar's start or its end; when nothing tells, the start, as a bar "
        "believed late cannot leak; name the column `open_time` or `close_time` in `data.columns`",
    ),
    Rule(
        "outside_lines",
        "flagged",
        "lines above the headings, below the last row, or that say the headings again; not read",
    ),
    Rule("cut_line", "flagged", "a last line that was not written to its end; not read"),
    Rule(
        "growing",
        "flagged",
        "the file was written to while it was read; what was there at the beginning is used",
    ),
    Rule(
        "missing_columns",
        "flagged",
        "fields of bars that no column holds, by the headings; `data.columns` names one",
    ),
    Rule(
        "tick_volume",
        "flagged",
        "the volume is the number of ticks, or of changes of price, not of shares: the file has no"
        " other",
    ),
    Rule(
        "units",
        "guessed",
        "volumes or amounts in lots or thousands, multiplied so that close times volume is the "
        "amount, or as their heading says; `data.volume_unit` and `data.amount_unit` say otherwise",
    ),
    Rule(
        "unit_mismatch",
        "flagged",
        "amounts that are not close times volume: another unit, a contract's size, or prices that "
        "were adjusted; `data.volume_unit` or `data.amount_unit` says which",
    ),
    Rule(
        "symbol_renamed",
        "repaired",
        "symbols with letters that a symbol cannot hold, written otherwise",
    ),
    Rule(
        "midpoint_price",
        "repaired",
        "closes below zero that mean the middle of bid and ask where nothing was traded; positive",
    ),
    Rule(
        "decimal_guess",
        "guessed",
        "numbers of which none tells for certain whether its mark parts thousands or decimals; "
        "`data.decimal` says it",
    ),
    Rule(
        "decimal_comma",
        "guessed",
        "columns in which the comma is the decimal point; `data.decimal` says otherwise",
    ),
    Rule("no_time", "dropped", "rows without a time"),
    Rule("no_symbol", "dropped", "rows without a symbol"),
    Rule("other_symbols", "dropped", "rows of symbols that the spec does not name"),
    Rule(
        "unfinished_bar",
        "dropped",
        "bars that had not ended when the file was taken in; `data.session_close` says when a day's"
        " bar is complete, if that is before midnight",
    ),
    Rule(
        "future_bar",
        "dropped",
        "bars that had not begun when the file was taken in; `data.future: keep` is for simulated "
        "data",
    ),
    Rule("future_kept", "flagged", "bars that end in the future, kept as `data.future` says"),
    Rule("outside_period", "dropped", "rows before `data.start` or after `data.end`"),
    Rule("nonexistent_time", "repaired", "local times skipped by daylight saving; an hour later"),
    Rule(
        "ambiguous_time",
        "guessed",
        "local times that daylight saving repeats; the later, unless the file has both",
    ),
    Rule("unsorted", "repaired", "rows older than the row of their symbol before them; sorted"),
    Rule("unreadable_number", "repaired", "cells that are no number; taken as missing"),
    Rule(
        "absurd_number",
        "repaired",
        "infinite cells, prices outside 1e-12 to 1e12, volumes above 1e18; taken as missing",
    ),
    Rule("missing_close", "dropped", "rows without a close say nothing that could be traded on"),
    Rule(
        "nonpositive_close",
        "dropped",
        "rows with a close of zero, or of a number below it that means none",
    ),
    Rule(
        "negative_price",
        "flagged",
        "closes below zero; kept, but a return across zero means nothing",
    ),
    Rule("nonpositive_price", "repaired", "open, high, low or vwap of zero or less; now missing"),
    Rule("negative_volume", "repaired", "negative volumes and amounts; taken as missing"),
    Rule("exact_duplicate", "dropped", "rows equal to another in every column; one is kept"),
    Rule(
        "revision",
        "dropped",
        "later versions of a bar, by `known_at`; the first is kept: a decision could see no other",
    ),
    Rule(
        "conflicting_duplicate",
        "dropped",
        "rows that contradict another of their symbol and time; the last in the file is kept",
    ),
    Rule("ohlc_violation", "repaired", "high or low inside another price; widened to hold all"),
    Rule(
        "missing_price",
        "kept",
        "missing cells of open, high and low; left missing, as an invented price is worse",
    ),
    Rule(
        "no_volume",
        "flagged",
        "bars with zero or missing volume, in a file that has volumes elsewhere",
    ),
    Rule("zero_volume", "flagged", "bars of a file whose volumes are all zero"),
    Rule(
        "suspended",
        "repaired",
        "bars without volume whose four prices are equal: nobody traded, the source carried a "
        "price forward; the row stays, its prices and volume are missing",
    ),
    Rule(
        "unusable_factor",
        "repaired",
        "missing or absurd adjustments; the one before stays in force",
    ),
    Rule(
        "factor_noise",
        "flagged",
        "changes of the adjustment in a file where it changes on more than a tenth of all bars: "
        "its adjusted close is probably rounded",
    ),
    Rule("known_before_end", "repaired", "bars said to be known before they ended"),
    Rule("large_move", "flagged", "closes that moved over 40 % in one bar, perhaps unadjusted"),
    Rule("glitch", "flagged", "closes that moved over 15 % and were back within 5 % one bar later"),
    Rule("gap", "flagged", "bars that a symbol lacks while others have them, within its own life"),
    Rule("hole", "flagged", "stretches in which no symbol has a bar, longer than a pause explains"),
    Rule(
        "survivorship",
        "flagged",
        "symbols that all live to the last day: those that were delisted are probably not here",
    ),
    Rule("rows_delivered", "kept", "bars that later stages see"),
)
BY_NAME = {rule.name: rule for rule in RULES}
