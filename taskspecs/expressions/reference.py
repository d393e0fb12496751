"""The language's reference, written from the table of operators."""

from __future__ import annotations

from typing import TYPE_CHECKING

from taskspecs.expressions.operators import MAX_WINDOW, OPERATORS
from taskspecs.expressions.parser import MAX_CHARACTERS

if TYPE_CHECKING:
    from taskspecs.expressions.operators import Operator

_PREAMBLE = f"""# Expressions

Features, signals, labels and what detectors watch are written in the expression language of
Microsoft qlib, with its values: `Ref($close, 20) / $close`, `Corr($close, Log($volume + 1), 20)`.

- `$name` is a column of numbers; a column of words can only be a group. Signs bind as in Python:
  `**`, unary `-`, `* /`, `+ -`, `&`, `|`, comparisons; so comparisons beside `&` and `|` need
  parentheses.
- Rows are those of the symbol on the calendar of all symbols; an absent row is a missing value.
  NaN and the infinities are missing inside windows, and one value is enough for a result.
  Comparisons with a missing value are false.
- Fields are 32-bit, arithmetic between them stays so, windows compute in 64 bits, results are
  rounded to 32 bits.
- Sums in windows are formed anew for each window, so a row's bytes depend on its window alone.
- A series of another instrument has that instrument's days: its windows count them, whatever days
  the symbol that asks for it was suspended on.
- An expression has at most {MAX_CHARACTERS:,} characters, a window at most {MAX_WINDOW:,} rows.
"""

_DIFFERING = """## Where values differ from qlib's

Each row of this table is a test. Everywhere else, on symbols that were listed late, were suspended
or ended early, and of whatever instrument, expressions drawn at random have qlib's values.

| where | qlib | here |
|---|---|---|
"""
_DIFFERENCES = (
    (
        "`Slope`, `Rsquare`, `Resi` once a window has held an infinity, as of a division by zero",
        "missing ever after: its sums run on from row to row",
        "a value as soon as the window has two: infinities are left out",
    ),
    (
        "windows that are flat, but for what was there before them",
        "what running sums left behind, 1e-8 or so",
        "exactly flat",
    ),
    (
        "`Rank`, `IdxMax`, `IdxMin` and comparisons of such values",
        "decided by that remainder",
        "a tie",
    ),
    (
        "windows over another instrument after its last day",
        "missing",
        "they go on until they are empty: on that day nobody knew that it was the last",
    ),
    (
        "`IdxMax`, `IdxMin`, `WMA` of a mixture with an older instrument, in a symbol's first rows",
        "places are counted from the older one's first day",
        "from the symbol's own first day",
    ),
    (
        "`Corr`, `If` and comparisons of two instruments with different first or last days",
        "an error",
        "computed; missing where one of them is",
    ),
)

_TITLES = ("Row by row", "Other rows and windows", "Across symbols")


def write_reference() -> str:
    """Write the reference as Markdown.

    Returns
    -------
    str
        The text of `README.md` beside this module.
    """
    known = [operator for operator in OPERATORS.values() if not operator.refused]
    parts = [_PREAMBLE]
    for title in _TITLES:
        rows = [_row(operator) for operator in known if _title(operator) == title]
        parts.append(f"## {title}\n\n| operator | gives | example | from |\n|---|---|---|---|")
        parts.append("\n".join(rows) + "\n")
    parts.append(_DIFFERING + "\n".join(f"| {' | '.join(row)} |" for row in _DIFFERENCES) + "\n")
    refused = [f"- `{o.name}`: {o.refused}." for o in OPERATORS.values() if o.refused]
    parts.append("## In qlib, not here\n\n" + "\n".join(refused) + "\n")
    return "\n".join(parts)


def _title(operator: Operator) -> str:
    if operator.scope == "cross":
        return _TITLES[2]
    return _TITLES[0] if operator.lookback == "none" else _TITLES[1]


def _row(operator: Operator) -> str:
    names = ", ".join(parameter.name for parameter in operator.parameters)
    origin = "qlib" if operator.qlib else "ours"
    cells = (f"`{operator.name}({names})`", operator.meaning, f"`{operator.example}`", origin)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
