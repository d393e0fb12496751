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
  qlib's run on from row to row: where a window is flat, or an infinity has passed, its value is
  what they left behind, and ours is not.
- An expression has at most {MAX_CHARACTERS:,} characters, a window at most {MAX_WINDOW:,} rows.
"""

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
