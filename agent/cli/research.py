"""`qraft research`: an idea varied, tried and ranked within a budget."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from agent.cli.run import relative
from configs import output

if TYPE_CHECKING:
    from agent.cli.context import Context
    from agent.research.project import Research
    from agent.research.ranking import Ranked

SHOWN = 10
COLUMNS = ("trial", "sharpe", "not luck", "same bet as", "why")


@click.command()
@click.argument("prompt")
@click.option(
    "--budget-runs", type=click.IntRange(1, 1_000), default=12, show_default=True,
    help="Trials at most; a larger budget later goes on.",
)  # fmt: skip
@click.option(
    "--proposals", type=click.IntRange(0, 10), default=1, show_default=True,
    help="Strategies to propose at dryrun, at most.",
)  # fmt: skip
@click.option("--placebo", is_flag=True, help="The same on shuffled prices, beside it.")
@output.as_json
@click.pass_obj
def research(
    context: Context, *, prompt: str, budget_runs: int, proposals: int, placebo: bool, as_json: bool
) -> None:
    """Turn PROMPT into a study, vary it by stated rules, try each variant, and rank them all.

    No language model takes part, so it costs no money. Every trial is on the ledger before its
    result is known; ideas that were tried or rejected before are passed over. Ctrl-C or a kill
    stops it, and the same command goes on. The notebook says what was tried and why.

    Example: qraft research "60-day momentum since 2005, weekly" --budget-runs 20 --placebo
    """
    from datetime import UTC, datetime

    from agent.ask.plan import plan
    from agent.research.project import Laboratory, refuse_open_questions

    draft = plan(prompt, datetime.now(UTC).date())
    refuse_open_questions([question.text for question in draft.questions])
    output.talk("template researcher: fixed rules propose the variants, no language model")
    found = Laboratory(context.workspace, context.settings, output.talk).research(
        prompt, draft.document, budget_runs=budget_runs, proposals=proposals, placebo=placebo
    )
    output.write(as_json, _value(found), lambda: _show(found))


def _value(found: Research) -> dict[str, Any]:
    return {
        "id": found.id,
        "ended": found.ended,
        "trials_on_these_data": found.trials,
        "ranked": [_row(each) for each in found.ranked],
        "proposed": found.proposed,
        "placebo": [_row(each) for each in found.placebo],
        "notebook": str(found.notebook),
    }


def _row(each: Ranked) -> dict[str, Any]:
    step = each.step
    return {
        "trial": step.number,
        "parent": step.parent,
        "rule": step.rule,
        "why": step.hypothesis,
        "run_id": step.run_id,
        "strategy": step.strategy,
        "sharpe": step.metrics.get("sharpe"),
        "not luck": each.deflated,
        "same bet as": each.same_as,
        "refusal": step.refusal,
        "metrics": dict(step.metrics),
    }


def _show(found: Research) -> None:
    for title, ranked in (("Trials", found.ranked), ("Placebo", found.placebo)):
        if ranked:
            rows = [_row(each) for each in ranked[:SHOWN]]
            output.print_rows(rows, COLUMNS, empty="", title=title, cut=["why"])
    click.echo(f"{len(found.ranked)} trials; {found.ended}; {found.trials} trials on these data")
    click.echo(f"proposed: {', '.join(found.proposed) or 'nothing'}")
    click.echo(f"notebook: {relative(found.notebook)}")
    if found.proposed:
        output.talk(f"next: qraft gate check {found.proposed[0]}")
