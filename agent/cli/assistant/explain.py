"""`qraft explain`: what the rows of a run or a pattern say, each value with its row."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from configs import output

if TYPE_CHECKING:
    from agent.cli.context import Context


@click.command()
@click.argument("ids", nargs=-1, metavar="[ID | QUESTION]...")
@click.option("--search", metavar="WORDS", help="Show what is remembered of WORDS instead.")
@click.option(
    "--check",
    "saved",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Check what --json printed earlier against the rows of today.",
)
@output.as_json
@click.pass_obj
def explain(
    context: Context, ids: tuple[str, ...], search: str | None, saved: Path | None, as_json: bool
) -> None:
    """Explain a run, a pattern, a comparison of runs, or a fall.

    ID is `last`, a run's id, a study's name, or a pattern's id; beginnings will do. Several runs
    are compared. A question in quotation marks may ask why an account fell. Every value is read
    from a row of the warehouse, whose number stands behind it.

    Example: qraft explain "why did the drawdown of 2008 happen"
    """
    from configs.errors import BadInput

    if sum((bool(ids), search is not None, saved is not None)) > 1:
        raise BadInput("name an ID, or --search, or --check: one at a time")
    if search is not None:
        _search(context, search, as_json)
    elif saved is not None:
        _check(context, saved, as_json)
    else:
        _explain(context, ids or ("last",), as_json)


def _explain(context: Context, wanted: tuple[str, ...], as_json: bool) -> None:
    from agent.service.explanations import explain

    told = explain(context, *wanted, by_model=True)

    def show() -> None:
        click.echo(f"{told.text}\n")
        rows = [
            {
                "cited": each.number,
                "table": each.table,
                "key": ", ".join(f"{name} {value}" for name, value in each.key.items()),
                "rows": each.rows,
                "sha256": each.sha256[:12],
            }
            for each in told.citations
        ]
        output.print_rows(rows, ["cited", "table", "key", "rows", "sha256"], empty="", title="Rows")
        output.talk(told.assistant["note"])

    output.write(as_json, told, show)


def _search(context: Context, words: str, as_json: bool) -> None:
    """Show the passages of the memory that are nearest to some words."""
    from agent.service.explanations import search_memory

    found = search_memory(context, words)
    shown = [{**dict(each), "text": " ".join(each.text.split())} for each in found]
    output.write(
        as_json,
        found,
        lambda: output.print_rows(
            shown,
            ["score", "kind", "date", "title", "text"],
            empty="nothing of that is remembered",
            cut=("title", "text"),
        ),
    )


def _check(context: Context, path: Path, as_json: bool) -> None:
    """Check a saved explanation; exits with 1 if anything differs."""
    from agent.explain.checking import read_saved
    from agent.service.explanations import check_explanation
    from configs.errors import Failed

    found = check_explanation(context, read_saved(path))
    rows = [dict(each) for each in found]
    output.write(
        as_json,
        found,
        lambda: output.print_rows(
            rows, ["what", "saved", "now"], empty=f"all of {path} is what the rows say"
        ),
    )
    if found:
        raise Failed(f"{len(found)} things in {path} are not what the rows say")
