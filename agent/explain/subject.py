"""What is explained: a run, a pattern, a comparison or a fall, read from the warehouse."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from agent.explain.comparison import explain_comparison
from agent.explain.fall import explain_fall
from agent.explain.pattern import explain_pattern
from agent.explain.question import is_question, read_question
from agent.explain.reading import patterns_like, read_pattern, read_run
from agent.explain.run import explain_run
from configs.errors import BadInput
from configs.remedies import Mend
from storage.warehouse.runs import newest_runs
from tasks.runs.names import choose_run, named_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agent.explain.prose.text import Explanation
    from agent.explain.rows import RunRows
    from storage.warehouse.port import Warehouse

LEAST_DIGITS: Final = 4
"""Of a pattern's id."""
MOST: Final = 8
"""Runs that are compared."""


def explain_wanted(warehouse: Warehouse, wanted: Sequence[str]) -> Explanation:
    """Explain, from templates, what a person asks for.

    Parameters
    ----------
    wanted
        A run, a pattern, a question, or several runs to compare.

    Raises
    ------
    BadInput
        If it means neither one run nor one pattern, or more than can be compared.
    """
    if len(wanted) > 1:
        runs = {run.run["run_id"]: run for run in (_run(warehouse, each) for each in wanted)}
        if not 1 < len(runs) <= MOST:
            raise BadInput(
                f"{len(runs)} run{'s' if len(runs) != 1 else ''} cannot be compared",
                hint=f"name 2 to {MOST} different runs; a question goes in quotation marks",
                remedy=Mend.LIST_RUNS(),
            )
        return explain_comparison(list(runs.values()))
    (one,) = wanted
    if is_question(one):
        studies = {row["name"] for row in newest_runs(warehouse)}
        asked = read_question(one, studies)
        run = _run(warehouse, asked.study)
        return explain_fall(run, asked.year) if asked.fall else explain_run(run)
    return _run_or_pattern(warehouse, one)


def explain_again(warehouse: Warehouse, about: str) -> Explanation:
    """Explain what an earlier explanation was about, from the rows as they are now.

    Raises
    ------
    BadInput
        If it is no longer there, or never was.
    """
    kind, *ids = about.split()
    if kind == "drawdown" and 1 <= len(ids) <= 2 and all(each.isdecimal() for each in ids[1:]):
        return explain_fall(_run(warehouse, ids[0]), *map(int, ids[1:]))
    if kind == "comparison" and ids:
        return explain_wanted(warehouse, ids)
    if kind in {"run", "pattern"} and len(ids) == 1:
        return _run_or_pattern(warehouse, ids[0])
    raise BadInput(f"`{about}` is nothing that can be explained")


def _run_or_pattern(warehouse: Warehouse, wanted: str) -> Explanation:
    """Explain what an id means: a run first, else a pattern."""
    try:
        return explain_run(_run(warehouse, wanted))
    except BadInput as error:
        found = patterns_like(warehouse, wanted) if len(wanted) >= LEAST_DIGITS else []
        ids = list(dict.fromkeys(row["pattern_id"] for row in found))
        if len(ids) == 1:
            return explain_pattern(read_pattern(warehouse, found))
        raise _unknown(wanted, ids, error) from None


def _run(warehouse: Warehouse, wanted: str) -> RunRows:
    rows = newest_runs(warehouse)
    chosen = choose_run(named_rows(rows), wanted)
    return read_run(warehouse, next(row for row in rows if row["run_id"] == chosen))


def _unknown(wanted: str, ids: list[str], of_runs: BadInput) -> BadInput:
    """Say that an id means neither one run nor one pattern."""
    if ids:
        return BadInput(
            f"{len(ids)} patterns begin with `{wanted}`",
            hint=", ".join(ids[:10]) + (", ..." if len(ids) > 10 else ""),
            remedy=Mend.LIST_PATTERNS(),
        )
    return BadInput(
        f"{of_runs.what}, nor a pattern whose id begins so",
        hint=of_runs.hint,
        remedy=of_runs.remedy or Mend.LIST_RUNS(),
    )
