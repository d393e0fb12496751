"""`qraft research`: an idea varied, tried and ranked within a budget."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from agent.cli.runs.run import relative
from configs import output
from configs.figures import say_figure
from configs.numbers import plain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from agent.cli.context import Context
    from agent.research.project import Research
    from agent.research.ranking import Ranked
    from agent.research.session import Model

SHOWN = 10
COLUMNS = ("trial", "sharpe", "not luck", "same bet as", "why")


@click.command()
@click.argument("prompt")
@click.option(
    "--budget-runs", type=click.IntRange(1, 1_000), default=12, show_default=True,
    help="Trials at most; a larger budget later goes on.",
)  # fmt: skip
@click.option(
    "--budget-usd", type=click.FloatRange(0, min_open=True), metavar="USD",
    help="Money at most that models may cost; default the workspace's limit.",
)  # fmt: skip
@click.option(
    "--proposals", type=click.IntRange(0, 10), default=1, show_default=True,
    help="Strategies to propose at dryrun, at most.",
)  # fmt: skip
@click.option("--placebo", is_flag=True, help="The same on shuffled prices, beside it.")
@click.option("--no-model", is_flag=True, help="Let the rules alone choose.")
@output.as_json
@click.pass_obj
def research(
    context: Context,
    *,
    prompt: str,
    budget_runs: int,
    budget_usd: float | None,
    proposals: int,
    placebo: bool,
    no_model: bool,
    as_json: bool,
) -> None:
    """Turn PROMPT into a study, vary it, try each variant, and rank them all.

    The model of `llm` in qraft.yaml chooses what is tried next, from figures of the research period
    alone; without one, stated rules do. Every trial is on the ledger before its result is known;
    ideas that were tried or rejected before are passed over. After Ctrl-C what was tried is ranked;
    the same command goes on, after a kill too, and pays for no answer twice.

    Example: qraft research "60-day momentum since 2005, weekly" --budget-runs 20 --placebo
    """
    from datetime import UTC, datetime

    from agent.assistant.grammar.plan import plan
    from agent.research.project import ResearchService, refuse_open_questions

    draft = plan(prompt, datetime.now(UTC).date())
    refuse_open_questions([question.text for question in draft.questions])
    model = None if no_model else _hire(context, budget_usd)
    if model is None:
        output.talk("template researcher: fixed rules propose the variants, no language model")
    else:
        output.talk(f"{' and '.join(model.names)} chooses the variants; figures are code's")
    found = ResearchService(context.workspace, context.settings, output.talk).research(
        prompt, draft.document, budget_runs=budget_runs, proposals=proposals, placebo=placebo,
        model=model,
    )  # fmt: skip
    output.write(as_json, _value(found), lambda: _show(found))


def _hire(context: Context, budget_usd: float | None) -> Model | None:
    """Return the model of the settings, if there is one, with the memory at its hand."""
    if context.settings.llm.model is None:
        return None
    from agent.research.session import MOST_PASSAGES, Model

    def recall(question: str) -> list[Mapping[str, str]]:
        from agent.memory.recall import retrieve

        found = retrieve(context, question, limit=MOST_PASSAGES, say=output.talk)
        names = ("id", "kind", "date", "title", "text")
        return [{name: getattr(each.passage, name) for name in names} for each in found]

    return Model(context.settings.llm, context.workspace, budget_usd, recall)


def _value(found: Research) -> dict[str, Any]:
    return {
        "id": found.id,
        "ended": found.ended,
        "trials_on_these_data": found.trials,
        "ranked": [_row(each) for each in found.ranked],
        "proposed": found.proposed,
        "placebo": [_row(each) for each in found.placebo],
        "notebook": str(found.notebook),
        "models": list(found.models),
        "usage": _usage(found),
    }


def _usage(found: Research) -> dict[str, Any] | None:
    from dataclasses import asdict

    return None if found.used is None else asdict(found.used)


def _row(each: Ranked) -> dict[str, Any]:
    step = each.step
    return {
        "trial": step.number,
        "parent": step.parent,
        "rule": step.rule,
        "why": step.hypothesis,
        "by": step.by,
        "words": step.words,
        "run_id": step.run_id,
        "strategy": step.strategy,
        "sharpe": step.metrics.get("sharpe"),
        "not luck": each.deflated,
        "same bet as": each.same_as,
        "refusal": step.refusal,
        "metrics": dict(step.metrics),
    }


def _line(row: dict[str, Any]) -> dict[str, Any]:
    written = {"sharpe": say_figure("sharpe", row["sharpe"]), "not luck": plain(row["not luck"], 3)}
    return {**row, **written}


def _show(found: Research) -> None:
    for title, ranked in (("Trials", found.ranked), ("Placebo", found.placebo)):
        if ranked:
            rows = [_line(_row(each)) for each in ranked[:SHOWN]]
            output.print_rows(rows, COLUMNS, empty="", title=title, cut=["why"])
    click.echo(f"{len(found.ranked)} trials; {found.ended}; {found.trials} trials on these data")
    click.echo(f"proposed: {', '.join(found.proposed) or 'nothing'}")
    click.echo(f"notebook: {relative(found.notebook)}, and as a page beside it")
    if found.used is not None:
        output.talk(f"{' and '.join(found.models)} took {found.used}")
    if found.proposed:
        output.talk(f"next: qraft gate check {found.proposed[0]}")
