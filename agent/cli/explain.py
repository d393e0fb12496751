"""`qraft explain`: what the rows of a run or a pattern say, each value with its row."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from configs import output

if TYPE_CHECKING:
    from agent.cli.context import Context
    from agent.explain.prose.text import Explanation
    from agent.explain.prose.writing import Written


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
    from agent.explain.shown import sources_of, to_json, to_text, writer_of

    written = _written(context, " ".join(wanted), explanation_of(context, *wanted))
    explanation, writer = written.explanation, writer_of(written)

    def show() -> None:
        click.echo(f"{to_text(explanation)}\n")
        output.print_rows(
            sources_of(explanation),
            ["cited", "table", "key", "rows", "sha256"],
            empty="",
            title="Rows",
        )
        output.talk(writer["note"])

    output.write(as_json, to_json(explanation, writer), show)


def explanation_of(context: Context, *wanted: str) -> Explanation:
    """Explain from templates what is wanted: a run, a pattern, a question, or runs to compare.

    Raises
    ------
    BadInput
        If it means neither one run nor one pattern, or more than can be compared.
    """
    from agent.cli.recorded import need_runs
    from agent.explain.subject import explain_wanted

    need_runs(context)
    with context.warehouse() as warehouse:
        return explain_wanted(warehouse, wanted)


def _written(context: Context, question: str, template: Explanation) -> Written:
    """Let the model of the settings write, if there is one; another may have to agree."""
    from agent.explain.prose.writing import Written, write
    from agent.explain.question import is_question

    settings = context.settings.llm
    if settings.model is None:
        return Written(template)
    from agent.memory.recall import retrieve
    from agent.models.chat import Chat

    def chat(model: str) -> Chat:
        return Chat(settings, context.workspace, (model, *settings.fallbacks), purpose="explain")

    return write(
        question,
        template,
        chat(settings.model),
        second=chat(settings.vote[0]) if settings.vote else None,
        passages=retrieve(context, question, say=output.talk) if is_question(question) else (),
    )


def _search(context: Context, words: str, as_json: bool) -> None:
    """Show the passages of the memory that are nearest to some words."""
    from dataclasses import asdict

    from agent.memory.recall import retrieve

    found = retrieve(context, words, say=output.talk)
    rows = [{**asdict(each.passage), "score": each.score} for each in found]
    shown = [{**row, "text": " ".join(row["text"].split())} for row in rows]
    output.write(
        as_json,
        rows,
        lambda: output.print_rows(
            shown,
            ["score", "kind", "date", "title", "text"],
            empty="nothing of that is remembered",
            cut=("title", "text"),
        ),
    )


def _check(context: Context, path: Path, as_json: bool) -> None:
    """Check a saved explanation; exits with 1 if anything differs."""
    from agent.cli.recorded import need_runs
    from agent.explain.checking import check_saved, read_saved
    from configs.errors import Failed

    saved = read_saved(path)
    need_runs(context)
    with context.warehouse() as warehouse:
        found = check_saved(warehouse, saved)
    output.write(
        as_json,
        found,
        lambda: output.print_rows(
            found, ["what", "saved", "now"], empty=f"all of {path} is what the rows say"
        ),
    )
    if found:
        raise Failed(f"{len(found)} things in {path} are not what the rows say")
