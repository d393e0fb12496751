"""Pages about what the code keeps as tables: checks of the gate, moves, tables of the warehouse."""

from __future__ import annotations

from typing import TYPE_CHECKING

from configs.figures import say_bound
from gate.checks.table import CHECKS
from gate.policy.file import shipped_policy
from gate.policy.stages import MOVES
from gate.policy.watch import WATCHED
from storage.warehouse.schema import TABLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


_CHECKS = """# Checks of the gate

What a `gate.yaml` may ask by name, and what the policy that ships asks. A figure that is missing
passes nothing.
"""
_WAREHOUSE = """# Tables of the warehouse

What every run loads, as ClickHouse knows it. Rows of one partition are replaced together, so a load
that is repeated changes nothing. Features are a wide table for each set, listed in `feature_sets`.
"""


def write_checks() -> str:
    """Write what a policy may ask, what the one that ships asks, and which moves there are."""
    policy = shipped_policy()
    steps = {
        "paper": policy.paper.checks,
        "paper, as advice": policy.paper.advice,
        "live": policy.live.checks,
        "live, as advice": policy.live.advice,
    }
    rows = []
    for check in CHECKS.values():
        asked = [
            f"{step}: {say_bound(check.bound, bounds[check.name], check.unit)}"
            for step, bounds in steps.items()
            if check.name in bounds
        ]
        rows.append((f"`{check.name}`", check.meaning, check.unit, check.bound, "; ".join(asked)))
    moves = [
        (f"`{move.act}`", move.before, move.after, "yes" if move.needs else "no") for move in MOVES
    ]
    return "\n".join(
        [
            _CHECKS,
            _table(("check", "what it asks", "unit", "must be", "the shipped policy"), rows),
            "## What is watched of a running strategy\n",
            _table(
                ("figure", "what it is"), [(f"`{name}`", text) for name, text in WATCHED.items()]
            ),
            "## Moves\n",
            _table(("act", "from", "to", "asks the policy"), moves),
        ]
    )


def write_warehouse() -> str:
    """Write the tables of the warehouse, each with its columns."""
    parts = [_WAREHOUSE]
    for table in TABLES:
        kept = f"Partitioned by `{table.partition}`." if table.partition else "One partition."
        order = ", ".join(f"`{name}`" for name in table.order)
        rows = [
            (f"`{column.name}`", f"`{column.kind.value}`", "may be null" if column.nullable else "")
            for column in table.columns
        ]
        parts.append(f"## {table.name}\n\n{kept} Ordered by {order}.\n")
        parts.append(_table(("column", "type", ""), rows))
    return "\n".join(parts)


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    cells = ([str(cell).replace("|", "\\|") for cell in line] for line in lines)
    return "\n".join(f"| {' | '.join(line)} |" for line in cells) + "\n"
