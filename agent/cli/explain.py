"""`qraft explain`: what the rows of a run or a pattern say, each value with its row."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from configs import output

if TYPE_CHECKING:
    from agent.cli.context import Context
    from agent.explain.rows import PatternRows, RunRows
    from agent.explain.text import Explanation
    from configs.errors import BadInput
    from storage.warehouse.port import Warehouse

LEAST_DIGITS = 4
"""Of a pattern's id."""


@click.command()
@click.argument("id_", metavar="ID", default="last")
@output.as_json
@click.pass_obj
def explain(context: Context, id_: str, as_json: bool) -> None:
    """Explain ID: `last`, a run's id, a study's name, or a pattern's id; beginnings will do.

    The sentences are templates; every value in them is read from a row of the warehouse, whose
    number stands behind it. `--json` gives the rows and their digests.

    Example: qraft explain last
    """
    from agent.explain.shown import sources_of, to_json, to_text

    explanation = explanation_of(context, id_)

    def show() -> None:
        click.echo(f"{to_text(explanation)}\n")
        output.print_rows(
            sources_of(explanation),
            ["cited", "table", "key", "rows", "sha256"],
            empty="",
            title="Rows",
        )
        output.talk("template text: no language model took part")

    output.write(as_json, to_json(explanation), show)


def explanation_of(context: Context, wanted: str) -> Explanation:
    """Explain the run or the pattern that an id means.

    Raises
    ------
    BadInput
        If it means neither one run nor one pattern.
    """
    from agent.cli.recorded import need_runs

    need_runs(context)
    with context.warehouse() as warehouse:
        rows = _read(warehouse, wanted)
    return _explained(rows)


def _explained(rows: RunRows | PatternRows) -> Explanation:
    from agent.explain.pattern import explain_pattern
    from agent.explain.rows import RunRows
    from agent.explain.run import explain_run

    return explain_run(rows) if isinstance(rows, RunRows) else explain_pattern(rows)


def _read(warehouse: Warehouse, wanted: str) -> RunRows | PatternRows:
    """Read what an id means: a run first, else a pattern."""
    from agent.cli.recorded import find_run
    from agent.explain.reading import patterns_like, read_pattern, read_run
    from configs.errors import BadInput

    try:
        return read_run(warehouse, find_run(warehouse, wanted))
    except BadInput as error:
        found = patterns_like(warehouse, wanted) if len(wanted) >= LEAST_DIGITS else []
        ids = list(dict.fromkeys(row["pattern_id"] for row in found))
        if len(ids) == 1:
            return read_pattern(warehouse, found)
        raise _unknown(wanted, ids, error) from None


def _unknown(wanted: str, ids: list[str], of_runs: BadInput) -> BadInput:
    """Say that an id means neither one run nor one pattern."""
    from configs.errors import BadInput

    if ids:
        return BadInput(
            f"{len(ids)} patterns begin with `{wanted}`",
            hint=", ".join(ids[:10]) + (", ..." if len(ids) > 10 else ""),
            next_command="qraft patterns list",
        )
    return BadInput(
        f"{of_runs.what}, nor a pattern whose id begins so",
        hint=of_runs.hint,
        next_command=of_runs.next_command or "qraft runs list",
    )
